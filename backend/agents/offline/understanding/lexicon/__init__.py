"""The words of each language: those of the grammar, and those of the registry of measures.

A phrase stands for one or more concepts. Of the grammar: `q:why`, `r:worst`, `side:short` … (see the tables); of the
registry: `m:<measure>`. What the grammar already has a word for is not taken from the registry too, since the registry
also holds words that name a measure only beside its number ("held", "each").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from backend.agents.offline.understanding.lexicon import de, en, es, fr, pt, zh
from backend.agents.offline.understanding.lexicon.measure_words import ALSO_SAID, ASKED, NOT_ASKED
from backend.agents.offline.understanding.tokens import plain
from backend.analysis.measures import MEASURES, Language

_TABLES: Mapping[Language, Mapping[str, str]] = {
    "en": en.WORDS,
    "de": de.WORDS,
    "es": es.WORDS,
    "fr": fr.WORDS,
    "pt": pt.WORDS,
    "zh": zh.WORDS,
}
_SIGNS = str.maketrans({"'": " ", "’": " ", "-": " ", ".": " ", ",": " ", "/": " ", "´": " "})


@dataclass(frozen=True, slots=True)
class Concept:
    """What a phrase stands for; `value` is a number's ("two" → 2) or a further sense ("winning streak" → "win")."""

    name: str
    value: str = ""


@dataclass(slots=True)
class Lexicon:
    """Phrases of one language by their first word; `starred` those whose single word may go on."""

    phrases: dict[str, list[tuple[tuple[str, ...], list[Concept]]]] = field(default_factory=dict)
    exact: dict[tuple[str, ...], list[Concept]] = field(default_factory=dict)
    stems: dict[str, list[tuple[tuple[str, ...], list[Concept]]]] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)
    longest: int = 1

    def knows(self, word: str) -> bool:
        """Whether it is a whole word of some phrase, or goes on from a stem."""
        return word in self.words or self.stem_of(word) is not None

    def stem_of(self, word: str) -> list[tuple[tuple[str, ...], list[Concept]]] | None:
        """The phrases that begin with a stem of this word."""
        for size in range(len(word), 2, -1):
            if held := self.stems.get(word[:size]):
                return held
        return None


@cache
def lexicon(language: Language) -> Lexicon:
    """The words of a language, put together once."""
    held = Lexicon()
    for name, phrases in _TABLES[language].items():
        for phrase in phrases.split("|"):
            written, _, value = phrase.partition("=")
            concept = Concept("n:" if name == "n:" else name, value.strip())
            _add(held, written, concept)
    structural = set(held.exact)
    for measure, named in _measure_phrases(language):
        for phrase in named:
            words = _words(phrase)
            if words and words not in structural:
                _add(held, phrase, Concept(f"m:{measure}"))
    for measure, text in ALSO_SAID.get(language, {}).items():
        for phrase in text.split("|"):
            _add(held, phrase, Concept(f"m:{measure}"))
    return held


def _measure_phrases(language: Language) -> Iterator[tuple[str, Iterable[str]]]:
    for name in ASKED:
        left_out = NOT_ASKED.get(name, ())
        yield name, [phrase for phrase in MEASURES[name].words.get(language, ()) if phrase not in left_out]


def _words(phrase: str) -> tuple[str, ...]:
    return tuple(plain(phrase.replace("%", " % ").translate(_SIGNS)).split())


def _add(held: Lexicon, phrase: str, concept: Concept) -> None:
    words = _words(phrase)
    if not words:
        return
    held.longest = max(held.longest, len(words))
    if any("*" in word for word in words):
        bare = tuple(word.partition("*")[0] + ("*" if "*" in word else "") for word in words)
        first = bare[0]
        table = held.stems if first.endswith("*") else held.phrases
        _into(table.setdefault(first.rstrip("*"), []), bare, concept)
        held.words.update(word for word in bare if not word.endswith("*"))
        return
    held.words.update(words)
    if words not in held.exact:
        held.exact[words] = []
        held.phrases.setdefault(words[0], []).append((words, held.exact[words]))
    if concept not in held.exact[words]:
        held.exact[words].append(concept)


def _into(table: list[tuple[tuple[str, ...], list[Concept]]], words: tuple[str, ...], concept: Concept) -> None:
    for known, concepts in table:
        if known == words:
            if concept not in concepts:
                concepts.append(concept)
            return
    table.append((words, [concept]))
