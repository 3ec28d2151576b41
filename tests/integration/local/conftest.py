"""What tests of the embedded database itself share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from backend.local.home import prepare_home
from backend.local.postgres import PostgresServer


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PostgresServer]:
    """A real PostgreSQL without any migration, for one file of tests."""
    server = PostgresServer(prepare_home(tmp_path_factory.mktemp("postgres") / "home"), durable=False)
    await server.start()
    yield server
    await server.stop()
