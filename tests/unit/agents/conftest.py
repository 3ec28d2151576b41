from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from backend.agents.openrouter import model_http_client
from tests.fakes.openrouter import FakeOpenRouter


@pytest.fixture(scope="session")
def running_server() -> Iterator[FakeOpenRouter]:
    with FakeOpenRouter() as server:
        yield server


@pytest.fixture
def server(running_server: FakeOpenRouter) -> FakeOpenRouter:
    running_server.reset()
    return running_server


@pytest.fixture
async def http_client() -> AsyncIterator[httpx2.AsyncClient]:
    async with model_http_client() as client:
        yield client
