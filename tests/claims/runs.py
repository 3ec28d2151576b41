"""Runs to test verdicts on: without any structure, in ten kinds, and with one planted filter of a given strength."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from backend.analysis import RunFacts, RunFrame
from backend.analysis.arrays import FloatArray, IntArray
from backend.analysis.chance import sample_of

_START = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp())
_HOUR = 3_600
_LENGTHS = (80, 150, 300, 600)
PLANTED = ("symbol", "side", "tag", "weekday", "hour")
Draw = Callable[[np.random.Generator, "Entries"], FloatArray]


@dataclass(frozen=True)
class Entries:
    """Entries by time (hours from a Monday), their length in hours and what is known of them."""

    at: FloatArray
    hours: FloatArray
    symbol: IntArray
    long: IntArray
    tag: IntArray
    quantity: FloatArray

    def __len__(self) -> int:
        return len(self.at)

    @property
    def day(self) -> IntArray:
        """Day of the entry, from 0."""
        return np.floor(self.at / 24).astype(np.int64)


def _entries(rng: np.random.Generator, count: int, *, clustered: bool = False) -> Entries:
    """Entries over half a year to two years; `clustered` puts them in bursts of up to eight within a few hours."""
    span = float(rng.uniform(180, 700)) * 24
    if clustered:
        bursts = rng.uniform(0, span, max(count // 4, 8))
        at = bursts[rng.integers(0, len(bursts), count)] + rng.exponential(1.5, count)
    else:
        at = rng.uniform(0, span, count)
    return Entries(
        at=np.round(np.sort(at), 2),
        hours=np.round(rng.exponential(rng.uniform(0.5, 12), count) + 0.05, 2),
        symbol=rng.choice(4, count, p=rng.dirichlet(np.full(4, 4.0))),
        long=rng.integers(0, 2, count),
        tag=rng.choice(3, count, p=rng.dirichlet(np.full(3, 4.0))),
        quantity=np.round(rng.lognormal(2.2, 0.3, count), 2),
    )


def _normal(rng: np.random.Generator, entries: Entries, mean: float = 0.0) -> FloatArray:
    return rng.normal(mean, 1.0, len(entries))


def _losing(rng: np.random.Generator, entries: Entries) -> FloatArray:
    return _normal(rng, entries, -0.2)


def _winning(rng: np.random.Generator, entries: Entries) -> FloatArray:
    return _normal(rng, entries, 0.15)


def _lucky(rng: np.random.Generator, entries: Entries) -> FloatArray:
    """Nothing in it, and yet it ended well."""
    results = _normal(rng, entries)
    return results if results.sum() > 0 else -results


def _fat_tails(rng: np.random.Generator, entries: Entries) -> FloatArray:
    return rng.standard_t(2.2, len(entries)) - 0.15


def _days_alike(rng: np.random.Generator, entries: Entries) -> FloatArray:
    """What is opened on one day shares its luck."""
    days = rng.normal(0, 1, int(entries.day.max()) + 1)
    return 0.8 * days[entries.day] + rng.normal(-0.1, 0.6, len(entries))


def _unequal(rng: np.random.Generator, entries: Entries) -> FloatArray:
    """Symbols, hours of the day and times that move more than others."""
    scale = np.array([0.2, 0.5, 1.0, 3.0])[entries.symbol] * np.where(entries.at % 24 < 8, 2.0, 0.6)
    return rng.normal(0, 1, len(entries)) * scale * np.exp(0.7 * np.sin(entries.at / 900)) - 0.05


def _lottery(rng: np.random.Generator, entries: Entries) -> FloatArray:
    """Many small losses, few large wins."""
    return np.where(rng.random(len(entries)) < 0.06, rng.uniform(8, 18, len(entries)), -1.0) + rng.normal(
        0, 0.05, len(entries)
    )


def _pennies(rng: np.random.Generator, entries: Entries) -> FloatArray:
    """Many small wins, few large losses."""
    return -_lottery(rng, entries) - 0.3


def _sized(rng: np.random.Generator, entries: Entries) -> FloatArray:
    """The same return on very different sizes, losing on average."""
    return rng.normal(-0.2, 1.0, len(entries)) * entries.quantity / 9


def _stops(rng: np.random.Generator, entries: Entries) -> FloatArray:
    """A driftless walk that ends at a stop of 1 or a target of 2; how long it takes goes with how it ends."""
    won = rng.random(len(entries)) < 1 / 3
    entries.hours[:] = np.round(np.where(won, rng.gamma(3, 4, len(entries)), rng.gamma(2, 2, len(entries))) + 0.1, 2)
    return np.where(won, 2.0, -1.0) + rng.normal(0, 0.03, len(entries))


NOISE: dict[str, tuple[Draw, bool]] = {
    "losing": (_losing, False),
    "winning": (_winning, False),
    "winning by luck": (_lucky, False),
    "fat tails": (_fat_tails, False),
    "clustered, days alike": (_days_alike, True),
    "unequal variances": (_unequal, True),
    "many small losses": (_lottery, False),
    "many small wins": (_pennies, True),
    "sizes apart": (_sized, False),
    "stop and target": (_stops, False),
}


def noise(kind: str, seed: int) -> RunFrame:
    """A run without structure; independent across days."""
    draw, clustered = NOISE[kind]
    rng = np.random.default_rng([seed, list(NOISE).index(kind)])
    entries = _entries(rng, int(rng.choice(_LENGTHS)), clustered=clustered)
    return _frame(rng, entries, 20 * draw(rng, entries))


def planted(where: str, strength: float, seed: int) -> tuple[RunFrame, float, list[dict[str, object]]]:
    """(run in which one filter would have paid off, the z of that filter in it, the parameters that name it).

    `strength` is the z expected; the one drawn lies around it.
    """
    rng = np.random.default_rng([seed, PLANTED.index(where), 77])
    entries = _entries(rng, int(rng.choice([150, 300, 600])))
    inside, names = {
        "symbol": (entries.symbol == 2, [{"symbols": ["S2"]}]),
        "side": (entries.long == 0, [{"side": "long"}]),
        "tag": (entries.tag == 1, [{"tags": ["t1"]}]),
        "weekday": (entries.day % 7 == 3, [{"weekdays": ["Thursday"]}]),
        "hour": (np.floor(entries.at % 24).astype(int) // 3 == 4, [{"hours": [12, 13, 14]}]),
    }[where]
    share = inside.mean()
    apart = strength / np.sqrt(len(entries) * share * (1 - share))
    results = rng.normal(0, 1, len(entries)) + apart * (share - inside)
    frame = _frame(rng, entries, 20 * results)
    return frame, sample_of(frame).score(inside.astype(np.float64)).z, names


def _frame(rng: np.random.Generator, entries: Entries, net: FloatArray) -> RunFrame:
    """A run of 100,000 that made these results, with price extremes around each trade."""
    count = len(entries)
    side = np.where(entries.long == 1, 1.0, -1.0)
    exit_price = 1_000 + side * net / entries.quantity
    low = np.minimum(1_000, exit_price) - np.abs(rng.normal(0, 0.5, count)) * 20 / entries.quantity
    high = np.maximum(1_000, exit_price) + np.abs(rng.normal(0, 0.5, count)) * 20 / entries.quantity
    opened = _START + np.round(entries.at * _HOUR).astype(np.int64)
    closed = opened + np.round(entries.hours * _HOUR).astype(np.int64)
    ts = np.concatenate([opened, closed]) * 1_000_000
    order = np.argsort(ts, kind="stable")
    actions = np.where(entries.long == 1, "buy", "short"), np.where(entries.long == 1, "sell", "cover")
    nothing = np.full(count, np.nan)

    def both(opening: np.ndarray, closing: np.ndarray) -> list[object]:
        joined: list[object] = np.concatenate([opening, closing])[order].tolist()
        return joined

    symbols, tags = np.char.add("S", entries.symbol.astype(str)), np.char.add("t", entries.tag.astype(str))
    refs = np.arange(count).astype(str)
    columns = {
        "seq": list(range(1, 2 * count + 1)),
        "ts": ts[order].tolist(),
        "action": both(*actions),
        "symbol": both(symbols, symbols),
        "quantity": both(entries.quantity, entries.quantity),
        "price": both(np.full(count, 1_000.0), exit_price),
        "trade_ref": both(refs, refs),
        "tag": both(tags, tags),
        "low_price": both(nothing, low),
        "high_price": both(nothing, high),
    }
    facts = RunFacts(run_id=1, model_id=1, run_number=1, name="A run", initial_cash=100_000.0)
    return RunFrame.from_columns(facts, columns)
