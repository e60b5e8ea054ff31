"""The account's logo, which stands on its PDFs: what is sent in is drawn anew, so that only pixels are kept of it."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from typing import Any

from flask_babel import gettext as _
from PIL import Image, ImageOps

from lti_tool.errors import ToolError
from lti_tool.models import AccountLogo, AuditEntry, db

MOST_BYTES = 512 * 1024
MOST_PIXELS = 10_000_000  # forty megabytes while it is drawn anew
SIZE = (600, 200)
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def logo(account_id: int) -> AccountLogo | None:
    """The logo of an account, if it has set one."""
    return db.session.get(AccountLogo, account_id)


def address(found: AccountLogo) -> str:
    """The picture as an address that holds it."""
    return "data:image/png;base64," + b64encode(found.png).decode()


def set_logo(account_id: int, content: bytes, *, actor: str) -> None:
    """Set the logo, and write it into the audit list. The caller commits. Raises ``ToolError``: it cannot be one."""
    drawn = drawn_anew(content)
    png = BytesIO()
    drawn.save(png, "PNG", optimize=True)
    db.session.merge(AccountLogo(account_id=account_id, png=png.getvalue(), width=drawn.width, height=drawn.height))
    _note(account_id, f"set, {drawn.width} x {drawn.height}", actor)


def remove_logo(account_id: int, *, actor: str) -> None:
    """Remove the logo, if there is one, and write that into the audit list. The caller commits."""
    found = logo(account_id)
    if found is not None:
        db.session.delete(found)
        _note(account_id, "removed", actor)


def drawn_anew(content: bytes) -> Image.Image:
    """The picture of a PNG or JPEG, on white, no larger than ``SIZE``. Raises ``ToolError``."""
    if len(content) > MOST_BYTES:
        raise _refused(_("This file is larger than 512 KB."))
    try:
        image: Any = Image.open(BytesIO(content), formats=("PNG", "JPEG"))
        if image.width * image.height > MOST_PIXELS:
            raise _refused(_("This picture has more than 10 million pixels."))
        image = ImageOps.exif_transpose(image).convert("RGBA")
    except _BOMBS:
        raise _refused(_("This picture has more than 10 million pixels.")) from None
    except ToolError:
        raise
    except Exception as error:  # a damaged file has many ways to fail
        raise _refused(_("This file is no PNG or JPEG picture, or it is damaged.")) from error
    image.thumbnail(SIZE)
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image)
    return ground


def _note(account_id: int, detail: str, actor: str) -> None:
    db.session.add(AuditEntry(account_id=account_id, actor=actor, action="logo", detail=detail))


def _refused(happened: str) -> ToolError:
    return ToolError("logo", happened, _("Choose another picture. The logo is as it was."))
