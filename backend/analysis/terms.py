"""Words of trading that people ask the meaning of, with what shows them in a run.

Every metric is a term too, with its definition from `METRICS`; what stands here says more than that: what it means in
plain words, and which figures and which trade show it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Term:
    """One term. `formula` is empty where the definition of the first figure is one; `figures` are metrics of the run;
    `example` is the order of trades whose first shows it."""

    name: str
    meaning: str
    formula: str = ""
    figures: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    example: str | None = None
    related: tuple[str, ...] = field(default=())


TERMS: tuple[Term, ...] = (
    Term(
        "mae",
        (
            "Maximum adverse excursion: how far a trade was in loss at its worst while it was open. It shows how "
            "much heat trades take and where a stop would have cut them."
        ),
        formula=("(worst price while open − entry price) × side × quantity × multiplier, at most 0, before costs"),
        figures=("average_mae", "largest_mae"),
        also=("maximum adverse excursion", "max adverse excursion", "adverse excursion", "heat"),
        related=("mfe", "stop_loss"),
        example="mae",
    ),
    Term(
        "mfe",
        (
            "Maximum favourable excursion: how far a trade was in profit at its best while it was open. What of "
            "it was not kept was given back."
        ),
        formula=("(best price while open − entry price) × side × quantity × multiplier, at least 0, before costs"),
        figures=("average_mfe", "largest_mfe", "average_given_back"),
        also=("maximum favourable excursion", "maximum favorable excursion", "favourable excursion"),
        related=("mae", "given_back"),
        example="-mfe",
    ),
    Term(
        "given_back",
        "What a trade was ahead at its best and did not keep when it was closed.",
        formula="MFE − gross P&L",
        figures=("average_given_back", "average_mfe"),
        also=("left on the table", "give back", "gave back", "profit given back"),
        related=("mfe",),
        example="-given_back",
    ),
    Term(
        "open_pnl",
        (
            "Unrealised profit or loss: what positions still open would make if they were closed at the last "
            "known prices. It is on paper until they are closed."
        ),
        formula="Σ signed (last price − entry price) × quantity × multiplier − costs so far",
        figures=("open_pnl", "open_count", "net_pnl", "total_pnl"),
        also=(
            "unrealised loss",
            "unrealized loss",
            "unrealised",
            "unrealized",
            "unrealised pnl",
            "unrealized pnl",
            "paper loss",
            "paper profit",
            "floating loss",
            "floating pnl",
            "unrealised profit",
            "book loss",
        ),
        related=("net_pnl",),
    ),
    Term(
        "net_pnl",
        "Realised profit or loss: what the closed trades made after fees and funding.",
        figures=("net_pnl", "gross_pnl", "fees", "funding", "open_pnl", "total_pnl"),
        also=("realised pnl", "realized pnl", "realised profit", "realized profit", "pnl", "profit and loss", "p&l"),
    ),
    Term(
        "gross_pnl",
        "What the price moves alone made, before fees and funding.",
        figures=("gross_pnl", "fees", "funding", "net_pnl"),
        also=("gross profit", "gross"),
    ),
    Term(
        "sharpe",
        (
            "Return for each unit of ups and downs: the mean daily return over its standard deviation, as a "
            "year's figure. Above 1 is often called good, but few days make it very uncertain."
        ),
        figures=("sharpe", "volatility", "total_return"),
        also=("sharpe ratio",),
        related=("sortino", "calmar"),
    ),
    Term(
        "sortino",
        "Like Sharpe, but only falls count as risk.",
        figures=("sortino", "sharpe"),
        also=("sortino ratio",),
    ),
    Term(
        "calmar",
        "Yearly return for each percent of the deepest fall.",
        figures=("calmar", "cagr", "max_drawdown"),
        also=("calmar ratio", "mar ratio"),
    ),
    Term(
        "max_drawdown",
        (
            "Maximum drawdown: the deepest fall of the account from a high before it was made up. It is what one "
            "would have had to sit through."
        ),
        figures=(
            "max_drawdown",
            "max_drawdown_money",
            "drawdown_peak_at",
            "drawdown_trough_at",
            "drawdown_recovery_at",
            "longest_under_water",
        ),
        also=("drawdown", "max dd", "maximum drawdown", "mdd"),
    ),
    Term(
        "profit_factor",
        "What was won for each unit lost. Below 1 the losses were larger than the wins.",
        figures=("profit_factor", "total_win", "total_loss"),
        also=("pf",),
    ),
    Term(
        "payoff_ratio",
        ("How large the average win is against the average loss. It decides which win rate is needed."),
        figures=("payoff_ratio", "average_win", "average_loss", "break_even_win_rate", "win_rate"),
        also=("risk reward", "risk reward ratio", "reward to risk", "rrr", "crv", "payoff", "win loss ratio"),
    ),
    Term(
        "break_even_win_rate",
        ("The share of trades that must win for the wins to pay for the losses, given how large both are on average."),
        formula="1 ÷ (1 + average win ÷ size of the average loss)",
        figures=("break_even_win_rate", "win_rate", "payoff_ratio"),
        also=("breakeven win rate", "required win rate"),
    ),
    Term(
        "expectancy",
        ("What a trade made on average, after costs: the number that must be above zero for the trading to pay."),
        figures=("expectancy", "expectancy_error", "trade_count", "expectancy_r"),
        also=("expected value", "average trade", "edge", "expected value per trade"),
    ),
    Term(
        "win_rate",
        (
            "The share of decided trades that ended above zero. Alone it says nothing: small wins and large "
            "losses lose with any win rate."
        ),
        figures=("win_rate", "win_count", "loss_count", "break_even_win_rate"),
        also=("hit rate", "winrate", "batting average", "strike rate"),
    ),
    Term(
        "expectancy_r",
        (
            "R: a trade's result as a multiple of what was risked at its entry, the loss at its stop. −1 R is a "
            "full stop, 2 R twice the risk made."
        ),
        figures=("expectancy_r",),
        also=("r", "r multiple", "r-multiple", "risk multiple"),
    ),
    Term(
        "sqn",
        (
            "System quality number: how far the average trade is from zero for the spread of the results and "
            "their number. Around 2 is usable, above 3 is good; with few trades it says little."
        ),
        figures=("sqn", "trade_count"),
        also=("system quality number",),
    ),
    Term(
        "kelly",
        (
            "Kelly fraction: the share of the account that would have grown it fastest had the win rate and "
            "payoff been known and steady. Below zero means no bet pays. It is a ceiling, never a size to use."
        ),
        figures=("kelly", "win_rate", "payoff_ratio"),
        also=("kelly criterion", "kelly fraction"),
    ),
    Term(
        "leverage",
        (
            "How many times its own margin a position is worth. It multiplies gains and losses on the margin, and "
            "brings liquidation nearer."
        ),
        formula="position value ÷ margin",
        figures=("average_leverage", "max_leverage"),
        also=("margin", "gearing", "hebel"),
        example="-leverage",
    ),
    Term(
        "var_95",
        "Value at risk: on 19 of 20 days the loss stayed smaller than this.",
        figures=("var_95", "cvar_95"),
        also=("value at risk", "var"),
    ),
    Term(
        "cvar_95",
        "Expected shortfall: the average of the worst 5 % of days.",
        figures=("cvar_95", "var_95"),
        also=("expected shortfall", "cvar", "conditional value at risk"),
    ),
    Term(
        "volatility",
        "How much the daily returns swing, as a year's figure.",
        figures=("volatility", "best_day", "worst_day"),
        also=("vol", "standard deviation"),
    ),
    Term(
        "exposure",
        "How much of the time at least one position was open.",
        figures=("exposure", "max_open_trades"),
        also=("time in market", "market exposure"),
    ),
    Term(
        "fees",
        ("What was paid for trading: commissions and the like. They are taken from every trade, won or lost."),
        figures=("fees", "fees_share_of_gross", "average_fees", "fees_bps"),
        also=("commission", "commissions", "fee", "trading costs"),
    ),
    Term(
        "funding",
        (
            "Funding is paid between longs and shorts of perpetual futures for holding; overnight interest (swap) "
            "is booked here too. Above zero it is a cost."
        ),
        figures=("funding", "fees", "total_costs"),
        also=("swap", "overnight interest", "financing", "rollover"),
    ),
    Term(
        "slippage",
        (
            "The difference between the price expected and the price got. A file of fills has the price got "
            "alone, so it can't be told from it."
        ),
        formula="fill price − expected price",
        also=("price improvement",),
    ),
    Term(
        "benchmark_return",
        ("What buying and holding the same symbols over the same time would have returned."),
        figures=("benchmark_return", "excess_return", "total_return"),
        also=("buy and hold", "benchmark", "alpha", "excess return"),
    ),
    Term(
        "cagr",
        ("Compound annual growth rate: the yearly rate that gives the whole return over the run's time."),
        figures=("cagr", "total_return", "duration_days"),
        also=("annual return", "annualised return", "annualized return"),
    ),
    Term(
        "ulcer_index",
        ("How deep and how long the account was below its highs: the root mean square of the daily drawdowns."),
        figures=("ulcer_index", "max_drawdown", "time_under_water"),
        also=("ulcer",),
    ),
    Term(
        "time_under_water",
        "How much of the time the account stood below an earlier high.",
        figures=("time_under_water", "longest_under_water"),
        also=("underwater", "under water"),
    ),
    Term(
        "turnover",
        "How many times the account's worth was traded.",
        figures=("turnover", "traded_value"),
    ),
    Term(
        "losing_streak",
        ("Losses in a row. Long ones come by chance alone: of 100 fair tosses seven in a row are usual."),
        figures=("longest_losing_streak", "longest_winning_streak", "loss_count"),
        also=("streak", "losing run", "drawdown streak"),
    ),
    Term(
        "holding_time",
        "How long a trade was open, from its first opening to its last closing fill.",
        figures=("average_holding", "median_holding", "average_holding_winners", "average_holding_losers"),
        also=("holding period", "duration", "time in trade"),
        example="-holding_seconds",
    ),
    Term(
        "hedge",
        ("A position that gains when another loses. It shows in a run as trades open at one time on opposite sides."),
        also=("hedging",),
    ),
    Term(
        "stop_loss",
        (
            "An order that closes a position once it has lost so much, so that one trade can't lose much more; "
            "gaps and slippage can take it further."
        ),
        figures=("largest_loss", "average_mae"),
        also=("stop", "sl", "stoploss"),
        related=("mae",),
    ),
    Term(
        "p_value",
        (
            "How often chance alone would show something at least as large, if there were nothing. Small is "
            "strong evidence only for what was not picked out of many."
        ),
        also=("p value", "significance", "statistically significant"),
    ),
    Term(
        "drawdown_money",
        "The deepest fall in money rather than percent.",
        figures=("max_drawdown_money", "max_drawdown"),
    ),
)


def term_key(text: str) -> str:
    """A term as it is looked up: letters and digits in lower case, words parted by one space."""
    return " ".join(re.sub(r"[^\w&]+|_", " ", text.lower()).split())


BY_WORD: dict[str, Term] = {term_key(word): term for term in TERMS for word in (term.name, *term.also)}
