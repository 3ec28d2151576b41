"""Header words: whether a row of cells is a layout's header, and which of its columns is what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from backend.importers.layouts.layout import Cost, Layout

_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "r$": "BRL"}
_CCY = r"(?P<ccy>[a-z]{3,5}|r?\$|€|£|¥)"
_ZONE = r"(?P<zone>[+-]?\d{1,2}(?::?\d\d)?)"
_NEXT = "+1"
_UTC = re.compile(r"\((?:utc|gmt)\)")


@dataclass(frozen=True, slots=True)
class Bound:
    """Which column is what. `currencies` and `zones` are what a header itself names, by meaning; `unused` are the
    headers that nobody knows.
    """

    columns: Mapping[str, int]
    costs: Sequence[tuple[Cost, int, str | None]]
    currencies: Mapping[str, str] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    unused: Sequence[str] = ()


def plain(header: str) -> str:
    """A header as layouts spell it: lower case, words by single blanks."""
    return " ".join(header.replace("\ufeff", "").casefold().split()).strip('"')


def mark_count(layout: Layout, headers: frozenset[str]) -> int:
    """How many words of the layout's best set stand in the header (in plain form); 0 unless all of a set do."""
    counts = [len(words) for words in layout.marks if all(_stands(word, headers) for word in words)]
    return max(counts, default=0)


def bind_layout(layout: Layout, headers: Sequence[str]) -> Bound:
    """The columns by meaning, each name's first column unless `name#2` asks for its second; `name+1` is the unnamed
    column behind it.
    """
    names = numbered(headers)
    columns: dict[str, int] = {}
    currencies: dict[str, str] = {}
    zones: dict[str, str] = {}
    used: set[int] = set()
    for meaning, words in layout.columns.items():
        found = _column(words, names)
        if found is None:
            continue
        at, match = found
        columns[meaning] = at
        used.add(at)
        said = match.groupdict() if match else {}
        if said.get("ccy"):
            currencies[meaning] = _SIGNS.get(said["ccy"], said["ccy"].upper())
        if said.get("zone"):
            zones[meaning] = said["zone"]
        elif _UTC.search(names[at]):
            zones[meaning] = "0"
    costs = []
    for cost in layout.costs:
        found = _column(cost.columns, names)
        if found is None:
            continue
        at, match = found
        used.add(at)
        coin = _column(cost.coin, names)
        if coin is not None:
            used.add(coin[0])
            currencies[f"cost {at}"] = f"#{coin[0]}"
        ccy = match.groupdict().get("ccy") if match else None
        costs.append((cost, at, _SIGNS.get(ccy, ccy.upper()) if ccy else None))
    known = {at for word in layout.ignored if (found := _column((word,), names)) for at in (found[0],)}
    unused = [header for at, header in enumerate(headers) if header.strip() and at not in used | known]
    return Bound(columns, costs, currencies, zones, unused)


def numbered(headers: Sequence[str]) -> list[str]:
    """The headers in plain form, one that stands there again with its number behind it (`price#2`)."""
    seen: dict[str, int] = {}
    names = []
    for header in headers:
        name = plain(header)
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return names


def _column(words: Sequence[str], names: Sequence[str]) -> tuple[int, re.Match[str] | None] | None:
    for word in words:
        bare = word.removesuffix(_NEXT)
        step = 1 if bare != word else 0
        for at, name in enumerate(names):
            match = _pattern(bare).fullmatch(name) if "{" in bare else None
            if match is None and name != bare:
                continue
            if step and (at + 1 >= len(names) or names[at + 1].partition("#")[0]):
                continue
            return at + step, match
    return None


def _stands(word: str, headers: frozenset[str]) -> bool:
    return word in headers if "{" not in word else any(_pattern(word).fullmatch(name) for name in headers)


@lru_cache(maxsize=1024)
def _pattern(word: str) -> re.Pattern[str]:
    escaped = re.escape(word)
    return re.compile(escaped.replace(re.escape("{ccy}"), _CCY).replace(re.escape("{zone}"), _ZONE))
