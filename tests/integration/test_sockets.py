"""A WebSocket goes through the same doors as a request: origin, sign-in, limits, log, and the server's end."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
import websockets
from fastapi import WebSocket
from websockets.asyncio.client import ClientConnection, connect

from backend.api import sockets as product_sockets
from backend.api.connection import ServicesDep
from backend.api.sockets import signed_in
from backend.local.stack import EmbeddedStack
from backend.main import create_app
from backend.server.serving import Server, embedded_backing
from backend.settings import load_settings
from tests.conftest import MakeUser

pytestmark = pytest.mark.integration


@asynccontextmanager
async def serving(stack: EmbeddedStack, home: Path, **chosen: Any) -> AsyncIterator[tuple[Server, str]]:
    settings = load_settings(_env_file=None, RUNDOWN_HOME=home, **chosen)
    app = create_app(settings, embedded_backing(stack, settings, "http://127.0.0.1"))

    @app.websocket("/ws/echo")
    async def echo(socket: WebSocket, services: ServicesDep) -> None:
        async with signed_in(socket, services) as client:
            if client is not None:
                await client.send({"type": "hello", "user": client.user.id})
                async for frame in client.frames():
                    await client.send({"type": "echo", "of": frame["type"]})

    listener = sockets.create_server(("127.0.0.1", 0))
    started = asyncio.Event()
    server = Server(app, settings, on_start=started.set)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await asyncio.wait_for(started.wait(), 20)
    try:
        yield server, f"ws://127.0.0.1:{listener.getsockname()[1]}/ws/echo"
    finally:
        server.end()
        await asyncio.wait_for(task, 20)


async def say(client: ClientConnection, frame: Any) -> dict[str, Any]:
    await client.send(frame if isinstance(frame, str) else json.dumps(frame))
    answer: dict[str, Any] = json.loads(await asyncio.wait_for(client.recv(), 10))
    return answer


async def test_socket_is_signed_in_by_its_first_message_and_told_when_the_server_ends(
    stack: EmbeddedStack, make_user: MakeUser, tmp_path: Path
) -> None:
    token = await make_user("sockets@example.com")
    with structlog.testing.capture_logs() as logs:
        async with serving(stack, tmp_path) as (server, url), connect(url) as client:
            hello = await say(client, {"type": "auth", "token": token})
            assert hello["type"] == "hello"
            assert await say(client, {"type": "ping"}) == {"type": "echo", "of": "ping"}
            for wrong in ("no json", "[1]", '{"kind": 1}'):
                assert (await say(client, wrong))["code"] == "invalid_frame"
            assert (await say(client, {"type": "after"}))["of"] == "after"
            server.end()
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await asyncio.wait_for(client.recv(), 10)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012
    line = next(line for line in logs if line["event"] == "request")
    assert (line["method"], line["path"], line["status"]) == ("WEBSOCKET", "/ws/echo", 101)
    assert token not in json.dumps(logs, default=str)


async def test_socket_without_a_good_token_learns_why_and_is_closed(
    stack: EmbeddedStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(product_sockets, "SIGN_IN_S", 0.3)
    async with serving(stack, tmp_path) as (_, url):
        for first in ({"type": "auth", "token": "forged"}, {"type": "message"}, {"type": "auth"}, None):
            async with connect(url) as client:
                if first is not None:
                    await client.send(json.dumps(first))
                told = json.loads(await asyncio.wait_for(client.recv(), 10))
                assert told["type"] == "error"
                assert "auth" in told["message"] or "sign-in" in told["message"]
                with pytest.raises(websockets.ConnectionClosed):
                    await asyncio.wait_for(client.recv(), 10)


async def test_foreign_page_opens_no_socket(stack: EmbeddedStack, tmp_path: Path) -> None:
    async with serving(stack, tmp_path) as (_, url):
        with pytest.raises(websockets.InvalidStatus) as refused:
            await connect(url, origin=websockets.Origin("http://elsewhere.example"))
        assert refused.value.response.status_code == 403
        own = url.replace("ws://", "http://").removesuffix("/ws/echo")
        async with connect(url, origin=websockets.Origin(own)):
            pass


async def test_address_that_asks_too_often_opens_no_socket(stack: EmbeddedStack, tmp_path: Path) -> None:
    async with serving(stack, tmp_path, RUNDOWN_LIMIT_REQUESTS=1, RUNDOWN_LIMIT_ADDRESS_FACTOR=1) as (_, url):
        async with connect(url):
            pass
        with pytest.raises(websockets.InvalidStatus) as refused:
            await connect(url)
        assert refused.value.response.status_code == 403
