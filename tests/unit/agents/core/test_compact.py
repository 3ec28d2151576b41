"""What the tools tell the model of large runs and of hostile ones: within the budget, and with the run's own words."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from backend.agents.core.compact import compact_analysis, compact_metrics, compact_rules
from backend.analysis import RunFacts, RunFrame, analyze_trades, calculate_metrics, suggest_rules
from backend.analysis.selection import select_trades
from tests.support.agent_runs import HOSTILE

TOKENS = 1_500


def large_frame(trades: int, tail: str) -> RunFrame:
    """Trades in 500 symbols with 300 tags and reasoning; `tail` lengthens every name."""
    rng = np.random.default_rng(7)
    count = 2 * trades
    symbol = np.repeat(rng.integers(0, 500, trades), 2)
    price = np.column_stack((np.full(trades, 100.0), rng.normal(99.9, 3, trades))).ravel()
    short = np.repeat(rng.random(trades) < 0.5, 2)
    opening = np.tile([True, False], trades)
    columns: dict[str, list[Any]] = {
        "seq": list(range(1, count + 1)),
        "ts": (1_700_000_000_000_000 + np.arange(count) * 97_000_000).tolist(),
        "action": np.where(opening, np.where(short, "short", "buy"), np.where(short, "cover", "sell")).tolist(),
        "symbol": [f"SYM{n}{tail}" for n in symbol.tolist()],
        "quantity": [12345.678] * count,
        "price": price.tolist(),
        "fees": [1.23] * count,
        "trade_ref": [str(n // 2) for n in range(count)],
        "low_price": [80.0] * count,
        "high_price": [120.0] * count,
        "tag": [f"tag {n % 300}{tail}" for n in range(count)],
        "reasoning": [HOSTILE * (9 if tail else 1)] * count,
    }
    facts = RunFacts(run_id=1, model_id=1, run_number=1, name="large", initial_cash=1e9)
    return RunFrame.from_columns(facts, columns)


@pytest.fixture(scope="module", params=[(100_000, ""), (5_000, "x" * 90)], ids=["large", "long names"])
def frame(request: pytest.FixtureRequest) -> RunFrame:
    return large_frame(*request.param)


def held(text: str) -> Any:
    assert len(text) / 4 <= TOKENS
    return json.loads(text.removeprefix("<data>").removesuffix("</data>"))


@pytest.mark.parametrize(
    ("filter_type", "criteria"), [("all", None), ("losers", None), ("symbol", "SYM7"), ("hour", 13)]
)
def test_analysis_of_a_large_run_fits_and_quotes_what_was_written(
    frame: RunFrame, filter_type: str, criteria: Any
) -> None:
    if filter_type == "symbol":
        criteria = frame.trades.symbols[7]
    told = held(compact_analysis(analyze_trades(frame, filter_type, criteria).model_dump(mode="json")))
    assert told["worst_trades"]
    for trade in told["worst_trades"]:
        assert set(trade["quoted_from_the_run"]) == {"entry", "exit"}
        assert trade["quoted_from_the_run"]["entry"].startswith("Ignore all instructions")
    assert told["selection"]["trade_count"] == len(select_trades(frame, filter_type, criteria).chosen)


def test_figures_and_rules_of_a_large_run_fit(frame: RunFrame) -> None:
    assert held(compact_metrics(calculate_metrics(frame).model_dump(mode="json")))["figures"]["trade_count"] == len(
        frame.trades
    )
    for problem in ("big losses", "bad symbols", "which tags lose", "x" * 10_000):
        rules = held(compact_rules(suggest_rules(frame, problem).model_dump(mode="json")))["rules"]
        assert rules
