"""`rundown doctor` names what is in the way on a machine, and what to do about it."""

import re
import socket
from pathlib import Path

import pytest

from tests.integration.security.test_server_keys import command
from tests.support.fakes.openrouter import FakeOpenRouter
from tests.support.product import Product

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("page")
    (folder / "index.html").write_text("<!doctype html>")
    return str(folder)


def _lines(printed: str, mark: str) -> list[str]:
    return [line.removeprefix(mark).strip() for line in printed.splitlines() if line.startswith(mark)]


def test_healthy_server_has_nothing_in_the_way(product: Product, openrouter: FakeOpenRouter, page: str) -> None:
    port = re.search(r":(\d+)$", product.base_url)
    assert port
    seen = command(
        product.home, "doctor", RUNDOWN_PORT=port[1], OPENROUTER_BASE_URL=openrouter.base_url, RUNDOWN_PAGE_DIR=page
    )
    assert seen.returncode == 0, seen.stdout
    assert _lines(seen.stdout, "✗") == []
    fine = "\n".join(_lines(seen.stdout, "✓"))
    for part in ("Python", "and is ready", "with all migrations", "The server's key is there", openrouter.base_url):
        assert part in fine, seen.stdout
    key = (product.home / "secret.key").read_text().strip()
    assert key not in seen.stdout + seen.stderr


def test_each_fault_is_named_with_what_to_do(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "PG_VERSION").write_text("14\n")
    (home / "secret.key").write_text("not a key\n")
    home.chmod(0o755)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        seen = command(
            home,
            "doctor",
            RUNDOWN_PORT=str(taken.getsockname()[1]),
            RUNDOWN_PAGE_DIR=str(tmp_path),
            OPENROUTER_BASE_URL="http://127.0.0.1:1/v1",
        )
    assert seen.returncode == 1
    bad = "\n".join(_lines(seen.stdout, "✗"))
    for part in ("The page is not built", "Can't listen on", "Others can read", "PostgreSQL 14", "is no key"):
        assert part in bad, seen.stdout
    assert "can't be reached" in "\n".join(_lines(seen.stdout, "·"))
    assert seen.stdout.count("→") >= len(_lines(seen.stdout, "✗"))
    assert (home / "postgres" / "PG_VERSION").read_text() == "14\n", "nothing was touched"


def test_wrong_settings_are_one_line_and_no_trace(tmp_path: Path) -> None:
    seen = command(tmp_path, "doctor", SUPABASE_URL="https://example.supabase.co")
    assert seen.returncode == 1
    assert "SUPABASE_ANON_KEY" in seen.stdout
    assert "Traceback" not in seen.stderr
