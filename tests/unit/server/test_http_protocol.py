"""Connections that say nothing, too much, or never end, at a real server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import Receive, Scope, Send

from backend.server.http_protocol import BoundedHttpProtocol


class Quick(BoundedHttpProtocol):
    """As the product's, with less patience."""

    head_s = 0.4
    rest_s = 0.3


async def answer_unread(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers without reading the body; `/slow` streams for a second."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/slow":
        for _ in range(10):
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
            await asyncio.sleep(0.1)
    await send({"type": "http.response.body", "body": b"ok", "more_body": False})


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    config = uvicorn.Config(answer_unread, http=Quick, port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn says it by a flag alone
        await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_connection(*server.servers[0].sockets[0].getsockname())
    try:
        yield reader, writer
    finally:
        writer.close()
        server.should_exit = True
        await serving


async def seconds_to_the_end(reader: asyncio.StreamReader) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.timeout(5):
        try:
            while await reader.read(65_536):
                pass
        except ConnectionError:
            pass
    return loop.time() - began


async def test_a_connection_that_says_nothing_is_ended() -> None:
    async with connected() as (reader, _):
        assert 0.2 < await seconds_to_the_end(reader) < 1.5


async def test_headers_that_trickle_are_ended_however_often_a_byte_comes() -> None:
    async with connected() as (reader, writer):
        ended = asyncio.create_task(seconds_to_the_end(reader))
        for byte in b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":
            if ended.done():
                break
            writer.write(bytes([byte]))
            await asyncio.sleep(0.05)
        assert ended.done()
        assert await ended < 1.5


async def test_headers_without_an_end_are_refused() -> None:
    async with connected() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        for number in range(400):
            writer.write(b"X-%d: " % number + b"a" * 1_000 + b"\r\n")
        answer = await asyncio.wait_for(reader.read(12), 5)
        assert answer == b"HTTP/1.1 431"


async def test_a_body_that_outlives_its_answer_is_ended() -> None:
    async with connected() as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nx")
        ended = asyncio.create_task(seconds_to_the_end(reader))
        for _ in range(40):
            if ended.done():
                break
            writer.write(b"x")
            await asyncio.sleep(0.05)
        assert ended.done()
        assert await ended < 1.5


async def test_a_caller_that_sends_the_rest_in_time_keeps_its_line() -> None:
    async with connected() as (reader, writer):
        for _ in range(3):
            writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nx")
            await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), 5)
            writer.write(b"xxx")
            await asyncio.sleep(0.6)


async def test_a_long_answer_is_not_ended() -> None:
    async with connected() as (reader, writer):
        writer.write(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), 5)
        assert answer.count(b"1\r\nx") == 10
