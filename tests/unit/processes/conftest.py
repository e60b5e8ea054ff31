"""An embedded queue server for one test."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config.settings import Settings, load
from lti_tool.processes.embedded import QueueServer, queue_server


@pytest.fixture
def queue_service(tmp_path: Path) -> Iterator[QueueServer]:
    server = queue_server(tmp_path / "data")
    server.child.start()
    server.wait()
    yield server
    server.child.end()
    os.close(server.child.keep_open[0])


@pytest.fixture
def queue_settings(queue_service: QueueServer, sqlite_template: Path, tmp_path: Path) -> Settings:
    database = tmp_path / "jobs.sqlite3"
    database.write_bytes(sqlite_template.read_bytes())
    environ = {
        "LTI_TOOL_DATA_DIR": str(tmp_path / "data"),
        "LTI_TOOL_DATABASE_URL": f"sqlite:///{database}",
        "LTI_TOOL_SECRET_KEY": json.dumps("x" * 40),
    }
    return replace(load(environ), redis_url=queue_service.url)
