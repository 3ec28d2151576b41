"""What a rule would have done: before and after, in halves, on other runs, with an interval and a plain verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel

from backend.analysis.arrays import FloatArray, clean
from backend.analysis.breakdown import money, total
from backend.analysis.chance import FEWEST, detectable, sample_of
from backend.analysis.evidence import Verdict, evidence_of, rule_null, verdict_of
from backend.analysis.metrics.returns import sharpe_of
from backend.analysis.rules.base import Method, Outcome, Params, Rule

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_RESAMPLES = 2_000
_MANY = 1_000  # trades beyond which the bootstrap is replaced by its normal limit
_SEED = 19_930
_UNKNOWN = "What this rule would have done can't be known without the prices inside the trades."
DEFINITIONS = {
    "gain": "net P&L of the closed trades under the rule − without it; the worst case where the replay is bounded",
    "losers_avoided": "losing trades taken out, or whose loss became smaller (worst case)",
    "winners_lost": "winning trades taken out, or whose win became smaller (worst case)",
    "max_drawdown": "deepest fall of the run's equity in percent, as among its figures; after: the same curve with "
    "what each trade makes more or less booked where it closed",
    "sharpe": "of the returns of those same curves, as among the run's figures",
    "first_half_gain": "gain on the first half of the trades by opening time; second_half_gain on the rest",
    "gain_interval": "95 % bootstrap interval of the gain, trades drawn with replacement (fixed seed; the normal limit "
    f"on runs of more than {_MANY} trades)",
    "z": "how far the trades taken away stand below the others: −ΣG ÷ √ΣG², G being the sum over the trades opened on "
    "one UTC day of (share taken away less its half's mean) × (net P&L less its half's mean)",
    "p_value": "how often the best of every rule and value that could have been proposed has a z as high when the net "
    "P&L is dealt anew to the trades within each half of the run",
    "gain_at_random": "what taking as much away at random gains on average: what comes of trading less",
    "detectable_per_trade": "how much worse than the others the trades taken away must have done, in money a trade, to "
    "be told from chance in a run of this length",
    "verdict": f"holds: p ≤ 0.025, gains in both halves and on the other runs, z above zero in both halves, at least "
    f"{FEWEST} trades touched and {FEWEST} kept; fragile: gains, but too few trades, the order of prices or chance (p "
    "up to 0.1) could explain it; in-sample only: gains in one half or on this run only; no better than chance: taking "
    "as much away at random does as well; hurts: no gain; unknown: needs prices",
}


class OtherRun(BaseModel):
    """The same rule with the same parameters on another run of the model.

    `gain` is money in that run's `currency`; `gain_pct` is it in percent of the value that run's trades put in.
    """

    run_id: int
    run_number: int
    gain: float | None
    currency: str = ""
    gain_pct: float | None = None


class Replay(BaseModel):
    """A rule's effect on a run's closed trades; None after the rule where prices would be needed."""

    method: Method
    method_note: str
    trades_removed: int | None
    trades_changed: int | None
    losers_avoided: int | None
    winners_lost: int | None
    net_pnl_before: float
    net_pnl_after: float | None
    net_pnl_after_low: float | None
    net_pnl_after_high: float | None
    gain: float | None
    max_drawdown_before: float | None
    max_drawdown_after: float | None
    sharpe_before: float | None
    sharpe_after: float | None
    first_half_gain: float | None
    second_half_gain: float | None
    gain_low: float | None
    gain_high: float | None
    other_runs: list[OtherRun]
    verdict: Verdict
    verdict_why: str
    z: float | None = None
    z_first_half: float | None = None
    z_second_half: float | None = None
    p_value: float | None = None
    gain_at_random: float | None = None
    detectable_per_trade: float | None = None


def replay_rule(
    frame: RunFrame,
    rule: Rule,
    params: Params,
    *,
    other_frames: Sequence[RunFrame] = (),
    outcome: Outcome | None = None,
) -> Replay:
    """Replay one rule on a run and on others; `outcome` is what it does on the run, for callers who have it.

    Its verdict allows for every rule and value that could have been proposed, not only for this one.
    """
    outcome = rule.apply(frame, params) if outcome is None else outcome
    before = frame.trades.net_pnl[frame.trades.closed]
    if outcome.method == "needs_prices":
        return _unknown(frame, outcome, before)
    gain = outcome.low - before
    found = evidence_of(frame, outcome)
    interval = _interval(frame, gain)
    others = [_other(rule, params, other) for other in other_frames if other.facts.run_id != frame.facts.run_id]
    changed = (outcome.low != before) | outcome.removed
    drawdown_before, sharpe_before = _path_before(frame)
    drawdown_after, sharpe_after = path_of(frame, outcome.low)
    verdict, why = verdict_of(found, [other.gain_pct for other in others if other.gain_pct], frame.facts.currency)
    return Replay(
        method=outcome.method,
        method_note=outcome.note,
        trades_removed=int(outcome.removed.sum()),
        trades_changed=int((changed & ~outcome.removed).sum()),
        losers_avoided=int(((before < 0) & (gain > 0)).sum()),
        winners_lost=int(((before > 0) & (gain < 0)).sum()),
        net_pnl_before=total(before),
        net_pnl_after=total(outcome.low),
        net_pnl_after_low=total(outcome.low),
        net_pnl_after_high=total(outcome.high),
        gain=total(gain),
        max_drawdown_before=drawdown_before,
        max_drawdown_after=drawdown_after,
        sharpe_before=sharpe_before,
        sharpe_after=sharpe_after,
        first_half_gain=money(found.halves[0]),
        second_half_gain=money(found.halves[1]),
        gain_low=interval[0],
        gain_high=interval[1],
        other_runs=others,
        verdict=verdict,
        verdict_why=why,
        z=clean(found.score.z, 4),
        z_first_half=clean(found.score.first, 4),
        z_second_half=clean(found.score.second, 4),
        p_value=clean(found.p_value, 4),
        gain_at_random=money(found.at_random),
        detectable_per_trade=_detectable(frame, found.touched),
    )


def _detectable(frame: RunFrame, touched: int) -> float | None:
    """How much worse a trade these many must have done to be told from chance; None where no number could be."""
    sample, critical = sample_of(frame), rule_null(frame).critical
    if critical is None or min(touched, len(sample) - touched) < FEWEST:
        return None
    apart = detectable(critical, len(sample), touched / len(sample))
    return money(apart * float(sample.centred(sample.net).std()))


def _unknown(frame: RunFrame, outcome: Outcome, before: FloatArray) -> Replay:
    drawdown, sharpe = _path_before(frame)
    return Replay(
        method="needs_prices", method_note=outcome.note, trades_removed=None, trades_changed=None, losers_avoided=None,
        winners_lost=None, net_pnl_before=total(before), net_pnl_after=None, net_pnl_after_low=None,
        net_pnl_after_high=None, gain=None, max_drawdown_before=drawdown, max_drawdown_after=None, sharpe_before=sharpe,
        sharpe_after=None, first_half_gain=None, second_half_gain=None, gain_low=None, gain_high=None, other_runs=[],
        verdict="unknown", verdict_why=_UNKNOWN,
    )  # fmt: skip


def _other(rule: Rule, params: Params, other: RunFrame) -> OtherRun:
    outcome = rule.apply(other, params)
    facts, closed = other.facts, other.trades.closed
    shell = OtherRun(run_id=facts.run_id, run_number=facts.run_number, gain=None, currency=facts.currency)
    if outcome.method == "needs_prices":
        return shell
    gain, put_in = (
        float((outcome.low - other.trades.net_pnl[closed]).sum()),
        float(other.trades.entry_value[closed].sum()),
    )
    share = clean(gain / put_in * 100) if put_in > 0 else None
    return shell.model_copy(update={"gain": money(gain), "gain_pct": share})


def _path_before(frame: RunFrame) -> tuple[float | None, float | None]:
    """`path_of` of the trades as they were; the same for every rule."""
    if "path_before" not in frame.cache:
        frame.cache["path_before"] = path_of(frame, frame.trades.net_pnl[frame.trades.closed])
    before: tuple[float | None, float | None] = frame.cache["path_before"]
    return before


def path_of(frame: RunFrame, net: FloatArray) -> tuple[float | None, float | None]:
    """(maximum drawdown in percent, Sharpe ratio) of the run's equity, with what each trade made more where it closed.

    With the trades as they were both are the run's own figures.
    """
    t, curve = frame.trades, frame.equity
    if not curve.has_level or curve.start <= 0 or not len(net):
        return None, None
    more = (net - t.net_pnl[t.closed])[t.closing_order]
    if more.any():
        so_far = np.concatenate([[0.0], np.cumsum(more)])
        value = curve.value + so_far[np.searchsorted(t.closed_at[t.closed_in_order], curve.at, side="right")]
        curve = replace(curve, value=value)
    drawdown = curve.drawdown_pct
    deepest = float(np.nanmin(drawdown)) if not np.isnan(drawdown).all() else None
    return clean(deepest), clean(sharpe_of(curve))


def _interval(frame: RunFrame, gain: FloatArray) -> tuple[float | None, float | None]:
    """95 % interval of the total gain."""
    count = len(gain)
    if count < 2:
        return None, None
    if count > _MANY:
        error = float(np.sqrt(count) * gain.std())
        spread = NormalDist()
        low, high = (gain.sum() + spread.inv_cdf(p) * error for p in (0.025, 0.975))
        return money(low), money(high)
    if "resamples" not in frame.cache:
        rng = np.random.default_rng(_SEED)
        # How often each trade is drawn: a byte each, since the frame keeps them.
        drawn = rng.multinomial(count, np.full(count, 1 / count), size=_RESAMPLES)
        frame.cache["resamples"] = drawn.astype(np.uint8)
    sums = frame.cache["resamples"].astype(np.float64) @ gain
    low, high = np.quantile(sums, [0.025, 0.975])
    return money(float(low)), money(float(high))
