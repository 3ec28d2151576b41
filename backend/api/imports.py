"""Bringing a run in from a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import KW_ONLY, dataclass, replace
from typing import Annotated, BinaryIO, Literal

from fastapi import APIRouter, File, Form, Request, Response, UploadFile, status
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from sse_starlette import EventSourceResponse

from backend.api.connection import CallerAddress, CurrentUser, ModelStoreDep, RunStoreDep, ServicesDep
from backend.api.import_queue import ImportPlace
from backend.api.import_stream import stream_import
from backend.errors import Conflict, FileRefused, InvalidRequest, TooLarge
from backend.importers import MAX_BYTES
from backend.importers.base import ImportOptions, ImportProblem
from backend.importers.progress import Progress, tell
from backend.ingest.answers import layout_of_file, remembered
from backend.ingest.child_process import Reading, is_small, preview_apart, read_apart
from backend.ingest.files import ImportReport, content_digest, read_run, report_on
from backend.ingest.preview import ImportedBefore, Preview, preview_run
from backend.ingest.request import Saving
from backend.ingest.run_columns import import_body, made_in_threads
from backend.store.runs import RunRow, RunStore
from backend.telemetry import prometheus

router = APIRouter(prefix="/api/models/{model_id}/runs", tags=["imports"])

_MAPPING = TypeAdapter(dict[str, str | None])
_MULTIPLIERS = TypeAdapter(dict[str, Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]])
_OptionalText = Annotated[str | None, Form(max_length=200)]


class Imported(BaseModel):
    """The new run and the report."""

    run: RunRow
    report: ImportReport


@router.post(
    "/import",
    status_code=status.HTTP_201_CREATED,
    response_model=Imported | Preview,
    responses={
        status.HTTP_200_OK: {
            "model": Preview,
            "description": "With `dry_run`, what would be imported. With `Accept: text/event-stream`, events: "
            "`progress` any number of times, then `done` with the body of the 201 or 200, or `error` with a problem.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def import_file(
    model_id: int,
    request: Request,
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
    multipliers: Annotated[str | None, Form(max_length=100_000)] = None,
    date_order: Annotated[Literal["day", "month", ""] | None, Form()] = None,
    long_only: Annotated[bool | None, Form()] = None,
    account: _OptionalText = None,
    remember: Annotated[bool, Form()] = True,
    again: Annotated[bool, Form()] = False,
    dry_run: bool = False,
) -> Imported | Preview | EventSourceResponse:
    """Import a run, whole or not at all; `dry_run` only says what would be imported.

    What was said of an earlier file of the same layout (and not now) holds for this one too, and a warning says so;
    `remember=false` leaves that out. The same file into the same model a second time is 409 `already_imported`, unless
    `again` is said. A caller that accepts an event stream is told how far it is; closing that line ends the import,
    until all rows are sent.
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
        multipliers=_multipliers(multipliers),
        date_order=date_order or None,
        long_only=long_only,
        account=_given(account),
    )
    file.file.seek(0)
    small = await asyncio.to_thread(is_small, file.file, file.size or 0)
    upload = _Upload(file.file, file.filename or "upload", _given(format), options, small=small)
    upload = await _with_answers(upload, runs) if remember and upload.format is None else upload
    place = services.import_queue.admit(small=small)
    work = _in_turn(place, runs, upload, model_id, again=again, dry_run=dry_run)
    if _wants_events(request):
        return stream_import(work, path=request.url.path, on_end=place.leave)
    if dry_run:
        response.status_code = status.HTTP_200_OK
    return await work


@dataclass(frozen=True, slots=True)
class _Upload:
    file: BinaryIO
    filename: str
    format: str | None
    options: ImportOptions
    _: KW_ONLY
    small: bool


async def _with_answers(upload: _Upload, runs: RunStore) -> _Upload:
    """The upload with what was said of the newest run of its layout, where nothing else is said now."""
    layout = await asyncio.to_thread(layout_of_file, upload.file)
    before = await runs.find_answered(layout) if layout else None
    if before is None:
        return upload
    options, used = remembered(upload.options, before.settings.get("answers"), f"run #{before.run_number}")
    return replace(upload, options=options) if used else upload


