"""The P&L that a file states, held against price × quantity: costs it is after, multipliers, and where they part."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from backend.importers.base import Check, Evidence, Question
from backend.importers.multiplier import Found, Stated, agree, find_multiplier
from backend.importers.netting import BoolArray, FloatArray, IntArray
from backend.importers.position_columns import PositionColumns, moment_of
from backend.importers.reconcile_trades import Trips, trips_of, unit_of

# What a stated P&L may be after, the likeliest first.
_CONVENTIONS: Final[tuple[frozenset[str], ...]] = (
    frozenset(("fees", "funding")),
    frozenset(),
    frozenset(("fees",)),
    frozenset(("closing_fees",)),
    frozenset(("closing_fees", "funding")),
    frozenset(("funding",)),
)
_WORST_NAMED = 3
# So many symbols are looked at one by one; a file of more that all differ is told by the largest.
_SYMBOLS_TRIED = 1_000
_SYMBOLS_SAID = 10


@dataclass(slots=True)
class PnlFindings:
    """What came of it: `factors` to multiply what is known of a symbol's point by, and which costs the P&L is after."""

    after: frozenset[str] | None = None
    factors: dict[str, float] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def check_pnl(
    rows: PositionColumns,
    evidence: Evidence,
    multipliers: Mapping[str, float],
    hints: Mapping[str, float],
    fixed: Collection[str],
) -> PnlFindings:
    """Hold the stated P&L of each finished trip against its prices.

    Args:
        rows: netted, in order of time.
        evidence: what the importer says of the file.
        multipliers: what is known of the symbols' points; found factors come on top.
        hints: what symbols or amounts say of points that are not known.
        fixed: symbols whose multiplier the person said, which nothing found here changes.
    """
    found = PnlFindings()
    if rows.floats("realized_pnl") is None:
        return found
    every = trips_of(rows, multipliers, evidence.inverse)
    trips = every.taken(np.flatnonzero(~np.isnan(every.stated)))
    if not len(trips):
        return found
    unit = _unit(rows, evidence)
    after = evidence.pnl_after if evidence.pnl_after is not None else _convention(trips, unit, hints)
    costs = _costs(trips, after)
    told, label = _told(trips, unit, costs), evidence.labels.get("realized_pnl", "the P&L that the file states")
    view = _View(trips, told, costs, label, rows)
    fits = agree(told)
    found.after = after
    differing = []
    for code in np.unique(trips.symbol[~fits])[:_SYMBOLS_TRIED].tolist():
        name = trips.symbols[code]
        own = np.flatnonzero(trips.symbol == code)
        result = Found("differs") if name in fixed else find_multiplier(_part(told, own), hints.get(name))
        if result.outcome == "applied":
            _apply(found, name, result.value, view, len(own))
        elif result.outcome == "offered":
            _offer(found, name, result.value, view, own, fits)
        elif result.outcome == "differs":
            differing.append((name, own[~fits[own]], len(own)))
    differing.sort(key=lambda item: -len(item[1]))
    for name, apart, count in differing[:_SYMBOLS_SAID]:
        message = (
            f"{name}: {label} differs from price × quantity on {len(apart):,} of {count:,} trades; {view.worst(apart)}."
        )
        found.checks.append(Check("pnl", "differs", message, name, count, len(apart)))
        found.warnings.append(message)
    if len(differing) > _SYMBOLS_SAID:
        found.warnings.append(f"{label} differs in {len(differing) - _SYMBOLS_SAID:,} more symbols.")
    if fits.any():
        message = (
            f"{label} agrees with prices and quantities on {int(fits.sum()):,} of {len(trips):,} trades "
            f"({_after_words(after)})."
        )
        found.checks.append(Check("pnl", "agrees", message, None, len(trips), len(trips) - int(fits.sum())))
    return found


