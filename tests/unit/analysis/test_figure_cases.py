"""The figure check on the test set of sentences in tests/data/figures: precision and recall of "unverified"."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from backend.analysis import ToolResult, check_figures
from tests.data.figures.write_cases import WRITTEN, made

FIGURES = Path(__file__).parents[2] / "data" / "figures"
CASES: list[dict[str, Any]] = [json.loads(line) for line in (FIGURES / "cases.jsonl").read_text().splitlines()]
RESULTS = {
    name: [ToolResult("analyze_trades", name, data)]
    for name, data in json.loads((FIGURES / "results.json").read_text()).items()
}
KINDS = {"true", "rounded", "derived", "wrong_digit", "wrong_sign", "wrong_unit", "none"}
LEAST = 0.97


def found(case: dict[str, Any]) -> list[list[str]]:
    return [[check.text, check.status] for check in check_figures(case["text"], RESULTS[case["results"]])]


def test_test_set_is_what_its_script_writes_and_large_enough():
    written = [(case["results"], case["kind"], case["text"]) for case in CASES]
    assert written == [(results, kind, text) for results, kind, text, _ in [*WRITTEN, *made()]]
    assert len(CASES) >= 300
    assert len({case["text"] for case in CASES}) >= 300
    assert set(Counter(case["kind"] for case in CASES)) == KINDS


def test_precision_and_recall_of_unverified(capsys: pytest.CaptureFixture[str]):
    right = flagged = wrong = same = total = 0
    missed: list[str] = []
    for case in CASES:
        checks, expected = found(case), [list(pair) for pair in case["figures"]]
        total, same = total + 1, same + (checks == expected)
        if checks != expected:
            missed.append(f"{case['kind']}: {case['text']!r}: {checks} instead of {expected}")
        # A figure that was read where there is none, or not read where there is one, counts against the check.
        said = Counter(text for text, status in checks if status == "unverified")
        meant = Counter(text for text, status in expected if status == "unverified")
        right += sum((said & meant).values())
        flagged += sum(said.values())
        wrong += sum(meant.values())
    precision, recall = right / flagged, right / wrong
    with capsys.disabled():
        print(
            f"\nfigure check on {total} sentences: precision of unverified {precision:.4f}, recall {recall:.4f} "
            f"({wrong} wrong figures); {same} sentences exactly as expected"
        )
    assert precision >= LEAST, missed
    assert recall >= LEAST, missed
    assert same / total >= LEAST, missed
