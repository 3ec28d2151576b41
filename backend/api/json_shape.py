"""How deep and how wide a JSON text is, measured before it is parsed: in time that grows with its length and no faster.

Nothing is said of whether it is valid: that is the parser's to find, which is safe to ask within these bounds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

# Always matches at a quote, also one that nothing closes: no place is looked at twice.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)


@dataclass(frozen=True, slots=True)
class JsonShape:
    """`elements`: values at most, in all levels together; `depth`: arrays and objects within each other at most."""

    elements: int
    depth: int


def measure_json(data: bytes) -> JsonShape:
    """The shape of a JSON text in UTF-8."""
    bare = np.frombuffer(_STRING.sub(b"", data), dtype=np.uint8)
    opening = (bare == ord("[")) | (bare == ord("{"))
    closing = (bare == ord("]")) | (bare == ord("}"))
    steps = opening.astype(np.int32) - closing
    depth = int(np.cumsum(steps).max(initial=0))
    return JsonShape(elements=1 + int(np.count_nonzero(bare == ord(","))) + int(opening.sum()), depth=depth)
