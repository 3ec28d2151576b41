"""A run that was read and is not saved yet, as the frame that figures are computed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.analysis import RunFrame
from backend.analysis.positions import facts_of
from backend.importers.base import ImportedRun
from backend.importers.position_columns import Numbers, columns_of
from backend.ingest.run_columns import COLUMNS


def imported_frame(imported: ImportedRun) -> RunFrame:
    """The frame of a run that is not saved yet, for its headline figures (its ids are 0)."""
    facts = facts_of(imported, run_id=0, model_id=0, run_number=0, version=1)
    positions = columns_of(imported.positions)
    columns: dict[str, Sequence[Any]] = {"seq": range(1, len(positions) + 1)}
    for name in COLUMNS:
        column = positions.column(name)
        if column is not None:
            columns[name] = column.values if isinstance(column, Numbers) else column
    return RunFrame.from_columns(facts, columns)
