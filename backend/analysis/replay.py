"""What a rule would have done: before and after, in halves, on other runs, with an interval and a plain verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel

from backend.analysis.arrays import FloatArray, clean
from backend.analysis.breakdown import money, total
from backend.analysis.metrics.returns import sharpe_of
from backend.analysis.rules.base import Method, Outcome, Params, Rule

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

Verdict = Literal["holds", "fragile", "in-sample only", "hurts", "unknown"]
_RESAMPLES = 2_000
_MANY = 1_000  # trades beyond which the bootstrap is replaced by its normal limit
_SEED = 19_930
_FEW = 10  # trades touched; fewer prove nothing
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
    "verdict": "holds: gains in both halves, on the other runs, and beyond chance after allowing for all the values "
    "tried; fragile: gains, but chance or the order of prices could explain it; in-sample only: gains in one half or "
    "on this run only; hurts: no gain; unknown: needs prices",
}


class OtherRun(BaseModel):
    """The same rule with the same parameters on another run of the model."""

    run_id: int
    run_number: int
    gain: float | None


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


def replay_rule(
    frame: RunFrame,
    rule: Rule,
    params: Params,
    *,
    other_frames: Sequence[RunFrame] = (),
    values_tried: int = 1,
    outcome: Outcome | None = None,
) -> Replay:
    """Replay one rule on a run and on others; `values_tried` is how many parameter values it was chosen from.

    `outcome` is what the rule does on the run, for callers who have it.
    """
    outcome = rule.apply(frame, params) if outcome is None else outcome
    before = frame.trades.net_pnl[frame.trades.closed]
    if outcome.method == "needs_prices":
        return _unknown(frame, outcome, before)
    gain = outcome.low - before
    half = len(gain) // 2
    interval, certain = _interval(frame, gain, values_tried)
    others = [_other(rule, params, other) for other in other_frames if other.facts.run_id != frame.facts.run_id]
    changed = (outcome.low != before) | outcome.removed
    drawdown_before, sharpe_before = _path_before(frame)
    drawdown_after, sharpe_after = path_of(frame, outcome.low)
    verdict, why = _verdict(
        best=float((outcome.high - before).sum()),
        worst=float(gain.sum()),
        halves=(float(gain[:half].sum()), float(gain[half:].sum())),
        others=[other.gain for other in others if other.gain],
        certain=certain,
        touched=int(changed.sum()),
        values_tried=values_tried,
    )
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
        first_half_gain=total(gain[:half]),
        second_half_gain=total(gain[half:]),
        gain_low=interval[0],
        gain_high=interval[1],
        other_runs=others,
        verdict=verdict,
        verdict_why=why,
    )


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
    gain = None
    if outcome.method != "needs_prices":
        gain = money(float((outcome.low - other.trades.net_pnl[other.trades.closed]).sum()))
    return OtherRun(run_id=other.facts.run_id, run_number=other.facts.run_number, gain=gain)


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


def _interval(frame: RunFrame, gain: FloatArray, values_tried: int) -> tuple[tuple[float | None, float | None], bool]:
    """(95 % interval of the total gain, whether it stays above zero allowing for the number of values tried)."""
    count = len(gain)
    if count < 2:
        return (None, None), False
    share = 0.025 / max(values_tried, 1)
    if count > _MANY:
        error = float(np.sqrt(count) * gain.std())
        spread = NormalDist()
        low, high = (gain.sum() + spread.inv_cdf(p) * error for p in (0.025, 0.975))
        return (money(low), money(high)), bool(gain.sum() + spread.inv_cdf(share) * error > 0)
    if "resamples" not in frame.cache:
        rng = np.random.default_rng(_SEED)
        # How often each trade is drawn: a byte each, since the frame keeps them.
        drawn = rng.multinomial(count, np.full(count, 1 / count), size=_RESAMPLES)
        frame.cache["resamples"] = drawn.astype(np.uint8)
    sums = frame.cache["resamples"].astype(np.float64) @ gain
    low, high, strict = np.quantile(sums, [0.025, 0.975, share])
    return (money(float(low)), money(float(high))), bool(strict > 0)


def _verdict(
    *,
    best: float,
    worst: float,
    halves: tuple[float, float],
    others: list[float],
    certain: bool,
    touched: int,
    values_tried: int,
) -> tuple[Verdict, str]:
    """The first thing that speaks against the rule, or that nothing does."""
    if best <= 1e-9:
        return "hurts", "It would not have gained anything on this run."
    if worst <= 1e-9:
        return "fragile", "Whether it gains depends on the order of prices inside the trades: at worst it does not."
    if min(halves) <= 0:
        return "in-sample only", "It gains in one half of the run only."
    elsewhere, why = _on_other_runs(others)
    if why:
        return "in-sample only", why
    if touched < _FEW or not certain:
        few = f"It touches {touched} trades: too few to tell skill from chance."
        chance = f"With {values_tried} values tried over all rules, chance alone could explain the gain."
        return "fragile", few if touched < _FEW else chance
    return (
        "holds",
        f"It gains in both halves{elsewhere}, beyond chance with {values_tried} values tried over all rules.",
    )


def _on_other_runs(gains: list[float]) -> tuple[str, str]:
    """(how many other runs agree, why they speak against the rule); both empty where it touches no other run."""
    against = [gain for gain in gains if gain < 0]
    if gains and (sum(gains) <= 0 or len(against) * 2 > len(gains)):
        return "", f"It loses on {len(against)} of the model's {len(gains)} other runs it touches."
    return (f" and on {len(gains) - len(against)} of {len(gains)} other runs" if gains else ""), ""
