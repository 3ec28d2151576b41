"""One user's things under everybody else's hands: every endpoint of the OpenAPI document, with the ids of the owner.

The measure: what a stranger gets for another's ids is what he gets for ids that do not exist, to the letter; nothing
of the owner's is in it; and afterwards the owner's things are as they were.
"""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.integration.conftest import FREQTRADE
from tests.integration.security.openapi_calls import CantFill, Ids, Request, requests_of
from tests.support.fakes.openrouter import FakeOpenRouter, Turn
from tests.support.product import Account, Product

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

CANARY = "canary-5e1f"
NOWHERE = 9_000_000_000
# What a link opens is for whoever has its token; tests of links say what that is.
PUBLIC = {"GET /api/config", "POST /api/shared"}


def furnish(account: Account, mark: str) -> Ids:
    """An account with one of everything, named with `mark`."""
    model_id = account.add_model(name=f"{mark} model", custom_instructions=f"{mark} instructions")
    account.http.put(f"/api/models/{model_id}/api-key?verify=false", json={"api_key": f"sk-or-{mark}-key-12345678"})
    runs = [account.import_file(model_id, FREQTRADE, name=f"{mark} run", again="true")["run"]["id"] for _ in range(2)]
    run = f"/api/models/{model_id}/runs/{runs[0]}"
    kept = account.post(f"{run}/chat-keep", {"message": f"{mark} question", "content": f"{mark} answer"})
    rule = account.post(
        f"/api/models/{model_id}/rules",
        {"name": f"{mark} rule", "kind": "stop_loss", "source_message_id": kept["message_id"]},
    )
    account.http.patch(run, json={"notes": f"{mark} notes"}).raise_for_status()
    account.http.patch(f"/api/chat-sessions/{kept['session_id']}", json={"session_title": f"{mark} title"})
    share = account.post(f"/api/chat-sessions/{kept['session_id']}/shares", {})
    token = share["path"].rsplit("#", 1)[1]
    return Ids(model_id, *runs, kept["session_id"], rule["id"], kept["message_id"], share["id"], token)


@pytest.fixture(scope="module")
def document(product: Product) -> dict[str, Any]:
    return httpx.get(f"{product.base_url}/openapi.json", timeout=60).json()


@pytest.fixture(scope="module")
def owner(product: Product) -> Account:
    return product.account("owner@example.com")


@pytest.fixture(scope="module")
def owned(owner: Account) -> Ids:
    return furnish(owner, CANARY)


@pytest.fixture(scope="module")
def strangers(product: Product) -> Iterator[dict[str, tuple[Account, Ids | None]]]:
    """Somebody with things of his own, and somebody with nothing."""
    rich, poor = product.account("stranger@example.com"), product.account("newcomer@example.com")
    yield {"another user": (rich, furnish(rich, "stranger")), "a new user": (poor, None)}


def _variants(request: Request, theirs: Ids, own: Ids | None, document: dict[str, Any]) -> Iterator[Request]:
    """The request with all the owner's ids, and mixed with the stranger's own: his model with another's run, and so."""
    yield request
    if own is None or not request.takes_ids:
        return
    for name in ("model_id", "run_id", "session_id", "rule_id", "message_id", "other_run_id", "share_id"):
        for mixed in (replace(own, **{name: getattr(theirs, name)}), replace(theirs, **{name: getattr(own, name)})):
            for made in requests_of(document, mixed):
                if made.name == request.name and made != request and made != _with(request, document, own):
                    yield made


def _with(request: Request, document: dict[str, Any], ids: Ids) -> Request:
    return next(made for made in requests_of(document, ids) if made.name == request.name)


def _answer(account: Account, request: Request) -> tuple[int, str]:
    answer = account.http.request(**request.arguments())
    return answer.status_code, answer.text


def _plain(answer: tuple[int, str]) -> tuple[int, str]:
    """Without what differs from one request to the next: ids, moments, request numbers.

    Of a refusal its code counts: which of two things that are not there is named first, is a matter of the moment.
    """
    if answer[0] >= 400:
        return answer[0], json.loads(answer[1])["code"]
    text = re.sub(r'"(request_id|session_id|threadId|runId|run_id)":("[^"]*"|\d+|null)', "", answer[1])
    return answer[0], re.sub(r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|\+00:00)| \d\d:\d\d UTC)", "", text)


def _snapshot(account: Account, document: dict[str, Any], ids: Ids) -> dict[str, tuple[int, str]]:
    """Everything the account can read of its own."""
    reads = [
        request
        for request in requests_of(document, ids)
        if request.verb == "get" and "stream" not in request.name and request.name not in PUBLIC
    ]
    return {request.name: _plain(_answer(account, request)) for request in reads}


def test_every_endpoint_can_be_filled_and_works_for_its_owner(
    product: Product, document: dict[str, Any], openrouter: FakeOpenRouter
) -> None:
    """The sweep's control: each of its requests is one that the owner's own account is answered."""
    account = product.account("control@example.com")
    ids = furnish(account, "control")
    refused = []
    for request in requests_of(document, ids):
        status, text = _answer(account, request)
        if not 200 <= status < 300:
            refused.append((request.name, status, text[:200]))
    assert not refused


