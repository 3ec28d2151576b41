"""What goes wrong between us and the model → the contract's error codes, with what the reader can do about it."""

from __future__ import annotations

import re
from typing import Any

import openai
import orjson

from backend.agents.core.events import ErrorCode, ErrorEvent
from backend.errors import UpstreamFailed

_KEY_LIKE = re.compile(r"\b(?:sk|rk|pk)-[\w*.…-]{6,}", re.IGNORECASE)
_TOO_LONG = re.compile(
    r"context[ _-]?(?:length|window|size)|maximum context|too many (?:input )?tokens|(?:prompt|input) is too long"
    r"|reduce the length",
    re.IGNORECASE,
)
_NO_TOOLS = re.compile(
    r"support (?:for )?(?:tool|function)|tool (?:use|calling)|(?:tools?|functions?) (?:is|are) not", re.I
)
_NO_MODEL = re.compile(
    r"not a valid model|model.{0,80}(?:not found|does not exist|unavailable)|no endpoints found", re.I
)
_FILTERED = re.compile(r"moderation|flagged|content.?(?:filter|policy)|guardrail|safety", re.IGNORECASE)
_FORBIDDEN = re.compile(r"region|country|territor|permission", re.IGNORECASE)
_NO_CREDIT = re.compile(r"credit|key limit|quota|spend|budget", re.IGNORECASE)

_WORDS: dict[str, int] = {
    "rate_limit_exceeded": 429,
    "server_error": 502,
    "invalid_prompt": 400,
    "context_length_exceeded": 413,
    "insufficient_quota": 402,
    "timeout": 408,
}


class ModelFailure(UpstreamFailed):
    """The model could not answer; `code` is one of the contract's, the message says what to do."""

    code: ErrorCode = "upstream_unavailable"

    def __init__(
        self, code: ErrorCode, message: str, *, retryable: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message, code=code, retry_after=retry_after)
        self.error_code = code
        self.retryable = retryable

    def event(self) -> ErrorEvent:
        """As it goes on the wire."""
        return ErrorEvent(
            code=self.error_code, message=self.message, retryable=self.retryable, retry_after=self.retry_after
        )


def missing_api_key() -> ModelFailure:
    """No key is stored for the trading model."""
    return ModelFailure(
        "missing_api_key",
        "This model has no OpenRouter key. Add one in the model's settings, or switch it to offline/analyst.",
    )


def invalid_api_key() -> ModelFailure:
    """The stored key is none that OpenRouter takes."""
    return ModelFailure(
        "invalid_api_key", "OpenRouter does not accept this model's key. Enter a valid one in the model's settings."
    )


def tool_limit(rounds: int) -> ModelFailure:
    """The model went on calling tools instead of answering."""
    return ModelFailure(
        "tool_limit",
        f"The model called tools {rounds} times in a row without answering. Ask something narrower, or choose a "
        "stronger model in the model's settings.",
        retryable=True,
    )


def unavailable(reason: str = "") -> ModelFailure:
    """Nothing came, or what came broke off."""
    said = f" ({reason})" if reason else ""
    return ModelFailure(
        "upstream_unavailable", f"The model's provider failed to answer{said}. Try again in a moment.", retryable=True
    )


def broken_off() -> ModelFailure:
    """The line was cut before the answer ended."""
    return ModelFailure(
        "upstream_unavailable",
        "The connection to the model's provider broke off before the answer was complete. Try again.",
        retryable=True,
    )


def timed_out(seconds: float) -> ModelFailure:
    """Silence for too long."""
    return ModelFailure(
        "upstream_timeout",
        f"The model's provider sent nothing for {seconds:g} seconds. Try again, or choose a faster model.",
        retryable=True,
    )


def content_filtered() -> ModelFailure:
    """The provider withheld the answer."""
    return ModelFailure(
        "content_filtered",
        "The model's provider withheld the answer because of its content rules. Rephrase the question, or choose "
        "another model.",
    )


