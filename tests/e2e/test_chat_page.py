"""The chat in Chromium on the built page: versions, evidence, pictures, stopping, drafts, scrolling."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from backend.server.demo import DEMO_DIR
from tests.e2e.conftest import SIZES
from tests.support.fakes.openrouter import Call, FakeOpenRouter, Refusal, Turn
from tests.support.product import PASSWORD, Account, Product

pytestmark = pytest.mark.e2e

Shoot = Callable[[Page, str], None]
ANSWER_MS = 30_000
SLOW = Turn(text=["The run lost money because of **position size**. "] * 200, delay=0.03)
ANALYSE = Turn(tool_calls=[Call("analyze_trades", {"filter_type": "all"}, id="call_analyse")])
SUGGEST = Turn(tool_calls=[Call("suggest_rules", {"problem": "losses"}, id="call_suggest")])
MEASURE = Turn(tool_calls=[Call("calculate_metrics", {"metric_type": "all"}, id="call_measure")])


@pytest.fixture
def desk(product: Product) -> Account:
    """A new account with one run of a model at the provider."""
    account = product.account(f"desk-{uuid.uuid4().hex[:8]}@example.com")
    model_id = account.add_model("acme/analyst-1", "Acme desk")
    account.http.put(f"/api/models/{model_id}/api-key", json={"api_key": "sk-or-v1-e2e-key-0001"})
    run = account.import_file(model_id, DEMO_DIR / "ai-trader-crypto-claude-3.7-sonnet.zip")["run"]
    account.run = f"/api/models/{model_id}/runs/{run['id']}"  # type: ignore[attr-defined]
    return account


def run_of(desk: Account) -> str:
    return str(desk.run)  # type: ignore[attr-defined]


@pytest.fixture
def chat(page: Page, desk: Account, openrouter: FakeOpenRouter) -> Page:
    """The run's chat, signed in."""
    openrouter.reset()
    page.goto("/")
    page.get_by_test_id("sign-in-email").fill(desk.get("/auth/v1/user")["email"])
    page.get_by_test_id("sign-in-password").fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    page.get_by_test_id("run-item").first.click(timeout=15_000)
    expect(page.get_by_test_id("chat-input")).to_be_visible(timeout=15_000)
    return page


def ask(page: Page, question: str) -> None:
    page.get_by_test_id("chat-input").fill(question)
    page.get_by_test_id("chat-input").press("Enter")


def answered(page: Page, text: str) -> Locator:
    answer = page.get_by_test_id("message-assistant").last
    expect(answer).to_contain_text(text, timeout=ANSWER_MS)
    expect(page.get_by_test_id("send-button")).to_be_visible(timeout=ANSWER_MS)
    return answer


def net_pnl(desk: Account) -> float:
    value = desk.get(f"{run_of(desk)}/metrics")["figures"]["net_pnl"]["value"]
    assert isinstance(value, float)
    return value


def test_answers_and_questions_have_versions_that_survive_a_reload(
    chat: Page, openrouter: FakeOpenRouter, shoot: Shoot
) -> None:
    openrouter.script(*(Turn(text=[f"Answer {number}."]) for number in range(1, 5)))
    ask(chat, "First question")
    answered(chat, "Answer 1.")
    chat.get_by_test_id("regenerate").click()
    answer = answered(chat, "Answer 2.")
    expect(answer.get_by_test_id("version-switch")).to_have_text("2/2")
    answer.get_by_role("button", name="Previous version").click()
    answer = answered(chat, "Answer 1.")
    ask(chat, "A follow-up")
    answered(chat, "Answer 3.")
    told = [m["content"] for m in openrouter.chats[2].body["messages"] if m["role"] != "system"]
    assert told == ["First question", "Answer 1.", "A follow-up"], "the model is told of the branch that is shown"

    chat.get_by_test_id("message-user").first.hover()
    chat.get_by_test_id("edit-question").first.click()
    editor = chat.get_by_test_id("question-editor")
    expect(editor).to_be_focused()
    editor.fill("First question, put better")
    editor.press("Enter")
    answered(chat, "Answer 4.")
    expect(chat.get_by_test_id("message-user")).to_have_count(1)
    expect(chat.get_by_test_id("version-switch").first).to_have_text("2/2")
    shoot(chat, "versions-desktop")

    chat.reload()
    answered(chat, "Answer 4.")
    chat.get_by_role("button", name="Previous version").first.click()
    answered(chat, "Answer 3.")
    expect(chat.get_by_test_id("message-user")).to_have_text(["First question", "A follow-up"])


