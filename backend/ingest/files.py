"""One file read, in this process: the run with its headline figures, and the report on both."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import BinaryIO

from pydantic import BaseModel

from backend.analysis import RunSummary, summarise_run
from backend.importers import import_run
from backend.importers.base import Check, ImportedRun, ImportOptions, ImportProblem, Question, Skipped
from backend.importers.position_columns import Numbers, columns_of
from backend.importers.progress import Progress, tell
from backend.ingest.imported_frame import imported_frame

_REPORTED_SKIPS = 200
REPORTED_CHECKS = 100
_PIECE_BYTES = 2**20
_TEXT_COLUMNS = ("symbol", "trade_ref", "tag", "reasoning")
# Of all rows together, as stored.
MAX_TEXT_CHARS = 64 * 2**20


class SkippedRow(BaseModel):
    """A row that was left out, and why."""

    line: int
    why: str


class ImportReport(BaseModel):
    """What was made of the file; at most 200 of the skipped rows are listed.

    `checks` are what the file states, held against what was read; `questions` what the file can't say and an import's
    options can.
    """

    format: str
    positions: int
    trades: int
    skipped: list[SkippedRow]
    skipped_count: int
    warnings: list[str]
    checks: list[Check] = []
    questions: list[Question] = []


def read_run(
    filename: str, data: bytes, format_name: str | None, options: ImportOptions
) -> tuple[ImportedRun, RunSummary]:
    """Read a file and compute its headline figures.

    Raises:
        ImportProblem: the file can't be read whole.
    """
    return with_figures(import_run(filename, data, format=format_name, options=options))


def with_figures(imported: ImportedRun) -> tuple[ImportedRun, RunSummary]:
    """The run, warning of its trades too, and its headline figures."""
    count = len(imported.positions)
    tell(Progress("computing", count, count))
    _require_stored_within(imported)
    frame = imported_frame(imported)
    summary = summarise_run(frame)
    warnings = list(dict.fromkeys([*imported.warnings, *frame.trades.warnings]))
    return replace(imported, warnings=warnings), summary


def _require_stored_within(imported: ImportedRun) -> None:
    """Refuse a run whose texts would take too much once stored: in a packed file a text repeated costs next to nothing.

    Raises:
        ImportProblem: `too_large`.
    """
    positions = columns_of(imported.positions)
    chars = 0
    for name in _TEXT_COLUMNS:
        column = positions.column(name)
        if column is not None and not isinstance(column, Numbers):
            chars += sum(len(value) for value in column if isinstance(value, str))
    if chars > MAX_TEXT_CHARS:
        raise ImportProblem(
            f"The texts of this run have {chars:,} characters; a run may have {MAX_TEXT_CHARS:,}. Leave out columns of "
            "notes or reasons, or shorten them.",
            status=413,
            code="too_large",
        )


def report_on(imported: ImportedRun, summary: RunSummary) -> ImportReport:
    """What to tell the person who imported it."""
    skipped: Sequence[Skipped] = imported.skipped
    return ImportReport(
        format=imported.source,
        positions=len(imported.positions),
        trades=summary.trade_count + summary.open_count,
        skipped=[SkippedRow(line=row.line, why=row.why) for row in skipped[:_REPORTED_SKIPS]],
        skipped_count=len(skipped),
        warnings=list(imported.warnings),
        checks=list(imported.reconciliation.checks[:REPORTED_CHECKS]),
        questions=list(imported.reconciliation.questions[:REPORTED_CHECKS]),
    )


def content_digest(file: BinaryIO, strategy: str | None) -> str:
    """SHA-256 of the file; with a strategy chosen, of the file and its name: another strategy is another run."""
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(_PIECE_BYTES):
        digest.update(piece)
    file.seek(0)
    if strategy:
        digest.update(b"\0" + strategy.encode("utf-8", "replace"))
    return digest.hexdigest()
