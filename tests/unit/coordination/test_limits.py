"""Each limit refuses with its own code, for a user and for an address, and says when there is room again."""

import pytest

from backend.coordination.counters import LocalCounters
from backend.coordination.limits import Limits
from backend.errors import TooManyRequests
from backend.settings import LimitValues


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def make_limits(clock: Clock | None = None, **values: float) -> Limits:
    none = {"requests_per_minute": 0, "streams": 0, "tokens_per_day": 0, "cost_usd_per_day": 0.0}
    rest = {"upload_bytes_per_day": 0, "sign_ins": 0, "address_factor": 2}
    return Limits(LimitValues(**{**none, **rest, **values}), LocalCounters(clock or Clock()))  # type: ignore[arg-type]


async def test_requests_of_a_user_and_of_an_address() -> None:
    clock = Clock()
    limits = make_limits(clock, requests_per_minute=3)
    for _ in range(3):
        await limits.admit_user("a")
    with pytest.raises(TooManyRequests) as refused:
        await limits.admit_user("a")
    assert (refused.value.code, refused.value.status, refused.value.retry_after) == ("too_many_requests", 429, 20.0)
    await limits.admit_user("b")
    for _ in range(6):
        await limits.admit_address("1.2.3.4")
    with pytest.raises(TooManyRequests):
        await limits.admit_address("1.2.3.4")
    clock.now += 20
    await limits.admit_user("a")


@pytest.mark.parametrize(
    ("values", "code"), [({"tokens_per_day": 1000}, "token_limit"), ({"cost_usd_per_day": 0.5}, "cost_limit")]
)
async def test_tokens_and_money_of_a_day(values: dict[str, float], code: str) -> None:
    clock = Clock()
    limits = make_limits(clock, **values)
    usage = {"tokens": 500, "cost_usd": 0.25}
    for _ in range(2):
        await limits.admit_question("a", "1.2.3.4")
        await limits.count_usage("a", "1.2.3.4", **usage)
    with pytest.raises(TooManyRequests) as refused:
        await limits.admit_question("a", "5.6.7.8")
    assert (refused.value.code, refused.value.retry_after) == (code, 86_400)
    # The address may twice as much as a user.
    for user in ("b", "c"):
        await limits.admit_question(user, "1.2.3.4")
        await limits.count_usage(user, "1.2.3.4", **usage)
    with pytest.raises(TooManyRequests):
        await limits.admit_question("d", "1.2.3.4")
    clock.now += 86_401
    await limits.admit_question("a", "1.2.3.4")


async def test_what_a_provider_reports_below_zero_gives_nothing_back() -> None:
    limits = make_limits(tokens_per_day=100, cost_usd_per_day=1.0)
    await limits.count_usage("a", "x", tokens=100, cost_usd=0.1)
    await limits.count_usage("a", "x", tokens=-105, cost_usd=-3)
    with pytest.raises(TooManyRequests):
        await limits.admit_question("a", "x")


async def test_uploads_of_a_day_are_refused_before_they_go_beyond() -> None:
    limits = make_limits(upload_bytes_per_day=100)
    await limits.admit_upload("a", "x", 60)
    with pytest.raises(TooManyRequests) as refused:
        await limits.admit_upload("a", "x", 41)
    assert refused.value.code == "upload_limit"
    await limits.admit_upload("a", "x", 40)


async def test_no_limit_counts_nothing() -> None:
    limits = make_limits(address_factor=0, requests_per_minute=1)
    for _ in range(10):
        await limits.admit_address("x")
    limits = make_limits()
    for _ in range(10):
        await limits.admit_user("a")
        await limits.admit_question("a", "x")
        await limits.admit_upload("a", "x", 10**12)
    assert limits.claim(("a", "r"), "x").user_limit == 0
