"""What each source's published statistics are called here, and by which convention they may differ.

A statistic without `why` should agree with ours to the decimals it is printed with. `why` names a convention that the
source is known to follow and Rundown does not, and is given only where it `holds`; where none is known there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from backend.importers.layouts.registry import LAYOUTS


@dataclass(frozen=True, slots=True)
class Statistic:
    """A statistic of `runs.published`: our figure, what theirs is multiplied by to be in our unit and sign, why the two
    may differ, and to what step (in our unit) the source rounds it.

    `holds` says when `why` is the reason: `defined` always, since the two are defined differently; `open` where the run
    has open trades; `gross` where the figure before costs agrees; `cents` where the difference is what rounding of each
    trade to cents may make; `zeros` where it is no more than the trades of zero.
    """

    figure: str
    factor: float = 1.0
    why: str | None = None
    step: float = 0.0
    holds: Literal["defined", "open", "gross", "cents", "zeros"] = "defined"


_CURVE = "freqtrade's curve steps at each trade's close and its first peak is the first trade's cumulative profit."
_FREQTRADE: Final[Mapping[str, Statistic]] = {
    "total_trades": Statistic("trade_count"),
    "profit_total_abs": Statistic("net_pnl"),
    "profit_total": Statistic("total_return", 100),
    "final_balance": Statistic("final_equity"),
    "wins": Statistic("win_count", why="freqtrade counts trades by profit ratio, Rundown by net P&L."),
    "losses": Statistic("loss_count", why="freqtrade counts trades by profit ratio, Rundown by net P&L."),
    "draws": Statistic(
        "breakeven_count", why="A draw is a profit ratio of 0 for freqtrade, a net P&L of exactly 0 for Rundown."
    ),
    "winrate": Statistic("win_rate", 100, "freqtrade divides the wins by all trades, draws included."),
    "profit_factor": Statistic("profit_factor"),
    "expectancy": Statistic("expectancy"),
    "holding_avg_s": Statistic("average_holding", step=60),
    "winner_holding_avg_s": Statistic("average_holding_winners", step=60),
    "loser_holding_avg_s": Statistic("average_holding_losers", step=60),
    "max_consecutive_wins": Statistic("longest_winning_streak"),
    "max_consecutive_losses": Statistic("longest_losing_streak"),
    "max_drawdown_abs": Statistic("max_drawdown_money", -1, _CURVE),
    "max_drawdown_account": Statistic("max_drawdown", -100, _CURVE),
    "cagr": Statistic("cagr", 100, "freqtrade counts whole days of the backtest and 365 of them a year."),
    "sharpe": Statistic(
        "sharpe",
        why="freqtrade divides the profit per day of the backtest by the deviation of the trades' profits, not of "
        "daily returns.",
    ),
    "sortino": Statistic(
        "sortino",
        why="freqtrade divides the profit per day of the backtest by the deviation of the losing trades' profits.",
    ),
    "calmar": Statistic("calmar", why="freqtrade scales the profit per day by √365 instead of compounding it."),
    "market_change": Statistic(
        "benchmark_return", 100, "freqtrade has all candles of its pairs; Rundown has the prices in the run alone."
    ),
    "backtest_best_day": Statistic(
        "best_day", 100, "freqtrade sums the profit ratios of the trades closed that day; Rundown takes equity."
    ),
    "backtest_worst_day": Statistic(
        "worst_day", 100, "freqtrade sums the profit ratios of the trades closed that day; Rundown takes equity."
    ),
}

_GROSS = "LEAN's statistics of trades are before fees."
_SAMPLED = "LEAN computes it from equity that it samples once a day, after a risk-free rate where it needs one."
_LEAN: Final[Mapping[str, Statistic]] = {
    "trades_total_number_of_trades": Statistic("trade_count"),
    "trades_total_profit_loss": Statistic("gross_pnl"),
    "trades_total_fees": Statistic("fees"),
    "total_fees": Statistic("fees", why="LEAN counts the fees of open trades too.", holds="open"),
    "end_equity": Statistic("final_equity", why="LEAN marks what is open at its own last prices.", holds="open"),
    "net_profit_pct": Statistic("total_return", why="LEAN marks what is open at its own last prices.", holds="open"),
    "trades_number_of_winning_trades": Statistic("win_count", why=_GROSS, holds="gross"),
    "trades_number_of_losing_trades": Statistic("loss_count", why=_GROSS, holds="gross"),
    "trades_win_rate": Statistic("win_rate", 100, _GROSS, holds="gross"),
    "trades_average_profit_loss": Statistic("expectancy", why=_GROSS, holds="gross"),
    "trades_average_profit": Statistic("average_win", why=_GROSS, holds="gross"),
    "trades_average_loss": Statistic("average_loss", why=_GROSS, holds="gross"),
    "trades_largest_profit": Statistic("largest_win", why=_GROSS, holds="gross"),
    "trades_largest_loss": Statistic("largest_loss", why=_GROSS, holds="gross"),
    "trades_profit_loss_ratio": Statistic("payoff_ratio", why=_GROSS, holds="gross"),
    "trades_profit_factor": Statistic("profit_factor", why=_GROSS, holds="gross"),
    "trades_max_consecutive_winning_trades": Statistic("longest_winning_streak", why=_GROSS, holds="gross"),
    "trades_max_consecutive_losing_trades": Statistic("longest_losing_streak", why=_GROSS, holds="gross"),
    "trades_average_mae": Statistic("average_mae"),
    "trades_average_mfe": Statistic("average_mfe"),
    "drawdown_pct": Statistic("max_drawdown", -1, _SAMPLED),
    "compounding_annual_return_pct": Statistic("cagr", why=_SAMPLED),
    "annual_standard_deviation": Statistic("volatility", 100, _SAMPLED),
    "sharpe_ratio": Statistic("sharpe", why=_SAMPLED),
    "sortino_ratio": Statistic("sortino", why=_SAMPLED),
}

_ZERO_WINS = "MetaTrader 4 counts most trades of zero profit as won."
_CENTS = "MetaTrader 4 rounds each row of its report to cents, but not the sum."
_FLOATING = "MetaTrader 4's drawdown includes the open trades' floating profit, which its report does not list."
_METATRADER4: Final[Mapping[str, Statistic]] = {
    "total_trades": Statistic("trade_count"),
    "total_net_profit": Statistic("net_pnl", why=_CENTS, holds="cents"),
    "profit_factor": Statistic("profit_factor", why=_CENTS, holds="cents"),
    "expected_payoff": Statistic("expectancy", why=_CENTS, holds="cents"),
    "largest_profit_trade": Statistic("largest_win"),
    "largest_loss_trade": Statistic("largest_loss"),
    "profit_trades": Statistic("win_count", why=_ZERO_WINS, holds="zeros"),
    "loss_trades": Statistic("loss_count", why=_ZERO_WINS, holds="zeros"),
    "profit_trades_pct": Statistic("win_rate", why=_ZERO_WINS, holds="zeros"),
    "average_profit_trade": Statistic("average_win", why=_ZERO_WINS, holds="zeros"),
    "average_loss_trade": Statistic("average_loss", why=_ZERO_WINS, holds="zeros"),
    "maximum_consecutive_wins": Statistic("longest_winning_streak", why=_ZERO_WINS, holds="zeros"),
    "maximum_consecutive_losses": Statistic("longest_losing_streak", why=_ZERO_WINS, holds="zeros"),
    "maximal_drawdown": Statistic("max_drawdown_money", -1, _FLOATING),
    "relative_drawdown_pct": Statistic("max_drawdown", -1, _FLOATING),
}

_METATRADER5: Final[Mapping[str, Statistic]] = {
    "total_net_profit": Statistic("net_pnl"),
    "total_trades": Statistic("trade_count"),
    "profit_trades": Statistic("win_count"),
    "loss_trades": Statistic("loss_count"),
    "profit_trades_pct": Statistic("win_rate"),
    "profit_factor": Statistic("profit_factor"),
    "expected_payoff": Statistic("expectancy"),
    "largest_profit_trade": Statistic("largest_win"),
    "largest_loss_trade": Statistic("largest_loss"),
    "average_profit_trade": Statistic("average_win"),
    "average_loss_trade": Statistic("average_loss"),
    "maximum_consecutive_wins": Statistic("longest_winning_streak"),
    "maximum_consecutive_losses": Statistic("longest_losing_streak"),
    "balance_drawdown_maximal": Statistic("max_drawdown_money", -1),
    "balance_drawdown_relative_pct": Statistic("max_drawdown", -1),
    "sharpe_ratio": Statistic(
        "sharpe", why="MetaTrader 5 takes the returns of single trades, Rundown those of days, annualised."
    ),
}

_MARKED = "AI-Trader marks its holdings with the price file, at its own moments."
_DAYS = "AI-Trader's win rate is the share of days (or rows) on which the value rose, not of trades."
_AI_TRADER: Final[Mapping[str, Statistic]] = {
    "final_value": Statistic("final_equity", why=_MARKED),
    "cumulative_return": Statistic("total_return", 100, _MARKED),
    "max_drawdown": Statistic("max_drawdown", -100, _MARKED),
    "annualized_return": Statistic("cagr", 100, "AI-Trader counts 365 days a year, Rundown 365.25."),
    "sharpe_ratio": Statistic("sharpe", why=_MARKED),
    "volatility": Statistic("volatility", 100, _MARKED),
    "win_rate": Statistic("win_rate", 100, _DAYS),
}

_ENGINES: Final[Mapping[str, Mapping[str, Statistic]]] = {
    "freqtrade": _FREQTRADE,
    "lean": _LEAN,
    "metatrader4": _METATRADER4,
    "metatrader5": _METATRADER5,
    "ai-trader": _AI_TRADER,
    "tradingview": {
        "cumulative_pnl": Statistic("total_pnl"),
        "cumulative_pnl_pct": Statistic("total_return"),
    },
    "pyfolio": {"cumulative_return": Statistic("total_return", 100)},
}
_LAYOUT: Final[Mapping[str, Statistic]] = {
    "realized_pnl": Statistic("net_pnl"),
    "realized_pnl_before_costs": Statistic("gross_pnl"),
}
STATISTICS: Final[Mapping[str, Mapping[str, Statistic]]] = {
    **_ENGINES,
    **dict.fromkeys((layout.source for layout in LAYOUTS), _LAYOUT),
}
"""Source (`runs.source`) → its statistic's name in `runs.published` → our figure."""
