"""The tool that shows single trades."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool
from pydantic import BaseModel, Field, WithJsonSchema

from backend import analysis
from backend.agents.core.brief import brief
from backend.agents.core.compact import money
from backend.agents.core.context import AgentContext, ToolOutcome, refused_call
from backend.agents.tools.conditions import CONDITIONS
from backend.analysis import InvalidCriteria


class GetTradesArgs(BaseModel):
    """Arguments as models send them."""

    ids: Annotated[
        Any, WithJsonSchema({"type": "string", "description": 'Trade ids: "12", "3, 7, 9" or "10..20". Empty for all.'})
    ] = None
    where: Annotated[Any, WithJsonSchema({"type": "string", "description": CONDITIONS})] = None
    sort: str = Field(
        default="opened_at",
        description='"worst" or "best" (by net P&L), "newest", or a field of a trade with "-" for descending: '
        '"-holding_seconds", "mae", "-mfe", "-given_back", "closed_at", "-size".',
    )
    limit: int = Field(default=20, description="How many to show, at most 200.")


@tool(args_schema=GetTradesArgs, response_format="content_and_artifact")
async def get_trades(
    runtime: ToolRuntime[AgentContext, Any],
    ids: Any = None,
    where: Any = None,
    sort: str = "opened_at",
    limit: int = 20,
) -> tuple[str, ToolOutcome]:
    """Single trades with everything known of each: times, prices, size, leverage, P&L, fees, MAE, MFE, what was given
    back, tags and recorded reasoning; and what all trades that fit made together.

    Trades still open at the end are among them, marked open. Use it for "trade 32", "my worst trade", "when was it
    bought", "the last five trades", "which trades were held longest".
    """
    frame = await runtime.context.frame()
    try:
        result = await asyncio.to_thread(analysis.get_trades, frame, ids, where, sort=sort, limit=limit)
    except InvalidCriteria as error:
        return refused_call(error)
    summary = f"{result.total} {result.description}, net {money(result.covers.pnl)} {result.currency}"
    return brief(result), ToolOutcome(data=result.model_dump(mode="json"), summary=summary[:300], result=result)
