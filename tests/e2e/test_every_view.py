"""What has to hold on every view of the page: axe finds nothing, nothing scrolls sideways, nobody else is asked."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.axe import violations
from tests.e2e.views import VIEWS, Walk, prepare
from tests.product import Account, Product

pytestmark = pytest.mark.e2e

# Each view in two looks that share neither width nor theme.
LOOKS = [(width, theme, view) for width, theme in ((1280, "dark"), (390, "light")) for view in VIEWS]


@pytest.fixture(scope="module")
def walk(browser: Browser, product: Product, demo: Account) -> Iterator[Walk]:
    """Signed in once for all views."""
    walk = Walk(browser, prepare(browser, product, demo))
    yield walk
    walk.end()


@pytest.mark.parametrize(("width", "theme", "view"), LOOKS)
def test_axe_finds_nothing_wrong(
    width: int, theme: str, view: str, walk: Walk, shoot: Callable[[Page, str], None]
) -> None:
    page = walk.to(view, width=width, theme=theme)
    shoot(page, f"view-{view}-{width}-{theme}")
    assert page.locator("html").get_attribute("data-theme") == theme
    assert violations(page) == []


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_scrolls_sideways(view: str, walk: Walk) -> None:
    width = 360
    page = walk.to(view, width=width)
    for direction in ("ltr", "rtl"):
        page.evaluate("direction => document.documentElement.dir = direction", direction)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, direction
