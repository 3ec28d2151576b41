"""Interactive Brokers Flex queries as XML → the table that the same query gives as CSV.

The elements hold their values in attributes. They are read one by one as they stream by, and only the fields a run has
are kept, so memory is bounded by the rows. A document type is refused: Flex queries have none, and all entities but
XML's own five come from one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from backend.importers.base import ImportProblem
from backend.importers.csv_cells import CellRows
from backend.importers.csv_tables import Table
from backend.importers.parsing import MAX_LABEL_CHARS, check_rows, clean_text, decode_text
from backend.importers.progress import Progress, tell

_CHUNK_CHARS = 16 * 1024
_HEAD_BYTES = 4096
_MAX_DEPTH = 50
_MARKS: Final = (b"<FlexQueryResponse", b"<FlexStatement", b"<TradeConfirmationStatement")
_DOCUMENT_TYPE = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
# The CSV's column → the attributes that hold it, best first: of activity queries, then of trade confirmations.
_ATTRIBUTES: Final[Mapping[str, Sequence[str]]] = {
    "DateTime": ("dateTime",),
    "TradeDate": ("tradeDate",),
    "TradeTime": ("tradeTime",),
    "Symbol": ("symbol",),
    "AccountId": ("accountId",),
    "AssetClass": ("assetCategory", "assetClass"),
    "Open/CloseIndicator": ("openCloseIndicator", "code"),
    "Proceeds": ("proceeds",),
    "Buy/Sell": ("buySell",),
    "Quantity": ("quantity",),
    "TradePrice": ("tradePrice", "price"),
    "IBCommission": ("ibCommission", "commission"),
    "Taxes": ("taxes", "tax"),
    "FifoPnlRealized": ("fifoPnlRealized",),
    "CurrencyPrimary": ("currency",),
    "IBCommissionCurrency": ("ibCommissionCurrency", "commissionCurrency"),
    "Multiplier": ("multiplier",),
    "LevelOfDetail": ("levelOfDetail",),
}
# Executions, best first: an order's element repeats its executions.
_ELEMENTS: Final = ("Trade", "TradeConfirm", "Order")


# Elements beside the executions, and what of them is kept.
_ACTIONS: Final = (
    "symbol", "type", "actionDescription", "description", "dateTime", "reportDate", "quantity", "accountId",
)  # fmt: skip
_CASH: Final = ("type", "dateTime", "reportDate", "amount", "currency")
_DEPOSITS: Final = frozenset(("deposits/withdrawals", "deposits & withdrawals", "deposits and withdrawals"))
_MOST_OTHERS = 200_000


@dataclass(frozen=True, slots=True)
class FlexDocument:
    """The executions as a table; corporate actions, deposits and withdrawals as their attributes."""

    table: Table
    actions: Sequence[Mapping[str, str]] = ()
    cash: Sequence[Mapping[str, str]] = ()


def is_flex_xml(data: bytes) -> bool:
    """Whether the bytes begin as a Flex query's XML does."""
    head = data[:_HEAD_BYTES].replace(b"\0", b"")
    return any(mark in head for mark in _MARKS)


def flex_document(data: bytes) -> FlexDocument:
    """The executions, an element's number among its kind standing for its line, and what stands beside them.

    Raises:
        ImportProblem: `bad_xml` with the line, `empty_file`, `too_large`, `bad_encoding`.
    """
    text, encoding = decode_text(data)
    if _DOCUMENT_TYPE.search(text):
        raise _bad("it declares a document type or entities, which no Flex query does")
    collector = _Collector()
    parser = etree.XMLParser(
        target=collector, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    body = _DECLARATION.sub("", text.lstrip("\ufeff"), count=1).lstrip()
    try:
        for start in range(0, len(body), _CHUNK_CHARS):
            parser.feed(body[start : start + _CHUNK_CHARS].encode("utf-8", "replace"))
            collector.check()
        parser.close()
    except etree.XMLSyntaxError as error:
        raise _bad("it is cut off or damaged", error.lineno) from error
    except etree.LxmlError as error:
        raise _bad("it is damaged") from error
    rows = next((collector.rows[name] for name in _ELEMENTS if collector.rows[name]), None)
    if rows is None:
        raise ImportProblem(
            "The Flex query holds no trades. Add the section Trades, with executions, to the query and run it again.",
            code="empty_file",
        )
    table = Table(list(_ATTRIBUTES), rows, range(1, len(rows) + 1), encoding, ",", kind="xml")
    return FlexDocument(table, collector.actions, collector.cash)


class _Collector:
    """Receives the parser's events; it raises nothing itself, since that would be in the middle of C code."""

    def __init__(self) -> None:
        self.rows = {name: CellRows(len(_ATTRIBUTES)) for name in _ELEMENTS}
        self._depth = 0
        self._deepest = 0
        self._count = 0
        self.actions: list[dict[str, str]] = []
        self.cash: list[dict[str, str]] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        self._deepest = max(self._deepest, self._depth)
        kept = self.rows.get(tag)
        if kept is not None:
            self._count += 1
            kept.append([_first(attributes, names) for names in _ATTRIBUTES.values()])
        elif tag == "CorporateAction" and len(self.actions) < _MOST_OTHERS:
            self.actions.append({name: _first(attributes, (name,)) for name in _ACTIONS})
        elif tag == "CashTransaction" and len(self.cash) < _MOST_OTHERS and _is_deposit(attributes):
            self.cash.append({name: _first(attributes, (name,)) for name in _CASH})

    def end(self, tag: str) -> None:
        self._depth -= 1

    def close(self) -> None:
        """Nothing is left open."""

    def check(self) -> None:
        """Say how many rows there are, and refuse what has grown beyond any statement."""
        tell(Progress("reading", self._count))
        check_rows(self._count)
        if self._deepest > _MAX_DEPTH:
            raise _bad("it is nested too deeply")


def _is_deposit(attributes: Mapping[str, str]) -> bool:
    return attributes.get("type", "").casefold() in _DEPOSITS


def _first(attributes: Mapping[str, str], names: Sequence[str]) -> str:
    return next((clean_text(attributes[name], MAX_LABEL_CHARS) or "" for name in names if name in attributes), "")


def _bad(why: str, line: int | None = None) -> ImportProblem:
    return ImportProblem(
        f"The Flex query's XML can't be read: {why}. Run the query again and save it as it is.",
        line=line,
        code="bad_xml",
    )
