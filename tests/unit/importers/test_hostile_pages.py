"""Pages made to break the reader of HTML reports: refused at once, and nothing in them is fetched or expanded."""

import time

import pytest

from backend.importers import ImportOptions, ImportProblem, html_rows, import_run
from backend.importers.html_rows import read_html

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
