"""Answers to "what does X mean": the meaning, how it is computed here, and this run's value."""

from __future__ import annotations

from backend.agents.offline.answering.figure_words import drawdown_dates
from backend.agents.offline.answering.results import Desk, PlannedCall, metrics_call, trades_call
from backend.agents.offline.answering.values import LABELS, calls_for, label_of, shown, value_of
from backend.agents.offline.markdown import code, document
from backend.agents.offline.understanding import Part, Wanted
from backend.analysis import MetricsResult, TradesFound
from backend.analysis.metrics import DEFINITIONS

# What a figure means to someone who trades, in a sentence or two; the formula comes from the registry of metrics.
MEANINGS: dict[str, str] = {
    "sharpe": "The Sharpe ratio is the average return divided by its volatility (the standard deviation of returns), scaled to a year: how much was earned for each unit of ups and downs.",
    "sortino": "The Sortino ratio is the average return divided by the downside deviation: like Sharpe, but only falls count as risk.",
    "calmar": "The Calmar ratio is the yearly growth divided by the deepest fall from a peak: what was earned a year for the worst pain on the way.",
    "max_drawdown": "The maximum drawdown is the deepest fall of equity from a peak to the low after it: the worst loss for someone who joined at the top.",
    "profit_factor": "The profit factor is the sum of all wins divided by the sum of all losses: above 1 the trades make money, below 1 they lose it.",
    "expectancy": "Expectancy is the average net result of one trade: the net P&L divided by the number of closed trades.",
    "expectancy_r": "R is a trade's net P&L divided by what was risked at entry (the distance to the stop times the size).",
    "sqn": "SQN, the system quality number, is the average trade divided by the standard deviation of the trades, times the square root of their number: how clearly the average differs from nothing.",
    "kelly": "The Kelly fraction is the share of the account that would have grown it fastest with this win rate and payoff; most traders risk far less.",
    "win_rate": "The win rate is the share of decided trades that closed with a profit: wins divided by wins and losses.",
    "payoff_ratio": "The payoff ratio is the average win divided by the size of the average loss.",
    "volatility": "Volatility is the standard deviation of daily returns, scaled to a year: how strongly equity goes up and down.",
    "var_95": "Value at risk (95 %) is the daily loss that was exceeded on only one day in twenty.",
    "cvar_95": "Expected shortfall (CVaR 95 %) is the average of the worst 5 % of days: how bad a bad day is.",
    "ulcer_index": "The Ulcer index is the root mean square of the drawdowns: it grows with how deep and how long equity stays below its peak.",
    "exposure": "Exposure is the share of the time with at least one trade open.",
    "turnover": "Turnover is the traded value divided by the average equity.",
    "time_under_water": "Time under water is the share of the time that equity stood below its earlier peak.",
    "cagr": "CAGR, the compound annual growth rate, is the yearly rate at which equity would have grown evenly to its final value.",
    "mae": "MAE, the maximum adverse excursion, is the worst unrealised loss of a trade while it was open: how far it went against you before it was closed.",
    "mfe": "MFE, the maximum favourable excursion, is the best unrealised profit of a trade while it was open: how far it was ahead before it was closed.",
    "open_pnl": "An unrealised loss or gain is that of trades that are still open (not yet sold or closed): what they would bring if they were closed at the last known price.",
    "net_pnl": "Net P&L is what the closed trades made after costs: gross P&L minus fees minus funding.",
    "gross_pnl": "Gross P&L is what price moves made of the trades before fees and funding.",
    "fees": "Fees are what the exchange or broker charged for the trades (commission).",
    "funding": "Funding is what holders of perpetual futures pay each other at intervals; above zero it was paid, below zero it was received.",
    "average_win": "The average win is the mean net P&L of the trades that made money.",
    "average_loss": "The average loss is the mean net P&L of the trades that lost money.",
    "skew": "Skew says whether returns have their longer tail on the gains' side (above zero) or on the losses' side (below zero).",
    "kurtosis": "Kurtosis says how much more often extreme days come than under a normal distribution (0 there).",
    "tail_ratio": "The tail ratio is the size of good extreme days divided by that of bad extreme days.",
    "break_even_win_rate": "The break-even win rate is the share of wins at which the average win and the average loss cancel out.",
    "benchmark_return": "Buy and hold of what was traded: what holding the same symbols in equal parts from the run's first to its last price would have made.",
    "excess_return": "The excess return is the run's total return minus buy and hold of what it traded.",
    "total_return": "The total return is the final equity divided by the starting equity, minus one.",
    "final_equity": "Equity is cash plus the value of what is held.",
    "leverage": "Leverage is the position's value divided by the money put up for it (the margin): at 10× a move of 1 % is 10 % of the stake.",
    "stake": "The stake, or margin, is the money put up for a position; times leverage it is the position's value.",
    "longest_losing_streak": "A losing streak is a number of losses in a row, by closing time.",
    "longest_winning_streak": "A winning streak is a number of wins in a row, by closing time.",
    "max_open_trades": "Concurrent positions are trades that are open at the same time.",
    "fees_share_of_gross": "Fees as a share of gross: what part of the gross P&L, by size, went to fees.",
    "return": "The return is the P&L as a share of what was put in.",
    "holding": "The holding time is the time from the first opening fill of a trade to its last closing fill.",
    "traded_value": "The traded value, or volume, is the sum of price times quantity over all fills.",
    "total_loss": "The sum of the losses is what all losing trades lost together.",
    "total_win": "The sum of the wins is what all winning trades made together.",
    "quantity": "The quantity, or size, is how many units (coins, shares, lots) a trade was of.",
    "risk_reward": "The payoff, or reward to risk, ratio is the average win divided by the size of the average loss.",
    "average_fees": "The average fee is the fees divided by the number of closed trades.",
}  # fmt: skip
TERM_MEANINGS: dict[str, str] = {
    "trailing stop": "A trailing stop is an exit order that follows the price at a set distance while a trade goes your way, and closes it once the price comes back by that much.",
    "stop-loss": "A stop-loss is an order that closes a trade once it has gone a set distance against you: it limits what one trade can lose.",
    "take profit": "A take-profit is an order that closes a trade once it has made a set profit.",
    "streak": "A streak is a number of wins or losses in a row, by closing time.",
    "short": "A short trade sells first and buys back later: it earns when the price falls.",
    "long": "A long trade buys first and sells later: it earns when the price rises.",
    "breakeven": "A breakeven trade is one whose net P&L is zero: neither win nor loss.",
    "give-back": "What a trade gave back is its best unrealised profit (MFE) minus what it made in the end.",
    "slippage": "Slippage is the difference between the price that was expected and the one that was filled.",
    "benchmark": "A benchmark is what the run is measured against; here it is buy and hold of what was traded.",
    "stake": MEANINGS["stake"],
    "leverage": MEANINGS["leverage"],
    "session": "A session is a part of the day by where markets are busy: Asia 22:00–07:00, Europe 07:00–13:00, US 13:00–22:00 UTC.",
    "p-value": "A p-value says how often pure chance would make a difference at least as large: a small one (0.025 or less here) speaks against luck.",
    "fill": "A fill is one execution of an order, or of a part of it, at a price.",
    "pattern": "A pattern, here, is a group of trades (an hour, a weekday, a symbol …) that differs from the rest by more than a permutation test grants to chance.",
    "concentration": "Concentration says how much of the losses a few trades, or one symbol, make.",
    "trade": "A trade, here, is one round trip: from flat to flat in a symbol, or the fills that the source ties together.",
    "open trade": MEANINGS["open_pnl"],
}  # fmt: skip
_LISTED = {"mae": "mae", "mfe": "-mfe"}


