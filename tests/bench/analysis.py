"""The analysis on runs of 1,000 to 1,000,000 positions: time of each tool cold and warm, memory, and peers.

Cold is from columns as the database answers with, to the tool's whole result (the database's own time is not in it);
warm is the tool again on the frame that is kept. Peers get the same trades and the same equity, in memory in the
form they want. backtesting.py and pyfolio-reloaded are installed for it; where they can't be they take no part.
"""

from __future__ import annotations

import gc
import importlib.util
import sys
import tracemalloc
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import ffn
import numpy as np
import pandas as pd

from backend.analysis import METRICS, RunFacts, RunFrame, analyze_trades, calculate_metrics, suggest_rules
from tests.bench.measure import Row, interleave
from tests.bench.peers import PeerUnavailable, add_peers

PEERS = ["backtesting==0.6.6", "pyfolio-reloaded==0.10.1"]
ROUNDS = 3
SIZES = (1_000, 10_000, 100_000, 1_000_000)
PEER_SIZES = (1_000, 10_000, 100_000)
SLOW_BEYOND = 10_000  # pyfolio-reloaded pairs round trips trade by trade
# What backtesting.py names as well, by whatever formula; it has ten of its own beside.
BOTH = (
    "duration_days", "exposure", "final_equity", "total_return", "benchmark_return", "volatility", "cagr", "sharpe",
    "sortino", "calmar", "max_drawdown", "longest_under_water", "trade_count", "win_rate", "largest_win",
    "largest_loss", "average_holding", "profit_factor", "expectancy", "sqn", "kelly",
)  # fmt: skip
FACTS = RunFacts(run_id=1, model_id=1, run_number=1, name="bench", initial_cash=100_000.0)
Tool = Callable[[RunFrame], object]
Contenders = dict[str, Callable[[], Awaitable[object]]]
TOOLS: dict[str, tuple[Tool, Tool]] = {
    "calculate_metrics": (calculate_metrics, calculate_metrics),
    "analyze_trades": (analyze_trades, lambda frame: analyze_trades(frame, "losers")),
    "suggest_rules": (
        lambda frame: suggest_rules(frame, "big losses"),
        lambda frame: suggest_rules(frame, "bad hours"),
    ),
}


def columns_of(positions: int, symbols: int = 10) -> dict[str, list[object]]:
    """A long-only run of round trips with random walks for prices."""
    random = np.random.default_rng(positions)
    trades = positions // 2
    symbol = random.integers(0, symbols, trades)
    entry = 100 * np.exp(random.normal(0, 0.1, trades))
    exit_ = entry * np.exp(random.normal(0, 0.02, trades))
    start = 1_700_000_000_000_000
    # However many, they span three years: the daily returns are as many for all.
    times = start + (np.arange(positions) * (3 * 365 * 86_400_000_000 / positions)).astype(np.int64)
    interleaved = np.column_stack((entry, exit_)).ravel()
    empty: list[object] = [None] * positions
    return {
        "seq": list(range(1, positions + 1)),
        "ts": times.tolist(),
        "action": ["buy", "sell"] * trades,
        "symbol": [f"SYM{n}" for n in np.repeat(symbol, 2).tolist()],
        "quantity": [1.0] * positions,
        "price": interleaved.tolist(),
        "fees": [0.05] * positions,
        "funding": [0.0] * positions,
        "trade_ref": [str(n) for n in np.repeat(np.arange(trades), 2).tolist()],
        **dict.fromkeys(
            ("realized_pnl", "low_price", "high_price", "cash", "equity", "holdings", "tag", "reasoning"), empty
        ),
    }


async def bench_analysis() -> AsyncIterator[list[Row]]:
    """Every tool cold and warm by size, with the peak of memory; then the peers."""
    try:
        add_peers(PEERS)
    except PeerUnavailable as error:
        print(f"without {', '.join(PEERS)}: {error}", file=sys.stderr)
    columns = {size: columns_of(size) for size in SIZES}
    for tool, (first, again) in TOOLS.items():
        frames: dict[int, RunFrame] = {}

        async def cold(size: int, first: Tool = first, frames: dict[int, RunFrame] = frames) -> None:
            frames[size] = RunFrame.from_columns(FACTS, columns[size])
            first(frames[size])

        async def warm(size: int, again: Tool = again, frames: dict[int, RunFrame] = frames) -> None:
            again(frames[size])

        for name, run in (("cold", cold), ("warm", warm)):
            contenders = {f"{tool}, {name}, {size:,} positions": _of(run, size) for size in SIZES}
            yield await interleave(contenders, ROUNDS)
    for size in SIZES:
        yield [Row(f"peak bytes a position, all tools, {size:,} positions", _peak_bytes(columns[size]) / size, [1.0])]
    for size in PEER_SIZES:
        for contenders in _peers(columns[size], size):
            yield await interleave(contenders, ROUNDS)


