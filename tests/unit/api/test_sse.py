"""Frames on the wire, and clients that go away before there is one."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from backend.agents.core.events import ChatEvent, StartEvent, TokenEvent, UsageEvent, event_json
from backend.api.sse import stream_response
from backend.conversations.sse_frames import events_in, frame
from backend.store.subject import run_subject
from tests.support.listener import Listener

EVENTS: list[ChatEvent] = [
    StartEvent(request_id="r", session_id=None, run_id=1, model="m", subject=run_subject(1)),
    TokenEvent(content="line one\nline two \u2028 \r\n\r\n"),
    UsageEvent(prompt_tokens=1, completion_tokens=2),
]


async def three_events() -> AsyncIterator[bytes]:
    frames = [frame(number, event_json(event)) for number, event in enumerate(EVENTS, 1)]
    yield frames[0]
    yield frames[1] + frames[2]


def test_events_are_read_back_from_their_frames() -> None:
    chunk = b"".join(frame(number, event_json(event)) for number, event in enumerate(EVENTS, 1))
    assert list(events_in(chunk)) == EVENTS


async def test_each_event_is_one_frame_with_one_data_line() -> None:
    client = Listener()
    await stream_response(three_events(), on_close=lambda: None)(*client.connection)
    frames = bytes(client.body).decode().split("\n\n")
    assert frames.pop() == ""
    assert [frame.split("\n")[:2] for frame in frames] == [[f"id: {n}", "event: message"] for n in (1, 2, 3)]
    events = [json.loads(frame.split("\n")[2].removeprefix("data: ")) for frame in frames]
    assert all(len(frame.split("\n")) == 3 for frame in frames)
    started = {"type": "start", "request_id": "r", "session_id": None, "run_id": 1, "model": "m"}
    assert events[0] == started | {"subject": {"kind": "run", "id": 1}}
    assert events[1]["content"] == "line one\nline two \u2028 \r\n\r\n"
    assert events[2] == {"type": "usage", "prompt_tokens": 1, "completion_tokens": 2}


async def test_chunks_are_sent_without_a_cancel_scope_each(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("sse-starlette sends chunks by another way than the one that is replaced")

    monkeypatch.setattr("sse_starlette.sse.anyio.move_on_after", refused)
    client = Listener()
    await stream_response(three_events(), on_close=lambda: None)(*client.connection)
    assert client.body.count(b"event: message") == 3


async def test_client_that_left_before_the_first_event_is_noticed() -> None:
    closed: list[bool] = []
    begun: list[bool] = []

    async def frames() -> AsyncIterator[bytes]:
        begun.append(True)
        await asyncio.sleep(60)
        yield b": late\n\n"

    client = Listener()
    client.leaves.set()
    response = stream_response(frames(), on_close=lambda: closed.append(True))
    await asyncio.wait_for(response(*client.connection), 5)
    assert closed == [True]


async def test_client_that_leaves_ends_the_frames_before_the_response_ends() -> None:
    happened: list[str] = []

    async def frames() -> AsyncIterator[bytes]:
        try:
            yield b": first\n\n"
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            happened.append("cleaned up")

    client = Listener()
    response = asyncio.create_task(
        stream_response(frames(), on_close=lambda: happened.append("closed"))(*client.connection)
    )
    await client.came.wait()
    client.leaves.set()
    await asyncio.wait_for(response, 5)
    assert happened == ["closed", "cleaned up"]


async def test_failure_of_the_frames_is_raised_as_it_is() -> None:
    async def frames() -> AsyncIterator[bytes]:
        yield b": first\n\n"
        raise ZeroDivisionError

    client = Listener()
    with pytest.raises(ZeroDivisionError):
        await stream_response(frames(), on_close=lambda: None)(*client.connection)


async def test_silence_is_filled_with_pings_until_the_last_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.api.sse._PING_S", 0.01)
    client = Listener()

    async def frames() -> AsyncIterator[bytes]:
        yield b": first\n\n"
        for _ in range(3):
            client.came.clear()
            await client.came.wait()
        yield b": last\n\n"

    await asyncio.wait_for(stream_response(frames(), on_close=lambda: None)(*client.connection), 30)
    await asyncio.sleep(0.05)
    assert bytes(client.body) == b": first\n\n" + 3 * b": ping\n\n" + b": last\n\n"
