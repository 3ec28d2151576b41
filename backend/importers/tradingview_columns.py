"""TradingView's list of trades: which column is which, in any of its generations and languages.

All generations begin with number, type, then signal and date in either order, then price and quantity. What follows has
changed: `Profit` / `Net P&L` / `Net PnL`, a value, a commission, run-up and drawdown or favourable and adverse
excursion, the cumulative P&L, percentages, a duration. English names are known; in other languages the columns of money
are told apart by what they hold.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Side = Literal["long", "short"]
Event = Literal["entry", "exit"]

_NUMBER_HEADERS: Final = frozenset(("trade #", "trade number", "trade no", "trade no.", "trade"))
_DATE_HEADERS: Final = frozenset(("date/time", "date and time", "date & time", "date time", "date"))
_PRICE_HEADER = re.compile(r"price(?: (?:[a-z]{3,6}|[$€£¥₽₩]))?")
_QUANTITY_HEADERS: Final = frozenset(
    ("contracts", "quantity", "qty", "position size (qty)", "size (qty)", "position size", "size")
)
# Words of English alone: a header that has any of them is read by its names, never by place.
_ENGLISH_HEADERS: Final = frozenset(("price", "qty", "quantity", "size", "side", "time", "pnl", "net pnl"))
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*", re.DOTALL)
_PLAIN = re.compile(r"[+\-−]?[\d.,\s\u00a0\u202f']+")
_CURRENCY = re.compile(r"(?:^|\s)([A-Z]{3,6}|[$€£¥₽₩])\s*$")
_SIGNS: Final = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₽": "RUB", "₩": "KRW"}
_LONG: Final = (
    "long", "лонг", "длин", "покуп", "多", "買", "买", "ロング", "롱", "매수", "largo", "compra", "lung", "achat",
    "kauf", "uzun", "dług", "mua",
)  # fmt: skip
_SHORT: Final = (
    "short", "шорт", "корот", "продаж", "空", "賣", "卖", "ショート", "숏", "매도", "corto", "venta", "venda", "vente",
    "verkauf", "kısa", "krót", "bán",
)  # fmt: skip
_ENTRY: Final = (
    "entry", "einstieg", "entrada", "entrée", "ingresso", "entrata", "вход", "進場", "进场", "入場", "入场",
    "エントリー", "진입", "giriş", "wejście", "vào", "masuk",
)  # fmt: skip
_EXIT: Final = (
    "exit", "ausstieg", "salida", "saída", "sortie", "uscita", "выход", "出場", "出场", "離場", "离场", "平倉", "平仓",
    "イグジット", "決済", "청산", "çıkış", "wyjście", "thoát", "keluar",
)  # fmt: skip
_OPEN: Final = frozenset((
    "open", "offen", "abierto", "abierta", "aberto", "aberta", "ouvert", "ouverte", "aperto", "aperta", "открыт",
    "открыта", "открыто", "未平倉", "未平仓", "开仓中", "オープン", "保有中", "미결제", "열림", "açık", "otwarta",
    "otwarte",
))  # fmt: skip
_ENGLISH: Final = (
    ("cumulative", re.compile(r"cum")),
    ("commission", re.compile(r"commission")),
    ("favourable", re.compile(r"run-?up|favou?rable|mfe")),
    ("adverse", re.compile(r"drawdown|adverse|mae")),
    ("value", re.compile(r".*\(value\)|position value")),
    ("duration", re.compile(r"duration|bars")),
    ("pnl", re.compile(r"(net )?(profit|p&l|pnl|p/l)")),
)
_SAME = 0.02


@dataclass(frozen=True, slots=True)
class Layout:
    """Column numbers; −1 where the generation has no such column. `*_ccy` are the currencies the headers name."""

    date: int
    signal: int
    pnl: int
    value: int = -1
    commission: int = -1
    favourable: int = -1
    adverse: int = -1
    cumulative: int = -1
    cumulative_pct: int = -1
    price_ccy: str | None = None
    pnl_ccy: str | None = None


NUMBER, TYPE, PRICE, QUANTITY = 0, 1, 4, 5


def is_trade_list(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a table's header (lower case) and first rows are a list of trades in any language."""
    if len(headers) < 7:
        return False
    if _is_english(headers):
        return True
    if _ENGLISH_HEADERS & set(headers):
        return False
    if len(rows) < 2 or any(len(row) < len(headers) for row in rows[:2]):
        return False
    first, second = rows[0], rows[1]
    return (
        first[0].strip().isdigit()
        and first[0] == second[0]
        and first[1] != second[1]
        and side_of(first[1]) is not None
        and side_of(first[1]) == side_of(second[1])
        and any(_DATE.fullmatch(first[at].strip()) for at in (2, 3))
        and all(_PLAIN.fullmatch(row[PRICE].strip()) for row in (first, second) if row[PRICE].strip())
    )


