"""Whose name a request may carry."""

import pytest
from starlette.types import Message, Receive, Scope, Send

from backend.api.hosts import KnownHosts

OURS = frozenset({"rundown.example.com", "10.0.0.5"})


async def through(host: str | None, *, any_address: bool = False, path: str = "/api/config", kind: str = "http") -> str:
    """`in`, or the status or close code of the refusal."""
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        sent.append({"type": "in"})

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [] if host is None else [(b"host", part.encode()) for part in host.split("|")]
    scope: Scope = {"type": kind, "method": "GET", "path": path, "headers": headers}
    await KnownHosts(app, OURS, any_address=any_address)(scope, receive, send)
    return "in" if sent[0]["type"] == "in" else str(sent[0].get("status") or sent[0].get("code"))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8000",
        "127.9.9.9",
        "[::1]:8000",
        "localhost",
        "LOCALHOST:8000",
        "app.localhost:3000",
        "localhost.",
        "rundown.example.com",
        "Rundown.Example.COM:443",
        "10.0.0.5:8000",
    ],
)
async def test_our_names_are_answered(host: str) -> None:
    assert await through(host) == "in"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evil-localhost",
        "rundown.example.com.evil.example",
        "user@127.0.0.1",
        "127.0.0.1:8000@evil.example",
        "192.0.2.7",
        "[2001:db8::1]",
        "[evil.example]",
        "",
        None,
        "127.0.0.1|evil.example",
        "a" * 5_000,
    ],
)
async def test_other_names_are_not(host: str | None) -> None:
    assert await through(host) == "421"
    assert await through(host, kind="websocket") == "1008"


async def test_a_server_that_others_reach_answers_to_addresses_but_not_to_names() -> None:
    assert await through("192.0.2.7:8000", any_address=True) == "in"
    assert await through("[2001:db8::1]", any_address=True) == "in"
    assert await through("evil.example", any_address=True) == "421"


async def test_probes_are_answered_whatever_the_name() -> None:
    assert await through("rundown-0.rundown", path="/readyz") == "in"
    assert await through("evil.example", path="/metrics") == "421"
