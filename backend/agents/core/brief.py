"""A tool's typed result as the model reads it: short, rounded, and with everything from the run fenced as data.

What is told follows from the fields' types and their marks (`analysis/brief.py`), so that a new result needs no code
here. The result stays within the budget by giving fewer rows, never by cutting JSON in the middle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from backend.agents.core.compact import BUDGET_CHARS, fence
from backend.analysis.brief import Brief, How

_NAME = 60
_TEXT = 400
_SIZES = ((40, 20, 240), (20, 12, 160), (12, 8, 120), (8, 5, 80), (5, 4, 60), (3, 3, 40), (2, 2, 40), (1, 1, 24))
_FEW = 10
# Texts of the source: data, whatever they say.
_QUOTED = ("entry_reasoning", "exit_reasoning")


class _Size:
    def __init__(self, rows: int, trades: int, text: int) -> None:
        self.rows, self.trades, self.text = rows, trades, text


def brief(result: BaseModel) -> str:
    """The result as fenced JSON of about 1,500 tokens at most."""
    text = ""
    for size in _SIZES:
        text = fence(_model(result, _Size(*size)))
        if len(text) <= BUDGET_CHARS:
            break
    return text


def _how(model: type[BaseModel], name: str) -> How | None:
    marks = [mark.how for mark in model.model_fields[name].metadata if isinstance(mark, Brief)]
    return marks[0] if marks else None


def _model(model: BaseModel, size: _Size) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name in type(model).model_fields:
        value, how = getattr(model, name), _how(type(model), name)
        if value is None or how == "page_only" or value in ({}, []):
            continue
        if name in _QUOTED:
            told.setdefault("quoted_from_the_run", {})[name.removesuffix("_reasoning")] = _cut(value, size.text)
        else:
            told[name] = _value(value, size, how)
    return told


def _value(value: Any, size: _Size, how: How | None) -> Any:
    if isinstance(value, BaseModel):
        return _model(value, size)
    if isinstance(value, dict):
        several = len(value) > 1 and all(isinstance(held, BaseModel) for held in value.values())
        return _named(value, size) if several else {str(key): _value(one, size, how) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return _listed(value, size, how)
    if isinstance(value, str):
        return _cut(value, _TEXT if how in ("text", "whole") else _NAME)
    return _moment(value) if isinstance(value, datetime) else rounded(value)


def _moment(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}" if value.second else f"{value:%Y-%m-%d %H:%M}"


def _listed(values: Sequence[Any], size: _Size, how: How | None) -> Any:
    most = len(values) if how == "whole" else size.trades if how == "trades" else _FEW if how == "few" else size.rows
    shown = values[:most]
    if shown and all(isinstance(one, BaseModel) for one in shown) and how != "trades":
        return _table(shown, len(values), size)
    told = [_value(one, size, how if how == "text" else None) for one in shown]
    return [*told, f"and {len(values) - most} more"] if len(values) > most else told


def _table(models: Sequence[BaseModel], count: int, size: _Size) -> dict[str, Any]:
    """Rows under one head: names are not repeated, and columns that are empty throughout are left out."""
    rows = [_model(one, size) for one in models]
    names = list(dict.fromkeys(name for row in rows for name in row))
    table: dict[str, Any] = {"columns": names, "rows": [[row.get(name) for name in names] for row in rows]}
    if count > len(rows):
        table["more"] = count - len(rows)
    return table


def _named(models: Mapping[str, BaseModel], size: _Size) -> dict[str, Any]:
    """Models by name as rows under one head; of very many as many as three lists have rows."""
    shown = dict(list(models.items())[: 3 * size.rows])
    table = _table(list(shown.values()), len(models), size)
    rows = [[name, *row] for name, row in zip(shown, table["rows"], strict=True)]
    return {**table, "columns": ["name", *table["columns"]], "rows": rows}


def rounded(value: Any) -> Any:
    """A number sensibly rounded: two decimals, or four digits below one."""
    if isinstance(value, bool) or not isinstance(value, float):
        return value
    return round(value, 2) if abs(value) >= 1 else float(f"{value:.4g}")


def _cut(text: str, length: int) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= length else f"{line[:length]}…"