def _is_english(headers: Sequence[str]) -> bool:
    """Whether the columns that are read by place have the names of an English list, word by word."""
    date, signal = (2, 3) if headers[3] == "signal" else (3, 2)
    return (
        headers[0] in _NUMBER_HEADERS
        and headers[1] == "type"
        and headers[signal] == "signal"
        and headers[date] in _DATE_HEADERS
        and _PRICE_HEADER.fullmatch(headers[PRICE]) is not None
        and headers[QUANTITY] in _QUANTITY_HEADERS
    )


def side_of(word: str) -> Side | None:
    """Long or short, as the type says it."""
    lower = word.lower()
    if any(part in lower for part in _SHORT):
        return "short"
    return "long" if any(part in lower for part in _LONG) else None


def event_of(word: str) -> Event | None:
    """Entry or exit, as the type says it."""
    lower = word.lower()
    if any(part in lower for part in _EXIT):
        return "exit"
    return "entry" if any(part in lower for part in _ENTRY) else None


def says_open(cell: str) -> bool:
    """Whether an exit's signal or date says that the trade is still open."""
    return cell.strip().lower() in _OPEN


def find_columns(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Layout | None:
    """The columns by name, else by content; None where no column can be the P&L."""
    dated = sum(bool(_DATE.fullmatch(row[2].strip())) for row in rows[:50])
    date = 2 if dated * 2 >= len(rows[:50]) and dated else 3
    named = _by_name(headers)
    if "pnl" not in named:
        named = _by_content(headers, rows)
    if "pnl" not in named:
        return None
    pct = next(
        (at for at, header in enumerate(headers) if at > named.get("cumulative", len(headers)) and "%" in header), -1
    )
    return Layout(
        date=date,
        signal=5 - date,
        price_ccy=currency_of(headers[PRICE]),
        pnl_ccy=currency_of(headers[named["pnl"]]),
        cumulative_pct=pct if pct == named.get("cumulative", -9) + 1 else -1,
        **{name: at for name, at in named.items() if name != "duration"},
    )


def currency_of(header: str) -> str | None:
    """The currency a header ends with: `Net P&L USD`."""
    match = _CURRENCY.search(header.strip())
    return None if match is None else _SIGNS.get(match[1], match[1])


def _by_name(headers: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, header in enumerate(headers):
        if at <= QUANTITY or "%" in header:
            continue
        name = next((name for name, pattern in _ENGLISH if pattern.match(header.strip().lower())), None)
        if name is not None:
            found.setdefault(name, at)
    return found


def _by_content(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Columns of money, in order: [value,] P&L, and of the rest the cumulative one sums the P&L up."""
    columns = [at for at in range(QUANTITY + 1, len(headers)) if "%" not in headers[at]]
    sample = [row for row in rows[:400] if len(row) > QUANTITY]
    if not columns or not sample:
        return {}
    values = {at: [rough(row[at]) for row in sample] for at in (PRICE, QUANTITY, *columns)}
    found: dict[str, int] = {}
    if len(columns) > 1 and _is_product(values[columns[0]], values[PRICE], values[QUANTITY]):
        found["value"] = columns.pop(0)
    found["pnl"] = columns.pop(0)
    by_trade: dict[str, int] = {}
    for at, row in enumerate(sample):
        if values[found["pnl"]][at] is not None:
            by_trade.setdefault(row[NUMBER], at)
    running, sums = 0.0, {}
    for number in sorted(by_trade, key=lambda number: int(number) if number.strip().isdigit() else 0):
        running += values[found["pnl"]][by_trade[number]] or 0.0
        sums[by_trade[number]] = running
    for at in columns:
        if len(sums) > 1 and all(_near(values[at][row], total) for row, total in list(sums.items())[:20]):
            found["cumulative"] = at
            columns.remove(at)
            break
    if len(columns) == 2:
        found["favourable"], found["adverse"] = columns
    elif len(columns) == 3:
        found["commission"], found["favourable"], found["adverse"] = columns
    return found


def rough(cell: str) -> float | None:
    """A number however it is written, good enough to compare columns by."""
    text = re.sub(r"[\s\u00a0\u202f']", "", cell).replace("−", "-")
    if not _PLAIN.fullmatch(text) or len(text) > 40:
        return None
    if "," in text and text.rfind(",") > text.rfind("."):
        text = text.replace(".", "").replace(",", ".") if text.count(",") == 1 else text.replace(",", "")
    else:
        text = text.replace(",", "")
    try:
        return float(text)
    except ValueError:
        return None


def _is_product(value: Sequence[float | None], price: Sequence[float | None], quantity: Sequence[float | None]) -> bool:
    pairs = [(v, p * q) for v, p, q in zip(value, price, quantity, strict=True) if v and p and q]
    ratios = [v / product for v, product in pairs if product]
    if not ratios or min(ratios) <= 0:
        return False
    middle = sorted(ratios)[len(ratios) // 2]
    return sum(abs(ratio - middle) <= 0.2 * middle for ratio in ratios) * 10 >= 9 * len(ratios)


def _near(value: float | None, total: float) -> bool:
    return value is not None and abs(value - total) <= _SAME * max(1.0, abs(total))
