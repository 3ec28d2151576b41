"""The tool that proposes rules and shows what each would have done to this run."""

from __future__ import annotations

import asyncio
from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool
from pydantic import BaseModel, Field

from backend import analysis
from backend.agents.core.compact import compact_rules
from backend.agents.core.context import AgentContext, ToolOutcome, refused_call
from backend.analysis import InvalidCriteria


class SuggestRulesArgs(BaseModel):
    """Arguments as models send them."""

    problem: str = Field(
        default="", description="What to do something about, in plain words: 'big single losses', 'bad hours', 'fees'."
    )


@tool(args_schema=SuggestRulesArgs, response_format="content_and_artifact")
async def suggest_rules(runtime: ToolRuntime[AgentContext, Any], problem: str = "") -> tuple[str, ToolOutcome]:
    """Rules for a problem, with parameters from this run's data, Python code to paste, and a replay of each.

    The replay says what would have happened to this run and to the model's other runs, and gives a verdict: holds,
    fragile, in-sample only, no better than chance, hurts, or unknown. Always tell the reader the verdict with the rule.
    """
    context = runtime.context
    frame = await context.frame()
    others = await context.other_frames()
    try:
        result = await asyncio.to_thread(analysis.suggest_rules, frame, problem, others)
    except InvalidCriteria as error:
        return refused_call(error)
    data = result.model_dump(mode="json")
    holding = sum(rule.replay.verdict == "holds" for rule in result.rules)
    summary = f"{len(result.rules)} rules replayed, {holding} hold"
    return compact_rules(data), ToolOutcome(data=data, summary=summary, result=result)
