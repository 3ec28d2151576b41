"""What a person said of how to read a layout, for the next file of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from pydantic import TypeAdapter, ValidationError

from backend.importers.base import ANSWERS, ImportOptions, ImportProblem
from backend.importers.layouts.finding import located_in
from backend.importers.plain_csv import layout_of
from backend.importers.tables import table_head
from backend.importers.unpacking import is_gzip

_OPTIONS = TypeAdapter(ImportOptions)
_HEAD_BYTES = 2**16
# A digest of fewer headers tells no layouts apart.
_FEWEST_COLUMNS = 4


def layout_of_file(file: BinaryIO) -> str | None:
    """A broker's layout by its name, any other table of text by its headers; None for any other file, whose answers are
    not remembered.
    """
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    file.seek(0)
    if is_gzip(head) or head[:1] in (b"{", b"[", b"<") or head[:4] in (b"PK\x03\x04", b"PAR1"):
        return None
    try:
        located = located_in(head)
        headers = table_head(head)
    except ImportProblem:
        return None
    if located is not None:
        return located.layout.name
    return layout_of(headers) if len(headers) >= _FEWEST_COLUMNS else None


def remembered(options: ImportOptions, answers: Any, of: str) -> tuple[ImportOptions, list[str]]:
    """The options with the answers that they leave open, and the names of those that were taken.

    `answers` come out of the database: what is not an option's value is passed over.
    """
    given = answers if isinstance(answers, Mapping) else {}
    used: dict[str, Any] = {}
    for name in ANSWERS:
        if getattr(options, name) is not None or given.get(name) is None:
            continue
        try:
            used[name] = getattr(_OPTIONS.validate_python({name: given[name]}), name)
        except ValidationError:
            continue
    return replace(options, **used, answers_of=of) if used else options, list(used)
