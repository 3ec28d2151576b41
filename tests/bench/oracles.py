"""Writes docs/oracles.md: what tools published of their own runs, beside our figures and the differences.

By hand: `.venv/bin/python -m tests.bench.oracles FOLDER > docs/oracles.md`; `tables` says what FOLDER is to hold.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from backend.analysis import RunFrame, calculate_metrics
from backend.api.imports import read_run
from backend.importers.base import ImportOptions
from backend.store.runs import imported_frame
from tests.factories import make_row, make_run
from tests.oracle_runs import backtesting_py_run, published_stats, vectorbt_run

# (what the source calls it, our figure, what theirs is multiplied by)
Pair = tuple[str, str, float]
_FREQTRADE: tuple[Pair, ...] = (
    ("total_trades", "trade_count", 1), ("wins", "win_count", 1), ("losses", "loss_count", 1),
    ("draws", "breakeven_count", 1), ("profit_total_abs", "net_pnl", 1), ("profit_factor", "profit_factor", 1),
)  # fmt: skip
_BACKTESTING: tuple[Pair, ...] = (
    ("# Trades", "trade_count", 1), ("Win Rate [%]", "win_rate", 1), ("Equity Final [$]", "final_equity", 1),
    ("Return [%]", "total_return", 1), ("Max. Drawdown [%]", "max_drawdown", 1), ("Commissions [$]", "fees", 1),
    ("SQN", "sqn", 1), ("Kelly Criterion", "kelly", 1),
)  # fmt: skip
_VECTORBT: tuple[Pair, ...] = (
    ("Total Closed Trades", "trade_count", 1), ("Total Open Trades", "open_count", 1),
    ("Open Trade PnL", "open_pnl", 1), ("End Value", "final_equity", 1), ("Total Return [%]", "total_return", 1),
    ("Win Rate [%]", "win_rate", 1), ("Profit Factor", "profit_factor", 1),
    ("Expectancy", "expectancy", 1), ("SQN", "sqn", 1), ("Max Win Streak", "longest_winning_streak", 1),
    ("Max Loss Streak", "longest_losing_streak", 1),
)  # fmt: skip
_LEAN: tuple[Pair, ...] = (
    ("totalNumberOfTrades", "trade_count", 1), ("numberOfWinningTrades", "win_count", 1),
    ("numberOfLosingTrades", "loss_count", 1), ("totalProfitLoss", "net_pnl", 1), ("averageProfit", "average_win", 1),
    ("averageLoss", "average_loss", 1), ("largestProfit", "largest_win", 1), ("largestLoss", "largest_loss", 1),
    ("winRate", "win_rate", 100), ("profitFactor", "profit_factor", 1), ("profitLossRatio", "payoff_ratio", 1),
    ("averageMAE", "average_mae", 1), ("averageMFE", "average_mfe", 1),
    ("maxConsecutiveWinningTrades", "longest_winning_streak", 1),
    ("maxConsecutiveLosingTrades", "longest_losing_streak", 1),
)  # fmt: skip
_NAUTILUS: tuple[Pair, ...] = (
    ("PnL (total)", "net_pnl", 1), ("Win Rate", "win_rate", 100), ("Max Winner", "largest_win", 1),
    ("Max Loser", "largest_loss", 1), ("Avg Winner", "average_win", 1), ("Avg Loser", "average_loss", 1),
    ("Expectancy", "expectancy", 1), ("Total trades", "trade_count", 1),
)  # fmt: skip
_AI_TRADER: tuple[Pair, ...] = (("Final Value", "final_equity", 1), ("CR", "total_return", 100))
_HEAD = """\
# Published figures and ours

For each run whose tool printed figures that can be trusted: theirs, ours, and the difference. Made by
`tests/bench/oracles.py` from run files that are not all in this repository; published figures are rounded as they were.
Left out are figures that rest on another convention (the definitions in `/metrics` say ours): profit factor, Sharpe,
Sortino and CAGR of backtesting.py (of percentages, geometric, of 252 bars), the ratios of vectorbt (of its bars), and
placeholders (0.0 or −100 where a figure is undefined). LEAN's statistics of trades are before fees, so its run is read
without them here. Nautilus gives rounded average prices, so each position's stated P&L is taken; its statistics of them
are what is compared. Reports of MetaTrader 4 and 5 are not compared yet.
"""


def imported(path: Path) -> RunFrame:
    """A file one of the importers reads."""
    run, _ = read_run(path.name, path.read_bytes(), None, ImportOptions())
    return imported_frame(run)


def freqtrade_stats(path: Path) -> dict[str, Any]:
    """What the result file says of its strategy."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            name = next(n for n in archive.namelist() if re.fullmatch(r"backtest-result-[\d_-]+\.json", Path(n).name))
            content = json.loads(archive.read(name))
    else:
        content = json.loads(path.read_text())
    return dict(next(iter(content["strategy"].values())))


