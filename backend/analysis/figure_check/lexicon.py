"""Finds the field's words in a text: measures, sets of trades, and the words that combine them.

A text is cut into words (accents and case folded; each Chinese sign is a word). Phrases are found by their first word,
the longest wins, and no phrase reaches over a comma, a bracket or a number. Linear in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from backend.analysis.figure_check.facet_words import GENERIC, OVERRIDDEN
from backend.analysis.figure_check.facets import Facets, facets_of_measure
from backend.analysis.measures import MEASURES, Language
from backend.analysis.scope_words import REST_WORDS, SCOPE_WORDS, WHOLE_WORDS

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+|%")
# What may stand between the words of one phrase.
_JOINT = re.compile(r"[\s\-–’'&/.*_`~:|<>\\\\]{0,3}")
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of the text that say what a number is; `start` and `end` are places in the text."""

    start: int
    end: int
    facets: Facets


@lru_cache(maxsize=20_000)
def folded(word: str) -> str:
    """A word without case and accents."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFD", word.lower().replace("ß", "ss"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


class _Node:
    __slots__ = ("facets", "next", "stems")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.stems: dict[str, _Node] = {}
        self.facets: Facets | None = None


class Lexicon:
    """Phrases with what they say; `add` more, `find` them."""

    def __init__(self, parent: Lexicon | None = None) -> None:
        self._root = _Node()
        self._parent = parent

    def add(self, phrase: str, facets: Facets) -> None:
        """A phrase; `*` behind a word stands for any ending of it. Said twice, it says both."""
        node = self._root
        words = [(found[0], phrase[found.end() : found.end() + 1] == "*") for found in _WORD.finditer(phrase)]
        if not words or len(words) > _MOST_WORDS:
            return
        for word, stem in words:
            branches = node.stems if stem else node.next
            node = branches.setdefault(folded(word), _Node())
        node.facets = facets if node.facets is None else node.facets.joined(facets)

    def find(self, text: str, start: int, end: int) -> list[Mention]:
        """The phrases in a part of the text, from left to right, without overlaps."""
        words = [(folded(found[0]), found.start(), found.end()) for found in _WORD.finditer(text, start, end)]
        found: list[Mention] = []
        place = 0
        while place < len(words):
            best = self._longest(text, words, place)
            if best is None:
                place += 1
                continue
            after, facets = best
            found.append(Mention(words[place][1], words[after - 1][2], facets))
            place = after
        return found

    def _longest(self, text: str, words: list[tuple[str, int, int]], place: int) -> tuple[int, Facets] | None:
        own = _walk(self._root, text, words, place)
        if self._parent is None:
            return own
        other = _walk(self._parent._root, text, words, place)
        if own is None or other is None:
            return own or other
        # A name of the run before a word of the field, unless that says more.
        return own if own[0] >= other[0] else other


def _walk(root: _Node, text: str, words: list[tuple[str, int, int]], place: int) -> tuple[int, Facets] | None:
    best: tuple[int, Facets] | None = None
    nodes = [root]
    for at in range(place, min(place + _MOST_WORDS, len(words))):
        word, start, _ = words[at]
        if at > place:
            before = words[at - 1][2]
            if start - before > 3 or not _JOINT.fullmatch(text, before, start):
                break
        following = []
        for node in nodes:
            if word in node.next:
                following.append(node.next[word])
            if node.stems:
                following += [node.stems[word[:n]] for n in range(len(word), 2, -1) if word[:n] in node.stems]
        if not following:
            break
        nodes = following
        said = [node.facets for node in nodes if node.facets is not None]
        if said:
            facets = said[0]
            for more in said[1:]:
                facets = facets.joined(more)
            best = at + 1, facets
    return best


@cache
def field_lexicon() -> Lexicon:
    """The words of the field, in all languages at once: answers mix them."""
    lexicon = Lexicon()
    for name, measure in MEASURES.items():
        facets = facets_of_measure(name)
        if facets is None:
            continue
        for phrase in _all(measure.words):
            if phrase not in OVERRIDDEN:
                lexicon.add(phrase, facets)
    for phrase, facets in GENERIC:
        lexicon.add(phrase, facets)
    for key, values in SCOPE_WORDS.items():
        for value, words in values.items():
            for phrase in _all(words):
                if phrase not in OVERRIDDEN:
                    counted = frozenset({"count"}) if re.search(r"trade|position", phrase) else frozenset()
                    lexicon.add(phrase, Facets(scope=((key, value),), quantities=counted))
    for phrase in _all(REST_WORDS):
        lexicon.add(phrase, Facets(rest=True))
    for phrase in _all(WHOLE_WORDS):
        lexicon.add(phrase, Facets(whole=True))
    return lexicon


def _all(words: Mapping[Language, Iterable[str]]) -> list[str]:
    return [phrase for phrases in words.values() for phrase in phrases]
