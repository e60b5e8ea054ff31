"""Where exports lie: a local folder or an S3-compatible bucket, as LTI_TOOL_STORAGE_URL says.

A bucket's credentials, region and endpoint come from the usual AWS_… variables.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from config.settings import Settings

CHUNK = 256 * 1024
PATIENCE: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}


class StorageError(Exception):
    """The storage cannot be reached, or does not do what it should."""


class NoFile(Exception):
    """There is no such file."""


def write(settings: Settings, key: str, content: Iterable[bytes]) -> None:
    """Store a file while it is being made; it appears under its key when it is whole. Raises ``StorageError``.

    What ``content`` raises is raised again, and nothing is stored.
    """
    with _explained():
        obstore.put(_store(settings), key, iter(content), use_multipart=True)


def read(settings: Settings, key: str) -> Iterator[bytes]:
    """The file, in pieces. Raises ``NoFile`` and ``StorageError`` before the first."""
    with _explained():
        found = obstore.get(_store(settings), key)
    return (bytes(piece) for piece in found.stream(min_chunk_size=CHUNK))


def delete(settings: Settings, prefix: str) -> None:
    """Delete a folder, whatever has been left in it, half-written files too. Raises ``StorageError``."""
    if folder := _folder(settings):
        shutil.rmtree(folder / prefix, ignore_errors=True)
        if (folder / prefix).exists():
            raise StorageError("a folder of exports cannot be deleted")
        return
    with _explained():
        store = _store(settings)
        for part in obstore.list(store, prefix=prefix):
            obstore.delete(store, [found["path"] for found in part])


def _folder(settings: Settings) -> Path | None:
    parts = urlsplit(settings.storage_url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def _store(settings: Settings) -> LocalStore | S3Store:
    if folder := _folder(settings):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalStore(folder)
    parts = urlsplit(settings.storage_url)
    return S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        client_options={
            "allow_http": os.environ.get("AWS_ALLOW_HTTP") == "true",
            "connect_timeout": timedelta(seconds=5),
            "timeout": timedelta(seconds=60),
        },
        retry_config=PATIENCE,
    )


@contextmanager
def _explained() -> Iterator[None]:
    """What goes wrong in the store, in one line: its errors quote whole answers."""
    try:
        yield
    except FileNotFoundError as error:
        raise NoFile from error
    except (BaseError, OSError) as error:
        raise StorageError(str(error).partition("\n")[0][:200]) from error
