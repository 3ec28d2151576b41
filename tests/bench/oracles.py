"""Writes docs/oracles.md: what tools published of their own runs, beside our figures and the differences.

By hand: `.venv/bin/python -m tests.bench.oracles FOLDER > docs/oracles.md`; `tables` says what FOLDER is to hold.
"""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from backend.analysis import RunFrame, calculate_metrics
from backend.importers.base import ImportedPosition, ImportedRun, ImportOptions
from backend.ingest.files import read_run
from backend.ingest.imported_frame import imported_frame
from tests.support.oracle_runs import published_stats

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
_LEAN_EQUITY: tuple[Pair, ...] = (
    ("total_fees", "fees", 1), ("end_equity", "final_equity", 1), ("net_profit_pct", "total_return", 1),
    ("drawdown_pct", "max_drawdown", -1),
)  # fmt: skip
_METATRADER: tuple[Pair, ...] = (
    ("total_trades", "trade_count", 1), ("profit_trades", "win_count", 1), ("loss_trades", "loss_count", 1),
    ("total_net_profit", "net_pnl", 1), ("profit_factor", "profit_factor", 1), ("expected_payoff", "expectancy", 1),
    ("average_profit_trade", "average_win", 1), ("average_loss_trade", "average_loss", 1),
    ("largest_profit_trade", "largest_win", 1), ("largest_loss_trade", "largest_loss", 1),
    ("maximum_consecutive_wins", "longest_winning_streak", 1),
    ("maximum_consecutive_losses", "longest_losing_streak", 1),
)  # fmt: skip
# Of the balance, as ours is of the equity after each closing; MetaTrader 4 prints only that of floating equity.
_METATRADER_5: tuple[Pair, ...] = (*_METATRADER, ("balance_drawdown_maximal_pct", "max_drawdown", -1))
_PYFOLIO: tuple[Pair, ...] = (
    ("Cumulative returns", "total_return", 100), ("Annual volatility", "volatility", 100),
    ("Sharpe ratio", "sharpe", 1), ("Max drawdown", "max_drawdown", 100), ("Daily value at risk", "var_95", 100),
    ("Skew", "skew", 1), ("Kurtosis", "kurtosis", 1),
)  # fmt: skip
_TRADINGVIEW: tuple[Pair, ...] = (("cumulative_pnl_pct", "total_return", 1),)
_NAUTILUS: tuple[Pair, ...] = (
    ("PnL (total)", "net_pnl", 1), ("Win Rate", "win_rate", 100), ("Max Winner", "largest_win", 1),
    ("Max Loser", "largest_loss", 1), ("Avg Winner", "average_win", 1), ("Avg Loser", "average_loss", 1),
    ("Expectancy", "expectancy", 1), ("Total trades", "trade_count", 1),
)  # fmt: skip
_AI_TRADER: tuple[Pair, ...] = (("Final Value", "final_equity", 1), ("CR", "total_return", 100))
_HEAD = """\
# Published figures and ours

For each run whose tool printed figures that can be trusted: theirs, ours, and the difference. Every file is read by the
product's own importer. Written by `python -m tests.bench.oracles FOLDER` from run files that are not all in this
repository; published figures are rounded as they were.

Left out are figures that rest on another convention (the definitions in `/metrics` say ours): profit factor, Sharpe,
Sortino and CAGR of backtesting.py (of percentages, geometric, of 252 bars), the ratios of vectorbt (of its bars), and
placeholders (0.0 or −100 where a figure is undefined). Where a convention differs and the figure still says something:

- LEAN's statistics of trades are before fees, so the same run is also read with its fees set aside.
- backtesting.py's drawdown is of each bar's equity, which its trades don't hold: what it saved is put beside them.
- MetaTrader 4 rounds each row to cents and counts most rows of exactly zero among the wins (9 in `usdjpy_m5`; ours
  are neither), which moves the averages too; its drawdown is of floating equity and can't be had from the report.
- pyfolio prints nothing into these files: theirs is what empyrical's definitions give of the returns file, ours comes
  from the positions file. Ours carry weekdays without data, the exchange's holidays, as days of zero return; theirs
  leave them out, so what rests on the number of days differs.
"""


def read(path: Path, options: ImportOptions | None = None) -> ImportedRun:
    """A run file as the product's importers read it."""
    return read_run(path.name, path.read_bytes(), None, options or ImportOptions())[0]


def imported(path: Path) -> RunFrame:
    """The frame of a run file."""
    return imported_frame(read(path))


