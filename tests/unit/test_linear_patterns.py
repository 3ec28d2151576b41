"""Every regular expression of the backend takes time that grows with the text and no faster.

Texts are a user's, a file's or a model's, and a search holds the interpreter until it ends.
"""

import ast
import importlib
import pkgutil
import re
import time
from pathlib import Path
from typing import Any, NamedTuple

import backend
from tests.support.regex_pumps import pumps

BACKEND = Path(backend.__file__).parent
# What is searched is short, for the reason given: repetitions are looked at in the square of a small number.
BOUNDED = {
    "backend.analysis.not_figures._NOT_FIGURES": "pieces of a text, of bounded length",
    "backend.analysis.numeral_words.COUNTED": "40 characters behind a number",
    "backend.api.page._INLINE_SCRIPT": "our own page as built",
    r".*\(value\)|position value": "matched from the beginning of a column's name only",
    "backend.importers.csv_guesses._MOMENT": "only ever matched whole",
    "backend.importers.csv_guesses._CLOCK": "only ever matched whole",
    "backend.importers.csv_guesses._DATE_ONLY": "only ever matched whole",
    "backend.importers.nautilus._MONEY": "cells of at most 500 characters",
}
_LENGTHS = (200, 4_000)
# Processor time of four times as many; below it nothing can be told, and nobody waits.
_TELLING_S = 0.004


class Found(NamedTuple):
    """A pattern, where it stands, and how it is applied."""

    name: str
    pattern: re.Pattern[Any]
    method: str


def test_every_pattern_is_linear() -> None:
    slow = []
    for found in patterns():
        if found.name in BOUNDED or found.pattern.pattern in BOUNDED:
            continue
        worst = next((pump for pump in pumps(found.pattern) if grows(found, pump)), None)
        if worst:
            slow.append((found.name, worst))
    assert slow == []


def test_a_pattern_that_is_not_linear_is_found() -> None:
    for pattern in (r"\s+$", r"(\d+\.?\d*)$", r"\]\((?=[^\s)]*)", r"a[^b]*b"):
        found = Found(pattern, re.compile(pattern), "search")
        assert any(grows(found, pump) for pump in pumps(found.pattern)), pattern


def test_what_is_said_to_be_bounded_is_still_there() -> None:
    known = {found.name for found in patterns()} | {found.pattern.pattern for found in patterns()}
    assert BOUNDED.keys() <= known


def patterns() -> list[Found]:
    """Those written as literals in calls of `re`, and those that modules hold."""
    sources = {path: path.read_text() for path in sorted(BACKEND.rglob("*.py"))}
    found = [each for path, text in sources.items() for each in _literals(path, text)]
    everything = "\n".join(sources.values())
    for module in pkgutil.walk_packages(backend.__path__, "backend."):
        if module.name.endswith("__main__"):
            continue
        loaded = importlib.import_module(module.name)
        own = sources.get(Path(loaded.__file__ or ""), "")
        for name, value in vars(loaded).items():
            rows = value if isinstance(value, (list, tuple)) else (value,)
            cells = [cell for row in rows for cell in (row if isinstance(row, tuple) else (row,))]
            held = [cell for cell in cells if isinstance(cell, re.Pattern)]
            found += [
                Found(f"{module.name}.{name}", each, _method(name, own if name.startswith("_") else everything))
                for each in held
            ]
    unique = {(each.pattern.pattern, each.pattern.flags, each.method): each for each in reversed(found)}
    return list(unique.values())


def _literals(path: Path, text: str) -> list[Found]:
    found = []
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=method), args=[ast.Constant(str(text)), *_]):
                if method != "compile":
                    name = f"{path.relative_to(BACKEND)}:{node.lineno}"
                    found.append(Found(name, re.compile(text), method if method.endswith("match") else "search"))
    return found


def _method(name: str, sources: str) -> str:
    used = re.findall(rf"\b{re.escape(name)}\.(\w+)\(", sources)
    # Handed to a function that applies it.
    used = used or re.findall(r"\bpattern\.(\w+)\(", sources)
    if used and set(used) <= {"fullmatch"}:
        return "fullmatch"
    return "match" if used and set(used) <= {"match", "fullmatch"} else "search"


def grows(found: Found, pump: tuple[str, str, str]) -> bool:
    """Whether four times as many repetitions take nine times as long or more."""
    for count in _LENGTHS:
        more = seconds(found, pump, 4 * count)
        if more < _TELLING_S:
            continue
        less = min(seconds(found, pump, count) for _ in range(2))
        more = min(more, seconds(found, pump, 4 * count))
        if more > _TELLING_S and more > 9 * less:
            return True
    return False


def seconds(found: Found, pump: tuple[str, str, str], length: int) -> float:
    head, piece, tail = pump
    text: Any = head + piece * max(1, length // len(piece)) + tail
    if isinstance(found.pattern.pattern, bytes):
        text = text.encode()
    began_at = time.thread_time()
    if found.method == "search":
        for _ in found.pattern.finditer(text):
            pass
    else:
        getattr(found.pattern, found.method)(text)
    return time.thread_time() - began_at
