"""Pure analysis: positions → trades → metrics, explanations, rules with replay, and the check of quoted figures."""

from backend.analysis.causes import Causes, find_causes
from backend.analysis.compare import RunComparison, compare_runs
from backend.analysis.compare_groups import GroupComparison, compare_groups
from backend.analysis.criteria import InvalidCriteria
from backend.analysis.daily import RunCalendar, run_calendar
from backend.analysis.distribution import Distribution, distribution
from backend.analysis.drawdowns import Drawdowns, drawdown_periods
from backend.analysis.equity import EquityCurve
from backend.analysis.equity_points import EquityPoint, EquitySeries, equity_points
from backend.analysis.explain import FILTER_TYPES, TradeAnalysis, analyze_trades
from backend.analysis.explain_term import TermExplained, explain_term
from backend.analysis.figure_check.check import FigureCheck, check_figures, checking_figures
from backend.analysis.figures import Figure
from backend.analysis.frame import RunFrame
from backend.analysis.get_trades import TradesFound, get_trades
from backend.analysis.metrics import METRIC_TYPES, METRICS, MetricsResult, RunSummary, calculate_metrics, summarise_run
from backend.analysis.named_numbers import ToolResult
from backend.analysis.positions import Positions, RunFacts
from backend.analysis.replay import Replay, replay_rule
from backend.analysis.rolling import Rolling, rolling
from backend.analysis.rows import TradeRow
from backend.analysis.rules import RULES, Rule
from backend.analysis.suggest import RuleSuggestions, SuggestedRule, suggest_rules
from backend.analysis.trade_list import TradeFilter, TradeList, find_trades, trade_rows
from backend.analysis.trades import Trades, build_trades
from backend.analysis.what_if import ReplayedRule, replay_change

__all__ = [
    "FILTER_TYPES",
    "METRICS",
    "METRIC_TYPES",
    "RULES",
    "Causes",
    "Distribution",
    "Drawdowns",
    "EquityCurve",
    "EquityPoint",
    "EquitySeries",
    "Figure",
    "FigureCheck",
    "GroupComparison",
    "InvalidCriteria",
    "MetricsResult",
    "Positions",
    "Replay",
    "ReplayedRule",
    "Rolling",
    "Rule",
    "RuleSuggestions",
    "RunCalendar",
    "RunComparison",
    "RunFacts",
    "RunFrame",
    "RunSummary",
    "SuggestedRule",
    "TermExplained",
    "ToolResult",
    "TradeAnalysis",
    "TradeFilter",
    "TradeList",
    "TradeRow",
    "Trades",
    "TradesFound",
    "analyze_trades",
    "build_trades",
    "calculate_metrics",
    "check_figures",
    "checking_figures",
    "compare_groups",
    "compare_runs",
    "distribution",
    "drawdown_periods",
    "equity_points",
    "explain_term",
    "find_causes",
    "find_trades",
    "get_trades",
    "replay_change",
    "replay_rule",
    "rolling",
    "run_calendar",
    "suggest_rules",
    "summarise_run",
    "trade_rows",
]
