"""The parts of an answer that numbers stand in: headings, sentences, list items and cells of tables with their heads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_ROW = re.compile(r"[ \t>]*\|")
_RULE_LINE = re.compile(
    r"[ \t>]{0,8}\|?[ \t]{0,8}:?-{2,80}:?[ \t]{0,8}(?:\|[ \t]{0,8}:?-{2,80}:?[ \t]{0,8})*\|?[ \t]{0,8}$"
)
_HEADING = re.compile(r"[ \t>]*#{1,6}[ \t]|[ \t>]*\*\*[^*\n]{1,120}\*\*:?[ \t]*$")
_ITEM = re.compile(r"[ \t>]*(?:[-*+•]|\d{1,3}[.)])[ \t]+")
_END = re.compile(r"(?:(?<![\d.])|(?<=\d))[.!?。！？](?=[\s*_\"”’)\]]|$)[*_\"”’)\]]*|[。！？]|\n")
_ABBREVIATION = re.compile(
    r"\b(?:avg|max|min|approx|ca|vs|e\.g|i\.e|no|nr|st|mio|mrd|tsd|bzw|z\.B|inkl|ok|resp|incl|pct|p\.a)\.$", re.I
)
_MOST_SENTENCE = 1_200  # characters: a label does not reach further

Kind = Literal["heading", "sentence", "cell"]


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of the text that is read as one. `item` says that it opens a list item, `continues` that the passage before
    belongs to the same paragraph or item. For a cell `heads` are the spans of its row's and column's head, `row` its
    row's number in the text."""

    start: int
    end: int
    kind: Kind
    item: bool = False
    continues: bool = False
    heads: tuple[tuple[int, int], ...] = ()
    row: int = -1
    column: int = -1
    table: int = -1


def passages(text: str) -> Iterator[Passage]:
    """The text's passages in order; fences of code are among them, for numbers in them are hidden before."""
    table = _Table()
    previous_blank = True
    in_item = False
    place = 0
    while place < len(text):
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        if _ROW.match(text, place, end):
            yield from table.row(text, place, end)
            previous_blank, in_item = True, False
        else:
            table.end()
            if not text[place:end].strip():
                previous_blank = True
            elif _HEADING.match(text, place, end):
                yield Passage(place, end, "heading")
                previous_blank, in_item = True, False
            else:
                item = _ITEM.match(text, place, end) is not None
                in_item = item or (in_item and not previous_blank)
                yield from _sentences(text, place, end, item=item, continues=not item and not previous_blank)
                previous_blank = False
        place = end + 1


def _sentences(text: str, start: int, end: int, *, item: bool, continues: bool) -> Iterator[Passage]:
    place = start
    for found in _END.finditer(text, start, end):
        if found.start() < place or _ABBREVIATION.search(text, max(start, found.start() - 8), found.start() + 1):
            continue
        yield from _cut(text, place, found.end(), item=item, continues=continues)
        place, item, continues = found.end(), False, True
    if text[place:end].strip():
        yield from _cut(text, place, end, item=item, continues=continues)


def _cut(text: str, start: int, end: int, *, item: bool, continues: bool) -> Iterator[Passage]:
    while end - start > _MOST_SENTENCE:
        middle = text.rfind(" ", start + 1, start + _MOST_SENTENCE)
        middle = start + _MOST_SENTENCE if middle <= start else middle
        yield Passage(start, middle, "sentence", item=item, continues=continues)
        start, item, continues = middle, False, True
    yield Passage(start, end, "sentence", item=item, continues=continues)


class _Table:
    """Rows of one table as they come: the first is its head if a rule line follows it."""

    def __init__(self) -> None:
        self._heads: list[tuple[int, int]] = []
        self._first: list[tuple[int, int]] | None = None
        self._count = 0
        self._row = 0

    def end(self) -> None:
        """No row of the table follows."""
        self._heads, self._first = [], None

    def row(self, text: str, start: int, end: int) -> Iterator[Passage]:
        """The cells of a row."""
        if _RULE_LINE.match(text, start, end):
            return
        cells = list(_cells(text, start, end))
        self._row += 1
        if self._first is None:
            self._first = cells
            self._count += 1
            following = text[end + 1 : end + 1 + 400].split("\n", 1)[0]
            if _RULE_LINE.match(following):
                self._heads = cells
                for column, (first, last) in enumerate(cells):
                    yield Passage(first, last, "cell", row=self._row, column=column, table=self._count)
                return
        for column, (first, last) in enumerate(cells):
            heads = []
            if column and cells:
                heads.append(cells[0])
            if column < len(self._heads):
                heads.append(self._heads[column])
            yield Passage(first, last, "cell", heads=tuple(heads), row=self._row, column=column, table=self._count)


def _cells(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    place = text.find("|", start, end) + 1
    while place < end:
        bar = text.find("|", place, end)
        while bar > 0 and text[bar - 1] == "\\":
            bar = text.find("|", bar + 1, end)
        bar = end if bar < 0 else bar
        if bar < end or text[place:bar].strip():
            yield place, bar
        place = bar + 1
