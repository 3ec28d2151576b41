"""A change replayed on a run: what the run made without it and with it, how exactly that is known, and a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import BaseModel

from backend.analysis.arrays import BoolArray, FloatArray, clean
from backend.analysis.breakdown import money, total
from backend.analysis.brief import FEW, PAGE_ONLY, TEXT
from backend.analysis.chance import Proposals
from backend.analysis.criteria import InvalidCriteria
from backend.analysis.evidence import Verdict
from backend.analysis.metrics import run_warnings
from backend.analysis.replay import path_of, replay_rule
from backend.analysis.rules.base import Method, Rule, Wording
from backend.analysis.rules.base import Outcome as RuleOutcome
from backend.analysis.rules.base import Params as RuleParams
from backend.analysis.what_if.effects import Basis, CannotBeKnown, Effect
from backend.analysis.what_if.kinds import Kind, Params, read_kind

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

MAX_CHANGED = 1_000
_SHOWN = 10
_EPSILON = 1e-9


class Outcome(BaseModel):
    """What a run made; counts, averages and `net_pnl` of its closed trades, `total_pnl` with those still open.

    `max_drawdown` and `sharpe` are of the run's equity; `max_drawdown_money` of its closed trades added up.
    """

    net_pnl: float
    open_pnl: float
    total_pnl: float
    trade_count: int
    open_count: int
    win_count: int
    loss_count: int
    win_rate: float | None
    average_win: float | None
    average_loss: float | None
    expectancy: float | None
    profit_factor: float | None
    largest_win: float | None
    largest_loss: float | None
    fees: float
    funding: float
    max_drawdown: float | None
    max_drawdown_money: float | None
    sharpe: float | None


class Bounds(BaseModel):
    """The worst and the best case, each trade taken at its worst or its best."""

    low: Outcome
    high: Outcome


class TradeChange(BaseModel):
    """One trade under the change; `after_low` and `after_high` differ where it is bounded, 0 where it is taken out."""

    trade_id: int
    before: float
    after_low: float
    after_high: float
    removed: bool


class ReplayedRule(BaseModel):
    """What `replay_rule` answers; `kind` is the kind of change.

    `after` is one outcome where it is exact, a worst and a best one where it is bounded, and null with `why` where it
    can't be known. `coverage_pct` is the share of the trades' results, by size, whose outcome can be known; the rest is
    taken as it was. `trades_changed` are ids, those that change most first.
    """

    kind: str
    params: dict[str, Any]
    description: Annotated[str, TEXT]
    currency: str
    basis: Basis
    exact: bool
    coverage_pct: float | None
    before: Outcome
    after: Outcome | Bounds | None
    why: Annotated[str | None, TEXT]
    gain: float | None
    gain_low: float | None
    gain_high: float | None
    verdict: Verdict
    verdict_why: Annotated[str, TEXT]
    removed_count: int | None
    changed_count: int | None
    trades_changed: Annotated[list[int], FEW]
    changes: list[TradeChange]
    note: Annotated[str, TEXT]
    definitions: Annotated[dict[str, str], PAGE_ONLY]
    warnings: Annotated[list[str], TEXT]


_DEFINITIONS = {
    "net_pnl": "net P&L of the closed trades; total_pnl adds those still open at the last known prices",
    "coverage_pct": "share of Σ|net P&L| over all trades for which the outcome of the change can be known",
    "gain": "total P&L with the change − without it; gain_low and gain_high where it is bounded",
    "max_drawdown": "of the run's equity, in percent; after: what each trade makes more or less counts at its closing",
}


def replay_change(
    frame: RunFrame, kind: str, params: Any = None, other_frames: Sequence[RunFrame] = ()
) -> ReplayedRule:
    """Replay one change, with the asker's own numbers, on the trades of a run.

    Raises:
        InvalidCriteria: for a kind there is none of, or parameters it can't have.
    """
    found, given = read_kind(kind, params)
    t = frame.trades
    before = _outcome(frame, t.net_pnl, np.zeros(len(t), dtype=np.bool_), t.fees, t.funding)
    try:
        effect = found.apply(frame, given)
    except CannotBeKnown as error:
        return _unknown(frame, found, given, before, str(error))
    return _known(frame, found, given, before, effect, other_frames)


def _known(
    frame: RunFrame, kind: Kind, params: Params, before: Outcome, effect: Effect, other_frames: Sequence[RunFrame]
) -> ReplayedRule:
    t = frame.trades
    low, high = effect.low, effect.high
    exact = bool(np.allclose(low, high, rtol=0, atol=_EPSILON))
    worst = _outcome(frame, low, effect.removed, effect.fees, effect.funding)
    after: Outcome | Bounds = worst
    if not exact:
        after = Bounds(low=worst, high=_outcome(frame, high, effect.removed, effect.fees, effect.funding))
    changed = effect.removed | (np.abs(low - t.net_pnl) > _EPSILON) | (np.abs(high - t.net_pnl) > _EPSILON)
    moved = np.where(effect.removed, np.abs(t.net_pnl), np.maximum(np.abs(low - t.net_pnl), np.abs(high - t.net_pnl)))
    places = np.flatnonzero(changed)
    places = places[np.argsort(-moved[places], kind="stable")][:MAX_CHANGED]
    gains = total(low - t.net_pnl), total(high - t.net_pnl)
    verdict, why = _verdict(frame, kind, params, effect, changed, gains, other_frames)
    return ReplayedRule(
        kind=kind.name,
        params=params,
        description=kind.words(frame, params),
        currency=frame.facts.currency,
        basis=effect.basis,
        exact=exact and bool(effect.known.all()),
        coverage_pct=_covered(t.net_pnl, effect.known),
        before=before,
        after=after,
        why=None,
        gain=gains[0] if exact else None,
        gain_low=gains[0],
        gain_high=gains[1],
        verdict=verdict,
        verdict_why=why,
        removed_count=int(effect.removed.sum()),
        changed_count=int(changed.sum()),
        trades_changed=t.trade_id[places].tolist(),
        changes=_changes(frame, effect, places[:_SHOWN].tolist()),
        note=effect.note,
        definitions=_DEFINITIONS,
        warnings=run_warnings(frame),
    )


def _changes(frame: RunFrame, effect: Effect, places: list[int]) -> list[TradeChange]:
    t = frame.trades
    return [
        TradeChange(
            trade_id=int(t.trade_id[place]),
            before=money(t.net_pnl[place]) or 0.0,
            after_low=money(effect.low[place]) or 0.0,
            after_high=money(effect.high[place]) or 0.0,
            removed=bool(effect.removed[place]),
        )
        for place in places
    ]


def _unknown(frame: RunFrame, kind: Kind, params: Params, before: Outcome, why: str) -> ReplayedRule:
    return ReplayedRule(
        kind=kind.name,
        params=params,
        description=kind.words(frame, params),
        currency=frame.facts.currency,
        basis="trades",
        exact=False,
        coverage_pct=0.0,
        before=before,
        after=None,
        why=why,
        gain=None,
        gain_low=None,
        gain_high=None,
        verdict="unknown",
        verdict_why="What it would have done can't be known from this run.",
        removed_count=None,
        changed_count=None,
        trades_changed=[],
        changes=[],
        note=why,
        definitions=_DEFINITIONS,
        warnings=run_warnings(frame),
    )


def _covered(net: FloatArray, known: BoolArray) -> float | None:
    if not len(net):
        return None
    size = float(np.abs(net).sum())
    share = float(np.abs(net[known]).sum()) / size if size else float(known.mean())
    return clean(share * 100, 6)


def _outcome(frame: RunFrame, net: FloatArray, removed: BoolArray, fees: FloatArray, funding: FloatArray) -> Outcome:
    """The figures of a run whose trades made this."""
    t = frame.trades
    closed = t.closed
    kept = ~removed[closed]
    made = net[closed]
    taken = made[kept]
    # A trade as it was won or lost as it did; what made nothing is neither.
    decided_as = np.where(made == t.net_pnl[closed], t.result[closed], made)[kept]
    wins, losses = taken[decided_as > 0], taken[decided_as < 0]
    decided = len(wins) + len(losses)
    running = np.concatenate([[0.0], np.cumsum(made[t.closing_order])])
    drawdown, sharpe = path_of(frame, made)
    return Outcome(
        net_pnl=total(taken),
        open_pnl=total(net[t.open]),
        total_pnl=total(net),
        trade_count=int(kept.sum()),
        open_count=int((~removed[t.open]).sum()),
        win_count=len(wins),
        loss_count=len(losses),
        win_rate=money(len(wins) / decided * 100) if decided else None,
        average_win=money(wins.mean()) if len(wins) else None,
        average_loss=money(losses.mean()) if len(losses) else None,
        expectancy=money(taken.mean()) if len(taken) else None,
        profit_factor=money(wins.sum() / -losses.sum()) if len(losses) else None,
        largest_win=money(wins.max()) if len(wins) else None,
        largest_loss=money(losses.min()) if len(losses) else None,
        fees=total(fees[closed]),
        funding=total(funding[closed]),
        max_drawdown=drawdown,
        max_drawdown_money=money(float((running - np.maximum.accumulate(running)).min())),
        sharpe=sharpe,
    )


def _verdict(
    frame: RunFrame,
    kind: Kind,
    params: Params,
    effect: Effect,
    changed: BoolArray,
    gains: tuple[float, float],
    other_frames: Sequence[RunFrame],
) -> tuple[Verdict, str]:
    """A rule of the library is judged as every suggestion is; what is no rule gets no such verdict."""
    if kind.hindsight is not None:
        return "unknown", f"No rule to judge: {kind.hindsight}."
    if not changed.any():
        return "unknown", "It changes no trade of this run."
    if gains[1] <= _EPSILON:
        return "hurts", "It would not have gained anything on this run."
    rule = _as_rule(kind)
    closed = frame.trades.closed
    outcome = RuleOutcome(
        effect.low[closed],
        effect.high[closed],
        effect.removed[closed],
        "exact" if effect.basis == "trades" else "bounded",
        effect.note,
        None if effect.factor is None else effect.factor[closed],
    )
    judged = replay_rule(frame, rule, params, other_frames=other_frames, outcome=outcome)
    return judged.verdict, judged.verdict_why


def _as_rule(kind: Kind) -> Rule:
    """The kind as a rule of the library, so that one judgement serves suggestions and questions."""

    def apply(frame: RunFrame, params: RuleParams) -> RuleOutcome:
        t, closed = frame.trades, frame.trades.closed
        try:
            effect = kind.apply(frame, dict(params))
        except (CannotBeKnown, InvalidCriteria) as error:
            # Another run may not have the symbol or the tag: there the rule does nothing.
            net, nothing = t.net_pnl[closed], np.zeros(len(closed), dtype=np.bool_)
            method: Method = "needs_prices" if isinstance(error, CannotBeKnown) else "exact"
            return RuleOutcome(net, net, nothing, method, str(error))
        return RuleOutcome(effect.low[closed], effect.high[closed], effect.removed[closed], "exact", effect.note)

    def word(frame: RunFrame, params: RuleParams) -> Wording:
        words = kind.words(frame, dict(params))
        return Wording(words, words, "", {"type": kind.name, **params})

    # What was asked for was not chosen among proposals; the deals of all of them are stricter than it needs.
    return Rule(kind.name, "", lambda _frame: [], apply, word, lambda _frame, _params: "", lambda _frame: Proposals())
