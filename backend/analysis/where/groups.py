"""Groups named by one word, as people name them: "longs", "BTC", "Mondays", "August"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.analysis.criteria import InvalidCriteria
from backend.analysis.where.conditions import Where, read_where

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_TRIED = ("side", "result", "symbol", "entry_tag", "exit_reason", "weekday", "session", "month", "date")
_WORDS = {"weekend": {"weekend": True}, "weekends": {"weekend": True}, "weekdays": {"weekend": False},
          "open": {"open": True}, "closed": {"open": False}, "all": []}  # fmt: skip


def read_group(frame: RunFrame, criteria: Any) -> Where:
    """Conditions as `read_where` takes them, or one word for a side, result, symbol, tag, weekday, session or month.

    Raises:
        InvalidCriteria: when nothing of the run is meant.
    """
    if not isinstance(criteria, str) or any(sign in criteria for sign in "=:<>{["):
        return read_where(frame, criteria)
    word = criteria.strip().lower().removesuffix(" trades").removesuffix(" only").strip()
    if word in _WORDS:
        return read_where(frame, _WORDS[word])
    for key in _TRIED:
        try:
            return read_where(frame, {key: word if key != "symbol" else criteria.strip()})
        except InvalidCriteria:
            continue
    raise InvalidCriteria(f"no group of trades is meant by {criteria!r}", ['[{"side": "long"}]', *_TRIED])
