"""Fills that turn a position round, where the file calls the whole of them a closing."""

from __future__ import annotations

import numpy as np

from backend.importers.netting import books_of, held_before, signed_quantities
from backend.importers.position_columns import ACTIONS, PositionColumns

_BUY, _SELL, _COVER = (ACTIONS.index(name) for name in ("buy", "sell", "cover"))


def turning_loosed(rows: PositionColumns) -> PositionColumns:
    """The rows, in order of time; one that closes more than its book holds, and holds something, says no more what it
    did, so that netting parts it into what it closes and what it opens.
    """
    said = rows.column("open_close")
    if said is None or "close" not in said:
        return rows
    signed = signed_quantities(rows)
    before = held_before(rows, signed, books_of(rows))
    words = np.array(said, dtype=object)
    turns = (words == "close") & (before * signed < 0) & (np.abs(signed) > np.abs(before) * (1 + 1e-9))
    if not turns.any():
        return rows
    codes = rows.action_codes.astype(np.int64)
    codes = np.where(turns & (codes == _COVER), _BUY, codes)
    words[turns] = None
    return rows.replaced(actions=codes, texts={"open_close": words.tolist()})
