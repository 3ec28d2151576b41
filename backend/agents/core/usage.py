"""What a turn's model calls used, summed."""

from __future__ import annotations

from backend.agents.core.events import UsageEvent
from backend.agents.openrouter.sse_reader import UpstreamUsage


class UsageSum:
    """Tokens and cost over the turn's model calls; None until a provider reports some."""

    def __init__(self) -> None:
        self._reports: list[UpstreamUsage] = []

    def add(self, report: UpstreamUsage) -> None:
        """Count one model call."""
        self._reports.append(report)

    def event(self) -> UsageEvent | None:
        """The sum, with a cost only when every call had one."""
        if not self._reports:
            return None
        costs = [report.cost_usd for report in self._reports]
        known = [cost for cost in costs if cost is not None]
        return UsageEvent(
            prompt_tokens=sum(report.prompt_tokens for report in self._reports),
            completion_tokens=sum(report.completion_tokens for report in self._reports),
            cost_usd=round(sum(known), 10) if len(known) == len(costs) else None,
        )
