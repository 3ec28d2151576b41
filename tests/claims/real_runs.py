"""Real runs of this repository with what the tools answer about them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from backend.analysis import RunFrame, analyze_trades, calculate_metrics, suggest_rules
from backend.analysis.declared_numbers import declared_numbers
from backend.analysis.named_numbers import NamedNumber, ToolResult
from backend.analysis.steps import made_by
from backend.importers.base import ImportOptions
from backend.ingest.files import read_run
from backend.ingest.imported_frame import imported_frame

ROOT = Path(__file__).parents[2]
FILES = (
    "backend/local/demo/freqtrade-cvddivergence.json",
    "backend/local/demo/ai-trader-us-hourly-gpt-5-position.jsonl",
    "backend/local/demo/ai-trader-crypto-claude-3.7-sonnet.zip",
    "tests/data/imports/backtesting_py_goog.csv",
    "tests/data/imports/backtesting_py_eurusd.csv",
    "tests/data/imports/vectorbt_goog_trades.csv",
    "tests/data/imports/vectorbt_eurusd_trades.csv",
    "tests/data/imports/freqtrade_cvddivergence.json",
)


@dataclass(frozen=True)
class RealRun:
    """A run, the results of the tools about it, and the numbers these declare."""

    name: str
    frame: RunFrame
    results: tuple[ToolResult, ...]
    numbers: tuple[NamedNumber, ...]


@cache
def real_run(file: str) -> RealRun:
    """The run of a file of this repository."""
    path = ROOT / file
    run, _ = read_run(path.name, path.read_bytes(), None, ImportOptions(initial_cash=10_000.0))
    frame = imported_frame(run)
    answers = (analyze_trades(frame, "all"), calculate_metrics(frame, "all"), suggest_rules(frame, "losses"))
    names = ("analyze_trades", "calculate_metrics", "suggest_rules")
    results = tuple(
        ToolResult(name, f"call_{name}", one.model_dump(mode="json")) for name, one in zip(names, answers, strict=True)
    )
    numbers = tuple(number for one in results for number in made_by(declared_numbers(one.data)))
    return RealRun(path.stem, frame, results, numbers)


@cache
def more_results(file: str) -> tuple[ToolResult, ...]:
    """Eight tool calls about a run: what a long conversation has looked at."""
    run = real_run(file)
    frame = run.frame
    asked = (("winners", None), ("losers", None), ("largest_losses", 7), ("weekday", "Monday"), ("side", "long"))
    found = []
    for filter_type, criteria in asked:
        data = analyze_trades(frame, filter_type, criteria).model_dump(mode="json")
        found.append(ToolResult("analyze_trades", f"more_{filter_type}", data))
    return (*run.results, *found)
