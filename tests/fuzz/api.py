"""schemathesis over the running product's own OpenAPI document, signed in, with every check.

    python -m tests.fuzz.api --seconds 600

A bounded run is in tests/integration/security/test_api_fuzz.py. What an endpoint refuses for reasons that a schema
can't state (a cursor that is not ours, a filter that this run does not have) is a documented 422; every status is
checked against the document all the same, and no 5xx is ever allowed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backend.server.demo import DEMO_DIR
from tests.support.fakes.openrouter import FakeOpenRouter
from tests.support.product import Account, Product, running_product

# Refusals that depend on what is stored or meant, and not on the schema alone.
_MEANT = [200, 201, 204, 401, 402, 404, 409, 413, 415, 422, 429]
_CONFIG = """
headers = {{ Authorization = "Bearer {token}" }}
request-timeout = 60.0
[parameters]
{parameters}
[checks.positive_data_acceptance]
expected-statuses = {meant}
# A token of the wrong shape is refused like none; a request to an id of nobody's is not found before its body is read.
[checks.negative_data_rejection]
expected-statuses = [400, 401, 404, 405, 406, 409, 413, 415, 422, 429]
"""


@dataclass(frozen=True)
class Outcome:
    """What a run of schemathesis found; `report` is what it printed."""

    cases: int
    answers: int
    failures: int
    server_errors: int
    report: str


def furnish(account: Account) -> Mapping[str, int]:
    """One of everything, for the ids in the paths: what the fuzzer deletes, later cases find gone."""
    model_id = account.add_model(name="Fuzzed")
    run = account.import_file(model_id, DEMO_DIR / "freqtrade-cvddivergence.json")["run"]["id"]
    path = f"/api/models/{model_id}/runs/{run}"
    session = account.post(f"{path}/chat-keep", {"message": "q", "content": "a"})["session_id"]
    rule = account.post(f"/api/models/{model_id}/rules", {"name": "r", "kind": "stop_loss"})["id"]
    return {"model_id": model_id, "run_id": run, "session_id": session, "rule_id": rule}


def fuzz(
    product: Product, *, seconds: int, ids: Mapping[str, int] | None, deletions: bool, seed: int | None = None
) -> Outcome:
    """Run schemathesis for at most `seconds`; with `ids` in the paths, or with ids of its own making.

    With a `seed` the same requests are made each time.
    """
    account = product.account("fuzz@example.com")
    parameters = "\n".join(f'"path.{name}" = {value}' for name, value in (ids or {}).items())
    with tempfile.TemporaryDirectory() as folder:
        config, summary = Path(folder) / "schemathesis.toml", Path(folder) / "events.ndjson"
        config.write_text(_CONFIG.format(token=account.token, parameters=parameters, meant=_MEANT))
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"),
            *(f"{product.base_url}/openapi.json", "--checks", "all", "--continue-on-failure", "--no-color"),
            *("--phases", "examples,coverage,fuzzing", "--max-time", str(seconds), "--exclude-path-regex", "^/auth/"),
            *("--generation-database", "none", "--warnings", "off", "--report-ndjson-path", str(summary)),
            *([] if seed is None else ["--seed", str(seed)]),
            *([] if deletions else ["--exclude-method", "DELETE"]),
        ]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=seconds + 300)
        return _outcome(done.stdout + done.stderr, summary)


def _outcome(printed: str, summary: Path) -> Outcome:
    cases, failures = 0, 0
    for line in printed.splitlines():
        words = line.replace(",", "").split()
        if line.strip().startswith(("❌ ST", "🚫 ")) and words[-1].isdigit():
            failures += int(words[-1])
        if "generated" in words:
            cases = int(words[words.index("generated") - 1])
    lines = summary.read_text().splitlines() if summary.exists() else []
    statuses = [status for line in lines for status in _statuses(json.loads(line))]
    return Outcome(cases, len(statuses), failures, sum(status >= 500 for status in statuses), printed)


def _statuses(event: object) -> list[int]:
    """Every response's status in one event of the report, wherever it stands."""
    if isinstance(event, dict):
        own = [event["status_code"]] if isinstance(event.get("status_code"), int) else []
        return own + [status for value in event.values() for status in _statuses(value)]
    if isinstance(event, list):
        return [status for value in event for status in _statuses(value)]
    return []


def main() -> int:
    """A long run: known ids first without deletions, then ids of the fuzzer's own with them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    seconds = parser.parse_args().seconds
    with (
        FakeOpenRouter() as openrouter,
        tempfile.TemporaryDirectory() as home,
        running_product(Path(home), OPENROUTER_BASE_URL=openrouter.base_url, RUNDOWN_DEMO="false") as product,
    ):
        ids = furnish(product.account("fuzz@example.com"))
        known = fuzz(product, seconds=seconds // 2, ids=ids, deletions=False)
        own = fuzz(product, seconds=seconds // 2, ids=None, deletions=True)
        product.stop()
        unexpected = sum("unexpected_error" in line or "Traceback" in line for line in product.log)
    for outcome in (known, own):
        if outcome.failures or outcome.server_errors:
            print(outcome.report)
    if unexpected:
        print(
            "".join(f"{line.rstrip()}\n" for line in product.log if "unexpected_error" in line or "failed" in line)[
                :20_000
            ]
        )
    cases, failures = known.cases + own.cases, known.failures + own.failures
    errors = known.server_errors + own.server_errors
    print(f"{cases} cases, {failures} failures, {errors} answers of 5xx, {unexpected} traces in the server's log")
    return 1 if failures or errors or unexpected else 0


if __name__ == "__main__":
    sys.exit(main())