def test_strangers_find_nothing_and_change_nothing(
    document: dict[str, Any], owner: Account, owned: Ids, strangers: dict[str, tuple[Account, Ids | None]]
) -> None:
    before = _snapshot(owner, document, owned)
    assert sum(CANARY in text for _, text in before.values()) >= 8, "the owner's things are there to be found"
    absent = Ids(*(NOWHERE + n for n in range(7)))
    tried, endpoints, leaks = 0, set(), []
    for who, (account, own) in strangers.items():
        for request in requests_of(document, owned):
            if request.name in PUBLIC:
                continue
            endpoints.add(request.name)
            for variant in _variants(request, owned, own, document):
                answer = _answer(account, variant)
                tried += 1
                if CANARY in answer[1]:
                    leaks.append((who, variant.name, "holds the owner's text", answer[1][:200]))
                if answer[0] >= 500:
                    leaks.append((who, variant.name, "failed", answer[0]))
            if request.takes_ids and _plain(_answer(account, request)) != _plain(
                _answer(account, _with(request, document, absent))
            ):
                missing = _answer(account, _with(request, document, absent))
                leaks.append(
                    (who, request.name, "differs from what does not exist", _answer(account, request), missing)
                )
    assert not leaks
    assert _snapshot(owner, document, owned) == before
    assert len(endpoints) >= 35
    print(f"{len(endpoints)} endpoints x {len(strangers)} foreign users, {tried} requests, {len(leaks)} leaks")


@pytest.mark.parametrize("who", ["no token", "the public key", "a token of another issuer"])
def test_nobody_gets_past_the_door(who: str, product: Product, document: dict[str, Any], owned: Ids) -> None:
    config = httpx.get(f"{product.base_url}/api/config").json()
    foreign = "eyJhbGciOiJFUzI1NiIsImtpZCI6IngifQ.eyJzdWIiOiJ4In0.AAAA"
    token = {"no token": "", "the public key": config["supabase_anon_key"], "a token of another issuer": foreign}[who]
    with httpx.Client(base_url=product.base_url, headers={"Authorization": f"Bearer {token}"} if token else {}) as http:
        for request in requests_of(document, owned):
            if request.name not in PUBLIC:
                answer = http.request(**request.arguments())
                assert answer.status_code == 401, (request.name, answer.text)


def test_strangers_can_neither_stop_nor_resume_anothers_stream(
    product: Product, openrouter: FakeOpenRouter, strangers: dict[str, tuple[Account, Ids | None]]
) -> None:
    """With the very request id, model and run: the provider goes on, and the stranger sees no event of it."""
    owner, (stranger, _) = product.account("streamer@example.com"), strangers["another user"]
    ids = furnish(owner, "streamer")
    owner.http.patch(f"/api/models/{ids.model_id}", json={"ai_model": "acme/analyst-1"}).raise_for_status()
    run = f"/api/models/{ids.model_id}/runs/{ids.run_id}"
    openrouter.reset()
    openrouter.script(Turn(text=[f"{CANARY} "] * 40, delay=0.05))
    request_id = f"mine-{uuid.uuid4()}"
    body = {"message": "why?", "request_id": request_id, "resume": True}
    with owner.http.stream("POST", f"{run}/chat-stream", json=body) as answer:
        lines = answer.iter_lines()
        next(line for line in lines if CANARY in line)
        stopped = stranger.http.post(f"{run}/chat-stream/{request_id}/stop")
        assert CANARY not in stopped.text
        assert stopped.status_code == 404 or stopped.json()["stopped"] is False
        resumed = stranger.http.post(f"{run}/chat-stream", json=body, headers={"Last-Event-ID": "1"})
        assert resumed.status_code in {404, 409}
        assert CANARY not in resumed.text
        last = [json.loads(line.removeprefix("data:")) for line in lines if line.startswith("data:")][-1]
    assert last["type"] == "done"
    saved = owner.get(f"{run}/chat-history", session_id=last["session_id"])["messages"][-1]["content"]
    assert saved.count(CANARY) == 40, "the whole answer came, and was saved"


def test_an_endpoint_nobody_thought_of_is_in_the_sweep(document: dict[str, Any], owned: Ids) -> None:
    """A new endpoint comes in by itself; one whose ids are unknown here fails the sweep instead of passing by."""
    path = "/api/models/{model_id}/secrets"
    parameter = {"in": "path", "name": "model_id", "required": True, "schema": {"type": "integer"}}
    grown = {**document, "paths": {**document["paths"], path: {"get": {"parameters": [parameter]}}}}
    assert f"GET {path}" in [request.name for request in requests_of(grown, owned)]
    strange = {**parameter, "name": "vault_id"}
    grown["paths"]["/api/vaults/{vault_id}"] = {"get": {"parameters": [strange]}}
    with pytest.raises(CantFill, match="vault_id"):
        list(requests_of(grown, owned))
