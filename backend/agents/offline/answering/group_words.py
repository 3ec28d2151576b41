"""Answers by group: the best month, the worst weekday, P&L by symbol, how many coins."""

from __future__ import annotations

from collections.abc import Sequence

from backend.agents.offline.answering.figure_words import nothing_there
from backend.agents.offline.answering.results import Desk, PlannedCall, analysis_call
from backend.agents.offline.answering.scope import month_name, trades_of
from backend.agents.offline.answering.values import shown
from backend.agents.offline.markdown import code, count, document, number, percent, table
from backend.agents.offline.understanding import Part
from backend.analysis import TradeAnalysis
from backend.analysis.breakdown import BreakdownRow

_SHOWN = 8
DIMENSION_OF = {
    "symbol": "symbol", "side": "side", "hour": "hour", "weekday": "weekday", "day": "closed_date", "month": "closed_month", "week": "closed_week",
    "year": "closed_year", "tag": "exit_reason", "entry_tag": "entry_tag", "session": "session", "holding_time": "holding_time", "quarter": "closed_month",
}  # fmt: skip
_NOUNS = {
    "symbol": ("symbol", "symbols"), "side": ("side", "sides"), "hour": ("hour of opening", "hours of opening"), "weekday": ("weekday of opening", "weekdays of opening"),
    "day": ("day of closing", "days of closing"), "month": ("month of closing", "months of closing"), "week": ("week of closing", "weeks of closing"), "year": ("year of closing", "years of closing"),
    "tag": ("exit tag", "exit tags"), "entry_tag": ("entry tag", "entry tags"), "session": ("session", "sessions"), "holding_time": ("holding time", "holding times"), "quarter": ("month of closing", "months of closing"),
}  # fmt: skip
_MEASURES = {
    "net_pnl": ("net P&L", "money"), "total_pnl": ("total P&L", "money"), "win_rate": ("win rate", "pct"), "trade_count": ("closed trades", "count"), "fees": ("fees", "money"),
    "funding": ("funding", "money"), "gross_pnl": ("gross P&L", "money"), "average_net": ("average net P&L", "money"), "win_count": ("winning trades", "count"), "loss_count": ("losing trades", "count"),
}  # fmt: skip


def groups_of(found: TradeAnalysis, dimension: str) -> list[BreakdownRow]:
    """The groups of a breakdown; what is still open has no day, month or week of closing."""
    return [row for row in found.breakdowns[dimension] if row.key != "(open)"]


_ALIASES = {"expectancy": "average_net"}


def group_calls(part: Part, desk: Desk) -> list[PlannedCall]:
    """The breakdown asked for."""
    if part.dimension == "hour" and not desk.run.intraday:
        return []
    return [_call(part)]


def _call(part: Part) -> PlannedCall:
    return analysis_call(part.where, [DIMENSION_OF[part.dimension]])


def group_words(part: Part, desk: Desk) -> str:
    """The group asked for in the first sentence, then the groups around it."""
    if part.dimension == "hour" and not desk.run.intraday:
        return no_clock()
    found = desk.results.of(_call(part), TradeAnalysis)
    if found is None:
        return nothing_there(part.where, desk)
    rows = groups_of(found, DIMENSION_OF[part.dimension])
    if not rows:
        return nothing_there(part.where, desk)
    asked = _measure(part, rows)
    if part.wanted and part.wanted[0].measure == "group_count":
        return _count_words(part, rows, desk)
    unknown = [one.measure for one in part.wanted if _ALIASES.get(one.measure, one.measure) not in _MEASURES]
    note = (
        f"I can't give {unknown[0].replace('_', ' ')} by {_NOUNS[part.dimension][0]}; this is by {_MEASURES[asked][0]}."
        if unknown and len(unknown) == len(part.wanted)
        else ""
    )
    ordered = _ordered(rows, asked, part)
    if len(rows) == 1:
        return document(
            [
                f"**All of it is in one {_NOUNS[part.dimension][0]}, {key_name(part.dimension, rows[0].key)}:** {_row_words(rows[0], asked, desk)}.",
                note,
            ]
        )
    if not part.order:
        best, worst = _extremes(rows, asked, part.dimension)
        head = f"**By {_NOUNS[part.dimension][0]}, {_MEASURES[asked][0]} {_of(part)}was highest for {key_name(part.dimension, best.key)} ({_shown(best, asked, desk)}) and lowest for {key_name(part.dimension, worst.key)} ({_shown(worst, asked, desk)}).**"
        listed = rows if len(rows) <= 31 else ordered[:_SHOWN] + ordered[-_SHOWN:]
        return document([head, note, rows_table(part.dimension, listed, desk.currency)])
    head = _head(part, ordered, rows, asked, desk)
    listed = ordered[: max(part.limit, 5)] if len(rows) > 7 else ordered
    if part.order == "both" and len(rows) > 7:
        listed = [*ordered[:3], *ordered[-3:]]
    several = len(listed) > 1
    return document(
        [head, note, rows_table(part.dimension, listed, desk.currency) if several else "", _patterns(found, part)]
    )


