"""The agent's tools, one a file."""

from backend.agents.tools.analyze_trades import analyze_trades
from backend.agents.tools.calculate_metrics import calculate_metrics
from backend.agents.tools.compare_groups import compare_groups
from backend.agents.tools.compare_runs import compare_runs
from backend.agents.tools.explain_term import explain_term
from backend.agents.tools.get_trades import get_trades
from backend.agents.tools.replay_rule import replay_rule
from backend.agents.tools.suggest_rules import suggest_rules

TOOLS = (
    analyze_trades, calculate_metrics, suggest_rules, get_trades, replay_rule, compare_groups, compare_runs,
    explain_term,
)  # fmt: skip
TOOL_NAMES = tuple(tool.name for tool in TOOLS)

__all__ = ["TOOLS", "TOOL_NAMES"]
