"""The library of rules; `suggest_rules` replays them on a run and says which hold."""

from backend.analysis.rules import (
    cooldown_after_losses,
    daily_loss_limit,
    drawdown_circuit_breaker,
    equity_scaled_size,
    max_concurrent_positions,
    max_holding_time,
    max_position_size,
    max_trades_per_day,
    no_trade_hours,
    no_trade_weekdays,
    side_filter,
    stop_loss,
    symbol_exclusion,
    tag_exclusion,
    take_profit,
    volatility_scaled_size,
)
from backend.analysis.rules.base import Outcome, Rule

RULES: tuple[Rule, ...] = (
    stop_loss.RULE,
    take_profit.RULE,
    max_holding_time.RULE,
    max_position_size.RULE,
    equity_scaled_size.RULE,
    volatility_scaled_size.RULE,
    max_concurrent_positions.RULE,
    daily_loss_limit.RULE,
    drawdown_circuit_breaker.RULE,
    cooldown_after_losses.RULE,
    max_trades_per_day.RULE,
    no_trade_hours.RULE,
    no_trade_weekdays.RULE,
    symbol_exclusion.RULE,
    side_filter.RULE,
    tag_exclusion.RULE,
)

__all__ = ["RULES", "Outcome", "Rule"]