async def _in_turn(
    place: ImportPlace, runs: RunStore, upload: _Upload, model_id: int, *, again: bool, dry_run: bool
) -> Imported | Preview:
    async with place.taken():
        digest = await asyncio.to_thread(content_digest, upload.file, upload.options.strategy)
        before = await runs.find_imported(model_id, digest)
        if dry_run:
            preview = await _preview(upload)
            preview.already_imported = _named(before) if before else None
            return preview
        if before and not again:
            raise _already(before)
        return await _import(runs, upload, Saving(model_id=model_id, content_sha256=digest, again=again))


async def _preview(upload: _Upload) -> Preview:
    try:
        if not upload.small:
            return await preview_apart(upload.file, upload.filename, upload.format, upload.options)
        data = upload.file.read()
        return await asyncio.to_thread(preview_run, upload.filename, data, upload.format, upload.options)
    except ImportProblem as error:
        raise refused(error) from error


async def _import(runs: RunStore, upload: _Upload, saving: Saving) -> Imported:
    try:
        async with _reading(upload, saving) as reading:
            run = await _saved(runs, reading)
    except ImportProblem as error:
        prometheus.IMPORTS.labels(upload.format or "unknown", "refused").inc()
        raise refused(error) from error
    except Conflict as error:
        # Another upload of the same file was faster.
        before = await runs.find_imported(saving.model_id, saving.content_sha256)
        raise (_already(before) if before else error) from error
    prometheus.IMPORTS.labels(reading.report.format, "imported").inc()
    return Imported(run=run, report=reading.report)


@asynccontextmanager
async def _reading(upload: _Upload, saving: Saving) -> AsyncIterator[Reading]:
    """The file, read: a small one here, any other in a process of its own, whose memory the kernel bounds."""
    if not upload.small:
        async with read_apart(upload.file, upload.filename, upload.format, upload.options, saving) as reading:
            yield reading
        return
    data = upload.file.read()
    imported, summary = await asyncio.to_thread(read_run, upload.filename, data, upload.format, upload.options)
    parts = import_body(saving.model_id, imported, summary, content_sha256=saving.content_sha256, again=saving.again)
    yield Reading(report_on(imported, summary), made_in_threads(parts))


async def _saved(runs: RunStore, reading: Reading) -> RunRow:
    """Save the run. Until all of it is sent, a cancellation ends that and nothing is saved; from then on the database
    finishes what it has begun, and the run stays.
    """
    sent = asyncio.Event()
    saving = asyncio.create_task(runs.save_import(_noted(reading, sent)))
    try:
        return await asyncio.shield(saving)
    except asyncio.CancelledError:
        if not sent.is_set():
            saving.cancel()
        await asyncio.gather(saving, return_exceptions=True)
        raise


async def _noted(reading: Reading, sent: asyncio.Event) -> AsyncIterator[bytes]:
    async for piece in reading.body:
        yield piece
    count = reading.report.positions
    tell(Progress("storing", count, count))
    sent.set()


def refused(error: ImportProblem) -> FileRefused:
    """An importer's refusal as the caller sees it, with the line where it is known."""
    where = {"line": error.line, "column": error.column}
    entry = {key: value for key, value in where.items() if value is not None} | {"why": error.message}
    return FileRefused(error.message, code=error.code, status=error.status, errors=[entry])


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


def _multipliers(value: str | None) -> dict[str, float] | None:
    """The form's JSON object, symbol → money per point and unit.

    Raises:
        InvalidRequest: it is no such object.
    """
    if not _given(value):
        return None
    try:
        return _MULTIPLIERS.validate_json(value or "") or None
    except ValidationError as error:
        raise InvalidRequest(
            'The multipliers must be a JSON object of symbols and numbers above zero, such as {"MNQH6": 2}.',
            code="bad_option",
        ) from error


def _wants_events(request: Request) -> bool:
    accepted = request.headers.get("accept", "").lower().split(",")
    return any(part.split(";")[0].strip() == "text/event-stream" for part in accepted)


def _given(value: str | None) -> str | None:
    """An empty form field is one that was left out."""
    return value.strip() or None if value else None
