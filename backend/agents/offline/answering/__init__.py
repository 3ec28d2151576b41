"""Answering a plan offline: plan → tool calls → words."""

from backend.agents.offline.answering.results import Desk, PlannedCall, Results
from backend.agents.offline.answering.write import LABEL, needed_calls, write_answer

__all__ = ["LABEL", "Desk", "PlannedCall", "Results", "needed_calls", "write_answer"]
