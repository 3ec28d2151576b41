"""The stage after reading, for every importer: rows are netted, and what the file states is held against them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from backend.importers.base import ImportedRun, ImportOptions
from backend.importers.netting import net_positions
from backend.importers.position_columns import columns_of


def reconcile(run: ImportedRun, options: ImportOptions) -> ImportedRun:
    """The run with its rows netted, what the person said applied, and what was found said."""
    netting = "long_only" if options.long_only and run.netting == "signed" else run.netting
    positions = net_positions(columns_of(run.positions), netting)
    settings: dict[str, Any] = dict(run.settings)
    if options.multipliers:
        symbols = set(positions.column("symbol") or ())
        said = {symbol: options.multipliers.get(symbol, options.multipliers.get("*")) for symbol in symbols}
        known = {symbol: value for symbol, value in said.items() if value is not None}
        settings["multipliers"] = {**settings.get("multipliers", {}), **known}
    if run.evidence.inverse:
        settings["inverse"] = sorted(run.evidence.inverse)
    return replace(run, positions=positions, settings=settings)
