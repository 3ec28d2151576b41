"""Run files → `ImportedRun`: the formats, which of them a file is, and the one door to them all."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from backend.importers.ai_trader import AiTraderImporter
from backend.importers.backtesting_py import BacktestingPyImporter
from backend.importers.base import ImportedRun, Importer, ImportOptions, ImportProblem
from backend.importers.freqtrade import FreqtradeImporter
from backend.importers.interactive_brokers import InteractiveBrokersImporter
from backend.importers.layouts.importer import LayoutImporter
from backend.importers.layouts.registry import LAYOUTS
from backend.importers.lean import LeanImporter
from backend.importers.metatrader4 import MetaTrader4Importer
from backend.importers.metatrader5 import MetaTrader5Importer
from backend.importers.nautilus import NautilusImporter
from backend.importers.parsing import MAX_BYTES, MAX_ROWS, check_size, zone_of
from backend.importers.plain_csv import PlainTableImporter
from backend.importers.position_columns import NUMBERS, PositionColumns, columns_of
from backend.importers.pyfolio import PyfolioImporter
from backend.importers.quantconnect import QuantConnectImporter
from backend.importers.reconcile import reconcile
from backend.importers.tables import kind_of
from backend.importers.tradingview import TradingViewImporter
from backend.importers.unpacking import is_gzip, unpack_gzip
from backend.importers.vectorbt import VectorbtImporter
from backend.importers.workbooks import is_workbook

__all__ = [
    "IMPORTERS",
    "MAX_BYTES",
    "MAX_ROWS",
    "ImportOptions",
    "ImportProblem",
    "ImportedRun",
    "Importer",
    "detect",
    "hint_of",
    "import_run",
    "unpacked",
]

# One a source; Interactive Brokers' files hold more than a table, and have an importer of their own.
LAYOUT_IMPORTERS: tuple[Importer, ...] = tuple(
    LayoutImporter(source)
    for source in dict.fromkeys(layout.source for layout in LAYOUTS)
    if source != InteractiveBrokersImporter.name
)
# Asked in this order: the most particular format first, the plain table last.
IMPORTERS: tuple[Importer, ...] = (
    AiTraderImporter(),
    FreqtradeImporter(),
    LeanImporter(),
    MetaTrader4Importer(),
    MetaTrader5Importer(),
    QuantConnectImporter(),
    NautilusImporter(),
    *LAYOUT_IMPORTERS,
    TradingViewImporter(),
    BacktestingPyImporter(),
    VectorbtImporter(),
    PyfolioImporter(),
    InteractiveBrokersImporter(),
    PlainTableImporter("csv"),
    PlainTableImporter("json"),
    PlainTableImporter("parquet"),
    PlainTableImporter("xlsx"),
)

_LARGEST = 1e18
_LARGEST_MULTIPLIER = 1e9
_MAX_NAME_CHARS, _MAX_CURRENCY_CHARS, _MAX_SYMBOL_CHARS = 200, 12, 60
_KINDS = (
    "an AI-Trader position.jsonl (or a ZIP of it with its prices), a freqtrade result (JSON or ZIP), a LEAN result "
    "(JSON), QuantConnect orders or trades, a MetaTrader 4 or 5 report (HTML), a NautilusTrader report, a TradingView "
    "list of trades, backtesting.py trades, vectorbt records_readable, pyfolio transactions (or a ZIP with positions "
    "and returns), Interactive Brokers trades (Flex XML or CSV), a broker's table (README lists "
    "them), or a CSV/TSV, JSON, Parquet or Excel table of fills or round trips"
)


def detect(filename: str, data: bytes) -> Importer:
    """The format of the bytes, by content.

    Raises:
        ImportProblem: `empty_file`, `too_large`, `bad_archive`, or `unknown_format` (415), which lists what is known.
    """
    filename, data = unpacked(filename, data)
    for importer in IMPORTERS:
        if importer.recognises(filename, data):
            return importer
    raise ImportProblem(
        f"The file's format is not known.{hint_of(data)} It may be {_KINDS}.", status=415, code="unknown_format"
    )


def unpacked(filename: str, data: bytes) -> tuple[str, bytes]:
    """The file as it was before gzip, its name without the ending; any other file as it is.

    Raises:
        ImportProblem: `empty_file`, `too_large` or `bad_archive`.
    """
    check_size(len(data))
    if not is_gzip(data):
        return filename, data
    content = unpack_gzip(data)
    check_size(len(content))
    return filename.removesuffix(".gz"), content


def import_run(filename: str, data: bytes, *, format: str | None = None, options: ImportOptions) -> ImportedRun:  # noqa: A002
    """Read a run, in the format named (one of `IMPORTERS`' names) or the one its content shows.

    Raises:
        ImportProblem: with a stable `code`, a `status` of 413, 415 or 422, and what to do.
    """
    checked = _checked(options)
    filename, data = unpacked(filename, data)
    if format is None and checked.mapping is not None:
        format = kind_of(data)  # noqa: A001 - a mapping is only ever of a plain table
    importer = detect(filename, data) if format is None else _named(format)
    read = importer.read(filename, data, checked)
    _check_multipliers(read)
    _check_numbers(columns_of(read.positions))
    run = reconcile(read, checked)
    _check_multipliers(run)
    _check_numbers(columns_of(run.positions))
    return run


def _check_numbers(positions: PositionColumns) -> None:
    """Products of two sane numbers may still overflow: whatever the format, no such row gets through."""
    for name in NUMBERS:
        values = positions.floats(name)
        if values is None:
            continue
        beyond = np.abs(values) > _LARGEST
        if beyond.any():
            number = int(beyond.argmax()) + 1
            raise ImportProblem(
                f"Row {number} of the run ({positions[number - 1].symbol}) holds a number beyond {_LARGEST:.0e}, which "
                "no market knows. Correct the file.",
                line=number,
                code="bad_value",
            )


def _check_multipliers(run: ImportedRun) -> None:
    multipliers = run.settings.get("multipliers")
    for symbol, value in multipliers.items() if isinstance(multipliers, Mapping) else ():
        if not value <= _LARGEST:
            raise ImportProblem(
                f"A point of {symbol} is worth more than {_LARGEST:.0e}, which no market knows. Correct the file.",
                code="bad_value",
            )


def _named(name: str) -> Importer:
    wanted = name.strip().lower().replace("_", "-")
    for importer in IMPORTERS:
        if importer.name == wanted:
            return importer
    known = ", ".join(importer.name for importer in IMPORTERS)
    raise ImportProblem(f"There is no format of that name. Known are: {known}.", status=415, code="unknown_format")


def _checked(options: ImportOptions) -> ImportOptions:
    """The options, each refused when no run could carry it."""
    if options.timezone is not None:
        zone_of(options.timezone)
    cash = options.initial_cash
    if cash is not None and (not math.isfinite(cash) or cash < 0):
        raise ImportProblem(
            "The initial cash must be a number, zero or more.", column="initial_cash", code="bad_option"
        )
    for column, value, limit in (
        ("currency", options.currency, _MAX_CURRENCY_CHARS),
        ("name", options.name, _MAX_NAME_CHARS),
        ("symbol", options.symbol, _MAX_SYMBOL_CHARS),
        ("account", options.account, _MAX_NAME_CHARS),
    ):
        if value is not None and not 1 <= len(value.strip()) <= limit:
            raise ImportProblem(f"The {column} must have 1 to {limit} characters.", column=column, code="bad_option")
    for instrument, factor in (options.multipliers or {}).items():
        if not (math.isfinite(factor) and 0 < factor <= _LARGEST_MULTIPLIER):
            raise ImportProblem(
                f"The multiplier of {instrument[:60]!r} must be above 0 and at most {_LARGEST_MULTIPLIER:,.0f}.",
                column="multipliers",
                code="bad_option",
            )
    return options


def hint_of(data: bytes) -> str:
    """What a file that holds no run is, where that is known, and what to upload instead; else nothing."""
    if is_workbook(data):
        return " It is an Excel workbook without a table of trades."
    if data.startswith((b"\x80\x03", b"\x80\x04", b"\x80\x05")):
        return " It is a Python pickle, which is never opened: export the run as text."
    head = data[:65536]
    if b'"Meta Data"' in head and b'"Time Series' in head:
        return " It is an AI-Trader price file: upload a ZIP of it together with position.jsonl."
    if b'"performance_metrics"' in head:
        return " It is AI-Trader's summary, which holds no rows: upload position.jsonl."
    return ""
