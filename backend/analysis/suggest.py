"""Rules for a problem: candidates by what is asked and by what the data show, each replayed before it is shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import BaseModel

from backend.analysis.arrays import clean
from backend.analysis.breakdown import money
from backend.analysis.chance import detectable, sample_of
from backend.analysis.evidence import Verdict, rule_null, score_of
from backend.analysis.metrics import Conventions, conventions, run_warnings
from backend.analysis.replay import DEFINITIONS, Replay, replay_rule
from backend.analysis.rules import RULES, Outcome, Rule
from backend.analysis.rules.base import Params, amount

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

OtherRuns = tuple[tuple[int, int], ...]  # (run id, version): what a replay rests on besides the run itself
_SHOWN = 6
_RANK: dict[Verdict, int] = {
    "holds": 0, "fragile": 1, "in-sample only": 2, "no better than chance": 3, "unknown": 4, "hurts": 5,
}  # fmt: skip
_QUARTER = 0.25  # of the trades: the share for which the least effect that could be shown is told


class SuggestedRule(BaseModel):
    """One rule with parameters from this run's data and what it would have done.

    `adoptable` is false for one that hurts: it is shown because it was asked for, not to be adopted.
    """

    kind: str
    name: str
    params: dict[str, Any]
    plain: str
    rationale: str
    code: str
    enforcement: dict[str, Any]
    replay: Replay
    adoptable: bool = True


class Power(BaseModel):
    """How large an effect must be for a run of this length to tell it from chance.

    A filter on `share_pct` of the trades shows only where those do `effect_sd` standard deviations of a trade's net
    P&L worse than the others, which is `effect` in money a trade: z ≈ effect_sd × √(trades × share × (1 − share)) must
    be above `critical_z`. None where no effect could show.
    """

    trades: int
    deals: int
    critical_z: float | None
    share_pct: float
    effect_sd: float | None
    effect: float | None
    plain: str


class RuleSuggestions(BaseModel):
    """What `suggest_rules` answers: rules asked for first, then by verdict and gain; and how many were tried."""

    kind: Literal["rule_suggestions"] = "rule_suggestions"
    problem: str
    currency: str
    rules_tried: int
    parameter_values_tried: int
    rules: list[SuggestedRule]
    power: Power
    definitions: dict[str, str]
    basis: Conventions
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class _Tried:
    rule: Rule
    params: Params
    replay: Replay

    @property
    def does_something(self) -> bool:
        """Whether it changes any trade, as far as can be known."""
        return self.replay.method == "needs_prices" or bool(self.replay.trades_removed or self.replay.trades_changed)


def suggest_rules(frame: RunFrame, problem: str = "", other_frames: Sequence[RunFrame] = ()) -> RuleSuggestions:
    """Replay every kind of rule with parameters from this run; show those asked for, then those that gain.

    Each kind is shown with the value whose statistic is highest of those that gain; whatever could have been proposed
    counts against its verdict. A rule that hurts is shown only when the problem asks for it, says so, and is not to be
    adopted; one that changes no trade, or asks for more than the account can carry, is not shown.
    """
    other_runs = tuple((other.facts.run_id, other.facts.version) for other in other_frames)
    tried, values = _replays(frame, other_frames, other_runs)
    asked = {one.rule.kind: _asked(one.rule, problem) for one in tried}
    shown = [one for one in tried if one.does_something]
    shown = [one for one in shown if one.replay.verdict not in ("hurts", "unknown") or asked[one.rule.kind]]
    shown.sort(key=lambda one: (-asked[one.rule.kind], _RANK[one.replay.verdict], -(one.replay.gain or 0.0)))
    return RuleSuggestions(
        problem=problem,
        currency=frame.facts.currency,
        rules_tried=len(tried),
        parameter_values_tried=values,
        rules=[_suggested(frame, one, other_runs) for one in shown[:_SHOWN]],
        power=_power(frame),
        definitions=DEFINITIONS,
        basis=conventions(frame),
        warnings=_warnings(frame, tried),
    )


def _replays(frame: RunFrame, other_frames: Sequence[RunFrame], other_runs: OtherRuns) -> tuple[list[_Tried], int]:
    """Every kind with its best value, and the number of values tried; kept, since no question changes them."""
    key = ("replays", *other_runs)
    if key not in frame.cache:
        proposals = [(rule, rule.candidates(frame)) for rule in RULES]
        values = sum(len(candidates) for _, candidates in proposals)
        replayed = (_try(frame, rule, values_of, other_frames) for rule, values_of in proposals if values_of)
        tried = [one for one in replayed if one is not None]
        frame.cache[key] = tried, values
    found: tuple[list[_Tried], int] = frame.cache[key]
    return found


def _try(frame: RunFrame, rule: Rule, candidates: Sequence[Params], other_frames: Sequence[RunFrame]) -> _Tried | None:
    """Replay the value with the highest statistic of those that gain in the worst case; None where none can be had."""
    best: tuple[tuple[bool, float], Params, Outcome] | None = None
    net = frame.trades.net_pnl[frame.trades.closed]
    for params in candidates:
        outcome = rule.apply(frame, params)
        if not _carried(frame, outcome):
            continue
        gains = float(outcome.low.sum()) > float(net.sum())
        rank = (gains, 0.0 if outcome.method == "needs_prices" else score_of(frame, outcome).z)
        if best is None or rank > best[0]:
            best = rank, params, outcome
    if best is None:
        return None
    _, params, outcome = best
    return _Tried(rule, params, replay_rule(frame, rule, params, other_frames=other_frames, outcome=outcome))


def _carried(frame: RunFrame, outcome: Outcome) -> bool:
    """Whether the account could have paid for every position that a rule of sizes makes larger."""
    start = frame.facts.initial_cash
    if outcome.factor is None or not start:
        return True
    t = frame.trades
    equity = np.concatenate([[start], start + np.cumsum(outcome.low[t.closing_order])])[t.closed_before]
    larger = outcome.factor > 1 + 1e-9
    return not (larger & (t.entry_value[t.closed] * outcome.factor > np.maximum(equity, 0.0) * (1 + 1e-9))).any()


def _power(frame: RunFrame) -> Power:
    """What a run of this length could have shown."""
    sample, null = sample_of(frame), rule_null(frame)
    shell = Power(
        trades=len(sample), deals=null.deals, critical_z=None, share_pct=_QUARTER * 100, effect_sd=None, effect=None,
        plain=f"With {len(sample)} closed trades no rule can be told from chance.",
    )  # fmt: skip
    if null.critical is None:
        return shell
    apart = detectable(null.critical, len(sample), _QUARTER)
    effect = money(apart * float(sample.centred(sample.net).std()))
    plain = (
        f"A run of {len(sample)} trades can show a filter on {_QUARTER:.0%} of them only where those do {apart:.2f} "
        f"standard deviations ({amount(effect or 0.0)} {frame.facts.currency} a trade) worse than the others."
    )
    found = {"critical_z": clean(null.critical, 4), "effect_sd": clean(apart, 4), "effect": effect, "plain": plain}
    return shell.model_copy(update=found)


def _asked(rule: Rule, problem: str) -> int:
    """How many words of the problem ask for the rule."""
    return len({word.lower() for word in re.findall(rule.asked_by, problem, re.I)})


def _suggested(frame: RunFrame, one: _Tried, other_runs: OtherRuns) -> SuggestedRule:
    key = ("suggested", one.rule.kind, *other_runs)
    if key in frame.cache:
        kept: SuggestedRule = frame.cache[key]
        return kept
    wording = one.rule.word(frame, one.params)
    frame.cache[key] = kept = SuggestedRule(
        kind=one.rule.kind,
        name=wording.name,
        params=dict(one.params),
        plain=wording.plain,
        rationale=one.rule.rationale(frame, one.params),
        code=wording.code,
        enforcement=wording.enforcement,
        replay=one.replay,
        adoptable=one.replay.verdict != "hurts",
    )
    return kept


def _warnings(frame: RunFrame, tried: list[_Tried]) -> list[str]:
    closed = len(frame.trades.closed)
    warnings = run_warnings(frame)
    if not closed:
        warnings.append("No trade was closed, so no rule can be replayed.")
    elif closed < 30:
        warnings.append(f"Only {closed} closed trades: whatever a rule shows here is weak evidence.")
    elif not any(one.replay.verdict == "holds" for one in tried):
        warnings.append("No rule tried holds up on this run; treat each as an idea to test on other data.")
    return warnings
