"""The things that a question is made of, once its words are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ItemKind = Literal["phrase", "number", "date", "month", "clock", "id", "symbol", "tag", "unknown"]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of the question. `concepts` are the names of what the phrase may stand for; `value` is a number's or
    an ordinal's; `names` the run's symbols or tags that are meant; `sense` a further sense of the concept."""

    kind: ItemKind
    text: str
    start: int
    end: int
    concepts: frozenset[str] = frozenset()
    value: float | None = None
    names: tuple[str, ...] = ()
    sense: str = ""
    corrected: bool = False

    def has(self, *names: str) -> bool:
        """Whether it may stand for one of these concepts."""
        return not self.concepts.isdisjoint(names)

    def of(self, prefix: str) -> str | None:
        """What follows the prefix in its first such concept: of("side:") → "long"."""
        return next((name[len(prefix) :] for name in sorted(self.concepts) if name.startswith(prefix)), None)

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures it may name."""
        return tuple(sorted(name[2:] for name in self.concepts if name.startswith("m:")))
