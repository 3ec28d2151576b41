"""Answers that set selections side by side, and what share of the whole one makes."""

from __future__ import annotations

from collections.abc import Sequence

from backend.agents.offline.answering.figure_words import figure, nothing_there
from backend.agents.offline.answering.results import Desk, PlannedCall, analysis_call, metrics_call, trades_call
from backend.agents.offline.answering.scope import short_scope, trades_of
from backend.agents.offline.answering.values import LABELS, Value, calls_for, label_of, shown, value_of
from backend.agents.offline.markdown import count, document, number, percent, table
from backend.agents.offline.understanding import Condition, Part, Wanted
from backend.analysis import MetricsResult, TradeAnalysis, TradesFound

_MOST_GROUPS = 6


def _groups(part: Part) -> list[tuple[Condition, ...]]:
    return [(*part.where, *group) for group in part.groups[:_MOST_GROUPS]]


def compare_calls(part: Part, desk: Desk) -> list[PlannedCall]:
    """One selection each."""
    calls = [analysis_call(where) for where in _groups(part)]
    calls += [
        call
        for one in part.wanted
        for where in _groups(part)
        for call in calls_for(one, where)
        if call.tool != "calculate_metrics"
    ]
    return calls


def compare_words(part: Part, desk: Desk) -> str:
    """Which did better in the first sentence, both with their figure; then the table."""
    groups = []
    for where, own in zip(_groups(part), part.groups, strict=False):
        found = desk.results.of(analysis_call(where), TradeAnalysis)
        if found is not None:
            groups.append((where, short_scope(own), found))
    if len(groups) < 2:
        return nothing_there(part.where, desk)
    wanted = [one for one in part.wanted if one.measure in LABELS or one.statistic] or [Wanted("net_pnl")]
    main = wanted[0]
    if main == Wanted("net_pnl") and any(found.selection.open_count for _, _, found in groups):
        main = Wanted("total_pnl")
    values = [(name, value_of(main, where, desk), found) for where, name, found in groups]
    return document([_head(part, main, values, desk), _table(groups, wanted, desk), _caution(groups)])


def _head(part: Part, main: Wanted, values: Sequence[tuple[str, Value, TradeAnalysis]], desk: Desk) -> str:
    known = [(name, value, found) for name, value, found in values if value.value is not None]
    of = f" ({trades_of(part.where)})" if part.where else ""
    if len(known) < 2:
        missing = next((value.why for _, value, _ in values if value.value is None), "")
        told = ", ".join(f"{name} {value.text}" for name, value, _ in known)
        return f"**Only one side has a figure to compare{of}: {told or 'none'}.** {missing[:1].upper()}{missing[1:]}.".strip()
    ranked = sorted(known, key=lambda one: -(one[1].value or 0.0))
    label = label_of(main)
    if len(ranked) == 2:
        (best, high, first), (worst, low, second) = ranked
        gap = (high.value or 0.0) - (low.value or 0.0)
        difference = (
            f" The difference in {label} is {shown(gap, high.unit, desk.currency).replace('%', ' percentage points')}."
        )
        if gap == 0:
            return f"**{_capital(best)} and {worst} have the same {label}{of}: {high.text}.**"
        verb = (
            "did better"
            if main.measure in ("net_pnl", "total_pnl", "expectancy")
            else f"have the higher {label}"
            if main.measure != "holding"
            else "were held longer"
        )
        return (
            f"**{_capital(best)} {verb}{of}: {label} {high.text} over {count(first.selection.trade_count, 'closed trade')}, against {label} "
            f"{low.text} over {count(second.selection.trade_count, 'closed trade')} for {worst}.**{difference}"
        )
    told = ", ".join(f"{name} {value.text}" for name, value, _ in ranked)
    return f"**By {label}{of}, from the best: {told}.**"


def _table(
    groups: Sequence[tuple[tuple[Condition, ...], str, TradeAnalysis]], wanted: Sequence[Wanted], desk: Desk
) -> str:
    columns: list[Wanted] = [Wanted("trade_count"), Wanted("win_rate"), Wanted("net_pnl"), Wanted("expectancy")]
    if any(found.selection.open_count for _, _, found in groups):
        columns += [Wanted("open_pnl"), Wanted("total_pnl")]
    columns += [one for one in wanted if one not in columns and one.measure != "total_pnl"]
    if len(columns) < 6:
        columns += [one for one in (Wanted("average_win"), Wanted("average_loss")) if one not in columns]
    rows = [[name, *(_bare(value_of(one, where, desk)) for one in columns)] for where, name, _ in groups]
    heads = [_heading(one, desk.currency) for one in columns]
    return table(["Trades", *heads], rows)


def _heading(one: Wanted, currency: str) -> str:
    label = label_of(one)
    money = LABELS.get(one.measure)
    named = f"{label[:1].upper()}{label[1:]}"
    return f"{named}, {currency}" if money is not None and money.unit == "money" and not one.statistic else named


def _bare(value: Value) -> str:
    return number(value.value) if value.unit == "money" and value.value is not None else value.text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _caution(groups: Sequence[tuple[tuple[Condition, ...], str, TradeAnalysis]]) -> str:
    fewest = min(found.selection.trade_count for _, _, found in groups)
    if fewest < 20:
        return f"With as few as {count(fewest, 'closed trade')} on one side, the difference may well be chance."
    return ""


