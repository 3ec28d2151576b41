"""Findings → a markdown answer: the verdict first, then its evidence. One function a topic."""

from __future__ import annotations

from collections.abc import Callable

from backend.agents.offline import sections as part
from backend.agents.offline.figure_answers import costs_answer, drawdown_line, overview_answer, risk_answer
from backend.agents.offline.markdown import code, count, document, number, percent, table
from backend.agents.offline.plan import Findings
from backend.agents.offline.questions import Question
from backend.agents.offline.rule_answers import rules_answer
from backend.agents.offline.trade_answers import (
    best_answer,
    open_trades_block,
    reasoning_answer,
    trades_block,
    worst_answer,
)
from backend.analysis import TradeAnalysis

LABEL = "*Offline analyst: no language model was used.*"
CAN_ANSWER = """\
- why the run lost (or made) money
- its worst and best trades, and the reasoning recorded with them
- its best and worst hours, weekdays and symbols
- risk and drawdown
- fees and other costs
- long against short
- rules for a problem, such as "suggest rules for big losses"

You can go on from an answer: "tell me more about the second one", "what about fees?", "and for one symbol only?\""""


def write_answer(question: Question, findings: Findings) -> str:
    """The whole answer, with the line that says what made it."""
    stranger = question.unknown_symbol
    note = f"No trade of this run is in {code(stranger)}; this is about the whole run." if stranger else ""
    return document([note, _body(question, findings), LABEL])


def _body(question: Question, findings: Findings) -> str:
    whole = findings.whole
    if findings.failed is not None:
        return f"I could not look that up: {code(findings.failed, 300)}"
    if findings.rules is not None:
        return rules_answer(question, findings.rules)
    if question.topic == "help":
        return f"I answer questions about this run from its trades. I can tell you:\n\n{CAN_ANSWER}"
    if whole is None or question.topic == "unknown":
        return f"I did not understand the question well enough to answer it. I can tell you:\n\n{CAN_ANSWER}"
    if findings.part is not None:
        return _part(findings.part)
    nothing = whole.selection.trade_count == 0 and not whole.open_trades
    return part.verdict(whole, None) if nothing else _ANSWERS[question.topic](question, findings, whole)


def _why(question: Question, findings: Findings, whole: TradeAnalysis) -> str:
    if whole.selection.trade_count == 0:
        return document([part.verdict(whole, findings.metrics), open_trades_block(whole)])
    won = whole.bridge.net_pnl + whole.bridge.open_pnl > 0
    losing_days = part.worst_rows(whole.breakdowns["hour"], 3)
    return document(
        [
            part.verdict(whole, findings.metrics),
            part.open_line(whole),
            "Here is what cost it money all the same." if won and whole.selection.loss_count else "",
            "### From gross to net",
            part.bridge_table(whole),
            part.bridge_line(whole),
            "### Where the losses sit" if whole.selection.loss_count else "",
            part.concentration_line(whole),
            _losing("symbol", whole),
            _losing("side", whole) if len(whole.breakdowns["side"]) > 1 else "",
            part.rows_table("hour", losing_days, whole.currency) if losing_days else "",
            part.pattern_lines(whole),
            "### The worst trades" if whole.worst_trades else "",
            trades_block(whole.worst_trades, whole.currency, quote=True),
            open_trades_block(whole),
            drawdown_line(findings, whole),
            part.warning_lines(whole.warnings),
        ]
    )


def _losing(dimension: str, whole: TradeAnalysis) -> str:
    rows = part.worst_rows(whole.breakdowns[dimension])
    return part.rows_table(dimension, rows, whole.currency) if rows else ""


def _where(question: Question, findings: Findings, whole: TradeAnalysis) -> str:
    dimensions: list[str] = [question.dimension] if question.dimension else ["hour", "symbol"]
    blocks = [_extremes(dimension, whole) for dimension in dimensions]
    return document([*blocks, part.pattern_lines(whole, dimensions)])


