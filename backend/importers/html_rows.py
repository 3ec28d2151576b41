"""HTML reports → the rows of their tables, as text, in order.

libxml2's HTML parser feeds a target that keeps no tree: memory is bounded by the rows kept. It knows HTML's own named
characters and no others, reads no external entity, and has no network. Hidden cells are left out; rows of tables inside
tables stand for themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from backend.importers.base import ImportProblem
from backend.importers.parsing import MAX_ROWS, clean_text
from backend.importers.progress import Progress, tell

_CHUNK_BYTES = 16 * 1024
_MAX_DEPTH = 200
_MAX_CELLS = 200
_MAX_CELL_CHARS = 4_000
_CELLS = frozenset(("td", "th"))


@dataclass(frozen=True, slots=True)
class HtmlReport:
    """The page's title, and its rows: cells of trimmed text, words by single blanks. Row n is `rows[n - 1]`."""

    title: str
    rows: list[list[str]]


def read_html(text: str) -> HtmlReport:
    """All table rows of a page.

    Raises:
        ImportProblem: `bad_html` where the page is nested or built as no report is; `too_large` (413).
    """
    collector = _Collector()
    parser = etree.HTMLParser(target=collector, no_network=True, huge_tree=False, encoding="utf-8")
    data = text.encode("utf-8", "replace")
    try:
        for start in range(0, len(data), _CHUNK_BYTES):
            parser.feed(data[start : start + _CHUNK_BYTES])
            collector.check()
        parser.close()
    except etree.LxmlError as error:
        raise _bad("it can't be read as HTML") from error
    collector.check()
    return HtmlReport(collector.title, collector.rows)


class _Collector:
    """Receives the parser's events; it raises nothing itself, since that would be in the middle of C code."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.title = ""
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._hidden = False
        self._in_title = False
        self._depth = 0
        self._deepest = 0
        self._widest = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        self._deepest = max(self._deepest, self._depth)
        if tag == "tr":
            self._end_row()
            self._row = []
        elif tag in _CELLS:
            self._end_cell()
            self._cell = []
            self._hidden = "hidden" in attributes.get("class", "").split()
        elif tag == "title":
            self._in_title = True

    def data(self, text: str) -> None:
        if self._cell is not None:
            self._cell.append(text)
        elif self._in_title:
            self.title = (self.title + text)[:_MAX_CELL_CHARS]

    def end(self, tag: str) -> None:
        self._depth -= 1
        if tag in _CELLS:
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()
        elif tag == "title":
            self._in_title = False

    def close(self) -> None:
        self._end_row()

    def check(self) -> None:
        """Say how many rows there are, and refuse what has grown beyond any report."""
        tell(Progress("reading", len(self.rows)))
        if len(self.rows) > MAX_ROWS:
            raise ImportProblem(
                f"The report holds more than {MAX_ROWS:,} rows. Export a shorter period.", status=413, code="too_large"
            )
        if self._deepest > _MAX_DEPTH:
            raise _bad("it is nested too deeply")
        if self._widest > _MAX_CELLS:
            raise _bad("a row of it has too many cells")

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        if self._row is not None and not self._hidden:
            text = " ".join("".join(self._cell).split())
            plain = text.isascii() and text.isprintable() and len(text) <= _MAX_CELL_CHARS
            self._row.append(text if plain else clean_text(text, _MAX_CELL_CHARS) or "")
            self._widest = max(self._widest, len(self._row))
        self._cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._row:
            self.rows.append(self._row)
        self._row = None


def _bad(why: str) -> ImportProblem:
    return ImportProblem(f"The report can't be read: {why}. Save it again from the terminal.", code="bad_html")
