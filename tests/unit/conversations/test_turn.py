"""Each turn ends in exactly one of done, stopped and error, and what was paid for is kept."""

import asyncio

import pytest

from backend.agents.core.events import ChatEvent, ErrorEvent
from backend.conversations.event_log import HELD_BYTES
from backend.conversations.registry import TurnRegistry
from backend.conversations.states import State
from backend.conversations.turn import Turn, TurnTimes
from backend.coordination.turns import Claim
from backend.errors import Conflict, StoreUnavailable
from tests.support.turn_parts import USER, Keeper, Provider, events_of, make_turn, read


async def last_event(turn: Turn) -> ChatEvent:
    return [event async for _, event in events_of(turn)][-1]


async def until(turn: Turn, state: State) -> None:
    while turn.state is not state:  # noqa: ASYNC110 - a state can only be asked for
        await asyncio.sleep(0.001)


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
    await events.aclose()
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
    await events.aclose()
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
    held = await registry.find_unsaved((USER, "r1"))
    assert held is not None
    assert held.content == "w0 w1 w2 "
    assert await registry.find_unsaved(("somebody-else", "r1")) is None


async def test_unsaved_answer_is_held_for_ten_minutes() -> None:
    now = 1000.0
    registry = TurnRegistry(clock=lambda: now)
    turn = make_turn(Provider(), Keeper(fails=StoreUnavailable("The database can't be reached.")))
    registry.begin(USER, turn)
    await read(turn)
    await turn.wait()
    now += 599.0
    assert await registry.find_unsaved((USER, "r1")) is not None
    now += 2.0
    assert await registry.find_unsaved((USER, "r1")) is None


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
    assert await registry.claim(Claim((USER, "r1"))) == "claimed"
    turn = make_turn(Provider(1000, pause=0.01), Keeper())
    registry.begin(USER, turn)
    with pytest.raises(Conflict) as refused:
        await registry.claim(Claim((USER, "r1")))
    assert refused.value.code == "request_in_flight"
    assert await registry.claim(Claim(("somebody-else", "r1"))) == "claimed"
    turn.stop()
    await turn.wait()
    assert await registry.claim(Claim((USER, "r1"))) == "claimed"


async def test_request_whose_turn_just_ended_is_taken_on_again() -> None:
    registry = TurnRegistry()
    await registry.claim(Claim((USER, "r1")))
    turn = make_turn(Provider(), Keeper())
    registry.begin(USER, turn)
    assert (await read(turn))[-1] == "done"
    assert await registry.claim(Claim((USER, "r1"))) == "claimed"


async def test_claim_that_is_given_back_leaves_nothing() -> None:
    registry = TurnRegistry()
    for _ in range(3):
        assert await registry.claim(Claim((USER, "r1"), "1.2.3.4", user_limit=1, address_limit=1)) == "claimed"
        await registry.give_back((USER, "r1"))


async def test_streams_of_a_user_and_of_an_address_are_counted() -> None:
    registry = TurnRegistry()
    first = Claim((USER, "r1"), "1.2.3.4", user_limit=1, address_limit=2)
    assert await registry.claim(first) == "claimed"
    assert await registry.claim(Claim((USER, "r2"), "5.6.7.8", user_limit=1, address_limit=2)) == "user_streams"
    assert await registry.claim(Claim(("b", "r1"), "1.2.3.4", user_limit=1, address_limit=2)) == "claimed"
    assert await registry.claim(Claim(("c", "r1"), "1.2.3.4", user_limit=1, address_limit=2)) == "address_streams"
    await registry.give_back(first.key)
    assert await registry.claim(Claim(("c", "r1"), "1.2.3.4", user_limit=1, address_limit=2)) == "claimed"


async def test_shutdown_tells_open_streams_to_try_again() -> None:
    registry, provider = TurnRegistry(), Provider(1000, pause=0.01)
    turn = make_turn(provider, Keeper())
    registry.begin(USER, turn)
    reading = asyncio.create_task(last_event(turn))
    await asyncio.sleep(0.05)
    await registry.close()
    told = await reading
    assert isinstance(told, ErrorEvent)
    assert (told.code, told.retryable) == ("shutting_down", True)
    assert (turn.state, provider.closed_early) == (State.FAILED, True)


async def test_shutdown_while_saving_waits_for_it() -> None:
    registry, keeper = TurnRegistry(), Keeper(pause=0.1)
    turn = make_turn(Provider(), keeper)
    registry.begin(USER, turn)
    reading = asyncio.create_task(read(turn))
    await until(turn, State.SAVING)
    await registry.close()
    assert (await reading)[-1] == "done"
    assert len(keeper.kept) == 1


async def test_turn_that_is_stopped_before_its_first_step_still_ends_its_stream() -> None:
    registry = TurnRegistry()
    turn = make_turn(Provider(), Keeper())
    registry.begin(USER, turn)
    assert turn.stop()
    assert await read(turn) == ["stopped"]


