from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from backend.agents.openrouter.direct_stream import ModelClient, model_http_client
from tests.support.fakes.openrouter import FakeOpenRouter


@pytest.fixture(scope="session")
def running_server() -> Iterator[FakeOpenRouter]:
    with FakeOpenRouter() as server:
        yield server


@pytest.fixture
def server(running_server: FakeOpenRouter) -> FakeOpenRouter:
    running_server.reset()
    return running_server


@pytest.fixture(params=["direct", "stock"])
async def http_client(request: pytest.FixtureRequest) -> AsyncIterator[ModelClient]:
    """Whatever asks a model is tried on both paths."""
    async with model_http_client(request.param) as client:
        yield client
