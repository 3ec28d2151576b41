"""The tables inside Interactive Brokers' files: one per Flex query, one per section of an activity statement."""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from backend.importers.base import Flow, ImportProblem, Skipped, Split
from backend.importers.csv_cells import CellRows
from backend.importers.csv_tables import Table, read_table
from backend.importers.interactive_brokers_xml import FlexDocument, flex_document, is_flex_xml
from backend.importers.layouts.numerals import Unreadable, number_and_unit
from backend.importers.parsing import MAX_LABEL_CHARS, check_cells, check_rows, clean_text, open_text
from backend.importers.progress import row_read
from backend.importers.tables import table_head

TIMES: Final = ("DateTime", "Date/Time", "TradeDateTime", "TradeDate")
_FLEX_MARKS: Final = frozenset(("Symbol", "TradePrice", "Quantity"))
_FLEX_ALSO: Final = frozenset(("IBCommission", "LevelOfDetail", "FifoPnlRealized", "CurrencyPrimary", "Buy/Sell"))
# The query's owner chooses how a moment is written, with nothing between day and time among the choices.
_MOMENT = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[;,\sT]*(\d\d):?(\d\d):?(\d\d))?(?![\d:])")
_SECTION = b"Trades,Header,DataDiscriminator,"
_LEVELS: Final = ("execution", "trade", "order")
_SPLIT = re.compile(r"\bsplit\s+(\d+(?:\.\d+)?)\s+for\s+(\d+(?:\.\d+)?)", re.IGNORECASE)
_SPLIT_SYMBOL = re.compile(r"\s*([A-Z0-9][A-Z0-9. ]{0,20}?)\s*\(")
_SPLIT_KINDS: Final = frozenset(("fs", "rs", "sd"))
_KEPT_SECTIONS: Final = ("Corporate Actions", "Deposits & Withdrawals", "Financial Instrument Information")


@dataclass(frozen=True, slots=True)
class BrokerFile:
    """The trades of a file as one table, and what its other sections say. `cancelled` rows take back others."""

    table: Table
    left_out: Sequence[Skipped] = ()
    splits: Sequence[Split] = ()
    flows: Sequence[Flow] = ()
    cancelled: int = 0


@dataclass(slots=True)
class _Sections:
    """Rows of a statement's other sections, as header → cell."""

    rows: dict[str, list[Mapping[str, str]]] = field(default_factory=dict)

    def of(self, name: str) -> Iterable[Mapping[str, str]]:
        return self.rows.get(name, ())


def is_flex(data: bytes) -> bool:
    """Whether the table has a Flex query's own column names."""
    head = set(table_head(data))
    return head >= _FLEX_MARKS and bool(head & _FLEX_ALSO)


def is_statement(data: bytes) -> bool:
    """Whether the file is an activity statement with trades."""
    return _SECTION in data and data[:4096].lstrip(b"\xef\xbb\xbf").startswith((b"Statement,", b"Trades,"))


def flex_file(data: bytes) -> BrokerFile:
    """The trades of a Flex query; header lines repeated for other accounts are left out.

    Raises:
        ImportProblem: as any table.
    """
    document = flex_document(data) if is_flex_xml(data) else FlexDocument(read_table(data))
    table = _with_moments(document.table)
    table, left_out, cancelled = _finest(table)
    return BrokerFile(
        table, left_out, _splits(document.actions), _flows(document.cash, "dateTime", "amount"), cancelled
    )


