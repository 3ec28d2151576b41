"""A run's report and its trades in Chromium: every bar, day, row and drawdown leads to its trades and to a question."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SIZES
from tests.e2e.steps import import_run, new_account, sign_in_at, write_fills
from tests.support.product import Account, Product

pytestmark = pytest.mark.e2e

Shoot = Callable[[Page, str], None]
TRADES = 3_000


@pytest.fixture(scope="module")
def long_run(product: Product, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Account, int, str]:
    """An account with a run of many trades: its address, its view, the run's id and path."""
    email, account = new_account(product)
    fills = write_fills(tmp_path_factory.mktemp("files") / "fills.csv", TRADES)
    model_id, run_id = import_run(account, fills)
    return email, account, run_id, f"/api/models/{model_id}/runs/{run_id}"


def test_figures_say_what_they_are_on_focus_and_on_tap(page: Page, long_run: tuple[str, Account, int, str]) -> None:
    email, account, run_id, path = long_run
    sign_in_at(page, email, f"/?run={run_id}&tab=overview")
    tile = page.locator('[data-testid="metric"][data-metric="profit_factor"]')
    definition = account.get(f"{path}/metrics")["figures"]["profit_factor"]["definition"]
    # After a click a script's focus is not the keyboard's, and shows nothing.
    page.keyboard.press("Tab")
    tile.focus()
    expect(page.get_by_role("tooltip")).to_contain_text(definition)
    page.keyboard.press("Escape")
    expect(page.get_by_role("tooltip")).to_have_count(0)
    # A finger never hovers: what a tap dispatches has to be enough.
    tile.dispatch_event("click")
    expect(page.get_by_role("tooltip")).to_contain_text(definition)


def test_equity_is_thinned_and_its_best_and_worst_trades_are_marked(
    page: Page, long_run: tuple[str, Account, int, str], shoot: Shoot
) -> None:
    email, _, run_id, _ = long_run
    sign_in_at(page, email, f"/?run={run_id}&tab=overview")
    chart = page.get_by_test_id("equity-chart")
    expect(chart).to_have_attribute("data-marks", "24")
    # What changes while the chart is drawn is waited for before it is read.
    expect(chart).to_have_attribute("data-points", re.compile(r"^[3-6]\d\d$"))
    points = int(chart.get_attribute("data-points") or 0)
    for _ in range(3):
        page.get_by_role("button", name="Look closer").click()
    # What is looked at closely is fetched in more detail.
    expect(chart).not_to_have_attribute("data-points", str(points))
    expect(page.get_by_test_id("drawdowns").get_by_test_id("drawdown-row").first).to_be_visible()
    shoot(page, "report-desktop")


def test_a_day_of_the_calendar_opens_its_trades_and_back_returns(
    page: Page, long_run: tuple[str, Account, int, str]
) -> None:
    email, account, run_id, path = long_run
    sign_in_at(page, email, f"/?run={run_id}&tab=overview")
    month = page.get_by_test_id("calendar-month")
    before = month.inner_text()
    page.get_by_role("button", name="Month before").click()
    expect(month).not_to_have_text(before)
    day = page.get_by_test_id("calendar-day").first
    expect(day).to_have_attribute("data-day", re.compile(r"^\d{4}-\d\d-\d\d$"))
    key = day.get_attribute("data-day") or ""
    wanted = next(period for period in account.get(f"{path}/calendar")["days"] if period["key"] == key)
    day.click()
    expect(page.get_by_test_id("filter-chip")).to_contain_text(key)
    expect(page.get_by_test_id("trade-count")).to_contain_text(f"{wanted['trade_count']} of {TRADES:,} trades")
    page.reload()
    expect(page.get_by_test_id("filter-chip")).to_contain_text(key)
    page.go_back()
    expect(page.get_by_test_id("day-calendar")).to_be_visible()


def test_a_bar_and_a_row_open_exactly_their_trades(page: Page, long_run: tuple[str, Account, int, str]) -> None:
    email, _, run_id, _ = long_run
    sign_in_at(page, email, f"/?run={run_id}&tab=overview")
    bar = page.get_by_test_id("histogram-bar").nth(2)
    expect(bar).to_have_attribute("data-count", re.compile(r"^\d+$"))
    count = int(bar.get_attribute("data-count") or 0)
    bar.click()
    page.get_by_test_id("bin-trades").click()
    expect(page.get_by_test_id("trade-count")).to_contain_text(f"{count:,} of")
    page.go_back()
    page.get_by_test_id("dimension").get_by_role("button", name="Tag", exact=True).click()
    row = page.locator('[data-testid="breakdown-row"][data-key="stop"]')
    row.click()
    expect(page.get_by_test_id("filter-chip")).to_have_text(re.compile("Tag stop"))
    expect(page.get_by_test_id("trade-count")).to_contain_text(f"{TRADES // 3:,} of")


