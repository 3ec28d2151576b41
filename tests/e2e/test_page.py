"""The things people come to do, done in Chromium on the built page: ask, stop, copy a rule's code, review history."""

import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from backend.server.demo import DEMO_DIR
from tests.e2e.conftest import SIZES
from tests.support.fakes.openrouter import Call, FakeOpenRouter, Turn
from tests.support.product import PASSWORD, Account, Product

pytestmark = pytest.mark.e2e

Shoot = Callable[[Page, str], None]
WHY = "Why did this run lose money?"
ANSWER_MS = 30_000
SLOW = Turn(text=["The run lost money because of **position size**. "] * 200, delay=0.03)
HOSTILE = """Look: <script>window.hacked = 1</script> <img src="http://evil.test/x.png" onerror="window.hacked = 2">

![chart](http://evil.test/leak.png) [click](javascript:window.hacked=3) <a href="data:text/html,x">y</a>

<iframe src="http://evil.test"></iframe> [fine](https://example.com/)
"""


def sign_in_to_demo(page: Page) -> None:
    page.goto("/")
    page.get_by_test_id("demo-button").click()
    expect(page.get_by_test_id("run-item").first).to_be_visible(timeout=15_000)


def open_losing_run(page: Page, demo: Account) -> dict[str, object]:
    run = losing_run(demo)
    page.locator(f'[data-testid="run-item"][data-run-id="{run["id"]}"]').click()
    expect(page.get_by_test_id("run-badge")).to_have_text(f"Run #{run['run_number']}")
    return run


def losing_run(demo: Account) -> dict[str, object]:
    models = demo.get("/api/models")["items"]
    runs = [run for model in models for run in demo.get(f"/api/models/{model['id']}/runs")["items"]]
    return min(runs, key=lambda run: run["summary"]["total_return"])


def ask(page: Page, question: str) -> None:
    page.get_by_test_id("chat-input").fill(question)
    page.get_by_test_id("send-button").click()


def wait_until_answered(page: Page) -> None:
    expect(page.get_by_test_id("send-button")).to_be_visible(timeout=ANSWER_MS)
    expect(page.get_by_test_id("check-summary").last).to_be_visible(timeout=ANSWER_MS)


@pytest.fixture
def model_run(product: Product, openrouter: FakeOpenRouter) -> tuple[str, str, int]:
    """A new account with a run of a model at the provider: e-mail, run path, run id."""
    openrouter.reset()
    email = f"trader-{uuid.uuid4().hex[:8]}@example.com"
    account = product.account(email)
    model_id = account.add_model("acme/analyst-1", "Acme desk")
    account.http.put(f"/api/models/{model_id}/api-key", json={"api_key": "sk-or-v1-e2e-key-0001"})
    imported = account.import_file(model_id, DEMO_DIR / "ai-trader-crypto-claude-3.7-sonnet.zip")
    run_id = imported["run"]["id"]
    return email, f"/api/models/{model_id}/runs/{run_id}", run_id


def sign_in(page: Page, email: str) -> None:
    page.goto("/")
    page.get_by_test_id("sign-in-email").fill(email)
    page.get_by_test_id("sign-in-password").fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    expect(page.get_by_test_id("run-item").first).to_be_visible(timeout=15_000)


def test_demo_question_is_answered_and_found_again_after_reload(page: Page, demo: Account, shoot: Shoot) -> None:
    page.goto("/")
    expect(page.get_by_test_id("demo-button")).to_be_visible()
    shoot(page, "sign-in-desktop")
    sign_in_to_demo(page)
    open_losing_run(page, demo)
    expect(page.get_by_placeholder("Ask about this run...")).to_be_visible()
    # A quick action of the empty conversation asks it.
    page.get_by_test_id("new-conversation").click()
    page.get_by_test_id("question-chip").filter(has_text=WHY).click()
    expect(page.get_by_test_id("tool-badge").first).to_be_visible(timeout=ANSWER_MS)
    shoot(page, "streaming-desktop")
    wait_until_answered(page)
    shoot(page, "answer-desktop")
    badge = page.get_by_test_id("tool-badge").first
    expect(badge).to_have_attribute("data-tool", "analyze_trades")
    # Purple: more red and blue than green.
    red, green, blue = rgb_of(badge, "color")
    assert blue > green
    assert red > green
    answer = page.get_by_test_id("message-assistant").last.inner_text()
    assert "no language model" in answer.lower()
    expect(page.get_by_role("group", name="Follow-up questions").get_by_test_id("question-chip").first).to_be_visible()
    page.reload()
    expect(page.get_by_test_id("message-user").last).to_contain_text(WHY, timeout=15_000)
    expect(page.get_by_test_id("message-assistant").last).to_contain_text("no language model", ignore_case=True)


