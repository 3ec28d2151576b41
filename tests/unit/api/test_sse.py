"""Frames on the wire, and clients that go away before there is one."""

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.types import Message

from backend.agents.events import StartEvent, TokenEvent, UsageEvent
from backend.api.sse import event_stream

SCOPE = {"type": "http", "method": "GET", "path": "/", "headers": [], "asgi": {"version": "3.0", "spec_version": "2.3"}}


async def three_events() -> AsyncIterator[tuple[int, StartEvent | TokenEvent | UsageEvent]]:
    yield 1, StartEvent(request_id="r", session_id=None, run_id=1, model="m")
    yield 2, TokenEvent(content="line one\nline two \u2028 \r\n\r\n")
    yield 3, UsageEvent(prompt_tokens=1, completion_tokens=2)


async def test_each_event_is_one_frame_with_one_data_line() -> None:
    sent = bytearray()

    async def send(message: Message) -> None:
        sent.extend(message.get("body", b""))

    async def receive() -> Message:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    await event_stream(three_events(), on_close=lambda: None)(SCOPE, receive, send)
    frames = bytes(sent).decode().split("\n\n")
    assert frames.pop() == ""
    assert [frame.split("\n")[:2] for frame in frames] == [[f"id: {n}", "event: message"] for n in (1, 2, 3)]
    events = [json.loads(frame.split("\n")[2].removeprefix("data: ")) for frame in frames]
    assert all(len(frame.split("\n")) == 3 for frame in frames)
    assert events[0] == {"type": "start", "request_id": "r", "session_id": None, "run_id": 1, "model": "m"}
    assert events[1]["content"] == "line one\nline two \u2028 \r\n\r\n"
    assert events[2] == {"type": "usage", "prompt_tokens": 1, "completion_tokens": 2}


async def test_client_that_left_before_the_first_event_is_noticed() -> None:
    closed: list[bool] = []
    begun: list[bool] = []

    async def events() -> AsyncIterator[tuple[int, TokenEvent]]:
        begun.append(True)
        await asyncio.sleep(60)
        yield 1, TokenEvent(content="late")

    async def send(message: Message) -> None:
        pass

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    response = event_stream(events(), on_close=lambda: closed.append(True))
    await asyncio.wait_for(response(SCOPE, receive, send), 5)
    assert closed == [True]
