"""The money that a row states for its fill, held against price × quantity: multipliers, and costs that were missed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from backend.importers.base import Check, Evidence, Question
from backend.importers.multiplier import Stated, agree, find_multiplier
from backend.importers.netting import FloatArray, IntArray, signed_quantities
from backend.importers.position_columns import PositionColumns, moment_of
from backend.importers.reconcile_trades import price_step, unit_of

_SYMBOLS_TRIED = 1_000
_SYMBOLS_SAID = 10
# A column that agrees with price × quantity on less than this share of its rows holds something else.
_MOSTLY = 0.5
# What differs by no more than this share may lack a cost; what differs by more is something else.
_NEAR = 0.1
_NAMES: Final = {"amount": "the amount that the file states", "cash_change": "the change of cash that the file states"}


@dataclass(slots=True)
class AmountFindings:
    """`factors` to multiply what is known of a symbol's point by; `hints` are factors that only fit perhaps."""

    factors: dict[str, float] = field(default_factory=dict)
    hints: dict[str, float] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def check_amounts(
    rows: PositionColumns,
    evidence: Evidence,
    multipliers: Mapping[str, float],
    hints: Mapping[str, float],
    fixed: Collection[str],
) -> AmountFindings:
    """Hold `amount` and `cash_change` of each row against price × quantity; rows as they were read, before netting."""
    found = AmountFindings()
    for name in ("amount", "cash_change"):
        values = rows.floats(name)
        if values is not None:
            _check(found, rows, name, values, evidence, multipliers, hints, fixed)
    return found


def _check(
    found: AmountFindings,
    rows: PositionColumns,
    name: str,
    values: FloatArray,
    evidence: Evidence,
    multipliers: Mapping[str, float],
    hints: Mapping[str, float],
    fixed: Collection[str],
) -> None:
    signed = signed_quantities(rows)
    price = _filled(rows, "price", np.nan)
    at = np.flatnonzero((signed != 0) & np.isfinite(values) & (values != 0) & (price > 0))
    if not len(at):
        return
    symbol, names = pd.factorize(np.array(rows.column("symbol"), dtype=object)[at])
    known = np.array([float(multipliers.get(each, 1.0)) for each in names])[symbol]
    own = rows.floats("multiplier")
    known = known if own is None else np.where(np.isnan(own[at]), known, own[at])
    turned = np.array([each in evidence.inverse for each in names])[symbol]
    size = np.abs(signed[at]) * known
    worth = np.where(turned, size / price[at], size * price[at])
    fees = _filled(rows, "fees", 0.0)[at]
    digits = evidence.digits.get(name)
    unit = unit_of(values[at]) if digits is None else float(10.0**-digits)
    rounding = np.where(turned, worth * price_step(rows) / price[at], size * price_step(rows)) / 2
    told = {}
    for convention, costs in (("net", np.sign(signed[at]) * fees), ("gross", np.zeros(len(at)))):
        # Bought: the cash that left is the worth and the fee. Sold: the worth less the fee came in.
        stated = np.abs(values[at]) - costs
        told[convention] = Stated(worth, stated, np.full(len(at), unit), worth, rounding)
    convention = max(told, key=lambda each: (_explained(told[each], symbol, hints, names), -_gap(told[each])))
    label = evidence.labels.get(name, _NAMES[name])
    _tell(found, rows, told[convention], at, values, symbol, names, label, convention, hints, fixed)


def _gap(told: Stated) -> float:
    return float(np.abs(told.base - told.stated).sum())


def _explained(told: Stated, symbol: IntArray, hints: Mapping[str, float], names: np.ndarray) -> int:
    fits = agree(told)
    count = int(fits.sum())
    for code in np.unique(symbol[~fits])[:50].tolist():
        own = np.flatnonzero(symbol == code)
        result = find_multiplier(_part(told, own), hints.get(str(names[code])), money_is_percent=False)
        count += len(own) - int(fits[own].sum()) if result.outcome in ("applied", "offered") else 0
    return count


def _tell(
    found: AmountFindings,
    rows: PositionColumns,
    told: Stated,
    at: IntArray,
    values: FloatArray,
    symbol: IntArray,
    names: np.ndarray,
    label: str,
    convention: str,
    hints: Mapping[str, float],
    fixed: Collection[str],
) -> None:
    fits = agree(told)
    explained = fits.copy()
    for code in np.unique(symbol[~fits])[:_SYMBOLS_TRIED].tolist():
        name, own = str(names[code]), np.flatnonzero(symbol == code)
        if name in fixed:
            continue
        result = find_multiplier(_part(told, own), hints.get(name), money_is_percent=False)
        certain = result.outcome == "applied" or (result.outcome == "offered" and _plain(told, own, result.value))
        if certain:
            found.factors[name] = result.value
            message = (
                f"{name}: {label} is {result.value:,.10g} × price × quantity on all {len(own):,} rows, so a point of "
                f"one unit is worth {result.value:,.10g}; that was used."
            )
            found.checks.append(Check("amount", "applied", message, name, len(own), 0, result.value))
            found.warnings.append(message)
            explained[own] = True
        elif result.outcome == "offered":
            found.hints[name] = result.value
    near = np.abs(told.base - told.stated) <= _NEAR * told.base
    if (explained | near).mean() < _MOSTLY:
        apart = np.flatnonzero(~explained)
        worst = int(apart[np.argmax(np.abs(told.base - told.stated)[apart])])
        message = (
            f"{_capital(label)} is not price × quantity: {_row(rows, at[worst])} states {values[at[worst]]:,.10g}, "
            f"price × quantity is {told.base[worst]:,.10g}. It was not used; if it is money of the fills, a multiplier "
            "may be missing."
        )
        found.checks.append(Check("amount", "differs", message, None, len(at), int((~explained).sum())))
        found.warnings.append(message)
    elif not explained.all():
        apart = np.flatnonzero(~explained)
        worst = int(apart[np.argmax(np.abs(told.base - told.stated)[apart])])
        message = (
            f"{_capital(label)} differs from price × quantity and the costs read on {len(apart):,} of {len(at):,} "
            f"rows, most at {_row(rows, at[worst])}: stated {told.stated[worst]:,.10g}, computed "
            f"{told.base[worst]:,.10g}. A cost or a multiplier may be missing."
        )
        found.checks.append(Check("amount", "differs", message, None, len(at), len(apart)))
        found.warnings.append(message)
    if fits.any():
        after = "after costs" if convention == "net" else "before costs"
        message = (
            f"{_capital(label)} agrees with price × quantity ({after}) on {int(fits.sum()):,} of {len(at):,} rows."
        )
        found.checks.append(Check("amount", "agrees", message, None, len(at), len(at) - int(fits.sum())))


def _plain(told: Stated, own: IntArray, value: float) -> bool:
    """Whether two rows or more fit to a last digit that is fine beside them: an amount does not do so by accident."""
    sharp = told.unit[own] < 0.01 * np.abs(value * told.base[own])
    return len(own) >= 2 and bool(sharp.all())


def _part(told: Stated, own: IntArray) -> Stated:
    return Stated(*(getattr(told, name)[own] for name in Stated.__slots__))


def _filled(rows: PositionColumns, name: str, default: float) -> FloatArray:
    values = rows.floats(name)
    return np.full(len(rows), default) if values is None else np.nan_to_num(values, nan=default)


def _row(rows: PositionColumns, at: int) -> str:
    moment = moment_of(int(rows.stamps[at]))
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC, {(rows.column('symbol') or [''])[at]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
