"""Pure analysis: positions → trades → metrics, explanations, rules with replay, and the check of quoted figures."""

from backend.analysis.citations import FigureCheck, ToolResult, check_figures
from backend.analysis.compare import RunComparison, compare_runs
from backend.analysis.criteria import InvalidCriteria
from backend.analysis.equity import EquityCurve, EquityPoint, EquitySeries, equity_points
from backend.analysis.explain import FILTER_TYPES, TradeAnalysis, analyze_trades
from backend.analysis.figures import Figure
from backend.analysis.frame import Positions, RunFacts, RunFrame
from backend.analysis.metrics import METRIC_TYPES, METRICS, MetricsResult, RunSummary, calculate_metrics, summarise_run
from backend.analysis.replay import Replay, replay_rule
from backend.analysis.rows import TradeRow, trade_rows
from backend.analysis.rules import RULES, Rule
from backend.analysis.suggest import RuleSuggestions, SuggestedRule, suggest_rules
from backend.analysis.trades import Trades, build_trades

__all__ = [
    "FILTER_TYPES",
    "METRICS",
    "METRIC_TYPES",
    "RULES",
    "EquityCurve",
    "EquityPoint",
    "EquitySeries",
    "Figure",
    "FigureCheck",
    "InvalidCriteria",
    "MetricsResult",
    "Positions",
    "Replay",
    "Rule",
    "RuleSuggestions",
    "RunComparison",
    "RunFacts",
    "RunFrame",
    "RunSummary",
    "SuggestedRule",
    "ToolResult",
    "TradeAnalysis",
    "TradeRow",
    "Trades",
    "analyze_trades",
    "build_trades",
    "calculate_metrics",
    "check_figures",
    "compare_runs",
    "equity_points",
    "replay_rule",
    "suggest_rules",
    "summarise_run",
    "trade_rows",
]
