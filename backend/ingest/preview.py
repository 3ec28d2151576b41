"""What an import would make of a file, before anything is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from backend.analysis import RunSummary
from backend.importers import detect, hint_of, import_run, unpacked
from backend.importers.base import Action, Check, Field, ImportedRun, ImportOptions, ImportProblem, Question
from backend.importers.csv_columns import SYNONYMS
from backend.importers.plain_csv import guessed_mapping
from backend.importers.tables import kind_of, table_head
from backend.ingest.files import REPORTED_CHECKS, with_figures

Confidence = Literal["high", "medium", "low"]
_FIRST_ROWS = 10
_PLAIN = ("csv", "json", "parquet", "xlsx")
_TEXT_ENDINGS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".parquet", ".xlsx")
# A file that only lacks an answer from the person is previewed with the question; all else is refused.
_ANSWERABLE = {
    "missing_columns",
    "ambiguous_time",
    "bad_value",
    "several_currencies",
    "other_currency",
    "unknown_account",
    "strategy_required",
    "unknown_strategy",
    "ambiguous_number",
}


class PreviewRow(BaseModel):
    """One of the first positions."""

    ts: datetime
    action: Action
    symbol: str
    quantity: float | None
    price: float | None
    fees: float
    realized_pnl: float | None
    trade_ref: str | None
    tag: str | None


class PreviewProblem(BaseModel):
    """Why the file can't be imported yet; a mapping, a strategy or a currency may answer it."""

    code: str
    message: str
    line: int | None
    column: str | None


class ImportedBefore(BaseModel):
    """The run that this file was imported as."""

    run_id: int
    run_number: int
    name: str


class Preview(BaseModel):
    """What was recognised and read; nothing was saved.

    `confidence` is `high` when only one engine writes such a file and nothing that it states differs from what was
    read, `medium` for a table whose columns were guessed or where a question is left, and `low` when the guess is not
    enough (`problem` says why) or the file's own figures differ (`checks`). `questions` say which option answers what.
    `mapping` is each column's name with what it is taken for, for plain tables; `meanings` are what a column may be.
    """

    format: str
    confidence: Confidence
    name: str | None = None
    positions: int = 0
    trades: int = 0
    skipped_count: int = 0
    net_pnl: float | None = None
    first_rows: list[PreviewRow] = []
    warnings: list[str] = []
    currency: str | None = None
    timezone: str | None = None
    initial_cash: float | None = None
    strategies: list[str] = []
    mapping: dict[str, str | None] | None = None
    meanings: list[str] = []
    problem: PreviewProblem | None = None
    already_imported: ImportedBefore | None = None
    checks: list[Check] = []
    questions: list[Question] = []


def preview_run(filename: str, data: bytes, format_name: str | None, options: ImportOptions) -> Preview:
    """Read the file as an import would, and say what it would make.

    Raises:
        ImportProblem: the file is of no known format, or broken beyond what an option could mend.
    """
    filename, data = unpacked(filename, data)
    source = _format(filename, data, format_name, options)
    mapping = guessed_mapping(data, options.mapping) if source in _PLAIN else None
    meanings = list(SYNONYMS) if mapping is not None else []
    try:
        run = import_run(filename, data, format=source, options=options)
    except ImportProblem as error:
        if error.code not in _ANSWERABLE or (error.code == "bad_value" and mapping is None):
            raise
        problem = PreviewProblem(code=error.code, message=error.message, line=error.line, column=error.column)
        return Preview(
            format=source,
            confidence="low" if mapping is not None else "high",
            strategies=list(error.choices) if "strategy" in error.code else [],
            mapping=mapping,
            meanings=meanings,
            problem=problem,
            questions=_question_of(error),
        )
    run, summary = with_figures(run)
    return _told(run, summary, mapping, meanings)


def _question_of(error: ImportProblem) -> list[Question]:
    """The option that answers a refusal."""
    fields: Mapping[str, tuple[Field, Sequence[str]]] = {
        "missing_columns": ("mapping", ()),
        "ambiguous_time": ("date_order", ("day", "month")),
        "several_currencies": ("currency", error.choices),
        "other_currency": ("currency", error.choices),
        "unknown_account": ("account", error.choices),
    }
    if error.code not in fields:
        return []
    name, choices = fields[error.code]
    return [Question(name, error.message, None, choices)]


def _confidence(run: ImportedRun, *, guessed: bool) -> Confidence:
    """How sure the reading is: what the file states of itself counts for more than which format it is."""
    found = run.reconciliation
    if any(check.outcome == "differs" for check in found.checks):
        return "low"
    return "medium" if guessed or not found.agrees else "high"


def _format(filename: str, data: bytes, named: str | None, options: ImportOptions) -> str:
    """The format's name; text with columns that nobody knows is a plain table whose columns are to be named."""
    if named is not None:
        return named
    if options.mapping is not None:
        return kind_of(data)
    try:
        return detect(filename, data).name
    except ImportProblem as error:
        is_table = filename.lower().endswith(_TEXT_ENDINGS) and len(table_head(data)) >= 3
        if error.code != "unknown_format" or not is_table or hint_of(data):
            raise
        return kind_of(data)


def _told(
    run: ImportedRun, summary: RunSummary, mapping: dict[str, str | None] | None, meanings: Sequence[str]
) -> Preview:
    settings: Any = run.settings
    strategy, zone = settings.get("strategy"), settings.get("timezone")
    return Preview(
        format=run.source,
        confidence=_confidence(run, guessed=mapping is not None),
        name=run.name,
        positions=len(run.positions),
        trades=summary.trade_count + summary.open_count,
        skipped_count=len(run.skipped),
        net_pnl=summary.net_pnl,
        first_rows=[PreviewRow.model_validate(row, from_attributes=True) for row in run.positions[:_FIRST_ROWS]],
        warnings=list(run.warnings),
        currency=run.currency,
        timezone=zone if isinstance(zone, str) else "UTC",
        initial_cash=run.initial_cash,
        strategies=[strategy] if isinstance(strategy, str) else [],
        mapping=mapping,
        meanings=list(meanings),
        checks=list(run.reconciliation.checks[:REPORTED_CHECKS]),
        questions=list(run.reconciliation.questions[:REPORTED_CHECKS]),
    )
