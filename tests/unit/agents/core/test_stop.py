"""Stop closes the provider's connection and running tools at once, however and whenever the reader goes away."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable

import anyio
import pytest

from backend.agents.core.channel import EventChannel
from backend.agents.core.events import ChatEvent, TokenEvent
from backend.agents.openrouter.direct_stream import ModelClient
from backend.analysis import RunFrame
from tests.support.agent_runs import losing_frame
from tests.support.fakes.openrouter import Call, FakeOpenRouter, Turn
from tests.support.talk import agent_for

FRAME = losing_frame()
AT_ONCE_S = 0.1  # measured at about 2 ms; the margin is for a busy machine
LONG = Turn(text=["word "] * 2000, delay=0.01)

Stream = AsyncGenerator[ChatEvent, None]
Leave = Callable[[Stream, int], Awaitable[float]]


async def close_generator(stream: Stream, events: int) -> float:
    """Read so many events, then close the stream; the moment of leaving."""
    for _ in range(events):
        await anext(stream)
    left_at = time.monotonic()
    await stream.aclose()
    return left_at


async def cancel_task(stream: Stream, events: int) -> float:
    seen = asyncio.Event()

    async def read() -> None:
        count = 0
        try:
            async for _ in stream:
                count += 1
                if count == events:
                    seen.set()
        finally:
            await stream.aclose()

    reader = asyncio.create_task(read())
    await seen.wait()
    left_at = time.monotonic()
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    return left_at


async def cancel_anyio_scope(stream: Stream, events: int) -> float:
    """As sse-starlette does: the scope delivers its cancellation again and again."""
    left_at = 0.0
    async with anyio.create_task_group() as group:
        seen = anyio.Event()

        async def read() -> None:
            count = 0
            async for _ in stream:
                count += 1
                if count == events:
                    seen.set()

        group.start_soon(read)
        await seen.wait()
        left_at = time.monotonic()
        group.cancel_scope.cancel()
    return left_at


@pytest.mark.parametrize("leave", [close_generator, cancel_task, cancel_anyio_scope])
async def test_leaving_in_the_text_closes_the_provider(
    server: FakeOpenRouter, http_client: ModelClient, leave: Leave
) -> None:
    server.script(LONG)
    stream = agent_for(FRAME, server=server, http_client=http_client).chat_stream("Why?")
    left_at = await leave(stream, 5)
    gone = await asyncio.to_thread(server.wait_for_disconnect)
    assert gone.at - left_at < AT_ONCE_S
    assert gone.frames_sent < 100
    assert server.completed == []


async def test_leaving_before_the_first_byte_closes_the_provider(
    server: FakeOpenRouter, http_client: ModelClient
) -> None:
    server.script(Turn(text="Late", first_byte_delay=30))
    stream = agent_for(FRAME, server=server, http_client=http_client).chat_stream("Why?")
    reader = asyncio.create_task(anext(stream))
    await asyncio.to_thread(server.wait_for_chat)
    left_at = time.monotonic()
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    gone = await asyncio.to_thread(server.wait_for_disconnect)
    assert gone.at - left_at < AT_ONCE_S
    assert server.completed == []


async def test_leaving_in_the_second_round_closes_the_provider(
    server: FakeOpenRouter, http_client: ModelClient
) -> None:
    server.script(Turn(tool_calls=[Call("calculate_metrics", {})]), LONG)
    stream = agent_for(FRAME, server=server, http_client=http_client).chat_stream("Why?")
    left_at = await close_generator(stream, 6)
    gone = await asyncio.to_thread(server.wait_for_disconnect)
    assert (gone.request, gone.at - left_at < AT_ONCE_S) == (1, True)


async def test_leaving_in_a_tool_cancels_it_and_asks_no_more(server: FakeOpenRouter, http_client: ModelClient) -> None:
    cancelled = asyncio.Event()

    async def load() -> RunFrame:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return FRAME

    server.script(Turn(tool_calls=[Call("calculate_metrics", {})]), LONG)
    stream = agent_for(FRAME, server=server, http_client=http_client, load_frame=load).chat_stream("Why?")
    left_at = await close_generator(stream, 1)
    assert time.monotonic() - left_at < AT_ONCE_S
    assert cancelled.is_set()
    await asyncio.sleep(0.05)
    assert len(server.chats) == 1


async def test_leaving_does_not_wait_for_analysis_in_a_thread(
    server: FakeOpenRouter, http_client: ModelClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, begun = threading.Event(), threading.Event()

    def slow(*_: object) -> None:
        begun.set()
        release.wait(10)

    monkeypatch.setattr("backend.analysis.calculate_metrics", slow)
    server.script(Turn(tool_calls=[Call("calculate_metrics", {})]), LONG)
    stream = agent_for(FRAME, server=server, http_client=http_client).chat_stream("Why?")
    await anext(stream)
    await asyncio.to_thread(begun.wait, 5)
    left_at = time.monotonic()
    await stream.aclose()
    took = time.monotonic() - left_at
    release.set()
    assert took < AT_ONCE_S
    assert len(server.chats) == 1


async def test_leaving_at_any_moment_leaves_no_task_behind(server: FakeOpenRouter, http_client: ModelClient) -> None:
    before = asyncio.all_tasks()
    for place in range(1, 12):
        server.script(
            Turn(tool_calls=[Call("calculate_metrics", {})], delay=0.001), Turn(text=["w "] * 50, delay=0.002)
        )
        stream = agent_for(FRAME, server=server, http_client=http_client).chat_stream("Why?")
        await close_generator(stream, place)
        assert asyncio.all_tasks() == before


async def test_offline_analyst_stops_too() -> None:
    stream = agent_for(FRAME, offline_delay_s=0.01).chat_stream("Why did it lose?")
    before = asyncio.all_tasks()
    left_at = await close_generator(stream, 8)
    assert time.monotonic() - left_at < AT_ONCE_S
    assert asyncio.all_tasks() <= before


async def test_reader_that_stalls_holds_the_provider_back(server: FakeOpenRouter, http_client: ModelClient) -> None:
    words = 40_000
    server.script(Turn(text=["word " * 40] * words))
    stream = agent_for(FRAME, server=server, http_client=http_client).chat_stream("Why?")
    text = 0
    async for event in stream:
        if text == 0:
            await asyncio.sleep(1.0)
            assert server.completed == []  # 16 MB are not taken in while nobody reads
        text += len(event.content) if isinstance(event, TokenEvent) else 0
        if text > 1_000_000:
            break
    await stream.aclose()


async def test_channel_bounds_what_waits_and_keeps_order() -> None:
    channel = EventChannel(limit=3)
    events = [TokenEvent(content=str(number)) for number in range(10)]

    async def write() -> None:
        for event in events:
            await channel.put(event)
        channel.close()

    writer = asyncio.create_task(write())
    await asyncio.sleep(0.01)
    assert not writer.done()
    assert [event async for event in channel.events()] == events
    await writer
