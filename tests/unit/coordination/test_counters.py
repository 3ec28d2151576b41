"""Counts of one process, by a clock of our own."""

from backend.coordination.addresses import address_of
from backend.coordination.counters import LocalCounters, Rate


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_rate_gives_its_count_at_once_and_refills_evenly() -> None:
    clock = Clock()
    counters, rate = LocalCounters(clock), Rate(3, 60)
    for _ in range(3):
        assert await counters.take([("a", rate)]) is None
    refused = await counters.take([("a", rate)])
    assert refused is not None
    assert refused.wait_s == 20
    clock.now += 20
    assert await counters.take([("a", rate)]) is None
    assert await counters.take([("a", rate)]) is not None
    clock.now += 600
    taken = [await counters.take([("a", rate)]) for _ in range(4)]
    assert [refusal is None for refusal in taken] == [True, True, True, False]


async def test_refusal_names_its_rate_and_takes_of_none() -> None:
    counters = LocalCounters(Clock())
    wide, narrow = Rate(10, 60), Rate(1, 60)
    assert await counters.take([("wide", wide), ("narrow", narrow)]) is None
    for _ in range(50):
        refused = await counters.take([("wide", wide), ("narrow", narrow)])
        assert refused is not None
        assert refused.place == 1
    for _ in range(9):
        assert await counters.take([("wide", wide)]) is None


async def test_sum_begins_anew_after_its_period() -> None:
    clock = Clock()
    counters = LocalCounters(clock)
    assert (await counters.add("a", 5, 100)).amount == 5
    clock.now += 40
    total = await counters.add("a", 7, 100)
    assert (total.amount, total.left_s) == (12, 60)
    clock.now += 60
    assert (await counters.total("a")).amount == 0
    assert (await counters.add("a", 1, 100)).amount == 1


async def test_forgotten_rate_is_full_again() -> None:
    counters = LocalCounters(Clock())
    assert await counters.take([("a", Rate(1, 60))]) is None
    await counters.forget("a")
    assert await counters.take([("a", Rate(1, 60))]) is None


async def test_what_says_nothing_any_more_leaves_the_memory() -> None:
    clock = Clock()
    counters = LocalCounters(clock)
    for number in range(5000):
        await counters.take([(f"address-{number}", Rate(10, 60))])
        await counters.add(f"sum-{number}", 1, 60)
    clock.now += 3600
    for _ in range(5000):
        await counters.take([("last", Rate(10_000_000, 60))])
    assert len(counters._full_at) + len(counters._sums) < 10


def test_clients_of_one_ipv6_network_count_as_one() -> None:
    assert address_of("2001:db8:1:2:aaaa::1") == address_of("2001:db8:1:2:bbbb::2")
    assert address_of("2001:db8:1:3::1") != address_of("2001:db8:1:2::1")
    assert address_of("::ffff:10.0.0.1") == address_of("10.0.0.1") == "10.0.0.1"
    assert address_of(None) == "unknown"
