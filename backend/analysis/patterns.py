"""Patterns that survive a permutation test, corrected for how many were tried.

For each group (an hour, a symbol …) with at least 5 trades inside and outside: is its mean net P&L further from the
others' than when results are dealt to trades at random? Two-sided, Holm's correction over all groups tested. Groups are
chosen by how many trades they hold, never by how they did. On large runs the permutation distribution of a group's mean
is replaced by its normal limit (exact mean and variance) for groups of at least 60 trades.
"""

from __future__ import annotations

from math import erfc, sqrt
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel

from backend.analysis.arrays import FloatArray, IntArray, clean
from backend.analysis.dimensions import dimension

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

ALPHA = 0.05
_TESTED = ("hour", "weekday", "symbol", "side", "entry_tag", "holding_time", "after", "size")
_LEAST = 5
_KEYS = 24  # groups per dimension, those with most trades
_BUDGET = 3_000_000  # permuted results in all: bounds time and memory
_MANY = 1_000  # trades beyond which group means are not permuted whole
_SEED = 20_011
_QUARTERS = ["smallest quarter", "second quarter", "third quarter", "largest quarter"]


class Pattern(BaseModel):
    """A group whose results differ from the others' by more than chance explains."""

    dimension: str
    key: str
    trade_count: int
    net_pnl: float
    average_net: float
    rest_average_net: float
    p_value: float
    adjusted_p_value: float
    trade_ids: list[int]


class Patterns(BaseModel):
    """What was found, out of how many groups tested; nothing is claimed beyond it."""

    tested: int
    alpha: float
    method: str
    found: list[Pattern]


def find_patterns(frame: RunFrame) -> Patterns:
    """Test every group of the run's closed trades; the result is kept on the frame."""
    if "patterns" not in frame.cache:
        frame.cache["patterns"] = _find(frame)
    found: Patterns = frame.cache["patterns"]
    return found


def _find(frame: RunFrame) -> Patterns:
    closed = frame.trades.closed_in_order
    net = frame.trades.net_pnl[closed]
    groups = _groups(frame, closed) if len(net) >= 2 * _LEAST and np.ptp(net) > 0 else []
    if not groups:
        return Patterns(tested=0, alpha=ALPHA, method="too few closed trades to test", found=[])
    observed = np.array([net[members].mean() for _, _, members in groups])
    sizes = np.array([len(members) for _, _, members in groups])
    if len(net) <= _MANY:
        p_values, method = _permuted(net, [members for _, _, members in groups], observed)
    else:
        p_values, method = _sampled(net, observed, sizes)
    adjusted = holm(p_values)
    mean = net.mean()
    found = []
    for i in np.lexsort((p_values, adjusted)):
        if adjusted[i] > ALPHA:
            break
        name, key, members = groups[i]
        ids = frame.trades.trade_id[closed[members]]
        found.append(
            Pattern(
                dimension=name,
                key=key,
                trade_count=len(members),
                net_pnl=clean(net[members].sum(), 8) or 0.0,
                average_net=clean(observed[i], 8) or 0.0,
                rest_average_net=clean((mean * len(net) - net[members].sum()) / (len(net) - len(members)), 8) or 0.0,
                p_value=float(p_values[i]),
                adjusted_p_value=float(adjusted[i]),
                trade_ids=[int(trade_id) for trade_id in ids[np.argsort(net[members], kind="stable")][:50]],
            )
        )
    return Patterns(tested=len(groups), alpha=ALPHA, method=method, found=found)


def _groups(frame: RunFrame, closed: IntArray) -> list[tuple[str, str, IntArray]]:
    """(dimension, key, members) of every group large enough on both sides; members index `closed`."""
    groups = []
    for name in _TESTED:
        special = {"after": _after, "size": _size}.get(name)
        codes, labels = special(frame, closed) if special else dimension(frame, name, closed)
        counts = np.bincount(codes, minlength=len(labels))
        testable = np.flatnonzero((counts >= _LEAST) & (len(codes) - counts >= _LEAST))
        testable = testable[np.argsort(-counts[testable], kind="stable")][:_KEYS]
        if name == "side" or len(labels) == 2:
            testable = testable[:1]  # the other side is the same test
        order = np.argsort(codes, kind="stable")
        begins = np.searchsorted(codes[order], np.arange(len(labels) + 1))
        groups += [(name, labels[k], order[begins[k] : begins[k + 1]]) for k in testable]
    return groups


def _after(frame: RunFrame, closed: IntArray) -> tuple[IntArray, list[str]]:
    """Whether the trade closed last before each opening had lost."""
    t = frame.trades
    last = np.searchsorted(t.closed_at[closed], t.opened_at[closed], side="right") - 1
    own = last == np.arange(len(closed))  # opened and closed in one instant
    last = np.where(own, last - 1, last)
    lost = (last >= 0) & (t.result[closed][np.maximum(last, 0)] < 0)
    return np.where(lost, 0, 1).astype(np.int64), ["a loss", "no loss"]


def _size(frame: RunFrame, closed: IntArray) -> tuple[IntArray, list[str]]:
    """Quarters of the value at entry."""
    value = frame.trades.entry_value[closed]
    edges = np.quantile(value, [0.25, 0.5, 0.75])
    return np.searchsorted(edges, value, side="left").astype(np.int64), _QUARTERS


def _permuted(net: FloatArray, members: list[IntArray], observed: FloatArray) -> tuple[FloatArray, str]:
    """Deal the results to the trades again and again; the same deals serve all groups."""
    rng = np.random.default_rng(_SEED)
    deals = int(np.clip(_BUDGET // len(net), 999, 9_999))
    indicator = np.zeros((len(net), len(members)))
    for column, chosen in enumerate(members):
        indicator[chosen, column] = 1.0 / len(chosen)
    centred = net - net.mean()
    apart = np.abs(observed - net.mean()) * (1 - 1e-12)
    at_least = np.zeros(len(members))
    for first in range(0, deals, 500):
        block = np.tile(centred, (min(500, deals - first), 1))
        at_least += (np.abs(rng.permuted(block, axis=1, out=block) @ indicator) >= apart).sum(axis=0)
    return (at_least + 1) / (deals + 1), f"permutation test, {deals} permutations, Holm's correction"


def _sampled(net: FloatArray, observed: FloatArray, sizes: IntArray) -> tuple[FloatArray, str]:
    """Large runs: the normal limit for large groups, random draws for small ones."""
    rng = np.random.default_rng(_SEED)
    count, deals = len(net), 4_999
    centred = net - net.mean()
    apart = np.abs(observed - net.mean())
    error = np.sqrt(net.var(ddof=1) / sizes * (1 - sizes / count))
    p_values = np.array([_two_sided(z) for z in apart / error])
    for size in np.unique(sizes[sizes < 60]):
        means = centred[rng.integers(0, count, size=(deals, int(size)))].mean(axis=1)
        for i in np.flatnonzero(sizes == size):
            p_values[i] = ((np.abs(means) >= apart[i] * (1 - 1e-12)).sum() + 1) / (deals + 1)
    small = f"{deals} random draws for groups under 60 trades"
    return p_values, f"permutation test by its normal limit ({small}), Holm's correction"


def _two_sided(z: float) -> float:
    return max(erfc(z / sqrt(2)), 1e-300)


def holm(p_values: FloatArray) -> FloatArray:
    """Holm's step-down adjustment: the chance of even one false finding stays below alpha."""
    order = np.argsort(p_values, kind="stable")
    steps = p_values[order] * (len(p_values) - np.arange(len(p_values)))
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted
