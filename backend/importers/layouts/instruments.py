"""What a symbol says of itself where the source trades nothing but pairs of coins, and one name for an option."""

from __future__ import annotations

import re
from typing import Final

_QUOTES: Final = (
    "USDT", "FDUSD", "BUSD", "USDC", "TUSD", "USDP", "USDE", "DAI", "BIDR", "BTC", "ETH", "BNB", "EUR", "GBP", "TRY",
    "AUD", "CAD", "CHF", "BRL", "RUB", "UAH", "JPY", "MXN", "PLN", "ZAR", "ARS", "USD",
)  # fmt: skip
_PARTED = re.compile(r"[A-Z0-9]{1,15}[-/_][A-Z0-9]{2,6}")
_KIND = re.compile(r"[-_](?:PERP|SWAP|\d{6})$")
# Kraken writes some assets with a letter in front that says what kind they are.
_KRAKEN = re.compile(r"[XZ]([A-Z]{3})[XZ]([A-Z]{3})")


def coins_of(symbol: str) -> tuple[str, str]:
    """The coin that is bought and the one it is paid with; an empty quote where the symbol shows none."""
    name = _KIND.sub("", symbol.upper().strip())
    if _PARTED.fullmatch(name):
        base, quote = re.split(r"[-/_]", name)
        return base, quote
    kraken = _KRAKEN.fullmatch(name)
    if kraken:
        return kraken[1], kraken[2]
    name = re.split(r"[_:\s]", name)[0]
    quote = next((quote for quote in _QUOTES if name.endswith(quote) and name != quote), "")
    return (name.removesuffix(quote) if quote else name), quote


def contract_name(root: str, expiry: str, strike: str, right: str) -> str:
    """One name for an option, of its parts."""
    return " ".join(f"{root} {expiry} {strike} {right}".split())[:60]
