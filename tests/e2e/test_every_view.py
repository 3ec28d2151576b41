"""What has to hold on every view of the page: axe finds nothing, nothing scrolls sideways, nobody else is asked."""

import pytest
from playwright.sync_api import Browser

from tests.e2e.axe import violations
from tests.e2e.views import VIEWS, Reader, opened, prepare
from tests.product import Account, Product

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def reader(browser: Browser, product: Product, demo: Account) -> Reader:
    return prepare(browser, product, demo)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_wrong(view: str, theme: str, width: int, browser: Browser, reader: Reader) -> None:
    with opened(browser, view, reader, width=width, theme=theme) as page:
        assert page.locator("html").get_attribute("data-theme") == theme
        assert violations(page) == []


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("width", [360, 2560])
def test_nothing_scrolls_sideways(view: str, width: int, browser: Browser, reader: Reader) -> None:
    with opened(browser, view, reader, width=width) as page:
        for direction in ("ltr", "rtl"):
            page.evaluate("direction => document.documentElement.dir = direction", direction)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, direction
