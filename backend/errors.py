"""Every error the product answers with: a stable code, an HTTP status, a safe message, and who must act."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

Actor = Literal["user", "model", "operator", "developer"]


class RundownError(Exception):
    """Base of the errors that are answered to a caller.

    `message` is safe to show: it never holds a secret, a token or another user's data, and says what to do.
    """

    code: str = "internal"
    status: int = 500
    actor: ClassVar[Actor] = "developer"
    title: ClassVar[str] = "Something went wrong"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        errors: Sequence[dict[str, Any]] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.errors = list(errors)
        self.retry_after = retry_after
        if code is not None:
            self.code = code
        if status is not None:
            self.status = status


class InvalidRequest(RundownError):
    """The request can't be carried out as it is; the message says what to change."""

    code, status, actor, title = "invalid_request", 422, "user", "The request is not valid"


class NotSignedIn(RundownError):
    """No token, or one that is expired or not ours."""

    code, status, actor, title = "not_signed_in", 401, "user", "Sign in first"


class NotFound(RundownError):
    """It does not exist, or belongs to someone else: the two look the same on purpose."""

    code, status, actor, title = "not_found", 404, "user", "Not found"


class Conflict(RundownError):
    """What is asked clashes with what is already there or under way."""

    code, status, actor, title = "conflict", 409, "user", "Conflict"


class TooLarge(RundownError):
    """More than the server takes."""

    code, status, actor, title = "too_large", 413, "user", "Too large"


class UnknownHost(RundownError):
    """A request to a name that is not this server's."""

    code, status, actor, title = "unknown_host", 421, "operator", "This is not the server of that name"


class BodyTooSlow(RundownError):
    """A request whose body did not arrive in time."""

    code, status, actor, title = "request_timeout", 408, "user", "The request took too long to arrive"


class TooManyRequests(RundownError):
    """A limit is used up; `code` says which, `retry_after` when there is room again."""

    code, status, actor, title = "too_many_requests", 429, "user", "Too many requests"


class FileRefused(RundownError):
    """A run file that can't be read whole; nothing was kept of it."""

    code, status, actor, title = "unreadable_file", 422, "user", "The file can't be imported"


class UpstreamFailed(RundownError):
    """OpenRouter refused or did not answer."""

    code, status, actor, title = "upstream_unavailable", 502, "user", "OpenRouter did not answer"


class StoreUnavailable(RundownError):
    """The database did not answer, or failed; trying again may help."""

    code, status, actor, title = "database_unavailable", 503, "operator", "The database is not available"


class Misconfigured(RundownError):
    """A setting is missing or wrong; the message names it and says what to do."""

    code, status, actor, title = "misconfigured", 500, "operator", "The server is not set up right"
