"""Tokens → items: each phrase with the concepts it stands for, each name of the run, each number; typos corrected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from backend.agents.offline.understanding.items import Item, ItemKind
from backend.agents.offline.understanding.lexicon import Concept, Lexicon, lexicon
from backend.agents.offline.understanding.tokens import Token, plain, tidy, tokens_of
from backend.agents.offline.understanding.vocabulary import SPOKEN_NAMES, RunVocabulary
from backend.analysis.measures import Language

_SYMBOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9/:_.&\-]{0,60}")
_GLUED = re.compile(r"[a-z]{1,12}")
# One letter after a number is a unit ("4h", "30m", "2d", "5k"), never a word.
_SHORT_UNITS = {"h": "u:hour", "m": "u:minute", "d": "u:day", "s": "u:second", "w": "u:week", "x": "u:x", "r": "u:r"}
_SCALES = {"k": 1e3, "mio": 1e6, "mm": 1e6, "tsd": 1e3}


def items_of(text: str, language: Language, run: RunVocabulary) -> tuple[str, list[Item]]:
    """(the tidied text, its items in order). Words no lexicon knows are kept as `unknown`."""
    line = tidy(text)
    symbols = _symbols(line, language, run)
    tokens = tokens_of(line, decimal_comma=language in ("de", "es", "fr", "pt"))
    tokens = _parted_at(tokens, symbols)
    items: list[Item] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if (symbol := symbols.get(token.start)) is not None:
            items.append(symbol)
            while place < len(tokens) and tokens[place].start < symbol.end:
                place += 1
            continue
        taken = _tag(tokens, place, run) or _phrase(tokens, place, language, run)
        items.append(taken[0])
        place += taken[1]
    return line, items


def _symbols(line: str, language: Language, run: RunVocabulary) -> dict[int, Item]:
    """Symbols named in the text, by where they begin. A name that is also a word counts in capitals only."""
    found: dict[int, Item] = {}
    shouting = line.isupper()
    for match in _SYMBOL.finditer(line):
        word = match.group().rstrip(".:-_/&")
        name = plain(word)
        symbols = run.aliases.get(name)
        if symbols is None and name.endswith("s"):
            name, symbols = name[:-1], run.aliases.get(name[:-1])
        if symbols is None or (name.isdigit() and name not in map(plain, run.symbols)) or name.isdigit():
            continue
        common = len(name) < 2 or lexicon(language).knows(name) or lexicon("en").knows(name)
        if common and (shouting or not word.isupper()):
            continue
        found[match.start()] = Item("symbol", word, match.start(), match.start() + len(word), names=symbols)
    for name, symbols in run.aliases.items():
        if not name.isascii() or " " in name:
            at = plain(line).find(name)
            if at >= 0:
                found[at] = Item("symbol", line[at : at + len(name)], at, at + len(name), names=symbols)
    return found


def _parted_at(tokens: Sequence[Token], symbols: dict[int, Item]) -> list[Token]:
    """Runs of Chinese characters parted where a symbol's name begins or ends."""
    edges = {edge for start, item in symbols.items() for edge in (start, item.end)}
    parted: list[Token] = []
    for token in tokens:
        cuts = sorted(edge for edge in edges if token.start < edge < token.end) if token.kind == "cjk" else []
        for first, last in zip([token.start, *cuts], [*cuts, token.end], strict=True):
            if not cuts:
                parted.append(token)
                break
            piece = token.text[first - token.start : last - token.start]
            parted.append(Token("cjk", piece, piece, first, last))
    return parted


@cache
def _tag_words(tags: tuple[str, ...]) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    table: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for tag in tags:
        words = tuple(re.findall(r"[^\W_]+", plain(tag)))
        if words and len(words) <= 8 and not (len(words) == 1 and (len(words[0]) < 3 or words[0].isdigit())):
            table.setdefault(words[0], []).append((words, tag))
    return table


def _tag(tokens: Sequence[Token], place: int, run: RunVocabulary) -> tuple[Item, int] | None:
    """A tag of the run, said as it stands there or with spaces for its signs. Common words alone are no tag."""
    best: tuple[Item, int] | None = None
    for words, tag in _tag_words((*run.entry_tags, *run.exit_tags)).get(tokens[place].plain, ()):
        held = [token.plain for token in tokens[place : place + len(words)]]
        if tuple(held) != words or (best is not None and len(words) <= best[1]):
            continue
        known = lexicon("en").exact.get(words, [])
        if len(words) == 1 and known and not any(one.name.startswith("wi:") for one in known):
            continue
        last = tokens[place + len(words) - 1]
        concepts = frozenset(one.name for one in known)
        best = (
            Item("tag", tag, tokens[place].start, last.end, concepts=concepts, names=(tag,)),
            len(words),
        )
    return best


def _phrase(tokens: Sequence[Token], place: int, language: Language, run: RunVocabulary) -> tuple[Item, int]:
    token = tokens[place]
    if token.kind == "number":
        return _number(tokens, place), 1
    if token.kind == "word" and place and tokens[place - 1].kind == "number":
        before = tokens[place - 1]
        unit = _SHORT_UNITS.get(token.plain)
        if unit and before.end >= token.start - 1:
            return _item(token, frozenset({unit})), 1
    if token.kind in ("date", "month", "clock", "id"):
        return Item(token.kind, token.text, token.start, token.end, value=token.value), 1
    if token.kind == "cjk":
        return _segmented(tokens, place)
    languages: tuple[Language, ...] = (language, "en") if language != "en" else ("en",)
    best: tuple[Item, int] | None = None
    for one in languages:
        found = _longest(tokens, place, lexicon(one))
        if found is not None and (best is None or found[1] > best[1]):
            best = found
    if best is not None:
        return best
    return _corrected(tokens, place, languages, run) or (Item("unknown", token.text, token.start, token.end), 1)


