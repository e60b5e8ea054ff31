"""Fixtures of the tests that speak HTTP."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests import lms


@pytest.fixture
def keys() -> Iterator[lms.KeyServer]:
    with lms.key_server() as server:
        yield server


@pytest.fixture
def platform(app: Flask, keys: lms.KeyServer) -> lms.TestPlatform:
    """A registered platform of account 77."""
    return lms.TestPlatform(keys).register(app)
