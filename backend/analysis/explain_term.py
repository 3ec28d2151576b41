"""What a term means, how it is computed, and what it is in this run."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel

from backend.analysis.brief import PAGE_ONLY, TEXT, TRADES
from backend.analysis.criteria import InvalidCriteria
from backend.analysis.figures import Figure
from backend.analysis.metrics import METRICS, Conventions, conventions, figure_of
from backend.analysis.rows import TradeRow, rows_of
from backend.analysis.terms import BY_WORD, TERMS, Term, term_key
from backend.analysis.trade_list import find_trades

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_METRICS = {metric.name: metric for metric in METRICS}
_WORDS = {**{term_key(name): Term(name, "", figures=(name,)) for name in _METRICS}, **BY_WORD}
TERM_NAMES = (*(term.name for term in TERMS), *(name for name in _METRICS if name not in {one.name for one in TERMS}))


class TermExplained(BaseModel):
    """What `explain_term` answers: `figures` are this run's values with their own definitions, `example` is the trade
    that shows it most."""

    kind: Literal["term"] = "term"
    term: str
    meaning: Annotated[str, TEXT]
    formula: Annotated[str, TEXT]
    currency: str
    figures: dict[str, Figure]
    example: Annotated[list[TradeRow], TRADES]
    related: list[str]
    basis: Annotated[Conventions, PAGE_ONLY]


def explain_term(frame: RunFrame, term: str) -> TermExplained:
    """Explain a term by any of its usual names, with this run's value.

    Raises:
        InvalidCriteria: for a term that is not known; `valid` lists the nearest.
    """
    found = find_term(term)
    if found is None:
        near = get_close_matches(term_key(term)[:80], list(_WORDS), n=8, cutoff=0.5)
        raise InvalidCriteria(
            f"the term {term[:80]!r} is not explained here", list(dict.fromkeys(_WORDS[word].name for word in near))
        )
    figures = {name: figure_of(frame, _METRICS[name]) for name in found.figures}
    first = _METRICS.get(found.name) or (_METRICS[found.figures[0]] if found.figures else None)
    formula = found.formula or (first.definition if first is not None else "")
    return TermExplained(
        term=found.name,
        meaning=found.meaning or formula,
        formula=formula,
        currency=frame.facts.currency,
        figures=figures,
        example=_example(frame, found),
        related=list(found.related),
        basis=conventions(frame),
    )


def find_term(text: str) -> Term | None:
    """The term meant: by its name or one of its other names, whole or as the longest of them within the text."""
    words = term_key(text)
    if words in _WORDS:
        return _WORDS[words]
    inside = [name for name in _WORDS if len(name) > 2 and f" {name} " in f" {words} "]
    if inside:
        return _WORDS[max(inside, key=len)]
    near = get_close_matches(words[:80], list(_WORDS), n=1, cutoff=0.84)
    return _WORDS[near[0]] if near else None


def _example(frame: RunFrame, term: Term) -> list[TradeRow]:
    if term.example is None or not len(frame.trades):
        return []
    rows = rows_of(frame, find_trades(frame, sort=term.example)[:1])
    # What is not known of any trade has no example.
    return [row for row in rows if getattr(row, term.example.removeprefix("-")) is not None]
