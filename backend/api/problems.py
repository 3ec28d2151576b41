"""Errors as `application/problem+json` (RFC 9457): the one place where an exception becomes a response."""

from __future__ import annotations

import math
from collections.abc import Sequence
from http import HTTPStatus
from itertools import islice
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount

from backend.analysis import InvalidCriteria
from backend.api.security_headers import DATA_HEADERS
from backend.errors import InvalidRequest, RundownError

log = structlog.get_logger(__name__)
_SHOWN_FAULTS = 20
_SHOWN_CHARS = 200
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


def problem(
    *,
    status: int,
    code: str,
    title: str,
    detail: str,
    errors: Sequence[dict[str, Any]] = (),
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """A problem document; `code` is stable, `detail` is for a person."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}
    if errors:
        body["errors"] = list(errors)
    # Said here too: what is answered to an error that nobody expected passes by the middleware.
    return JSONResponse(body, status, {**DATA_HEADERS, **(headers or {})}, media_type="application/problem+json")


def problem_of(error: RundownError) -> JSONResponse:
    """The problem document of one of our errors."""
    headers = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return problem(
        status=error.status,
        code=error.code,
        title=error.title,
        detail=error.message,
        errors=error.errors,
        headers=headers,
    )


def problem_document(error: Exception, path: str) -> JSONResponse:
    """The problem document of what was raised while `path` was answered; what is our fault is logged."""
    if isinstance(error, RundownError):
        if error.status >= 500:
            log.error("request_failed", code=error.code, path=path)
        return problem_of(error)
    log.error("unexpected_error", path=path, exc_info=error)
    return problem(
        status=500,
        code="internal",
        title="Something went wrong",
        detail="The server met an error it did not expect. Try again; if it stays, look into the server's log.",
    )


def add_problem_handlers(app: FastAPI) -> None:
    """Answer every error of `app` as a problem document."""

    @app.exception_handler(RundownError)
    async def _ours(request: Request, error: RundownError) -> JSONResponse:
        return problem_document(error, request.url.path)

    @app.exception_handler(InvalidCriteria)
    async def _criteria(request: Request, error: InvalidCriteria) -> JSONResponse:
        # What the analysis could not understand, with what it would.
        why = {"field": "criteria", "why": error.message, "valid": list(error.valid)}
        return problem_of(InvalidRequest(error.message, code="invalid_criteria", errors=[why]))

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        # Pydantic echoes the input; a key or password must not come back in an error.
        errors = [
            {"field": _cut(_field(item["loc"])), "why": _cut(item["msg"])}
            for item in islice(error.errors(), _SHOWN_FAULTS)
        ]
        what = "; ".join(f"{item['field']}: {item['why']}" for item in errors[:5])
        return problem(
            status=422,
            code="invalid_request",
            title="The request is not valid",
            detail=f"Check these fields and try again: {what}.",
            errors=errors,
        )

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        headers = dict(error.headers or {})
        if status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED} and (allowed := _allowed(request)):
            # The router names the methods of the first route that fits the path, and there may be several.
            status, headers["Allow"] = HTTPStatus.METHOD_NOT_ALLOWED, ", ".join(sorted(allowed))
            error.detail = status.phrase
        return problem(
            status=status,
            code="too_large" if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else status.name.lower(),
            title=status.phrase,
            detail=str(error.detail),
            headers=headers,
        )

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> JSONResponse:
        return problem_document(error, request.url.path)


def _field(where: Sequence[object]) -> str:
    return ".".join(str(part) for part in where[1:]) or str(where[0])


def _cut(text: str) -> str:
    """Field names and messages hold what the caller wrote: an answer is not to be larger than its question."""
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"


def _allowed(request: Request) -> set[str]:
    """The methods that the requested path has, when the one that was used is none of them."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    methods = {
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    }
    return set() if request.method in methods else methods