def test_a_figure_opens_its_definition_and_its_trades_on_the_equity(
    chat: Page, desk: Account, openrouter: FakeOpenRouter, shoot: Shoot
) -> None:
    net = net_pnl(desk)
    worst = desk.get(f"{run_of(desk)}/analysis", filter_type="all")["worst_trades"][0]
    text = f"Net P&L was {net:.2f}; trade #{worst['trade_id']} alone made {worst['net_pnl']:.2f}. A made-up 987654.32."
    openrouter.script(ANALYSE, MEASURE, Turn(text=[text]))
    ask(chat, "What did it lose?")
    answer = answered(chat, "made-up")
    marks = answer.get_by_test_id("figure-mark")
    expect(marks.last).to_have_attribute("data-status", "unverified")
    shapes = marks.evaluate_all(
        "nodes => nodes.map(node => [node.dataset.status, getComputedStyle(node, '::after').content[1]])"
    )
    assert ["unverified", "?"] in shapes, "a doubt has a shape, and not colour alone"
    assert {shape for status, shape in shapes if status == "verified"}.isdisjoint("✓?≠≈"), "what is sure has no mark"

    marks.filter(has_text=re.compile(f"{worst['net_pnl']:.2f}".replace("-", "[-−]"))).first.click()
    panel = chat.get_by_test_id("trades-panel")
    expect(panel.get_by_test_id("figure-origin").first).to_contain_text("Net P&L")
    expect(panel.get_by_test_id("trade-card")).to_have_attribute("data-trade-id", str(worst["trade_id"]))
    expect(panel.get_by_test_id("marked-equity")).to_be_visible()
    expect(panel.get_by_test_id("trade-mark")).to_have_count(1)
    shoot(chat, "evidence-desktop")
    panel.get_by_test_id("ask-about-evidence").click()
    expect(panel).to_be_hidden()
    expect(chat.get_by_test_id("chat-input")).to_have_value(re.compile("Where does .* come from"))
    expect(chat.get_by_test_id("chat-input")).to_be_focused()

    marks.last.click()
    expect(chat.get_by_test_id("trades-panel")).to_contain_text("No tool result of this conversation holds this number")


def test_tool_results_are_drawn_with_tables_behind_them(chat: Page, openrouter: FakeOpenRouter, shoot: Shoot) -> None:
    openrouter.script(ANALYSE, MEASURE, Turn(text=["Drawn."]))
    ask(chat, "Show me")
    answer = answered(chat, "Drawn.")
    bridge = answer.get_by_test_id("bridge-waterfall")
    expect(bridge.get_by_role("row", name=re.compile("Gross P&L"))).to_be_visible()
    shoot(chat, "bridge-desktop")
    bridge.get_by_role("button", name="Symbol").click()
    expect(bridge.get_by_role("row", name=re.compile("BTC"))).to_be_visible()
    answer.get_by_test_id("exhibit-hours").click()
    expect(answer.get_by_test_id("heat-cell").first).to_be_visible()
    answer.get_by_text("As a table").click()
    expect(answer.get_by_role("columnheader", name="Win rate").first).to_be_visible()
    shoot(chat, "heat-desktop")
    answer.get_by_test_id("heat-cell").first.click()
    expect(chat.get_by_test_id("trade-card").first).to_be_visible()
    chat.keyboard.press("Escape")
    answer.get_by_test_id("exhibit-drawdown").click()
    expect(answer.get_by_test_id("under-water")).to_contain_text("from the peak")
    shoot(chat, "drawdown-desktop")
    answer.get_by_test_id("exhibit-worst").click()
    expect(answer.get_by_test_id("trade-link").first).to_be_visible()


