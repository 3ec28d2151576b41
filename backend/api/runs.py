"""Runs: list, read, change, delete; their positions, equity, figures, analysis and rules."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field

from backend.analysis import (
    Causes,
    EquitySeries,
    GroupComparison,
    MetricsResult,
    ReplayedRule,
    RuleSuggestions,
    TermExplained,
    TradeAnalysis,
    analyze_trades,
    calculate_metrics,
    compare_groups,
    equity_points,
    explain_term,
    find_causes,
    replay_change,
    suggest_rules,
    summarise_run,
)
from backend.analysis.declared_numbers import MAX_CRITERIA_CHARS
from backend.analysis.dimensions import read_dimensions
from backend.api.connection import Cursor, FrameDep, Limit, RunDep, RunStoreDep, ServicesDep, Time
from backend.conversations.about_run import load_sibling_frames
from backend.errors import InvalidRequest
from backend.store.pages import Page, decode_id_cursor
from backend.store.runs import PositionRow, RunRow

router = APIRouter(prefix="/api/models/{model_id}/runs", tags=["runs"])

# Changing one of these changes figures: the version rises and the summary is made anew.
_FIGURE_FIELDS = {"initial_cash", "periods_per_year"}


class RunChanges(BaseModel):
    """What to change of a run."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1})

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")] | None = None
    notes: str | None = Field(None, max_length=20_000)
    status: Literal["running", "completed", "failed"] | None = None
    currency: Annotated[str, Field(min_length=1, max_length=12, pattern=r"^[A-Za-z0-9.]+$")] | None = None
    initial_cash: Annotated[float, Field(ge=0, le=1e15)] | None = None
    periods_per_year: Annotated[int, Field(ge=1, le=100_000)] | None = None


@router.get("")
async def list_runs(model_id: int, store: RunStoreDep, limit: Limit = 50, cursor: Cursor = None) -> Page[RunRow]:
    """Runs of a model, newest first."""
    return await store.list_runs(model_id, limit=limit, before_id=decode_id_cursor(cursor))


@router.get("/{run_id:int}")
async def get_run(run: RunDep) -> RunRow:
    """One run."""
    return run


@router.patch("/{run_id:int}")
async def update_run(model_id: int, run_id: int, body: RunChanges, run: RunDep, store: RunStoreDep) -> RunRow:
    """Change a run; its figures follow."""
    changes = body.model_dump(exclude_unset=True)
    if not changes:
        raise InvalidRequest("Nothing to change: name at least one field.")
    for field in ("name", "notes", "status", "currency"):
        if field in changes and changes[field] is None:
            raise InvalidRequest(f"{field} can't be empty.")
    if not _FIGURE_FIELDS.isdisjoint(changes):
        changes["version"] = run.version + 1
    updated = await store.update_run(model_id, run_id, changes)
    if updated.version == run.version:
        return updated
    summary = await asyncio.to_thread(summarise_run, await store.get_frame(run_id))
    return await store.update_run(model_id, run_id, {"summary": summary.model_dump(mode="json")})


@router.delete("/{run_id:int}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_run(model_id: int, run_id: int, store: RunStoreDep) -> None:
    """Delete a run with its positions and conversations."""
    await store.delete_run(model_id, run_id)


@router.get("/{run_id}/positions")
async def list_positions(
    run: RunDep, store: RunStoreDep, limit: Limit = 100, cursor: Cursor = None
) -> Page[PositionRow]:
    """The run's positions in order."""
    return await store.list_positions(run.id, limit=limit, after_seq=decode_id_cursor(cursor))


@router.get("/{run_id}/equity")
async def get_equity(
    frame: FrameDep,
    points: Annotated[int, Query(ge=2, le=20_000)] = 600,
    since: Annotated[Time | None, Query(alias="from", description="UTC unless it says")] = None,
    until: Annotated[Time | None, Query(alias="to")] = None,
) -> EquitySeries:
    """The equity curve with its drawdown, whole or a part, thinned to about `points` so that extremes stay."""
    return await asyncio.to_thread(equity_points, frame, points, since=since, until=until)


@router.get("/{run_id}/metrics")
async def get_metrics(frame: FrameDep, metric_type: Annotated[str, Query(max_length=40)] = "all") -> MetricsResult:
    """The metric set, each figure with its definition."""
    return await asyncio.to_thread(calculate_metrics, frame, metric_type)


@router.get("/{run_id}/analysis")
async def get_analysis(
    frame: FrameDep,
    filter_type: Annotated[str, Query(max_length=40)] = "all",
    criteria: Annotated[
        str | None, Query(max_length=MAX_CRITERIA_CHARS, description="For `where` the JSON list of conditions")
    ] = None,
    by: Annotated[str | None, Query(max_length=400, description="Dimensions to break down by, with commas")] = None,
) -> TradeAnalysis:
    """What the tool analyze_trades returns."""
    return await asyncio.to_thread(analyze_trades, frame, filter_type, criteria, read_dimensions(by))


class Change(BaseModel):
    """A change to replay, with its own numbers."""

    kind: Annotated[str, Field(min_length=1, max_length=60)]
    params: dict[str, Any] = {}


@router.get("/{run_id}/causes")
async def get_causes(frame: FrameDep) -> Causes:
    """Why the run lost: causes with the money they explain and how sure they are, the surest and largest first."""
    return await asyncio.to_thread(find_causes, frame)


@router.get("/{run_id}/groups")
async def get_groups(
    frame: FrameDep,
    a: Annotated[str, Query(max_length=MAX_CRITERIA_CHARS, description="Conditions, as of `where`, or one word")],
    b: Annotated[str | None, Query(max_length=MAX_CRITERIA_CHARS, description="All other trades without it")] = None,
) -> GroupComparison:
    """What the tool compare_groups returns."""
    return await asyncio.to_thread(compare_groups, frame, a, b)


@router.get("/{run_id}/terms")
async def get_term(frame: FrameDep, term: Annotated[str, Query(min_length=1, max_length=80)]) -> TermExplained:
    """What the tool explain_term returns."""
    return await asyncio.to_thread(explain_term, frame, term)


@router.post("/{run_id}/replay")
async def replay(body: Change, run: RunDep, frame: FrameDep, store: RunStoreDep, services: ServicesDep) -> ReplayedRule:
    """What the tool replay_rule returns."""
    others = await load_sibling_frames(services, store, run)
    return await asyncio.to_thread(replay_change, frame, body.kind, body.params, others)


@router.get("/{run_id}/rules")
async def get_rules(
    run: RunDep,
    frame: FrameDep,
    store: RunStoreDep,
    services: ServicesDep,
    problem: Annotated[str, Query(max_length=2000)] = "",
) -> RuleSuggestions:
    """What the tool suggest_rules returns."""
    others = await load_sibling_frames(services, store, run)
    return await asyncio.to_thread(suggest_rules, frame, problem, others)
