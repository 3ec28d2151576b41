"""Runs and their positions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import orjson
from postgrest import AsyncPostgrestClient
from pydantic import BaseModel, ConfigDict

from backend.analysis import RunFacts, RunFrame
from backend.analysis.positions import facts_of
from backend.errors import NotFound
from backend.store.client import call_function, execute, fetch_function
from backend.store.models import ModelRow, RuleRow
from backend.store.pages import Page, page_of
from backend.store.run_frame import PAGE_ROWS, FramePages

_POSITION_COLUMNS = (
    "id, seq, ts, action, symbol, quantity, price, fees, funding, trade_ref, realized_pnl, low_price, high_price, "
    "stop_price, cash, equity, holdings, tag, reasoning, leverage, multiplier, fee_currency, account, open_close"
)
# A little more than the database allows the call.
_IMPORT_TIMEOUT_S = 620.0
_NO_SUCH_RUN = "There is no such run in your account."


class RunRow(BaseModel):
    """One row of `runs`, with the name of its model."""

    model_config = ConfigDict(extra="ignore")

    id: int
    model_id: int
    model_name: str | None = None
    run_number: int
    name: str
    source: str
    status: str
    currency: str
    initial_cash: float | None
    started_at: datetime | None
    ended_at: datetime | None
    periods_per_year: int | None
    settings: dict[str, Any]
    published: dict[str, Any]
    warnings: list[str] = []
    summary: dict[str, Any]
    notes: str
    version: int
    created_at: datetime

    def facts(self) -> RunFacts:
        """What the analysis needs to know of the run beside its positions."""
        return facts_of(self, run_id=self.id, model_id=self.model_id, run_number=self.run_number, version=self.version)


class PositionRow(BaseModel):
    """One row of `positions`."""

    model_config = ConfigDict(extra="ignore")

    id: int
    seq: int
    ts: datetime
    action: str
    symbol: str
    quantity: float | None
    price: float | None
    fees: float
    funding: float
    trade_ref: str | None
    realized_pnl: float | None
    low_price: float | None
    high_price: float | None
    stop_price: float | None
    cash: float | None
    equity: float | None
    holdings: dict[str, float] | None
    tag: str | None
    reasoning: str | None
    leverage: float | None
    multiplier: float | None
    fee_currency: str | None
    account: str | None
    open_close: str | None


class ChatContext(BaseModel):
    """What a conversation about a run needs: read in one round trip."""

    run: RunRow
    model: ModelRow
    rules: list[RuleRow]


class RunStore:
    """Runs of the caller."""

    def __init__(self, client: AsyncPostgrestClient) -> None:
        self._client = client

    async def list_runs(self, model_id: int, *, limit: int, before_id: int | None) -> Page[RunRow]:
        """Runs of one model, newest first; NotFound when the model is not the caller's."""
        query = (
            self._client.table("models")
            .select("id, name, runs(*)")
            .eq("id", model_id)
            .order("id", desc=True, foreign_table="runs")
            .limit(limit + 1, foreign_table="runs")
        )
        if before_id is not None:
            query = query.lt("runs.id", before_id)
        rows = await execute(query)
        if not rows:
            raise NotFound("There is no such model in your account.")
        runs = [RunRow(**run, model_name=rows[0]["name"]) for run in rows[0]["runs"]]
        return page_of(runs, limit, lambda run: run.id)

    async def get_run(self, model_id: int, run_id: int) -> RunRow:
        """One run of one model."""
        query = self._client.table("runs").select("*, models(name)").eq("id", run_id).eq("model_id", model_id)
        return _only(await execute(query))

    async def get_runs(self, run_ids: Sequence[int]) -> list[RunRow]:
        """Runs of any of the caller's models, in the order asked for; NotFound when one of them is not theirs."""
        query = self._client.table("runs").select("*, models(name)").in_("id", list(run_ids))
        found = {row["id"]: _only([row]) for row in await execute(query)}
        if missing := [run_id for run_id in run_ids if run_id not in found]:
            raise NotFound(f"There is no run {missing[0]} in your account.")
        return [found[run_id] for run_id in run_ids]

    async def get_chat_context(self, model_id: int | None, run_id: int | None) -> ChatContext:
        """The run, its model and the rules adopted for it; where a model is named, the run must be its."""
        query = (
            self._client.table("runs")
            .select("*, models(*, model_rules(*))")
            .eq("id", run_id)
            .order("id", foreign_table="models.model_rules")
        )
        if model_id is not None:
            query = query.eq("model_id", model_id)
        rows = await execute(query)
        if not rows:
            raise NotFound(_NO_SUCH_RUN)
        model = rows[0].pop("models")
        rules = [RuleRow.model_validate(row) for row in model.pop("model_rules")]
        return ChatContext(
            run=RunRow(**rows[0], model_name=model["name"]), model=ModelRow.model_validate(model), rules=rules
        )

    async def update_run(self, model_id: int, run_id: int, changes: dict[str, Any]) -> RunRow:
        """Change some columns of a run."""
        query = self._client.table("runs").update(changes).eq("id", run_id).eq("model_id", model_id)
        return _only(await execute(query))

    async def delete_run(self, model_id: int, run_id: int) -> None:
        """Delete with its positions and conversations."""
        _only(await execute(self._client.table("runs").delete().eq("id", run_id).eq("model_id", model_id)))

    async def list_positions(self, run_id: int, *, limit: int, after_seq: int | None) -> Page[PositionRow]:
        """Positions in order of seq; the caller has checked that the run is theirs."""
        query = (
            self._client.table("positions").select(_POSITION_COLUMNS).eq("run_id", run_id).order("seq").limit(limit + 1)
        )
        if after_seq is not None:
            query = query.gt("seq", after_seq)
        return page_of(
            [PositionRow.model_validate(row) for row in await execute(query)], limit, lambda position: position.seq
        )

    async def get_frame(self, run_id: int) -> RunFrame:
        """The run's positions as columns; in one round trip unless there are very many."""
        pages, more = FramePages(), True
        while more:
            wanted = {"p_run_id": run_id, "p_after_seq": pages.last_seq, "p_limit": PAGE_ROWS}
            page = await fetch_function(self._client, "get_run_frame", orjson.dumps(wanted))
            # Read in a thread: whoever streams meanwhile gets a turn between pages, and between columns.
            more = await asyncio.to_thread(pages.add, page)
        if pages.run is None:
            raise NotFound(_NO_SUCH_RUN)
        facts = RunRow.model_validate(pages.run).facts()
        return await asyncio.to_thread(RunFrame.from_columns, facts, pages.columns())

    async def list_sibling_runs(self, model_id: int, run_id: int, *, limit: int) -> list[RunRow]:
        """The model's newest other runs."""
        query = (
            self._client.table("runs")
            .select("*")
            .eq("model_id", model_id)
            .neq("id", run_id)
            .order("id", desc=True)
            .limit(limit)
        )
        return [RunRow.model_validate(row) for row in await execute(query)]

    async def find_answered(self, layout: str) -> RunRow | None:
        """The caller's newest run of a file of this layout for which something was said; None when there is none."""
        query = (
            self._client.table("runs")
            .select("*")
            .eq("settings->>layout", layout)
            .not_.is_("settings->answers", "null")
            .order("id", desc=True)
            .limit(1)
        )
        rows = await execute(query)
        return RunRow.model_validate(rows[0]) if rows else None

    async def find_imported(self, model_id: int, content_sha256: str) -> RunRow | None:
        """The newest run of the model that was made of this file; None when there is none."""
        query = (
            self._client.table("runs")
            .select("*")
            .eq("model_id", model_id)
            .eq("content_sha256", content_sha256)
            .order("id", desc=True)
            .limit(1)
        )
        rows = await execute(query)
        return RunRow.model_validate(rows[0]) if rows else None

    async def save_import(self, body: AsyncIterator[bytes]) -> RunRow:
        """Save a run with all its positions in one transaction, as `ingest.run_columns.import_body` gives it.

        The body is sent as it is made; one that breaks off saves nothing.

        Raises:
            Conflict: the model already has a run of this content, and the body does not say `again`.
        """
        return RunRow.model_validate(await call_function(self._client, "import_run", body, timeout_s=_IMPORT_TIMEOUT_S))


def _only(rows: list[dict[str, Any]]) -> RunRow:
    if not rows:
        raise NotFound(_NO_SUCH_RUN)
    model = rows[0].pop("models", None)
    return RunRow(**rows[0], model_name=model["name"] if model else None)
