"""What symbols say of themselves: options, futures with the money that a point of them is worth, pairs of currencies.

A symbol is a hint, never a proof: what it says is used only where the file's own money agrees with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# Money per point of one contract, as the exchanges list it, by the root of the symbol.
_POINT_VALUES: Final[Mapping[float, str]] = {
    0.1: "MBT MET",
    0.2: "WIN",
    0.5: "MYM",
    1: "FDXS FSXE IND",
    2: "MNQ",
    5: "MES YM M2K NKD NIY BTC FDXM",
    10: "MGC Z FCE FESX CC XC XK XW WDO",
    20: "NQ",
    25: "FDAX",
    50: "ES RTY ETH ZC ZW ZS ZO KE PL QO DOL",
    100: "EMD MCL GC PA ZM VXM",
    375: "KC",
    400: "LE HE",
    500: "QM GF CT",
    600: "ZL",
    1_000: "CL BZ ZB ZN ZF UB TN VX FGBL FGBM FGBS FGBX DX MNG SIL",
    1_120: "SB",
    2_000: "ZT",
    2_500: "QG MHG QI",
    5_000: "SI",
    6_250: "M6B",
    10_000: "NG M6A MCD",
    12_500: "M6E QC MSF",
    25_000: "HG",
    42_000: "HO RB",
    62_500: "6B",
    100_000: "6A 6C 6N",
    125_000: "6E 6S",
    500_000: "6M",
    1_250_000: "MJY",
    12_500_000: "6J",
}
_BY_ROOT: Final[Mapping[str, float]] = {root: value for value, roots in _POINT_VALUES.items() for root in roots.split()}
# MNQH6, MNQH26, MNQ 03-26, MNQ MAR26, /MNQ, MNQ1!, @MNQ#C; a bare root may be a share's ticker.
_DELIVERY: Final = re.compile(
    r"[FGHJKMNQUVXZ]\d{1,2}|[FGHJKMNQUVXZ]20\d\d| ?(?:0[1-9]|1[0-2])[-/]\d\d"
    r"| ?(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC) ?(?:20)?\d\d|[1-9]!|#[CF]?"
)
_VENUE: Final = re.compile(
    r"^(?:CME_MINI|CME|CBOT_MINI|CBOT|NYMEX|COMEX|EUREX|ICEUS|CBOE|GLOBEX)[:.]|\.(?:CME|CBT|NYM|CMX)$"
)
_OPTION: Final = (
    # 21 places of the Options Clearing Corporation, with or without its blanks; thinkorswim writes a point before it.
    re.compile(r"\.?[A-Z]{1,6} *\d{6}[CP]\d{1,8}(?:\.\d+)?"),
    # QRS 03/20/2026 100.00 C, STU 20MAR26 100 C, AAPL Jan 19 2024 150 Call, AAPL 2024-01-19 C 150
    re.compile(
        r"[A-Z]{1,6} +(?:\d{1,2}/\d{1,2}/\d{2,4}|\d{1,2} ?[A-Z]{3} ?\d{2,4}|[A-Z]{3} \d{1,2},? '?\d{2,4}"
        r"|\d{4}-\d\d-\d\d) +\$?\d+(?:\.\d+)? *(?:C|P|CALL|PUT)"
    ),
    re.compile(r"[A-Z]{1,6} +(?:\d{4}-\d\d-\d\d|\d{1,2} ?[A-Z]{3} ?\d{2,4}) +(?:C|P|CALL|PUT) +\$?\d+(?:\.\d+)?"),
    # QRS20MAR26C100.00, QRS--260320C00100000, QRS 20 MAR 26 (WEEKLYS) 100 C
    re.compile(r"[A-Z.]{1,6} ?\d{1,2}[A-Z]{3}\d{2}[CP]\d+(?:\.\d+)?|[A-Z]{1,6}-{1,3}\d{6}[CP]\d{5,8}"),
    re.compile(r"[A-Z.]{1,6} +\d{1,2} [A-Z]{3} \d{2} +\([A-Z]{1,12}\) +\d+(?:\.\d+)? +[CP]"),
)
_OPTION_MULTIPLIER: Final = 100.0
_COINS: Final = (
    "USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USDP", "DAI", "BIDR", "BTC", "ETH", "BNB", "SOL", "XRP", "ADA", "DOGE",
    "LTC", "BCH", "DOT", "LINK", "AVAX", "MATIC", "TRX", "XBT",
)  # fmt: skip
_MONEY: Final = (
    "USD", "EUR", "GBP", "JPY", "CHF", "AUD", "NZD", "CAD", "TRY", "BRL", "MXN", "PLN", "SEK", "NOK", "DKK", "SGD",
    "HKD", "ZAR", "CNH", "CZK", "HUF", "UAH", "INR", "KRW", "XAU", "XAG",
)  # fmt: skip
_PARTED: Final = re.compile(r"([A-Z0-9]{2,12})[/_-]([A-Z]{3,5})(?:[:.-].*)?")
_PERPETUAL: Final = re.compile(r"(?:[-_.]?PERP|-SWAP|\.P)$")
_MAX_CHARS = 60


@dataclass(frozen=True, slots=True)
class Pair:
    """A coin or currency that is bought, and the one it is paid with."""

    base: str
    quote: str


def is_money(unit: str) -> bool:
    """Whether it is the name of a currency or of a coin that prices are quoted in."""
    return unit.upper() in _COINS or unit.upper() in _MONEY or unit.upper() == "GBX"


def is_option(symbol: str) -> bool:
    """Whether the symbol is plainly that of a listed option."""
    name = symbol[:_MAX_CHARS].strip().upper()
    return any(written.fullmatch(name) for written in _OPTION)


def is_future(symbol: str) -> bool:
    """Whether the symbol is written as that of a future's contract, known or not."""
    bare = _VENUE.sub("", symbol[:_MAX_CHARS].strip().upper()).lstrip("/@")
    return any(len(bare) > size and _DELIVERY.fullmatch(bare[size:]) for size in (1, 2, 3, 4)) and not bare.isalpha()


def point_value(symbol: str) -> float | None:
    """Money per point of one contract where the symbol is plainly an option's or a known future's; else None."""
    name = symbol[:_MAX_CHARS].strip().upper()
    if is_option(name):
        return _OPTION_MULTIPLIER
    bare = _VENUE.sub("", name)
    led = bare[:1] in ("/", "@")
    bare = bare.lstrip("/@")
    for size in (3, 2, 4, 1):
        value = _BY_ROOT.get(bare[:size])
        rest = bare[size:]
        if value is not None and (_DELIVERY.fullmatch(rest) if rest else led):
            return value
    return None


def pair_of(symbol: str) -> Pair | None:
    """The coins or currencies of a pair (BTCUSDT, BTC/USDT, EURUSD, ETH-PERP has none); None for anything else."""
    name = _PERPETUAL.sub("", symbol[:_MAX_CHARS].strip().upper())
    known = (*_COINS, *_MONEY)
    parted = _PARTED.fullmatch(name)
    if parted is not None:
        return Pair(parted.group(1), parted.group(2)) if parted.group(2) in known else None
    if not name.isalnum() or not 6 <= len(name) <= 14:
        return None
    for quote in known:
        base = name.removesuffix(quote)
        if base == name or len(base) < 2:
            continue
        # A word that ends so by chance is no pair: one side must be a coin, or both be currencies.
        if quote in _COINS[:10] or base in known:
            return Pair(base, quote)
    return None
