"""The fonts of a document, as its style sheet names them."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

UNDRAWN = "□"
# What stands beside a text in case that it cannot be drawn, and what says that there is such a text.
_INSTEAD = re.compile(r"<i>([^<>]*)</i>")
_NOTE = re.compile(r'<p class="quiet undrawn">.*?</p>', re.DOTALL)


class NoPdf(RuntimeError):
    """The PDF could not be made."""


def _package(name: str) -> Path:
    """The folder of an installed package, without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise NoPdf(f"{name} is not installed")
    return Path(spec.origin).parent


def with_drawn_letters(document: str) -> str:
    """The document with a box for each run of letters that no font has, and with what is said beside these only."""
    known = {*_letters(_dejavu()), *_letters(_cjk())} if _foreign(document) else set()
    if not (missing := "".join(map(re.escape, sorted(_foreign(document) - known)))):
        return _INSTEAD.sub("", _NOTE.sub("", document))
    run = re.compile(f"[{missing}](?:[{missing} \u200c\u200d]*[{missing}])?")
    return _INSTEAD.sub(lambda found: found[1] if UNDRAWN in _before(found) else "", run.sub(UNDRAWN, document))


def _before(found: re.Match[str]) -> str:
    """The text in front of a tag."""
    return found.string[found.string.rfind(">", 0, found.start()) : found.start()]


def _foreign(text: str) -> set[str]:
    """The letters of a text that DejaVu Sans does not have."""
    known = _letters(_dejavu())
    return {letter for letter in {*text} - known if unicodedata.category(letter) not in ("Cc", "Cf", "Zs", "Zl", "Zp")}


@cache
def _letters(font: Path) -> frozenset[str]:
    return frozenset(map(chr, TTFont(font, lazy=True).getBestCmap()))


def _dejavu() -> Path:
    return _package("matplotlib") / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"


def _cjk() -> Path:
    return _package("noto_cjk_sans_jp_regular") / "NotoSansCJKjp-Regular.otf"


def _cjk_font(text: str, folder: Path) -> Path:
    """Noto Sans CJK with only the letters of a text: the whole has 65,000."""
    font = TTFont(_cjk(), lazy=True)
    subsetter = Subsetter(Options(layout_features=[], hinting=False, notdef_outline=True))
    subsetter.populate(text=text)
    subsetter.subset(font)
    path = folder / "cjk.otf"
    font.save(path)
    return path


def faces(document: str, folder: Path) -> str:
    """The style sheet's fonts."""
    regular, bold = _dejavu(), _dejavu().with_name("DejaVuSans-Bold.ttf")
    faces = [("Text", "normal", regular), ("Text", "bold", bold)]
    text = html.unescape(document)
    if _foreign(text):
        # all of it: what stands between may be drawn by it too
        faces.append(("Cjk", "normal", _cjk_font(text, folder)))
    face = '@font-face {{ font-family: {}; font-weight: {}; src: url("{}"); }}\n'
    return "".join(face.format(family, weight, _beside(path, folder)) for family, weight, path in faces)


def _beside(path: Path, folder: Path) -> Path:
    """The font in the folder, which is the only place that the document may read from."""
    inside = folder / path.name
    if not inside.exists():
        inside.write_bytes(path.read_bytes())
    return inside
