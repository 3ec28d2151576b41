"""Bytes of OpenRouter's stream → what they say: text, reasoning, tool calls, usage, the reason it ended.

Pure: `feed` takes what one read of the socket brought and answers with everything it held, so that a burst costs one
chunk, not one a token. Tool-call fragments are kept until the answer ends; half a call is of no use to anyone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import orjson

_REASONING = frozenset({"reasoning", "reasoning_content", "reasoning_details"})


# A line is kept until it ends; a provider that never ends one would fill the memory.
_FRAME_LIMIT_BYTES = 16 * 1024 * 1024
# Far above what a model writes. What goes beyond is not read: the answer so far is paid for, and ends there.
MAX_ANSWER_CHARS = 400_000
MAX_REASONING_CHARS = 2_000_000
# Tool calls of one message; of further ones the model is told nothing, as if it had not made them.
MAX_TOOL_CALLS = 32
_MAX_ARGUMENT_CHARS = 256 * 1024
_MAX_NAME_CHARS = 200
# More than any request holds, and little enough for the database's columns in sums.
_MAX_TOKENS = 10**9
_MAX_COST_USD = 10_000.0


@dataclass(frozen=True, slots=True)
class UpstreamUsage:
    """What the provider counted; `cost_usd` is OpenRouter's own figure, None when it gives none."""

    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class ToolCallText:
    """A complete tool call; `arguments` is always the text of a JSON object."""

    id: str
    name: str
    arguments: str


@dataclass(slots=True)
class Batch:
    """What one read brought; false when it was comments or fragments only."""

    text: str = ""
    reasoning: str = ""
    usage: UpstreamUsage | None = None
    finish_reason: str | None = None

    def __bool__(self) -> bool:
        return bool(self.text or self.reasoning or self.usage or self.finish_reason)


class UpstreamError(Exception):
    """An error object inside the stream; `code` is a status or a word, as the provider chose."""

    def __init__(self, code: int | str | None, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class GarbledFrame(Exception):
    """A frame that is not what the protocol allows; dropping it could drop a part of the answer."""


@dataclass(slots=True)
class _CallParts:
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)
    length: int = 0


class FrameReader:
    """Decodes one streamed completion. After the last byte, `complete` says whether the provider really ended it."""

    def __init__(self) -> None:
        self._rest = b""
        self._calls: dict[int, _CallParts] = {}
        self._details: list[dict[str, Any]] = []
        self._chars = self._reasoning_chars = 0
        self.finish_reason: str | None = None
        self.done = False
        self.failure: UpstreamError | GarbledFrame | None = None

    @property
    def complete(self) -> bool:
        """Whether the stream ended as it should: a reason to finish, or the closing mark."""
        return self.done or self.finish_reason is not None

    def feed(self, data: bytes) -> Batch:
        """Everything that the frames completed by `data` hold. After a failure in the midst of it this is what came
        before, and `failure` says what was wrong; nothing after it counts.

        Raises:
            UpstreamError: the provider reported an error in the stream, and `data` brought nothing else.
            GarbledFrame: a frame can't be read, and `data` brought nothing else.
        """
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > _FRAME_LIMIT_BYTES:
            raise GarbledFrame("a frame without an end")
        batch = Batch()
        texts: list[str] = []
        thoughts: list[str] = []
        try:
            for line in lines:
                # Comments, blank lines, and fields OpenRouter does not use, are passed over.
                if line.startswith(b"data:"):
                    self._read(line, batch, texts, thoughts)
                    if self.done:
                        break
        except (UpstreamError, GarbledFrame) as error:
            self.failure = error
        except (AttributeError, TypeError, ValueError, OverflowError) as error:
            # JSON, but not of the protocol's shape: a list where an object belongs, a word where a number does.
            self.failure = GarbledFrame(f"a frame of another shape ({type(error).__name__})")
        batch.text, batch.reasoning = "".join(texts), "".join(thoughts)
        self._bound(batch)
        if self.failure is not None and not batch:
            raise self.failure
        return batch

    def _bound(self, batch: Batch) -> None:
        """End an answer that does not end by itself."""
        self._chars += len(batch.text)
        self._reasoning_chars += len(batch.reasoning)
        beyond = self._chars - MAX_ANSWER_CHARS
        if beyond > 0:
            batch.text = batch.text[: len(batch.text) - beyond]
        if beyond > 0 or self._reasoning_chars > MAX_REASONING_CHARS:
            self.done, self.finish_reason = True, "length"

    def tool_calls(self) -> list[ToolCallText]:
        """The calls of the whole answer, in the order of their index."""
        return [
            ToolCallText(parts.id or f"call_{uuid4().hex[:16]}", parts.name, _object_text("".join(parts.arguments)))
            for _, parts in sorted(self._calls.items())
        ]

    def reasoning_details(self) -> list[dict[str, Any]]:
        """The provider's own reasoning blocks, pieces joined: some models want them back with the tool results."""
        return self._details

    def _read(self, line: bytes, batch: Batch, texts: list[str], thoughts: list[str]) -> None:
        try:
            frame = orjson.loads(line[5:])  # white space around it, a carriage return too, is JSON's own
        except orjson.JSONDecodeError as error:
            frame = _mended(line[5:])
            if frame is None:
                self._read_mark(line[5:].strip(), error)
                return
        if not isinstance(frame, dict):
            raise GarbledFrame("a frame is not an object")
        if reported := frame.get("error"):
            raise _upstream_error(reported)
        if usage := frame.get("usage"):
            batch.usage = _usage(usage)
        choice = next(iter(frame.get("choices") or ()), None)
        if choice is None:
            return
        if reported := choice.get("error"):
            raise _upstream_error(reported)
        if reason := choice.get("finish_reason"):
            self.finish_reason = batch.finish_reason = str(reason)
        delta = choice.get("delta")
        if not delta:
            return
        if content := delta.get("content"):
            texts.append(content if isinstance(content, str) else _plain(content))
        if not _REASONING.isdisjoint(delta):
            self._read_reasoning(delta, thoughts)
        for position, fragment in enumerate(delta.get("tool_calls") or ()):
            self._read_call(fragment, position)

    def _read_mark(self, payload: bytes, error: orjson.JSONDecodeError) -> None:
        if payload == b"[DONE]":
            self.done = True
        elif payload:
            raise GarbledFrame("a frame is not JSON") from error

    def _read_reasoning(self, delta: dict[str, Any], thoughts: list[str]) -> None:
        details = [detail for detail in delta.get("reasoning_details") or () if isinstance(detail, dict)]
        for detail in details:
            _join_detail(self._details, detail)
        # Providers send the same thought under one, two or all of these names: take the first that holds something.
        if thought := delta.get("reasoning") or delta.get("reasoning_content"):
            thoughts.append(_plain(thought))
        else:
            thoughts.extend(str(detail.get("text") or detail.get("summary") or "") for detail in details)

    def _read_call(self, fragment: dict[str, Any], position: int) -> None:
        function = fragment.get("function") or {}
        index = fragment.get("index")
        place = position if index is None else int(index)
        if place not in self._calls and len(self._calls) >= MAX_TOOL_CALLS:
            return
        parts = self._calls.setdefault(place, _CallParts())
        parts.id = parts.id or str(fragment.get("id") or "")[:_MAX_NAME_CHARS]
        parts.name = parts.name or str(function.get("name") or "")[:_MAX_NAME_CHARS]
        if arguments := function.get("arguments"):
            text = arguments if isinstance(arguments, str) else json.dumps(arguments)
            parts.length += len(text)
            if parts.length <= _MAX_ARGUMENT_CHARS:
                parts.arguments.append(text)


