"""Fixtures: an application on a fresh database, on SQLite and on PostgreSQL.

A test that takes ``app`` runs on both databases. Each database starts as a copy of one that was migrated once.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import create_engine

from config.settings import Settings, load
from lti_tool import migrations
from lti_tool.app import create_app
from lti_tool.models import db
from lti_tool.models.database import prepare_engine
from tests.postgres import Postgres

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"

hypothesis_settings.register_profile(
    "default",
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
hypothesis_settings.load_profile("default")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    engine = create_engine(f"sqlite:///{path}")
    prepare_engine(engine)
    migrations.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        engine = create_engine(server.create("template_lti"))
        migrations.upgrade(engine)
        engine.dispose()
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        path = tmp_path / "test.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"test_{tmp_path.name.replace('-', '_').lower()[:40]}_{abs(hash(str(tmp_path))) % 10**8}"
    yield server.create(name, template="template_lti")
    server.drop(name)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return load(
        {
            "LTI_TOOL_DATABASE_URL": database_url,
            "LTI_TOOL_DATA_DIR": str(tmp_path / "data"),
            "LTI_TOOL_SECRET_KEY": "for tests only, for tests only, for tests only",
            "LTI_TOOL_PUBLIC_URL": "https://tool.example",
            "LTI_TOOL_ALLOW_LOOPBACK": "1",
        }
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application, outside of any context."""
    application = create_app(settings)
    application.testing = True
    application.config["PROPAGATE_EXCEPTIONS"] = False
    yield application
    with application.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The application, with its context pushed: for tests that call functions."""
    with app.app_context():
        yield app
        db.session.rollback()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    if not SHARED_DATA.is_dir():
        pytest.skip("the shared sample data is not beside the project")
    return SHARED_DATA
