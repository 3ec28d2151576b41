"""What must hold of any bytes: they are read whole into what the database and the page can hold, or refused."""

from __future__ import annotations

import json
import math

import orjson

from backend.api.published import compare_published
from backend.importers.base import ImportedRun, ImportOptions, ImportProblem
from backend.ingest.files import read_run
from backend.ingest.imported_frame import imported_frame

ACTIONS = {"buy", "sell", "short", "cover", "hold"}


def read_or_refuse(data: bytes, name: str | None) -> bool:
    """Whether the bytes are read; anything but a reading fit for the database or an `ImportProblem` comes out."""
    try:
        run, summary = read_run("file", data, name, ImportOptions())
    except ImportProblem as problem:
        assert problem.status in (413, 415, 422)
        assert problem.message
        assert problem.code
        return False
    check_run(run)
    json.dumps(summary.model_dump(), allow_nan=False)
    rows = compare_published(run.source, run.published, imported_frame(run))
    json.dumps([row.model_dump() for row in rows], allow_nan=False)
    return True


def check_run(run: ImportedRun) -> None:
    """The run's rows and facts are such as the tables and JSON take."""
    stamps = [position.ts for position in run.positions]
    assert stamps == sorted(stamps)
    assert 1 <= len(run.name.strip()) <= 200
    assert 1 <= len(run.currency) <= 12
    for position in run.positions:
        assert position.action in ACTIONS
        assert position.quantity is None or position.quantity > 0
        assert position.price is None or position.price >= 0
        assert position.action == "hold" or (position.symbol and position.quantity and position.price is not None)
        numbers = [
            position.quantity, position.price, position.fees, position.funding, position.realized_pnl,
            position.low_price, position.high_price, position.stop_price, position.cash, position.equity,
        ]  # fmt: skip
        assert all(number is None or math.isfinite(number) for number in numbers)
        texts = "".join(filter(None, (position.symbol, position.tag, position.reasoning, position.trade_ref)))
        assert "\0" not in texts
        orjson.dumps([texts, dict(position.holdings or {})])
    json.dumps([run.settings, run.published, run.initial_cash], allow_nan=False, ensure_ascii=False).encode()
