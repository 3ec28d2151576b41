"""The tool that looks at a selection of the run's trades against the rest."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool
from pydantic import BaseModel, Field, WithJsonSchema, field_validator

from backend import analysis
from backend.agents.core.compact import compact_analysis, money
from backend.agents.core.context import AgentContext, ToolOutcome, refused_call
from backend.agents.tools.conditions import CONDITIONS
from backend.analysis import FILTER_TYPES, InvalidCriteria
from backend.analysis.dimensions import DIMENSIONS, USUAL, read_dimensions

_CRITERIA = (
    f"For where: {CONDITIONS} The other filters take one value: symbol, side, tag, action: one name or several, "
    "separated by commas. hour: 0-23 UTC, or a range such as 13-15. weekday: Monday. month: 2026-03. date_range: "
    "2026-01-01..2026-01-31. holding_time: such as <1h or 1h-4h. largest_losses, largest_wins, streaks: how many. "
    "Empty for the others."
)
_BY = (
    f"Dimensions to break down by, separated by commas; without it: {', '.join(USUAL)}. "
    f"Any of: {', '.join(DIMENSIONS)}."
)


class AnalyzeTradesArgs(BaseModel):
    """Arguments as models send them: criteria in any JSON form."""

    filter_type: str = Field(description=f"One of: {', '.join(FILTER_TYPES)}.")
    # Told to models as text, because several providers refuse schemas with alternatives; taken in any form they send.
    criteria: Annotated[Any, WithJsonSchema({"type": "string", "description": _CRITERIA})] = None
    by: Annotated[Any, WithJsonSchema({"type": "string", "description": _BY})] = None

    @field_validator("criteria")
    @classmethod
    def _whole_numbers(cls, value: Any) -> Any:
        return int(value) if isinstance(value, float) and value.is_integer() else value


@tool(args_schema=AnalyzeTradesArgs, response_format="content_and_artifact")
async def analyze_trades(
    filter_type: str, runtime: ToolRuntime[AgentContext, Any], criteria: Any = None, by: Any = None
) -> tuple[str, ToolOutcome]:
    """Real figures for a selection of this run's trades and for the rest of them.

    Counts and money, what share of the run they are, breakdowns (by symbol, side, tag, hour, weekday, holding time and
    month, or those that `by` names), the loss bridge (gross, fees, funding, net, open), loss concentration, the worst
    and best trades with ids and recorded reasoning, and the patterns that pass a permutation test. filter_type "where"
    takes conditions that must all hold: "shorts on Thursdays held over 4 hours" is one call. Start with filter_type
    "all" to see why a run lost or made money. Trades still open at the end are counted apart, in open_pnl; total_pnl
    has both.
    """
    frame = await runtime.context.frame()
    try:
        result = await asyncio.to_thread(analysis.analyze_trades, frame, filter_type, criteria, read_dimensions(by))
    except InvalidCriteria as error:
        return refused_call(error)
    data = result.model_dump(mode="json")
    selection = result.selection
    summary = (
        f"{result.filter.description}: {selection.trade_count} trades, net {money(selection.net_pnl)} {result.currency}"
    )
    return compact_analysis(data), ToolOutcome(data=data, summary=summary, result=result)