def lean_run(path: Path) -> RunFrame:
    """Closed trades before fees, with the extremes their MAE and MFE imply."""
    trades = json.loads(path.read_text())["totalPerformance"]["closedTrades"]
    rows = []
    for i, trade in enumerate(trades):
        sign, size, entry = (1 if trade["direction"] == 0 else -1), abs(trade["quantity"]), trade["entryPrice"]
        worst, best = entry + sign * trade["mae"] / size, entry + sign * trade["mfe"] / size
        shared = {"quantity": size, "trade_ref": str(i), "symbol": trade["symbol"]["value"]}
        opening, closing = ("buy", "sell") if sign > 0 else ("short", "cover")
        rows.append(make_row(opening, at=_at(trade["entryTime"]), price=entry, **shared))
        ends = {"low_price": min(worst, best), "high_price": max(worst, best)}
        rows.append(make_row(closing, at=_at(trade["exitTime"]), price=trade["exitPrice"], **ends, **shared))
    return make_run(rows, initial_cash=100_000.0)


def nautilus_run(path: Path) -> RunFrame:
    """A positions report; the prices are rounded averages, so P&L is taken from `realized_pnl` by way of the fees."""
    rows = []
    for i, position in pd.read_csv(path).iterrows():
        opening, closing = ("buy", "sell") if position["entry"] == "BUY" else ("short", "cover")
        sign, size = (1 if opening == "buy" else -1), float(position["peak_qty"])
        entry, leaving = float(position["avg_px_open"]), float(position["avg_px_close"])
        net = float(str(position["realized_pnl"]).split()[0].replace("_", ""))
        shared = {"quantity": size, "trade_ref": str(i), "symbol": position["instrument_id"]}
        rows.append(make_row(opening, at=_at(position["ts_opened"]), price=entry, **shared))
        fees = sign * (leaving - entry) * size - net
        rows.append(make_row(closing, at=_at(position["ts_closed"]), price=leaving, fees=fees, **shared))
    return make_run(rows, initial_cash=100_000.0)


def _at(moment: str) -> Any:
    return pd.Timestamp(moment).tz_convert("UTC").to_pydatetime()


def tables(folder: Path) -> Iterator[str]:
    """One table for each run that is there."""
    for path in sorted(folder.glob("freqtrade/*")):
        if path.suffix in (".json", ".zip") and "meta" not in path.name and "testdata" not in path.name:
            yield table(path.name, imported(path), freqtrade_stats(path), _FREQTRADE)
    for path in sorted(folder.glob("ai-trader/crypto_performance_summary.csv")):
        stated = pd.read_csv(path).set_index("Agent").loc["claude-3.7-sonnet"].to_dict()
        demo = Path("backend/local/demo/ai-trader-crypto-claude-3.7-sonnet.zip")
        yield table(f"{demo.name} (CR has three decimals)", imported(demo), stated, _AI_TRADER)
    for path in sorted(folder.glob("generated/btpy_*_trades.csv")):
        base = str(path).removesuffix("_trades.csv")
        frame = backtesting_py_run(path, Path(f"{base}_equity.csv"))
        yield table(path.name, frame, published_stats(Path(f"{base}_stats.txt")), _BACKTESTING)
    for path in sorted(folder.glob("generated/vbt_*_trades_records_readable.csv")):
        stated = published_stats(Path(str(path).replace("_trades_records_readable.csv", "_stats.txt")))
        yield table(path.name, vectorbt_run(path, stated["Start Value"]), stated, _VECTORBT)
    others: tuple[tuple[str, Callable[[Path], RunFrame], Callable[[Path], dict[str, Any]], tuple[Pair, ...]], ...] = (
        ("lean/rsi-minutely__1983772575.json", lean_run, _lean_stats, _LEAN),
        ("nautilus/EURUSD_188__positions.csv", nautilus_run, _nautilus_stats, _NAUTILUS),
    )
    for name, read, stats, pairs in others:
        if (path := folder / name).exists():
            yield table(path.name, read(path), stats(path), pairs)


def _lean_stats(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text())["totalPerformance"]["tradeStatistics"])


def _nautilus_stats(path: Path) -> dict[str, Any]:
    stats = json.loads(Path(str(path).replace("positions.csv", "performance_stats.json")).read_text())
    return {**stats["general"], **stats["pnls"]}


def table(name: str, frame: RunFrame, stated: dict[str, Any], pairs: tuple[Pair, ...]) -> str:
    """Theirs, ours and the difference, figure by figure."""
    figures = calculate_metrics(frame).figures
    lines = [f"## {name}", "", "| theirs is called | ours | published | ours | difference |", "|---|---|--:|--:|--:|"]
    for theirs, ours, factor in pairs:
        value = figures[ours].value
        if theirs not in stated or not isinstance(value, (int, float)):
            continue
        published = float(stated[theirs]) * factor
        lines.append(f"| {theirs} | `{ours}` | {published:.10g} | {value:.10g} | {value - published:.2g} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print("\n\n".join([_HEAD.rstrip("\n"), *tables(Path(sys.argv[1]))]))
