"""The server's own key: rotated, lost, and what a stored OpenRouter key does then. By the real command and server."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from backend.local.postgres import running_socket_dir
from tests.support.fakes.openrouter import FakeOpenRouter, Turn
from tests.support.product import REPOSITORY, Account, Product, running_product

pytestmark = pytest.mark.integration

KEY = "sk-or-v1-rotated-key-7f3a"
EMAIL = "keys@example.com"


def command(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("RUNDOWN_", "SUPABASE_"))}
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", *arguments],
        cwd=REPOSITORY,
        env={**inherited, "RUNDOWN_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def _model_with_key(account: Account, run_file: Path) -> str:
    model_id = account.add_model("acme/analyst-1", "Keyed")
    stored = account.http.put(f"/api/models/{model_id}/api-key?verify=false", json={"api_key": KEY})
    assert stored.status_code == 200, stored.text
    return f"/api/models/{model_id}/runs/{account.import_file(model_id, run_file)['run']['id']}"


def _state(account: Account, run: str) -> str:
    return str(account.get(run.split("/runs/", maxsplit=1)[0])["api_key_state"])


def _sent_key(openrouter: FakeOpenRouter, account: Account, run: str) -> str:
    openrouter.reset()
    openrouter.script(Turn(text="It lost money."))
    assert account.ask(run, "why?")[-1]["type"] == "done"
    return openrouter.chats[-1].headers["authorization"]


@pytest.mark.long
@pytest.mark.timeout(300)
def test_server_key_rotated_then_lost(home: Path, openrouter: FakeOpenRouter, freqtrade_json: Path) -> None:
    """One home through its life: rotated while stopped, nothing lost; then lost, a clear state, mended by hand."""
    settings = {"OPENROUTER_BASE_URL": openrouter.base_url, "RUNDOWN_DEMO": "false"}
    with running_product(home, **settings) as product:
        run = _model_with_key(product.account(EMAIL), freqtrade_json)
        refused = command(home, "rotate-keys", "--new")
        assert refused.returncode == 1
        assert "already runs" in refused.stderr
    old = (home / "secret.key").read_text()
    rotated = command(home, "rotate-keys", "--new")
    assert (rotated.returncode, rotated.stdout) == (0, "1 keys sealed anew, 0 were already.\n"), rotated.stderr
    new = (home / "secret.key").read_text()
    assert new != old
    assert len(new.split()) == 1, "the old key is gone once nothing needs it"
    assert (home / "secret.key").stat().st_mode & 0o777 == 0o600
    with running_product(home, **settings) as product:
        account = product.account(EMAIL)
        assert _state(account, run) == "ready"
        assert _sent_key(openrouter, account, run) == f"Bearer {KEY}"
    (home / "secret.key").unlink()
    with running_product(home, **settings) as product:
        _lost_and_mended(home, openrouter, product.account(EMAIL), run)


def _lost_and_mended(home: Path, openrouter: FakeOpenRouter, account: Account, run: str) -> None:
    model = run.split("/runs/", maxsplit=1)[0]
    sessions = account.get(f"{run}/chat-sessions")["items"]
    assert _state(account, run) == "unreadable"
    assert account.get(model)["api_key_hint"] == "…7f3a"
    events = account.ask(run, "why?")
    assert [event["type"] for event in events] == ["start", "error"]
    assert (events[-1]["code"], events[-1]["retryable"]) == ("api_key_not_opened", False)
    assert "Enter the key again" in events[-1]["message"]
    whole = account.http.post(f"{run}/chat", json={"message": "why?"})
    assert (whole.status_code, whole.json()["code"]) == (422, "api_key_not_opened")
    assert account.get(f"{run}/chat-sessions")["items"] == sessions, "nothing was saved"
    left = command(home, "rotate-keys")
    assert left.returncode == 3, left.stderr
    assert "1 could not be opened" in left.stderr
    again = account.http.put(f"{model}/api-key?verify=false", json={"api_key": KEY})
    assert again.status_code == 200
    assert _state(account, run) == "ready"
    assert _sent_key(openrouter, account, run) == f"Bearer {KEY}"


@pytest.mark.timeout(300)
def test_listed_keys_rotate_through_the_database_address_as_with_supabase(product: Product, alice: Account) -> None:
    """The command's Supabase way, on the same PostgreSQL: only the address and the list of keys are given."""
    model_id = alice.add_model("acme/analyst-1", "Listed")
    alice.http.put(f"/api/models/{model_id}/api-key?verify=false", json={"api_key": KEY}).raise_for_status()
    first = (product.home / "secret.key").read_text().strip()
    newest = base64.b64encode(os.urandom(32)).decode()
    socket_dir = running_socket_dir(product.home)
    supabase = {"SUPABASE_URL": "http://127.0.0.1:1", "SUPABASE_ANON_KEY": "anon"}

    def rotate(role: str, keys: str) -> subprocess.CompletedProcess[str]:
        address = f"postgresql://{role}@/postgres?host={socket_dir}"
        return command(product.home, "rotate-keys", RUNDOWN_DATABASE_URL=address, RUNDOWN_SECRET_KEY=keys, **supabase)

    without = command(product.home, "rotate-keys", RUNDOWN_SECRET_KEY=newest, **supabase)
    assert without.returncode == 1
    assert "RUNDOWN_DATABASE_URL" in without.stderr
    weak = rotate("supabase_auth_admin", f"{newest},{first}")
    assert weak.returncode == 1, weak.stdout
    assert "role" in weak.stderr
    try:
        done = rotate("postgres", f"{newest},{first}")
        assert done.returncode == 0, done.stderr
        assert int(done.stdout.split()[0]) >= 1
        assert alice.get(f"/api/models/{model_id}")["api_key_state"] == "unreadable", "this server has the old key only"
    finally:
        back = rotate("postgres", f"{first},{newest}")
    assert back.returncode == 0
    assert alice.get(f"/api/models/{model_id}")["api_key_state"] == "ready"
    with psycopg.connect(host=str(socket_dir), user="postgres", dbname="postgres") as connection:
        stored = connection.execute("select api_key_ciphertext from public.models where id = %s", (model_id,))
        assert KEY not in str(stored.fetchone())


def test_server_leaves_no_core_dump(product: Product) -> None:
    limits = Path(f"/proc/{product.process.pid}/limits")
    if not limits.exists():
        pytest.skip("no /proc here")
    line = next(line for line in limits.read_text().splitlines() if line.startswith("Max core file size"))
    assert line.split()[4:6] == ["0", "0"]
