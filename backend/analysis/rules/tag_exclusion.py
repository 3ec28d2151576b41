"""Leave out the entry signals that lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import BoolArray, sum_by
from backend.analysis.chance import Family, Proposals
from backend.analysis.dimensions import dimension
from backend.analysis.rules.base import Outcome, Params, Rule, Wording, entry_filter, evidence, without
from backend.analysis.where.labels import NO_TAG

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_LEAST, _MOST = 3, 2


def candidates(frame: RunFrame) -> list[Params]:
    """The worst entry tag, and the two worst together; exit tags say how a trade ended, not whether to enter."""
    closed = frame.trades.closed
    codes, labels = dimension(frame, "entry_tag", closed)
    net, count = sum_by(codes, frame.trades.net_pnl[closed], len(labels)), np.bincount(codes, minlength=len(labels))
    losing = [int(i) for i in np.argsort(net) if net[i] < 0 and count[i] >= _LEAST and labels[i] != NO_TAG]
    most = min(_MOST, len(losing), int((count > 0).sum()) - 1)
    return [{"tags": [labels[i] for i in losing[:many]]} for many in range(1, most + 1)]


def _removed(frame: RunFrame, params: Params) -> BoolArray:
    codes, labels = dimension(frame, "entry_tag", frame.trades.closed)
    return np.isin(codes, [i for i, label in enumerate(labels) if label in params["tags"]])


def apply(frame: RunFrame, params: Params) -> Outcome:
    """Take out the trades entered by the signals named."""
    return without(frame, _removed(frame, params))


def word(_frame: RunFrame, params: Params) -> Wording:
    """Words, structured form and code."""
    listed = ", ".join(params["tags"])
    return Wording(
        name=f"Ignore the entry signal {listed}",
        plain=f"Open no trade on the entry signal {listed}.",
        code=entry_filter(
            "Ignore the entry signals that lost.",
            "trade: needs entry_tag, a string or None. state is not used."
            "\nReturns False where the entry must not be taken.",
            f'return trade["entry_tag"] not in {list(params["tags"])!r}',
        ),
        enforcement={"type": "entry_filter", "block_when": {"field": "entry_tag", "in": list(params["tags"])}},
    )


def rationale(frame: RunFrame, params: Params) -> str:
    """What those signals made."""
    return evidence(frame, _removed(frame, params), "entered on that signal")


def proposals(frame: RunFrame) -> Proposals:
    """Every entry tag, and those that lost most together."""
    codes, labels = dimension(frame, "entry_tag", frame.trades.closed)
    if len(labels) < 2:
        return Proposals()
    return Proposals(families=[Family(codes, len(labels), together=_MOST)])


RULE = Rule("tag_exclusion", r"tag|signal|setup|entry reason|indicator", candidates, apply, word, rationale, proposals)