def test_stop_keeps_the_partial_text_saves_nothing_and_closes_the_provider(
    page: Page, model_run: tuple[str, str, int], product: Product, openrouter: FakeOpenRouter, shoot: Shoot
) -> None:
    email, run, _ = model_run
    openrouter.script(SLOW)
    sign_in(page, email)
    page.get_by_test_id("run-item").first.click()
    expect(page.get_by_test_id("send-button")).to_be_visible()
    red, green, blue = rgb_of(page.get_by_test_id("send-button"), "backgroundColor", typed="hello", page=page)
    assert blue > red
    ask(page, WHY)
    expect(page.get_by_test_id("message-assistant").last).to_contain_text("position size", timeout=ANSWER_MS)
    stop = page.get_by_test_id("stop-button")
    red, green, blue = rgb_of(stop, "backgroundColor")
    assert red > 180
    assert green < 100
    assert blue < 100
    stop.click()
    openrouter.wait_for_disconnect()
    expect(page.get_by_test_id("send-button")).to_be_visible()
    expect(page.get_by_test_id("stopped-note")).to_be_visible()
    expect(page.get_by_test_id("message-assistant").last).to_contain_text("position size")
    shoot(page, "stopped-desktop")
    account = product.sign_in(email, PASSWORD)
    assert account.get(f"{run}/chat-history") == {"session_id": None, "messages": []}
    page.get_by_test_id("keep-button").click()
    expect(page.get_by_test_id("keep-button")).to_be_hidden()
    page.reload()
    expect(page.get_by_test_id("message-assistant").last).to_contain_text("position size", timeout=15_000)
    assert account.get(f"{run}/chat-history")["messages"][1]["stopped"] is True


def test_rule_code_is_copied_as_it_stands(page: Page, demo: Account, shoot: Shoot) -> None:
    sign_in_to_demo(page)
    open_losing_run(page, demo)
    ask(page, "Suggest rules that would have avoided the losses")
    wait_until_answered(page)
    block = page.get_by_test_id("code-block").first
    block.scroll_into_view_if_needed()
    button = block.get_by_test_id("copy-button")
    expect(button).to_contain_text("Copy")
    button.click()
    expect(button).to_contain_text("Copied")
    shoot(page, "copied-desktop")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == block.locator("code").inner_text().strip()
    assert "def " in copied
    compile(copied, "pasted", "exec")
    expect(button).to_contain_text(re.compile("^Copy$"), timeout=5_000)


def test_history_is_reviewed_renamed_pinned_and_exported(
    page: Page, model_run: tuple[str, str, int], shoot: Shoot, openrouter: FakeOpenRouter, product: Product
) -> None:
    email, run, _ = model_run
    account = product.sign_in(email, PASSWORD)
    for question in ("First question about fees", "Second question about risk"):
        openrouter.script(Turn(text=[f"Answer to: {question}"]))
        account.ask(run, question)
    sign_in(page, email)
    page.get_by_test_id("run-item").first.click()
    expect(page.get_by_test_id("message-assistant").last).to_contain_text("Second question")
    page.get_by_test_id("history-button").click()
    expect(page.get_by_test_id("session-item")).to_have_count(2)
    shoot(page, "history-desktop")
    page.get_by_test_id("session-item").filter(has_text="First question").get_by_test_id("session-open").click()
    expect(page.get_by_test_id("message-assistant").last).to_contain_text("First question about fees")
    page.get_by_test_id("history-button").click()
    older = page.get_by_test_id("session-item").filter(has_text="First question")
    older.get_by_test_id("session-pin").click()
    expect(page.get_by_test_id("session-item").first).to_contain_text("First question")
    older.get_by_test_id("session-rename").click()
    page.get_by_test_id("session-title-input").fill("Fees of November")
    page.get_by_test_id("session-title-save").click()
    renamed = page.get_by_test_id("session-item").filter(has_text="Fees of November")
    renamed.get_by_test_id("session-export").click()
    with page.expect_download() as saved:
        page.get_by_test_id("session-export-md").click()
    assert "Answer to: First question about fees" in saved.value.path().read_text()
    assert account.get("/api/chat-sessions")["items"][0]["session_title"] == "Fees of November"


