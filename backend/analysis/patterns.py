"""Patterns: groups of trades whose results differ from the others' by more than chance explains.

Only what is known at the entry makes a group: hour, weekday, symbol, side, entry tag, size, and whether the trade
closed last had lost. How long a trade was held is an outcome of its exit. A group's statistic is that of a rule that
takes it out (`backend.analysis.chance`), and it is held against the largest |z| of all groups on results dealt anew.
Sizes are judged also by what they would make at the mean return: a larger position of a run that loses loses more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import erfc, sqrt
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel

from backend.analysis.arrays import FloatArray, IntArray, clean
from backend.analysis.chance import (
    ALPHA,
    FEWEST,
    Family,
    Null,
    Path,
    Proposals,
    Sample,
    Score,
    null_of,
    sample_of,
)
from backend.analysis.dimensions import dimension
from backend.analysis.where.labels import NO_TAG

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_KNOWN_AT_ENTRY = ("hour", "weekday", "symbol", "side", "entry_tag")
_SHOWN_IDS = 50
_QUARTERS = ("smallest quarter", "second quarter", "third quarter", "largest quarter")


class Pattern(BaseModel):
    """A group whose results differ from the others' by more than chance explains.

    `z` is above zero where the group did worse. `p_value` is that of this group alone, `adjusted_p_value` allows for
    all groups tested.
    """

    dimension: str
    key: str
    trade_count: int
    net_pnl: float
    average_net: float
    rest_average_net: float
    p_value: float
    adjusted_p_value: float
    trade_ids: list[int]
    z: float | None = None


class Patterns(BaseModel):
    """What was found, out of how many groups tested; nothing is claimed beyond it."""

    tested: int
    alpha: float
    method: str
    found: list[Pattern]


@dataclass(frozen=True, slots=True)
class _Group:
    dimension: str
    key: str
    members: IntArray  # places among the closed trades
    score: Score


def find_patterns(frame: RunFrame) -> Patterns:
    """Test every group of the run's closed trades; the result is kept on the frame."""
    if "patterns" not in frame.cache:
        frame.cache["patterns"] = _find(frame)
    found: Patterns = frame.cache["patterns"]
    return found


def _find(frame: RunFrame) -> Patterns:
    sample = sample_of(frame)
    groups = list(_groups(frame, sample)) if len(sample) >= 2 * FEWEST and np.ptp(sample.net) > 0 else []
    if not groups:
        return Patterns(tested=0, alpha=ALPHA, method="too few closed trades to test", found=[])
    null = null_of(sample, _proposals(frame, sample), two_sided=True)
    groups.sort(key=lambda group: -abs(group.score.z))
    return Patterns(
        tested=len(groups),
        alpha=ALPHA,
        method=f"results dealt anew within each half of the run, {null.deals} times; the largest |z| of all groups",
        found=[_pattern(frame, sample, null, group) for group in groups if _differs(group.score, null)],
    )


def _differs(score: Score, null: Null) -> bool:
    """Beyond chance, and in the same direction in both halves."""
    return null.p_value(abs(score.z)) <= ALPHA and score.first * score.second > 0


def _pattern(frame: RunFrame, sample: Sample, null: Null, group: _Group) -> Pattern:
    members, net = group.members, sample.net[group.members]
    rest = (sample.net.sum() - net.sum()) / (len(sample) - len(net))
    ids = frame.trades.trade_id[frame.trades.closed[members]]
    alone, together = max(erfc(abs(group.score.z) / sqrt(2)), 1e-300), null.p_value(abs(group.score.z))
    return Pattern(
        dimension=group.dimension,
        key=group.key,
        trade_count=len(members),
        net_pnl=clean(net.sum(), 8) or 0.0,
        average_net=clean(net.mean(), 8) or 0.0,
        rest_average_net=clean(rest, 8) or 0.0,
        p_value=min(alone, together),
        adjusted_p_value=together,
        trade_ids=[int(trade_id) for trade_id in ids[np.argsort(net, kind="stable")][:_SHOWN_IDS]],
        z=clean(group.score.z, 4),
    )


def _groups(frame: RunFrame, sample: Sample) -> Iterator[_Group]:
    """Every group large enough on both sides, however it did."""
    for name in _KNOWN_AT_ENTRY:
        codes, labels = dimension(frame, name, frame.trades.closed)
        counts = np.bincount(codes, minlength=len(labels))
        chosen = np.flatnonzero((counts >= FEWEST) & (len(codes) - counts >= FEWEST))
        if name == "side" or len(labels) == 2:
            chosen = chosen[:1]  # the other side is the same test
        order = np.argsort(codes, kind="stable")
        begins = np.searchsorted(codes[order], np.arange(len(labels) + 1))
        for k in chosen.tolist():
            if labels[k] != NO_TAG:
                yield _group(sample, name, labels[k], order[begins[k] : begins[k + 1]])
    for quarter, label in enumerate(_QUARTERS):
        members = np.flatnonzero(_size_quarter(sample) == quarter)
        if _enough(sample, members):
            yield _group(sample, "size", label, members, by_size=True)
    after = np.flatnonzero(_after_loss(_closed_last(frame), sample.net[:, np.newaxis])[:, 0])
    if _enough(sample, after):
        yield _group(sample, "after", "a loss", after)


def _enough(sample: Sample, members: IntArray) -> bool:
    return min(len(members), len(sample) - len(members)) >= FEWEST


def _group(sample: Sample, name: str, key: str, members: IntArray, *, by_size: bool = False) -> _Group:
    return _Group(name, key, members, sample.score(_taken(sample, members), by_size=by_size))


def _proposals(frame: RunFrame, sample: Sample) -> Proposals:
    """All of the groups, as removals."""
    families = []
    for name in _KNOWN_AT_ENTRY:
        codes, labels = dimension(frame, name, frame.trades.closed)
        families.append(Family(codes, max(len(labels), 1)))
    quarter = _size_quarter(sample)
    quarters = (np.flatnonzero(quarter == number) for number in range(len(_QUARTERS)))
    shares = [_taken(sample, members) for members in quarters if _enough(sample, members)]
    return Proposals(families, shares, [Path(partial(_after_loss, _closed_last(frame)))])


def _taken(sample: Sample, members: IntArray) -> FloatArray:
    removed = np.zeros(len(sample))
    removed[members] = 1.0
    return removed


def _size_quarter(sample: Sample) -> IntArray:
    """Quarters of the value at entry, 0 the smallest."""
    edges = np.quantile(sample.size, [0.25, 0.5, 0.75])
    return np.searchsorted(edges, sample.size, side="left").astype(np.int64)


def _closed_last(frame: RunFrame) -> IntArray:
    """Place of the trade closed last before each was opened, −1 without one; what closes at that instant is not."""
    t = frame.trades
    order = np.append(t.closing_order, -1)
    last: IntArray = order[t.closed_before - 1]
    return last


def _after_loss(last: IntArray, dealt: FloatArray) -> FloatArray:
    """Which trades (trades × deals) follow one that lost."""
    lost: FloatArray = ((last >= 0)[:, np.newaxis] & (dealt[last] < 0)).astype(np.float64)
    return lost