def test_a_rule_shows_its_replay_is_copied_and_adopted_once(
    chat: Page, desk: Account, openrouter: FakeOpenRouter, shoot: Shoot
) -> None:
    openrouter.script(SUGGEST, Turn(text=["Rules."]))
    ask(chat, "What should I change?")
    answer = answered(chat, "Rules.")
    card = answer.get_by_test_id("rule-card").filter(has=chat.get_by_test_id("adopt-rule")).first
    expect(card.get_by_test_id("rule-verdict")).to_be_visible()
    expect(card.get_by_test_id("rule-replay")).to_contain_text("before")
    shoot(chat, "rules-desktop")
    card.get_by_role("button", name="Copy code").click()
    expect(card.get_by_role("button", name="Copied")).to_be_visible()
    compile(chat.evaluate("navigator.clipboard.readText()"), "pasted", "exec")
    card.get_by_test_id("adopt-rule").click()
    expect(card.get_by_test_id("adopt-rule")).to_have_text("Adopted")
    name = card.get_by_role("heading").inner_text()
    expect(answer.get_by_test_id("adopted-rules")).to_contain_text(name)
    adopted: list[dict[str, Any]] = desk.get(f"{run_of(desk).split('/runs')[0]}/rules")["items"]
    assert [rule["name"] for rule in adopted] == [name]
    chat.reload()
    expect(chat.get_by_test_id("adopt-rule").first).to_have_text("Adopted", timeout=ANSWER_MS)
    for one in chat.get_by_test_id("rule-card").all():
        deserved = one.get_by_test_id("rule-verdict").inner_text() in {"holds", "fragile"}
        assert deserved or one.get_by_test_id("adopt-rule").count() == 0


def test_escape_stops_and_keep_saves_beside_the_older_answer(
    chat: Page, desk: Account, openrouter: FakeOpenRouter, shoot: Shoot
) -> None:
    openrouter.script(Turn(text=["All of it."]), SLOW)
    ask(chat, "Why?")
    answered(chat, "All of it.")
    chat.get_by_test_id("regenerate").click()
    expect(chat.get_by_test_id("message-assistant").last).to_contain_text("position size", timeout=ANSWER_MS)
    chat.get_by_test_id("chat-input").press("Escape")
    expect(chat.get_by_test_id("stopped-note")).to_have_text("Stopped — not saved")
    openrouter.wait_for_disconnect()
    shoot(chat, "stopped-desktop")
    chat.get_by_test_id("keep-button").click()
    expect(chat.get_by_test_id("stopped-note")).to_have_text("Stopped — kept")
    expect(chat.get_by_test_id("version-switch")).to_have_text("2/2")
    messages = desk.get(f"{run_of(desk)}/chat-history")["messages"]
    assert [message["stopped"] for message in messages] == [False, True]
    chat.get_by_role("button", name="Previous version").click()
    answered(chat, "All of it.")


def test_an_answer_is_read_from_its_first_line(chat: Page, openrouter: FakeOpenRouter) -> None:
    openrouter.script(Turn(text=[f"Line {n}.\n\n" for n in range(60)]))
    ask(chat, "Earlier")
    answered(chat, "Line 59.")
    openrouter.script(Turn(text=[f"Row {n}.\n\n" for n in range(60)], delay=0.01))
    ask(chat, "At length, please")
    answered(chat, "Row 59.")
    question = chat.get_by_test_id("message-user").last
    expect(question).to_be_in_viewport()
    expect(chat.get_by_text("Row 0.", exact=True)).to_be_in_viewport()
    expect(chat.get_by_text("Row 59.", exact=True)).not_to_be_in_viewport()
    expect(chat.get_by_test_id("jump-to-newest")).to_have_text("To the end")

    chat.reload()
    answered(chat, "Row 59.")
    expect(chat.get_by_test_id("message-user").last).to_be_in_viewport()
    expect(chat.get_by_text("Row 0.", exact=True)).to_be_in_viewport()
    chat.get_by_test_id("jump-to-newest").click()
    expect(chat.get_by_text("Row 59.", exact=True)).to_be_in_viewport()


def test_scrolling_up_is_left_alone_until_the_reader_returns(chat: Page, openrouter: FakeOpenRouter) -> None:
    openrouter.script(Turn(text=[f"Line {n}.\n\n" for n in range(150)], delay=0.03))
    ask(chat, "At length, please")
    scroll = chat.get_by_test_id("chat-scroll")
    chat.wait_for_function(
        "() => { const box = document.querySelector('[data-testid=chat-scroll]'); "
        "return box.scrollHeight > box.clientHeight * 1.5 }"
    )
    scroll.hover()
    chat.mouse.wheel(0, -400)
    jump = chat.get_by_test_id("jump-to-newest")
    expect(jump).to_be_visible()
    at = scroll.evaluate("box => box.scrollTop")
    height = scroll.evaluate("box => box.scrollHeight")
    chat.wait_for_function(
        "height => document.querySelector('[data-testid=chat-scroll]').scrollHeight > height + 60", arg=height
    )
    assert scroll.evaluate("box => box.scrollTop") == at, "new text does not move what is being read"
    jump.click()
    expect(jump).to_be_hidden()
    answered(chat, "Line 149.")
    assert scroll.evaluate("box => box.scrollHeight - box.clientHeight - box.scrollTop") < 60


