"""Two groups of a run's trades side by side, with the differences and how sure they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel

from backend.analysis.arrays import IntArray, clean, day_of
from backend.analysis.breakdown import Summary, summarise
from backend.analysis.brief import PAGE_ONLY, TEXT
from backend.analysis.coverage import Coverage, cover
from backend.analysis.figures import Unit
from backend.analysis.metrics import run_warnings
from backend.analysis.uncertainty import Interval, difference_interval, share_difference
from backend.analysis.where import Where, describe, read_group

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_FEW = 10
_ALPHA = 0.05
# Groups chosen by what is known only at the end differ by construction.
_RESULTS = frozenset({"result", "pnl", "return", "r", "worst", "best", "mae", "mfe", "exit_reason"})
_DEFINITIONS = {
    "expectancy": "mean net P&L of a closed trade",
    "win_rate": "wins ÷ (wins + losses), in percent; the difference in percentage points",
    "average_return": "mean net P&L of a closed trade in percent of its value at entry",
    "net_pnl": "sum of the closed trades; a sum has no interval of its own, see expectancy",
    "interval": "95 % interval of the difference; of means with errors taken over days (trades of one day move "
    "together), of win rates by Newcombe's method",
    "more_than_noise": "the interval does not hold zero. It does not know how many groups were looked at before",
}


class Group(BaseModel):
    """One of the two groups."""

    description: Annotated[str, TEXT]
    where: list[dict[str, Any]]
    summary: Summary
    covers: Coverage


class Difference(BaseModel):
    """One measure of both groups: `a` − `b` with its interval; None with `why` where it can't be had."""

    a: float | None
    b: float | None
    unit: Unit
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    more_than_noise: bool | None
    why: Annotated[str | None, TEXT]


class GroupComparison(BaseModel):
    """What `compare_groups` answers; figures are of the closed trades, those still open are in each `summary`."""

    kind: Literal["group_comparison"] = "group_comparison"
    currency: str
    a: Group
    b: Group
    in_both: int
    differences: dict[str, Difference]
    statement: Annotated[str, TEXT]
    definitions: Annotated[dict[str, str], PAGE_ONLY]
    warnings: Annotated[list[str], TEXT]


def compare_groups(frame: RunFrame, a: Any, b: Any = None) -> GroupComparison:
    """Compare the trades that conditions `a` hold for with those `b` hold for, or with all others.

    Raises:
        InvalidCriteria: for conditions that can't be read.
    """
    first = read_group(frame, a)
    second = read_group(frame, b) if b not in (None, "", [], {}) else None
    other_mask = ~first.mask if second is None else second.mask
    open_too = frame.trades.is_open
    chosen = [np.flatnonzero(mask & ~open_too) for mask in (first.mask, other_mask)]
    differences = _differences(frame, chosen[0], chosen[1])
    groups = [
        _group(frame, first, chosen[0], np.flatnonzero(first.mask & open_too)),
        _group(frame, second, chosen[1], np.flatnonzero(other_mask & open_too)),
    ]
    asked = [*first.conditions, *(second.conditions if second is not None else ())]
    by_result = any(one.key in _RESULTS for one in asked)
    in_both = int((first.mask & other_mask).sum())
    return GroupComparison(
        currency=frame.facts.currency,
        a=groups[0],
        b=groups[1],
        in_both=in_both,
        differences=differences,
        statement=_statement(groups, differences["expectancy"], frame.facts.currency, by_result=by_result),
        definitions=_DEFINITIONS,
        warnings=[
            *([f"{in_both} trades are in both groups."] if in_both else []),
            *run_warnings(frame),
        ],
    )


def _group(frame: RunFrame, where: Where | None, closed: IntArray, still_open: IntArray) -> Group:
    return Group(
        description="all other trades" if where is None else describe(where) if where.conditions else "all trades",
        where=[] if where is None else where.as_json(),
        summary=summarise(frame, closed, still_open),
        covers=cover(frame, np.union1d(closed, still_open)),
    )


