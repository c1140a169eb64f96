"""One PostgreSQL server for the tests of serving."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from register.settings import Settings
from tests.serving.server import Server, running_server, serving_into


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server that all tests of this process share; each has a database of its own."""
    with running_server() as running:
        yield running


@pytest.fixture
def to_postgres(settings: Settings, server: Server) -> Settings:
    """Settings of an empty home that serves into an empty database."""
    return serving_into(settings, server.database())
