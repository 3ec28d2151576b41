"""What if: a change with the asker's own numbers, replayed on the trades of a run."""

from backend.analysis.what_if.kinds import KIND_HELP, KINDS
from backend.analysis.what_if.replayed import Bounds, Outcome, ReplayedRule, TradeChange, replay_change

__all__ = ["KINDS", "KIND_HELP", "Bounds", "Outcome", "ReplayedRule", "TradeChange", "replay_change"]
