"""What speaks for a rule on a run: its statistic, how it ranks among what chance makes, and the verdict in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from backend.analysis.arrays import FloatArray
from backend.analysis.chance import ALPHA, FEWEST, Null, Proposals, Sample, Score, null_of, sample_of
from backend.analysis.chance.statistic import ratio
from backend.analysis.rules import RULES
from backend.analysis.rules.base import Outcome

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

Verdict = Literal["holds", "fragile", "in-sample only", "no better than chance", "hurts", "unknown"]
_NEARLY = 0.1  # a p-value up to which a gain is called fragile and not chance
_MOSTLY = 0.5  # share of a gain that trading less explains, from which on the verdict says so


@dataclass(frozen=True, slots=True)
class Evidence:
    """A rule's effect on one run. `at_random` is what taking as much away at random gains on average, in money.

    `gain`, `best` and the halves are money in the worst case (`best` in the best); `touched` trades are taken out or
    changed, `kept` are not taken out. `bounded` effects are known within bounds only.
    """

    score: Score
    p_value: float
    gain: float
    best: float
    halves: tuple[float, float]
    at_random: float
    touched: int
    kept: int
    bounded: bool


def rule_null(frame: RunFrame) -> Null:
    """What the best of every rule and value makes of this run's results dealt anew; kept on the frame."""
    if "rule null" not in frame.cache:
        proposals = Proposals()
        for rule in RULES:
            proposals += rule.proposals(frame)
        frame.cache["rule null"] = null_of(sample_of(frame), proposals)
    found: Null = frame.cache["rule null"]
    return found


def score_of(frame: RunFrame, outcome: Outcome) -> Score:
    """The statistic of a rule's effect: of what it takes out, of the sizes it changes, or of the exits it changes."""
    sample = sample_of(frame)
    if outcome.factor is not None:
        return sample.score(1.0 - outcome.factor, by_size=True)
    if outcome.removed.any():
        return sample.score(outcome.removed.astype(np.float64))
    first, second = sample.by_day(-(outcome.low - sample.net - _of_exits(sample, outcome)))
    return Score(float(ratio(first + second)), float(ratio(first)), float(ratio(second)))


def evidence_of(frame: RunFrame, outcome: Outcome) -> Evidence:
    """How a rule's effect on the run compares with chance."""
    sample, score = sample_of(frame), score_of(frame, outcome)
    gain = outcome.low - sample.net
    touched = (gain != 0) | outcome.removed
    return Evidence(
        score=score,
        p_value=rule_null(frame).p_value(score.z),
        gain=float(gain.sum()),
        best=float((outcome.high - sample.net).sum()),
        halves=(float(gain[: sample.half].sum()), float(gain[sample.half :].sum())),
        at_random=float(_at_random(sample, outcome).sum()),
        touched=int(touched.sum()),
        kept=int((~outcome.removed).sum()),
        bounded=outcome.method == "bounded",
    )


def _at_random(sample: Sample, outcome: Outcome) -> FloatArray:
    """What each trade would gain on average if as much were taken away at random in its half."""
    if outcome.factor is not None:
        return -(1.0 - outcome.factor) * (sample.net - sample.beyond_size(sample.net))
    if outcome.removed.any():
        return -outcome.removed.astype(np.float64) * (sample.net - sample.centred(sample.net))
    return _of_exits(sample, outcome)


def _of_exits(sample: Sample, outcome: Outcome) -> FloatArray:
    """What an earlier exit gains where the run loses: at most the mean loss of a trade, for each trade it touches."""
    mean = sample.net - sample.centred(sample.net)
    return np.where(outcome.low != sample.net, np.maximum(-mean, 0.0), 0.0)


def verdict_of(found: Evidence, others: list[float], currency: str) -> tuple[Verdict, str]:
    """The first thing that speaks against a rule, or that nothing does.

    `others` are its gains on the model's other runs that it touches, as returns.
    """
    said = _on_this_run(found) or (_by_chance(found, currency) if found.p_value > ALPHA else None)
    if said is not None:
        return said
    if found.bounded:
        return "fragile", "It rests on fills at the very exit price: only prices inside the trades could show them."
    if min(found.score.first, found.score.second) <= 0:
        return "in-sample only", "In one half of the run it does no better than taking as much away at random."
    elsewhere, against = _on_other_runs(others)
    if against:
        return "in-sample only", against
    return (
        "holds",
        f"It gains in both halves{elsewhere}, beyond chance after all that was tried (p {found.p_value:.3g}).",
    )


def _on_this_run(found: Evidence) -> tuple[Verdict, str] | None:
    """What the gains themselves say against a rule."""
    if found.best <= 1e-9:
        return "hurts", "It would not have gained anything on this run."
    if found.gain <= 1e-9:
        return "fragile", "Whether it gains depends on the order of prices inside the trades: at worst it does not."
    if min(found.halves) <= 0:
        return "in-sample only", "It gains in one half of the run only."
    if min(found.touched, found.kept) >= FEWEST:
        return None
    few, count = ("touches", found.touched) if found.touched < FEWEST else ("leaves", found.kept)
    return "fragile", f"It {few} {count} trades: too few to tell skill from chance."


def _by_chance(found: Evidence, currency: str) -> tuple[Verdict, str]:
    if found.at_random >= _MOSTLY * found.gain:
        less = f"as much taken away at random gains {found.at_random:,.2f} {currency} on average."
        return "no better than chance", f"It gains by trading less: {less}"
    ranks = f"after all that was tried, results dealt at random do as well (p {found.p_value:.3g})."
    if found.p_value <= _NEARLY:
        return "fragile", f"It gains in both halves, but {ranks}"
    return "no better than chance", f"{ranks[0].upper()}{ranks[1:]}"


def _on_other_runs(gains: list[float]) -> tuple[str, str]:
    """(how many other runs agree, why they speak against the rule); both empty where it touches no other run."""
    against = [gain for gain in gains if gain < 0]
    if gains and (sum(gains) <= 0 or len(against) * 2 > len(gains)):
        return "", f"It loses on {len(against)} of the model's {len(gains)} other runs it touches."
    return (f" and on {len(gains) - len(against)} of {len(gains)} other runs" if gains else ""), ""
