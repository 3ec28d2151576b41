"""Frames on the wire, and clients that go away before there is one."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from starlette.types import Message

from backend.agents.events import ChatEvent, StartEvent, TokenEvent, UsageEvent, event_json
from backend.api.sse import events_in, frame, stream_response

SCOPE = {"type": "http", "method": "GET", "path": "/", "headers": [], "asgi": {"version": "3.0", "spec_version": "2.3"}}


EVENTS: list[ChatEvent] = [
    StartEvent(request_id="r", session_id=None, run_id=1, model="m"),
    TokenEvent(content="line one\nline two \u2028 \r\n\r\n"),
    UsageEvent(prompt_tokens=1, completion_tokens=2),
]


async def three_events() -> AsyncIterator[bytes]:
    frames = [frame(number, event_json(event)) for number, event in enumerate(EVENTS, 1)]
    yield frames[0]
    yield frames[1] + frames[2]


async def never() -> Message:
    await asyncio.sleep(60)
    return {"type": "http.disconnect"}


def test_events_are_read_back_from_their_frames() -> None:
    chunk = b"".join(frame(number, event_json(event)) for number, event in enumerate(EVENTS, 1))
    assert list(events_in(chunk)) == EVENTS


async def test_each_event_is_one_frame_with_one_data_line() -> None:
    sent = bytearray()

    async def send(message: Message) -> None:
        sent.extend(message.get("body", b""))

    await stream_response(three_events(), on_close=lambda: None)(SCOPE, never, send)
    frames = bytes(sent).decode().split("\n\n")
    assert frames.pop() == ""
    assert [frame.split("\n")[:2] for frame in frames] == [[f"id: {n}", "event: message"] for n in (1, 2, 3)]
    events = [json.loads(frame.split("\n")[2].removeprefix("data: ")) for frame in frames]
    assert all(len(frame.split("\n")) == 3 for frame in frames)
    assert events[0] == {"type": "start", "request_id": "r", "session_id": None, "run_id": 1, "model": "m"}
    assert events[1]["content"] == "line one\nline two \u2028 \r\n\r\n"
    assert events[2] == {"type": "usage", "prompt_tokens": 1, "completion_tokens": 2}


async def test_chunks_are_sent_without_a_cancel_scope_each(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("sse-starlette sends chunks by another way than the one that is replaced")

    monkeypatch.setattr("sse_starlette.sse.anyio.move_on_after", refused)
    sent = bytearray()

    async def send(message: Message) -> None:
        sent.extend(message.get("body", b""))

    await stream_response(three_events(), on_close=lambda: None)(SCOPE, never, send)
    assert sent.count(b"event: message") == 3


async def test_client_that_left_before_the_first_event_is_noticed() -> None:
    closed: list[bool] = []
    begun: list[bool] = []

    async def frames() -> AsyncIterator[bytes]:
        begun.append(True)
        await asyncio.sleep(60)
        yield b": late\n\n"

    async def send(message: Message) -> None:
        pass

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    response = stream_response(frames(), on_close=lambda: closed.append(True))
    await asyncio.wait_for(response(SCOPE, receive, send), 5)
    assert closed == [True]
