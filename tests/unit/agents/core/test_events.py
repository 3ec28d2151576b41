"""The wire's JSON is what pydantic would write, only faster."""

import json
from typing import Any

import pytest
from pydantic import BaseModel

from backend.agents.core.events import (
    CheckedFigure,
    CheckEvent,
    ErrorEvent,
    StartEvent,
    TokenEvent,
    ToolResultEvent,
    UsageEvent,
    event_json,
    parse_event,
)
from backend.store.subject import run_subject

DATA: dict[str, Any] = {"kind": "metrics", "rows": [{"a": 1.5, "b": None, "c": float("nan")}], "hours": {1: 2.0}}
EVENTS: list[BaseModel] = [
    StartEvent(request_id="r", session_id=None, run_id=1, model="m", subject=run_subject(1)),
    TokenEvent(content='Grüße "₿" \u2028\r\n\x00 \U0001f44d'),
    ToolResultEvent(tool="t", id="1", ok=True, duration_ms=0.1, summary="s", data=DATA),
    CheckEvent(
        figures=[
            CheckedFigure(text="1", start=0, end=1, status="unverified"),
            CheckedFigure(text="2", start=2, end=3, status="verified", source={"tool": "t", "path": None}),
        ]
    ),
    UsageEvent(prompt_tokens=1, completion_tokens=2),
    UsageEvent(prompt_tokens=1, completion_tokens=2, cost_usd=0.1),
    ErrorEvent(code="internal", message="m", retryable=False),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_json_is_one_line_and_says_what_pydantic_would(event: BaseModel) -> None:
    written = event_json(event)
    assert b"\n" not in written
    assert b"\r" not in written
    assert json.loads(written) == json.loads(event.model_dump_json())


def test_json_is_read_back() -> None:
    event = TokenEvent(content="Grüße")
    assert parse_event(event_json(event)) == event


def test_what_is_no_event_is_refused() -> None:
    with pytest.raises(TypeError):
        event_json(object())  # type: ignore[arg-type]
