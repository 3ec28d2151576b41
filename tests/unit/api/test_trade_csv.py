"""The trades' CSV: text that a spreadsheet would run is defused whatever it begins with, numbers stay numbers."""

import csv
import io

import numpy as np
import pytest

from backend.api.trade_csv import csv_lines
from tests.support.factories import make_run, make_trade

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " \n=1", "＝1", "－1"]


def exported(*, tag: str, reasoning: str = "why", net: float = -5.5) -> dict[str, str]:
    frame = make_run(make_trade(net, symbol=tag, entry_tag=tag, exit_tag=tag, entry_reasoning=reasoning, ref=tag))
    names = ("trade_ref", "symbol", "entry_tag", "exit_tag", "entry_reasoning", "net_pnl", "closed_at", "quantity")
    text = "".join(csv_lines(frame, np.array([0]), names))
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    return row


@pytest.mark.parametrize("formula", FORMULAS)
def test_text_that_begins_as_a_formula_is_led_by_an_apostrophe(formula: str) -> None:
    row = exported(tag=formula, reasoning=formula)
    for name in ("trade_ref", "symbol", "entry_tag", "exit_tag", "entry_reasoning"):
        assert row[name] == f"'{formula}", name


@pytest.mark.parametrize("text", ["BTC", "a=b", "x-1", "1", "(+1)", "'=1"])
def test_other_text_is_left_as_it_is(text: str) -> None:
    assert exported(tag=text)["symbol"] == text


def test_negative_numbers_and_moments_are_left_as_they_are() -> None:
    row = exported(tag="BTC")
    assert (float(row["net_pnl"]), row["closed_at"], float(row["quantity"])) == (-5.5, "2024-01-01T01:00:00Z", 1.0)
