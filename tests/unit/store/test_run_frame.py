"""A run that comes in pages is the run that comes in one."""

from typing import Any

import numpy as np
import orjson
import pytest

from backend.analysis.frame import RunFrame
from backend.analysis.positions import RunFacts
from backend.store import run_frame
from backend.store.run_frame import FramePages
from tests.support.factories import COLUMNS, columns_of, make_row

FACTS = RunFacts(run_id=1, model_id=1, run_number=1, name="paged")
RUN = {"id": 1, "name": "paged"}


def rows(count: int) -> dict[str, Any]:
    """Tags and stops in a few rows alone, as sources have them."""
    return columns_of(
        [
            make_row(
                "buy" if number % 2 == 0 else "sell", symbol=f"S{number % 3}", price=100.0 + number, quantity=1,
                tag="late" if number == count - 1 else None,
                stop_price=90.0 if number in (3, 4) else None,
                trade_ref=str(number // 2),
            )
            for number in range(count)
        ]
    )  # fmt: skip


def page_of(columns: dict[str, Any], begin: int, end: int) -> bytes:
    """As `get_run_frame` answers: a column without anything in this page is null."""
    must = ("seq", "ts", "action", "symbol", "fees", "funding")
    part = {name: list(values[begin:end]) for name, values in columns.items()}
    positions = {
        name: values if name in must or any(value is not None for value in values) else None
        for name, values in part.items()
    }
    return orjson.dumps({"run": RUN if begin == 0 else None, "positions": positions})


@pytest.mark.parametrize("count", [0, 1, 4, 5, 8, 9])
def test_pages_make_the_same_run_as_one(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_frame, "PAGE_ROWS", 4)
    columns, pages = rows(count), FramePages()
    begin, more = 0, True
    while more:
        assert pages.last_seq == begin
        more = pages.add(page_of(columns, begin, begin + 4))
        begin += 4
    assert begin == (count // 4 + 1) * 4
    assert pages.run == RUN
    paged = RunFrame.from_columns(FACTS, pages.columns()).positions
    whole = RunFrame.from_columns(FACTS, columns).positions
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(paged, name), getattr(whole, name), err_msg=name)
    assert (paged.symbols, paged.refs) == (whole.symbols, whole.refs)


def test_run_that_is_not_there_has_no_pages() -> None:
    pages = FramePages()
    assert pages.add(b"null") is False
    assert pages.run is None