def freqtrade_stats(path: Path) -> dict[str, Any]:
    """What the result file says of its strategy."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            name = next(n for n in archive.namelist() if re.fullmatch(r"backtest-result-[\d_-]+\.json", Path(n).name))
            content = json.loads(archive.read(name))
    else:
        content = json.loads(path.read_text())
    return dict(next(iter(content["strategy"].values())))


def without_fees(path: Path) -> RunFrame:
    """A run with its fees set aside."""
    run = read(path)
    return imported_frame(replace(run, positions=[replace(row, fees=0.0, realized_pnl=None) for row in run.positions]))


def with_equity(trades: Path, equity: Path) -> RunFrame:
    """Trades of backtesting.py, and the equity of each bar as it saved it."""
    curve = pd.read_csv(equity, index_col=0, parse_dates=True)["Equity"]
    run = read(trades, ImportOptions(initial_cash=float(curve.iloc[0])))
    moments = pd.DatetimeIndex(curve.index)
    moments = moments.tz_localize("UTC") if moments.tz is None else moments.tz_convert("UTC")
    bars = [
        ImportedPosition(ts=moment.to_pydatetime(), action="hold", equity=float(value))
        for moment, value in zip(moments, curve, strict=True)
    ]
    return imported_frame(replace(run, positions=sorted([*run.positions, *bars], key=lambda row: row.ts)))


def pyfolio_run(folder: Path) -> RunFrame:
    """Transactions, positions and returns together, as they are uploaded."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(folder.glob("zipline__test_*.csv.gz")):
            archive.write(path, path.name)
    return imported_frame(read_run("zipline.zip", packed.getvalue(), None, ImportOptions())[0])


def _pyfolio_stats(path: Path) -> dict[str, float]:
    """What empyrical's definitions give of the daily returns."""
    returns = pd.read_csv(path, index_col=0).iloc[:, 0]
    grown = np.concatenate([[1.0], np.cumprod(1 + returns.to_numpy())])
    peak = np.maximum.accumulate(grown)
    return {
        "Cumulative returns": grown[-1] - 1,
        "Annual volatility": returns.std() * np.sqrt(252),
        "Sharpe ratio": returns.mean() / returns.std() * np.sqrt(252),
        "Max drawdown": (grown / peak - 1).min(),
        "Daily value at risk": float(np.percentile(returns, 5)),
        "Skew": float(returns.skew()),
        "Kurtosis": float(returns.kurt()),
    }


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
        frame = with_equity(path, Path(f"{base}_equity.csv"))
        yield table(path.name, frame, published_stats(Path(f"{base}_stats.txt")), _BACKTESTING)
    for path in sorted(folder.glob("generated/vbt_*_trades_records_readable.csv")):
        stated = published_stats(Path(str(path).replace("_trades_records_readable.csv", "_stats.txt")))
        frame = imported_frame(read(path, ImportOptions(initial_cash=stated["Start Value"])))
        yield table(path.name, frame, stated, _VECTORBT)
    yield from _reports(folder)


def _reports(folder: Path) -> Iterator[str]:
    """Reports that hold what their tool published: LEAN, Nautilus, MetaTrader, TradingView, and pyfolio's returns."""
    for path in sorted(folder.glob("lean/rsi-minutely__1983772575.json")):
        stated = json.loads(path.read_text())["totalPerformance"]["tradeStatistics"]
        yield table(f"{path.name}, fees set aside", without_fees(path), stated, _LEAN)
        yield table(path.name, imported(path), dict(read(path).published), _LEAN_EQUITY)
    for path in sorted(folder.glob("nautilus/EURUSD_188__positions.csv")):
        stats = json.loads(Path(str(path).replace("positions.csv", "performance_stats.json")).read_text())
        yield table(path.name, imported(path), {**stats["general"], **stats["pnls"]}, _NAUTILUS)
    for pattern, pairs in (
        ("metatrader4/*.htm", _METATRADER),
        ("metatrader5/*.html", _METATRADER_5),
        ("tradingview/*.csv", _TRADINGVIEW),
    ):
        for path in sorted(folder.glob(pattern)):
            run = read(path)
            yield table(path.name, imported_frame(run), dict(run.published), pairs)
    for path in sorted(folder.glob("pyfolio/zipline__test_returns.csv.gz")):
        yield table("zipline__test_txn, _pos and _returns", pyfolio_run(path.parent), _pyfolio_stats(path), _PYFOLIO)


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
