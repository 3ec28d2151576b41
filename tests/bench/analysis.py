"""CPU of the analysis on runs of 1,000 to 100,000 positions: ratios to the smallest show whether it stays linear."""

from __future__ import annotations

import asyncio

import numpy as np

from backend.analysis import RunFacts, RunFrame, analyze_trades, calculate_metrics
from tests.bench.measure import Row, interleave

ROUNDS = 3
SIZES = (1_000, 10_000, 100_000)


def columns_of(positions: int) -> dict[str, list[object]]:
    """A long-only run of round trips in ten symbols with random walks for prices."""
    random = np.random.default_rng(positions)
    trades = positions // 2
    symbols = random.integers(0, 10, trades)
    entry = 100 * np.exp(random.normal(0, 0.1, trades))
    exit_ = entry * np.exp(random.normal(0, 0.02, trades))
    start = 1_700_000_000_000_000
    times = start + np.arange(positions) * 600_000_000
    interleaved = np.column_stack((entry, exit_)).ravel()
    empty: list[object] = [None] * positions
    return {
        "seq": list(range(1, positions + 1)),
        "ts": times.tolist(),
        "action": ["buy", "sell"] * trades,
        "symbol": [f"SYM{n}" for n in np.repeat(symbols, 2).tolist()],
        "quantity": [1.0] * positions,
        "price": interleaved.tolist(),
        "fees": [0.05] * positions,
        "funding": [0.0] * positions,
        "trade_ref": [str(n) for n in np.repeat(np.arange(trades), 2).tolist()],
        **dict.fromkeys(
            ("realized_pnl", "low_price", "high_price", "cash", "equity", "holdings", "tag", "reasoning"), empty
        ),
    }


def bench_analysis() -> list[Row]:
    """Cold: frame, trades, all metrics and the whole analysis. Warm: the analysis again on a frame that is cached."""
    rows: list[Row] = []
    facts = RunFacts(run_id=1, model_id=1, run_number=1, name="bench", initial_cash=100_000.0)
    columns = {size: columns_of(size) for size in SIZES}
    frames: dict[int, RunFrame] = {}

    def cold(size: int) -> None:
        frame = RunFrame.from_columns(facts, columns[size])
        calculate_metrics(frame)
        analyze_trades(frame)
        frames[size] = frame

    async def run_cold(size: int) -> None:
        cold(size)

    async def run_warm(size: int) -> None:
        analyze_trades(frames[size], "losers")

    for name, run in (("cold", run_cold), ("warm", run_warm)):
        contenders = {f"analysis, {name}, {size:,} positions": (lambda size=size, run=run: run(size)) for size in SIZES}
        rows += asyncio.run(interleave(contenders, ROUNDS))
    return rows
