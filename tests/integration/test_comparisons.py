"""Runs side by side over the whole product; another account's runs are not there."""

from pathlib import Path

import pytest

from tests.support.product import Account

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def pair(alice: Account, crypto_run: str, freqtrade_json: Path) -> tuple[int, int]:
    """Ids of two runs of two models."""
    model_id = alice.add_model(name="Compared")
    return alice.get(crypto_run)["id"], alice.import_file(model_id, freqtrade_json)["run"]["id"]


def test_runs_of_two_models_side_by_side(alice: Account, crypto_run: str, pair: tuple[int, int]) -> None:
    first, second = pair
    answer = alice.get("/api/runs/compare", ids=f"{second},{first}")
    assert [run["run_id"] for run in answer["runs"]] == [second, first]
    own = alice.get(f"{crypto_run}/metrics")["figures"]
    assert {name: figure["values"][1] for name, figure in answer["figures"].items()} == {
        name: figure["value"] for name, figure in own.items()
    }
    assert answer["figures"]["trade_count"]["values"][0] == 137
    changed = {change["name"]: change["values"] for change in answer["settings_changed"]}
    assert changed["source"][0] == "freqtrade"
    assert changed["initial_cash"] == [1000.0, 50_000.0]
    assert [(one["run_id_a"], one["run_id_b"]) for one in answer["differences"]] == [(second, first)]


def test_runs_of_others_and_runs_that_are_not_there_are_not_found(
    alice: Account, bob: Account, pair: tuple[int, int]
) -> None:
    ids = f"{pair[0]},{pair[1]}"
    assert bob.http.get("/api/runs/compare", params={"ids": ids}).status_code == 404
    assert alice.http.get("/api/runs/compare", params={"ids": f"{pair[0]},999999999"}).status_code == 404


@pytest.mark.parametrize("ids", ["", "1", "1,x", "1,1", ",".join(map(str, range(1, 12))), f"1,{10**18 * 99}", "-1,2"])
def test_what_can_not_be_compared_is_said(alice: Account, ids: str) -> None:
    answer = alice.http.get("/api/runs/compare", params={"ids": ids})
    assert answer.status_code == 422
    assert answer.json()["detail"]
