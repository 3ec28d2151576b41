"""Plain text is read by Arrow as the careful reader reads it, and anything else is left to that one."""

import random

import pytest

from backend.importers import csv_plain_text, csv_tables
from backend.importers.base import ImportProblem

CELLS = ("1", "", " ", "é x", " 2 ", "3.5", "a'b", "-", "  ", "\u2028z", "\x0b", "x\x85y", "v")


def some_table(draw: random.Random) -> bytes:
    end, mark = draw.choice(("\n", "\r\n")), draw.choice(",;\t")
    text = draw.choice(("", f"Title line{end}", "\ufeff", f"a{mark}b{end}"))
    text += mark.join(("time", "symbol", "side", "quantity", "price")) + end
    for _ in range(draw.randint(1, 6)):
        width = 5 if draw.random() < 0.97 else draw.choice((4, 6))
        cells = ['"q"' if draw.random() < 0.01 else draw.choice(CELLS) for _ in range(width)]
        text += mark.join(cells) + (end if draw.random() < 0.98 else draw.choice((end * 2, f"{end}  {end}")))
    return (text if draw.random() < 0.7 else text.rstrip("\r\n")).encode()


def told(data: bytes) -> object:
    try:
        table = csv_tables.read_table(data)
    except ImportProblem as problem:
        return problem.code, problem.line
    return list(table.headers), [list(row) for row in table.rows], list(table.lines), table.encoding, table.delimiter


def test_both_readers_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(11)
    tables = [some_table(draw) for _ in range(600)]
    careful = [told(data) for data in tables]
    read, plainly = [], csv_tables.read_plainly

    def counted(*given: object) -> object:
        answer = plainly(*given)  # type: ignore[arg-type]
        read.append(answer is not None)
        return answer

    monkeypatch.setattr(csv_plain_text, "_FEWEST_BYTES", 0)
    monkeypatch.setattr(csv_tables, "read_plainly", counted)
    assert [told(data) for data in tables] == careful
    assert sum(read) > 100
