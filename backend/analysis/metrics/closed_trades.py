"""What figures are worth where equity is known only when trades close.

Between a trade's opening and its closing equity moves unseen. How far figures of such a curve stand from those of the
marked one was found by simulation; it depends on over how many day-ends a trade stays open on average.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from backend.analysis.figures import Reading, missing

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

Treatment = Literal["keep", "flag", "withhold"]
_EDGES = (0.25, 1.0)  # day-ends, each still in the column before it
_MOVES: tuple[Treatment, ...] = ("keep", "flag", "flag")
_TAILS: tuple[Treatment, ...] = ("keep", "flag", "withhold")
_SHAPES: tuple[Treatment, ...] = ("keep", "withhold", "withhold")
TREATMENTS: dict[str, tuple[Treatment, ...]] = {
    **dict.fromkeys(("volatility", "sharpe", "best_day", "worst_day"), _MOVES),
    **dict.fromkeys(("time_under_water", "longest_under_water"), _MOVES),
    **dict.fromkeys(("sortino", "var_95", "cvar_95", "tail_ratio"), _TAILS),
    **dict.fromkeys(("skew", "kurtosis"), _SHAPES),
}
FALLS = ("max_drawdown", "max_drawdown_money", "ulcer_index")


def words(day_ends: float) -> str:
    """What the equity is known from, and how long trades stay open."""
    return f"equity is known only when trades close; a trade stays open over {day_ends:.2f} day-ends on average"


def as_known(frame: RunFrame, name: str, read: Reading) -> Reading:
    """A figure as far as equity at closed trades can tell it: kept, flagged, bounded, or withheld with the reason."""
    day_ends = frame.equity.day_ends
    if day_ends is None or read.value is None:
        return read
    note = words(day_ends)
    if name in FALLS:
        return replace(read, bound="at_least", note=note)
    if name == "calmar" and isinstance(read.value, float):
        # A deeper fall brings the ratio nearer to zero.
        return replace(read, bound="at_most" if read.value > 0 else "at_least", note=note)
    column = sum(day_ends > edge for edge in _EDGES)
    treatment = TREATMENTS.get(name, ("keep", "keep", "keep"))[column]
    if treatment == "withhold":
        return missing(f"{note}, which is too long to tell this")
    return replace(read, note=note) if treatment == "flag" else read
