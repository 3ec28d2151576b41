"""What is said between the server and a process that reads one file for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel

from backend.importers.base import ImportOptions, ImportProblem
from backend.importers.progress import Progress
from backend.ingest.files import ImportReport
from backend.ingest.preview import Preview

# The longest answer: its texts are an importer's own, cut where they quote the file.
MAX_ANSWER_BYTES = 16 * 2**20


class Saving(BaseModel):
    """What the run's body says beside the run."""

    model_id: int
    content_sha256: str
    again: bool


class Request(BaseModel):
    """The file is the process's standard input; `saving` is None where a preview is all that is asked."""

    filename: str
    format: str | None
    options: ImportOptions
    saving: Saving | None
    memory_bytes: int
    cpu_s: int


class Problem(BaseModel):
    """An `ImportProblem`."""

    message: str
    line: int | None = None
    column: str | None = None
    status: int = 422
    code: str
    choices: Sequence[str] = ()

    @classmethod
    def of(cls, problem: ImportProblem) -> Problem:
        """The problem, to be said."""
        names: dict[str, Any] = {name: getattr(problem, name) for name in cls.model_fields}
        return cls(**names)

    def raised(self) -> ImportProblem:
        """The problem, to be raised."""
        said = self.model_dump(exclude={"message"})
        return ImportProblem(self.message, **said)


class Answer(BaseModel):
    """One line on standard output.

    Any number of `progress` come first, then `previewed`, `refused` or `read`. After `read` follows the body that saves
    the run: `part`s, each with `size` bytes after its line, with `progress` between them, and `whole` when all is said;
    or `refused` in its place.
    """

    outcome: Literal["progress", "read", "previewed", "refused", "part", "whole"]
    progress: Progress | None = None
    report: ImportReport | None = None
    preview: Preview | None = None
    problem: Problem | None = None
    size: int = 0