def _number(tokens: Sequence[Token], place: int) -> Item:
    token = tokens[place]
    value, end = token.value or 0.0, token.end
    if place + 1 < len(tokens):
        following = tokens[place + 1]
        if following.start == token.end and following.plain in _SCALES:
            value *= _SCALES[following.plain]
    return Item("number", token.text, token.start, end, value=value)


def _longest(tokens: Sequence[Token], place: int, words: Lexicon) -> tuple[Item, int] | None:
    """The longest phrase that begins here."""
    token = tokens[place]
    candidates = list(words.phrases.get(token.plain, ()))
    if (stem := words.stem_of(token.plain)) is not None:
        candidates += stem
    best: tuple[list[Concept], int] | None = None
    for phrase, concepts in candidates:
        held = tokens[place : place + len(phrase)]
        if len(held) == len(phrase) and all(
            one.kind == "word" and _same(one.plain, word) for one, word in zip(held, phrase, strict=True)
        ):
            if best is None or len(phrase) > best[1]:
                best = (list(concepts), len(phrase))
            elif len(phrase) == best[1]:
                best[0].extend(concepts)
        elif len(held) == len(phrase) > (best[1] if best else 1) and _same_with_numbers(held, phrase):
            best = (list(concepts), len(phrase))
    if best is None:
        return None
    last = tokens[place + best[1] - 1]
    return _of_concepts(best[0], token, last), best[1]


def _same_with_numbers(held: Sequence[Token], phrase: tuple[str, ...]) -> bool:
    return any(word.isdigit() for word in phrase) and all(
        _same(one.plain, word) for one, word in zip(held, phrase, strict=True)
    )


def _same(word: str, written: str) -> bool:
    return word.startswith(written[:-1]) if written.endswith("*") else word == written


def _of_concepts(concepts: Sequence[Concept], first: Token, last: Token, *, corrected: bool = False) -> Item:
    value = next((float(one.value) for one in concepts if one.name in ("n:", "ord") and one.value), None)
    sense = next((one.value for one in concepts if one.value and one.name not in ("n:", "ord")), "")
    names = frozenset(one.name for one in concepts)
    kind: ItemKind = "number" if "n:" in names and value is not None else "phrase"
    return Item(kind, first.text if first is last else f"{first.text} … {last.text}", first.start, last.end, names, value,
                sense=sense, corrected=corrected)  # fmt: skip


def _item(token: Token, concepts: frozenset[str]) -> Item:
    return Item("phrase", token.text, token.start, token.end, concepts)


def _segmented(tokens: Sequence[Token], place: int) -> tuple[Item, int]:
    """The longest Chinese word at the beginning of a run of characters; the rest comes back as a token of its own."""
    token = tokens[place]
    words = lexicon("zh")
    for size in range(min(len(token.plain), 10), 0, -1):
        concepts = words.exact.get((token.plain[:size],))
        if concepts:
            head = Token("cjk", token.text[:size], token.plain[:size], token.start, token.start + size)
            return _with_rest(tokens, place, size, _of_concepts(concepts, head, head))
    unknown = Item("unknown", token.text[:1], token.start, token.start + 1)
    return _with_rest(tokens, place, 1, unknown)


def _with_rest(tokens: Sequence[Token], place: int, size: int, item: Item) -> tuple[Item, int]:
    token = tokens[place]
    if size == len(token.plain):
        return item, 1
    rest = Token("cjk", token.text[size:], token.plain[size:], token.start + size, token.end)
    if isinstance(tokens, list):
        tokens[place] = rest
    return item, 0


@cache
def _correctable(language: Language, other: Language) -> list[str]:
    known = lexicon(language).words | lexicon(other).words
    return sorted(word for word in known if len(word) >= 4 and word.isalpha())


def _corrected(
    tokens: Sequence[Token], place: int, languages: Sequence[Language], run: RunVocabulary
) -> tuple[Item, int] | None:
    """A word spelled wrongly: the nearest known one, at most one slip in five letters, two in eight."""
    token = tokens[place]
    word = token.plain
    shouted = token.text.isupper() and not all(one.text.isupper() for one in tokens if one.kind == "word")
    if len(word) < 4 or shouted or word in SPOKEN_NAMES:
        return None
    most = 1 if len(word) < 7 else 2
    known = [*_correctable(languages[0], languages[-1]), *(name for name in run.aliases if len(name) >= 5)]
    found = process.extractOne(word, known, scorer=OSA.distance, score_cutoff=most)
    if found is None or (len(word) <= 5 and found[0][0] != word[0]):
        return None
    right = found[0]
    if right in run.aliases and not any(lexicon(one).knows(right) for one in languages):
        return Item("symbol", token.text, token.start, token.end, names=run.aliases[right], corrected=True), 1
    mended = list(tokens)
    mended[place] = Token("word", token.text, right, token.start, token.end)
    for one in languages:
        best = _longest(mended, place, lexicon(one))
        if best is not None:
            item, count = best
            return Item(item.kind, token.text if count == 1 else item.text, item.start, item.end, item.concepts, item.value,
                        sense=item.sense, corrected=True), count  # fmt: skip
    return None
