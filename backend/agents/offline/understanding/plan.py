"""What a question comes to: a plan of one or more parts, each with what is wanted of which trades."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from backend.analysis.measures import Language

Intent = Literal[
    "figures",  # measures of a selection
    "trades",  # a list of trades, or a ranked one
    "trade",  # one trade, or what is asked of it
    "groups",  # the best, the worst or all groups of a dimension
    "compare",  # two or more selections side by side
    "share",  # what part of something a selection makes
    "what_if",  # the run as it would have been
    "define",  # what a term means, with its value here
    "judge",  # is it any good, is it luck
    "why",  # causes
    "rules",  # what to change
    "patterns",
    "reasoning",  # what was recorded with the trades
    "overview",
    "span",  # from when to when
    "concentration",
    "unknowable",  # what this file can't tell
    "courtesy",
    "help",
    "unclear",
]
Statistic = Literal["", "mean", "median", "max", "min", "sum", "std"]
Order = Literal["", "best", "worst", "both", "most", "least"]
Place = Literal["opened", "closed", ""]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on trades, as `analyze_trades` takes it; `by` only of times, empty where the question says neither."""

    key: str
    value: Any
    by: Place = ""
    negated: bool = False

    def as_json(self, *, by: str = "opened") -> dict[str, Any]:
        """The condition as it stands in a list of conditions; `by` is that of a time for which none was said."""
        held: dict[str, Any] = {self.key: self.value}
        if self.key in TIMED and (self.by or by) == "closed":
            held["by"] = "closed"
        return {"not": held} if self.negated else held


TIMED = frozenset({"hour", "weekday", "weekend", "month", "week", "date", "session"})
PERIODS = frozenset({"month", "week", "date"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A measure, and what is to be made of it where it is a figure of single trades."""

    measure: str
    statistic: Statistic = ""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A change to the run: a kind and parameters of `replay_rule`."""

    kind: str
    params: dict[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.kind, str(sorted(self.params.items(), key=str))))


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is asked. Fields that the intent has no use for are empty.

    `groups` are the selections of a comparison, each on top of `where`; `place` is the n-th of an order (1 the first,
    −1 the last); `limit` how many; `topic` what sort of courtesy, judgement or unknowable thing; `names` the fields of
    a trade that are asked for.
    """

    intent: Intent
    wanted: tuple[Wanted, ...] = ()
    where: tuple[Condition, ...] = ()
    groups: tuple[tuple[Condition, ...], ...] = ()
    dimension: str = ""
    order: Order = ""
    place: int = 0
    limit: int = 0
    what_if: WhatIf | None = None
    term: str = ""
    topic: str = ""
    names: tuple[str, ...] = ()
    include_open: bool | None = None
    whole_if: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The question, understood. `unread` are words that changed nothing; `strangers` symbols the run does not trade;
    `nearest` questions to offer where nothing was understood; `problem` is what rules are asked for, in the asker's
    words.
    """

    text: str
    language: Language
    parts: tuple[Part, ...]
    unread: tuple[str, ...] = ()
    goes_on: bool = False
    strangers: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()
    problem: str = ""

    @property
    def understood(self) -> bool:
        """Whether there is anything to answer."""
        return all(part.intent != "unclear" for part in self.parts)
