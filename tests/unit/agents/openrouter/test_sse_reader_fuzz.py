"""The provider's bytes, hostile: whatever comes, a batch or one of the two failures; and cuts change nothing."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.agents.openrouter import sse_reader as frames
from backend.agents.openrouter.sse_reader import FrameReader, GarbledFrame, UpstreamError

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
_NAMES = st.sampled_from(["choices", "delta", "content", "tool_calls", "index", "id", "function", "name", "arguments"])
_MORE = st.sampled_from(["usage", "prompt_tokens", "cost", "error", "code", "message", "reasoning", "finish_reason"])
_LIKE_FRAMES = st.recursive(
    _JSON, lambda inner: st.dictionaries(_NAMES | _MORE, inner | st.lists(inner, max_size=2), max_size=4), max_leaves=12
)
_LINES = st.one_of(
    _LIKE_FRAMES.map(lambda value: b"data: " + json.dumps(value).encode()),
    st.binary(max_size=40),
    st.sampled_from([b"data: [DONE]", b": ping", b"data:", b"event: message", b"data: {", b"data: \xff\xfe", b"\r"]),
)
_TEXT_FRAMES = st.text(max_size=12).map(
    lambda text: b"data: " + json.dumps({"choices": [{"delta": {"content": text}}]}, ensure_ascii=False).encode()
)


@settings(max_examples=500, deadline=None)
@given(st.lists(_LINES, max_size=6), st.integers(1, 50))
def test_any_bytes_give_batches_or_a_failure_and_never_another_exception(lines: list[bytes], size: int) -> None:
    data = b"\n".join([*lines, b""])
    reader = FrameReader()
    try:
        for at in range(0, len(data), size):
            batch = reader.feed(data[at : at + size])
            assert isinstance(batch.text, str)
            assert isinstance(batch.reasoning, str)
            if reader.failure is not None:
                break
        for call in reader.tool_calls():
            assert isinstance(json.loads(call.arguments), dict)
    except (UpstreamError, GarbledFrame) as error:
        assert str(error)


@settings(max_examples=200, deadline=None)
@given(st.lists(_TEXT_FRAMES, max_size=5), st.lists(st.integers(1, 20), min_size=1, max_size=30))
def test_where_the_bytes_are_cut_changes_nothing(lines: list[bytes], sizes: list[int]) -> None:
    data = b"\n\n".join([*lines, b"data: [DONE]", b""])
    whole, cut = FrameReader(), FrameReader()
    expected, text, at, turn = whole.feed(data).text, "", 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        text += cut.feed(data[at : at + size]).text
        at, turn = at + size, turn + 1
    assert text == expected
    assert cut.done is whole.done


def test_line_that_never_ends_is_given_up(monkeypatch) -> None:
    monkeypatch.setattr(frames, "_FRAME_LIMIT_BYTES", 1000)
    reader = FrameReader()
    try:
        for _ in range(20):
            reader.feed(b"x" * 100)
    except GarbledFrame:
        return
    raise AssertionError("a line of 2000 bytes was kept")
