"""Tool calls that a plan needs, and what came back from them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from backend.agents.core.context import ToolOutcome
from backend.agents.offline.understanding import Condition, RunVocabulary
from backend.agents.offline.understanding.plan import PERIODS
from backend.analysis.measures import Language

Found = TypeVar("Found", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A tool call to make."""

    tool: str
    args: dict[str, Any]

    @property
    def key(self) -> str:
        """The same for equal calls."""
        return f"{self.tool} {json.dumps(self.args, sort_keys=True, default=str)}"


@dataclass(frozen=True, slots=True)
class Results:
    """The turn's results by the call that made them."""

    outcomes: Mapping[str, ToolOutcome] = field(default_factory=dict)

    def of(self, call: PlannedCall, kind: type[Found]) -> Found | None:
        """The call's typed result; None where it has not been made or has failed."""
        outcome = self.outcomes.get(call.key)
        return outcome.result if outcome is not None and isinstance(outcome.result, kind) else None

    def failure(self, call: PlannedCall) -> str | None:
        """Why the call failed; None where it did not."""
        outcome = self.outcomes.get(call.key)
        return str(outcome.data.get("message", "it failed")) if outcome is not None and not outcome.ok else None

    def missing(self, calls: Iterable[PlannedCall]) -> list[PlannedCall]:
        """The calls not made yet, each once."""
        wanted = {call.key: call for call in calls if call.key not in self.outcomes}
        return list(wanted.values())


@dataclass(frozen=True, slots=True)
class Desk:
    """What an answer is written with: the run's own names, the asker's language, and the results so far."""

    run: RunVocabulary
    language: Language
    results: Results

    @property
    def currency(self) -> str:
        """The run's currency."""
        return self.run.currency


def criteria_of(where: Sequence[Condition], *, periods_by: str = "closed") -> list[dict[str, Any]]:
    """Conditions as the tools take them. A period the question says no more of is that of the closing, where results
    are booked; hours and weekdays are of the opening."""
    return [one.as_json(by=periods_by if one.key in PERIODS else "opened") for one in where]


# One breakdown is the least an analysis makes; most answers need the selection's sums alone, and are quicker with it.
BRIEF = ("side",)
USUAL: tuple[str, ...] = ()


def analysis_call(
    where: Sequence[Condition] = (), by: Sequence[str] = BRIEF, *, periods_by: str = "closed"
) -> PlannedCall:
    """Figures of a selection against the rest; `by` are the breakdowns, the usual ones where it is empty."""
    args: dict[str, Any] = {"filter_type": "all"}
    if where:
        args = {"filter_type": "where", "criteria": criteria_of(where, periods_by=periods_by)}
    if by:
        args["by"] = ",".join(by)
    return PlannedCall("analyze_trades", args)


def metrics_call() -> PlannedCall:
    """All figures of the run."""
    return PlannedCall("calculate_metrics", {"metric_type": "all"})


def trades_call(
    where: Sequence[Condition] = (), *, sort: str = "opened_at", limit: int = 20, periods_by: str = "opened"
) -> PlannedCall:
    """Single trades."""
    args: dict[str, Any] = {"sort": sort, "limit": limit}
    if where:
        args["where"] = json.dumps(criteria_of(where, periods_by=periods_by))
    return PlannedCall("get_trades", args)
