"""Texts that make a regular expression work hardest: for each of its repetitions, what leads to it, again and again.

Not a proof: what Python's engine does with a text that no repetition of the pattern leads to is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _constants as c  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_CANDIDATES = "a1 A,.-`[(<\"'#|:/\n\t\\%$€_é字~!]){}@=+*&;>0"
_LONG = 50


def pumps(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """(head, piece to repeat, tail) for each repetition without a small bound."""
    text = pattern.pattern.decode("latin-1") if isinstance(pattern.pattern, bytes) else pattern.pattern
    flags = pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags
    tree = parser.parse(text, flags)
    seen = set()
    for before, piece in _repeats(list(tree), ""):
        # What nothing matches, so that every try has to fail.
        for made in ((before, piece, "\x00"), ("", piece, "\x00"), ("", before + piece, "\x00")):
            if piece and made not in seen:
                seen.add(made)
                yield made


def _repeats(tree: list[Any], before: str) -> Iterator[tuple[str, str]]:
    for op, value in tree:
        if op in (c.MAX_REPEAT, c.MIN_REPEAT, getattr(c, "POSSESSIVE_REPEAT", None)):
            low, high, body = value
            if high is c.MAXREPEAT or high > _LONG:
                for piece in _witnesses(list(body)):
                    yield before, piece
            yield from _repeats(list(body), before)
            before += _witness(list(body)) * low
            continue
        for inner in _parts(op, value):
            yield from _repeats(inner, before)
        before += _witness([(op, value)])


def _parts(op: Any, value: Any) -> list[list[Any]]:
    if op is c.SUBPATTERN:
        return [list(value[3])]
    if op is c.BRANCH:
        return [list(each) for each in value[1]]
    if op in (c.ASSERT, c.ASSERT_NOT):
        return [list(value[1])]
    if op is getattr(c, "ATOMIC_GROUP", None):
        return [list(value)]
    return []


def _witness(tree: list[Any]) -> str:
    return next(iter(_witnesses(tree)), "")


def _witnesses(tree: list[Any]) -> list[str]:
    """Up to three texts that the tree matches, roughly."""
    made = [""]
    for op, value in tree:
        made = [head + piece for head, piece in zip(made * 3, _of(op, value), strict=False)] or made
    return list(dict.fromkeys(made))


def _of(op: Any, value: Any) -> list[str]:
    if op is c.LITERAL:
        return [chr(value)] * 3
    if op is c.NOT_LITERAL:
        return [each for each in _CANDIDATES if ord(each) != value][:3]
    if op is c.ANY:
        return ["a", " ", "1"]
    if op is c.IN:
        return _in_set(value)
    if op in (c.MAX_REPEAT, c.MIN_REPEAT, getattr(c, "POSSESSIVE_REPEAT", None)):
        return [each * max(value[0], 1) for each in _witnesses(list(value[2]))]
    if op is c.SUBPATTERN:
        return _witnesses(list(value[3]))
    if op is c.BRANCH:
        return [_witness(list(each)) for each in value[1]][:6]
    if op is getattr(c, "ATOMIC_GROUP", None):
        return _witnesses(list(value))
    if op is c.ASSERT and value[0] > 0:
        return [""]
    return [""]


def _in_set(items: list[Any]) -> list[str]:
    negated = any(op is c.NEGATE for op, _ in items)
    found = [each for each in _CANDIDATES if _matches(items, each) != negated]
    if not found and not negated:
        for op, value in items:
            if op is c.LITERAL:
                found.append(chr(value))
            elif op is c.RANGE:
                found.append(chr(value[0]))
    return found[:4]


def _matches(items: list[Any], char: str) -> bool:
    for op, value in items:
        if op is c.LITERAL and chr(value) == char:
            return True
        if op is c.RANGE and value[0] <= ord(char) <= value[1]:
            return True
        if op is c.CATEGORY and _category(value, char):
            return True
    return False


def _category(value: Any, char: str) -> bool:
    name = str(value)
    inside = char.isdigit() if "DIGIT" in name else char.isspace() if "SPACE" in name else char.isalnum() or char == "_"
    return inside != ("NOT" in name)
