"""What was said of a layout holds for the next file of it, and only what an option can be."""

import io

import pytest

from backend.importers.base import ImportOptions
from backend.ingest.answers import layout_of_file, remembered

TABLE = b"when,what,how,many,at\n2024-01-01,A,buy,1,10\n"


def test_files_of_the_same_headers_are_one_layout() -> None:
    first = layout_of_file(io.BytesIO(TABLE))
    assert first is not None
    assert layout_of_file(io.BytesIO(TABLE.replace(b"2024-01-01,A", b"2025-05-05,B"))) == first
    assert layout_of_file(io.BytesIO(TABLE.replace(b"many", b"few"))) != first


def test_a_brokers_layout_has_its_name() -> None:
    head = b"Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n2024-03-04 10:00:00,BTCUSDT,BUY,6,1BTC,6USDT,1BTC\n"
    assert layout_of_file(io.BytesIO(head)) == "binance-spot-trades"


@pytest.mark.parametrize("data", [b"{}", b"PK\x03\x04", b"PAR1", b"\x1f\x8b\x08", b"a,b\n1,2\n", b"\x80\x03", b""])
def test_other_files_have_none(data: bytes) -> None:
    assert layout_of_file(io.BytesIO(data)) is None


def test_only_what_is_not_said_now_is_taken() -> None:
    given = ImportOptions(date_order="day")
    answers = {
        "date_order": "month",
        "multipliers": {"X": 50.0},
        "long_only": True,
        "name": "no answer",
        "account": None,
    }
    options, used = remembered(given, answers, "run #3")
    assert (options.date_order, options.multipliers, options.long_only) == ("day", {"X": 50.0}, True)
    assert (options.name, options.answers_of) == (None, "run #3")
    assert sorted(used) == ["long_only", "multipliers"]


@pytest.mark.parametrize(
    "answers", [None, [], "x", {"multipliers": "x"}, {"date_order": "year"}, {"long_only": {"a": 1}}, {"mapping": [1]}]
)
def test_what_is_no_option_is_passed_over(answers: object) -> None:
    assert remembered(ImportOptions(), answers, "run #3") == (ImportOptions(), [])