def no_clock() -> str:
    """Said where all times are midnight."""
    return (
        "**The run's file has only dates, no time of day**: every row is at midnight, so by hour nothing can be known. "
        "An export with the time of each fill would tell. By weekday or by month I can answer."
    )


def _measure(part: Part, rows: Sequence[BreakdownRow]) -> str:
    wanted = [_ALIASES.get(one.measure, one.measure) for one in part.wanted]
    named = next((name for name in wanted if name in _MEASURES), "net_pnl")
    has_open = any(row.open_count for row in rows)
    return "total_pnl" if named == "net_pnl" and has_open else named


def _value(row: BreakdownRow, measure: str) -> float | None:
    value = getattr(row, measure, None)
    return None if value is None else float(value)


def _ordered(rows: Sequence[BreakdownRow], measure: str, part: Part) -> list[BreakdownRow]:
    """The group asked for first. Of costs and counts "worst" is the most."""
    known = [row for row in rows if _value(row, measure) is not None]
    rising = part.order in ("worst", "least")
    if measure in ("fees", "funding", "loss_count") and part.order in ("worst", "best"):
        rising = part.order == "best"
    return sorted(known, key=lambda row: _value(row, measure) or 0.0, reverse=not rising)


def _extremes(rows: Sequence[BreakdownRow], measure: str, dimension: str) -> tuple[BreakdownRow, BreakdownRow]:
    known = [row for row in rows if _value(row, measure) is not None] or list(rows)
    return max(known, key=lambda row: _value(row, measure) or 0.0), min(
        known, key=lambda row: _value(row, measure) or 0.0
    )


def key_name(dimension: str, key: str) -> str:
    """A group's name: 13:00 UTC, Monday, August 2024; what is from the run as code."""
    match dimension:
        case "hour":
            return f"{key}:00 UTC"
        case "weekday":
            return key.capitalize()
        case "month" | "quarter":
            return month_name(key)
        case "side" | "day" | "week" | "session":
            return key
        case _:
            return code(key)


def _shown(row: BreakdownRow, measure: str, desk: Desk) -> str:
    return shown(_value(row, measure), _MEASURES[measure][1], desk.currency)  # type: ignore[arg-type]


def _of(part: Part) -> str:
    return f"of {trades_of(part.where)} " if part.where else ""


def _row_words(row: BreakdownRow, measure: str, desk: Desk) -> str:
    asked = f"{_MEASURES[measure][0]} {_shown(row, measure, desk)}"
    open_ = f", {count(row.open_count, 'trade')} still open" if row.open_count else ""
    if measure == "trade_count":
        return f"{count(row.trade_count, 'closed trade')}, net P&L {number(row.net_pnl)} {desk.currency}"
    rate = f", win rate {percent(row.win_rate)}" if row.win_rate is not None and measure != "win_rate" else ""
    return f"{asked} over {count(row.trade_count, 'closed trade')}{open_}{rate}"


