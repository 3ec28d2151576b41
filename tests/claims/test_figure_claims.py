"""The figure check's claims on real runs; larger numbers by `make claims`."""

from __future__ import annotations

import random

import pytest

from backend.analysis import check_figures
from tests.claims.measured import RANDOM_SHAPES, TRUSTED, claimed, exchanged_answer, green, random_marks
from tests.claims.real_runs import FILES, real_run


def test_wrong_figures_are_not_trusted_and_true_ones_are():
    counted = claimed([real_run(file) for file in FILES[:6]], seed=11, count=55)
    true = {status: n for (kind, status), n in counted.items() if kind == "true"}
    assert sum(true.values()) >= 300
    assert true.get("unverified", 0) <= 0.05 * sum(true.values()), counted
    assert true.get("found", 0) <= 0.12 * sum(true.values()), counted
    assert sum(n for (kind, _), n in counted.items() if kind != "true") >= 300
    for wrong in ("other_scope", "other_measure", "invented"):
        of_kind = sum(n for (kind, _), n in counted.items() if kind == wrong)
        trusted = sum(n for (kind, status), n in counted.items() if kind == wrong and status in TRUSTED)
        assert trusted <= max(1, 0.02 * of_kind), counted


def test_random_numbers_are_hardly_ever_trusted():
    marks = random_marks(FILES[:2], seed=3, count=60)
    for shape in RANDOM_SHAPES:
        count = sum(n for (one, _), n in marks.items() if one == shape)
        trusted = sum(n for (one, status), n in marks.items() if one == shape and status in TRUSTED)
        assert trusted <= 0.05 * count, (shape, marks)


@pytest.mark.parametrize("file", FILES[:6])
def test_an_answer_with_two_groups_exchanged_is_never_green(file: str):
    run, dice = real_run(file), random.Random(2)
    answers = [text for _ in range(12) if (text := exchanged_answer(run, dice))]
    assert [text for text in answers if green(check_figures(text, run.results))] == []
