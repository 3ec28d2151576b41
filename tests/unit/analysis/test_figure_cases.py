"""The figure check on the sentences in tests/data/figures: precision and recall of "unverified".

`cases.jsonl` was written together with the patterns. `blind.jsonl` was not: its first round (148 sentences) before they
were looked at, its second (46) after they were mended for the first, and before they were run. What the check said at
first sight, before it was mended: precision 0.67 and recall 0.86 on round 1, then 0.72 and 1.00 on round 2.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.analysis import ToolResult, check_figures
from tests.data.figures.write_cases import WRITTEN, made

FIGURES = Path(__file__).parents[2] / "data" / "figures"
CASES: list[dict[str, Any]] = [json.loads(line) for line in (FIGURES / "cases.jsonl").read_text().splitlines()]
BLIND: list[dict[str, Any]] = [json.loads(line) for line in (FIGURES / "blind.jsonl").read_text().splitlines()]
RESULTS = {
    name: [ToolResult(data["kind"], f"{name}-{place}", data) for place, data in enumerate(results)]
    for name, results in json.loads((FIGURES / "results.json").read_text()).items()
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


def measure(
    cases: list[dict[str, Any]], of: Callable[[list[list[str]]], list[list[str]]]
) -> tuple[float, float, float, str, list[str]]:
    """(precision, recall, share exactly as expected, those in words, what was missed); `of` says what is compared."""
    right = flagged = wrong = same = 0
    missed: list[str] = []
    for case in cases:
        checks, expected = of(found(case)), of([list(pair) for pair in case["figures"]])
        same += checks == expected
        if checks != expected:
            missed.append(f"{case['kind']}: {case['text']!r}: {checks} instead of {expected}")
        # A figure that was read where there is none, or not read where there is one, counts against the check.
        said = Counter(text for text, status in checks if status == "unverified")
        meant = Counter(text for text, status in expected if status == "unverified")
        right += sum((said & meant).values())
        flagged += sum(said.values())
        wrong += sum(meant.values())
    precision, recall = right / flagged, right / wrong
    words = (
        f"figure check on {len(cases)} sentences: precision of unverified {precision:.4f}, recall {recall:.4f} "
        f"({wrong} wrong figures); {same} sentences exactly as expected"
    )
    return precision, recall, same / len(cases), words, missed


def whole(pairs: list[list[str]]) -> list[list[str]]:
    return pairs


def digits_only(pairs: list[list[str]]) -> list[list[str]]:
    """Which number, whatever of its surroundings is marked with it."""
    return [["".join(filter(str.isdigit, text)), status] for text, status in pairs]


@pytest.mark.parametrize(("cases", "of"), [(CASES, whole), (BLIND, digits_only)], ids=["written", "blind"])
def test_precision_and_recall_of_unverified(
    cases: list[dict[str, Any]], of: Callable[..., list[list[str]]], capsys: pytest.CaptureFixture[str]
):
    precision, recall, same, words, missed = measure(cases, of)
    with capsys.disabled():
        print(f"\n{words}")
    assert recall >= LEAST, missed
    if cases is CASES:
        assert precision >= LEAST, missed
        assert same >= LEAST, missed


def test_blind_figures_are_judged_by_their_labels():
    """Labels are read in six languages; of others a precise number is found, a coarse one is not. The blind sentences
    were written when a number's value alone was asked for."""
    true = wrong = unverified = trusted = 0
    for case in BLIND:
        said = dict(digits_only(found(case)))
        for digits, status in digits_only([list(pair) for pair in case["figures"]]):
            true += status != "unverified"
            wrong += status == "unverified"
            unverified += status != "unverified" and said.get(digits) == "unverified"
            trusted += status == "unverified" and said.get(digits) in ("verified", "derived")
    assert (true, wrong) > (200, 60)
    assert unverified <= 0.12 * true
    assert trusted <= 0.02 * wrong


def test_blind_set_is_large_and_of_every_kind():
    assert len({case["text"] for case in BLIND}) >= 190
    assert set(Counter(case["kind"] for case in BLIND)) == KINDS
