"""Conversations found, shared, printed, deleted and had back; the dashboard by keyboard alone."""

import re
import uuid
from typing import LiteralString

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from backend.local.database import Database
from backend.local.postgres import running_socket_dir
from backend.server.demo import DEMO_DIR
from tests.support.product import PASSWORD, Account, Product

pytestmark = pytest.mark.e2e

READY_MS = 20_000


@pytest.fixture
def account(product: Product, page: Page) -> Account:
    """A new account with two runs and one conversation, signed in on the dashboard."""
    email = f"trader-{uuid.uuid4().hex[:8]}@example.com"
    account = product.account(email)
    model_id = account.add_model(name="Desk")
    for name in ("freqtrade-cvddivergence.json", "ai-trader-crypto-claude-3.7-sonnet.zip"):
        run_id = account.import_file(model_id, DEMO_DIR / name)["run"]["id"]
    account.ask(f"/api/models/{model_id}/runs/{run_id}", "Why did this run lose money? Прибыль и убыток")
    page.goto("/")
    page.get_by_test_id("sign-in-email").fill(email)
    page.get_by_test_id("sign-in-password").fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    expect(page.get_by_test_id("run-table")).to_be_visible(timeout=READY_MS)
    return account


def test_conversation_is_found_with_its_place_deleted_and_had_back(page: Page, account: Account) -> None:
    page.keyboard.press("h")
    page.get_by_test_id("session-search").fill("language no")
    expect(page.get_by_test_id("session-snippet").locator("mark").first).to_be_visible(timeout=READY_MS)
    page.get_by_test_id("session-delete").click()
    expect(page.get_by_test_id("session-item")).to_have_count(0)
    assert account.get("/api/chat-sessions")["items"], "nothing is sent while it can be undone"
    page.get_by_test_id("history-panel").get_by_test_id("undo-delete").click()
    expect(page.get_by_test_id("session-item")).to_have_count(1)
    page.get_by_test_id("session-delete").click()
    expect(page.get_by_test_id("session-item")).to_have_count(0)
    page.reload()
    expect(page.get_by_test_id("run-table")).to_be_visible(timeout=READY_MS)
    page.keyboard.press("h")
    expect(page.get_by_test_id("session-item")).to_have_count(1, timeout=READY_MS)


def test_link_shows_the_conversation_without_an_account_until_it_expires_or_is_revoked(
    page: Page, account: Account, browser: Browser, product: Product
) -> None:
    page.keyboard.press("h")
    page.get_by_test_id("session-share").click()
    page.get_by_test_id("share-create").click()
    url = page.get_by_test_id("share-link").input_value()
    visitor = browser.new_context(base_url=product.base_url)
    reading = visitor.new_page()
    answered = reading.goto(url)
    assert answered is not None
    assert "noindex" in answered.headers["x-robots-tag"]
    assert answered.headers["content-security-policy"].startswith("default-src 'none'")
    expect(reading.get_by_test_id("document-assistant").locator(".figure-mark").first).to_be_visible(timeout=READY_MS)
    assert reading.evaluate("localStorage.getItem('rundown-session')") is None
    _set_share_age(product, "created_at = now() - interval '2 days', expires_at = now()")
    reading.reload()
    expect(reading.get_by_role("heading")).to_have_text("This conversation can't be shown", timeout=READY_MS)
    expect(reading.get_by_role("alert").filter(has_text="expired")).to_be_visible()
    expect(reading.get_by_test_id("document-assistant")).to_have_count(0)
    _set_share_age(product, "expires_at = now() + interval '1 day'")
    page.get_by_test_id("share-revoke").click()
    expect(page.get_by_test_id("share-item")).to_have_attribute("data-state", "revoked")
    reading.reload()
    expect(reading.get_by_role("alert").filter(has_text="not valid")).to_be_visible(timeout=READY_MS)
    visitor.close()


def _set_share_age(product: Product, age: LiteralString) -> None:
    """Give the newest share of the running product these times: the shortest that the page offers is a day."""
    newest = "where id = (select max(id) from public.chat_shares)"
    with psycopg.connect(Database(running_socket_dir(product.home)).conninfo("supabase_admin")) as connection:
        connection.execute(f"update public.chat_shares set {age} {newest}")


def test_print_view_holds_text_tables_marks_and_any_script(page: Page, account: Account) -> None:
    session_id = account.get("/api/chat-sessions")["items"][0]["id"]
    unfinished = "document.querySelectorAll('[aria-busy]').length"
    page.add_init_script(f"window.print = () => {{ document.documentElement.dataset.unfinished = {unfinished}; }}")
    page.goto(f"/print?session={session_id}")
    expect(page.locator("html")).to_have_attribute("data-unfinished", "0", timeout=READY_MS)
    answer = page.get_by_test_id("document-assistant")
    expect(answer.locator("table").first).to_be_visible(timeout=READY_MS)
    expect(answer.locator(".figure-mark[data-status=verified]").first).to_be_visible()
    expect(page.get_by_test_id("document-user")).to_contain_text("Прибыль и убыток")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).overflowY") == "visible"
    expect(page.get_by_role("button", name="Print or save as PDF")).to_be_hidden()
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 1


def test_dashboard_is_used_by_keyboard_alone(page: Page, account: Account) -> None:
    page.keyboard.press("/")
    page.keyboard.type("comp")
    option = page.get_by_test_id("completions").get_by_role("option").first
    expect(option).to_contain_text("compare")
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("overlay-chart").locator("canvas").first).to_be_visible(timeout=READY_MS)
    expect(page.get_by_test_id("compare-difference").first).to_contain_text(re.compile("noise|not compared"))
    page.keyboard.type("opne run 2")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("run-badge")).to_have_text("Run #2", timeout=READY_MS)


def test_numbers_and_times_are_the_readers(browser: Browser, product: Product, account: Account, page: Page) -> None:
    storage = page.context.storage_state()
    german: BrowserContext = browser.new_context(
        base_url=product.base_url, storage_state=storage, locale="de-DE", timezone_id="Asia/Tokyo"
    )
    there = german.new_page()
    there.goto("/")
    expect(there.get_by_test_id("run-table")).to_contain_text(re.compile(r"\d,\d\d\s"), timeout=READY_MS)
    there.keyboard.press("h")
    there.get_by_test_id("session-share").click()
    there.get_by_test_id("share-create").click()
    moment = there.get_by_test_id("share-item").locator("time").first
    expect(moment).to_have_text(re.compile(r"\d\d\.\d\d\.\d{4}, \d\d:\d\d"))
    expect(moment).to_have_attribute("title", re.compile(r"UTC$"))
    german.close()
