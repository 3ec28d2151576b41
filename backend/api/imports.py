"""Bringing a run in from a file."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, File, Form, Response, UploadFile, status
from pydantic import BaseModel, TypeAdapter, ValidationError

from backend.analysis import RunSummary, summarise_run
from backend.api import metrics
from backend.api.deps import CallerAddress, CurrentUser, ModelStoreDep, RunStoreDep, ServicesDep
from backend.api.import_preview import ImportedBefore, Preview, preview_run
from backend.errors import Conflict, FileRefused, InvalidRequest, TooLarge
from backend.importers import MAX_BYTES, import_run
from backend.importers.base import ImportedRun, ImportOptions, ImportProblem, Skipped
from backend.store.runs import RunRow, RunStore, imported_frame

router = APIRouter(prefix="/api/models/{model_id}/runs", tags=["imports"])

_REPORTED_SKIPS = 200
_LARGE_BYTES = 8 * 2**20
_MAPPING = TypeAdapter(dict[str, str | None])
_OptionalText = Annotated[str | None, Form(max_length=200)]


class SkippedRow(BaseModel):
    """A row that was left out, and why."""

    line: int
    why: str


class ImportReport(BaseModel):
    """What was made of the file; at most 200 of the skipped rows are listed."""

    format: str
    positions: int
    trades: int
    skipped: list[SkippedRow]
    skipped_count: int
    warnings: list[str]


class Imported(BaseModel):
    """The new run and the report."""

    run: RunRow
    report: ImportReport


@router.post("/import", status_code=status.HTTP_201_CREATED)
async def import_file(
    model_id: int,
    models: ModelStoreDep,
    runs: RunStoreDep,
    services: ServicesDep,
    user: CurrentUser,
    address: CallerAddress,
    response: Response,
    file: Annotated[UploadFile, File()],
    format: _OptionalText = None,  # noqa: A002 - the wire's name
    name: _OptionalText = None,
    initial_cash: Annotated[float | None, Form(ge=0, le=1e15, allow_inf_nan=False)] = None,
    currency: Annotated[str | None, Form(max_length=12, pattern=r"^[A-Za-z0-9.]+$")] = None,
    timezone: _OptionalText = None,
    strategy: _OptionalText = None,
    symbol: Annotated[str | None, Form(max_length=60)] = None,
    mapping: Annotated[str | None, Form(max_length=100_000)] = None,
    again: Annotated[bool, Form()] = False,
    dry_run: bool = False,
) -> Imported | Preview:
    """Import a run, whole or not at all; `dry_run` only says what would be imported.

    The same file into the same model a second time is 409 `already_imported`, unless `again` is said.
    """
    await models.get_model(model_id)
    if file.size is not None and file.size > MAX_BYTES:
        raise TooLarge(
            f"The file is larger than {MAX_BYTES // 2**20} MiB. Split the run, or leave out what is not trades."
        )
    await services.limits.admit_upload(user.id, address, file.size or 0)
    options = ImportOptions(
        name=_given(name),
        initial_cash=initial_cash,
        currency=_given(currency),
        timezone=_given(timezone),
        strategy=_given(strategy),
        symbol=_given(symbol),
        mapping=_mapping(mapping),
    )
    async with services.large_import if (file.size or 0) > _LARGE_BYTES else nullcontext():
        upload = _Upload(file.filename or "upload", await file.read(), _given(format), options)
        digest = await asyncio.to_thread(content_digest, upload.data, options.strategy)
        before = await runs.find_imported(model_id, digest)
        if dry_run:
            response.status_code = status.HTTP_200_OK
            return await _preview(upload, before)
        if before and not again:
            raise _already(before)
        return await _import(model_id, runs, upload, digest, again=again)


@dataclass(frozen=True, slots=True)
class _Upload:
    filename: str
    data: bytes
    format: str | None
    options: ImportOptions


async def _preview(upload: _Upload, before: RunRow | None) -> Preview:
    try:
        preview = await asyncio.to_thread(preview_run, upload.filename, upload.data, upload.format, upload.options)
    except ImportProblem as error:
        raise refused(error) from error
    preview.already_imported = _named(before) if before else None
    return preview


async def _import(model_id: int, runs: RunStore, upload: _Upload, digest: str, *, again: bool) -> Imported:
    try:
        imported, summary = await asyncio.to_thread(
            read_run, upload.filename, upload.data, upload.format, upload.options
        )
    except ImportProblem as error:
        metrics.IMPORTS.labels(upload.format or "unknown", "refused").inc()
        raise refused(error) from error
    try:
        run = await runs.add_run(model_id, imported, summary, content_sha256=digest, again=again)
    except Conflict as error:
        # Another upload of the same file was faster.
        before = await runs.find_imported(model_id, digest)
        raise (_already(before) if before else error) from error
    metrics.IMPORTS.labels(imported.source, "imported").inc()
    return Imported(run=run, report=_report(imported, summary))


def read_run(
    filename: str, data: bytes, format_name: str | None, options: ImportOptions
) -> tuple[ImportedRun, RunSummary]:
    """Read a file and compute its headline figures.

    Raises:
        ImportProblem: the file can't be read whole.
    """
    imported = import_run(filename, data, format=format_name, options=options)
    return imported, summarise_run(imported_frame(imported))


def content_digest(data: bytes, strategy: str | None) -> str:
    """SHA-256 of the file; with a strategy chosen, of the file and its name: another strategy is another run."""
    digest = hashlib.sha256(data)
    if strategy:
        digest.update(b"\0" + strategy.encode("utf-8", "replace"))
    return digest.hexdigest()


def refused(error: ImportProblem) -> FileRefused:
    """An importer's refusal as the caller sees it, with the line where it is known."""
    where = {"line": error.line, "column": error.column}
    entry = {key: value for key, value in where.items() if value is not None} | {"why": error.message}
    return FileRefused(error.message, code=error.code, status=error.status, errors=[entry])


def _report(imported: ImportedRun, summary: RunSummary) -> ImportReport:
    skipped: Sequence[Skipped] = imported.skipped
    return ImportReport(
        format=imported.source,
        positions=len(imported.positions),
        trades=summary.trade_count + summary.open_count,
        skipped=[SkippedRow(line=row.line, why=row.why) for row in skipped[:_REPORTED_SKIPS]],
        skipped_count=len(skipped),
        warnings=list(imported.warnings),
    )


def _named(run: RunRow) -> ImportedBefore:
    return ImportedBefore(run_id=run.id, run_number=run.run_number, name=run.name)


def _already(run: RunRow) -> Conflict:
    """The refusal of a file that the model has."""
    return Conflict(
        f"This file is already imported, as run #{run.run_number} ({run.name}). Import it again only if you want a "
        "second run of it.",
        code="already_imported",
        errors=[{**_named(run).model_dump(), "why": "already imported"}],
    )


def _mapping(value: str | None) -> dict[str, str | None] | None:
    """The form's JSON object, column → meaning or null.

    Raises:
        InvalidRequest: it is no such object.
    """
    if not _given(value):
        return None
    try:
        return _MAPPING.validate_json(value or "")
    except ValidationError as error:
        raise InvalidRequest(
            'The mapping must be a JSON object of column names and what they mean, such as {"Date": "time"}.',
            code="bad_mapping",
        ) from error


def _given(value: str | None) -> str | None:
    """An empty form field is one that was left out."""
    return value.strip() or None if value else None
