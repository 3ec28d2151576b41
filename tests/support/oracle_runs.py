"""Runs whose tools printed figures: backtesting.py and vectorbt files as run frames, and what they published."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from backend.analysis import RunFrame
from tests.support.factories import make_row, make_run

Published = dict[str, float]
_LINE = re.compile(r"^(?P<name>\S.*?)\s{2,}(?P<value>-?[\d.]+(?:e-?\d+)?)$", re.M)
_DURATION = re.compile(r"^(?P<name>\S.*?)\s{2,}(?P<days>\d+) days (?P<time>\d\d:\d\d:\d\d\S*)$", re.M)


def published_stats(path: Path) -> Published:
    """Numbers and durations (in seconds) of a printed statistics table; of a name that stands twice, the first."""
    text = path.read_text()
    found: Published = {}
    for line in _LINE.finditer(text):
        found.setdefault(line["name"], float(line["value"]))
    for line in _DURATION.finditer(text):
        length = pd.Timedelta(f"{line['days']} days {line['time']}")
        found.setdefault(line["name"], length.total_seconds())
    return found


def backtesting_py_run(trades: Path, equity: Path) -> RunFrame:
    """Closed trades (P&L net of commission) and the equity after each bar."""
    rows: list[dict[str, Any]] = []
    for i, trade in pd.read_csv(trades).iterrows():
        size, fees = float(trade["Size"]), float(trade.get("Commission", 0.0) or 0.0)
        opening, closing = ("buy", "sell") if size > 0 else ("short", "cover")
        shared: dict[str, Any] = {"quantity": abs(size), "trade_ref": str(i), "fees": fees / 2, "symbol": "RUN"}
        rows.append(make_row(opening, at=_utc(trade["EntryTime"]), price=float(trade["EntryPrice"]), **shared))
        closed = make_row(closing, at=_utc(trade["ExitTime"]), price=float(trade["ExitPrice"]), **shared)
        rows.append({**closed, "realized_pnl": float(trade["PnL"])})
    curve = pd.read_csv(equity, index_col=0, parse_dates=True)["Equity"]
    points = [make_row("hold", at=_utc(at), symbol="RUN", equity=float(value)) for at, value in curve.items()]
    return make_run(rows, points, initial_cash=float(curve.iloc[0]))


def vectorbt_run(trades: Path, initial_cash: float) -> RunFrame:
    """Trades as vectorbt's readable records give them; one still open is marked at its last price."""
    rows: list[dict[str, Any]] = []
    for _, trade in pd.read_csv(trades).iterrows():
        opening, closing = ("buy", "sell") if trade["Direction"] == "Long" else ("short", "cover")
        shared: dict[str, Any] = {"trade_ref": str(trade["Exit Trade Id"]), "symbol": "RUN"}
        entry, ended = _utc(trade["Entry Timestamp"]), _utc(trade["Exit Timestamp"])
        size, price = float(trade["Size"]), float(trade["Avg Exit Price"])
        bought = {"price": float(trade["Avg Entry Price"]), "fees": float(trade["Entry Fees"])}
        rows.append(make_row(opening, at=entry, quantity=size, **bought, **shared))
        if trade["Status"] == "Closed":
            sold = {"price": price, "fees": float(trade["Exit Fees"]), "realized_pnl": float(trade["PnL"])}
            rows.append(make_row(closing, at=ended, quantity=size, **sold, **shared))
        else:
            rows.append(make_row("hold", at=ended, price=price, symbol="RUN"))
    return make_run(rows, initial_cash=initial_cash)


def _utc(moment: Any) -> Any:
    at = pd.Timestamp(moment)
    return (at.tz_localize("UTC") if at.tzinfo is None else at.tz_convert("UTC")).to_pydatetime()
