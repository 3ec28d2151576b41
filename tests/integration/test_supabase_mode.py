"""The product on a Supabase project given by SUPABASE_URL and SUPABASE_ANON_KEY: the same code, another origin."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from backend.local.stack import EmbeddedStack
from tests.support.fakes.supabase_gateway import SupabaseGateway
from tests.support.product import PASSWORD, Account, Product, running_product, types_of

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def gateway(stack: EmbeddedStack) -> Iterator[SupabaseGateway]:
    with SupabaseGateway(
        rest_url=stack.rest_url, database=stack.database, keys=stack.keys, anon_key=stack.anon_key
    ) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def hosted(
    gateway: SupabaseGateway, stack: EmbeddedStack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    with running_product(
        tmp_path_factory.mktemp("hosted"),
        SUPABASE_URL=gateway.url,
        SUPABASE_ANON_KEY=stack.anon_key,
        RUNDOWN_SECRET_KEY=base64.b64encode(os.urandom(32)).decode(),
        OPENROUTER_BASE_URL="http://127.0.0.1:9/api/v1",
    ) as product:
        yield product


@pytest.fixture(scope="module")
def account(gateway: SupabaseGateway, hosted: Product) -> Account:
    """Signs up at the project, as supabase-js would, and takes the token to the backend."""
    body = {"email": "hosted@example.com", "password": PASSWORD}
    answer = httpx.post(f"{gateway.url}/auth/v1/signup", json=body, timeout=30)
    answer.raise_for_status()
    return Account(hosted.base_url, answer.json()["access_token"])


def test_config_names_the_project_and_no_demo(hosted: Product, gateway: SupabaseGateway, stack: EmbeddedStack) -> None:
    assert httpx.get(f"{hosted.base_url}/api/config").json() == {
        "mode": "supabase",
        "supabase_url": gateway.url,
        "supabase_anon_key": stack.anon_key,
        "demo": None,
        "signup": True,
    }
    assert httpx.get(f"{hosted.base_url}/readyz").status_code == 200
    assert httpx.post(f"{hosted.base_url}/auth/v1/signup", json={}).status_code in (404, 405)


def test_run_is_imported_asked_and_remembered(account: Account, crypto_zip: Path, gateway: SupabaseGateway) -> None:
    model_id = account.add_model(name="Hosted")
    run = account.import_file(model_id, crypto_zip)["run"]
    path = f"/api/models/{model_id}/runs/{run['id']}"
    before = len(gateway.requests)
    events = account.ask(path, "Why did this run lose money?")
    assert types_of(events)[-1] == "done"
    # The run with its model and rules, its positions, the save: no other round trip.
    assert gateway.requests[before:] == ["GET runs", "POST rpc/get_run_frame", "POST rpc/save_chat_turn"]
    assert account.get(f"{path}/chat-history")["messages"][1]["id"] == events[-1]["message_id"]


def test_openrouter_that_is_away_leaves_an_empty_stale_list(account: Account) -> None:
    catalog = account.get("/api/openrouter/models")
    assert catalog.items() >= {"items": [], "next_cursor": None, "stale": True, "fetched_at": None}.items()
    key = account.http.put(
        f"/api/models/{account.add_model('acme/x', 'X')}/api-key", json={"api_key": "sk-or-12345678"}
    )
    assert (key.status_code, key.json()["code"]) == (502, "upstream_unavailable")


def test_server_needs_its_secret_key(gateway: SupabaseGateway, stack: EmbeddedStack, tmp_path: Path) -> None:
    product = Product(tmp_path, SUPABASE_URL=gateway.url, SUPABASE_ANON_KEY=stack.anon_key)
    with pytest.raises(RuntimeError, match="RUNDOWN_SECRET_KEY"):
        product.start()
