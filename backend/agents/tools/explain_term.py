"""The tool that explains a term of trading with this run's value."""

from __future__ import annotations

import asyncio
from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool
from pydantic import BaseModel, Field

from backend import analysis
from backend.agents.core.brief import brief
from backend.agents.core.context import AgentContext, ToolOutcome, refused_call
from backend.analysis import InvalidCriteria


class ExplainTermArgs(BaseModel):
    """Arguments as models send them."""

    term: str = Field(
        description="The term in English: 'MAE', 'Sharpe ratio', 'unrealised loss', 'profit factor', 'R'."
    )


@tool(args_schema=ExplainTermArgs, response_format="content_and_artifact")
async def explain_term(term: str, runtime: ToolRuntime[AgentContext, Any]) -> tuple[str, ToolOutcome]:
    """What a term means and how it is computed here, with this run's value of it (or why there is none) and, where a
    trade shows it, the trade that shows it most."""
    frame = await runtime.context.frame()
    try:
        result = await asyncio.to_thread(analysis.explain_term, frame, term)
    except InvalidCriteria as error:
        return refused_call(error)
    known = [f"{name} {figure.value}" for name, figure in result.figures.items() if figure.value is not None]
    summary = f"{result.term}: {known[0] if known else 'no value in this run'}"
    return brief(result), ToolOutcome(data=result.model_dump(mode="json"), summary=summary, result=result)
