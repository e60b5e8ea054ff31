"""The logo: what is sent in is drawn anew, within bounds, or refused with a reason."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageOps

from lti_tool.access import logo
from lti_tool.errors import ToolError


@pytest.fixture(autouse=True)
def speaking(app: Any) -> Any:
    with app.test_request_context():
        yield


def picture(size: tuple[int, int], kind: str = "PNG", mode: str = "RGB", colour: Any = "red", **more: Any) -> bytes:
    made = BytesIO()
    Image.new(mode, size, colour).save(made, kind, **more)
    return made.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def claims(width: int, height: int) -> bytes:
    """A small PNG that says it is so large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("sent", "size"),
    [((100, 50), (100, 50)), ((1200, 400), (600, 200)), ((1000, 1000), (200, 200)), ((3000, 30), (600, 6))],
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_it_fits_the_box_and_keeps_its_shape(kind: str, sent: tuple[int, int], size: tuple[int, int]) -> None:
    made = logo.drawn_anew(picture(sent, kind))
    assert (made.size, made.mode) == (size, "RGB")
    assert made.getpixel((size[0] // 2, size[1] // 2))[0] > 250  # type: ignore[index]


@pytest.mark.parametrize(
    ("mode", "colour", "seen"),
    [("RGBA", (255, 0, 0, 0), (255, 255, 255)), ("LA", (0, 255), (0, 0, 0)), ("P", 0, (0, 0, 0)), ("1", 1, (255,) * 3)],
)
def test_what_is_seen_through_is_white(mode: str, colour: Any, seen: Any) -> None:
    assert logo.drawn_anew(picture((8, 8), mode=mode, colour=colour)).getpixel((4, 4)) == seen


def test_a_photograph_stands_as_it_was_taken() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # a quarter to the right
    assert logo.drawn_anew(picture((80, 40), "JPEG", exif=turned.tobytes())).size == (40, 80)
    assert ImageOps.exif_transpose(Image.new("RGB", (2, 1))).size == (2, 1)


def test_nothing_but_pixels_is_kept(app: Any) -> None:
    from PIL.PngImagePlugin import PngInfo

    note = PngInfo()
    note.add_text("Comment", "secret words")
    sent = picture((8, 8), pnginfo=note)
    again = BytesIO()
    logo.drawn_anew(sent).save(again, "PNG")
    assert b"secret" in sent and b"secret" not in again.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no PNG or JPEG"),
        (b"hello", "no PNG or JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no PNG or JPEG"),
        (picture((8, 8), "GIF"), "no PNG or JPEG"),
        (picture((300, 300))[:200], "no PNG or JPEG"),
        (picture((300, 300), "JPEG")[:400], "no PNG or JPEG"),
        (picture((8, 8)).replace(b"IDAT", b"JDAT"), "no PNG or JPEG"),
        (claims(0, 5), "no PNG or JPEG"),
        (claims(10_000, 1_001), "10 million pixels"),
        (claims(60_000, 60_000), "10 million pixels"),
        (claims(2**31 - 1, 2**31 - 1), "10 million pixels"),
        (b"\x89PNG" + bytes(logo.MOST_BYTES), "larger than 512 KB"),
    ],
)
def test_what_cannot_be_one_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(ToolError) as refused:
        logo.drawn_anew(content)
    assert reason in refused.value.message and refused.value.status == 400
