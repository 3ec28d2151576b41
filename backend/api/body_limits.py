"""What a request body may be: whose it is, how large, how slow, how deep. All of it is settled before a route sees it.

A body of the API is not read before the caller's token is verified. JSON is read whole here, measured and handed on as
one message; a file passes through in pieces, counted. Plain ASGI, so that answers pass through untouched.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from dataclasses import dataclass
from typing import NoReturn

from starlette.datastructures import Headers, State
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.auth import TokenVerifier
from backend.api.json_shape import JsonShape, measure_json
from backend.api.problems import problem_of
from backend.errors import BodyTooSlow, InvalidRequest, NotSignedIn, RundownError, TooLarge, TooManyRequests
from backend.importers import MAX_BYTES

_KIB = 1024
# What a form says beside its file.
_FORM_BYTES = 512 * _KIB
# A body may take this long, and longer as it grows: a line of 8 KiB/s is the slowest that is waited for.
_FIRST_S = 30.0
_BYTES_PER_S = 8 * _KIB
_UPLOADS_AT_ONCE = 4
# A route that reads a body of such a request is not known; what is sent is not kept.
_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")
_NOT_SIGNED_IN = "Sign in first: send the access token as 'Authorization: Bearer …'."


@dataclass(frozen=True, slots=True)
class BodyRule:
    """What the body of some routes may be. `elements` and `depth` are of its JSON; None is a body that is not JSON."""

    path: re.Pattern[str]
    max_bytes: int
    elements: int | None = 5_000
    depth: int = 32
    public: bool = False


# The first that fits counts. Texts of the API are bounded in characters, each of which JSON may write as six bytes.
BODY_RULES = (
    BodyRule(re.compile(r"/auth/v1/"), 64 * _KIB, elements=None, public=True),
    BodyRule(re.compile(r"/api/shared$"), 4 * _KIB, public=True),
    BodyRule(re.compile(r"/api/models/[^/]+/runs/import$"), MAX_BYTES + _FORM_BYTES, elements=None),
    BodyRule(re.compile(r"/api/.*/chat-keep$"), 3 * _KIB * _KIB),
    # Clients of AG-UI send the whole conversation with each question.
    BodyRule(re.compile(r"/api/.*/ag-ui$"), 4 * _KIB * _KIB, elements=20_000),
    BodyRule(re.compile(""), 512 * _KIB),
)


def body_rule(path: str) -> BodyRule:
    """The rule of a path."""
    return next(rule for rule in BODY_RULES if rule.path.match(path))


class BodyLimits:
    """Passes on requests without a body as they are, and others once their body is known to be within its rule."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._uploads: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it as a problem document (sign-in: in Supabase Auth's shape)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope["method"] in _WITHOUT_BODY or not has_body(headers):
            await self._app(scope, receive, send)
            return
        rule, body = body_rule(scope["path"]), _Body(receive)
        try:
            user_id = "" if rule.public else await _caller(scope, headers)
            _require_declared_within(headers, rule)
            if rule.elements is None and not rule.public:
                await self._upload(user_id, scope, body.counted(rule), send)
                return
            data = await body.whole(rule)
            if rule.elements is not None:
                await _require_plain(data, rule)
        except ClientDisconnect:
            return
        except RundownError as error:
            await _answer(error, sign_in=scope["path"].startswith("/auth/"))(scope, receive, send)
            return
        await self._app(scope, _replayed(data, receive), send)

    async def _upload(self, user_id: str, scope: Scope, receive: Receive, send: Send) -> None:
        if self._uploads[user_id] >= _UPLOADS_AT_ONCE:
            raise TooManyRequests(
                f"{_UPLOADS_AT_ONCE} of your files are being sent at this moment. Wait for one to end.",
                code="too_many_uploads",
                retry_after=5.0,
            )
        self._uploads[user_id] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._uploads[user_id] -= 1
            if not self._uploads[user_id]:
                del self._uploads[user_id]


def has_body(headers: Headers) -> bool:
    """Whether a body follows the headers."""
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


class _Body:
    """A request's body as it arrives, with how much of it and for how long."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._began_at = time.monotonic()
        self.taken = 0
        self.ended = False

    async def whole(self, rule: BodyRule) -> bytes:
        """All of it, within the rule."""
        pieces = []
        while not self.ended:
            message = await self.next(rule)
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            pieces.append(message.get("body", b""))
        return b"".join(pieces)

    def counted(self, rule: BodyRule) -> Receive:
        """A `receive` that passes on pieces and refuses what goes beyond the rule."""

        async def receive() -> Message:
            try:
                return await self._receive() if self.ended else await self.next(rule)
            except RundownError as error:
                # FastAPI makes anything else that is raised while it reads a form a 400 without a reason.
                raise HTTPException(error.status, error.message) from error

        return receive

    async def next(self, rule: BodyRule) -> Message:
        """The next piece."""
        left_s = self._began_at + _FIRST_S + self.taken / _BYTES_PER_S - time.monotonic()
        try:
            async with asyncio.timeout(max(left_s, 0.0)):
                message = await self._receive()
        except TimeoutError:
            raise BodyTooSlow("The body of the request arrives too slowly. Send it again on a better line.") from None
        self.taken += len(message.get("body", b""))
        self.ended = message["type"] == "http.disconnect" or not message.get("more_body", False)
        if self.taken > rule.max_bytes:
            _too_large(rule)
        return message


async def _caller(scope: Scope, headers: Headers) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn(_NOT_SIGNED_IN)
    state: State = scope["app"].state
    verifier: TokenVerifier = state.services.verifier
    return (await verifier.verify(token.strip())).id


def _require_declared_within(headers: Headers, rule: BodyRule) -> None:
    declared = headers.get("content-length", "0")
    if not declared.isdecimal() or len(declared) > 18 or int(declared) > rule.max_bytes:
        _too_large(rule)


def _too_large(rule: BodyRule) -> NoReturn:
    most = rule.max_bytes
    size = f"{most // 2**20} MiB" if most >= 2**20 else f"{most // _KIB} KiB"
    raise TooLarge(f"The body of this request may take {size}. Send less at once.")


async def _require_plain(data: bytes, rule: BodyRule) -> None:
    # Measuring takes 5 ms a MiB; what is large is measured beside the event loop.
    if b"\0" in data:
        # Raw in UTF-8 it is never JSON; in UTF-16, which Python's parser would take, it is in every bracket.
        raise InvalidRequest("The body of this request must be JSON in UTF-8.", code="invalid_request")
    shape: JsonShape = measure_json(data) if len(data) <= 64 * _KIB else await asyncio.to_thread(measure_json, data)
    if shape.depth > rule.depth:
        raise InvalidRequest(
            f"The JSON of this request is nested more than {rule.depth} levels deep.", code="nested_too_deep"
        )
    if rule.elements is not None and shape.elements > rule.elements:
        raise InvalidRequest(
            f"The JSON of this request has more than {rule.elements:,} values.", code="too_many_elements"
        )


def _replayed(data: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body in one piece, then what the connection says next."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": data, "more_body": False}

    return again


def _answer(error: RundownError, *, sign_in: bool) -> Response:
    if not sign_in:
        return problem_of(error)
    body = {"code": error.status, "error_code": "validation_failed", "msg": error.message}
    return JSONResponse(body, error.status)
