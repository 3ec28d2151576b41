"""What a provider may send to cost a reader the answer, or the server its memory."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest

from backend.agents.core.agent import Timeouts
from backend.agents.core.events import ErrorEvent
from backend.agents.openrouter.catalog import OpenRouterCatalog
from backend.agents.openrouter.direct_stream import StreamPath, model_http_client
from backend.agents.openrouter.sse_reader import MAX_ANSWER_CHARS, MAX_TOOL_CALLS, FrameReader
from backend.errors import UpstreamFailed
from backend.store.conversations import NewAnswer
from tests.support.agent_runs import losing_frame
from tests.support.fakes.openrouter import FakeOpenRouter
from tests.support.talk import agent_for, ask

BOMB = gzip.compress(b"\0" * (256 * 2**20))


def frame(delta: dict[str, Any] | None = None, **more: Any) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": delta or {}}], **more}).encode() + b"\n\n"


def test_an_answer_with_nul_is_saved_with_a_mark_in_its_place() -> None:
    content = "a\x00b \\u0000 \\\x00"
    answer = NewAnswer(content=content, tool_results=[{"args": {"criteria": "\x00"}, "data": {"\x00": ["\x00"]}}])
    saved = orjson.loads(answer.as_json())
    assert saved["content"] == "a�b \\u0000 \\�"
    assert saved["tool_results"] == [{"args": {"criteria": "�"}, "data": {"�": ["�"]}}]
    assert len(saved["content"]) == len(content), "places of figures stay"


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (b'{"choices": [{"delta": {"content": "a\\ud800b"}}]}', "a�b"),
        (b'{"choices": [{"delta": {"content": "a\xff\xfeb"}}]}', "a��b"),
        (b'{"choices": [{"delta": {"content": "a\\ud83d\\ude00b"}}]}', "a😀b"),
        (b'{"choices": [{"delta": {"content": "ab"}}], "usage": {"cost": NaN}}', "ab"),
    ],
)
def test_text_that_is_no_unicode_does_not_cost_the_answer(payload: bytes, text: str) -> None:
    batch = FrameReader().feed(b"data: " + payload + b"\n\n")
    assert batch.text == text
    orjson.dumps(batch.text)


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        ({"prompt_tokens": -5, "completion_tokens": -1, "cost": -3}, (0, 0, None)),
        ({"prompt_tokens": 10**30, "completion_tokens": 7, "cost": 1e300}, (10**9, 7, None)),
        ({"prompt_tokens": "many", "completion_tokens": [1], "cost": "free"}, (0, 0, None)),
        ({"prompt_tokens": 3.9, "completion_tokens": None, "cost": True}, (3, 0, None)),
        ({"prompt_tokens": 3, "completion_tokens": 4, "cost": 0.5}, (3, 4, 0.5)),
    ],
)
def test_counts_that_are_none_do_not_cost_the_answer(usage: Any, counted: tuple[int, int, float | None]) -> None:
    batch = FrameReader().feed(frame({"content": "It lost."}, usage=usage))
    assert batch.usage is not None
    assert (batch.usage.prompt_tokens, batch.usage.completion_tokens, batch.usage.cost_usd) == counted
    assert batch.text == "It lost."


def test_an_answer_without_an_end_ends_and_is_kept() -> None:
    reader, length = FrameReader(), 0
    while not reader.done and length < 2 * MAX_ANSWER_CHARS:
        length += len(reader.feed(frame({"content": "x" * 10_000})).text)
    assert (length, reader.complete, reader.finish_reason) == (MAX_ANSWER_CHARS, True, "length")


def test_thinking_without_an_end_ends() -> None:
    reader = FrameReader()
    for _ in range(1_000):
        reader.feed(frame({"reasoning": "x" * 10_000}))
        if reader.done:
            break
    assert reader.finish_reason == "length"


def test_tool_calls_of_one_message_are_bounded() -> None:
    reader = FrameReader()
    call = {"function": {"name": "n" * 5_000, "arguments": "{}"}, "id": "i" * 5_000}
    reader.feed(frame({"tool_calls": [{"index": place, **call} for place in range(1_000)]}))
    calls = reader.tool_calls()
    assert len(calls) == MAX_TOOL_CALLS
    assert all(len(each.name) <= 200 and len(each.id) <= 200 for each in calls)


def test_arguments_of_a_tool_call_are_bounded_and_always_an_object() -> None:
    reader = FrameReader()
    for _ in range(100):
        reader.feed(frame({"tool_calls": [{"index": 0, "function": {"name": "a", "arguments": "[" * 10_000}}]}))
    reader.feed(frame({"tool_calls": [{"index": 1, "function": {"name": "b", "arguments": '{"a": "\\ud800"}'}}]}))
    deep, half = (orjson.loads(call.arguments) for call in reader.tool_calls())
    assert deep.keys() == {"unreadable_arguments"}
    assert half == {"a": "�"}


@asynccontextmanager
async def packed_server() -> AsyncIterator[str]:
    """Answers everything with a packed body that unpacks to 256 MiB, whatever was asked for."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        kind = b"text/event-stream"
        head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
        writer.write(head % (kind, len(BOMB)) + BOMB)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.close()


@pytest.mark.parametrize("path", ["direct", "stock"])
async def test_a_packed_answer_is_refused_and_not_unpacked(path: StreamPath) -> None:
    async with packed_server() as url, model_http_client(path, Timeouts()) as http_client:
        fake = FakeOpenRouter()
        fake.base_url = url
        events = await ask(agent_for(losing_frame(), server=fake, http_client=http_client), "Why?")
    assert isinstance(events[-1], ErrorEvent)
    assert events[-1].code == "upstream_unavailable"


async def test_packed_and_endless_answers_of_the_plain_endpoints_are_refused() -> None:
    async with packed_server() as url, httpx.AsyncClient() as http:
        catalog = OpenRouterCatalog(base_url=url, http=http)
        with pytest.raises(UpstreamFailed):
            await catalog.check_key("sk-or-v1-abc")
        listing = await catalog.list_models()
        assert (listing.models, listing.stale) == ([], True)


async def test_a_list_that_is_too_long_is_refused() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        try:
            while not writer.is_closing():
                writer.write(b" " * 2**20)
                await writer.drain()
        except ConnectionError:
            return

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with server, httpx.AsyncClient() as http:
        listing = await OpenRouterCatalog(base_url=f"http://{host}:{port}", http=http).list_models()
        assert listing.stale
