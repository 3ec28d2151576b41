"""What has to hold on every view of the page: axe finds nothing, nothing scrolls sideways, nobody else is asked."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.axe import violations
from tests.e2e.views import VIEWS, Walk, prepare
from tests.support.product import Account, Product

pytestmark = pytest.mark.e2e

PHONE = 390
# Each view in two looks that share neither width nor theme; CI takes one.
LOOKS = [
    pytest.param(width, theme, view, marks=marks)
    for width, theme, marks in ((1280, "dark", [pytest.mark.long]), (PHONE, "light", []))
    for view in VIEWS
]


@pytest.fixture(scope="module")
def walk(browser: Browser, product: Product, demo: Account) -> Iterator[Walk]:
    """Signed in once for all views."""
    walk = Walk(browser, prepare(browser, product, demo))
    yield walk
    walk.end()


@pytest.mark.parametrize(("width", "theme", "view"), LOOKS)
def test_axe_finds_nothing_wrong_and_nothing_scrolls_sideways(
    width: int, theme: str, view: str, walk: Walk, shoot: Callable[[Page, str], None]
) -> None:
    page = walk.to(view, width=width, theme=theme)
    shoot(page, f"view-{view}-{width}-{theme}")
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    assert violations(page) == []
    # The view is there already; opening each once more would take half a minute.
    if width == PHONE:
        assert scrolls_sideways(page, width=360) == []


def scrolls_sideways(page: Page, *, width: int) -> list[str]:
    """The directions of writing in which the page is wider than this."""
    page.set_viewport_size({"width": width, "height": 844})
    wide = []
    for direction in ("ltr", "rtl"):
        page.evaluate("direction => document.documentElement.dir = direction", direction)
        # What follows the size of its box is drawn anew in the next frame.
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(direction)
    return wide
