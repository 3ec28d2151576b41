"""Leave out the symbols that lost most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import BoolArray, sum_by
from backend.analysis.chance import Family, Proposals
from backend.analysis.rules.base import Outcome, Params, Rule, Wording, entry_filter, evidence, without

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_LEAST, _MOST = 2, 3


def candidates(frame: RunFrame) -> list[Params]:
    """The worst symbol, the two worst, the three worst; never all of them."""
    t, closed = frame.trades, frame.trades.closed
    net = sum_by(t.symbol[closed], t.net_pnl[closed], len(t.symbols))
    count = np.bincount(t.symbol[closed], minlength=len(t.symbols))
    losing = [int(i) for i in np.argsort(net, kind="stable") if net[i] < 0 and count[i] >= _LEAST]
    most = min(_MOST, len(losing), int((count > 0).sum()) - 1)
    return [{"symbols": [t.symbols[i] for i in losing[:many]]} for many in range(1, most + 1)]


def _removed(frame: RunFrame, params: Params) -> BoolArray:
    wanted = [i for i, name in enumerate(frame.trades.symbols) if name in params["symbols"]]
    return np.isin(frame.trades.symbol[frame.trades.closed], wanted)


def apply(frame: RunFrame, params: Params) -> Outcome:
    """Take out the trades in the symbols named."""
    return without(frame, _removed(frame, params))


def word(_frame: RunFrame, params: Params) -> Wording:
    """Words, structured form and code."""
    listed = ", ".join(params["symbols"])
    # Names come from a file: repr keeps them data in the pasted code, and they stay out of its docstring.
    return Wording(
        name=f"Do not trade {listed}",
        plain=f"Open no trade in {listed}.",
        code=entry_filter(
            "Do not trade the symbols that lost most.",
            "trade: needs symbol. state is not used.\nReturns False where the entry must not be taken.",
            f'return trade["symbol"] not in {list(params["symbols"])!r}',
        ),
        enforcement={"type": "entry_filter", "block_when": {"field": "symbol", "in": list(params["symbols"])}},
    )


def rationale(frame: RunFrame, params: Params) -> str:
    """What those symbols made."""
    return evidence(frame, _removed(frame, params), f"in {', '.join(params['symbols'])}")


def proposals(frame: RunFrame) -> Proposals:
    """Every symbol, and those that lost most together."""
    t = frame.trades
    return Proposals(families=[Family(t.symbol[t.closed], len(t.symbols), together=_MOST)])


RULE = Rule(
    "symbol_exclusion",
    r"symbol|pair|coin|ticker|stock|asset|market|instrument|which",
    candidates,
    apply,
    word,
    rationale,
    proposals,
)
