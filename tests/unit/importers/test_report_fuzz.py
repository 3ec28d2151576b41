"""Mutated samples of the engines' reports: each is read whole or refused, and nothing else comes out."""

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.api.imports import read_run
from backend.importers import ImportOptions, ImportProblem, detect, html_rows, import_run
from backend.importers.html_rows import read_html
from tests.unit.importers.test_hostile_files import read_or_refuse
from tests.unit.importers.test_lean import closed_trade, order, pascal, result
from tests.unit.importers.test_metatrader4 import BALANCE, CLOSED, EVENTS, OPEN, page_of_tester, statement
from tests.unit.importers.test_metatrader5 import SIMPLE, deal, report
from tests.unit.importers.test_nautilus import FILLS, LONG, POSITIONS, SHORT
from tests.unit.importers.test_quantconnect import TRADES, orders
from tests.unit.importers.test_tradingview import CHINESE, GERMAN, MIDDLE, NEWEST, OLDEST

SEEDS = {
    "lean": [
        json.dumps(result([closed_trade()], [order(1, 10), order(2, -10), order(3, 4)])).encode(),
        json.dumps(pascal(result([], [order(1, 10), order(2, -15)]))).encode(),
    ],
    "quantconnect": [
        orders("2024-01-02T20:45:00Z,SPY   240102P00471000,0.25,1,Market,Filled,0.25", "2024-01-03,SPY,1,-1,,Filled,1"),
        (TRADES + "2024-01-02T15:00Z,SPY,2024-01-02T16:00Z,Sell,400,390,10,100,3,5,-20,130,1,1\n").encode(),
    ],
    "metatrader4": [page_of_tester(*EVENTS), statement(BALANCE, CLOSED, OPEN)],
    "metatrader5": [
        report(*SIMPLE, encoding="utf-8"),
        report(
            deal(2, "buy", "in", "1", "5"), deal(3, "buy", "in", "1", "6"), deal(4, "sell", "in/out", "3", "7", "3")
        ),
    ],
    "nautilus": [
        (POSITIONS + LONG + SHORT).encode(),
        (FILLS + "1,S,A,BUY,1,1,2025-01-03,1 USD\n2,S,A,SELL,2,1,2025-01-04,1 USD").encode(),
    ],
    "tradingview": [text.encode() for text in (OLDEST, MIDDLE, NEWEST, CHINESE, GERMAN)],
}
TOKENS = st.sampled_from([
    b"NaN", b"-Infinity", b"1e999", b"1e300", b"1e-320", b"null", b"{}", b"[]", b'"', b",", b";", b"\n", b"\x00",
    b"\\ud800", b"-1", b"0", b"true", b"<td>", b"</tr>", b"<table>", b"&#0;", b"&x;", b"in/out", b"out", b"sell",
    b"9999.12.31 23:59:59", b"0000-00-00", b"\xff", b"\xc2\xa0", b"99999999999999999999",
])  # fmt: skip
FUZZ = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


@st.composite
def mutated(draw: st.DrawFn, name: str) -> bytes:
    data = bytearray(draw(st.sampled_from(SEEDS[name])))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data) - 1))
        data[at : at + draw(st.integers(0, 12))] = draw(TOKENS | st.binary(max_size=6))
    return bytes(data)


def headline_is_finite_or_refused(data: bytes, name: str | None) -> None:
    """What the database is given beside the rows is JSON too."""
    try:
        _, summary = read_run("file", data, name, ImportOptions())
    except ImportProblem:
        return
    json.dumps(summary.model_dump(), allow_nan=False)


@pytest.mark.parametrize("name", SEEDS)
def test_samples_are_recognised_and_read(name):
    for data in SEEDS[name]:
        assert detect("file", data).name == name
        assert import_run("file", data, options=ImportOptions()).positions


@pytest.mark.parametrize("name", SEEDS)
def test_mutated_samples_are_read_or_refused(name):
    @FUZZ
    @given(data=mutated(name), forced=st.booleans())
    def check(data: bytes, forced: bool) -> None:
        read_or_refuse(data, name if forced else None)
        headline_is_finite_or_refused(data, name if forced else None)

    check()


ROW = "<tr><td>2024.01.02 10:00:00</td><td>1</td>"


@pytest.mark.parametrize(
    ("page", "code"),
    [
        pytest.param("<div>" * 300_000 + ROW, "bad_html", id="depth"),
        pytest.param("<table>" * 100_000 + ROW, "bad_html", id="tables in tables"),
        pytest.param("<table>" + ROW + "<td>1" * 100_000, "bad_html", id="wide row"),
        pytest.param("<table>" + ROW + "<td " + "a=1 " * 100_000 + ">", "empty_file", id="attributes"),
        pytest.param("<table>" + ROW + "<!--" * 200_000, "empty_file", id="comments"),
        pytest.param("<table>" + ROW + "&" * 500_000, "empty_file", id="ampersands"),
        pytest.param("<table>" + ROW + "</td></tr>" * 100_000, "empty_file", id="closing tags"),
        pytest.param("<table>" + ROW + "<b>" * 100_000, "bad_html", id="bold"),
    ],
)
def test_hostile_page_is_refused_at_once(page, code):
    started = time.monotonic()
    with pytest.raises(ImportProblem) as caught:
        import_run("x.html", page.encode(), format="metatrader5", options=ImportOptions())
    assert caught.value.code == code
    assert time.monotonic() - started < 10


def test_entities_of_a_document_are_never_expanded_nor_fetched(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("of nobody's business")
    page = (
        f'<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY x SYSTEM "file://{secret}">]>'
        "<table><tr><td>&b;</td><td>&x;</td><td>&amp;&nbsp;&eacute;</td></tr></table>"
    )
    assert read_html(page).rows == [["&b;", "&x;", "& é"]]


def test_rows_beyond_the_limit_are_413(monkeypatch):
    monkeypatch.setattr(html_rows, "MAX_ROWS", 3)
    with pytest.raises(ImportProblem) as caught:
        read_html("<table>" + "<tr><td>1</td></tr>" * 4 + "</table>")
    assert (caught.value.status, caught.value.code) == (413, "too_large")


@pytest.mark.parametrize("name", SEEDS)
def test_format_that_is_named_refuses_what_it_is_not(name):
    for data in (b"a,b\n1,2\n", b"{}", b"[]", b"<html></html>", b"\x00\x01", b"nothing of the kind"):
        with pytest.raises(ImportProblem):
            import_run("file", data, format=name, options=ImportOptions())
