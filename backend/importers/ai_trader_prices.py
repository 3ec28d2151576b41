"""AI-Trader's merged price files: one JSON line per symbol, bars keyed by exchange-local time.

Each bar has `1. buy price` (the open, at which the agents trade) and, once it is over, `4. sell price` (the close, at
which AI-Trader's own performance metrics mark what is held).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.importers.base import ImportProblem
from backend.importers.parsing import clean_text, finite, parse_json

_SERIES_PREFIX = "Time Series"
_CLOSE_KEYS = ("4. sell price", "4. close")
# The price vendor's names of the Shanghai and Shenzhen exchanges, where the account uses SH and SZ.
_EXCHANGES = {".SHH": ".SH", ".SHZ": ".SZ"}


@dataclass(frozen=True, slots=True)
class _Series:
    """One symbol's bars in order of their stamps; a date-only stamp is a daily bar."""

    close_stamps: list[str]
    closes: list[float]


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Prices of every symbol of a run."""

    _series: Mapping[str, _Series] = field(default_factory=dict)

    def close_at(self, symbol: str, stamp: str) -> float | None:
        """The close of the bar at `stamp`, else of the last bar before it; None when there is none.

        A date alone means the last bar of that day.
        """
        series = self._series.get(symbol)
        if series is None:
            return None
        # "~" sorts after any time of that day.
        position = bisect_right(series.close_stamps, stamp if len(stamp) > 10 else stamp + "~")
        return series.closes[position - 1] if position else None

    def value(self, holdings: Mapping[str, float], cash: float, stamp: str) -> float | None:
        """Cash plus holdings marked at their closes; None when a holding has no price yet."""
        total = cash
        for symbol, quantity in holdings.items():
            price = self.close_at(symbol, stamp)
            if price is None:
                return None
            total += quantity * price
        return finite(total)


def looks_like_prices(first_line: object) -> bool:
    """Whether a file's first JSON line is one symbol's price series."""
    return (
        isinstance(first_line, dict)
        and "Meta Data" in first_line
        and any(str(key).startswith(_SERIES_PREFIX) for key in first_line)
    )


def read_prices(text: str) -> PriceBook:
    """All symbols of a merged price file.

    Raises:
        ImportProblem: `bad_json` or `bad_value`, naming the line.
    """
    book: dict[str, _Series] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        record = parse_json(line, line=number)
        if not looks_like_prices(record) or not isinstance(record, dict):
            raise ImportProblem(
                f"Line {number} of the price file is not a price series.", line=number, code="bad_value"
            )
        meta = record["Meta Data"]
        symbol = clean_text(meta.get("2. Symbol") if isinstance(meta, dict) else None, 60)
        if symbol is None:
            raise ImportProblem(f"Line {number} of the price file names no symbol.", line=number, code="bad_value")
        book[symbol[:-4] + _EXCHANGES.get(symbol[-4:], symbol[-4:])] = _read_series(record, number)
    return PriceBook(book)


def _read_series(record: Mapping[str, object], number: int) -> _Series:
    closes: dict[str, float] = {}
    for key, bars in record.items():
        if not key.startswith(_SERIES_PREFIX) or not isinstance(bars, dict):
            continue
        for stamp, bar in bars.items():
            raw = next((bar[name] for name in _CLOSE_KEYS if name in bar), None) if isinstance(bar, dict) else None
            if raw is not None:
                closes[stamp] = _price(raw, number)
    stamps = sorted(closes)
    return _Series(stamps, [closes[stamp] for stamp in stamps])


def _price(raw: object, number: int) -> float:
    try:
        price = finite(float(raw) if isinstance(raw, str) else raw)
    except ValueError:
        price = None
    if price is None or price < 0:
        raise ImportProblem(
            f"Line {number} of the price file holds a price that is no number.", line=number, code="bad_value"
        )
    return price
