"""Balances that rows state (position, cash, equity) held against what the rows add up to; what is left is money that
came in or went out, an opening before the file, or a difference that is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

import numpy as np
import pandas as pd

from backend.importers.base import Check, Evidence, Flow
from backend.importers.netting import FloatArray, IntArray, books_of, held_before, signed_quantities
from backend.importers.position_columns import ACTIONS, PositionColumns, moment_of
from backend.importers.reconcile_trades import unit_of

_HOLD: Final = ACTIONS.index("hold")
_NAMED = 5
_MOSTLY = 0.5
# Equity is marked at other prices than a fill's: so much of what is opened may part them.
_MARKING = 0.01
# Below this share of the equity what is unexplained is a difference, not money paid in or out.
_A_FLOW = 0.002


@dataclass(slots=True)
class BalanceFindings:
    """Flows that were found, and what agrees or does not."""

    flows: list[Flow] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def check_positions(rows: PositionColumns, evidence: Evidence) -> BalanceFindings:
    """Hold the position that each row states against the sum of the rows of its book, before netting."""
    found = BalanceFindings()
    stated = rows.floats("position_after")
    if stated is None:
        return found
    signed, books = signed_quantities(rows), books_of(rows)
    after = held_before(rows, signed, books) + signed
    at = np.flatnonzero(np.isfinite(stated) & (signed != 0))
    if not len(at):
        return found
    if (stated[at] >= 0).all() and (after[at] < 0).any():
        after = np.abs(after)
    gap = stated[at] - after[at]
    unit = max(unit_of(stated[at]), unit_of(np.abs(signed[at])))
    book = books[at]
    order = np.argsort(book, kind="stable")
    starts = np.concatenate([[True], book[order][1:] != book[order][:-1]])
    offset = gap[order][starts][np.cumsum(starts) - 1]
    steady = np.empty(len(at), dtype=np.bool_)
    steady[order] = np.abs(gap[order] - offset) <= unit / 2 + 1e-9 * np.abs(stated[at][order])
    label = evidence.labels.get("position_after", "the position that the file states")
    apart = np.flatnonzero(~steady)
    before = [
        place for place in order[starts].tolist() if abs(gap[place]) > unit / 2 and steady[book == book[place]].all()
    ]
    names = rows.column("symbol") or ()
    for place in before[:_NAMED]:
        message = (
            f"{names[at[place]]}: {gap[place]:,.10g} were held before the file begins, by {label}; what they cost "
            "is not in it."
        )
        found.checks.append(Check("openings", "differs", message, str(names[at[place]]), 1, 1))
        found.warnings.append(message)
    if len(apart):
        row = int(apart[0])
        message = (
            f"{_capital(label)} is not the sum of the rows on {len(apart):,} of {len(at):,} rows, first at "
            f"{_when(rows, at[row])}, {names[at[row]]}: stated {stated[at[row]]:,.10g}, the rows add up to "
            f"{after[at[row]]:,.10g}. Rows may be missing, or a split."
        )
        found.checks.append(Check("position", "differs", message, None, len(at), len(apart)))
        found.warnings.append(message)
    elif not before:
        message = f"{_capital(label)} agrees with the rows' sum on all {len(at):,} rows."
        found.checks.append(Check("position", "agrees", message, None, len(at), 0))
    return found


def check_cash(
    rows: PositionColumns, evidence: Evidence, multipliers: Mapping[str, float], currency: str
) -> BalanceFindings:
    """Hold a column of cash balances against what the fills cost and brought, before netting."""
    found = BalanceFindings()
    cash = rows.floats("cash")
    if cash is None or rows.has("holdings"):
        return found
    at = np.flatnonzero(np.isfinite(cash) & (rows.action_codes != _HOLD))
    if len(at) < 2:
        return found
    paid = _paid(rows, multipliers, evidence)
    change = np.diff(cash[at])
    # What happens between two balances belongs to the later row.
    total = np.cumsum(paid)
    expected = np.diff(total[at])
    label = evidence.labels.get("cash", "the cash that the file states")
    unit = max(unit_of(cash[at]), 1e-8)
    _flows_or_differences(found, rows, at, change - expected, np.abs(expected), unit, cash[at], label, currency, "cash")
    return found


def check_equity(
    rows: PositionColumns, evidence: Evidence, multipliers: Mapping[str, float], currency: str
) -> BalanceFindings:
    """Hold a column of equity against the P&L wherever nothing is open: what is left came in or went out."""
    found = BalanceFindings()
    equity = rows.floats("equity")
    if equity is None or rows.has("holdings"):
        return found
    signed, books = signed_quantities(rows), books_of(rows)
    if rows.column("trade_ref") is not None:
        return found
    before = held_before(rows, signed, books)
    after = before + signed
    # How many books are open before and after each row.
    opened = ((before == 0) & (after != 0)).astype(np.int64) - ((before != 0) & (np.abs(after) < 1e-9)).astype(np.int64)
    open_after = np.cumsum(opened)
    from_flat = (open_after - opened) == 0
    known = np.flatnonzero(np.isfinite(equity) & ((open_after == 0) | from_flat) & (rows.action_codes != _HOLD))
    if len(known) < 3:
        return found
    paid = np.cumsum(_paid(rows, multipliers, evidence))
    worth = _worth_held(rows, multipliers, evidence, after)
    expected = np.diff((paid + worth)[known])
    change = np.diff(equity[known])
    label = evidence.labels.get("equity", "the equity that the file states")
    unit = unit_of(equity[known])
    slack = _MARKING * np.abs(worth[known][1:])
    _flows_or_differences(
        found, rows, known, change - expected, np.abs(expected), unit, equity[known], label, currency, "equity", slack
    )
    return found


def _flows_or_differences(
    found: BalanceFindings,
    rows: PositionColumns,
    at: IntArray,
    gap: FloatArray,
    expected: FloatArray,
    unit: float,
    level: FloatArray,
    label: str,
    currency: str,
    what: Literal["cash", "equity"],
    slack: FloatArray | float = 0.0,
) -> None:
    fits = np.abs(gap) <= unit * 2 + 1e-4 * expected + slack
    count = len(gap)
    apart = np.flatnonzero(~fits)
    if fits.mean() < _MOSTLY:
        worst = int(apart[np.argmax(np.abs(gap[apart]))])
        message = (
            f"{_capital(label)} does not move by what the rows make on {len(apart):,} of {count:,} rows, most at "
            f"{_when(rows, at[worst + 1])} (by {gap[worst]:,.10g} {currency} more). A multiplier, costs or rows may be "
            "missing."
        )
        found.checks.append(Check(what, "differs", message, None, count, len(apart)))
        found.warnings.append(message)
        return
    flow = apart[np.abs(gap[apart]) > _A_FLOW * np.abs(level[apart])]
    for place in flow[np.argsort(-np.abs(gap[flow]), kind="stable")].tolist():
        row = int(at[place + 1])
        amount = float(f"{gap[place]:.12g}")
        found.flows.append(Flow(moment_of(int(rows.stamps[row])), amount, "deposit" if amount > 0 else "withdrawal"))
    for one in found.flows[:_NAMED]:
        word = "rises" if one.amount > 0 else "falls"
        found.warnings.append(
            f"{_capital(label)} {word} by {abs(one.amount):,.10g} {currency} at {one.ts:%Y-%m-%d %H:%M:%S} UTC that no "
            f"trade explains: it was read as a {one.what}, not as a result."
        )
    if len(found.flows) > _NAMED:
        found.warnings.append(f"{len(found.flows) - _NAMED:,} more payments were found by {label}.")
    small = len(apart) - len(flow)
    if small:
        total = float(gap[np.setdiff1d(apart, flow)].sum())
        found.warnings.append(
            f"{_capital(label)} differs from the rows by {total:,.10g} {currency} in all on {small:,} rows (interest, "
            "costs or marking that the rows do not name)."
        )
    message = f"{_capital(label)} agrees with the rows on {int(fits.sum()):,} of {count:,} steps."
    found.checks.append(Check(what, "differs" if small else "agrees", message, None, count, len(apart)))


def _paid(rows: PositionColumns, multipliers: Mapping[str, float], evidence: Evidence) -> FloatArray:
    """Cash that each row brought in, below zero for what it cost; after fees and funding."""
    worth = signed_quantities(rows) * _unit_worth(rows, multipliers, evidence)
    fees, funding = _zeroed(rows, "fees"), _zeroed(rows, "funding")
    return np.nan_to_num(-worth) - fees - funding


def _worth_held(
    rows: PositionColumns, multipliers: Mapping[str, float], evidence: Evidence, after: FloatArray
) -> FloatArray:
    """What the row's own book is worth after it, at the row's price; only asked for where no other book is open."""
    return np.nan_to_num(after * _unit_worth(rows, multipliers, evidence))


def _unit_worth(rows: PositionColumns, multipliers: Mapping[str, float], evidence: Evidence) -> FloatArray:
    codes, names = pd.factorize(np.array(rows.column("symbol"), dtype=object))
    factor = np.array([float(multipliers.get(str(name), 1.0)) for name in names] or [1.0])[codes]
    own = rows.floats("multiplier")
    factor = factor if own is None else np.where(np.isnan(own), factor, own)
    price = rows.floats("price")
    prices = np.zeros(len(rows)) if price is None else price
    turned = np.array([str(name) in evidence.inverse for name in names] or [False])[codes]
    with np.errstate(divide="ignore", invalid="ignore"):
        worth: FloatArray = np.where(turned, -1.0 / prices, prices) * factor
    return worth


def _zeroed(rows: PositionColumns, name: str) -> FloatArray:
    values = rows.floats(name)
    return np.zeros(len(rows)) if values is None else np.nan_to_num(values)


def _when(rows: PositionColumns, at: int) -> str:
    return f"{_moment(rows, at):%Y-%m-%d %H:%M:%S} UTC"


def _moment(rows: PositionColumns, at: int) -> datetime:
    return moment_of(int(rows.stamps[at]))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