def empty_answer() -> ModelFailure:
    """The model ended without a word and without a call."""
    return ModelFailure(
        "upstream_unavailable", "The model ended without an answer. Try again, or choose another model.", retryable=True
    )


def from_error_frame(code: int | str | None, message: str) -> ModelFailure:
    """An error object inside the stream: its code is a status, or a word that stands for one."""
    status = _WORDS.get(code, 502) if isinstance(code, str) and not code.isdigit() else int(code or 502)
    return from_status(status, message)


def from_openai(error: openai.APIError, *, timeout: float) -> ModelFailure:
    """What the openai client raised before the first byte of an answer."""
    if isinstance(error, openai.APITimeoutError):
        return timed_out(timeout)
    if isinstance(error, openai.APIStatusError):
        return from_status(
            error.status_code,
            _said(error.body) or error.message,
            _retry_after(error.response.headers.get("retry-after")),
        )
    return unavailable("no connection")


def from_response(status: int, body: bytes, retry_after: str | None) -> ModelFailure:
    """A response that is no answer; its body may be OpenRouter's JSON, or anything."""
    try:
        said = _said(orjson.loads(body))
    except orjson.JSONDecodeError:
        said = ""
    return from_status(status, said or f"status {status}", _retry_after(retry_after))


def from_status(status: int, said: str, retry_after: float | None = None) -> ModelFailure:
    """An HTTP status and what came with it."""
    reason = _safe(said)
    if status == 401:
        return invalid_api_key()
    if status == 402 or (status == 403 and _NO_CREDIT.search(said)):
        return ModelFailure(
            "insufficient_credits",
            "The OpenRouter account or key has run out of credits. Add credits, or raise the key's limit.",
            retryable=retry_after is not None,
            retry_after=retry_after,
        )
    if status == 429:
        wait = f" in {retry_after:g} seconds" if retry_after is not None else " in a moment"
        return ModelFailure(
            "rate_limited",
            f"The model is being asked too often. Try again{wait}.",
            retryable=True,
            retry_after=retry_after,
        )
    if status == 408:
        return ModelFailure("upstream_timeout", "The model's provider took too long. Try again.", retryable=True)
    if status >= 500:
        return unavailable(f"status {status}")
    return _refused(status, said, reason)


def _refused(status: int, said: str, reason: str) -> ModelFailure:
    if status == 413 or _TOO_LONG.search(said):
        return ModelFailure(
            "context_too_long",
            "The conversation is longer than this model can read. Start a new conversation, or choose a model with a "
            "longer context.",
        )
    if status in (400, 404) and _NO_TOOLS.search(said):
        return ModelFailure(
            "model_lacks_tools",
            "This model can't call tools, which the analysis needs. Choose one that supports tools in the model's "
            "settings.",
        )
    if status == 404 or (status == 400 and _NO_MODEL.search(said)):
        return ModelFailure(
            "model_not_found",
            "OpenRouter does not offer this model (any more). Choose another in the model's settings.",
        )
    if (status == 403 and not _FORBIDDEN.search(said)) or _FILTERED.search(said):
        return content_filtered()
    return ModelFailure(
        "upstream_unavailable",
        f"OpenRouter refused the request: {reason} Check the model's parameters in its settings.",
    )


def _safe(said: str) -> str:
    """A provider's words, on one line, short, with anything that looks like a key blotted out."""
    line = _KEY_LIKE.sub("[key]", " ".join(said.split()))[:200].rstrip()
    return line if line.endswith((".", "!", "?")) else f"{line}."


def _said(body: Any) -> str:
    if isinstance(body, dict):
        inner = body.get("error", body)
        if isinstance(inner, dict):
            return str(inner.get("message") or "")
    return ""


def _retry_after(value: str | None) -> float | None:
    try:
        seconds = float(value) if value else None
    except ValueError:  # an HTTP date: rare, and the client's clock decides what it would mean
        return None
    return seconds if seconds is not None and seconds >= 0 else None
