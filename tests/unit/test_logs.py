"""What is secret never reaches a log line, whoever writes it and wherever it stands."""

import logging
from typing import Any

import pytest

from backend.logs import _RedactingFormatter, hide_secrets, redact

KEY = "sk-or-v1-0123456789abcdef0123"
JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
SEALED = "v1.0a1b2c3d.QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="


@pytest.mark.parametrize("secret", [KEY, JWT, SEALED])
@pytest.mark.parametrize(
    "event",
    [
        lambda s: {"event": f"failed with {s} in it"},
        lambda s: {"event": "x", "body": {"deep": [{"er": s}]}},
        lambda s: {"event": "x", "exception": f"Traceback …\n  File …\nValueError: bad {s}"},
        lambda s: {"event": "x", "error": ValueError(s)},
    ],
)
def test_secret_shape_is_blotted_out_anywhere(secret: str, event: Any) -> None:
    assert secret not in str(hide_secrets(None, "info", event(secret)))


@pytest.mark.parametrize("name", ["api_key", "access_token", "Authorization", "set-cookie", "password", "secret"])
def test_field_that_is_secret_by_name_is_blotted_out_at_any_depth(name: str) -> None:
    cleaned = hide_secrets(None, "info", {name: "plain words", "headers": {name: "plain words"}})
    assert "plain words" not in str(cleaned)


def test_counts_and_plain_fields_stay() -> None:
    event = {"event": "turn_ended", "prompt_tokens": 120, "run_id": 7, "ok": True, "path": "/api/models/1", "why": None}
    assert hide_secrets(None, "info", dict(event)) == event


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("GET /x/chat-stream?message=hi&token=abc123 HTTP/1.1", "GET /x/chat-stream?message=hi&token=… HTTP/1.1"),
        ("GET /x?token=abc&message=hi", "GET /x?token=…&message=hi"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer …"),
        ("connecting to postgresql://postgres:hunter2@db/postgres", "connecting to postgresql://…@db/postgres"),
    ],
)
def test_other_libraries_lines_are_redacted_as_they_are_written(line: str, kept: str) -> None:
    record = logging.LogRecord("uvicorn.error", logging.WARNING, "", 0, "%s", (line,), None)
    assert _RedactingFormatter("%(message)s").format(record) == kept


def test_ordinary_words_are_left_alone() -> None:
    line = "task-runner risk-adjusted eye-opening v1.2.3 https://example.com/a?tokens=3"
    assert redact(line) == line
