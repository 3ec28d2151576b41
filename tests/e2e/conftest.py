"""The product with its built page, and a Chromium to look at it with."""

import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.support.fakes.openrouter import FakeOpenRouter
from tests.support.product import REPOSITORY, Account, Product, running_product

MISSING = (
    "NO BROWSER: the end-to-end tests are skipped. Install Chromium (Debian: apt-get install chromium) "
    "or name one with CHROMIUM_PATH."
)
# As root Chromium's sandbox can't work; the rest keeps it from calling home from a machine without a network.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}


def chromium_path(playwright: Playwright) -> str | None:
    candidates = (os.environ.get("CHROMIUM_PATH"), "/usr/bin/chromium", playwright.chromium.executable_path)
    return next((path for path in candidates if path and Path(path).is_file()), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = chromium_path(playwright)
        if path is None:
            if os.environ.get("RUNDOWN_REQUIRE_BROWSER"):
                pytest.fail(MISSING)
            warnings.warn(MISSING, stacklevel=1)
            pytest.skip(MISSING)
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory, openrouter: FakeOpenRouter) -> Iterator[Product]:
    assert (REPOSITORY / "frontend-v2" / "out" / "index.html").is_file(), "build the page first: make test does"
    with running_product(tmp_path_factory.mktemp("home"), OPENROUTER_BASE_URL=openrouter.base_url) as product:
        yield product


@pytest.fixture(scope="session")
def demo(product: Product) -> Account:
    return product.demo()


@pytest.fixture
def context(browser: Browser, product: Product) -> Iterator[BrowserContext]:
    """A fresh visitor on a desktop; every request to another origin is a failure."""
    context = browser.new_context(
        viewport=SIZES["desktop"], permissions=["clipboard-read", "clipboard-write"], base_url=product.base_url
    )
    strays: list[str] = []
    context.on(
        "request",
        lambda request: (
            strays.append(request.url) if not request.url.startswith((product.base_url, "data:", "blob:")) else None
        ),
    )
    yield context
    context.close()
    assert not strays


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page whose console must stay free of errors."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda message: (
            errors.append(message.text)
            if message.type == "error" and "Content Security Policy" in message.text
            else None
        ),
    )
    yield page
    assert not errors


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """Keeps a screenshot where RUNDOWN_SCREENSHOTS names a folder."""
    folder = os.environ.get("RUNDOWN_SCREENSHOTS")

    def take(page: Page, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(Path(folder) / f"{name}.png"), animations="disabled")

    return take
