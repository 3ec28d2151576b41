"""Every view of the page and how one gets there, for the tests that hold for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page, StorageState, ViewportSize, expect

from tests.support.product import Account, Product

READY_MS = 20_000


@dataclass(frozen=True)
class Reader:
    """An account with runs and a saved conversation, and the browser storage of its signed-in page."""

    product: Product
    storage: StorageState
    run_id: int
    session_id: int
    share_path: str


Open = Callable[[Page, Reader], None]


def _dashboard(page: Page, reader: Reader) -> None:
    page.goto("/")
    expect(page.get_by_test_id("run-table")).to_be_visible(timeout=READY_MS)


def _run(page: Page, reader: Reader) -> None:
    page.goto(f"/?run={reader.run_id}&session={reader.session_id}")
    expect(page.get_by_test_id("message-assistant").last).to_contain_text("This run lost", timeout=READY_MS)


def _overview(page: Page, reader: Reader) -> None:
    page.goto(f"/?run={reader.run_id}&session={reader.session_id}&tab=overview")
    # On a phone a sketch comes first.
    curve = page.get_by_test_id("equity-chart").locator("canvas").or_(page.get_by_test_id("equity-sketch"))
    expect(curve.first).to_be_visible(timeout=READY_MS)


def _history(page: Page, reader: Reader) -> None:
    _run(page, reader)
    page.get_by_test_id("history-button").click()
    expect(page.get_by_test_id("session-item").first).to_be_visible()


def _conversations(page: Page, reader: Reader) -> None:
    _dashboard(page, reader)
    page.keyboard.press("h")
    expect(page.get_by_test_id("session-item").first).to_be_visible(timeout=READY_MS)


def _sharing(page: Page, reader: Reader) -> None:
    _history(page, reader)
    page.get_by_test_id("session-share").first.click()
    expect(page.get_by_test_id("share-item").first).to_be_visible(timeout=READY_MS)


def _keys(page: Page, reader: Reader) -> None:
    _dashboard(page, reader)
    page.keyboard.press("?")
    expect(page.get_by_test_id("keys-dialog")).to_be_visible(timeout=READY_MS)


def _share(page: Page, reader: Reader) -> None:
    page.goto(reader.share_path)
    expect(page.get_by_test_id("document-assistant")).to_contain_text("This run lost", timeout=READY_MS)
    expect(page.get_by_test_id("document-assistant").locator(".figure-mark").first).to_be_visible(timeout=READY_MS)


def _print(page: Page, reader: Reader) -> None:
    page.goto(f"/print?session={reader.session_id}")
    expect(page.get_by_test_id("document-assistant")).to_contain_text("This run lost", timeout=READY_MS)
    expect(page.get_by_test_id("document-assistant").locator(".figure-mark").first).to_be_visible(timeout=READY_MS)


def _comparison(page: Page, reader: Reader) -> None:
    _dashboard(page, reader)
    page.get_by_test_id("command-chip").filter(has_text="compare").click()
    expect(page.get_by_test_id("compare-table")).to_be_visible(timeout=READY_MS)
    expect(page.get_by_test_id("overlay-chart").locator("canvas").first).to_be_visible(timeout=READY_MS)


def _sign_in(page: Page, reader: Reader) -> None:
    page.goto("/")
    expect(page.get_by_test_id("demo-button")).to_be_visible(timeout=READY_MS)


def _command(text: str, shows: str) -> Open:
    def open_answer(page: Page, reader: Reader) -> None:
        _dashboard(page, reader)
        page.get_by_test_id("dashboard-input").fill(text)
        page.keyboard.press("Enter")
        expect(page.get_by_test_id(shows).last).to_be_visible(timeout=READY_MS)

    return open_answer


VIEWS: dict[str, Open] = {
    "sign-in": _sign_in,
    "dashboard": _dashboard,
    "stats": _command("show stats", "stats-grid"),
    "models": _command("list models", "model-cards"),
    "help": _command("help", "command-help"),
    "comparison": _comparison,
    "keys": _keys,
    "chat": _run,
    "overview": _overview,
    "history": _history,
    "conversations": _conversations,
    "sharing": _sharing,
    "share": _share,
    "print": _print,
    "new-model": _command("create model", "model-dialog"),
    "import": _command("import", "import-dialog"),
}


_SIGNED_OUT = {"sign-in", "share"}


class Walk:
    """Opens view after view, each in a new page; those of one width and theme share a browser context and its cache."""

    def __init__(self, browser: Browser, reader: Reader) -> None:
        self._browser, self._reader = browser, reader
        self._contexts: dict[tuple[int, str, bool], BrowserContext] = {}

    def to(self, view: str, *, width: int, theme: str = "dark", height: int = 844) -> Page:
        """The view, signed in or out as it has to be; the page before it is closed."""
        look = (width, theme, view in _SIGNED_OUT)
        if look not in self._contexts:
            size: ViewportSize = {"width": width, "height": height}
            storage = None if view in _SIGNED_OUT else self._reader.storage
            fresh = self._browser.new_context(
                viewport=size, base_url=self._reader.product.base_url, storage_state=storage
            )
            fresh.add_init_script(f"localStorage.setItem('rundown-theme', '{theme}')")
            self._contexts[look] = fresh
        context = self._contexts[look]
        for left in context.pages:
            left.close()
        page = context.new_page()
        VIEWS[view](page, self._reader)
        return page

    def end(self) -> None:
        for context in self._contexts.values():
            context.close()


def prepare(browser: Browser, product: Product, account: Account) -> Reader:
    """Sign the demo account in, with one conversation about its worst run."""
    models = account.get("/api/models")["items"]
    runs = [run for model in models for run in account.get(f"/api/models/{model['id']}/runs")["items"]]
    run = min(runs, key=lambda each: each["summary"]["total_return"])
    events = account.ask(f"/api/models/{run['model_id']}/runs/{run['id']}", "Why did this run lose money?")
    shared = account.post(f"/api/chat-sessions/{events[-1]['session_id']}/shares", {})
    context = browser.new_context(base_url=product.base_url)
    page = context.new_page()
    page.goto("/")
    page.get_by_test_id("demo-button").click()
    expect(page.get_by_test_id("run-item").first).to_be_visible(timeout=READY_MS)
    storage = context.storage_state()
    context.close()
    return Reader(product, storage, run["id"], events[-1]["session_id"], shared["path"])
