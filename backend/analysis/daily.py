"""What a run made by day, month and year: the calendar of its closed trades, beside the equity's return."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel

from backend.analysis.arrays import DAY_US, FloatArray, IntArray, day_of, month_of, sum_by, to_datetime
from backend.analysis.breakdown import money
from backend.analysis.criteria import InvalidCriteria

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

BASIS = "net P&L of the trades closed in each UTC day, month or year; open trades are in none"
RETURN_BASIS = "equity at the end of each UTC month or year against the end of the one before"


class Period(BaseModel):
    """What the trades closed in one period made; money in the run's currency, `win_rate` in percent of decided ones."""

    key: str
    trade_count: int
    win_count: int
    loss_count: int
    win_rate: float | None
    gross_pnl: float
    fees: float
    net_pnl: float


class LongPeriod(Period):
    """A month ("2025-11") or a year ("2025"); days by the sign of what they made, `return_pct` of the equity."""

    day_count: int
    winning_days: int
    losing_days: int
    return_pct: float | None


class RunCalendar(BaseModel):
    """Days ("2025-11-03") of one year, months and years of the whole run; periods without closed trades are left out.

    `best_day` and `worst_day` are of the whole run.
    """

    kind: Literal["calendar"] = "calendar"
    currency: str
    year: int | None
    days: list[Period]
    months: list[LongPeriod]
    years: list[LongPeriod]
    best_day: Period | None
    worst_day: Period | None
    basis: str = BASIS
    return_basis: str = RETURN_BASIS


def run_calendar(frame: RunFrame, year: int | None = None) -> RunCalendar:
    """The calendar; `year` None asks for the days of the last year in which a trade was closed.

    Raises:
        InvalidCriteria: when no trade was closed in `year`.
    """
    closed_at = frame.trades.closed_at[frame.trades.closed]
    days, day_group = np.unique(day_of(closed_at), return_inverse=True)
    keys = [to_datetime(day * DAY_US).date() for day in days.tolist()]
    periods = _periods(frame, [key.isoformat() for key in keys], day_group)
    years = sorted({key.year for key in keys})
    if year is not None and year not in years:
        raise InvalidCriteria(f"no trade of this run was closed in {year}", [str(known) for known in years])
    shown = year if year is not None else (years[-1] if years else None)
    by_result = sorted(periods, key=lambda period: period.net_pnl)
    return RunCalendar(
        currency=frame.facts.currency,
        year=shown,
        days=[period for period, key in zip(periods, keys, strict=True) if key.year == shown],
        months=_long(frame, periods, keys, month_of(closed_at), months=1),
        years=_long(frame, periods, keys, month_of(closed_at) // 12, months=12),
        best_day=by_result[-1] if by_result and by_result[-1].net_pnl > 0 else None,
        worst_day=by_result[0] if by_result and by_result[0].net_pnl < 0 else None,
    )


def _periods(frame: RunFrame, keys: list[str], group: IntArray) -> list[Period]:
    """Sums of the closed trades by `group`, which numbers `keys`."""
    t, closed, size = frame.trades, frame.trades.closed, len(keys)
    net = t.result[closed]
    counts = np.bincount(group, minlength=size).tolist()
    wins, losses = (np.bincount(group[hit], minlength=size).tolist() for hit in (net > 0, net < 0))
    gross, fees, nets = (sum_by(group, getattr(t, name)[closed], size) for name in ("gross_pnl", "fees", "net_pnl"))
    return [
        Period(
            key=key,
            trade_count=counts[i],
            win_count=wins[i],
            loss_count=losses[i],
            win_rate=money(wins[i] / (wins[i] + losses[i]) * 100) if wins[i] + losses[i] else None,
            gross_pnl=money(gross[i]) or 0.0,
            fees=money(fees[i]) or 0.0,
            net_pnl=money(nets[i]) or 0.0,
        )
        for i, key in enumerate(keys)
    ]


def _long(frame: RunFrame, days: list[Period], dates: list[date], number: IntArray, *, months: int) -> list[LongPeriod]:
    """Periods of `months` months each, from the closed trades' own numbers of them since 1970."""
    numbers, group = np.unique(number, return_inverse=True)
    keys = [_name(n, months) for n in numbers.tolist()]
    of_day = np.array([(day.year * 12 + day.month - 1 - 1970 * 12) // months for day in dates], dtype=np.int64)
    place = np.searchsorted(numbers, of_day)
    made = np.sign([day.net_pnl for day in days])
    counts, up, down = (
        np.bincount(place[hit], minlength=len(keys)).tolist() for hit in (np.isfinite(made), made > 0, made < 0)
    )
    returns = _returns(frame, numbers, months)
    return [
        LongPeriod(
            **period.model_dump(),
            day_count=counts[i],
            winning_days=up[i],
            losing_days=down[i],
            return_pct=money(returns[i]),
        )
        for i, period in enumerate(_periods(frame, keys, group))
    ]


def _name(number: int, months: int) -> str:
    return f"{1970 + number // 12:04d}-{number % 12 + 1:02d}" if months == 1 else f"{1970 + number:04d}"


def _returns(frame: RunFrame, numbers: IntArray, months: int) -> FloatArray:
    """Return in percent of the equity over each period, NaN where there is no positive equity before it."""
    curve = frame.equity
    blank = np.full(len(numbers), np.nan)
    if not len(curve) or not curve.has_level:
        return blank
    of_point = month_of(curve.at) // months
    levels = np.concatenate([[curve.start], curve.value])
    end = levels[np.searchsorted(of_point, numbers, side="right")]
    before = levels[np.searchsorted(of_point, numbers, side="left")]
    change: FloatArray = np.divide((end - before) * 100, before, out=blank, where=before > 0)
    return change
