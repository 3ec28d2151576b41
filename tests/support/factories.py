"""Plain builders: a trade as its two position rows, and a run of such rows, with the fewest words a test needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.analysis import RunFacts, RunFrame

START = datetime(2024, 1, 1, tzinfo=UTC)  # a Monday
COLUMNS = (
    "seq", "ts", "action", "symbol", "quantity", "price", "fees", "funding", "trade_ref", "realized_pnl", "low_price",
    "high_price", "stop_price", "cash", "equity", "holdings", "tag", "reasoning",
)  # fmt: skip


def make_row(action: str, *, at: float | datetime = 0.0, symbol: str = "BTC", **columns: Any) -> dict[str, Any]:
    """One position row; `at` in hours after START, or a moment."""
    moment = at if isinstance(at, datetime) else START + timedelta(hours=at)
    return {"ts": int(moment.timestamp() * 1_000_000), "action": action, "symbol": symbol, **columns}


def make_trade(
    net: float | None = None,
    *,
    side: str = "long",
    symbol: str = "BTC",
    at: float = 0.0,
    hours: float = 1.0,
    entry: float = 100.0,
    exit_price: float | None = None,
    quantity: float = 1.0,
    fees: float = 0.0,
    funding: float = 0.0,
    ref: str | None = None,
    low: float | None = None,
    high: float | None = None,
    stop: float | None = None,
    entry_tag: str | None = None,
    exit_tag: str | None = None,
    entry_reasoning: str | None = None,
    exit_reasoning: str | None = None,
    realized_pnl: float | None = None,
) -> list[dict[str, Any]]:
    """A closed trade's two rows. Give `exit_price`, or `net` from which it follows; half of the fees on each row."""
    sign = 1 if side == "long" else -1
    if exit_price is None:
        exit_price = entry + sign * ((net or 0.0) + fees + funding) / quantity
    opening, closing = ("buy", "sell") if side == "long" else ("short", "cover")
    shared: dict[str, Any] = {"symbol": symbol, "quantity": quantity, "trade_ref": ref, "fees": fees / 2}
    return [
        make_row(opening, at=at, price=entry, tag=entry_tag, reasoning=entry_reasoning, stop_price=stop, **shared),
        make_row(
            closing, at=at + hours, price=exit_price, funding=funding, low_price=low, high_price=high, tag=exit_tag,
            reasoning=exit_reasoning, realized_pnl=realized_pnl, **shared,
        ),
    ]  # fmt: skip


def columns_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Rows as the columns `get_run_frame` answers with, numbered in the order given."""
    numbered = [{"seq": i, **row} for i, row in enumerate(rows, start=1)]
    return {name: [row.get(name) for row in numbered] for name in COLUMNS}


def make_run(*trades: Iterable[Mapping[str, Any]], in_time: bool = True, **facts: Any) -> RunFrame:
    """A run of trades (each a list of rows) with 1,000 of initial cash; rows in order of time unless told otherwise."""
    rows = [dict(row) for trade in trades for row in trade]
    if in_time:
        rows.sort(key=lambda row: row["ts"])
    known: dict[str, Any] = {"run_id": 1, "model_id": 1, "run_number": 1, "name": "A run", "initial_cash": 1000.0}
    return RunFrame.from_columns(RunFacts(**{**known, **facts}), columns_of(rows))