def statement_file(data: bytes) -> BrokerFile:
    """The Trades section's rows, of all its asset categories; each category's header names its own columns.

    Raises:
        ImportProblem: `bad_table`, `empty_file`, `too_large`, `bad_encoding`.
    """
    table, sections = _statement(data)
    table = _with_multipliers(table, sections.of("Financial Instrument Information"))
    table, left_out, cancelled = _finest(table)
    actions = [
        {
            "symbol": found[1] if (found := _SPLIT_SYMBOL.match(row.get("Description", ""))) else "",
            "description": row.get("Description", ""), "dateTime": row.get("Date/Time", ""),
            "quantity": row.get("Quantity", ""), "accountId": row.get("Account", ""),
        }
        for row in sections.of("Corporate Actions")
    ]  # fmt: skip
    cash = [row for row in sections.of("Deposits & Withdrawals") if row.get("Settle Date")]
    return BrokerFile(table, left_out, _splits(actions), _flows(cash, "Settle Date", "Amount"), cancelled)


def _with_moments(table: Table) -> Table:
    headers = tuple(table.headers)
    places = [headers.index(name) for name in TIMES if name in headers]
    if not places:
        raise ImportProblem(
            "The Flex query holds no DateTime. Add Date/Time to the query's trade fields and run it again.",
            code="missing_columns",
        )
    clock = headers.index("TradeTime") if "TradeTime" in headers else None
    side, quantity = (headers.index(name) if name in headers else None for name in ("Buy/Sell", "Quantity"))
    rows = CellRows(len(headers))
    lines = array("I")
    for line, cells in zip(table.lines, table.rows, strict=True):
        if tuple(cell.strip() for cell in cells) == headers:
            continue
        row = [*cells]
        stated = next((row[at] for at in places if row[at].strip()), "")
        is_day = clock is not None and ":" not in stated and len(stated.strip()) <= 10
        row[places[0]] = written_moment(f"{stated} {row[clock]}" if is_day and clock is not None else stated)
        if side is not None and quantity is not None and not row[side].strip():
            row[side] = "SELL" if row[quantity].strip().startswith("-") else "BUY"
        rows.append(row)
        lines.append(line)
    return replace(table, rows=rows, lines=lines)


def _statement(data: bytes) -> tuple[Table, _Sections]:
    stream, encoding = open_text(data)
    headers: dict[str, list[str]] = {}
    places: dict[str, int] = {}
    rows = CellRows(0)
    lines = array("I")
    others = _Sections()
    reader = csv.reader(stream)
    try:
        for row in reader:
            if len(row) < 3:
                continue
            name, kind = row[0].strip(), row[1].strip()
            if kind == "Header":
                headers[name] = [clean_text(cell, MAX_LABEL_CHARS) or "" for cell in row[2:]]
                for header in headers[name] if name == "Trades" else ():
                    if header not in places:
                        places[header] = len(places)
                        rows.widen()
            elif kind == "Data" and name == "Trades":
                rows.append(_placed(headers.get(name, []), row[2:], places))
                lines.append(reader.line_num)
                row_read(len(rows))
                check_rows(len(rows))
                check_cells(len(rows), len(places))
            elif kind == "Data" and name in _KEPT_SECTIONS:
                kept = others.rows.setdefault(name, [])
                kept.append(dict(zip(headers.get(name, []), row[2:], strict=False)))
                check_rows(len(kept))
    except csv.Error as error:
        raise ImportProblem(
            f"Line {reader.line_num} can't be read ({error}).", line=reader.line_num, code="bad_table"
        ) from error
    if not rows:
        raise ImportProblem("The statement's Trades section is empty.", code="empty_file")
    clock = places.get("Date/Time")
    if clock is not None:
        rows = rows.replaced(clock, {cell: written_moment(cell) for cell in set(rows.column(clock))})
    return Table(list(places), rows, lines, encoding, ","), others


def _placed(headers: Sequence[str], cells: Sequence[str], places: Mapping[str, int]) -> list[str]:
    row = [""] * len(places)
    for header, cell in zip(headers, cells, strict=False):
        row[places[header]] = cell
    return row


