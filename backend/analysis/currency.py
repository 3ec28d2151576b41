"""How finely money is counted: the digits of a currency, and the least change that is one."""

from __future__ import annotations

import numpy as np

from backend.analysis.arrays import FloatArray

_NO_DIGITS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "XAF", "XOF", "HUF", "IDR", "PYG", "UGX", "RWF"})
_THREE_DIGITS = frozenset({"BHD", "KWD", "OMR", "JOD", "TND", "IQD", "LYD"})
_COINS = frozenset(
    {"BTC", "XBT", "ETH", "BNB", "SOL", "LTC", "BCH", "XRP", "ADA", "DOT", "DOGE", "AVAX", "LINK", "TRX", "MATIC"}
)
_SMALL = 0.01  # half a unit is at most this share of a typical result


def minor_digits(currency: str) -> int:
    """Decimals in which money of a currency is counted: two for most, none for yen, eight for coins."""
    name = currency.upper()
    if name in _COINS:
        return 8
    return 0 if name in _NO_DIGITS else 3 if name in _THREE_DIGITS else 2


def half_unit(currency: str, net: FloatArray) -> float:
    """Half of the smallest amount that tells two results apart, in money.

    Half of the currency's minor unit, or as many more digits as make it no more than 1 % of the median result.
    """
    half = 0.5 * 10.0 ** -minor_digits(currency)
    sizes = np.abs(net[net != 0])
    if not len(sizes):
        return half
    while half > _SMALL * float(np.median(sizes)) and half > 1e-15:
        half /= 10.0
    return half