def _upstream_error(error: Any) -> UpstreamError:
    if not isinstance(error, dict):
        return UpstreamError(None, str(error))
    return UpstreamError(error.get("code"), str(error.get("message") or "the provider gave no reason"))


def _usage(usage: dict[str, Any]) -> UpstreamUsage:
    cost = usage.get("cost")
    known = isinstance(cost, int | float) and not isinstance(cost, bool) and 0 <= cost <= _MAX_COST_USD
    return UpstreamUsage(
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        cost_usd=float(cost or 0.0) if known else None,
    )


def _count(value: Any) -> int:
    """A count of tokens; what is none counts nothing, rather than costing the answer it came with."""
    try:
        return min(max(int(value or 0), 0), _MAX_TOKENS)
    except (TypeError, ValueError, OverflowError):
        return 0


def _mended(payload: bytes) -> Any | None:
    """A frame that is JSON but for bytes that are no UTF-8, or for half of a pair of UTF-16: those become U+FFFD."""
    if not payload.lstrip().startswith(b"{"):
        return None
    try:
        frame = json.loads(payload.decode("utf-8", "replace"), parse_constant=lambda _: None)
        text = json.dumps(frame, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    except (ValueError, RecursionError):
        return None
    return orjson.loads(text)


def _plain(content: Any) -> str:
    if isinstance(content, list):  # content parts; only text can be shown
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return str(content)


def _join_detail(details: list[dict[str, Any]], piece: dict[str, Any]) -> None:
    last = details[-1] if details else None
    if last is None or last.get("type") != piece.get("type") or last.get("index") != piece.get("index"):
        details.append(dict(piece))
        return
    for key, value in piece.items():
        if key in ("text", "summary", "data") and isinstance(value, str):
            last[key] = f"{last.get(key) or ''}{value}"
        elif value is not None:
            last[key] = value


def _object_text(arguments: str) -> str:
    """`arguments` if it is a JSON object; else an object that tells the tool (and so the model) what came instead."""
    if not arguments.strip():
        return "{}"
    try:
        parsed = orjson.loads(arguments)
    except orjson.JSONDecodeError:
        parsed = _mended(arguments.encode("utf-8", "replace"))
        arguments = arguments if parsed is None else orjson.dumps(parsed).decode()
    return arguments if isinstance(parsed, dict) else json.dumps({"unreadable_arguments": arguments[:200]})
