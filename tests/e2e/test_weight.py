"""How much script each view loads, as the browser asks for it, and that nobody but the server is asked for anything."""

import gzip
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.views import VIEWS, Reader, prepare
from tests.support.product import REPOSITORY, Account, Product

pytestmark = pytest.mark.e2e

BUILT = REPOSITORY / "frontend-v2" / "out"
# Bytes of script, gzipped, at every width. Next and React are 110,000 of each; an answer brings the markdown renderer.
BUDGET = {"sign-in": 165_000, "dashboard": 180_000, "new chat": 180_000, "chat": 200_000, "share": 170_000}
# Of one file, as it is: a library that is fetched on demand may still come with all that it has.
LARGEST = 300_000
PHONE, DESKTOP = 390, 1280
# Beside the chat a desktop shows the run at a glance; the other views are the same at any width.
LOOKS = [(view, PHONE) for view in BUDGET] + [("new chat", DESKTOP), ("chat", DESKTOP)]


@pytest.fixture(scope="module")
def reader(browser: Browser, product: Product, demo: Account) -> Reader:
    return prepare(browser, product, demo)


def _new_chat(page: Page, reader: Reader) -> None:
    page.goto(f"/?run={reader.run_id}&session=new")
    expect(page.get_by_test_id("chat-input")).to_be_visible(timeout=20_000)


@pytest.mark.parametrize(("view", "width"), LOOKS)
def test_scripts_of_a_view_stay_within_its_budget(view: str, width: int, browser: Browser, reader: Reader) -> None:
    storage = None if view in {"sign-in", "share"} else reader.storage
    context = browser.new_context(
        viewport={"width": width, "height": 844}, base_url=reader.product.base_url, storage_state=storage
    )
    urls: list[str] = []
    context.on("request", lambda request: urls.append(request.url))
    page = context.new_page()
    (_new_chat if view == "new chat" else VIEWS[view])(page, reader)
    page.wait_for_load_state("networkidle")
    context.close()
    assert {urlsplit(url).netloc for url in urls if url.startswith("http")} == {
        urlsplit(reader.product.base_url).netloc
    }
    scripts = {urlsplit(url).path for url in urls if urlsplit(url).path.endswith(".js")}
    sizes = {path: len(gzip.compress((BUILT / path.lstrip("/")).read_bytes(), 6)) for path in scripts}
    print(f"\n{view} at {width} px: {sum(sizes.values()):,} bytes of script in {len(sizes)} files")
    assert sum(sizes.values()) < BUDGET[view], sorted(sizes.items(), key=lambda item: -item[1])


def test_no_script_is_a_whole_library_of_parts() -> None:
    sizes = {path.name: path.stat().st_size for path in (BUILT / "_next/static/chunks").glob("*.js")}
    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}


def test_scripts_are_sent_compressed_and_streams_are_not(reader: Reader, demo: Account) -> None:
    script = next(Path(BUILT / "_next/static/chunks").glob("*.js")).name
    answer = demo.http.get(f"/_next/static/chunks/{script}", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    health = demo.http.get("/healthz", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in health.headers