def test_model_answer_streams_with_the_stored_key(
    page: Page, model_run: tuple[str, str, int], openrouter: FakeOpenRouter
) -> None:
    email, _, _ = model_run
    openrouter.script(
        Turn(tool_calls=[Call("calculate_metrics", {"metric_type": "all"})]), Turn(text=["All ", "**done**."])
    )
    sign_in(page, email)
    page.get_by_test_id("run-item").first.click()
    ask(page, WHY)
    expect(page.get_by_test_id("message-assistant").last).to_contain_text("All done.", timeout=ANSWER_MS)
    expect(page.locator('[data-testid="tool-badge"][data-tool="calculate_metrics"]')).to_be_visible()
    assert openrouter.chats[0].headers["authorization"] == "Bearer sk-or-v1-e2e-key-0001"


def test_hostile_markdown_runs_nothing_and_loads_nothing(
    page: Page, model_run: tuple[str, str, int], openrouter: FakeOpenRouter
) -> None:
    email, _, _ = model_run
    openrouter.script(Turn(text=[HOSTILE]))
    sign_in(page, email)
    page.get_by_test_id("run-item").first.click()
    ask(page, WHY)
    answer = page.get_by_test_id("message-assistant").last
    expect(answer).to_contain_text("Look:", timeout=ANSWER_MS)
    expect(page.get_by_test_id("send-button")).to_be_visible()
    assert page.evaluate("window.hacked") is None
    assert answer.locator("script, iframe, img[src^='http']").count() == 0
    links = answer.locator("a").evaluate_all("nodes => nodes.map(n => [n.getAttribute('href'), n.rel])")
    assert all(href is None or href.startswith(("https:", "http:", "mailto:", "#")) for href, _ in links)
    assert all("noopener" in rel for href, rel in links if href and href.startswith("http"))


def test_dashboard_commands_answer_without_a_model(page: Page, shoot: Shoot) -> None:
    sign_in_to_demo(page)
    box = page.get_by_test_id("dashboard-input")
    expect(box).to_be_visible()
    for command in ("show stats", "list runs", "help"):
        box.fill(command)
        box.press("Enter")
    shoot(page, "dashboard-desktop")
    run_rows = page.get_by_text("CVDDivergence", exact=False)
    expect(run_rows.first).to_be_visible()
    # A number is one run's in the whole account.
    box.fill("open run 1")
    box.press("Enter")
    expect(page.get_by_test_id("run-badge")).to_have_text("Run #1")
    page.get_by_test_id("dashboard-link").click()
    box.fill("compare crypto and nasdaq")
    box.press("Enter")
    expect(page.get_by_test_id("compare-table")).to_contain_text("NASDAQ-100")
    # A question asks which run it is about, and is asked there.
    box.fill("Why did it lose money?")
    box.press("Enter")
    page.get_by_test_id("which-run").get_by_role("button", name="Crypto, November 2025").click()
    expect(page.get_by_test_id("message-user").last).to_contain_text("Why did it lose money?")
    expect(page.get_by_test_id("message-assistant").last).to_contain_text("This run lost", timeout=ANSWER_MS)
    page.get_by_test_id("dashboard-link").click()
    box.fill("create model")
    box.press("Enter")
    expect(page.get_by_test_id("model-dialog")).to_be_visible()


def test_new_account_makes_a_model_imports_a_run_and_asks(page: Page, shoot: Shoot) -> None:
    page.goto("/")
    page.get_by_test_id("sign-in-switch").click()
    page.get_by_test_id("sign-in-email").fill(f"new-{uuid.uuid4().hex[:8]}@example.com")
    page.get_by_test_id("sign-in-password").fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    expect(page.get_by_test_id("dashboard-input")).to_be_visible(timeout=15_000)
    shoot(page, "empty-account-desktop")
    page.get_by_test_id("new-model-button").click()
    page.get_by_test_id("model-name").fill("Futures desk")
    page.get_by_test_id("model-chosen").click()
    page.locator('[data-testid="model-option"][data-model="offline/analyst"]').click()
    shoot(page, "new-model-desktop")
    page.get_by_test_id("model-save").click()
    expect(page.get_by_test_id("model-settings").first).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_test_id("import-button").first.click()
    page.get_by_test_id("import-file").set_input_files(str(DEMO_DIR / "freqtrade-cvddivergence.json"))
    page.get_by_test_id("import-submit").click()
    expect(page.get_by_test_id("import-report")).to_contain_text("137", timeout=ANSWER_MS)
    shoot(page, "imported-desktop")
    page.get_by_test_id("import-open-run").click()
    expect(page.get_by_test_id("run-badge")).to_have_text("Run #1")
    ask(page, "Compare long and short")
    wait_until_answered(page)
    expect(page.get_by_test_id("message-assistant").last).to_contain_text("short")
    shoot(page, "overview-desktop")