def _head(part: Part, ordered: Sequence[BreakdownRow], rows: Sequence[BreakdownRow], measure: str, desk: Desk) -> str:
    noun = _NOUNS[part.dimension][0]
    of = f" of {trades_of(part.where)}" if part.where else ""
    if part.order == "both":
        best, worst = _extremes(rows, measure, part.dimension)
        return (
            f"**The best {noun}{of} is {key_name(part.dimension, best.key)}: {_row_words(best, measure, desk)}. "
            f"The worst is {key_name(part.dimension, worst.key)}: {_row_words(worst, measure, desk)}.**"
        )
    if part.topic == "all_such":
        such = [
            row
            for row in ordered
            if ((_value(row, measure) or 0.0) < 0) == (part.order == "worst") and (_value(row, measure) or 0.0) != 0
        ]
        if not such:
            return f"**No {noun}{of} {'lost' if part.order == 'worst' else 'made'} money.**"
        if len(such) > 1:
            names = ", ".join(f"{key_name(part.dimension, row.key)} ({_shown(row, measure, desk)})" for row in such[:8])
            return f"**{len(such)} of {len(rows)} {_NOUNS[part.dimension][1]}{of} {'lost' if part.order == 'worst' else 'made'} money: {names}{' …' if len(such) > 8 else ''}.**"
    place = part.place or 1
    if place > len(ordered):
        return f"**There are only {len(ordered)} {_NOUNS[part.dimension][1]}.**"
    row = ordered[place - 1]
    ordinals = {2: "second ", 3: "third ", 4: "fourth ", 5: "fifth "}
    nth = ordinals.get(place, f"{place}th ") if place > 1 else ""
    if measure == "trade_count":
        rank = "busiest" if part.order in ("most", "best") else "least busy"
    elif part.order in ("most", "least"):
        rank = f"{noun} with the {nth}{'highest' if part.order == 'most' else 'lowest'} {_MEASURES[measure][0]}"
        return f"**The {rank}{of} is {key_name(part.dimension, row.key)}: {_row_words(row, measure, desk)}.**"
    else:
        rank = part.order
    if part.limit > 1:
        names = ", ".join(
            f"{key_name(part.dimension, one.key)} ({_shown(one, measure, desk)})" for one in ordered[: part.limit]
        )
        return f"**The {rank} {_NOUNS[part.dimension][1]}{of} by {_MEASURES[measure][0]}: {names}.**"
    by = f" by {_MEASURES[measure][0]}" if measure not in ("net_pnl", "total_pnl", "trade_count") else ""
    return (
        f"**The {nth}{rank} {noun}{of}{by} is {key_name(part.dimension, row.key)}: {_row_words(row, measure, desk)}.**"
    )


def _count_words(part: Part, rows: Sequence[BreakdownRow], desk: Desk) -> str:
    one, several = _NOUNS[part.dimension]
    if part.topic:
        such = [row for row in rows if (row.total_pnl > 0) == (part.topic == "win") and row.total_pnl != 0]
        word = "made" if part.topic == "win" else "lost"
        return f"**{len(such)} of {len(rows)} {several} {word} money.**"
    names = ", ".join(key_name(part.dimension, row.key) for row in rows[:20]) if len(rows) <= 20 else ""
    head = (
        f"**{len(rows)} {several if len(rows) != 1 else one}{f' with {trades_of(part.where)}' if part.where else ''}.**"
    )
    return document([head, f"They are {names}." if names and len(rows) > 1 else names])


def rows_table(dimension: str, rows: Sequence[BreakdownRow], currency: str) -> str:
    """Groups of a breakdown."""
    with_open = any(row.open_count for row in rows)
    lines = []
    for row in rows:
        line = [key_name(dimension, row.key), f"{row.trade_count:,}", percent(row.win_rate), number(row.net_pnl)]
        if with_open:
            line += [number(row.open_pnl), number(row.total_pnl)]
        else:
            line += [number(row.average_net)]
        lines.append(line)
    name = _NOUNS.get(dimension, (dimension, ""))[0]
    last = ["Unrealised", "Total P&L"] if with_open else ["Average net P&L"]
    return table([f"{name[0].upper()}{name[1:]}", "Closed trades", "Win rate", f"Net P&L {currency}", *last], lines)


def _patterns(found: TradeAnalysis, part: Part) -> str:
    """Whether the difference is more than chance."""
    if part.where or part.dimension not in ("hour", "weekday", "symbol", "side", "entry_tag"):
        return ""
    held = [one for one in found.patterns.found if one.dimension == part.dimension]
    if held:
        return ""
    return (
        "Whether such a difference would come again is another matter: no group of this kind stands out by more than chance explains."
        if found.patterns.tested
        else ""
    )
