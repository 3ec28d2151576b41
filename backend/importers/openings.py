"""What a file closes and did not open: named, and where the file states what the closing made, a trade of its own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from backend.importers.base import Check, Evidence
from backend.importers.netting import FloatArray, IntArray
from backend.importers.position_columns import ACTIONS, PositionColumns
from backend.importers.reconcile_trades import ledger_of

_BUY, _SELL, _SHORT = (ACTIONS.index(action) for action in ("buy", "sell", "short"))
_TAG = "opened before the file"
_NAMED = 5


def settle_openings(
    rows: PositionColumns, evidence: Evidence, multipliers: Mapping[str, float], after: frozenset[str] | None
) -> tuple[PositionColumns, list[Check], list[str]]:
    """The rows with an opening for each closing of what the file did not open, where its P&L says at what price.

    Such an opening stands at the closing's own moment. Closings that state no P&L stay as they are: the analysis names
    each and keeps it out of the trades.
    """
    ledger = ledger_of(rows)
    over = np.flatnonzero(ledger.excess > 0)
    if not len(over):
        return rows, [], []
    at, excess = ledger.order[over], ledger.excess[over]
    by_time = np.argsort(at, kind="stable")
    at, excess = at[by_time], excess[by_time]
    entry = _entry_prices(rows, at, excess, evidence, multipliers, after)
    priced = np.isfinite(entry) & (entry > 0)
    checks = [_check(rows, at, settled=bool(priced.all()))]
    warnings: list[str] = []
    if priced.any():
        count = int(priced.sum())
        warnings.append(
            f"{count:,} closing{'s' if count != 1 else ''} had no opening in the file, so "
            f"{'they were' if count != 1 else 'it was'} opened before it begins; the opening price was taken from the "
            f"P&L that the file states ({_symbols_of(rows, at[priced])}). When they were opened is not known: their "
            "holding time is 0."
        )
        rows = _with_openings(rows, at[priced], excess[priced], entry[priced])
    return rows, checks, warnings


def _entry_prices(
    rows: PositionColumns,
    at: IntArray,
    excess: FloatArray,
    evidence: Evidence,
    multipliers: Mapping[str, float],
    after: frozenset[str] | None,
) -> FloatArray:
    """The price that each was opened at, as its stated P&L says; NaN where part of it was opened in the file."""
    stated, quantity, price = rows.floats("realized_pnl"), rows.floats("quantity"), rows.floats("price")
    if stated is None or quantity is None or price is None:
        return np.full(len(at), np.nan)
    whole = excess >= quantity[at] * (1 - 1e-9)
    costs = np.zeros(len(at))
    for name in ("fees", "funding"):
        values = rows.floats(name)
        is_in = after is None or name in after or (name == "fees" and "closing_fees" in after)
        if values is not None and is_in:
            costs = costs + np.nan_to_num(values[at])
    symbols = rows.column("symbol") or ()
    factor = np.array([float(multipliers.get(symbols[place], 1.0)) for place in at.tolist()])
    own = rows.floats("multiplier")
    factor = factor if own is None else np.where(np.isnan(own[at]), factor, own[at])
    turned = np.array([symbols[place] in evidence.inverse for place in at.tolist()])
    gain = (stated[at] + costs) / (quantity[at] * factor)
    gain = np.where(rows.action_codes[at] == _SELL, gain, -gain)
    with np.errstate(divide="ignore", invalid="ignore"):
        entry = np.where(turned, 1.0 / (1.0 / price[at] + gain), price[at] - gain)
    return np.where(whole, entry, np.nan)


def _with_openings(rows: PositionColumns, at: IntArray, size: FloatArray, entry: FloatArray) -> PositionColumns:
    """Each of these rows with its opening before it."""
    extra = np.zeros(len(rows), dtype=np.int64)
    extra[at] = 1
    source = np.repeat(np.arange(len(rows)), 1 + extra)
    is_new = (extra[source] > 0) & np.concatenate([[True], source[1:] != source[:-1]])
    taken = rows.taken(source)
    actions = np.where(is_new, np.where(taken.action_codes == _SELL, _BUY, _SHORT), taken.action_codes)
    numbers: dict[str, np.ndarray | None] = {}
    for name, value in (("quantity", size), ("price", entry)):
        values = np.array(taken.floats(name))
        values[is_new] = value
        numbers[name] = values
    for name, empty in (
        ("fees", 0.0),
        ("funding", 0.0),
        ("realized_pnl", np.nan),
        ("cash", np.nan),
        ("equity", np.nan),
    ):
        column = taken.floats(name)
        if column is not None:
            numbers[name] = np.where(is_new, empty, column)
    tags = list(taken.column("tag") or [None] * len(taken))
    for place in np.flatnonzero(is_new).tolist():
        tags[place] = _TAG
    return taken.replaced(actions=actions, numbers=numbers, texts={"tag": tags})


def _check(rows: PositionColumns, at: IntArray, *, settled: bool) -> Check:
    rows_close = "1 row closes" if len(at) == 1 else f"{len(at):,} rows close"
    message = f"{rows_close} what the file did not open ({_symbols_of(rows, at)})."
    return Check("openings", "applied" if settled else "differs", message, None, len(at), 0 if settled else len(at))


def _symbols_of(rows: PositionColumns, at: IntArray) -> str:
    symbols = rows.column("symbol") or ()
    names = list(dict.fromkeys(symbols[place] for place in at.tolist()))
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