def test_key_is_stored_from_the_models_settings_and_never_shown(
    page: Page, model_run: tuple[str, str, int], shoot: Shoot
) -> None:
    email, _, _ = model_run
    sign_in(page, email)
    page.get_by_test_id("model-settings").first.click()
    expect(page.get_by_test_id("api-key-hint")).to_contain_text("0001")
    page.get_by_test_id("api-key-input").fill("not-a-real-key")
    page.get_by_test_id("api-key-save").click()
    expect(page.get_by_text("does not accept this key")).to_be_visible()
    page.get_by_test_id("api-key-input").fill("sk-or-v1-replaced-7777")
    page.get_by_test_id("api-key-save").click()
    expect(page.get_by_test_id("api-key-hint")).to_contain_text("7777")
    shoot(page, "model-settings-desktop")
    assert "sk-or-v1-replaced" not in page.content()
    stored = page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "sk-or-v1" not in stored


def test_everything_is_usable_on_a_phone(page: Page, demo: Account, shoot: Shoot) -> None:
    page.set_viewport_size(SIZES["phone"])
    page.goto("/")
    expect(page.get_by_test_id("demo-button")).to_be_visible()
    shoot(page, "sign-in-phone")
    page.get_by_test_id("demo-button").click()
    expect(page.get_by_test_id("dashboard-input")).to_be_visible(timeout=15_000)
    shoot(page, "dashboard-phone")
    run = losing_run(demo)
    page.goto(f"/?run={run['id']}")
    expect(page.get_by_test_id("chat-input")).to_be_visible(timeout=15_000)
    page.get_by_test_id("new-conversation").click()
    ask(page, WHY)
    expect(page.get_by_test_id("message-assistant").last).to_contain_text("This run lost", timeout=ANSWER_MS)
    shoot(page, "streaming-phone")
    page.get_by_test_id("stop-button").click()
    expect(page.get_by_test_id("stopped-note")).to_be_visible()
    shoot(page, "stopped-phone")
    ask(page, "Suggest rules that would have avoided the losses")
    wait_until_answered(page)
    button = page.get_by_test_id("copy-button").first
    button.scroll_into_view_if_needed()
    button.click()
    expect(button).to_contain_text("Copied")
    shoot(page, "copied-phone")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, "the page must not scroll sideways"
    page.get_by_test_id("tab-overview").click()
    expect(page.get_by_test_id("equity-sketch").get_by_test_id("sketch-mark").first).to_be_visible()
    shoot(page, "overview-phone")
    page.get_by_role("button", name="Look closer").click()
    chart = page.get_by_test_id("equity-chart")
    expect(chart.locator("canvas").first).to_be_visible(timeout=ANSWER_MS)
    expect(page.locator(":focus").get_by_test_id("equity-chart")).to_be_visible()
    chart.get_by_text("As a table").click()
    expect(chart.locator("details").get_by_role("row").nth(1)).to_contain_text(str(run["currency"]))
    shoot(page, "overview-closer-phone")
    page.get_by_test_id("tab-chat").click()
    page.get_by_test_id("history-button").click()
    expect(page.get_by_test_id("session-item").first).to_be_visible()
    shoot(page, "history-phone")


def rgb_of(locator: object, prop: str, *, typed: str | None = None, page: Page | None = None) -> tuple[int, ...]:
    """A computed colour; oklch and other spaces are turned into sRGB by drawing them."""
    if typed and page:
        page.get_by_test_id("chat-input").fill(typed)
    script = """(node, prop) => {
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 1;
        const pen = canvas.getContext('2d');
        pen.fillStyle = getComputedStyle(node)[prop];
        pen.fillRect(0, 0, 1, 1);
        return Array.from(pen.getImageData(0, 0, 1, 1).data).slice(0, 3);
    }"""
    return tuple(locator.evaluate(script, prop))  # type: ignore[attr-defined]
