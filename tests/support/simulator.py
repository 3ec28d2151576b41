"""A plain simulator that obeys pasted rules: one event at a time, with nothing of the replays' arithmetic.

The trader's function is executed as it is pasted. What it decides about a run's closed trades gives the trades not
taken, the net P&L at worst and at best, and what was merely resized or closed otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from backend.analysis import RunFrame
from backend.analysis.arrays import to_datetime

Pasted = Callable[[dict[str, Any], dict[str, Any]], Any]
DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Simulated:
    """`refused` are indices of trades; `low` and `high` the net P&L of each closed trade that was taken."""

    refused: list[int]
    low: dict[int, float]
    high: dict[int, float]

    @property
    def net_low(self) -> float:
        return math.fsum(self.low.values())

    @property
    def net_high(self) -> float:
        return math.fsum(self.high.values())


def pasted(code: str) -> Pasted:
    """What the trader gets by pasting the code into an empty module."""
    module: dict[str, Any] = {}
    exec(compile(code, "pasted", "exec"), module)
    functions = [value for name, value in module.items() if callable(value) and not name.startswith("__")]
    assert len(functions) == 1
    assert functions[0].__doc__
    return functions[0]


def simulate(frame: RunFrame, code: str) -> Simulated:
    """Run the run's closed trades under one pasted rule; its function's name says what kind of rule it is."""
    function = pasted(code)
    name = function.__name__
    if name == "allow_entry":
        refused = simulate_filter(frame, function)
        kept = {int(i): float(frame.trades.net_pnl[i]) for i in frame.trades.closed if i not in set(refused)}
        return Simulated(refused, kept, kept)
    if name == "position_size":
        sized = simulate_sizes(frame, function)
        return Simulated([], sized, sized)
    if name == "exit_due":
        return Simulated([], *simulate_time_limit(frame, function))
    sign = {"stop_price": -1, "target_price": 1}[name]
    return Simulated([], *simulate_price(frame, function, sign))


def asked_for(frame: RunFrame, i: int) -> dict[str, Any]:
    """A trade as the pasted functions see it."""
    t, p = frame.trades, frame.positions
    return {
        "symbol": t.symbols[t.symbol[i]], "side": "long" if t.side[i] > 0 else "short",
        "opened_at": to_datetime(t.opened_at[i]), "quantity": float(t.quantity[i]),
        "entry_price": float(t.entry_price[i]),
        "multiplier": float(t.multiplier[i]), "entry_tag": p.tag[t.entry_row[i]],
    }  # fmt: skip


def events_of(frame: RunFrame) -> list[tuple[int, int, int]]:
    """(when, 0 for an entry and 1 for an exit, trade); entries of an instant before its exits."""
    t = frame.trades
    return sorted(
        [(int(t.opened_at[i]), 0, int(i)) for i in t.closed] + [(int(t.closed_at[i]), 1, int(i)) for i in t.closed]
    )


def simulate_filter(frame: RunFrame, allow: Pasted) -> list[int]:
    """Feed the trades one event at a time, those that stay open too; indices of the closed ones refused."""
    t = frame.trades
    refused, taken = [], set()
    equity = peak = frame.facts.initial_cash or 0.0
    state: dict[str, Any] = {
        "day_pnl_low": 0.0, "trades_today": 0, "drawdown_pct": 0.0, "losing_streak": 0, "last_closed_at": None,
    }  # fmt: skip
    day, day_pnl = None, 0.0
    opened = [(int(t.opened_at[i]), 0, int(i)) for i in t.open]
    for at, kind, i in sorted([*events_of(frame), *opened]):
        if (today := to_datetime(at).date()) != day:
            day, day_pnl = today, 0.0
            state["day_pnl_low"], state["trades_today"] = 0.0, 0
        if kind == 0:
            state["open_trades"] = sum(bool(t.is_open[j]) or t.closed_at[j] > at for j in taken)
            if allow(asked_for(frame, i), dict(state)):
                taken.add(i)
                state["trades_today"] += 1
            elif not t.is_open[i]:
                refused.append(i)
        elif i in taken:
            state["losing_streak"] = state["losing_streak"] + 1 if t.net_pnl[i] < 0 else 0
            state["last_closed_at"] = to_datetime(at)
            day_pnl += float(t.net_pnl[i])
            equity += float(t.net_pnl[i])
            peak = max(peak, equity)
            state["day_pnl_low"] = min(state["day_pnl_low"], day_pnl)
            state["drawdown_pct"] = max(state["drawdown_pct"], (peak - equity) / peak * 100 if peak > 0 else 0.0)
    return refused


def simulate_sizes(frame: RunFrame, size: Pasted) -> dict[int, float]:
    """Net P&L of each closed trade at the size the function gives it."""
    t, p = frame.trades, frame.positions
    equity, net = frame.facts.initial_cash or 0.0, {}
    rows = sorted(
        (int(p.ts[i]), int(p.seq[i]), str(p.symbols[p.symbol[i]]), float(p.price[i]))
        for i in range(len(p))
        if p.price[i] > 0
    )
    seen: dict[str, _Watched] = {}
    shown = 0
    for at, kind, i in events_of(frame):
        while shown < len(rows) and rows[shown][0] < at:
            moment, _, symbol, price = rows[shown]
            seen.setdefault(symbol, _Watched(moment, price)).see(moment, price)
            shown += 1
        if kind == 0:
            watched = seen.get(t.symbols[t.symbol[i]])
            state = {"equity": equity, "volatility_pct": watched.volatility_pct() if watched else None}
            net[i] = float(t.net_pnl[i]) * size(asked_for(frame, i), state) / float(t.quantity[i])
        else:
            equity += net[i]
    return net


class _Watched:
    """The prices of one symbol as they come."""

    def __init__(self, began: int, price: float) -> None:
        self._began = self._last_at = began
        self._price, self._squares, self._changes = price, 0.0, -1  # the first price is no change

    def see(self, at: int, price: float) -> None:
        self._squares += math.log(price / self._price) ** 2
        self._price, self._last_at = price, at
        self._changes += 1

    def volatility_pct(self) -> float | None:
        days = (self._last_at - self._began) / DAY_US
        return math.sqrt(self._squares / days) * 100 if self._changes >= 10 and days > 0 else None


def simulate_price(frame: RunFrame, price_of: Pasted, sign: int) -> tuple[dict[int, float], dict[int, float]]:
    """(worst, best) net P&L of each closed trade with a stop (sign −1) or a target (1) at the price given."""
    t = frame.trades
    low, high = {}, {}
    for i in map(int, t.closed):
        price, side, net = price_of(asked_for(frame, i), {}), int(t.side[i]), float(t.net_pnl[i])
        at_price = side * (price - t.entry_price[i]) * t.quantity[i] * t.multiplier[i] - t.fees[i] - t.funding[i]
        furthest = t.low_price[i] if sign * side < 0 else t.high_price[i]
        near = 1e-12 * price
        ended_beyond = sign * side * (t.exit_price[i] - price) >= -near
        touched = sign * side * (furthest - price) >= -near
        outcomes = [at_price] if ended_beyond else [at_price, net] if touched else [net]
        low[i], high[i] = float(min(outcomes)), float(max(outcomes))
    return low, high


def simulate_time_limit(frame: RunFrame, due: Pasted) -> tuple[dict[int, float], dict[int, float]]:
    """(worst, best) net P&L of each closed trade, closed when due: at that moment's price, or within its extremes."""
    t, p = frame.trades, frame.positions
    prices = {(p.symbol[i], int(p.ts[i])): float(p.price[i]) for i in range(len(p)) if not math.isnan(p.price[i])}
    low, high = {}, {}
    for i in map(int, t.closed):
        moment = _first_due(due, asked_for(frame, i), int(t.opened_at[i]), int(t.closed_at[i]))
        if moment is None:
            low[i] = high[i] = float(t.net_pnl[i])
            continue
        known = prices.get((t.symbol[i], moment))
        edges: Iterable[float] = (t.low_price[i], t.high_price[i]) if known is None else (known,)
        size, costs = t.side[i] * t.quantity[i] * t.multiplier[i], t.fees[i] + t.funding[i]
        ends = [float(size * (edge - t.entry_price[i]) - costs) for edge in edges]
        low[i], high[i] = min(ends), max(ends)
    return low, high


def _first_due(due: Pasted, trade: dict[str, Any], opened: int, closed: int) -> int | None:
    """The first microsecond before the trade's own end at which it is due; None if there is none."""
    if not due(trade, {"now": to_datetime(closed - 1)}):
        return None
    early, late = opened - 1, closed - 1
    while late - early > 1:
        middle = (early + late) // 2
        if due(trade, {"now": to_datetime(middle)}):
            late = middle
        else:
            early = middle
    return late