def define_calls(part: Part, desk: Desk) -> list[PlannedCall]:
    """Definition and value of each measure that is meant."""
    calls: list[PlannedCall] = []
    for one in part.wanted:
        calls += calls_for(_valued(one), part.where)
        if one.measure in _LISTED:
            calls.append(trades_call(part.where, sort=_LISTED[one.measure], limit=3, periods_by="closed"))
    return list({call.key: call for call in calls}.values())


def _valued(one: Wanted) -> Wanted:
    return (
        Wanted(one.measure, "mean")
        if one.measure in ("mae", "mfe", "leverage", "stake", "holding", "return", "quantity") and not one.statistic
        else one
    )


def define_words(part: Part, desk: Desk) -> str:
    """The meaning first, then how it is computed and its value here."""
    if part.topic == "tag":
        return f"**{code(part.term)} is a tag of this run's file**, set by the strategy that made it; what it stands for is not in the file. Ask for the trades tagged with it to see how they did."
    if not part.wanted:
        meaning = TERM_MEANINGS.get(part.term)
        if meaning is not None:
            return f"**{meaning}**"
        return f"**I have no definition of {code(part.term)}.** I can define every figure of this run: Sharpe, drawdown, profit factor, expectancy, MAE and MFE, win rate, SQN and so on."
    blocks = [_one(one, part, desk) for one in part.wanted]
    return document(blocks)


def _one(one: Wanted, part: Part, desk: Desk) -> str:
    name = one.measure.removeprefix("average_") if one.measure in ("average_mae", "average_mfe") else one.measure
    meaning = MEANINGS.get(name, "")
    label = label_of(_valued(one))
    value = value_of(_valued(one), part.where, desk)
    formula = DEFINITIONS.get(one.measure, "")
    metrics = desk.results.of(metrics_call(), MetricsResult)
    here = f"Here the {label} is {value.text}." if value.value is not None else f"Here it can't be given: {value.why}."
    if name in _LISTED:
        listed = desk.results.of(trades_call(part.where, sort=_LISTED[name], limit=3, periods_by="closed"), TradesFound)
        trade = listed.trades[0] if listed is not None and listed.trades else None
        worst = getattr(trade, name) if trade is not None else None
        if trade is not None and worst is not None:
            word = "worst" if name == "mae" else "best"
            here += f" The {word} {name.upper()} is {shown(worst, 'money', desk.currency)}, of trade #{trade.trade_id} ({code(trade.symbol)} {trade.side})."
    more = ""
    if metrics is not None:
        if name == "max_drawdown":
            more = drawdown_dates(metrics, desk.currency)
        elif name in ("sharpe", "sortino", "calmar", "volatility") and value.value is not None:
            more = f"{'There are few daily returns: take it with caution. ' if value.low_sample else ''}It rests on `{metrics.basis.equity_definition.rstrip('.')}`."
    computed = f"Computed as: `{formula}`" if formula and name in LABELS else ""
    head = f"**{meaning}** {here}" if meaning else f"**{here}**"
    return document([f"{head} {more}".strip(), computed])
