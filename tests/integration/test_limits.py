"""Limits over the whole product, with small ones set: what is refused, how, and for whom alone."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.fakes.openrouter import FakeOpenRouter, Turn
from tests.support.product import PASSWORD, Account, Product, events_of, running_product

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory, openrouter: FakeOpenRouter) -> Iterator[Product]:
    with running_product(
        tmp_path_factory.mktemp("limited"),
        OPENROUTER_BASE_URL=openrouter.base_url,
        RUNDOWN_DEMO="false",
        RUNDOWN_TRUSTED_PROXIES="127.0.0.0/8",
        RUNDOWN_LIMIT_REQUESTS="40",
        RUNDOWN_LIMIT_STREAMS="2",
        RUNDOWN_LIMIT_TOKENS="300",
        RUNDOWN_LIMIT_UPLOAD_MB="1",
        RUNDOWN_LIMIT_SIGN_INS="3",
        RUNDOWN_LIMIT_ADDRESS_FACTOR="3",
    ) as product:
        yield product


def user_at(product: Product, address: str) -> Account:
    """A new user whose proxy names this address."""
    email = f"{uuid.uuid4().hex[:10]}@example.com"
    headers = {"X-Forwarded-For": address}
    answer = httpx.post(
        f"{product.base_url}/auth/v1/signup", json={"email": email, "password": PASSWORD}, headers=headers, timeout=60
    )
    account = Account(product.base_url, answer.json()["access_token"])
    account.http.headers.update(headers)
    return account


def run_of(user: Account, crypto_zip: Any) -> str:
    model_id = user.add_model("acme/analyst-1")
    user.http.put(f"/api/models/{model_id}/api-key", json={"api_key": "sk-or-v1-limits"})
    return f"/api/models/{model_id}/runs/{user.import_file(model_id, crypto_zip)['run']['id']}"


def assert_refused(answer: httpx.Response, code: str) -> None:
    assert answer.status_code == 429, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert int(answer.headers["retry-after"]) >= 1


def test_requests_of_one_user_are_limited_and_others_go_on(limited: Product) -> None:
    greedy, other = user_at(limited, "10.1.0.1"), user_at(limited, "10.1.0.2")
    answers = [greedy.http.get("/api/models") for _ in range(60)]
    assert_refused(next(answer for answer in answers if answer.status_code != 200), "too_many_requests")
    assert other.http.get("/api/models").status_code == 200
    assert httpx.get(f"{limited.base_url}/healthz").status_code == 200


def test_requests_of_one_address_are_limited_before_anything_is_known_of_who_asks(limited: Product) -> None:
    headers = {"X-Forwarded-For": "10.2.0.1"}
    with httpx.Client(base_url=limited.base_url, headers=headers, timeout=60) as client:
        answers = [client.get("/api/models") for _ in range(180)]
        assert {answer.status_code for answer in answers} == {401, 429}
        assert_refused(answers[-1], "too_many_requests")
        # Sign-in answers in Supabase's shape.
        sign_in = client.post("/auth/v1/token?grant_type=password", json={"email": "a@b.c", "password": "x"})
        assert (sign_in.status_code, sign_in.json()["error_code"]) == (429, "over_request_rate_limit")
    assert httpx.get(f"{limited.base_url}/api/models", headers={"X-Forwarded-For": "10.2.0.2"}).status_code == 401


def test_streams_at_once_are_limited_and_free_again_when_one_ends(
    limited: Product, openrouter: FakeOpenRouter, crypto_zip: Any
) -> None:
    user = user_at(limited, "10.3.0.1")
    run = run_of(user, crypto_zip)
    slow = Turn(text=["word "] * 2000, delay=0.02)
    openrouter.script(slow, slow)
    bodies = [{"message": "Why?", "request_id": uuid.uuid4().hex} for _ in range(2)]
    with (
        user.http.stream("POST", f"{run}/chat-stream", json=bodies[0]) as first,
        user.http.stream("POST", f"{run}/chat-stream", json=bodies[1]) as second,
    ):
        # Kept, since a reader that is let go closes its line.
        readers = [events_of(answer) for answer in (first, second)]
        assert [next(reader)["type"] for reader in readers] == ["start", "start"]
        assert_refused(user.http.post(f"{run}/chat-stream", json={"message": "Why?"}), "too_many_streams")
        assert user.post(f"{run}/chat-stream/{bodies[0]['request_id']}/stop", {})["stopped"]
        openrouter.script(Turn(text=["short"]))
        assert user.ask(run, "And now?")[-1]["type"] == "done"


def test_tokens_of_a_day_are_those_the_provider_reports(
    limited: Product, openrouter: FakeOpenRouter, crypto_zip: Any
) -> None:
    user = user_at(limited, "10.4.0.1")
    run = run_of(user, crypto_zip)
    for _ in range(3):
        openrouter.script(Turn(text=["It lost money."], prompt_tokens=100, completion_tokens=20))
        assert user.ask(run, "Why?")[-1]["type"] == "done"
    time.sleep(0.2)
    asked = len(openrouter.chats)
    assert_refused(user.http.post(f"{run}/chat-stream", json={"message": "Why?"}), "token_limit")
    assert len(openrouter.chats) == asked


def test_uploads_of_a_day_are_limited(limited: Product) -> None:
    user = user_at(limited, "10.5.0.1")
    model_id = user.add_model()
    path, file = f"/api/models/{model_id}/runs/import", {"file": ("junk.csv", b"x" * 700_000)}
    assert user.http.post(path, files=file).status_code in (415, 422)
    assert_refused(user.http.post(path, files=file), "upload_limit")


def test_sign_in_is_slowed_alike_for_accounts_that_exist_and_that_do_not(limited: Product) -> None:
    with httpx.Client(base_url=limited.base_url, headers={"X-Forwarded-For": "10.6.0.1"}, timeout=60) as client:
        client.post("/auth/v1/signup", json={"email": "there@example.com", "password": PASSWORD})
        # Whoever guesses does so on another device.
        client.cookies.clear()

        def tried(email: str, password: str) -> list[tuple[int, Any]]:
            body = {"email": email, "password": password}
            answers = [client.post("/auth/v1/token?grant_type=password", json=body) for _ in range(5)]
            assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 429)
            return [(answer.status_code, answer.json()) for answer in answers]

        existing, unknown = tried("there@example.com", "a wrong one"), tried("nobody@example.com", "a wrong one")
        assert existing == unknown
        assert [status for status, _ in existing] == [400, 400, 400, 429, 429]
        # The right password does not help whoever has just been guessing; it does from elsewhere, as often as wanted.
        assert tried("there@example.com", PASSWORD)[0][0] == 429
        client.headers["X-Forwarded-For"] = "10.6.0.2"
        assert [status for status, _ in tried("there@example.com", PASSWORD)] == [200] * 5


def test_the_address_a_client_names_itself_is_not_believed(product: Product) -> None:
    """`product` trusts no proxy: whatever address is named, it is one client."""
    with httpx.Client(base_url=product.base_url, timeout=60) as client:
        body = {"email": f"{uuid.uuid4().hex}@example.com", "password": "a wrong one"}
        # More than the 30 of five minutes: on a slow machine some come back meanwhile.
        statuses = [
            client.post(
                "/auth/v1/token?grant_type=password", json=body, headers={"X-Forwarded-For": f"10.7.0.{number}"}
            ).status_code
            for number in range(50)
        ]
    assert statuses[:30] == [400] * 30
    assert 429 in statuses
