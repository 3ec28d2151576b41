"""The error for a question that can't be asked of a run: it says what could be."""

from __future__ import annotations

from collections.abc import Sequence


class InvalidCriteria(ValueError):
    """A filter, criteria or metric group there is none of; `valid` lists what there is."""

    def __init__(self, message: str, valid: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.valid = list(valid)
        self.message = f"{message}; valid: {', '.join(self.valid)}" if self.valid else message
