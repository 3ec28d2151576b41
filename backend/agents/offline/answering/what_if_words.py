"""Answers to "what if": before and after, how exactly it is known, and what it is worth."""

from __future__ import annotations

import re
from typing import Any

from backend.agents.offline.answering.results import Desk, PlannedCall
from backend.agents.offline.answering.scope import trades_of
from backend.agents.offline.markdown import document, number, percent, plain, table
from backend.agents.offline.understanding import Condition, Part
from backend.analysis.what_if import Bounds, Outcome, ReplayedRule

_VERDICTS = {
    "holds": "Tested against chance, the gain holds up.",
    "fragile": "Its gain is fragile: it does not stand in each half of the run.",
    "in-sample only": "The gain is of this run only.",
    "no better than chance": "Tested against chance, the gain is no better than removing as many trades at random.",
    "hurts": "It would have made the run worse.",
}


def what_if_calls(part: Part, desk: Desk) -> list[PlannedCall]:
    """The change replayed."""
    if part.what_if is None:
        return []
    return [PlannedCall("replay_rule", {"kind": part.what_if.kind, "params": part.what_if.params})]


def what_if_words(part: Part, desk: Desk) -> str:
    """What the run would have made, in the first sentence."""
    call = what_if_calls(part, desk)[0]
    found = desk.results.of(call, ReplayedRule)
    if found is None:
        return (
            f"**I can't replay that on this run**: {plain(desk.results.failure(call) or 'it could not be looked up')}."
        )
    note = f"I replayed it on the whole run, not only on {trades_of(part.where)}." if part.where else ""
    if found.kind in ("no_fees", "fees") and not desk.run.has_fees:
        made = number(_total(found.before))
        return f"**Nothing would change: the run's file records no fees or commission**, so the result stays the same, {made} {desk.currency}."
    description = _described(found)
    if found.after is None:
        return document(
            [
                f"**{_with(description)}, the result can't be known from this file.** {plain(found.why or '')}".strip(),
                _before(found, desk),
            ]
        )
    if isinstance(found.after, Bounds):
        return document(
            [
                _bounded(found, found.after, description, desk),
                _bounds_table(found, found.after, desk),
                _covers(found),
                plain(found.note),
                note,
            ]
        )
    return document(
        [
            _exact(found, found.after, description, desk),
            _exact_table(found, found.after, desk),
            _worth(found),
            _covers(found),
            note,
        ]
    )


# Numbers of the asker's own, as code: no result is to hold them.
_ASKED = re.compile(r"(?<![\w#`])\d[\d,.]*(?: ?(?:%|h|min|days?|USDT|USD|EUR)(?!\w))?")


def _described(found: ReplayedRule) -> str:
    for which, name in (("worst", "worst"), ("best", "best")):
        amount = found.params.get(which) if found.kind == "without_trades" else None
        if amount is not None:
            return f"without the {name} trade" if amount == 1 else f"without the `{amount}` {name} trades"
    if found.kind in ("only_trades", "without_trades") and isinstance(found.params.get("where"), list):
        conditions = [one for held in found.params["where"] for one in _conditions(held)]
        return f"{'only' if found.kind == 'only_trades' else 'without'} {trades_of(conditions, periods_by='opened')}"
    return _ASKED.sub(lambda held: f"`{held.group()}`", plain(found.description))


def _conditions(held: dict[str, Any], *, negated: bool = False) -> list[Condition]:
    if isinstance(held.get("not"), dict):
        return _conditions(held["not"], negated=True)
    by = "closed" if held.get("by") == "closed" else ""
    return [Condition(key, value, by, negated) for key, value in held.items() if key != "by"]  # type: ignore[arg-type]


def _with(description: str) -> str:
    return f"{description[:1].upper()}{description[1:]}" if description.startswith("without") else f"With {description}"


def _total(outcome: Outcome) -> float:
    return outcome.total_pnl if outcome.open_count else outcome.net_pnl


def _name(outcome: Outcome) -> str:
    return "total P&L with open trades" if outcome.open_count else "net P&L"


def _before(found: ReplayedRule, desk: Desk) -> str:
    return f"As it was, the {_name(found.before)} is {number(_total(found.before))} {desk.currency}."


def _exact(found: ReplayedRule, after: Outcome, description: str, desk: Desk) -> str:
    was, would = _total(found.before), _total(after)
    name, gain = _name(found.before), would - was
    change = (
        f"{number(abs(gain))} {desk.currency} {'more' if gain > 0 else 'less'}" if abs(gain) > 1e-9 else "no change"
    )
    still = ""
    if would < 0 and was < 0:
        still = " It would still have been a loss."
    elif would > 0 > was:
        still = " The loss would have been a profit."
    elif would < 0 < was:
        still = " The profit would have been a loss."
    return f"**{_with(description)}, the {name} would have been {number(would)} {desk.currency} instead of {number(was)} {desk.currency}: {change}.**{still}"


def _bounded(found: ReplayedRule, after: Bounds, description: str, desk: Desk) -> str:
    low, high, was = _total(after.low), _total(after.high), _total(found.before)
    name = _name(found.before)
    return f"**{_with(description)}, the {name} would have been between {number(low)} and {number(high)} {desk.currency}, instead of {number(was)} {desk.currency}.** More can't be known without prices between entry and exit."


_ROWS: tuple[tuple[str, str, str], ...] = (
    ("Net P&L of the closed trades", "net_pnl", "money"),
    ("Total P&L with open trades", "total_pnl", "money"),
    ("Closed trades", "trade_count", "count"),
    ("Win rate", "win_rate", "pct"),
    ("Profit factor", "profit_factor", "ratio"),
    ("Fees", "fees", "money"),
    ("Maximum drawdown", "max_drawdown", "pct"),
    ("Sharpe ratio", "sharpe", "ratio"),
)


def _cell(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if unit == "count" else percent(value) if unit == "pct" else number(value)


def _lines(before: Outcome, *after: Outcome) -> list[list[str]]:
    lines = []
    for label, name, unit in _ROWS:
        if name == "total_pnl" and not before.open_count:
            continue
        if name == "fees" and not before.fees:
            continue
        cells = [_cell(getattr(one, name), unit) for one in (before, *after)]
        if all(cell != "–" for cell in cells):
            lines.append([label, *cells])
    return lines


def _exact_table(found: ReplayedRule, after: Outcome, desk: Desk) -> str:
    return table([f"In {desk.currency}", "Before", "After"], _lines(found.before, after))


def _bounds_table(found: ReplayedRule, after: Bounds, desk: Desk) -> str:
    return table(
        [f"In {desk.currency}", "Before", "After, at worst", "After, at best"],
        _lines(found.before, after.low, after.high),
    )


def _worth(found: ReplayedRule) -> str:
    told = []
    if found.removed_count:
        told.append(f"Trades left out: {found.removed_count:,}.")
    verdict = _VERDICTS.get(found.verdict)
    if found.verdict == "holds" or found.verdict in _VERDICTS:
        told.append(verdict or "")
    elif found.verdict_why:
        told.append(f"{plain(found.verdict_why)}")
    told.append(plain(found.note))
    return " ".join(part for part in told if part)


def _covers(found: ReplayedRule) -> str:
    if found.coverage_pct is None or found.coverage_pct >= 99.995:
        return ""
    return f"This covers {percent(found.coverage_pct)} of the trades' results; for the rest the outcome is taken as it was."
