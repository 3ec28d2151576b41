"""Which of six languages a question is in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from backend.agents.offline.understanding.lexicon import lexicon
from backend.agents.offline.understanding.tokens import plain
from backend.analysis.measures import LANGUAGES, Language

_WORD = re.compile(r"[^\W\d_]+")
_CJK = re.compile(r"[\u3400-\u9fff]")
# Letters and signs that only one of them writes.
_LETTERS: tuple[tuple[str, Language], ...] = (
    ("ß", "de"), ("ä", "de"), ("ö", "de"), ("ü", "de"), ("ñ", "es"), ("¿", "es"), ("¡", "es"), ("ã", "pt"), ("õ", "pt"),
    ("ç", "fr"), ("è", "fr"), ("ê", "fr"), ("œ", "fr"), ("à", "fr"), ("ù", "fr"),
)  # fmt: skip
_TELLING: dict[Language, str] = {
    "en": "the of what why how my is did was and for which with on much many when show me i a in trade trades than if would without at do",
    "de": "der die das und ich mein meine wie viele warum ist war wenn ohne bei mit nicht auf von am im den dem habe hat welche welcher was wann einen eine zeig sind wurde hatte",
    "es": "el los las que cual cuanto cuantos por como mi mis con sin es fue del una cuando gane perdi y en la de hubiera operaciones cuales cuantas resultado tendria fueron gracias",
    "fr": "le les des que quel quelle combien pourquoi mon mes est avec sans sur et la une du dans j ai qu aurais si pas quels quelles ete reste c merci",
    "pt": "o os as que qual quanto quantos por como meu minha meus com sem foi uma quando ganhei perdi e em do da no na teria quais quantas operacoes nao fim continuam obrigado",
    "zh": "",
}  # fmt: skip


@cache
def _telling(language: Language) -> frozenset[str]:
    return frozenset(_TELLING[language].split())


def language_of(text: str, earlier: Iterable[str] = ()) -> Language:
    """The language of a question; that of the questions before it where it is too short to tell, else English."""
    found = _clear_language(text)
    if found is not None:
        return found
    for before in earlier:
        if (held := _clear_language(before)) is not None:
            return held
    return "en"


def _clear_language(text: str) -> Language | None:
    if _CJK.search(text):
        return "zh"
    words = [plain(word) for word in _WORD.findall(text)]
    if not words:
        return None
    scores = dict.fromkeys(LANGUAGES, 0.0)
    for language in LANGUAGES:
        known = lexicon(language)
        for word in words:
            scores[language] += (1.0 if word in _telling(language) else 0.0) + (0.5 if known.knows(word) else 0.0)
    lowered = text.lower()
    for letter, language in _LETTERS:
        if letter in lowered:
            scores[language] += 1.0
    best = max(LANGUAGES, key=lambda language: scores[language])
    if scores[best] < 0.5 or (best != "en" and scores[best] <= scores["en"]):
        return "en" if scores["en"] >= 1 else None
    return best
