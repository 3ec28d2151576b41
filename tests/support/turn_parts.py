"""Turns without a model and without a database: an answer that is written on request, and saving that can fail."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from backend.agents.core.events import ChatEvent, CheckEvent, EventSink, StartEvent, TokenEvent
from backend.conversations.sse_frames import events_in
from backend.conversations.turn import Turn, TurnTimes
from backend.store.conversations import NewAnswer, SavedTurn
from backend.store.subject import run_subject
from backend.telemetry.tracing import Tracer

USER = "user-1"
SAVED = SavedTurn(session_id=1, message_id=3, user_message_id=2)


class Provider:
    """An answer of `words`, that notes whether it was closed before its end."""

    def __init__(self, words: int = 3, *, pause: float = 0.0, fails: Exception | None = None) -> None:
        self.words, self.pause, self.fails = words, pause, fails
        self.closed_early = False
        self.asked = 0

    async def answer(self, sink: EventSink) -> None:
        self.asked += 1
        try:
            for number in range(self.words):
                await sink.put(TokenEvent(content=f"w{number} "))
                await asyncio.sleep(self.pause)
        except asyncio.CancelledError:
            self.closed_early = True
            raise
        if self.fails:
            raise self.fails
        await sink.put(CheckEvent(figures=[]))


class Keeper:
    """Saves, fails, or takes its time."""

    def __init__(self, *, fails: Exception | None = None, pause: float = 0.0) -> None:
        self.fails, self.pause = fails, pause
        self.kept: list[NewAnswer] = []

    async def save(self, answer: NewAnswer) -> SavedTurn:
        await asyncio.sleep(self.pause)
        if self.fails:
            raise self.fails
        self.kept.append(answer)
        return SAVED


def make_turn(
    provider: Provider,
    keeper: Keeper,
    request_id: str = "r1",
    *,
    resumable: bool = False,
    times: TurnTimes | None = None,
    tracer: Tracer | None = None,
) -> Turn:
    start = StartEvent(request_id=request_id, session_id=None, run_id=1, model="m", subject=run_subject(1))
    return Turn(start, provider.answer, keeper.save, resumable=resumable, times=times, tracer=tracer)


async def events_of(turn: Turn, after: int = 0) -> AsyncGenerator[tuple[int, ChatEvent], None]:
    """(number, event), as a client reads them."""
    async with aclosing(turn.frames(after)) as frames:
        async for chunk in frames:
            for numbered in numbered_in(chunk):
                yield numbered


def numbered_in(chunk: bytes) -> Iterator[tuple[int, ChatEvent]]:
    """The numbers and events of whole frames."""
    numbers = [int(line[4:]) for line in chunk.split(b"\n") if line.startswith(b"id: ")]
    return zip(numbers, events_in(chunk), strict=True)


async def read(turn: Turn) -> list[str]:
    return [event.type async for _, event in events_of(turn)]