async def test_stop_call_while_saving_says_that_it_is_saved() -> None:
    registry, keeper = TurnRegistry(), Keeper(pause=0.05)
    turn = make_turn(Provider(), keeper)
    registry.begin(USER, turn)
    reading = asyncio.create_task(read(turn))
    await until(turn, State.SAVING)
    assert await registry.stop((USER, "r1")) == "saved"
    assert (await reading)[-1] == "done"
    assert await registry.stop((USER, "r1")) is None


async def test_stop_call_while_saving_fails_does_not_say_that_it_is_saved() -> None:
    registry = TurnRegistry()
    turn = make_turn(Provider(), Keeper(fails=StoreUnavailable("gone"), pause=0.05))
    registry.begin(USER, turn)
    reading = asyncio.create_task(last_event(turn))
    await until(turn, State.SAVING)
    assert await registry.stop((USER, "r1")) == "over"
    told = await reading
    assert isinstance(told, ErrorEvent)
    assert (told.code, turn.state) == ("save_failed", State.UNSAVED)


async def test_reader_that_stays_behind_ends_the_turn_with_the_reason() -> None:
    provider = Provider(100_000)
    turn = make_turn(provider, Keeper(), times=TurnTimes(slow_reader=0.05))
    TurnRegistry().begin(USER, turn)
    events = events_of(turn)
    await anext(events)
    await asyncio.wait_for(turn.wait(), 10)
    told = [event async for _, event in events][-1]
    assert isinstance(told, ErrorEvent)
    assert (told.code, told.retryable, turn.state) == ("slow_reader", True, State.FAILED)
    assert provider.closed_early


async def test_answer_that_takes_too_long_in_all_ends_with_the_reason() -> None:
    provider = Provider(1_000_000, pause=0.001)
    turn = make_turn(provider, Keeper(), times=TurnTimes(whole=0.05))
    TurnRegistry().begin(USER, turn)
    told = await last_event(turn)
    assert isinstance(told, ErrorEvent)
    assert (told.code, turn.state, provider.closed_early) == ("upstream_timeout", State.FAILED, True)


async def test_limit_of_the_whole_does_not_cut_saving() -> None:
    keeper = Keeper(pause=0.2)
    turn = make_turn(Provider(), keeper, times=TurnTimes(whole=0.1))
    TurnRegistry().begin(USER, turn)
    assert (await read(turn))[-1] == "done"
    assert len(keeper.kept) == 1


async def test_reader_that_stalls_holds_the_provider_back() -> None:
    registry, provider = TurnRegistry(), Provider(100_000)
    turn = make_turn(provider, Keeper())
    registry.begin(USER, turn)
    events = events_of(turn)
    await anext(events)
    await asyncio.sleep(0.3)
    # Bounded by bytes, not by the answer's length.
    assert turn.held_bytes <= HELD_BYTES + 1000
    await events.aclose()
    await turn.wait()


async def test_lost_line_is_resumed_where_it_broke_and_the_provider_is_asked_once() -> None:
    registry, provider, keeper = TurnRegistry(), Provider(50, pause=0.005), Keeper()
    turn = make_turn(provider, keeper, resumable=True)
    registry.begin(USER, turn)
    first = events_of(turn)
    seen = [await anext(first) for _ in range(5)]
    await first.aclose()
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


async def test_reader_that_does_not_come_back_in_time_is_a_stop() -> None:
    registry, provider, keeper = TurnRegistry(), Provider(1000, pause=0.01), Keeper()
    turn = make_turn(provider, keeper, resumable=True, times=TurnTimes(resume=0.05))
    registry.begin(USER, turn)
    events = events_of(turn)
    await anext(events)
    await events.aclose()
    assert turn.state is State.UNREAD
    await asyncio.wait_for(turn.wait(), 2)
    assert provider.closed_early
    assert keeper.kept == []
    await asyncio.sleep(0.1)
    assert registry.find(USER, "r1") is None


async def test_reader_that_comes_and_goes_again_is_waited_for_anew() -> None:
    registry = TurnRegistry()
    turn = make_turn(Provider(10_000, pause=0.01), Keeper(), resumable=True, times=TurnTimes(resume=0.3))
    registry.begin(USER, turn)
    for _ in range(3):
        events = events_of(turn)
        await anext(events)
        assert turn.state is State.ANSWERING
        await events.aclose()
        assert turn.state is State.UNREAD
        await asyncio.sleep(0.2)
    # Later than the first leaving's 0.3 s, sooner than the last one's.
    assert not turn.is_over
    await asyncio.wait_for(turn.wait(), 5)
    assert turn.state is State.STOPPED


async def test_two_resumes_at_once_leave_one_reader_and_one_answer() -> None:
    registry, provider, keeper = TurnRegistry(), Provider(60, pause=0.01), Keeper()
    turn = make_turn(provider, keeper, resumable=True)
    registry.begin(USER, turn)
    first = events_of(turn)
    await anext(first)
    await first.aclose()
    both = await asyncio.gather(read(turn), read(turn))
    assert sorted(types[-1] == "done" for types in both) == [False, True]
    assert (provider.asked, len(keeper.kept)) == (1, 1)


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
