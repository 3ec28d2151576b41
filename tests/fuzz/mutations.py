"""Valid examples → damaged ones: bytes, tokens, cells and lines changed, also inside archives and gzip."""

from __future__ import annotations

import gzip
import io
import random
import re
import zipfile
from collections.abc import Callable

from tests.fuzz.seeds import zipped

_TOKENS = (
    b"NaN", b"-Infinity", b"inf", b"1e999", b"1e300", b"1e-320", b"-1", b"0", b"-0.0", b"99999999999999999999", b"null",
    b"true", b"{}", b"[]", b'"', b"'", b",", b";", b"\t", b"\n", b"\r", b"\x00", b"\xff", b"\xc2\xa0", b"\xef\xbb\xbf",
    b"\\ud800", "𝟙".encode(), "−5".encode(), "١٢".encode(), "\u202e".encode(), "\u2028".encode(), b"=1+1", b"<td>",
    b"</tr>", b"<table>", b"&#0;", b"&x;", b"<!DOCTYPE a>", b"in/out", b"out", b"sell", b"Open", b"9999.12.31 23:59:59",
    b"0000-00-00", b"2024-02-30", b"1e18", b"-9223372036854775809", b"../../x",
)  # fmt: skip
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_CELL = re.compile(rb"[^,;\t\n\r<>{}\[\]\":]+")


def mutated(data: bytes, chance: random.Random, *, others: list[bytes]) -> bytes:
    """A damaged copy; of an archive or a gzip, half of the time its content is damaged and packed again."""
    if chance.random() < 0.5:
        if data.startswith(b"PK"):
            return _repacked(data, chance)
        if data.startswith(b"\x1f\x8b"):
            return gzip.compress(_damaged(gzip.decompress(data), chance, others), mtime=0)
    return _damaged(data, chance, others)


def _repacked(data: bytes, chance: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(list(files))
    files[name] = _damaged(files[name], chance, list(files.values()))
    if chance.random() < 0.1:
        files[chance.choice(("../a.json", "/a.json", "a/b/c.jsonl", "x.csv", "\ufeff.csv"))] = files.pop(name)
    return zipped(files)


def _damaged(data: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    for _ in range(chance.randint(1, 6)):
        data = chance.choice(_WAYS)(data, chance) or b" "
    if chance.random() < 0.05:
        other = chance.choice(others)
        data = data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]
    return data


def _flip(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def _token(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + chance.choice(_TOKENS) + data[at + chance.randint(0, 12) :]


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(1, len(data) + 1)] if chance.random() < 0.3 else data


def _gap(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + data[at + chance.randint(1, 40) :]


def _repeat(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    part = data[at : at + chance.randint(1, 60)]
    return data[:at] + part * chance.choice((2, 2, 2, 50)) + data[at + len(part) :]


def _number(data: bytes, chance: random.Random) -> bytes:
    return _swapped_in(data, chance, _NUMBER, chance.choice(_TOKENS))


def _cells(data: bytes, chance: random.Random) -> bytes:
    """Two cells change places, or one becomes a token."""
    found = list(_CELL.finditer(data))
    if len(found) < 2:
        return data
    first, second = sorted(chance.sample(range(len(found)), 2))
    a, b = found[first], found[second]
    return data[: a.start()] + b[0] + data[a.end() : b.start()] + a[0] + data[b.end() :]


def _cell(data: bytes, chance: random.Random) -> bytes:
    return _swapped_in(data, chance, _CELL, chance.choice(_TOKENS))


def _lines(data: bytes, chance: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    if len(lines) < 3:
        return data
    at = chance.randrange(len(lines))
    taken = lines.pop(at)
    for _ in range(chance.choice((0, 1, 3))):
        lines.insert(chance.randrange(len(lines) + 1), taken)
    return b"".join(lines)


def _swapped_in(data: bytes, chance: random.Random, pattern: re.Pattern[bytes], token: bytes) -> bytes:
    found = list(pattern.finditer(data))
    if not found:
        return data
    at = chance.choice(found)
    return data[: at.start()] + token + data[at.end() :]


_WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip, _token, _cut, _gap, _repeat, _number, _number, _cells, _cell, _cell, _lines,
)  # fmt: skip
