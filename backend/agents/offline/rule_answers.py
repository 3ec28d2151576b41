"""Suggested rules as text: what each would have done, how far to trust it, and its code."""

from __future__ import annotations

from backend.agents.offline.markdown import code, document, number, percent, plain, python, table
from backend.analysis import Replay, RuleSuggestions, SuggestedRule

_SHOWN = 3
_NAMING = ("symbol_exclusion", "tag_exclusion")  # digits in their text belong to names, not to figures
_VERDICTS = {
    "holds": "holds",
    "fragile": "is fragile",
    "in-sample only": "works on this run only (in-sample only)",
    "no better than chance": "does no better than chance",
    "hurts": "hurts",
    "unknown": "can't be judged from this run's data",
}


def rules_answer(place: int | None, found: RuleSuggestions) -> str:
    """The rules worth showing, best first; the n-th alone where `place` asks for one (−1 the last)."""
    rules = found.rules
    if not rules:
        return document(["**No rule fits this run**: its trades give nothing to take a parameter from."])
    if place is not None:
        place = len(rules) if place < 0 else place
        if place > len(rules):
            return "There is no such rule: the list ends before it."
        return document([_rule(rules[place - 1], found.currency), _caution(found)])
    verdicts = [rule.replay.verdict for rule in rules[:_SHOWN]]
    if verdicts[0] == "holds":
        head = "**A rule would have helped, as far as this run's data can tell.** Each was replayed on this very run."
    elif "holds" in verdicts:
        head = (
            f"**What comes closest to the question {_VERDICTS[verdicts[0]]}, but another rule holds.** "
            "Each was replayed on this very run."
        )
    else:
        head = (
            "**No rule I tried holds up.** These come closest; each was replayed on this very run, and its verdict "
            "says what it is worth."
        )
    return document([head, *(_rule(rule, found.currency) for rule in rules[:_SHOWN]), _caution(found)])


def _rule(rule: SuggestedRule, currency: str) -> str:
    verdict = _VERDICTS.get(rule.replay.verdict, rule.replay.verdict)
    return document(
        [
            f"### {plain(rule.name)}",
            plain(rule.plain) if rule.kind not in _NAMING else code(rule.plain, 400),
            f"**Verdict: it {verdict}.** {_said(rule.replay.verdict_why)}",
            _replay(rule.replay, currency),
            python(rule.code),
        ]
    )


def _replay(replay: Replay, currency: str) -> str:
    if replay.method == "needs_prices":
        return f"It could not be replayed: {_said(replay.method_note)}"
    lines = [
        (f"Net P&L, {currency}", number(replay.net_pnl_before), number(replay.net_pnl_after)),
        ("Maximum drawdown", percent(replay.max_drawdown_before), percent(replay.max_drawdown_after)),
        ("Sharpe ratio", number(replay.sharpe_before), number(replay.sharpe_after)),
    ]
    shown = [line for line in lines if "–" not in line]
    effects = [
        ("trades removed", replay.trades_removed),
        ("trades changed", replay.trades_changed),
        ("losers avoided", replay.losers_avoided),
        ("winners lost", replay.winners_lost),
    ]
    counted = ", ".join(f"{name} {value:,}" for name, value in effects if value is not None)
    halves = ""
    if replay.first_half_gain is not None and replay.second_half_gain is not None:
        halves = (
            f"First half of the trades: gain {number(replay.first_half_gain)}; second half: gain "
            f"{number(replay.second_half_gain)}."
        )
    bounds = ""
    if replay.method == "bounded" and replay.net_pnl_after_low is not None and replay.net_pnl_after_high is not None:
        bounds = (
            "The order of prices inside a trade is not known: net P&L after lies between "
            f"{number(replay.net_pnl_after_low)} and {number(replay.net_pnl_after_high)}. The table is the worst case."
        )
    return document(
        [table(["Replay", "Before", "After"], shown), f"In the replay: {counted}. {halves}".strip(), bounds]
    )


def _caution(found: RuleSuggestions) -> str:
    return (
        f"Tried in all: rules {found.rules_tried:,}, parameter values {found.parameter_values_tried:,}. The more is "
        "tried, the likelier something looks good by chance: test a rule on other data before you trust it."
    )


def _said(text: str) -> str:
    """A sentence of the analysis; as code where it counts other runs, which no result of this run has as a figure."""
    return code(text, 300) if "other runs" in text else plain(text)
