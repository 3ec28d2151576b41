"""Rules for a problem: candidates by what is asked and by what the data show, each replayed before it is shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel

from backend.analysis.metrics import Conventions, conventions, run_warnings
from backend.analysis.replay import DEFINITIONS, Replay, Verdict, replay_rule
from backend.analysis.rules import RULES, Rule
from backend.analysis.rules.base import Params

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

OtherRuns = tuple[tuple[int, int], ...]  # (run id, version): what a replay rests on besides the run itself
_SHOWN = 6
_RANK: dict[Verdict, int] = {"holds": 0, "fragile": 1, "in-sample only": 2, "unknown": 3, "hurts": 4}


class SuggestedRule(BaseModel):
    """One rule with parameters from this run's data and what it would have done."""

    kind: str
    name: str
    params: dict[str, Any]
    plain: str
    rationale: str
    code: str
    enforcement: dict[str, Any]
    replay: Replay


class RuleSuggestions(BaseModel):
    """What `suggest_rules` answers: rules asked for first, then by verdict and gain; and how many were tried."""

    kind: Literal["rule_suggestions"] = "rule_suggestions"
    problem: str
    currency: str
    rules_tried: int
    parameter_values_tried: int
    rules: list[SuggestedRule]
    definitions: dict[str, str]
    basis: Conventions
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class _Tried:
    rule: Rule
    params: Params
    replay: Replay


def suggest_rules(frame: RunFrame, problem: str = "", other_frames: Sequence[RunFrame] = ()) -> RuleSuggestions:
    """Replay every kind of rule with parameters from this run; show those asked for, then those that gain.

    Each kind is shown with the value that gained most in the worst case; all values tried count against its verdict.
    A rule that hurts is shown only when the problem asks for it, and says so.
    """
    other_runs = tuple((other.facts.run_id, other.facts.version) for other in other_frames)
    tried, values = _replays(frame, other_frames, other_runs)
    asked = {one.rule.kind: _asked(one.rule, problem) for one in tried}
    shown = [one for one in tried if one.replay.verdict not in ("hurts", "unknown") or asked[one.rule.kind]]
    shown.sort(key=lambda one: (-asked[one.rule.kind], _RANK[one.replay.verdict], -(one.replay.gain or 0.0)))
    return RuleSuggestions(
        problem=problem,
        currency=frame.facts.currency,
        rules_tried=len(tried),
        parameter_values_tried=values,
        rules=[_suggested(frame, one, other_runs) for one in shown[:_SHOWN]],
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
        tried = [_try(frame, rule, values_of, other_frames, values) for rule, values_of in proposals if values_of]
        frame.cache[key] = tried, values
    found: tuple[list[_Tried], int] = frame.cache[key]
    return found


def _try(
    frame: RunFrame, rule: Rule, candidates: Sequence[Params], other_frames: Sequence[RunFrame], values_tried: int
) -> _Tried:
    """Replay the value that gains most in the worst case."""
    best, params = rule.apply(frame, candidates[0]), candidates[0]
    gained = float(best.low.sum())
    for other in candidates[1:]:
        outcome = rule.apply(frame, other)
        if (total := float(outcome.low.sum())) > gained:
            best, params, gained = outcome, other, total
    replay = replay_rule(frame, rule, params, other_frames=other_frames, values_tried=values_tried, outcome=best)
    return _Tried(rule, params, replay)


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