def test_a_draft_is_kept_for_its_run(chat: Page) -> None:
    chat.get_by_test_id("chat-input").fill("Half a question")
    chat.get_by_test_id("dashboard-link").click()
    expect(chat.get_by_test_id("chat-input")).to_be_hidden()
    chat.get_by_test_id("run-item").first.click()
    expect(chat.get_by_test_id("chat-input")).to_have_value("Half a question")
    chat.reload()
    expect(chat.get_by_test_id("chat-input")).to_have_value("Half a question", timeout=15_000)


def test_reasoning_is_folded_and_costs_are_stated(chat: Page, openrouter: FakeOpenRouter) -> None:
    thought = Turn(reasoning=["First I look ", "at the trades."], text=["Done."], cost=0.25)
    openrouter.script(thought, Turn(text=["More."], cost=0.5))
    ask(chat, "Why?")
    answer = answered(chat, "Done.")
    expect(answer.get_by_text("First I look")).to_be_hidden()
    answer.get_by_text("Reasoning").click()
    expect(answer.get_by_text("First I look at the trades.")).to_be_visible()
    expect(answer.get_by_test_id("usage")).to_contain_text("$0.25")
    ask(chat, "And?")
    answered(chat, "More.")
    expect(chat.get_by_test_id("session-usage")).to_contain_text("$0.75")
    chat.reload()
    expect(chat.get_by_test_id("session-usage")).to_contain_text("$0.75", timeout=15_000)


@pytest.mark.parametrize(
    ("turn", "code"),
    [
        (Turn(refusal=Refusal(402, "Insufficient credits")), "insufficient_credits"),
        (Turn(refusal=Refusal(429, "Slow down", retry_after=7)), "rate_limited"),
    ],
)
def test_a_failure_says_what_to_do_and_its_question_can_be_put_again(
    chat: Page, openrouter: FakeOpenRouter, shoot: Shoot, turn: Turn, code: str
) -> None:
    openrouter.script(*[turn] * 8)
    ask(chat, "Why?")
    card = chat.get_by_test_id("error-card")
    expect(card).to_have_attribute("data-code", code, timeout=ANSWER_MS)
    shoot(chat, f"error-{code}-desktop")
    openrouter.script(Turn(text=["Better now."]))
    chat.get_by_test_id("regenerate").click()
    answered(chat, "Better now.")
    expect(card).to_be_hidden()
    expect(chat.get_by_test_id("message-user")).to_have_count(1)


def test_evidence_is_a_sheet_from_below_on_a_phone(
    chat: Page, desk: Account, openrouter: FakeOpenRouter, shoot: Shoot
) -> None:
    chat.set_viewport_size(SIZES["phone"])
    chat.emulate_media(reduced_motion="reduce")
    openrouter.script(MEASURE, Turn(text=[f"Net P&L was {net_pnl(desk):.2f}."]))
    ask(chat, "What did it lose?")
    answer = answered(chat, "Net P&L was")
    answer.get_by_test_id("figure-mark").first.click()
    panel = chat.get_by_test_id("trades-panel")
    expect(panel).to_be_visible()
    # Even a movement of no length begins where it begins: its first frame may be the one that is measured.
    panel.evaluate("panel => Promise.all(panel.getAnimations({ subtree: true }).map(one => one.finished))")
    box = panel.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    assert box["y"] > 100
    assert abs(box["y"] + box["height"] - 844) < 2
    shoot(chat, "evidence-phone")
    assert chat.evaluate("document.documentElement.scrollWidth") <= 390
    # What was asked for is what stands still: the same elements move for those who did not ask.
    assert max(_seconds_of_movement(chat)) < 0.001
    chat.emulate_media(reduced_motion="no-preference")
    assert min(_seconds_of_movement(chat)) > 0.1


def _seconds_of_movement(page: Page) -> list[float]:
    """How long the evidence takes to come in, and a button to change its colour."""
    return [
        float(page.get_by_test_id(name).evaluate(f"one => getComputedStyle(one).{kind}Duration").removesuffix("s"))
        for name, kind in (("trades-panel", "animation"), ("history-button", "transition"))
    ]
