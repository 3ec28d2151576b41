"""What the page costs while an answer of 5,000 tokens with code and tables streams into it, in Chromium.

    python -m tests.bench.page

Scripting and all main-thread time per token come from the browser's own counters (CDP `Performance.getMetrics`), tasks
over 50 ms from its Long Tasks API. The built page is needed: `make page`.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from backend.server.demo import DEMO_DIR
from tests.e2e.conftest import ARGUMENTS, MISSING, chromium_path
from tests.support.fakes.openrouter import FakeOpenRouter, Turn
from tests.support.product import PASSWORD, Product, running_product

TOKENS = 5_000
DELAY_S = 0.004
SETTLE_MS = 3_000
LONG_TASK_MS = 50
LAST = "This is the end."
PART = """## Part {n}

The run **lost** in part {n}: the stop was hit *before* the target, as trade #{n} shows. See `exit_tag` for why.

| symbol | trades | net | win rate |
|:--|--:|--:|--:|
| BTC/USDT | {n} | -12.50 | 40 % |
| ETH/USDT | 7 | 3.25 | 55 % |

```python
def allow_entry(at, symbol):
    if at.hour in (13, 14) and symbol == "BTC/USDT":
        return False  # part {n}
    return True
```

1. Trade less in the afternoon.
2. Keep the stop where it is.

"""


def answer_in_tokens() -> list[str]:
    """About four letters a token, as tokenizers of English cut."""
    text = ""
    for n in range(1, 1000):
        if len(text) > TOKENS * 4:
            break
        text += PART.format(n=n)
    text = text[: TOKENS * 4 - len(LAST) - 8].rsplit("## ", 1)[0] + LAST
    return [text[at : at + 4] for at in range(0, len(text), 4)]


def seconds(session: CDPSession) -> dict[str, float]:
    found = session.send("Performance.getMetrics")["metrics"]
    return {metric["name"]: metric["value"] for metric in found if metric["name"].endswith("Duration")}


def open_chat(page: Page, product: Product) -> None:
    email = f"bench-{uuid.uuid4().hex[:8]}@example.com"
    account = product.account(email)
    model_id = account.add_model("acme/analyst-1", "Bench")
    account.http.put(f"/api/models/{model_id}/api-key", json={"api_key": "sk-or-v1-bench"})
    account.import_file(model_id, DEMO_DIR / "ai-trader-crypto-claude-3.7-sonnet.zip")
    page.goto(product.base_url)
    page.get_by_test_id("sign-in-email").fill(email)
    page.get_by_test_id("sign-in-password").fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    page.get_by_test_id("run-item").first.click()
    page.get_by_test_id("chat-input").wait_for()


@contextmanager
def counting_long_tasks(session: CDPSession, page: Page, of: str) -> Iterator[None]:
    """Prints how many tasks of the busiest page thread took over 50 ms, by the clock and by CPU time."""
    events: list[dict[str, Any]] = []
    ended: list[object] = []
    session.on("Tracing.dataCollected", lambda part: events.extend(part["value"]))
    # Playwright keeps a note on the function it is given, which a built-in has no room for.
    session.on("Tracing.tracingComplete", lambda event: ended.append(event))  # noqa: PLW0108
    session.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": {"includedCategories": ["toplevel"]}})
    yield
    session.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(50)
    threads = {
        (event["pid"], event["tid"]) for event in events if event.get("args", {}).get("name") == "CrRendererMain"
    }
    tasks: dict[tuple[int, int], list[dict[str, Any]]] = {thread: [] for thread in threads}
    for event in events:
        thread = event["pid"], event["tid"]
        if thread in threads and event["ph"] == "X" and event["name"].endswith("RunTask"):
            tasks[thread].append(event)
    busiest = max(tasks.values(), key=len)
    for clock, field in (("the clock", "dur"), ("CPU time", "tdur")):
        took = [task.get(field, 0) / 1000 for task in busiest]
        long = sum(each > LONG_TASK_MS for each in took)
        print(f"{of}: {long} tasks over {LONG_TASK_MS} ms by {clock}, the longest {max(took):.0f} ms")


def measure_stream(page: Page, session: CDPSession, tokens: list[str]) -> None:
    # CPU time of the main thread: what else runs on the machine does not count.
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    # Whoever writes a question takes longer than the page needs to fetch what an answer is read and drawn with.
    page.get_by_test_id("chat-input").fill("At length, please")
    page.wait_for_timeout(SETTLE_MS)
    before = seconds(session)
    with counting_long_tasks(session, page, "streaming"):
        page.get_by_test_id("chat-input").press("Enter")
        page.locator("[data-testid=message-assistant][data-status=done]").wait_for(timeout=300_000)
        page.wait_for_timeout(SETTLE_MS)
    spent = {name: value - before[name] for name, value in seconds(session).items()}
    count = len(tokens)
    print(f"{count} tokens of {sum(map(len, tokens)) / count:.1f} letters")
    for name in ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration", "TaskDuration"):
        print(f"{name:22} {spent[name] * 1000 / count:7.3f} ms per token  {spent[name]:7.2f} s")


def measure_opening(page: Page, session: CDPSession) -> None:
    """From another view of the same page, so that what is counted is the answer and not the page's own start."""
    page.get_by_test_id("new-conversation").click()
    page.get_by_test_id("message-assistant").wait_for(state="detached")
    page.wait_for_timeout(SETTLE_MS)
    with counting_long_tasks(session, page, "opening the saved answer"):
        page.go_back()
        page.get_by_text(LAST).wait_for(timeout=60_000)
        page.wait_for_timeout(SETTLE_MS)


def main() -> None:
    """Stream one long answer and print what it cost."""
    tokens = answer_in_tokens()
    with (
        FakeOpenRouter() as openrouter,
        tempfile.TemporaryDirectory() as home,
        running_product(Path(home), OPENROUTER_BASE_URL=openrouter.base_url) as product,
        sync_playwright() as playwright,
    ):
        path = chromium_path(playwright)
        if path is None:
            raise SystemExit(MISSING)
        page = playwright.chromium.launch(executable_path=path, args=ARGUMENTS).new_page()
        open_chat(page, product)
        openrouter.script(Turn(text=tokens, delay=DELAY_S))
        # What the run's first view draws is no part of the answer.
        page.wait_for_timeout(SETTLE_MS)
        session = page.context.new_cdp_session(page)
        measure_stream(page, session, tokens)
        measure_opening(page, session)


if __name__ == "__main__":
    main()
