"""What a run itself brings to a question: its symbols, tags, dates, and what its file records at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backend.agents.offline.understanding.tokens import plain
from backend.analysis.arrays import DAY_US, to_datetime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.agents.offline.understanding.items import Item
    from backend.analysis.frame import RunFrame

_MOST_TAGS = 500
# What people call the best known symbols; a name counts only where the run trades the symbol.
SPOKEN: Mapping[str, tuple[str, ...]] = {
    "BTC": ("bitcoin", "bitcoins", "btc", "xbt", "比特币"), "ETH": ("ethereum", "ether", "eth", "以太坊", "以太币"),
    "SOL": ("solana", "sol"), "XRP": ("ripple",), "DOGE": ("dogecoin", "doge", "狗狗币"), "ADA": ("cardano",),
    "LTC": ("litecoin", "莱特币"), "AVAX": ("avalanche",), "LINK": ("chainlink",), "DOT": ("polkadot",), "UNI": ("uniswap",),
    "BNB": ("binance coin", "币安币"), "SUI": ("sui",), "AAPL": ("apple", "苹果"), "MSFT": ("microsoft", "微软"),
    "NVDA": ("nvidia", "英伟达"), "AMZN": ("amazon", "亚马逊"), "GOOG": ("google", "alphabet", "谷歌"),
    "GOOGL": ("google", "alphabet", "谷歌"), "META": ("facebook", "meta"), "TSLA": ("tesla", "特斯拉"), "AMD": ("amd",),
    "NFLX": ("netflix",), "INTC": ("intel",), "CSCO": ("cisco",), "PEP": ("pepsi", "pepsico"), "COST": ("costco",),
    "SBUX": ("starbucks",), "ADBE": ("adobe",), "AVGO": ("broadcom",), "QCOM": ("qualcomm",), "MU": ("micron",),
    "PLTR": ("palantir",), "EURUSD": ("euro dollar", "eurusd", "eur usd"), "GBPUSD": ("cable", "pound dollar"),
    "XAUUSD": ("gold",), "SPY": ("spy", "s&p", "s p 500"), "QQQ": ("nasdaq", "qqq"),
}  # fmt: skip
SPOKEN_NAMES = frozenset(name for symbol, names in SPOKEN.items() for name in (symbol.lower(), *names))
_PARTS = re.compile(r"[/:_\-.\s]")


@dataclass(frozen=True, slots=True)
class RunVocabulary:
    """A run's own names and dates, and what its file says anything about. `aliases`: spoken name → symbols."""

    currency: str = "USD"
    symbols: tuple[str, ...] = ()
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    entry_tags: tuple[str, ...] = ()
    exit_tags: tuple[str, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    trade_count: int = 0
    open_count: int = 0
    intraday: bool = True
    has_fees: bool = True
    has_excursions: bool = True
    has_stops: bool = True
    has_leverage: bool = True
    has_reasoning: bool = True
    has_initial_cash: bool = True
    has_shorts: bool = True

    @property
    def only_symbol(self) -> bool:
        """Whether all that was traded is one symbol."""
        return len(self.symbols) == 1


def vocabulary_of(frame: RunFrame) -> RunVocabulary:
    """Read once for a run; nothing in it depends on a question."""
    held = frame.cache.get("vocabulary")
    if held is None:
        held = _read(frame)
        frame.cache["vocabulary"] = held
    found: RunVocabulary = held
    return found


# Capitals that are no symbol.
_CAPITALS = frozenset(
    """
    ai api cagr cvar eur gbp gpt llm mae mfe ok pnl roi sqn usd usdc usdt utc var ytd eod fifo csv rr dd sl tp pl am pm id ny uk us eu
    ma sma ema rsi macd atr vwap btw fyi asap lol tldr usa etf otc sec irs fed cpi p&l
    jan feb mar apr may jun jul aug sep oct nov dec mon tue wed thu fri sat sun claude gemini deepseek qwen grok
    """.split()  # noqa: SIM905
)
_TICKER = re.compile(r"[A-Z][A-Z0-9]{1,9}(?:[/_-][A-Z0-9]{2,6})?")


def strange_symbols(items: Sequence[Item], run: RunVocabulary) -> tuple[str, ...]:
    """What a question names as a symbol would be written, or as people call a well-known one, and the run does not trade."""
    # A run whose one symbol has no name of its own ("chart") may well be of the one that is asked about.
    unnamed = len(run.symbols) == 1 and run.symbols[0].islower() and run.symbols[0].isalpha()
    if not run.symbols or unnamed:
        return ()
    shouting = all(item.text.isupper() for item in items if item.text.isalpha())
    found = []
    for item in items:
        if item.kind != "unknown":
            continue
        known = any(plain(item.text) in names or item.text == symbol for symbol, names in SPOKEN.items())
        ticker = not shouting and _TICKER.fullmatch(item.text) and plain(item.text) not in _CAPITALS
        if known or ticker:
            found.append(item.text)
    return tuple(dict.fromkeys(found))


def _read(frame: RunFrame) -> RunVocabulary:
    t, p = frame.trades, frame.positions
    used = np.unique(t.symbol) if len(t) else np.unique(p.symbol)
    symbols = tuple(name for name in (p.symbols[i] for i in used) if name)
    times = p.ts
    entry = _tags(frame, t.entry_row)
    leaving = _tags(frame, t.exit_row[t.exit_row >= 0])
    leverage = getattr(t, "leverage", None)
    return RunVocabulary(
        currency=frame.facts.currency,
        symbols=symbols,
        aliases=_aliases(symbols),
        entry_tags=entry,
        exit_tags=leaving,
        first_day=to_datetime(int(times.min())).date() if len(times) else None,
        last_day=to_datetime(int(times.max())).date() if len(times) else None,
        trade_count=len(t),
        open_count=int(t.is_open.sum()),
        intraday=bool((times % DAY_US != 0).any()) if len(times) else True,
        has_fees=bool((p.fees != 0).any()),
        has_excursions=bool((~np.isnan(t.mae)).any()),
        has_stops=bool((~np.isnan(t.stop_price)).any()),
        has_leverage=leverage is not None and bool((~np.isnan(leverage)).any()),
        has_reasoning=bool(pd.notna(p.reasoning).any()) if len(p) else False,
        has_initial_cash=frame.facts.initial_cash is not None,
        has_shorts=bool((t.side < 0).any()),
    )


def _tags(frame: RunFrame, rows: np.ndarray) -> tuple[str, ...]:
    if not len(rows):
        return ()
    codes, names = pd.factorize(frame.positions.tag[rows], use_na_sentinel=True)
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    return tuple(str(names[i]) for i in np.argsort(-counts, kind="stable")[:_MOST_TAGS])


def _aliases(symbols: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """What each symbol may be called: itself, its base ("BTC" of "BTC/USDT:USDT"), and what people say."""
    names: dict[str, list[str]] = {}
    for symbol in symbols:
        whole = plain(symbol)
        parts = [part for part in _PARTS.split(whole) if part]
        base = parts[0] if parts else whole
        quoteless = re.sub(r"(?:usdt|usdc|busd|usd|eur|perp)$", "", base)
        spoken = {whole, base, "".join(parts[:2]) if len(parts) > 1 else base}
        if len(quoteless) >= 2:
            spoken.add(quoteless)
        spoken.update(part for part in parts if len(symbols) == 1 and part.upper() in SPOKEN)
        for name in (
            base.upper(),
            *(part.upper() for part in parts if len(symbols) == 1),
            quoteless.upper(),
            "".join(parts[:2]).upper(),
        ):
            spoken.update(SPOKEN.get(name, ()))
        for name in spoken:
            if len(name) >= 1 and symbol not in names.setdefault(name, []):
                names[name].append(symbol)
    exact = {plain(symbol): (symbol,) for symbol in symbols}
    return {name: tuple(held) for name, held in names.items()} | exact
