"""After a whole run in a real browser nothing secret is anywhere but where it belongs.

A person signs up, stores a key, imports, asks, meets errors, asks as EventSource clients do with a token in the
address, and reads all metrics. Then everything that the product wrote is searched for the key, the password, both
tokens and the server's own key.
"""

import json
import re
import subprocess
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, expect

from backend.server.demo import DEMO_DIR
from tests.e2e.test_page import ask, sign_in, wait_until_answered
from tests.support.fakes.openrouter import FakeOpenRouter, Fault, Refusal, Turn
from tests.support.product import PASSWORD, Account, running_product

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

KEY = "sk-or-v1-secret-e2e-b7c19d44"
EMAIL = "secrets@example.com"
# Where each secret belongs: in the one file made for it; or, as in Supabase Auth's own tables, in the database.
_MAY_HOLD = {"the server's key": "secret.key", "the refresh token": "postgres/"}


def _sign_up_and_import(account: Account) -> str:
    model_id = account.add_model("acme/analyst-1", "Secret keeper")
    stored = account.http.put(f"/api/models/{model_id}/api-key", json={"api_key": KEY})
    assert stored.status_code == 200, stored.text
    imported = account.import_file(model_id, DEMO_DIR / "freqtrade-cvddivergence.json")
    return f"/api/models/{model_id}/runs/{imported['run']['id']}"


def _provoke(base_url: str, account: Account, run: str, openrouter: FakeOpenRouter) -> list[str]:
    """Errors on every path that a token, a key or a password is on; what was answered."""
    token, said = account.token, []
    sign_in_url = f"{base_url}/auth/v1/token?grant_type"
    for turn in (
        Turn(refusal=Refusal(401, f"bad key {KEY}")),
        Turn(refusal=Refusal(500, f"crashed with {KEY}")),
        Turn(text="half", fault=Fault("error", 502, f"failed for {KEY}")),
        Turn(text="half", fault=Fault("garbage")),
        Turn(text="It lost."),
    ):
        openrouter.script(turn)
        query = f"message={quote('why?')}&token={token}"
        said.append(httpx.get(f"{base_url}{run}/chat-stream?{query}", timeout=60).text)
    said += [
        httpx.get(f"{base_url}{run}/chat-stream?token={token}").text,  # no message: refused
        httpx.get(f"{base_url}{run}/nowhere?token={token}").text,
        httpx.get(f"{base_url}/nowhere-at-all?token={token}&apikey={KEY}").text,
        httpx.get(f"{base_url}{run}?token={token}", headers={"Authorization": f"Bearer {token}x"}).text,
        account.http.put(f"{run.split('/runs/', maxsplit=1)[0]}/api-key", json={"api_key": KEY, "more": KEY}).text,
        account.http.put(f"{run.split('/runs/', maxsplit=1)[0]}/api-key", json={"api_key": [KEY]}).text,
        account.http.post("/api/models", json={"name": "x", "ai_model": KEY + " ", "api_key": KEY}).text,
        httpx.post(
            f"{base_url}/auth/v1/token?grant_type=password", json={"email": EMAIL, "password": PASSWORD + "x"}
        ).text,
        httpx.post(f"{sign_in_url}=refresh_token", json={"refresh_token": token}).text,
        httpx.get(f"{base_url}/metrics").text,
        httpx.get(f"{base_url}/readyz").text,
        httpx.get(f"{base_url}/openapi.json").text,
    ]
    return said


def _written(home: Path) -> dict[str, bytes]:
    """Every file under the home, by its name; the database's too, where a deleted row may still stand."""
    return {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def test_nothing_secret_is_left_anywhere(tmp_path: Path, browser: Browser, openrouter: FakeOpenRouter) -> None:
    home = tmp_path / "home"
    openrouter.reset()
    settings = {"OPENROUTER_BASE_URL": openrouter.base_url, "RUNDOWN_DEMO": "false", "RUNDOWN_LOG_LEVEL": "debug"}
    with running_product(home, **settings) as product:
        account = product.account(EMAIL)
        run = _sign_up_and_import(account)
        said = _provoke(product.base_url, account, run, openrouter)
        openrouter.script(Turn(text="It lost 10."))
        with browser.new_context(base_url=product.base_url) as visit:
            tab = visit.new_page()
            sign_in(tab, EMAIL)
            tab.get_by_test_id("run-item").first.click()
            ask(tab, "Why did this run lose money?")
            wait_until_answered(tab)
            expect(tab.get_by_test_id("run-item").first).to_be_visible()
            state = visit.storage_state(indexed_db=True)
            html = tab.content()
            tokens = _session(state)
        backup = tmp_path / "all.backup"
        _run_backup(home, backup)
    printed = "".join(product.log)
    server_key = (home / "secret.key").read_text().strip()
    secrets = {
        "the API key": KEY,
        "the password": PASSWORD,
        "the access token": account.token,
        "the browser's access token": tokens["access_token"],
        "the refresh token": tokens["refresh_token"],
        "the server's key": server_key,
    }
    _stored_only_as_a_session(state, secrets)
    places = {
        "the log": printed.encode(),
        "answers and errors": "\n".join(said).encode(),
        "the page": html.encode(),
        "a backup": backup.read_bytes(),
        **_written(home),
    }
    found = [
        (what, where)
        for what, secret in secrets.items()
        for where, content in places.items()
        if secret.encode() in content and not (what in _MAY_HOLD and where.startswith(_MAY_HOLD[what]))
    ]
    assert found == []
    assert '"request"' in printed, "requests were logged"
    assert "turn_ended" in printed, "turns were logged"
    assert not list(home.rglob("core*")), "no core dump"


def _session(state: object) -> dict[str, str]:
    """The sign-in that the page keeps."""
    text = json.dumps(state).replace('\\"', '"')
    found = {name: re.search(rf'"{name}":\s?"([^"]+)"', text) for name in ("access_token", "refresh_token")}
    return {name: match[1] for name, match in found.items() if match}


def _stored_only_as_a_session(state: object, secrets: dict[str, str]) -> None:
    """The browser keeps its own sign-in, as it must to stay signed in; no key, no password."""
    stored = json.dumps(state)
    for what in ("the API key", "the password", "the server's key"):
        assert secrets[what] not in stored, what


def _run_backup(home: Path, file: Path) -> None:
    from tests.integration.local.test_backup import rundown

    done: subprocess.CompletedProcess[str] = rundown(home, "backup", str(file))
    assert done.returncode == 0, done.stderr
