"""The first minutes and the account in Chromium: empty, expired, offline, another password."""

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from backend.server.demo import DEMO_DIR
from tests.e2e.steps import import_run, new_account, sign_in_at
from tests.support.product import PASSWORD, Product

pytestmark = pytest.mark.e2e

Shoot = Callable[[Page, str], None]
RUN_FILE = DEMO_DIR / "freqtrade-cvddivergence.json"


def test_empty_account_is_led_to_its_first_run(page: Page, product: Product, shoot: Shoot) -> None:
    email, account = new_account(product)
    sign_in_at(page, email)
    shoot(page, "first-steps-desktop")
    page.get_by_test_id("first-import").click()
    expect(page.get_by_test_id("import-file")).to_be_attached()
    page.get_by_test_id("import-file").set_input_files(str(RUN_FILE))
    page.get_by_test_id("import-submit").click()
    page.get_by_test_id("import-open-run").click(timeout=30_000)
    expect(page.get_by_test_id("run-badge")).to_have_text("Run #1")
    (model,) = account.get("/api/models")["items"]
    assert (model["ai_model"], model["run_count"]) == ("offline/analyst", 1)


def test_password_is_changed_with_the_current_one(page: Page, product: Product, shoot: Shoot) -> None:
    email, _ = new_account(product)
    sign_in_at(page, email)
    page.get_by_test_id("account-menu").first.click()
    page.get_by_test_id("change-password").click()
    for name, text in (("current", "not the password"), ("next", "another-password"), ("again", "another-passwort")):
        page.get_by_test_id(f"password-{name}").fill(text)
    expect(page.get_by_text("The two are not the same.")).to_be_visible()
    page.get_by_test_id("password-again").fill("another-password")
    page.get_by_test_id("password-save").click()
    expect(page.get_by_text("The current password is not right.")).to_be_visible()
    shoot(page, "password-desktop")
    page.get_by_test_id("password-current").fill(PASSWORD)
    page.get_by_test_id("password-save").click()
    expect(page.get_by_text("The password is changed.")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    page.get_by_test_id("account-menu").first.click()
    page.get_by_test_id("sign-out").click()
    expect(page.get_by_test_id("sign-in-email")).to_be_visible()
    assert page.evaluate("localStorage.getItem('rundown-session')") is None
    sign_in_at(page, email, password="another-password")


def test_session_that_ends_comes_back_to_the_same_run_and_draft(page: Page, product: Product, shoot: Shoot) -> None:
    email, account = new_account(product)
    _, run_id = import_run(account, RUN_FILE)
    sign_in_at(page, email, f"/?run={run_id}")
    page.get_by_test_id("chat-input").fill("What I was about to ask")
    page.wait_for_load_state("networkidle")  # so that it is the click below that finds the session ended
    # Every session of the account ends, on the server; the page's own token is good for nothing.
    token = product.sign_in(email, PASSWORD).token
    ended = httpx.post(f"{product.base_url}/auth/v1/logout", headers={"Authorization": f"Bearer {token}"})
    assert ended.status_code == 204
    page.evaluate(
        """() => {
            const session = JSON.parse(localStorage.getItem('rundown-session'));
            session.expires_at = 1;
            session.access_token = 'x' + session.access_token;
            localStorage.setItem('rundown-session', JSON.stringify(session));
        }"""
    )
    page.get_by_test_id("history-button").click()
    again = page.get_by_test_id("sign-in-again")
    expect(again).to_be_visible()
    expect(again).to_contain_text("Your session has ended")
    shoot(page, "expired-desktop")
    expect(page.get_by_test_id("sign-in-email")).to_have_value(email)
    page.get_by_test_id("sign-in-password").fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    expect(again).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("chat-input")).to_have_value("What I was about to ask")
    assert f"run={run_id}" in page.url


def test_offline_is_said_and_what_is_missing_comes_when_the_line_is_back(
    page: Page, context: BrowserContext, product: Product, shoot: Shoot
) -> None:
    email, account = new_account(product)
    import_run(account, RUN_FILE)
    sign_in_at(page, email)
    expect(page.get_by_test_id("run-item")).to_be_visible()
    context.set_offline(True)
    banner = page.get_by_test_id("connection-banner")
    expect(banner).to_have_attribute("data-connection", "offline")
    page.get_by_test_id("run-item").click()
    shoot(page, "offline-desktop")
    page.get_by_test_id("chat-input").fill("Half a question")
    # Its code was not fetched yet: it is waited for, and the page stays.
    page.get_by_test_id("tab-overview").click()
    context.set_offline(False)
    expect(banner).to_have_count(0)
    expect(page.get_by_test_id("equity-chart")).to_be_visible(timeout=20_000)
    page.get_by_test_id("tab-chat").click()
    expect(page.get_by_test_id("chat-input")).to_have_value("Half a question")


def test_server_that_does_not_answer_is_said_and_tried_again(page: Page, product: Product) -> None:
    email, account = new_account(product)
    _, run_id = import_run(account, RUN_FILE)
    sign_in_at(page, email)
    expect(page.get_by_test_id("run-item")).to_be_visible()
    page.route(re.compile("/api/|/healthz"), lambda route: route.abort())
    page.get_by_test_id("run-item").click()
    banner = page.get_by_test_id("connection-banner")
    expect(banner).to_have_attribute("data-connection", "unreachable", timeout=15_000)
    page.unroute(re.compile("/api/|/healthz"))
    banner.get_by_role("button", name="Try now").click()
    expect(banner).to_have_count(0)
    expect(page.locator('[data-testid="metric"][data-metric="total_pnl"]')).to_be_visible(timeout=20_000)
    assert f"run={run_id}" in page.url


def test_leaving_in_one_tab_leaves_the_others(page: Page, context: BrowserContext, product: Product) -> None:
    email, _ = new_account(product)
    sign_in_at(page, email)
    other = context.new_page()
    other.goto("/")
    expect(other.get_by_test_id("account-menu").first).to_be_visible()
    page.get_by_test_id("account-menu").first.click()
    page.get_by_test_id("sign-out").click()
    expect(other.get_by_test_id("sign-in-email")).to_be_visible()
    expect(other.get_by_test_id("sign-in-again")).to_have_count(0)


def test_demo_account_keeps_its_public_password(page: Page) -> None:
    page.goto("/")
    page.get_by_test_id("demo-button").click()
    page.get_by_test_id("account-menu").first.click()
    expect(page.get_by_test_id("sign-out")).to_be_visible()
    expect(page.get_by_test_id("change-password")).to_have_count(0)