def share_calls(part: Part, desk: Desk) -> list[PlannedCall]:
    """The part and the whole."""
    calls = [analysis_call()]
    if part.order in ("worst", "best"):
        calls.append(trades_call(part.where, sort=part.order, limit=max(part.limit, 1), periods_by="closed"))
        calls.append(metrics_call())
    if part.where:
        calls.append(analysis_call(part.where))
        if part.wanted and part.wanted[0].measure == "total_loss":
            calls.append(analysis_call((*part.where, Condition("result", "loss"))))
    return calls


def share_words(part: Part, desk: Desk) -> str:
    """The share in the first sentence, then both amounts."""
    whole = desk.results.of(analysis_call(), TradeAnalysis)
    if whole is None:
        return "I could not look that up."
    measure = part.wanted[0].measure if part.wanted else "trade_count"
    if measure == "open_pnl":
        return _open_share(part, desk)
    if part.order in ("worst", "best"):
        return _share_of_ranked(part, whole, desk)
    chosen = desk.results.of(analysis_call(part.where), TradeAnalysis)
    if chosen is None or not part.where:
        return _share_of_results(whole, desk)
    if measure in ("trade_count", "win_count", "loss_count"):
        field = {"win_count": "win_count", "loss_count": "loss_count"}.get(measure, "trade_count")
        if any(one.key == "result" for one in part.where):
            field = "trade_count"
        amount, total = getattr(chosen.selection, field), getattr(whole.selection, field)
        noun = {"win_count": "winning trades", "loss_count": "losing trades"}.get(field, "closed trades")
        return _share(amount, total, f"{trades_of(part.where)} are", noun, f"{amount:,} of {total:,} {noun}")
    if measure == "total_loss":
        losing = desk.results.of(analysis_call((*part.where, Condition("result", "loss"))), TradeAnalysis)
        lost, total = (losing.selection.net_pnl if losing else 0.0), whole.concentration.total_loss
        return _share(
            lost,
            total,
            f"{trades_of(part.where)} make",
            "the sum of all losses",
            f"{number(lost)} of {number(total)} {desk.currency}",
        )
    field = LABELS[measure].field if measure in LABELS else ""
    amount, total = (
        (getattr(chosen.selection, field, None), getattr(whole.selection, field, None)) if field else (None, None)
    )
    if amount is None or not total:
        return "**That share can't be given**: there is nothing to take a share of."
    label = LABELS[measure].name
    opposite = (amount < 0) != (total < 0)
    if opposite:
        return f"**{_capital(trades_of(part.where))} made {number(amount)} {desk.currency} while the whole run made {number(total)} {desk.currency} ({label})**, so a share in percent would mean nothing: they went against the total."
    return _share(
        amount,
        total,
        f"{trades_of(part.where)} make",
        f"the run's {label}",
        f"{number(amount)} of {number(total)} {desk.currency}",
    )


def _open_share(part: Part, desk: Desk) -> str:
    found = desk.results.of(analysis_call(part.where), TradeAnalysis)
    if found is None:
        return nothing_there(part.where, desk)
    held = found.selection
    if not held.open_count:
        return "**None of it: no trade is still open at the end.**"
    if (held.open_pnl < 0) != (held.total_pnl < 0):
        return f"**A share in percent would mean nothing: the open trades stand at {number(held.open_pnl)} {desk.currency} unrealised, while the total P&L is {number(held.total_pnl)} {desk.currency}.**"
    return _share(
        held.open_pnl,
        held.total_pnl,
        "the open trades make",
        "the total P&L",
        f"unrealised {number(held.open_pnl)} of {number(held.total_pnl)} {desk.currency}",
    )


def _share(amount: float, total: float, subject: str, whole: str, evidence: str) -> str:
    if not total:
        return f"**That share can't be given**: {whole} come to nothing."
    return f"**{_capital(subject)} {percent(amount / total * 100)} of {whole}:** {evidence}."


def _share_of_ranked(part: Part, whole: TradeAnalysis, desk: Desk) -> str:
    listed = desk.results.of(
        trades_call(part.where, sort=part.order, limit=max(part.limit, 1), periods_by="closed"), TradesFound
    )
    if listed is None or not listed.trades:
        return nothing_there(part.where, desk)
    trades = [trade for trade in listed.trades if (trade.net_pnl < 0) == (part.order == "worst")][: max(part.limit, 1)]
    held = whole.concentration
    name = (
        f"the {len(trades)} {part.order} trades"
        if len(trades) > 1
        else f"the {part.order} trade, #{trades[0].trade_id if trades else ''},"
    )
    amount = sum(trade.net_pnl for trade in trades)
    if part.order == "worst":
        total = (
            held.total_loss + sum(min(trade.net_pnl, 0.0) for trade in whole.open_trades)
            if any(trade.closed_at is None for trade in trades)
            else held.total_loss
        )
        return _share(
            amount,
            total,
            f"{name} make{'s' if len(trades) == 1 else ''}",
            "the sum of all losses",
            f"{number(amount)} of {number(total)} {desk.currency}",
        )
    wins = whole.selection.average_win * whole.selection.win_count if whole.selection.average_win else 0.0
    net = whole.selection.net_pnl
    text = _share(
        amount,
        wins,
        f"{name} make{'s' if len(trades) == 1 else ''}",
        "the sum of all wins",
        f"{number(amount)} of {number(wins)} {desk.currency}",
    )
    return document([text, f"The run's net P&L is {number(net)} {desk.currency}."])


def _share_of_results(whole: TradeAnalysis, desk: Desk) -> str:
    metrics = desk.results.of(metrics_call(), MetricsResult)
    rate = figure(metrics, "win_rate") if metrics is not None else whole.selection.win_rate
    return f"**The win rate is {percent(rate)}:** {whole.selection.win_count:,} of {count(whole.selection.trade_count, 'closed trade')} won."
