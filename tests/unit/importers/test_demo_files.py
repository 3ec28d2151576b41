"""The demo's files are read as the product reads any upload, and lose or gain what their sources say."""

import json
from pathlib import Path

import pytest

from backend import local
from backend.importers import ImportedRun, ImportOptions, import_run

DEMO = Path(local.__file__).parent / "demo"
ENTRIES = json.loads((DEMO / "manifest.json").read_text())


def read(entry: dict[str, object]) -> ImportedRun:
    file = DEMO / str(entry["file"])
    options = ImportOptions(name=str(entry["run_name"]), **entry["options"])  # type: ignore[arg-type]
    return import_run(file.name, file.read_bytes(), options=options)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"])
def test_demo_file_is_read_and_its_source_is_named(entry):
    run = read(entry)
    assert run.positions
    assert run.name == entry["run_name"]
    assert entry["model"]["name"]
    assert entry["model"]["ai_model"] == "offline/analyst"
    assert f"`{entry['file']}`" in (DEMO / "README.md").read_text()


def test_demo_runs_tell_what_their_sources_publish():
    crypto, hourly, futures = (read(entry) for entry in ENTRIES)
    assert (crypto.initial_cash, crypto.positions[-1].equity) == (50000.0, 42348.323446999995)
    assert (len(hourly.positions), hourly.positions[-1].cash) == (192, 71.74999999999932)
    assert [sum(p.action == a for p in hourly.positions) for a in ("buy", "sell")] == [31, 14]
    assert sum(p.realized_pnl or 0 for p in futures.positions) == pytest.approx(5870.28207402, abs=1e-8)
