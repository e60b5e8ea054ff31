"""A number is written in one way: no template and no module writes one but through ``formats``.

Whatever a template shows or has read out without a filter of ``formats`` has a name of this list: these are words.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale
from jinja2 import Environment, nodes

import lti_tool
from lti_tool import formats

ROOT = Path(lti_tool.__file__).parent
# The pretend LMS is not the tool's.
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html") if path.parent.name != "demo")
MODULES = sorted(path for folder in ("access", "analytics", "reports") for path in (ROOT / folder).rglob("*.py"))
# Names of attributes and of variables that hold words, ids included.
WORDS = {
    *(
        ".about",
        ".action",
        ".actor",
        ".advice",
        ".client_id",
        ".code",
        ".company",
        ".definition",
        ".email",
        ".external_id",
    ),
    *(".entry_id", ".family", ".id", ".issuer", ".kind", ".label", ".link", ".message", ".name", ".note", ".part"),
    *(".question", ".rate_label", ".registrations", ".sentence", ".source", ".text", ".title", ".viewers_label"),
    *(
        ".words",
        ".wrong",
        "about",
        "address",
        "alt",
        "by",
        "day",
        "deployment",
        "empty",
        "heading",
        "inputs",
        "key",
        "kind",
    ),
    *("name", "names", "of", "part", "people", "privacy", "question", "rate", "reference", "role", "status", "text"),
    *("label", "timezone_name", "title", "total", "viewers", "what", "words"),
}
# The tag's last attribute, still open, is one of these.
READ = re.compile(r"""\s(aria-label|title|alt|placeholder|summary)=("[^"]*|'[^']*)$""")
# Filters and functions that hand on the words they get; macros are walked where they are written.
HAND_ON = {"safe", "striptags", "trim", "e", "join", "select"}
# A number with its letters: all that writes one is in ``formats``, but for what is no number of a page.
WRITING = {"round", "format", "format_decimal", "format_percent", "format_number", "format_unit", "strftime"}
NOT_OF_A_PAGE = {
    "analytics/video_charts.py": {"_written"},  # what matplotlib's marks miss by a hair, before ``formats``
    "analytics/world.py": {"_project", "_radius"},  # places on a map
    "reports/custom/columns.py": {"iso"},  # times for machines
    "reports/pdf_process/fonts.py": {"faces"},
    "reports/pdf_process/progress.py": {"step"},  # what it tells whoever waits
    "reports/report_api/filters.py": {"_cut"},
    "reports/report_api/mailed.py": {"subject"},  # a time, as the clients of the API know it
    "reports/report_api/texts.py": {"_moment"},
}


def printed(expression: nodes.Node) -> Iterator[str]:
    """What of an expression ends up on the page as it is, by the last of its names."""
    match expression:
        case nodes.Const() | nodes.TemplateData():
            return
        case nodes.Filter(name=name) if name in formats.FILTERS:
            return
        case nodes.Filter(name="map", args=[nodes.Const(value=name)]) if name in formats.FILTERS:
            return
        case nodes.Filter(name="format", node=inner, args=args):
            for one in (inner, *args):
                yield from printed(one)
        case nodes.Filter(name=name, node=inner) if name in HAND_ON and inner is not None:
            yield from printed(inner)
        case nodes.CondExpr(expr1=first, expr2=second):
            for one in filter(None, (first, second)):
                yield from printed(one)
        case nodes.Or(left=left, right=right) | nodes.Add(left=left, right=right):
            yield from (*printed(left), *printed(right))
        case nodes.Concat(nodes=parts) | nodes.List(items=parts):
            for one in parts:
                yield from printed(one)
        case nodes.Call(node=nodes.Name(name="_" | "ngettext"), kwargs=given):
            for one in given:
                yield from printed(one.value)
        case nodes.Call(node=nodes.Name(name="own"), args=[words, _direction]):
            yield from printed(words)
        case nodes.Call():  # a macro, or a function that gives an address
            return
        case nodes.Getitem(node=inner):
            yield from printed(inner)
        case nodes.Getattr(attr=name):
            yield f".{name}"
        case nodes.Name(name=name):
            yield name
        case _:
            yield f"{type(expression).__name__} in line {expression.lineno}"


def read_by_people(path: Path) -> Iterator[nodes.Node]:
    """The expressions that a template puts between tags, or into an attribute that is read out or shown."""
    tag = ""  # what has been written of the tag that is open
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(path.read_text(encoding="utf-8"))
    for output in tree.find_all(nodes.Output):
        for node in output.nodes:
            if isinstance(node, nodes.TemplateData):
                opened, closed = node.data.rfind("<"), node.data.rfind(">")
                tag = node.data[opened:] if opened > closed else "" if closed >= 0 else tag and tag + node.data
            elif not tag or READ.search(tag):
                yield node


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_writes_no_number_but_through_formats(path: Path) -> None:
    assert [name for node in read_by_people(path) for name in printed(node) if name not in WORDS] == []


def test_the_walk_finds_what_it_looks_for(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        "<p data-value='{{ a.value }}' title='{{ a.seconds }}'>{{ b.value|count }} {{ c.value }} {{ d.total * 2 }} "
        "{{ e|round(1) }} {{ f|length }} {{ _('%(n)s of %(m)s', n=g, m=h|percent) }} "
        "{{ i.name or '%.1f'|format(j) }}{{ k.name }}</p>"
    )
    found = [name for node in read_by_people(path) for name in printed(node) if name not in WORDS]
    assert found == [".seconds", ".value", "Mul in line 1", "Filter in line 1", "Filter in line 1", "g", "j"]


@pytest.mark.parametrize("language", ["en", "de"])
def test_words_for_so_many_things_have_the_number_as_everywhere(app: Flask, language: str) -> None:
    with app.test_request_context(), force_locale(language):
        words = render_template_string('{{ ngettext("%(num)s play", "%(num)s plays", 12345) }}')
        assert words.startswith(formats.count(12345) + " ") and "12345" not in words


def writing(tree: ast.AST, function: str = "") -> Iterator[tuple[str, int]]:
    """(function, line) of whatever makes letters of a number."""
    for node in ast.iter_child_nodes(tree):
        inside = node.name if isinstance(node, ast.FunctionDef) else function
        match node:
            case ast.FormattedValue(format_spec=ast.JoinedStr()):
                yield inside, node.lineno
            case ast.Call(func=ast.Name(id="round"), args=[_]):  # a whole number; what prints it is another matter
                pass
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in WRITING:
                yield inside, node.lineno
            case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str())):
                yield inside, node.lineno
        yield from writing(node, inside)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_writes_no_number_but_through_formats(path: Path) -> None:
    known = NOT_OF_A_PAGE.get(str(path.relative_to(ROOT)), set())
    text = path.read_text(encoding="utf-8")
    assert [(function, line) for function, line in writing(ast.parse(text)) if function not in known] == []
    assert "babel.numbers" not in text and "babel.units" not in text
