"""The fonts of a document, as its style sheet names them."""

from __future__ import annotations

import html
import re
from importlib.util import find_spec
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

_CJK = re.compile(
    r"[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)


class NoPdf(RuntimeError):
    """The PDF could not be made."""


def _package(name: str) -> Path:
    """The folder of an installed package, without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise NoPdf(f"{name} is not installed")
    return Path(spec.origin).parent


def _cjk_font(text: str, folder: Path) -> Path:
    """Noto Sans CJK with only the letters of a text: the whole has 65,000."""
    font = TTFont(_package("noto_cjk_sans_jp_regular") / "NotoSansCJKjp-Regular.otf", lazy=True)
    subsetter = Subsetter(Options(layout_features=[], hinting=False, notdef_outline=True))
    subsetter.populate(text=text)
    subsetter.subset(font)
    path = folder / "cjk.otf"
    font.save(path)
    return path


def faces(document: str, folder: Path) -> str:
    """The style sheet's fonts."""
    dejavu = _package("matplotlib") / "mpl-data" / "fonts" / "ttf"
    faces = [("Text", "normal", dejavu / "DejaVuSans.ttf"), ("Text", "bold", dejavu / "DejaVuSans-Bold.ttf")]
    text = html.unescape(document)
    if _CJK.search(text):
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
