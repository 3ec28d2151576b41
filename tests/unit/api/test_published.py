"""What sources published beside our figures, on the real files in the repository."""

from pathlib import Path

import pytest

from backend.analysis import METRICS
from backend.api.published import PublishedRow, compare_published
from backend.importers import IMPORTERS, ImportOptions, import_run
from backend.importers.published import STATISTICS
from backend.ingest.imported_frame import imported_frame
from tests.unit.importers.test_tradingview import NEWEST

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "tests" / "data" / "imports"
DEMO = ROOT / "backend" / "local" / "demo"


def rows_of(name: str, data: bytes, **published: float) -> dict[str, PublishedRow]:
    run = import_run(name, data, options=ImportOptions())
    rows = compare_published(run.source, {**run.published, **published}, imported_frame(run))
    return {row.name: row for row in rows}


@pytest.fixture(scope="module")
def freqtrade() -> dict[str, PublishedRow]:
    path = SAMPLES / "freqtrade_cvddivergence.json"
    return rows_of(path.name, path.read_bytes())


def test_every_statistic_names_an_importer_and_a_figure_of_ours():
    names, figures = {importer.name for importer in IMPORTERS}, {metric.name for metric in METRICS}
    assert set(STATISTICS) <= names
    assert {statistic.figure for known in STATISTICS.values() for statistic in known.values()} <= figures


def test_freqtrades_own_sums_agree_to_the_last_digit(freqtrade):
    exact = ("total_trades", "profit_total_abs", "profit_total", "final_balance", "wins", "losses", "profit_factor",
             "expectancy", "max_drawdown_abs", "max_drawdown_account", "max_consecutive_losses")  # fmt: skip
    assert {name: freqtrade[name].agrees for name in exact} == dict.fromkeys(exact, True)
    assert all(freqtrade[name].why is None for name in exact)
    total = freqtrade["profit_total"]
    assert (total.figure, total.unit) == ("total_return", "pct")
    assert total.published == pytest.approx(587.028207402)
    assert total.difference == pytest.approx(0, abs=1e-9)


def test_a_statistic_rounded_by_the_source_agrees_within_its_step(freqtrade):
    held = freqtrade["holding_avg_s"]
    assert (held.published, held.agrees, held.why) == (3480, True, None)
    assert held.ours == pytest.approx(3457.664, abs=1e-3)


def test_a_statistic_of_another_convention_says_which(freqtrade):
    sharpe = freqtrade["sharpe"]
    assert sharpe.agrees is False
    assert sharpe.difference == pytest.approx(sharpe.ours - 1.5149225928467966)
    assert "of the trades' profits" in sharpe.why


def test_a_statistic_that_we_have_not_is_listed_last_and_says_so(freqtrade):
    rows = list(freqtrade.values())
    strange = freqtrade["csum_max"]
    assert (strange.figure, strange.ours, strange.agrees) == (None, None, None)
    assert strange.why == "Rundown computes no such figure."
    assert [row.figure is None for row in rows] == sorted(row.figure is None for row in rows)


def test_a_difference_nobody_can_explain_is_not_explained():
    path = SAMPLES / "freqtrade_cvddivergence.json"
    rows = rows_of(path.name, path.read_bytes(), profit_total_abs=5000.0)
    assert (rows["profit_total_abs"].agrees, rows["profit_total_abs"].why) == (
        False,
        "No reason for the difference is known.",
    )
    assert rows["sharpe"].why == "The total P&L differs already, and this follows from it."
    assert rows["total_trades"].agrees is True


def test_ai_traders_portfolio_agrees_and_its_win_rate_is_of_days():
    path = DEMO / "ai-trader-crypto-claude-3.7-sonnet.zip"
    rows = rows_of(path.name, path.read_bytes())
    assert rows["final_value"].agrees
    assert rows["cumulative_return"].agrees
    assert rows["win_rate"].published == pytest.approx(42.86)
    assert "not of trades" in rows["win_rate"].why


def test_a_figure_that_the_run_has_not_says_why_and_is_no_disagreement():
    path = SAMPLES / "lean_pascal_case.json"
    rows = rows_of(path.name, path.read_bytes())
    assert (rows["sharpe_ratio"].ours, rows["sharpe_ratio"].agrees) == (None, None)
    assert rows["sharpe_ratio"].why
    assert rows["drawdown_pct"].published == -31.3


def test_a_published_value_agrees_to_the_decimals_it_is_written_with():
    run = import_run("x.csv", NEWEST.encode(), options=ImportOptions())
    frame = imported_frame(run)
    total = compare_published(run.source, {"cumulative_pnl": 0.0}, frame)[0].ours
    for shift, agrees in ((0.004, True), (0.006, False)):
        stated = round(total, 2) + 0.01 if shift > 0.005 else round(total, 2)
        (row,) = compare_published(run.source, {"cumulative_pnl": stated}, frame)
        assert row.agrees is agrees


def test_a_run_without_published_statistics_has_no_rows():
    run = import_run("x.csv", b"time,symbol,side,quantity,price\n2024-01-01,A,buy,1,2\n", options=ImportOptions())
    assert compare_published(run.source, {"note": "text", "broken": float("nan")}, imported_frame(run)) == []
