"""Bringing a run in through the page: the preview, its corrections, and a file that is imported already."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SIZES
from tests.e2e.steps import write_fills
from tests.support.product import PASSWORD, Account, Product

pytestmark = pytest.mark.e2e

SAMPLES = Path(__file__).parents[1] / "data" / "imports"
MEANINGS = {"when": "time", "what": "symbol", "how": "side", "many": "quantity", "at": "price"}


@pytest.fixture
def account(product: Product, page: Page) -> Account:
    """A new account with one model, signed in on the page with the import dialog open."""
    email = f"trader-{uuid.uuid4().hex[:8]}@example.com"
    account = product.account(email)
    account.add_model(name="Desk")
    page.goto("/")
    page.get_by_test_id("sign-in-email").fill(email)
    page.get_by_test_id("sign-in-password").fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    page.get_by_role("button", name="Import run").first.click()
    return account


def shoot_both(page: Page, shoot: Callable[[Page, str], None], name: str) -> None:
    """A screenshot on a desktop and one on a phone; the page is left as on a desktop."""
    for size in ("phone", "desktop"):
        page.set_viewport_size(SIZES[size])
        shoot(page, f"{name}-{size}")


def test_file_is_previewed_imported_and_known_the_second_time(
    page: Page, account: Account, shoot: Callable[[Page, str], None]
) -> None:
    sample = SAMPLES / "vectorbt_eurusd_trades.csv"
    page.get_by_test_id("import-file").set_input_files(sample)
    preview = page.get_by_test_id("import-preview")
    expect(preview).to_contain_text("vectorbt, recognised by its own marks")
    expect(preview).to_contain_text("263")
    shoot_both(page, shoot, "import-preview")
    page.get_by_test_id("import-submit").click()
    expect(page.get_by_test_id("import-report")).to_contain_text("run #1")
    shoot_both(page, shoot, "import-result")
    page.get_by_role("button", name="Import another").click()
    page.get_by_test_id("import-file").set_input_files(sample)
    expect(page.get_by_test_id("import-already")).to_contain_text("run #1")
    shoot(page, "import-already")
    page.get_by_role("button", name="Import again").click()
    expect(page.get_by_test_id("import-report")).to_contain_text("run #2")
    page.get_by_test_id("import-open-run").click()
    expect(page.get_by_test_id("run-badge")).to_have_text("Run #2")


def test_columns_that_no_one_knows_are_named_by_the_reader(
    page: Page, account: Account, tmp_path: Path, shoot: Callable[[Page, str], None]
) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_text("when,what,how,many,at\n2024-01-01,A,buy,1,10\n2024-01-02,A,sell,1,11\n")
    page.get_by_test_id("import-file").set_input_files(odd)
    expect(page.get_by_test_id("import-preview")).to_contain_text("The table lacks")
    expect(page.get_by_test_id("import-submit")).to_be_disabled()
    shoot(page, "import-mapping")
    for column, meaning in MEANINGS.items():
        page.get_by_label(f"Meaning of {column}").select_option(meaning)
    expect(page.get_by_test_id("import-preview").get_by_role("table")).to_contain_text("2024-01-02")
    page.get_by_test_id("import-submit").click()
    expect(page.get_by_test_id("import-report")).to_contain_text("csv")


def test_what_the_source_published_stands_beside_our_figures(
    page: Page, account: Account, shoot: Callable[[Page, str], None]
) -> None:
    page.get_by_test_id("import-file").set_input_files(SAMPLES / "freqtrade_cvddivergence.json")
    page.get_by_test_id("import-submit").click()
    page.get_by_test_id("import-open-run").click()
    page.get_by_test_id("tab-overview").click()
    published = page.get_by_test_id("published")
    expect(published).to_contain_text("Published by freqtrade", timeout=15_000)
    total = published.locator('[data-statistic="profit_total_abs"]')
    expect(total).to_contain_text("Net P&L")
    expect(total).to_contain_text("agrees")
    growth = published.locator('[data-statistic="cagr"]')
    expect(growth).to_contain_text("differs")
    expect(growth.locator("xpath=following-sibling::tr[1]")).to_contain_text("365")
    for size in ("phone", "desktop"):
        page.set_viewport_size(SIZES[size])
        published.scroll_into_view_if_needed()
        shoot(page, f"published-{size}")


def test_file_of_no_kind_is_refused_in_words(
    page: Page, account: Account, tmp_path: Path, shoot: Callable[[Page, str], None]
) -> None:
    (tmp_path / "x.bin").write_bytes(bytes(range(256)) * 20)
    page.get_by_test_id("import-file").set_input_files(tmp_path / "x.bin")
    expect(page.get_by_test_id("import-dialog").get_by_role("alert")).to_contain_text("format is not known")
    expect(page.get_by_test_id("import-submit")).to_be_disabled()
    shoot_both(page, shoot, "import-refused")


@pytest.mark.long
def test_progress_is_shown_while_a_large_file_is_read(
    page: Page, account: Account, tmp_path: Path, shoot: Callable[[Page, str], None]
) -> None:
    fills = write_fills(tmp_path / "fills.csv", 25_000)
    page.get_by_test_id("import-file").set_input_files(fills)
    expect(page.get_by_role("progressbar")).to_be_visible()
    shoot_both(page, shoot, "import-progress")
    expect(page.get_by_test_id("import-preview")).to_contain_text("50,000", timeout=120_000)
    page.get_by_test_id("import-submit").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    shoot_both(page, shoot, "import-saving")
    expect(page.get_by_test_id("import-report")).to_contain_text("50,000", timeout=240_000)
