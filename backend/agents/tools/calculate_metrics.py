"""The tool that computes the run's figures."""

from __future__ import annotations

import asyncio
from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool
from pydantic import BaseModel, Field

from backend import analysis
from backend.agents.core.compact import compact_metrics
from backend.agents.core.context import AgentContext, ToolOutcome, refused_call
from backend.analysis import METRIC_TYPES, InvalidCriteria


class CalculateMetricsArgs(BaseModel):
    """Arguments as models send them."""

    metric_type: str = Field(default="all", description=f"One of: {', '.join(METRIC_TYPES)}.")


@tool(args_schema=CalculateMetricsArgs, response_format="content_and_artifact")
async def calculate_metrics(
    runtime: ToolRuntime[AgentContext, Any], metric_type: str = "all"
) -> tuple[str, ToolOutcome]:
    """Returns, risk, ratios, drawdown with dates, trade statistics, costs and exposure of this run, as defined here."""
    frame = await runtime.context.frame()
    try:
        result = await asyncio.to_thread(analysis.calculate_metrics, frame, metric_type)
    except InvalidCriteria as error:
        return refused_call(error)
    data = result.model_dump(mode="json")
    known = sum(figure.value is not None for figure in result.figures.values())
    return compact_metrics(data), ToolOutcome(
        data=data, summary=f"{known} figures ({result.metric_type})", result=result
    )
