"""HTML to PDF, with the letters of most of the world.

The PDF is made by a process of its own, which is this file: the makers of PDFs take a second to load and a lot of
memory, keep every font for ever, and hold up everybody else in their process. It imports nothing of the tool.

Fonts: DejaVu Sans (from matplotlib) has Latin, Cyrillic, Greek, Arabic and Hebrew; Noto Sans CJK, of which only the
letters in use are taken, has Chinese, Japanese and Korean.
"""

from __future__ import annotations

import html
import re
import subprocess
import sys
import unicodedata
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore

LONGEST_SECONDS = 600
# Each takes a processor and some hundred megabytes: others wait.
_AT_ONCE = BoundedSemaphore(2)
# What XML has no place for, and what would leave a gap: marks that the fonts have no letter of.
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2066-\u2069\ufeff\ufffe\uffff]")
_MARKS = re.compile(r"[\u200e\u200f\u202a-\u202e]")
_CJK = re.compile(
    r"[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)


class NoPdf(RuntimeError):
    """The PDF could not be made."""


def direction(text: str) -> str:
    """``rtl`` if the first letter that has a direction runs from right to left, else ``ltr``."""
    for letter in text:
        if (kind := unicodedata.bidirectional(letter)) in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"


def own(text: str, around: str) -> str:
    """A text of somebody's in its own direction, in a document that runs ``around``: neither stirs the other.

    Its own marks of direction are left out: what they open would go on behind the text.
    """
    text = _MARKS.sub("", text)
    way = direction(text)
    if way == around == "ltr" and not any(unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in text):
        return text
    edge = "\u200f" if around == "rtl" else "\u200e"
    return f"{edge}{chr(0x202B) if way == 'rtl' else chr(0x202A)}{text}\u202c{edge}"


def make(document: str, css: Path) -> bytes:
    """The PDF of an HTML document, laid out by a style sheet."""
    command = [sys.executable, "-P", __file__, str(css)]
    with _AT_ONCE:
        done = subprocess.run(  # noqa: S603
            command, input=document.encode(), capture_output=True, timeout=LONGEST_SECONDS, check=False
        )
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        raise NoPdf(done.stderr.decode(errors="replace")[-2000:])
    return done.stdout


def _package(name: str) -> Path:
    """The folder of an installed package, without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise NoPdf(f"{name} is not installed")
    return Path(spec.origin).parent


def _cjk_font(text: str, folder: Path) -> Path:
    """Noto Sans CJK with only the letters of a text: the whole has 65,000."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    font = TTFont(_package("noto_cjk_sans_jp_regular") / "NotoSansCJKjp-Regular.otf", lazy=True)
    subsetter = Subsetter(Options(layout_features=[], hinting=False, notdef_outline=True))
    subsetter.populate(text=text)
    subsetter.subset(font)
    path = folder / "cjk.otf"
    font.save(path)
    return path


def _faces(document: str, folder: Path) -> str:
    """The style sheet's fonts."""
    dejavu = _package("matplotlib") / "mpl-data" / "fonts" / "ttf"
    faces = [("Text", "normal", dejavu / "DejaVuSans.ttf"), ("Text", "bold", dejavu / "DejaVuSans-Bold.ttf")]
    text = html.unescape(document)
    if _CJK.search(text):
        faces.append(
            ("Cjk", "normal", _cjk_font(text, folder))
        )  # all of it: what stands between may be drawn by it too
    face = '@font-face {{ font-family: {}; font-weight: {}; src: url("{}"); }}\n'
    return "".join(face.format(family, weight, _beside(path, folder)) for family, weight, path in faces)


def _beside(path: Path, folder: Path) -> Path:
    """The font in the folder, which is the only place that the document may read from."""
    inside = folder / path.name
    if not inside.exists():
        inside.write_bytes(path.read_bytes())
    return inside


def _render(document: str, css: str) -> bytes:
    from io import BytesIO

    from xhtml2pdf import pisa
    from xhtml2pdf.config.resources import ResourceAccessPolicy
    from xhtml2pdf.default import DEFAULT_CSS

    document = _INVISIBLE.sub("", document)
    made = BytesIO()
    with TemporaryDirectory() as name:
        folder = Path(name)
        policy = ResourceAccessPolicy(allow_remote=False, base_dir=folder)
        sheet = DEFAULT_CSS + _faces(document, folder) + css
        status = pisa.CreatePDF(document, dest=made, default_css=sheet, resource_policy=policy)
    if status.err:
        raise NoPdf(f"{status.err} errors")
    return made.getvalue()


if __name__ == "__main__":
    # What the libraries say quotes the document, and that has names in it.
    import logging
    import traceback

    logging.disable()
    try:
        sys.stdout.buffer.write(_render(sys.stdin.buffer.read().decode(), Path(sys.argv[1]).read_text("utf-8")))
    except Exception as error:
        known = str(error) if isinstance(error, NoPdf) else ""
        sys.stderr.write("".join(traceback.format_tb(error.__traceback__)) + f"{type(error).__name__} {known}")
        sys.exit(1)
