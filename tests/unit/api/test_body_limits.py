"""Bodies at the door: nobody's is read, everybody's is bounded, and what a route gets is what was sent."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from backend.api.auth import User
from backend.api.body_limits import BODY_RULES, BodyLimits, body_rule
from backend.errors import NotSignedIn
from backend.importers import MAX_BYTES

IMPORT = "/api/models/1/runs/import"


class OneUser:
    """A verifier that knows one token."""

    async def verify(self, token: str) -> User:
        if token != "good":
            raise NotSignedIn("Sign in again.")
        return User("user", token)


class Sender:
    """A client that sends `pieces` of a body, one a message, and counts those that were taken."""

    def __init__(self, *pieces: bytes, pause_s: float = 0.0) -> None:
        self.pieces = list(pieces)
        self.taken = 0
        self.pause_s = pause_s

    async def __call__(self) -> Message:
        await asyncio.sleep(self.pause_s)
        if self.taken == len(self.pieces):
            return {"type": "http.disconnect"}
        self.taken += 1
        more = self.taken < len(self.pieces)
        return {"type": "http.request", "body": self.pieces[self.taken - 1], "more_body": more}


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    try:
        body = await request.body()
    except Exception as error:
        await JSONResponse({"code": getattr(error, "status_code", 500)}, getattr(error, "status_code", 500))(
            scope, receive, send
        )
        return
    await JSONResponse({"read": len(body), "body": body[:100].decode()})(scope, receive, send)


async def send(
    path: str, sender: Sender, *, token: str | None = "good", method: str = "POST", app: Any = None, **headers: str
) -> tuple[int, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if "content-length" not in named:
        named["transfer-encoding"] = "chunked"
    if token is not None:
        named["authorization"] = f"Bearer {token}"
    scope: Scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        "app": SimpleNamespace(state=SimpleNamespace(services=SimpleNamespace(verifier=OneUser()))),
    }
    sent: list[Message] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    await (app or BodyLimits(echo))(scope, sender, keep)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], json.loads(body)


@pytest.mark.parametrize("path", [IMPORT, "/api/models", "/api/models/1/runs/2/ag-ui", "/api/nowhere", "/nowhere"])
@pytest.mark.parametrize("token", [None, "forged"])
async def test_a_body_without_a_valid_token_is_not_read(path: str, token: str | None) -> None:
    sender = Sender(b"x" * 100_000, b"x" * 100_000)
    status, body = await send(path, sender, token=token)
    assert (status, body["code"]) == (401, "not_signed_in")
    assert sender.taken == 0


@pytest.mark.parametrize(
    ("path", "most"),
    [("/auth/v1/signup", 65_536), ("/api/shared", 4_096), ("/api/models", 524_288), (IMPORT, MAX_BYTES + 524_288)],
)
async def test_a_declared_length_beyond_the_rule_is_refused_unread(path: str, most: int) -> None:
    sender = Sender(b'"' + b"x" * 10 + b'"')
    status, _ = await send(path, sender, content_length=str(most + 1))
    assert (status, sender.taken) == (413, 0)
    status, _ = await send(path, sender, content_length=str(most))
    assert status == 200


async def test_a_body_that_says_no_length_is_cut_off_where_the_rule_ends() -> None:
    sender = Sender(*[b"x" * 100_000] * 20)
    status, body = await send("/api/models", sender)
    assert (status, body["code"]) == (413, "too_large")
    assert sender.taken == 6


async def test_a_file_passes_in_pieces_and_no_further_than_its_rule() -> None:
    assert await send(IMPORT, Sender(*[b"x" * 2**20] * 3)) == (200, {"read": 3 * 2**20, "body": "x" * 100})
    pieces = [b"x" * 2**20] * (MAX_BYTES // 2**20 + 5)
    sender = Sender(*pieces)
    assert (await send(IMPORT, sender))[0] == 413
    assert sender.taken == MAX_BYTES // 2**20 + 1


async def test_json_arrives_as_it_was_sent() -> None:
    status, body = await send("/api/models", Sender(b'{"name": ', b'"x"}'))
    assert (status, body["body"]) == (200, '{"name": "x"}')


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"params": ' + b"[" * 900 + b"]" * 900 + b"}", "nested_too_deep"),
        (b"[" * 33, "nested_too_deep"),
        (b"[" + b"0," * 20_000 + b"0]", "too_many_elements"),
        (b"{" + b",".join(b'"k%d": 1' % i for i in range(20_000)) + b"}", "too_many_elements"),
        ("[[[[]]]]".encode("utf-16"), "invalid_request"),
    ],
)
async def test_json_that_is_costly_to_read_is_refused_before_it_is(body: bytes, code: str) -> None:
    status, answer = await send("/api/models/1/rules", Sender(body))
    assert (status, answer["code"]) == (422, code)


async def test_text_full_of_brackets_is_text() -> None:
    body = json.dumps({"code": "[" * 50_000 + "," * 50_000}).encode()
    assert (await send("/api/models/1/rules", Sender(body)))[0] == 200


async def test_a_body_that_trickles_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.api.body_limits._FIRST_S", 0.1)
    sender = Sender(*[b"x"] * 1_000, pause_s=0.03)
    status, body = await send("/api/models", sender)
    assert (status, body["code"]) == (408, "request_timeout")
    assert sender.taken < 10


async def test_a_user_sends_four_files_at_once_and_no_more() -> None:
    waiting = asyncio.Event()

    async def hold(scope: Scope, receive: Receive, send: Send) -> None:
        await waiting.wait()
        await echo(scope, receive, send)

    app = BodyLimits(hold)
    held = [asyncio.create_task(send(IMPORT, Sender(b"x"), app=app)) for _ in range(4)]
    await asyncio.sleep(0)
    status, body = await send(IMPORT, Sender(b"x"), app=app)
    assert (status, body["code"]) == (429, "too_many_uploads")
    waiting.set()
    assert [status for status, _ in await asyncio.gather(*held)] == [200] * 4
    assert (await send(IMPORT, Sender(b"x"), app=app))[0] == 200


async def test_sign_in_is_refused_in_its_own_shape() -> None:
    status, body = await send("/auth/v1/token", Sender(b"x" * 70_000), token=None)
    assert (status, body["code"], body["error_code"]) == (413, 413, "validation_failed")


async def test_a_request_without_a_body_passes_untouched() -> None:
    assert (await send("/api/config", Sender(b""), method="GET", token=None))[0] == 200
    assert (await send("/api/x/stop", Sender(b""), token=None, content_length="0"))[0] == 200


def test_every_path_has_a_rule() -> None:
    assert body_rule("/anything") is BODY_RULES[-1]
    assert not BODY_RULES[-1].public
