"""Each turn ends in exactly one of done, stopped and error, and what was paid for is kept."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from backend.agents.events import ChatEvent, CheckEvent, ErrorEvent, EventSink, StartEvent, TokenEvent
from backend.api.event_log import HELD_BYTES
from backend.api.sse import events_in
from backend.api.turns import Turn, TurnRegistry
from backend.errors import Conflict, StoreUnavailable
from backend.store.sessions import NewAnswer, SavedTurn

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


def make_turn(provider: Provider, keeper: Keeper, request_id: str = "r1", *, resumable: bool = False) -> Turn:
    start = StartEvent(request_id=request_id, session_id=None, run_id=1, model="m")
    return Turn(start, provider.answer, keeper.save, resumable=resumable)


async def events_of(turn: Turn, after: int = 0) -> AsyncIterator[tuple[int, ChatEvent]]:
    """(number, event), as a client reads them."""
    frames = turn.frames(after)
    try:
        async for chunk in frames:
            numbers = [int(line[4:]) for line in chunk.split(b"\n") if line.startswith(b"id: ")]
            for numbered in zip(numbers, events_in(chunk), strict=True):
                yield numbered
    finally:
        await frames.aclose()  # type: ignore[attr-defined]


async def read(turn: Turn) -> list[str]:
    return [event.type async for _, event in events_of(turn)]


async def test_whole_turn_is_saved_before_done() -> None:
    registry, keeper = TurnRegistry(), Keeper()
    turn = make_turn(Provider(), keeper)
    registry.begin(USER, turn)
    assert await read(turn) == ["start", "token", "token", "token", "check", "done"]
    assert [answer.content for answer in keeper.kept] == ["w0 w1 w2 "]
    await turn.wait()
    assert registry.find(USER, "r1") is None


async def test_reader_who_leaves_stops_the_provider_and_nothing_is_saved() -> None:
    registry, provider, keeper = TurnRegistry(), Provider(1000, pause=0.01), Keeper()
    turn = make_turn(provider, keeper)
    registry.begin(USER, turn)
    events = events_of(turn)
    async for _, event in events:
        if event.type == "token":
            break
    await events.aclose()  # type: ignore[attr-defined]
    await turn.wait()
    assert provider.closed_early
    assert keeper.kept == []


async def test_stop_call_ends_with_stopped() -> None:
    registry, provider, keeper = TurnRegistry(), Provider(1000, pause=0.01), Keeper()
    turn = make_turn(provider, keeper)
    registry.begin(USER, turn)
    asyncio.get_running_loop().call_later(0.05, turn.stop)
    types = await read(turn)
    assert types[-1] == "stopped"
    assert {"done", "error"}.isdisjoint(types)
    assert provider.closed_early
    assert keeper.kept == []


async def test_reader_who_leaves_while_saving_does_not_lose_the_answer() -> None:
    registry, keeper = TurnRegistry(), Keeper(pause=0.1)
    turn = make_turn(Provider(), keeper)
    registry.begin(USER, turn)
    events = events_of(turn)
    async for _, event in events:
        if event.type == "check":
            break
    await asyncio.sleep(0.02)
    await events.aclose()  # type: ignore[attr-defined]
    assert turn.stop() is False
    await turn.wait()
    assert len(keeper.kept) == 1


@pytest.mark.parametrize("fault", [StoreUnavailable("The database can't be reached."), ZeroDivisionError()])
async def test_failed_save_is_told_and_the_answer_held_for_its_request(fault: Exception) -> None:
    registry, provider = TurnRegistry(), Provider()
    turn = make_turn(provider, Keeper(fails=fault))
    registry.begin(USER, turn)
    events = [event async for _, event in events_of(turn)]
    error = events[-1]
    assert isinstance(error, ErrorEvent)
    assert (error.code, error.retryable, error.request_id) == ("save_failed", True, "r1")
    await turn.wait()
    held = registry.find_unsaved(USER, "r1")
    assert held is not None
    assert held.content == "w0 w1 w2 "
    assert registry.find_unsaved("somebody-else", "r1") is None


async def test_unexpected_failure_is_one_error_event() -> None:
    registry, keeper = TurnRegistry(), Keeper()
    turn = make_turn(Provider(fails=ZeroDivisionError("secret detail")), keeper)
    registry.begin(USER, turn)
    events = [event async for _, event in events_of(turn)]
    assert [event.type for event in events].count("error") == 1
    assert "secret detail" not in str(events[-1])
    assert keeper.kept == []


async def test_request_under_way_is_refused_for_its_user_alone() -> None:
    registry = TurnRegistry()
    first = make_turn(Provider(1000, pause=0.01), Keeper())
    registry.begin(USER, first)
    with pytest.raises(Conflict):
        registry.begin(USER, make_turn(Provider(), Keeper()))
    registry.begin("somebody-else", make_turn(Provider(), Keeper()))
    await registry.stop_all()


async def test_shutdown_tells_open_streams_to_try_again() -> None:
    registry = TurnRegistry()
    turn = make_turn(Provider(1000, pause=0.01), Keeper())
    registry.begin(USER, turn)
    reading = asyncio.create_task(read(turn))
    await asyncio.sleep(0.05)
    await registry.stop_all()
    assert (await reading)[-1] == "error"


async def test_reader_that_stalls_holds_the_provider_back() -> None:
    registry, provider = TurnRegistry(), Provider(100_000)
    turn = make_turn(provider, Keeper())
    registry.begin(USER, turn)
    events = events_of(turn)
    await anext(events)
    await asyncio.sleep(0.3)
    # Bounded by bytes, not by the answer's length.
    assert turn.held_bytes <= HELD_BYTES + 1000
    await events.aclose()  # type: ignore[attr-defined]
    await turn.wait()


async def test_lost_line_is_resumed_where_it_broke_and_the_provider_is_asked_once() -> None:
    registry, provider, keeper = TurnRegistry(), Provider(50, pause=0.005), Keeper()
    turn = make_turn(provider, keeper, resumable=True)
    registry.begin(USER, turn)
    first = events_of(turn)
    seen = [await anext(first) for _ in range(5)]
    await first.aclose()  # type: ignore[attr-defined]
    await asyncio.sleep(0.05)
    assert registry.find(USER, "r1") is turn
    seen += [numbered async for numbered in events_of(turn, after=5)]
    assert [number for number, _ in seen] == list(range(1, 54))
    assert seen[-1][1].type == "done"
    assert (provider.asked, provider.closed_early, len(keeper.kept)) == (1, False, 1)


async def test_turn_is_resumed_after_its_end_too() -> None:
    registry = TurnRegistry()
    turn = make_turn(Provider(), Keeper(), resumable=True)
    registry.begin(USER, turn)
    assert len([numbered async for numbered in events_of(turn)]) == 6
    again = registry.find(USER, "r1")
    assert again is turn
    assert [event.type async for _, event in events_of(turn, after=4)] == ["check", "done"]
    registry.refuse_if_running(USER, "r1")


async def test_reader_that_does_not_come_back_in_time_is_a_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.api.turns.RESUME_S", 0.05)
    registry, provider, keeper = TurnRegistry(), Provider(1000, pause=0.01), Keeper()
    turn = make_turn(provider, keeper, resumable=True)
    registry.begin(USER, turn)
    events = events_of(turn)
    await anext(events)
    await events.aclose()  # type: ignore[attr-defined]
    await asyncio.wait_for(turn.wait(), 2)
    assert provider.closed_early
    assert keeper.kept == []
    await asyncio.sleep(0.1)
    assert registry.find(USER, "r1") is None


async def test_second_reader_takes_the_place_of_the_first() -> None:
    registry = TurnRegistry()
    turn = make_turn(Provider(30, pause=0.01), Keeper(), resumable=True)
    registry.begin(USER, turn)
    older = asyncio.create_task(read(turn))
    await asyncio.sleep(0.05)
    newer = await read(turn)
    assert newer[0] == "start"
    assert newer[-1] == "done"
    assert "done" not in await older


async def test_stop_call_ends_a_turn_that_may_be_resumed() -> None:
    registry, provider = TurnRegistry(), Provider(1000, pause=0.01)
    turn = make_turn(provider, Keeper(), resumable=True)
    registry.begin(USER, turn)
    asyncio.get_running_loop().call_later(0.05, turn.stop)
    assert (await read(turn))[-1] == "stopped"
    assert provider.closed_early