@dataclass(frozen=True, slots=True)
class _View:
    """What the messages speak of."""

    trips: Trips
    told: Stated
    costs: FloatArray
    label: str
    rows: PositionColumns

    def worst(self, apart: IntArray) -> str:
        """The trades that differ most, by when they closed."""
        gap = np.abs(self.told.base - self.told.stated)[apart]
        named = []
        for at in apart[np.argsort(-gap, kind="stable")][:_WORST_NAMED].tolist():
            moment = moment_of(int(self.rows.stamps[self.trips.last_row[at]]))
            stated, ours = self.told.stated[at] - self.costs[at], self.told.base[at] - self.costs[at]
            named.append(f"closed {moment:%Y-%m-%d %H:%M:%S} UTC, stated {stated:,.10g}, computed {ours:,.10g}")
        return "the worst: " + "; ".join(named)


def _apply(found: PnlFindings, name: str, value: float, view: _View, count: int) -> None:
    found.factors[name] = value
    message = (
        f"{name}: {view.label} is {value:,.10g} × price difference × quantity on {_trades(count)}, so a point of one "
        f"unit is worth {value:,.10g}; that was used."
    )
    found.checks.append(Check("pnl", "applied", message, name, count, 0, value))
    found.warnings.append(message)


def _offer(found: PnlFindings, name: str, value: float, view: _View, own: IntArray, fits: BoolArray) -> None:
    apart = own[~fits[own]]
    message = (
        f"{name}: {view.label} would agree with prices and quantities if a point of one unit were worth "
        f"{value:,.10g}, but {_trades(len(own))} can't prove it, so 1 was used; {view.worst(apart)}. Name the "
        "multiplier when importing if it is right."
    )
    found.checks.append(Check("pnl", "offered", message, name, len(own), len(apart), value))
    found.questions.append(Question("multipliers", message, name, (f"{value:.10g}",)))
    found.warnings.append(message)


def _trades(count: int) -> str:
    return "1 trade" if count == 1 else f"all {count:,} trades"


def _after_words(after: frozenset[str]) -> str:
    if not after:
        return "it is before costs"
    words = {"fees": "fees", "closing_fees": "the closing's fees", "funding": "funding"}
    return "it is after " + " and ".join(words[cost] for cost in sorted(after))


def _costs(trips: Trips, after: frozenset[str]) -> FloatArray:
    costs = np.zeros(len(trips))
    if "fees" in after:
        costs = costs + trips.fees
    elif "closing_fees" in after:
        costs = costs + trips.closing_fees
    return costs + trips.funding if "funding" in after else costs


def _unit(rows: PositionColumns, evidence: Evidence) -> float:
    digits = evidence.digits.get("realized_pnl")
    return unit_of(rows.floats("realized_pnl")) if digits is None else float(10.0**-digits)


def _told(trips: Trips, unit: float, costs: FloatArray) -> Stated:
    return Stated(
        base=trips.base,
        stated=trips.stated + costs,
        # Figures that were each rounded: their sum may be as many half units off.
        unit=unit * (1 + (trips.stated_rows - 1) / 2),
        stake=trips.stake,
        rounding=trips.rounding,
    )


def _part(told: Stated, own: IntArray) -> Stated:
    return Stated(*(getattr(told, name)[own] for name in Stated.__slots__))


def _convention(trips: Trips, unit: float, hints: Mapping[str, float]) -> frozenset[str]:
    """The costs that the stated P&L is after: those under which most trades agree, or would with a multiplier."""
    best, most = _CONVENTIONS[0], -1
    for after in _CONVENTIONS:
        told = _told(trips, unit, _costs(trips, after))
        fits = agree(told)
        count = int(fits.sum())
        for code in np.unique(trips.symbol[~fits])[:50].tolist():
            own = np.flatnonzero(trips.symbol == code)
            result = find_multiplier(_part(told, own), hints.get(trips.symbols[code]))
            count += len(own) - int(fits[own].sum()) if result.outcome in ("applied", "offered") else 0
        if count > most:
            best, most = after, count
        if most == len(trips):
            break
    return best
