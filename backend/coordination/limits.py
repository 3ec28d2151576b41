"""How much one user and one address may ask for: requests, streams at once, tokens, money and uploads a day."""

from __future__ import annotations

from typing import Literal

from backend.coordination.counters import Counters, Rate
from backend.coordination.turns import Claim, ClaimOutcome, TurnKey
from backend.errors import TooManyRequests
from backend.settings import LimitValues

_MINUTE_S = 60.0
_DAY_S = 86_400.0
_MICRO = 1_000_000
# A stream that is refused may be asked for again when another has ended; nobody knows when.
_STREAM_WAIT_S = 5.0

Daily = Literal["tokens", "cost", "upload"]
_DAILY_TEXT: dict[Daily, tuple[str, str]] = {
    "tokens": ("token_limit", "The models' tokens of one day are used up"),
    "cost": ("cost_limit", "The models' cost of one day is used up"),
    "upload": ("upload_limit", "The uploads of one day are used up"),
}


class Limits:
    """Counts and refuses. Every refusal is a `TooManyRequests` whose code says which limit it is.

    An address may use `address_factor` times what a user may: several people share one. 0 is no limit.
    """

    def __init__(self, values: LimitValues, counters: Counters) -> None:
        self._values = values
        self._counters = counters
        self._daily: dict[Daily, int] = {
            "tokens": values.tokens_per_day,
            "cost": round(values.cost_usd_per_day * _MICRO),
            "upload": values.upload_bytes_per_day,
        }

    async def admit_address(self, address: str) -> None:
        """Count one request of an address, before anything is known of who asks."""
        await self._take(f"requests:address:{address}", self._values.requests_per_minute * self._values.address_factor)

    async def admit_user(self, user_id: str) -> None:
        """Count one request of a signed-in user."""
        await self._take(f"requests:user:{user_id}", self._values.requests_per_minute)

    async def admit_question(self, user_id: str, address: str) -> None:
        """Refuse a question whose asker has used up a day's tokens or money; what it uses is counted afterwards."""
        for what in ("tokens", "cost"):
            await self._check_day(what, user_id, address, 0)

    def claim(self, key: TurnKey, address: str) -> Claim:
        """The claim of a request, with how many streams there may be at once."""
        streams = self._values.streams
        return Claim(key, address, user_limit=streams, address_limit=streams * self._values.address_factor)

    def require_claimed(self, outcome: ClaimOutcome) -> None:
        """Refuse a request that was not claimed because there are too many streams."""
        if outcome in ("user_streams", "address_streams"):
            whose = "You have" if outcome == "user_streams" else "Your address has"
            raise TooManyRequests(
                f"{whose} too many answers under way at once. Wait for one to end, or stop one.",
                code="too_many_streams",
                retry_after=_STREAM_WAIT_S,
            )

    async def count_usage(self, user_id: str, address: str, *, tokens: int, cost_usd: float) -> None:
        """Add what the provider reported of one answer."""
        await self._add_day("tokens", user_id, address, max(tokens, 0))
        await self._add_day("cost", user_id, address, round(max(cost_usd, 0.0) * _MICRO))

    async def admit_upload(self, user_id: str, address: str, size: int) -> None:
        """Count an upload of `size` bytes, or refuse it."""
        await self._check_day("upload", user_id, address, size)
        await self._add_day("upload", user_id, address, size)

    async def _take(self, name: str, per_minute: int) -> None:
        if not per_minute:
            return
        refusal = await self._counters.take([(name, Rate(per_minute, _MINUTE_S))])
        if refusal is not None:
            raise TooManyRequests(
                f"That were more than {per_minute} requests in a minute. Wait a moment, then go on.",
                code="too_many_requests",
                retry_after=refusal.wait_s,
            )

    async def _check_day(self, what: Daily, user_id: str, address: str, more: int) -> None:
        for name, limit in self._names(what, user_id, address):
            total = await self._counters.total(name)
            if total.amount + more > limit or (not more and total.amount >= limit):
                code, text = _DAILY_TEXT[what]
                hours = max(total.left_s, 60) / 3600
                raise TooManyRequests(
                    f"{text}. There is room again in {hours:.1f} hours; whoever runs this server can raise the limit.",
                    code=code,
                    retry_after=max(total.left_s, 1.0),
                )

    async def _add_day(self, what: Daily, user_id: str, address: str, amount: int) -> None:
        if amount:
            for name, _ in self._names(what, user_id, address):
                await self._counters.add(name, amount, _DAY_S)

    def _names(self, what: Daily, user_id: str, address: str) -> list[tuple[str, int]]:
        """The sums to look at, each with its limit; none without a limit."""
        limit, factor = self._daily[what], self._values.address_factor
        sums = [(f"{what}:user:{user_id}", limit), (f"{what}:address:{address}", limit * factor)]
        return [(name, most) for name, most in sums if most]
