"""Models in Chromium: chosen from the live list, set within their own limits, keyed, ruled, deleted by name."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.steps import new_account, sign_in_at
from tests.support.fakes.openrouter import FakeOpenRouter
from tests.support.product import Product

pytestmark = pytest.mark.e2e

Shoot = Callable[[Page, str], None]
CODE = "def allow_entry(trade):\n    return trade.hour not in (13, 14)"


def test_model_is_chosen_by_search_with_its_price_and_its_own_parameters(
    page: Page, product: Product, openrouter: FakeOpenRouter, shoot: Shoot
) -> None:
    email, account = new_account(product)
    sign_in_at(page, email)
    page.get_by_test_id("new-model-button").first.click()
    page.get_by_test_id("model-name").fill("Desk")
    page.get_by_test_id("model-chosen").click()
    # Without tools the analysis can't be done: such models are left out, and it is said.
    expect(page.locator('[data-model="acme/poet-1"]')).to_have_count(0)
    expect(page.get_by_text("1 without tool support left out")).to_be_visible()
    page.get_by_test_id("model-search").fill("analyst acme")
    option = page.locator('[data-testid="model-option"][data-model="acme/analyst-1"]')
    expect(option).to_contain_text("$1.25 / $10.00")
    shoot(page, "model-picker-desktop")
    option.click()
    expect(page.get_by_test_id("model-chosen")).to_contain_text("Acme: Analyst 1")
    # The list says what this model takes: no seed, no top_k.
    expect(page.get_by_test_id("model-temperature")).to_be_visible()
    expect(page.get_by_test_id("more-parameters")).to_have_count(0)
    page.get_by_test_id("model-temperature").fill("2.5")
    page.get_by_test_id("model-save").click()
    expect(page.get_by_text("A number, 0 to 2.")).to_be_visible()
    page.get_by_test_id("model-temperature").fill("0.3")
    page.get_by_test_id("model-instructions").fill("Answer briefly.")
    page.get_by_test_id("model-save").click()
    expect(page.get_by_test_id("api-key-hint")).to_contain_text("No key is stored")
    page.get_by_test_id("api-key-input").fill("sk-or-v1-desk-4242")
    page.get_by_test_id("api-key-save").click()
    expect(page.get_by_test_id("api-key-hint")).to_contain_text("4242")
    expect(page.get_by_test_id("key-credit")).to_contain_text("$18.50 left of $20.00")
    shoot(page, "model-key-desktop")
    (stored,) = account.get("/api/models")["items"]
    assert (stored["ai_model"], stored["model_parameters"]) == ("acme/analyst-1", {"temperature": 0.3})
    assert stored["custom_instructions"] == "Answer briefly."


def test_stored_key_is_tested_and_a_bad_one_is_refused(page: Page, product: Product) -> None:
    email, account = new_account(product)
    model_id = account.add_model("acme/analyst-1", "Keyed")
    account.http.put(f"/api/models/{model_id}/api-key?verify=false", json={"api_key": "revoked-key-0001"})
    sign_in_at(page, email)
    page.get_by_test_id("model-settings").first.click()
    page.get_by_test_id("api-key-test").click()
    expect(page.get_by_text("does not accept this key")).to_be_visible()
    page.get_by_test_id("api-key-input").fill("sk-or-v1-good-0002")
    page.get_by_test_id("api-key-save").click()
    expect(page.get_by_text("The key works and is stored.")).to_be_visible()
    page.get_by_test_id("api-key-test").click()
    expect(page.get_by_test_id("key-credit")).to_contain_text("$1.50 used")
    page.get_by_test_id("api-key-remove").click()
    expect(page.get_by_test_id("api-key-hint")).to_contain_text("No key is stored")


def test_adopted_rules_are_switched_read_and_removed(page: Page, product: Product, shoot: Shoot) -> None:
    email, account = new_account(product)
    model_id = account.add_model(name="Ruled")
    rules = f"/api/models/{model_id}/rules"
    params = {"hours": [13, 14]}
    account.post(rules, {"name": "No lunch", "kind": "no_trade_hours", "params": params, "code": CODE})
    sign_in_at(page, email)
    page.get_by_test_id("model-settings").first.click()
    rule = page.get_by_test_id("rule-item")
    rule.get_by_test_id("rule-details").click()
    expect(rule.locator("code")).to_contain_text("def allow_entry")
    expect(rule).to_contain_text("Hours [13,14]")
    shoot(page, "model-rules-desktop")
    rule.get_by_role("checkbox").click()
    expect(rule.get_by_role("checkbox")).not_to_be_checked()
    expect(page.get_by_text("0 of 1 on")).to_be_visible()
    assert account.get(rules)["items"][0]["enabled"] is False
    rule.get_by_test_id("rule-remove").click()
    page.get_by_test_id("confirm-action").click()
    expect(rule).to_have_count(0)
    assert account.get(rules)["items"] == []


def test_model_is_deleted_only_by_its_name(page: Page, product: Product) -> None:
    email, account = new_account(product)
    account.add_model(name="Doomed")
    sign_in_at(page, email)
    page.get_by_test_id("model-settings").first.click()
    page.get_by_test_id("model-delete").click()
    action = page.get_by_test_id("confirm-action")
    expect(action).to_be_disabled()
    page.get_by_label("Type Doomed to confirm").fill("doomed")
    expect(action).to_be_disabled()
    page.get_by_label("Type Doomed to confirm").fill("Doomed")
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        action.click()
    # Stands behind the dialogs while the model is still there, too.
    expect(page.get_by_test_id("first-steps")).to_be_visible()
    assert account.get("/api/models")["items"] == []