def _extremes(dimension: str, whole: TradeAnalysis) -> str:
    rows = whole.breakdowns[dimension]
    worst, best = part.worst_rows(rows, 5), part.best_rows(rows, 5)
    name = part.DIMENSION_NAMES[dimension]
    if not rows:
        return f"No trade was closed, so there is nothing to say by {name}."
    heads = []
    if worst:
        heads.append(
            f"worst is {part.key_name(dimension, worst[0].key)} with {part.money(worst[0].net_pnl, whole.currency)}"
        )
    if best:
        heads.append(
            f"best is {part.key_name(dimension, best[0].key)} with {part.money(best[0].net_pnl, whole.currency)}"
        )
    return document(
        [
            f"**By {name}:** {', '.join(heads) or 'nothing won or lost'}.",
            part.rows_table(dimension, [*worst, *reversed([row for row in best if row not in worst])], whole.currency),
        ]
    )


def _sides(question: Question, findings: Findings, whole: TradeAnalysis) -> str:
    rows = {row.key: row for row in whole.breakdowns["side"]}
    if not rows:
        return document(["**No trade was closed**, so long and short can't be compared.", open_trades_block(whole)])
    if len(rows) == 1:
        only = next(iter(rows.values()))
        head = f"**All closed trades were {only.key}**: {part.money(only.net_pnl, whole.currency)} net."
    else:
        worse, better = sorted(rows.values(), key=lambda row: row.net_pnl)
        head = (
            f"**{worse.key.capitalize()} trades did worse:** {part.money(worse.net_pnl, whole.currency)} net over "
            f"{count(worse.trade_count, 'trade')}, against {part.money(better.net_pnl, whole.currency)} over "
            f"{count(better.trade_count, f'{better.key} trade')}."
        )
    legs = [
        [leg.key, number(leg.gross_pnl), number(leg.fees), number(leg.funding), number(leg.net_pnl)]
        for leg in whole.bridge.by_side
    ]
    costs = table(["Side", f"Gross {whole.currency}", "Fees", "Funding", "Net"], legs)
    return document(
        [head, part.rows_table("side", list(rows.values()), whole.currency), costs, part.pattern_lines(whole)]
    )


def _scope_name(analysis: TradeAnalysis) -> str:
    """What was selected, in our own words with the run's names as code."""
    criteria = str(analysis.filter.criteria)
    match analysis.filter.filter_type:
        case "symbol":
            return f"Trades in {code(criteria)}"
        case "hour":
            return f"Trades opened in the hour from {criteria.zfill(2)}:00 UTC"
        case "weekday":
            return f"Trades opened on a {criteria}"
        case _:
            return f"The selection {code(analysis.filter.description, 120)}"


def _part(analysis: TradeAnalysis) -> str:
    """A symbol, an hour, a weekday: the selection against the rest."""
    chosen, rest, currency = analysis.selection, analysis.complement, analysis.currency
    name = _scope_name(analysis)
    if chosen.trade_count == 0:
        return f"**{name}: there are none among the closed trades.**"
    word = "lost money" if chosen.net_pnl < 0 else "made money" if chosen.net_pnl > 0 else "broke even"
    head = f"**{name} {word}:** {part.money(chosen.net_pnl, currency)} net over {part.tally(chosen)}."
    against = [
        [
            name,
            f"{held.trade_count:,}",
            percent(held.win_rate),
            number(held.fees),
            number(held.net_pnl),
            number(held.average_net),
        ]
        for name, held in (("Selected", chosen), ("All others", rest))
    ]
    filter_type = analysis.filter.filter_type
    others = [name for name in ("symbol", "side", "hour") if name != filter_type and len(analysis.breakdowns[name]) > 1]
    tables = [
        part.rows_table(name, part.worst_rows(analysis.breakdowns[name], 4), currency)
        for name in others
        if part.worst_rows(analysis.breakdowns[name])
    ]
    return document(
        [
            head,
            table(["Trades", "Count", "Win rate", "Fees", f"Net {currency}", "Average"], against),
            *tables,
            trades_block(analysis.worst_trades, currency, quote=True),
        ]
    )


_Writer = Callable[[Question, Findings, TradeAnalysis], str]
_ANSWERS: dict[str, _Writer] = {
    "why": _why,
    "worst": worst_answer,
    "best": best_answer,
    "where": _where,
    "risk": risk_answer,
    "costs": costs_answer,
    "sides": _sides,
    "overview": overview_answer,
    "reasoning": reasoning_answer,
}
