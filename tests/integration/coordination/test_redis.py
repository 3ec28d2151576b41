"""What several workers share, by a real Redis: two registries and two sets of counts stand for two workers."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from backend.conversations.registry import TurnRegistry
from backend.conversations.states import State
from backend.conversations.turn import TurnTimes
from backend.coordination.counters import Rate
from backend.coordination.redis_counters import RedisCounters
from backend.coordination.redis_link import SharedStateUnavailable, connect
from backend.coordination.redis_turns import RedisBoard
from backend.coordination.turns import Claim
from backend.errors import Conflict, StoreUnavailable
from backend.store.conversations import NewAnswer
from tests.support.redis_server import RedisServer, require_redis
from tests.support.turn_parts import USER, Keeper, Provider, events_of, make_turn, numbered_in

pytestmark = pytest.mark.integration
KEY = (USER, "r1")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    require_redis()
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


class Worker:
    """A registry on a connection of its own, as a process of its own would have it."""

    def __init__(self, url: str, *, claim_s: float = 20.0, times: TurnTimes | None = None) -> None:
        self.client = connect(url)
        self.counters = RedisCounters(self.client)
        self.board = RedisBoard(self.client, claim_s=claim_s, renew_s=claim_s / 4)
        self.turns = TurnRegistry(self.board, times=times)

    async def close(self) -> None:
        await self.turns.close()
        await self.client.aclose()


@pytest.fixture
async def workers(server: RedisServer) -> AsyncIterator[tuple[Worker, Worker]]:
    one, two = Worker(server.url), Worker(server.url)
    await one.client.flushall()
    await one.turns.open()
    await two.turns.open()
    yield one, two
    await one.close()
    await two.close()


async def until(what: object, state: State) -> None:
    while what.state is not state:  # type: ignore[attr-defined]  # noqa: ASYNC110
        await asyncio.sleep(0.001)


async def test_request_is_claimed_by_one_worker_alone(workers: tuple[Worker, Worker]) -> None:
    one, two = workers
    taken = await asyncio.gather(
        *(worker.turns.claim(Claim(KEY)) for worker in (one, two, one, two)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in taken) == ["Conflict", "Conflict", "Conflict", "str"]


async def test_claim_is_free_again_when_its_turn_is_over(workers: tuple[Worker, Worker]) -> None:
    one, two = workers
    for first, second in ((one, two), (two, one)):
        assert await first.turns.claim(Claim(KEY)) == "claimed"
        turn = make_turn(Provider(), Keeper())
        first.turns.begin(USER, turn)
        assert [event.type async for _, event in events_of(turn)][-1] == "done"
        assert await second.turns.claim(Claim(KEY)) == "claimed"
        await second.turns.give_back(KEY)


async def test_stop_reaches_the_worker_that_holds_the_turn(workers: tuple[Worker, Worker]) -> None:
    one, two = workers
    await one.turns.claim(Claim(KEY))
    provider = Provider(10_000, pause=0.01)
    turn = make_turn(provider, Keeper())
    one.turns.begin(USER, turn)
    reading = asyncio.create_task(_types(turn))
    await asyncio.sleep(0.05)
    assert await two.turns.stop(KEY) == "stopped"
    assert provider.closed_early
    assert (await reading)[-1] == "stopped"
    assert await two.turns.stop((USER, "never-asked")) is None


async def test_stop_from_another_worker_while_saving_says_that_it_is_saved(workers: tuple[Worker, Worker]) -> None:
    one, two = workers
    await one.turns.claim(Claim(KEY))
    turn = make_turn(Provider(), Keeper(pause=0.2))
    one.turns.begin(USER, turn)
    reading = asyncio.create_task(_types(turn))
    await until(turn, State.SAVING)
    assert await two.turns.stop(KEY) == "saved"
    assert (await reading)[-1] == "done"


async def test_lost_line_is_resumed_on_another_worker(workers: tuple[Worker, Worker]) -> None:
    one, two = workers
    await one.turns.claim(Claim(KEY))
    provider, keeper = Provider(100, pause=0.005), Keeper()
    turn = make_turn(provider, keeper, resumable=True)
    one.turns.begin(USER, turn)
    first = events_of(turn)
    seen = [await anext(first) for _ in range(5)]
    await first.aclose()
    chunks = await two.turns.resume(KEY, "run:1", 5)
    assert chunks is not None
    async for chunk in chunks:
        seen += list(numbered_in(chunk))
    assert [number for number, _ in seen] == list(range(1, 104))
    assert seen[-1][1].type == "done"
    assert (provider.asked, len(keeper.kept)) == (1, 1)


async def test_turn_is_resumed_on_another_worker_after_its_end(workers: tuple[Worker, Worker]) -> None:
    one, two = workers
    await one.turns.claim(Claim(KEY))
    turn = make_turn(Provider(), Keeper(), resumable=True)
    one.turns.begin(USER, turn)
    assert len(await _types(turn)) == 6
    chunks = await two.turns.resume(KEY, "run:1", 4)
    assert chunks is not None
    events = [event.type async for chunk in chunks for _, event in numbered_in(chunk)]
    assert events == ["check", "done"]
    assert await two.turns.resume(KEY, "run:2", 4) is None
    assert await two.turns.resume(("somebody-else", "r1"), "run:1", 4) is None


async def test_two_resumes_on_two_workers_leave_one_reader(workers: tuple[Worker, Worker]) -> None:
    one, two = workers
    await one.turns.claim(Claim(KEY))
    provider, keeper = Provider(100, pause=0.01), Keeper()
    turn = make_turn(provider, keeper, resumable=True)
    one.turns.begin(USER, turn)

    async def read(worker: Worker) -> list[str]:
        chunks = await worker.turns.resume(KEY, "run:1", 0)
        assert chunks is not None
        return [event.type async for chunk in chunks for _, event in numbered_in(chunk)]

    both = await asyncio.gather(read(one), read(two))
    assert sorted("done" in types for types in both) == [False, True]
    assert (provider.asked, len(keeper.kept)) == (1, 1)


async def test_reader_that_leaves_the_other_worker_is_noticed_and_waited_for(server: RedisServer) -> None:
    times = TurnTimes(resume=1.0)
    one, two = Worker(server.url, times=times), Worker(server.url, times=times)
    await one.turns.open()
    await two.turns.open()
    try:
        await one.turns.claim(Claim(KEY))
        provider = Provider(100_000, pause=0.01)
        turn = make_turn(provider, Keeper(), resumable=True, times=times)
        one.turns.begin(USER, turn)
        chunks = await two.turns.resume(KEY, "run:1", 0)
        assert chunks is not None
        await anext(chunks)
        await chunks.aclose()  # type: ignore[attr-defined]
        await asyncio.wait_for(turn.wait(), 20)
        assert turn.state is State.STOPPED
        assert provider.closed_early
    finally:
        await one.close()
        await two.close()


async def test_unsaved_answer_is_saved_by_another_worker(workers: tuple[Worker, Worker]) -> None:
    one, two = workers
    await one.turns.claim(Claim(KEY))
    failing = Keeper(fails=StoreUnavailable("gone"))
    turn = make_turn(Provider(), failing)
    turn._save = one.turns.kept_while(KEY, failing.save)
    one.turns.begin(USER, turn)
    assert (await _types(turn))[-1] == "error"
    held = await two.turns.find_unsaved(KEY)
    assert held == NewAnswer(content="w0 w1 w2 ", checks=[])
    assert await two.turns.find_unsaved(("somebody-else", "r1")) is None
    assert await two.turns.claim(Claim(KEY)) == "claimed"
    keeper = Keeper()
    again = make_turn(Provider(), keeper)
    again._save = two.turns.kept_while(KEY, keeper.save)
    two.turns.begin(USER, again)
    assert (await _types(again))[-1] == "done"
    await two.turns.close()
    assert await one.board.find_unsaved(KEY) is None


async def test_streams_are_counted_over_all_workers(workers: tuple[Worker, Worker]) -> None:
    one, two = workers
    assert await one.turns.claim(Claim((USER, "a"), "1.2.3.4", user_limit=2, address_limit=3)) == "claimed"
    assert await two.turns.claim(Claim((USER, "b"), "1.2.3.4", user_limit=2, address_limit=3)) == "claimed"
    assert await one.turns.claim(Claim((USER, "c"), "1.2.3.4", user_limit=2, address_limit=3)) == "user_streams"
    assert await two.turns.claim(Claim(("x", "a"), "1.2.3.4", user_limit=2, address_limit=3)) == "claimed"
    assert await one.turns.claim(Claim(("y", "a"), "1.2.3.4", user_limit=2, address_limit=3)) == "address_streams"
    await two.turns.give_back((USER, "b"))
    assert await one.turns.claim(Claim((USER, "c"), "1.2.3.4", user_limit=2, address_limit=3)) == "claimed"


async def test_worker_that_died_loses_its_claims_by_itself(server: RedisServer) -> None:
    dead, alive = Worker(server.url, claim_s=0.5), Worker(server.url, claim_s=0.5)
    await alive.client.flushall()
    await alive.turns.open()
    # Never opened: nobody renews its claims.
    assert await dead.turns.claim(Claim(KEY, "1.2.3.4", user_limit=1)) == "claimed"
    with pytest.raises(Conflict):
        await alive.turns.claim(Claim(KEY, "1.2.3.4", user_limit=1))
    await asyncio.sleep(0.7)
    assert await alive.turns.claim(Claim(KEY, "1.2.3.4", user_limit=1)) == "claimed"
    # Renewed, it outlives its 0.5 s.
    await asyncio.sleep(1.2)
    assert await alive.client.exists(f"rundown:turn:{USER}:r1")
    await alive.close()
    await dead.client.aclose()


async def test_rates_and_sums_are_counted_together(workers: tuple[Worker, Worker]) -> None:
    one, two = workers
    rate = Rate(3, 60)
    taken = [await worker.counters.take([("a", rate)]) for worker in (one, two, one)]
    assert taken == [None, None, None]
    refused = await two.counters.take([("other", Rate(100, 60)), ("a", rate)])
    assert refused is not None
    assert refused.place == 1
    assert 15 < refused.wait_s <= 20
    await one.counters.add("tokens", 5, 3600)
    total = await two.counters.add("tokens", 7, 3600)
    assert total.amount == 12
    assert 3500 < total.left_s <= 3600
    assert (await one.counters.total("tokens")).amount == 12
    await two.counters.forget("a")
    assert await one.counters.take([("a", rate)]) is None


async def test_redis_that_is_gone_is_said_and_back_by_itself(tmp_path: Path) -> None:
    require_redis()
    with RedisServer(tmp_path) as server:
        worker = Worker(server.url, claim_s=1.0)
        await worker.turns.open()
        assert await worker.turns.is_ready()
        await worker.turns.claim(Claim((USER, "under-way")))
        server.kill()
        assert not await worker.turns.is_ready()
        with pytest.raises(SharedStateUnavailable):
            await worker.turns.claim(Claim(KEY))
        with pytest.raises(SharedStateUnavailable):
            await worker.turns.stop(KEY)
        # Limits are counted by the process alone meanwhile.
        taken = [await worker.counters.take([("a", Rate(2, 60))]) for _ in range(3)]
        assert [refusal is None for refusal in taken] == [True, True, False]
        server.start()
        assert await worker.turns.is_ready()
        assert await worker.turns.claim(Claim(KEY)) == "claimed"
        # What was claimed before is claimed again, though the new Redis knew nothing of it.
        await asyncio.sleep(0.8)
        assert await worker.client.exists(f"rundown:turn:{USER}:under-way")
        await worker.close()


async def _types(turn: object) -> list[str]:
    return [event.type async for _, event in events_of(turn)]  # type: ignore[arg-type]
