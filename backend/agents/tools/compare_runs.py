"""The tool that compares this run with others of the same model."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated, Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool
from pydantic import BaseModel, WithJsonSchema

from backend import analysis
from backend.agents.core.brief import brief
from backend.agents.core.context import AgentContext, ToolOutcome, refused_call
from backend.analysis import InvalidCriteria, RunFrame
from backend.analysis.compare import MOST


class CompareRunsArgs(BaseModel):
    """Arguments as models send them."""

    runs: Annotated[
        Any,
        WithJsonSchema({
            "type": "string",
            "description": "Numbers of the model's other runs as people call them (#3 is 3), with commas. Empty "
            "for all of the newest.",
        }),
    ] = None  # fmt: skip


@tool(args_schema=CompareRunsArgs, response_format="content_and_artifact")
async def compare_runs(runtime: ToolRuntime[AgentContext, Any], runs: Any = None) -> tuple[str, ToolOutcome]:
    """This run beside other runs of the same model: the same figures, what changed in settings, and whether the trades'
    results differ beyond noise.

    The first value of each figure is this run's. Use it for "is this better than the last run", "compare with run #2".
    """
    frame, others = await asyncio.gather(runtime.context.frame(), runtime.context.other_frames())
    try:
        chosen = _chosen(frame, list(others), [int(number) for number in re.findall(r"\d{1,15}", str(runs or ""))])
        result = await asyncio.to_thread(analysis.compare_runs, [frame, *chosen])
    except InvalidCriteria as error:
        return refused_call(error)
    named = ", ".join(f"#{run.run_number}" for run in result.runs)
    return brief(result), ToolOutcome(
        data=result.model_dump(mode="json"), summary=f"Runs {named} side by side", result=result
    )


def _chosen(frame: RunFrame, others: list[RunFrame], wanted: list[int]) -> list[RunFrame]:
    """The runs named by number, else by id; this one's own name is no other."""
    if not others:
        raise InvalidCriteria("the model has no other run to compare with")
    own = {frame.facts.run_number, frame.facts.run_id}
    by_number = {other.facts.run_number: other for other in others}
    by_id = {other.facts.run_id: other for other in others}
    found = []
    for name in wanted:
        other = by_number.get(name) or by_id.get(name)
        if other is None and name not in own:
            raise InvalidCriteria(f"there is no run #{name} at hand", [f"#{number}" for number in sorted(by_number)])
        if other is not None and other not in found:
            found.append(other)
    return (found or others)[: MOST - 1]
