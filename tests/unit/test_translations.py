"""Every text is translated into every language, with the same placeholders, and compiled."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

import lti_tool
from lti_tool.pages import LANGUAGES

ROOT = Path(lti_tool.__file__).parent
TRANSLATED = [language for language in LANGUAGES if language != "en"]
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")


@pytest.fixture(scope="module")
def texts() -> set[str]:
    """Every text of the code and the templates, by its singular."""
    with (ROOT.parent / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    keywords = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
    found = extract_from_dir(str(ROOT), methods, options, keywords)
    return {text[0] if isinstance(text, tuple) else text for _file, _line, text, _comments, _context in found}


def catalog(language: str) -> Catalog:
    path = ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def texts_of(known: Catalog) -> dict[str, str]:
    return {str(message.id): str(message.string) for message in known if message.id}


def pairs(message: Message) -> Iterator[tuple[str, str]]:
    """(source, translation) of a message; of plurals the last source with every translation."""
    if isinstance(message.id, (list, tuple)):
        yield from ((message.id[-1], text) for text in message.string)
    else:
        yield message.id, str(message.string)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: str, texts: set[str]) -> None:
    known = catalog(language)
    missing = [
        text
        for text in sorted(texts)
        if (message := known.get(text)) is None or message.fuzzy or not all(done for _source, done in pairs(message))
    ]
    assert missing == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_are_the_same(language: str) -> None:
    for message in catalog(language):
        for source, done in pairs(message):
            wanted, found = set(PLACEHOLDER.findall(source)), set(PLACEHOLDER.findall(done))
            # Some plurals write the number as a word: one, two.
            spoken = isinstance(message.id, (list, tuple)) and wanted - found <= {"%(num)s", "%(count)s"}
            assert found == wanted or (spoken and found <= wanted), (source, done)


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_is_that_of_the_texts(language: str) -> None:
    compiled = BytesIO()
    write_mo(compiled, catalog(language))
    path = ROOT / "translations" / language / "LC_MESSAGES" / "messages.mo"
    with path.open("rb") as file:
        there = texts_of(read_mo(file))
    compiled.seek(0)
    assert there == texts_of(read_mo(compiled))
