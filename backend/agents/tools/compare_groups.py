"""The tool that compares two groups of trades."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool
from pydantic import BaseModel, WithJsonSchema

from backend import analysis
from backend.agents.core.brief import brief
from backend.agents.core.context import AgentContext, ToolOutcome, refused_call
from backend.agents.tools.conditions import CONDITIONS
from backend.analysis import InvalidCriteria

_GROUP = f'One word ("long", "BTC", "monday", "losers") or conditions. {CONDITIONS}'


class CompareGroupsArgs(BaseModel):
    """Arguments as models send them."""

    a: Annotated[Any, WithJsonSchema({"type": "string", "description": f"The first group. {_GROUP}"})]
    b: Annotated[
        Any, WithJsonSchema({"type": "string", "description": "The second group, as a. Empty for all other trades."})
    ] = None


@tool(args_schema=CompareGroupsArgs, response_format="content_and_artifact")
async def compare_groups(a: Any, runtime: ToolRuntime[AgentContext, Any], b: Any = None) -> tuple[str, ToolOutcome]:
    """Two groups of this run's trades side by side: longs and shorts, AMD and NVDA, before and after a date, Mondays
    and the rest.

    What each made (open positions apart), and the difference in money a trade, return a trade and win rate with its
    95 % interval: say a group is better only where more_than_noise is true.
    """
    frame = await runtime.context.frame()
    try:
        result = await asyncio.to_thread(analysis.compare_groups, frame, a, b)
    except InvalidCriteria as error:
        return refused_call(error)
    return brief(result), ToolOutcome(
        data=result.model_dump(mode="json"), summary=result.statement[:300], result=result
    )
