"""The golden transcripts in AG-UI's terms: the same text, every part closed, one end."""

from pathlib import Path

import pytest
from ag_ui import core

from backend.agents.core.events import ChatEvent, ReasoningEvent, StoppedEvent, TokenEvent, ToolEvent
from backend.agents.core.transcript import Transcript
from backend.api.ag_ui import AgUiTranslator
from tests.unit.agents.core.test_golden_transcripts import EVENT, STREAMS, frames_of

OPENS = {
    "TEXT_MESSAGE_START": "TEXT_MESSAGE_END",
    "REASONING_START": "REASONING_END",
    "REASONING_MESSAGE_START": "REASONING_MESSAGE_END",
    "TOOL_CALL_START": "TOOL_CALL_END",
}


def translated(events: list[ChatEvent]) -> list[core.BaseEvent]:
    translator = AgUiTranslator(thread_id="t", run_id="r")
    return [ours for event in events for ours in translator.translate(event)]


@pytest.mark.parametrize("path", sorted(STREAMS.glob("*.sse")), ids=lambda path: path.stem)
def test_golden_transcript_keeps_its_text_and_calls(path: Path) -> None:
    events = [EVENT.validate_json(frame["data"]) for frame in frames_of(path)]
    transcript = Transcript()
    for event in events:
        transcript.add(event)
    seen = translated(events)
    assert "".join(e.delta for e in seen if isinstance(e, core.TextMessageContentEvent)) == transcript.content
    assert [e.tool_call_name for e in seen if isinstance(e, core.ToolCallStartEvent)] == transcript.tool_calls
    assert seen[0].type == core.EventType.RUN_STARTED
    ends = [e for e in seen if e.type in (core.EventType.RUN_FINISHED, core.EventType.RUN_ERROR)]
    whole = any(event.type in ("done", "error") for event in events)
    assert len(ends) == whole
    if whole:
        assert seen[-1] is ends[0]
        assert still_open(seen) == []


def still_open(events: list[core.BaseEvent]) -> list[str]:
    waiting: list[str] = []
    for event in events:
        kind = event.type.value
        if kind in OPENS:
            waiting.append(OPENS[kind])
        elif kind in OPENS.values():
            assert waiting.pop() == kind
        elif not kind.endswith(("_CONTENT", "_ARGS")):
            assert waiting == [], f"{kind} inside of something open"
    return waiting


def test_text_thought_and_tools_are_parts_of_their_own() -> None:
    events: list[ChatEvent] = [
        ReasoningEvent(content="hm"),
        TokenEvent(content="a"),
        TokenEvent(content="b"),
        ToolEvent(tool="analyze_trades", id="c1", args={"filter_type": "all"}),
        TokenEvent(content="c"),
        StoppedEvent(request_id="x"),
    ]
    assert [event.type.value for event in translated(events)] == [
        "REASONING_START",
        "REASONING_MESSAGE_START",
        "REASONING_MESSAGE_CONTENT",
        "REASONING_MESSAGE_END",
        "REASONING_END",
        "TEXT_MESSAGE_START",
        "TEXT_MESSAGE_CONTENT",
        "TEXT_MESSAGE_CONTENT",
        "TEXT_MESSAGE_END",
        "TOOL_CALL_START",
        "TOOL_CALL_ARGS",
        "TOOL_CALL_END",
        "TEXT_MESSAGE_START",
        "TEXT_MESSAGE_CONTENT",
        "TEXT_MESSAGE_END",
        "RUN_FINISHED",
    ]
