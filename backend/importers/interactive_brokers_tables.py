"""The tables inside Interactive Brokers' files: one per Flex query, one per section of an activity statement."""

from __future__ import annotations

import csv
import re
from array import array
from dataclasses import replace
from typing import Final

from backend.importers.base import ImportProblem
from backend.importers.csv_cells import CellRows
from backend.importers.csv_tables import Table, read_table
from backend.importers.interactive_brokers_xml import flex_xml_table, is_flex_xml
from backend.importers.parsing import MAX_LABEL_CHARS, check_cells, check_rows, clean_text, open_text
from backend.importers.progress import row_read
from backend.importers.tables import table_head

# Field → the names in Flex queries and statements.
COLUMNS: Final = {
    "time": ("DateTime", "Date/Time", "TradeDateTime", "TradeDate"),
    "symbol": ("Symbol",),
    "side": ("Buy/Sell",),
    "quantity": ("Quantity",),
    "price": ("TradePrice", "T. Price", "Price"),
    "fees": ("IBCommission", "Comm/Fee", "Commission", "Comm in USD"),
    "taxes": ("Taxes",),
    "pnl": ("FifoPnlRealized", "Realized P/L"),
    "currency": ("CurrencyPrimary", "Currency"),
    "fee_currency": ("IBCommissionCurrency",),
    "multiplier": ("Multiplier",),
    "level": ("LevelOfDetail", "DataDiscriminator"),
}
_FLEX_MARKS: Final = frozenset(("Symbol", "TradePrice", "Quantity"))
_FLEX_ALSO: Final = frozenset(("IBCommission", "LevelOfDetail", "FifoPnlRealized", "CurrencyPrimary", "Buy/Sell"))
# The query's owner chooses how a moment is written, with nothing between day and time among the choices.
_MOMENT = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[;,\sT]*(\d\d):?(\d\d):?(\d\d))?(?![\d:])")
_SECTION = b"Trades,Header,DataDiscriminator,"


def is_flex(data: bytes) -> bool:
    """Whether the table has a Flex query's own column names."""
    head = set(table_head(data))
    return head >= _FLEX_MARKS and bool(head & _FLEX_ALSO)


def is_statement(data: bytes) -> bool:
    """Whether the file is an activity statement with trades."""
    return _SECTION in data and data[:4096].lstrip(b"\xef\xbb\xbf").startswith((b"Statement,", b"Trades,"))


def flex_table(data: bytes) -> Table:
    """The trades of a Flex query; header lines repeated for other accounts are left out.

    Raises:
        ImportProblem: as any table.
    """
    table = flex_xml_table(data) if is_flex_xml(data) else read_table(data)
    headers = tuple(table.headers)
    places = [headers.index(name) for name in COLUMNS["time"] if name in headers]
    if not places:
        raise ImportProblem(
            "The Flex query holds no DateTime. Add Date/Time to the query's trade fields and run it again.",
            code="missing_columns",
        )
    clock = headers.index("TradeTime") if "TradeTime" in headers else None
    rows = CellRows(len(headers))
    lines = array("I")
    for line, cells in zip(table.lines, table.rows, strict=True):
        if tuple(cell.strip() for cell in cells) == headers:
            continue
        row = [*cells]
        stated = next((row[at] for at in places if row[at].strip()), "")
        is_day = clock is not None and ":" not in stated and len(stated.strip()) <= 10
        row[places[0]] = written_moment(f"{stated} {row[clock]}" if is_day and clock is not None else stated)
        rows.append(row)
        lines.append(line)
    return replace(table, rows=rows, lines=lines)


def statement_table(data: bytes) -> Table:
    """The Trades section's rows, of all its asset categories; each category's header names its own columns.

    Raises:
        ImportProblem: `bad_table`, `empty_file`, `too_large`, `bad_encoding`.
    """
    stream, encoding = open_text(data)
    headers: list[str] = []
    places: dict[str, int] = {}
    rows = CellRows(0)
    lines = array("I")
    reader = csv.reader(stream)
    try:
        for row in reader:
            if len(row) < 3 or row[0].strip() != "Trades":
                continue
            if row[1] == "Header":
                headers = [clean_text(cell, MAX_LABEL_CHARS) or "" for cell in row[2:]]
                for header in headers:
                    if header not in places:
                        places[header] = len(places)
                        rows.widen()
            elif row[1] == "Data":
                rows.append(_placed(headers, row[2:], places))
                lines.append(reader.line_num)
                row_read(len(rows))
                check_rows(len(rows))
                check_cells(len(rows), len(places))
    except csv.Error as error:
        raise ImportProblem(
            f"Line {reader.line_num} can't be read ({error}).", line=reader.line_num, code="bad_table"
        ) from error
    if not rows:
        raise ImportProblem("The statement's Trades section is empty.", code="empty_file")
    clock = places.get("Date/Time")
    if clock is not None:
        rows = rows.replaced(clock, {cell: written_moment(cell) for cell in set(rows.column(clock))})
    return Table(list(places), rows, lines, encoding, ",")


def _placed(headers: list[str], cells: list[str], places: dict[str, int]) -> list[str]:
    row = [""] * len(places)
    for header, cell in zip(headers, cells, strict=False):
        row[places[header]] = cell
    return row


def written_moment(cell: str) -> str:
    """`20211031;213735`, `2021-10-3121:37:35` and `2021-10-31, 21:37:35` as ISO 8601 writes them; others as are."""
    text = cell.strip()
    found = _MOMENT.match(text)
    if found is None:
        return " ".join(text.replace(";", " ").replace(",", " ").split())
    year, month, day, hour, minute, second = found.groups()
    clock = f" {hour}:{minute}:{second}" if hour else ""
    return f"{year}-{month}-{day}{clock}{text[found.end() :]}"