def test_a_question_about_a_drawdown_waits_in_the_chat(page: Page, long_run: tuple[str, Account, int, str]) -> None:
    email, _, run_id, _ = long_run
    sign_in_at(page, email, f"/?run={run_id}&tab=overview")
    page.get_by_test_id("drawdowns").get_by_test_id("ask-about").first.click()
    expect(page.get_by_test_id("chat-input")).to_have_value(re.compile("What caused the drawdown of"))
    page.get_by_test_id("tab-overview").click()
    rolling = page.get_by_test_id("run-rolling")
    expect(rolling).to_contain_text("over the last 200 closed trades", timeout=20_000)
    rolling.get_by_test_id("rolling-window").get_by_role("button", name="100", exact=True).click()
    rolling.get_by_role("button", name="Win rate", exact=True).click()
    expect(rolling.get_by_test_id("rolling-point")).to_contain_text("over the 100 trades closed")
    rolling.get_by_test_id("ask-about").click()
    asked = re.compile(r"Why was the win rate [\d.]+% over the 100 trades closed from 2024-\d\d-")
    expect(page.get_by_test_id("chat-input")).to_have_value(asked)
    page.get_by_test_id("tab-trades").click()
    page.get_by_test_id("trade-row").first.get_by_test_id("ask-about").click()
    expect(page.get_by_test_id("chat-input")).to_have_value(re.compile(r"trade #1 \("))
    page.get_by_test_id("send-button").click()
    expect(page.get_by_test_id("message-assistant").last).to_be_visible(timeout=30_000)


def test_long_list_draws_what_is_in_sight_and_reaches_its_end(
    page: Page, long_run: tuple[str, Account, int, str], shoot: Shoot
) -> None:
    email, account, run_id, path = long_run
    sign_in_at(page, email, f"/?run={run_id}&tab=trades")
    rows = page.get_by_test_id("trade-row")
    expect(rows.first).to_contain_text("#1")
    assert rows.count() < 80
    page.locator('[data-testid="sort-button"][data-column="net_pnl"]').click()
    best = account.get(f"{path}/trades", sort="-net_pnl", limit=1)["items"][0]
    expect(rows.first).to_contain_text(f"#{best['trade_id']}")
    shoot(page, "trades-desktop")
    page.get_by_test_id("trade-list").evaluate("box => box.scrollTo(0, box.scrollHeight)")
    last = account.get(f"{path}/trades", sort="-net_pnl", limit=1, offset=TRADES - 1)["items"][0]
    expect(page.locator(f'[data-testid="trade-row"][data-index="{TRADES - 1}"]')).to_contain_text(
        f"#{last['trade_id']}"
    )
    assert rows.count() < 80
    page.get_by_test_id("filter-result").select_option("loss")
    expect(page.get_by_test_id("trade-count")).to_contain_text(f"{TRADES // 3:,} of {TRADES:,}")
    page.get_by_test_id("trade-search").fill("no such thing")
    expect(page.get_by_text("No trade fits")).to_be_visible()


def test_columns_are_chosen_and_remembered_and_the_file_holds_what_is_listed(
    page: Page, long_run: tuple[str, Account, int, str], tmp_path: Path
) -> None:
    email, _, run_id, _ = long_run
    sign_in_at(page, email, f"/?run={run_id}&tab=trades&trades=symbol%3DBTC")
    mae = page.locator('[data-testid="sort-button"][data-column="mae"]')
    expect(page.get_by_test_id("trade-row").first).to_contain_text("BTC")
    expect(mae).to_have_count(0)
    page.get_by_test_id("columns-button").click()
    page.get_by_test_id("column-mae").click()
    page.keyboard.press("Escape")
    expect(mae).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_test_id("export-csv").click()
    target = tmp_path / "trades.csv"
    download.value.save_as(target)
    assert download.value.suggested_filename.startswith("run-1-")
    with target.open(newline="") as file:
        saved = list(csv.DictReader(file))
    assert {row["symbol"] for row in saved} == {"BTC"}
    assert {row["exit_tag"] for row in saved} == {"target", "stop", "'=cmd"}
    listed = page.get_by_test_id("trade-count").inner_text()
    assert listed.startswith(f"{len(saved):,} of")
    page.reload()
    expect(mae).to_have_count(1)


def test_report_fits_a_phone(page: Page, long_run: tuple[str, Account, int, str], shoot: Shoot) -> None:
    email, _, run_id, _ = long_run
    page.set_viewport_size(SIZES["phone"])
    sign_in_at(page, email, f"/?run={run_id}&tab=overview")
    expect(page.get_by_test_id("day-calendar")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    scroll = page.get_by_test_id("report-scroll")
    assert scroll.evaluate("box => box.scrollWidth <= box.clientWidth")
    shoot(page, "report-phone")
    page.get_by_test_id("tab-trades").click()
    expect(page.get_by_test_id("trade-row").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shoot(page, "trades-phone")
