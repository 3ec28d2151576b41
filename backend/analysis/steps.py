"""Work that can be left off now and then: a generator that yields between steps and returns what it made.

So that an event loop can go through it beside its other work; a step is a millisecond at most.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

Made = TypeVar("Made")
Steps = Generator[None, None, Made]


def made_by(steps: Steps[Made]) -> Made:
    """What it makes, all steps in one go."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            made: Made = end.value
            return made
