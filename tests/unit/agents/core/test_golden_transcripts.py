"""The golden transcripts, which the page's tests replay too: every frame is an event of ours and folds as expected."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from backend.agents.core.events import ChatEvent, DoneEvent, ErrorEvent, ReasoningEvent
from backend.agents.core.transcript import Transcript

STREAMS = Path(__file__).resolve().parents[3] / "data" / "streams"
EVENT: TypeAdapter[ChatEvent] = TypeAdapter(ChatEvent)


def frames_of(path: Path) -> list[dict[str, str]]:
    text = path.read_bytes().decode()
    assert "\r" not in text, "frames end in \\n alone"
    # What comes after the last empty line is a frame that was cut, and counts for nothing.
    blocks = text.split("\n\n")[:-1]
    frames = []
    for block in blocks:
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        if lines:
            frames.append(dict(line.split(": ", 1) for line in lines))
    return frames


def replayed(path: Path) -> dict[str, Any]:
    events = [EVENT.validate_json(frame["data"]) for frame in frames_of(path)]
    transcript = Transcript()
    for event in events:
        transcript.add(event)
    done = next((e for e in events if isinstance(e, DoneEvent)), None)
    error = transcript.error
    return {
        "content": transcript.content,
        "reasoning": "".join(event.content for event in events if isinstance(event, ReasoningEvent)),
        "tool_calls": transcript.tool_calls,
        "tool_results": [{"tool": r.tool, "id": r.id, "ok": r.ok} for r in transcript.tool_results],
        "figures": [{"text": figure.text, "status": figure.status} for figure in transcript.checks],
        "usage": transcript.usage.model_dump() if transcript.usage else None,
        "questions": transcript.suggestions,
        "error": {"code": error.code, "retryable": error.retryable} if error else None,
        "done": done.model_dump(exclude={"type"}) if done else None,
        "ended": "done" if done else "error" if isinstance(error, ErrorEvent) else "cut",
    }


@pytest.mark.parametrize("path", sorted(STREAMS.glob("*.sse")), ids=lambda path: path.stem)
def test_transcript_folds_to_what_is_expected(path: Path) -> None:
    expected = json.loads(path.with_suffix("").with_suffix(".expected.json").read_text())
    # A message keeps results in the order of their calls; the wire has them in the order they ended.
    folded = replayed(path)
    for results in (folded["tool_results"], expected["tool_results"]):
        results.sort(key=lambda result: str(result["id"]))
    assert folded == {"usage": None, **expected}


@pytest.mark.parametrize("path", sorted(STREAMS.glob("*.sse")), ids=lambda path: path.stem)
def test_frames_are_numbered_from_one_and_named_message(path: Path) -> None:
    frames = frames_of(path)
    assert [frame["id"] for frame in frames] == [str(number) for number in range(1, len(frames) + 1)]
    assert {frame["event"] for frame in frames} == {"message"}


@pytest.mark.parametrize("path", sorted(STREAMS.glob("*.sse")), ids=lambda path: path.stem)
def test_figures_stand_where_their_offsets_say(path: Path) -> None:
    transcript = Transcript()
    for frame in frames_of(path):
        transcript.add(EVENT.validate_json(frame["data"]))
    utf16 = transcript.content.encode("utf-16-le")
    for figure in transcript.checks:
        assert utf16[figure.start * 2 : figure.end * 2].decode("utf-16-le") == figure.text
