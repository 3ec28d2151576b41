"""One clause of a question: its items that are no condition, its conditions, and small questions about both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from backend.agents.offline.understanding.items import Item
from backend.agents.offline.understanding.plan import Condition
from backend.agents.offline.understanding.vocabulary import RunVocabulary

# What a number may count without being a condition of its own.
_LIMITED = (
    "trade",
    "res:win",
    "res:loss",
    "loss",
    "profit",
    "r:worst",
    "r:best",
    "r:big",
    "r:small",
    "r:long",
    "r:short",
)


@dataclass(slots=True)
class Clause:
    """`items` without those that conditions were read from; `hypothetical` where it asks what would have been."""

    items: list[Item]
    where: list[Condition] = field(default_factory=list)
    hypothetical: bool = False
    separator: str = ""

    def has(self, *concepts: str) -> bool:
        """Whether any item may stand for one of these."""
        return any(item.has(*concepts) for item in self.items)

    def first(self, *concepts: str) -> int | None:
        """The place of the first item that may stand for one of these."""
        return next((place for place, item in enumerate(self.items) if item.has(*concepts)), None)

    def prefix(self, prefix: str) -> list[str]:
        """What follows a prefix in all items, in order: prefix("g:") → ["symbol"]."""
        found = []
        for item in self.items:
            name = item.of(prefix)
            if name is not None and name not in found:
                found.append(name)
        return found

    @property
    def meaningful(self) -> list[Item]:
        """Items that are more than small words."""
        return [item for item in self.items if item.concepts != frozenset({"stop"})]

    def measured(self) -> bool:
        """Whether it names a measure."""
        return any(item.measures for item in self.items)

    @property
    def unknown(self) -> list[Item]:
        """Words that no lexicon knows."""
        return [item for item in self.items if item.kind == "unknown" and len(item.text) > 1]

    def limit(self) -> int:
        """How many are asked for: "my 3 worst trades" → 3; 0 where no number says it."""
        for place, item in enumerate(self.items):
            if (
                item.kind != "number"
                or item.value is None
                or item.value != int(item.value)
                or not 1 <= item.value <= 500
            ):
                continue
            near = [*self.items[max(0, place - 2) : place], *self.items[place + 1 : place + 4]]
            if any(one.has(*_LIMITED) or one.of("g:") for one in near):
                return int(item.value)
        return 0

    def place(self) -> int:
        """The n-th that is asked for: "second worst" → 2; 0 where none is. "Worst first" is no place."""
        for item in self.items:
            if item.has("ord") and item.value is not None:
                return int(item.value)
        return 0


def measures_in(items: Sequence[Item]) -> list[tuple[int, str]]:
    """(place, measure) of each item that names one, the plainest of several it may name."""
    found = []
    for place, item in enumerate(items):
        names = item.measures
        if not names:
            continue
        found.append((place, _plainest(names)))
    return found


_PLAINER = (
    "net_pnl",
    "fees",
    "max_drawdown",
    "average_mae",
    "average_mfe",
    "holding",
    "gross_pnl",
    "open_pnl",
    "stake",
)


def _plainest(names: Sequence[str]) -> str:
    return next((name for name in _PLAINER if name in names), names[0])


def only_small(clause: Clause, run: RunVocabulary) -> bool:
    """Whether nothing is left but small words."""
    return not clause.meaningful and not clause.where
