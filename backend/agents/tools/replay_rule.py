"""The tool that replays a change with the asker's own numbers."""

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
from backend.analysis import InvalidCriteria
from backend.analysis.what_if import KIND_HELP, Bounds, ReplayedRule


class ReplayRuleArgs(BaseModel):
    """Arguments as models send them: params in any JSON form."""

    kind: str = Field(description="The kind of change, as named under params.")
    params: Annotated[
        Any,
        WithJsonSchema(
            {"type": "string", "description": f"A JSON object, by kind: {KIND_HELP}. Use the asker's numbers."}
        ),
    ] = None


@tool(args_schema=ReplayRuleArgs, response_format="content_and_artifact")
async def replay_rule(
    kind: str, runtime: ToolRuntime[AgentContext, Any], params: Any = None
) -> tuple[str, ToolOutcome]:
    """What this run would have made with one change: a 2 % stop, half the size, no fees, longs only, without the five
    worst trades, one trade a day, no entries after two losses.

    Answers before and after. `after` is exact, or a worst ("low") and a best ("high") case where only the extremes of
    each trade are known, or null with `why`. coverage_pct says what share of the results it covers. Always say which
    of these it is, and that a change chosen after the fact proves nothing by itself unless the verdict is "holds".
    """
    frame = await runtime.context.frame()
    others = await runtime.context.other_frames()
    try:
        result = await asyncio.to_thread(analysis.replay_change, frame, kind, params, others)
    except InvalidCriteria as error:
        return refused_call(error)
    return brief(result), ToolOutcome(data=result.model_dump(mode="json"), summary=_summary(result), result=result)


def _summary(result: ReplayedRule) -> str:
    before = money(result.before.total_pnl)
    if result.after is None:
        return f"{result.description}: can't be known"
    if isinstance(result.after, Bounds):
        low, high = money(result.after.low.total_pnl), money(result.after.high.total_pnl)
        return f"{result.description}: {before} → {low} to {high} {result.currency}"
    return f"{result.description}: {before} → {money(result.after.total_pnl)} {result.currency}"
