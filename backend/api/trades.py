"""A run's trades: the list to sort, filter and export, and what is computed over them by day, size and drawdown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from backend.analysis import (
    Distribution,
    Drawdowns,
    InvalidCriteria,
    Rolling,
    RunCalendar,
    TradeFilter,
    TradeRow,
    distribution,
    drawdown_periods,
    find_trades,
    rolling,
    run_calendar,
    trade_rows,
)
from backend.analysis.declared_numbers import MAX_CRITERIA_CHARS
from backend.analysis.rolling import DAY_WINDOWS, MAX_DAYS, MAX_TRADES, MIN_DAYS, MIN_TRADES
from backend.api.connection import Cursor, FrameDep, Limit, RunDep, Time
from backend.api.trade_csv import csv_lines
from backend.errors import InvalidRequest
from backend.store.pages import Page, decode_id_cursor, encode_cursor

router = APIRouter(prefix="/api/models/{model_id}/runs/{run_id}", tags=["trades"])

_MAX_IDS = 1000
_MAX_OFFSET = 10_000_000
Sort = Annotated[str, Query(pattern=r"^-?[a-z_]{1,40}$", description="A field of a trade; with “-” descending")]
Text = Annotated[str | None, Query(max_length=200)]
Bound = Annotated[float | None, Query(allow_inf_nan=False)]


class TradePage(Page[TradeRow]):
    """`total` trades fit the filter; together they made `net_pnl`."""

    total: int
    net_pnl: float


def trade_filter(
    ids: Annotated[str | None, Query(pattern=r"^\d{1,9}(,\d{1,9})*$", max_length=10_000)] = None,
    symbol: Text = None,
    side: Literal["long", "short"] | None = None,
    trade_status: Annotated[Literal["open", "closed"] | None, Query(alias="status")] = None,
    tag: Text = None,
    hour: Annotated[int | None, Query(ge=0, le=23, description="Hour of the opening, UTC")] = None,
    weekday: Annotated[str | None, Query(max_length=10, description="Monday … Sunday, of the opening, UTC")] = None,
    result: Literal["win", "loss", "breakeven"] | None = None,
    closed_from: Annotated[Time | None, Query(description="Closed then or later; UTC unless it says")] = None,
    closed_to: Annotated[Time | None, Query(description="Closed before then")] = None,
    measure: Annotated[str | None, Query(max_length=40, description="What `low` and `high` bound")] = None,
    low: Bound = None,
    high: Bound = None,
    search: Text = None,
    filter_type: Annotated[str | None, Query(max_length=40, description="As of analyze_trades")] = None,
    criteria: Annotated[str | None, Query(max_length=MAX_CRITERIA_CHARS)] = None,
    complement: Annotated[bool, Query(description="The trades that filter_type and criteria leave")] = False,
    dimension: Annotated[str | None, Query(max_length=40, description="A breakdown, whose row `key` names")] = None,
    key: Annotated[str | None, Query(max_length=1000)] = None,
) -> TradeFilter:
    """The conditions of the query; `ids`, or `filter_type` to `key`, name the evidence of a figure."""
    wanted = [int(part) for part in ids.split(",")] if ids else None
    if wanted is not None and len(wanted) > _MAX_IDS:
        raise InvalidRequest(f"At most {_MAX_IDS} ids at a time.")
    if (filter_type is None and (criteria is not None or complement)) or (dimension is None) != (key is None):
        raise InvalidRequest("criteria and complement go with filter_type, and dimension with key.")
    if measure is None and (low is not None or high is not None):
        raise InvalidRequest("Say what low and high bound: measure=net_pnl, for example.")
    return TradeFilter(
        ids=wanted,
        symbol=symbol,
        side=side,
        status=trade_status,
        tag=tag,
        hour=hour,
        weekday=weekday,
        result=result,
        closed_from=closed_from,
        closed_to=closed_to,
        measure=measure,
        low=low,
        high=high,
        search=search,
        filter_type=filter_type,
        criteria=criteria,
        complement=complement,
        dimension=dimension,
        key=key,
    )


FilterDep = Annotated[TradeFilter, Depends(trade_filter)]


@router.get("/trades")
async def list_trades(
    frame: FrameDep,
    wanted: FilterDep,
    sort: Sort = "opened_at",
    limit: Limit = 100,
    cursor: Cursor = None,
    offset: Annotated[int, Query(ge=0, le=_MAX_OFFSET, description="Where to begin, without a cursor")] = 0,
) -> TradePage:
    """The run's trades, made of its positions."""
    begin = offset if cursor is None else decode_id_cursor(cursor) or 0
    found = await asyncio.to_thread(trade_rows, frame, wanted, sort=sort, offset=begin, limit=limit)
    end = begin + len(found.rows)
    following = encode_cursor(end) if end < found.total and found.rows else None
    return TradePage(items=found.rows, next_cursor=following, total=found.total, net_pnl=found.net_pnl)


@router.get("/trades.csv", response_class=StreamingResponse)
async def export_trades(
    run: RunDep,
    frame: FrameDep,
    wanted: FilterDep,
    sort: Sort = "opened_at",
    columns: Annotated[str | None, Query(pattern=r"^[a-z_]+(,[a-z_]+)*$", max_length=1000)] = None,
) -> StreamingResponse:
    """All trades that fit, as CSV with a header; `columns` chooses and orders the fields."""
    names = columns.split(",") if columns else list(TradeRow.model_fields)
    if unknown := [name for name in names if name not in TradeRow.model_fields]:
        valid = list(TradeRow.model_fields)
        raise InvalidCriteria(f"a trade has no field {unknown[0]!r}", valid)
    found = await asyncio.to_thread(find_trades, frame, wanted, sort=sort)
    lines: Iterator[str] = csv_lines(frame, found, names)
    headers = {"Content-Disposition": f'attachment; filename="run-{run.run_number}-trades.csv"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/calendar")
async def get_calendar(frame: FrameDep, year: Annotated[int | None, Query(ge=1, le=9999)] = None) -> RunCalendar:
    """What the run made by day of one year (the last by default), by month and by year."""
    return await asyncio.to_thread(run_calendar, frame, year)


@router.get("/distribution")
async def get_distribution(
    frame: FrameDep,
    measure: Annotated[str, Query(max_length=40)] = "net_pnl",
    bins: Annotated[int, Query(ge=5, le=200)] = 40,
) -> Distribution:
    """How the closed trades are spread over a measure."""
    return await asyncio.to_thread(distribution, frame, measure, bins)


@router.get("/drawdowns")
async def get_drawdowns(frame: FrameDep, limit: Annotated[int, Query(ge=1, le=100)] = 5) -> Drawdowns:
    """The deepest stretches below a peak."""
    return await asyncio.to_thread(drawdown_periods, frame, limit)


@router.get("/rolling")
async def get_rolling(
    frame: FrameDep,
    window: Annotated[
        int | None, Query(ge=MIN_TRADES, le=MAX_TRADES, description="Trades; about a tenth of them by default")
    ] = None,
    days: Annotated[int, Query(ge=MIN_DAYS, le=MAX_DAYS, description="Daily returns")] = DAY_WINDOWS[0],
    points: Annotated[int, Query(ge=20, le=2000)] = 400,
) -> Rolling:
    """Figures of the trades closed last and of the days that ended last, as they moved during the run."""
    return await asyncio.to_thread(rolling, frame, window, days, points)