def _of(run: Callable[[int], Awaitable[None]], size: int) -> Callable[[], Awaitable[None]]:
    return lambda: run(size)


def _peak_bytes(columns: dict[str, list[object]]) -> int:
    """The most that reading a run and using every tool once took, beyond the columns themselves."""
    gc.collect()
    tracemalloc.start()
    frame = RunFrame.from_columns(FACTS, columns)
    for first, again in TOOLS.values():
        first(frame)
        again(frame)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def _peers(columns: dict[str, list[object]], size: int) -> list[Contenders]:
    """Ours first, on a run whose trades and equity are made, no figure of it kept; then who computes the same."""
    frame = RunFrame.from_columns(FACTS, columns)
    t, curve = frame.trades, frame.equity
    at = pd.to_datetime(t.closed_at[t.closed_in_order], unit="us")
    equity = pd.Series(100_000.0 + np.cumsum(t.net_pnl[t.closed_in_order]), index=at)
    days, closes = curve.daily
    daily = pd.Series(closes, index=pd.to_datetime(days, unit="D"))

    def ours(*groups: str) -> Callable[[], Awaitable[object]]:
        async def run() -> None:
            frame.cache.clear()
            for group in groups:
                calculate_metrics(frame, group)

        return run

    computed = [metric.compute for metric in METRICS if metric.name in BOTH]
    assert len(computed) == len(BOTH), "a figure has another name by now"

    async def ours_of_both() -> None:
        frame.cache.clear()
        for compute in computed:
            compute(frame)

    async def by_ffn() -> None:
        ffn.PerformanceStats(daily, annualization_factor=365)

    of_equity: Contenders = {
        f"figures of daily equity, {size:,} positions: ours": ours("returns", "risk", "ratios", "drawdown"),
        f"figures of daily equity, {size:,} positions: ffn": by_ffn,
    }
    whole: Contenders = {f"all figures, {size:,} positions: ours ({len(METRICS)})": ours("all")}
    of_both: Contenders = {f"figures of both, {size:,} positions: ours ({len(BOTH)})": ours_of_both}
    if importlib.util.find_spec("backtesting"):
        theirs = _backtesting_py(frame, equity)
        of_both[f"figures of both, {size:,} positions: backtesting.py (with 10 more)"] = theirs
        whole[f"all figures, {size:,} positions: backtesting.py (30)"] = theirs
    if importlib.util.find_spec("pyfolio") and size <= SLOW_BEYOND:
        whole[f"round trips alone, {size:,} positions: pyfolio-reloaded"] = _pyfolio(columns)
    return [of_equity, of_both, whole]


def _backtesting_py(frame: RunFrame, equity: pd.Series[float]) -> Callable[[], Awaitable[object]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from backtesting._stats import compute_stats
    t = frame.trades
    closed = t.closed_in_order
    # One bar for each closing, as its own engine would have at best.
    place = np.arange(len(closed))
    trades = pd.DataFrame(
        {
            "Size": t.quantity[closed], "EntryBar": np.maximum(place - 1, 0), "ExitBar": place,
            "EntryPrice": t.entry_price[closed], "ExitPrice": t.exit_price[closed], "PnL": t.net_pnl[closed],
            "Commission": t.fees[closed], "ReturnPct": t.return_pct[closed] / 100,
            "EntryTime": pd.to_datetime(t.opened_at[closed], unit="us"),
            "ExitTime": pd.to_datetime(t.closed_at[closed], unit="us"), "Tag": None,
        }
    )  # fmt: skip
    trades["Duration"] = trades["ExitTime"] - trades["EntryTime"]
    prices = pd.DataFrame({"Close": t.exit_price[closed], "Open": t.entry_price[closed]}, index=equity.index)

    async def run() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compute_stats(trades, equity.to_numpy(), prices, None)

    return run


def _pyfolio(columns: dict[str, list[Any]]) -> Callable[[], Awaitable[object]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyfolio import round_trips
    sign = np.where(np.array(columns["action"]) == "buy", 1.0, -1.0)
    fills = pd.DataFrame(
        {"amount": sign * np.array(columns["quantity"]), "price": columns["price"], "symbol": columns["symbol"]},
        index=pd.to_datetime(columns["ts"], unit="us", utc=True),
    )

    async def run() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return round_trips.extract_round_trips(fills, portfolio_value=None)

    return run
