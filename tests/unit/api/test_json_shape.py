"""The shape of JSON before it is parsed."""

import json

import pytest

from backend.api.json_shape import measure_json
from tests.support.growth import MOST, growth


@pytest.mark.parametrize(
    ("text", "elements", "depth"),
    [
        ("1", 1, 0),
        ("{}", 2, 1),
        ('{"a": [1, 2, 3]}', 5, 2),
        ('{"a": "[[[[,,,{{{"}', 2, 1),
        (r'{"a": "\"[[[", "b": [[]]}', 5, 3),
        (r'{"a": "\\", "b": [1]}', 4, 2),
        ('["open', 2, 1),
        ("[" * 900 + "]" * 900, 901, 900),
        ("]]]][", 2, 0),
    ],
)
def test_elements_and_depth_are_counted_outside_of_strings(text: str, elements: int, depth: int) -> None:
    shape = measure_json(text.encode())
    assert (shape.elements, shape.depth) == (elements, depth)


def test_it_never_says_less_than_there_is() -> None:
    value = {"rules": [{"params": {"symbols": ["A", "B"]}}, [[], [[]]]], "text": 'a "quoted" \\ one, [two]'}
    shape = measure_json(json.dumps(value).encode())
    # Objects 3, arrays 5, strings in arrays 2, the text 1.
    assert shape.elements >= 11
    assert shape.depth == 5


@pytest.mark.parametrize("piece", ['"', '"\\', "\\", '"a\\"', "[", '["'])
def test_the_time_grows_with_the_length_and_no_faster(piece: str) -> None:
    texts: dict[int, bytes] = {}

    def measure(count: int) -> None:
        measure_json(texts.setdefault(count, (piece * count).encode()))

    assert growth(measure, 50_000) < MOST