def _differences(frame: RunFrame, a: IntArray, b: IntArray) -> dict[str, Difference]:
    t = frame.trades
    days = day_of(t.closed_at)
    found = {}
    for name, column in (("expectancy", t.net_pnl), ("average_return", t.return_pct)):
        known = [group[~np.isnan(column[group])] for group in (a, b)]
        values = [column[group] for group in known]
        interval = difference_interval(values[0], days[known[0]], values[1], days[known[1]])
        means = [clean(float(value.mean()), 8) if len(value) else None for value in values]
        found[name] = _difference(means, _unit(name), interval, min(len(value) for value in values))
    counts = [((t.result[group] > 0).sum(), (t.result[group] != 0).sum()) for group in (a, b)]
    (wins_a, decided_a), (wins_b, decided_b) = [(int(won), int(all_)) for won, all_ in counts]
    shares = share_difference(wins_a, decided_a, wins_b, decided_b)
    rates = [clean(won / all_ * 100, 8) if all_ else None for won, all_ in ((wins_a, decided_a), (wins_b, decided_b))]
    in_points = Interval(shares.low * 100, shares.high * 100, shares.p_value) if shares else None
    found["win_rate"] = _difference(rates, "pct", in_points, min(decided_a, decided_b))
    sums = [clean(float(t.net_pnl[group].sum()), 8) or 0.0 for group in (a, b)]
    found["net_pnl"] = Difference(
        a=sums[0], b=sums[1], unit="money", difference=clean(sums[0] - sums[1], 8), low=None, high=None, p_value=None,
        more_than_noise=None, why="a sum follows from how many trades there are; see expectancy for the interval",
    )  # fmt: skip
    return found


def _difference(values: list[float | None], unit: Unit, interval: Interval | None, fewest: int) -> Difference:
    a, b = values
    difference = None if a is None or b is None else clean(a - b, 8)
    why = None
    if difference is None:
        why = "one of the groups has no closed trade"
    elif fewest < _FEW:
        why = f"too few to tell: at least {_FEW} closed trades in each group are needed"
    elif interval is None:
        why = "the trades do not vary or happened on one day, so there is no interval"
    sure = interval is not None and why is None
    return Difference(
        a=a,
        b=b,
        unit=unit,
        difference=difference,
        low=clean(interval.low, 8) if interval is not None and sure else None,
        high=clean(interval.high, 8) if interval is not None and sure else None,
        p_value=clean(interval.p_value, 10) if interval is not None and sure else None,
        more_than_noise=(interval.low > 0 or interval.high < 0) if interval is not None and sure else None,
        why=why,
    )


def _statement(groups: list[Group], per_trade: Difference, currency: str, *, by_result: bool) -> str:
    """The comparison in one sentence or two."""
    parts = []
    for group in groups:
        summary = group.summary
        average = "" if summary.average_net is None else f", {summary.average_net:,.2f} a trade"
        still_open = f", and {summary.open_pnl:,.2f} in {summary.open_count} still open" if summary.open_count else ""
        parts.append(
            f"{group.description[:1].upper()}{group.description[1:]} made {summary.net_pnl:,.2f} {currency} in "
            f"{summary.trade_count} closed{average}{still_open}"
        )
    said = "; ".join(parts)
    if by_result:
        return f"{said}. The groups are chosen by their results, so that they differ says nothing by itself."
    if per_trade.difference is None or per_trade.why is not None or per_trade.low is None or per_trade.high is None:
        return f"{said}. Whether the difference is more than chance can't be told: {per_trade.why}."
    verdict = "no more than chance could make"
    if per_trade.more_than_noise:
        verdict = "more than chance makes, unless the groups were picked out of many for it"
    return (
        f"{said}. The difference of {per_trade.difference:,.2f} a trade (95 % interval {per_trade.low:,.2f} to "
        f"{per_trade.high:,.2f}) is {verdict}."
    )


def _unit(name: str) -> Unit:
    return "money" if name == "expectancy" else "pct"