def _with_multipliers(table: Table, instruments: Iterable[Mapping[str, str]]) -> Table:
    """The trades with the multiplier that the statement lists for their symbol."""
    known: dict[str, str] = {}
    for row in instruments:
        for symbol in row.get("Symbol", "").split(","):
            if row.get("Multiplier", "").strip() and symbol.strip():
                known[symbol.strip()] = row["Multiplier"]
    headers = list(table.headers)
    if not known or "Multiplier" in headers or "Symbol" not in headers:
        return table
    symbols = table.column(headers.index("Symbol"))
    rows = CellRows(len(headers) + 1)
    for symbol, cells in zip(symbols, table.rows, strict=True):
        rows.append([*cells, known.get(symbol.strip(), "")])
    return replace(table, headers=[*headers, "Multiplier"], rows=rows)


def _finest(table: Table) -> tuple[Table, list[Skipped], int]:
    """Executions where the file holds them (an order's row repeats them), else orders; and how many cancel others."""
    headers = list(table.headers)
    sides = table.column(headers.index("Buy/Sell")) if "Buy/Sell" in headers else ()
    cancelled = sum("(ca.)" in side.casefold() for side in sides)
    at = next((headers.index(name) for name in ("LevelOfDetail", "DataDiscriminator") if name in headers), None)
    if at is None:
        return table, [], cancelled
    levels = [cell.strip().casefold() for cell in table.column(at)]
    finest = next((level for level in _LEVELS if level in levels), "")
    kept = [place for place, level in enumerate(levels) if level in ("", finest)]
    left_out = [
        Skipped(int(table.lines[place]), f"it is a line of level {level[:40]!r}, which repeats others")
        for place, level in enumerate(levels)
        if level not in ("", finest)
    ]
    if not left_out:
        return table, [], cancelled
    lines = [table.lines[place] for place in kept]
    return replace(table, rows=table.rows.kept(kept), lines=lines), left_out, cancelled


def _splits(actions: Iterable[Mapping[str, str]]) -> list[Split]:
    """Splits, each once: of a reverse split the old shares and the new ones stand in rows of their own."""
    found: dict[tuple[str, datetime], Split] = {}
    for row in actions:
        told = " ".join((row.get("actionDescription", ""), row.get("description", "")))
        match = _SPLIT.search(told)
        symbol, moment = row.get("symbol", "").strip(), _moment(row.get("dateTime", "") or row.get("reportDate", ""))
        is_split = match is not None or row.get("type", "").casefold() in _SPLIT_KINDS
        if not is_split or not symbol or moment is None or symbol.endswith(".OLD"):
            continue
        ratio = float(match[1]) / float(match[2]) if match and float(match[2]) and float(match[1]) else None
        added = _number(row.get("quantity", "")) if ratio is None else None
        found.setdefault((symbol, moment), Split(moment, symbol, ratio, added, row.get("accountId") or None))
    return list(found.values())


def _flows(rows: Iterable[Mapping[str, str]], clock: str, money: str) -> list[Flow]:
    flows = []
    for row in rows:
        moment, amount = _moment(row.get(clock, "")), _number(row.get(money, ""))
        if moment is not None and amount:
            flows.append(Flow(moment, amount, "deposit" if amount > 0 else "withdrawal"))
    return flows


def _number(cell: str) -> float | None:
    try:
        number = number_and_unit(cell, ".")[0]
    except Unreadable:
        return None
    return number if number == number else None  # noqa: PLR0124 - NaN alone differs from itself


def _moment(cell: str) -> datetime | None:
    text = written_moment(cell)
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def written_moment(cell: str) -> str:
    """`20211031;213735`, `2021-10-3121:37:35` and `2021-10-31, 21:37:35` as ISO 8601 writes them; others as are."""
    text = cell.strip()
    found = _MOMENT.match(text)
    if found is None:
        return " ".join(text.replace(";", " ").replace(",", " ").split())
    year, month, day, hour, minute, second = found.groups()
    clock = f" {hour}:{minute}:{second}" if hour else ""
    return f"{year}-{month}-{day}{clock}{text[found.end() :]}"
