"""The run page's endpoints over the whole product: the trade list, its export, and what is computed over the trades."""

import csv
import io

import pytest

from tests.support.product import Account

pytestmark = pytest.mark.integration

HOSTILE = """time,symbol,side,quantity,price,tag
2025-01-01T00:00:00Z,=HYPERLINK("http://x"),buy,1,100,@SUM(A1)
2025-01-01T05:00:00Z,=HYPERLINK("http://x"),sell,1,90,+1
2025-01-02T00:00:00Z,plain,buy,1,100,fine
2025-01-02T05:00:00Z,plain,sell,1,120,-cmd
"""


@pytest.fixture(scope="module")
def hostile_run(alice: Account, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("files") / "fills.csv"
    path.write_text(HOSTILE)
    model_id = alice.add_model(name="Hostile")
    return f"/api/models/{model_id}/runs/{alice.import_file(model_id, path, initial_cash='1000')['run']['id']}"


def test_pages_by_offset_and_by_cursor_are_the_same_and_know_the_total(alice: Account, crypto_run: str) -> None:
    first = alice.get(f"{crypto_run}/trades", sort="net_pnl", limit=3)
    by_cursor = alice.get(f"{crypto_run}/trades", sort="net_pnl", limit=3, cursor=first["next_cursor"])
    by_offset = alice.get(f"{crypto_run}/trades", sort="net_pnl", limit=3, offset=3)
    assert by_cursor == by_offset
    assert first["total"] == by_offset["total"] > 6
    losses = alice.get(f"{crypto_run}/trades", result="loss", sort="net_pnl", limit=200)
    assert losses["net_pnl"] == pytest.approx(sum(trade["net_pnl"] for trade in losses["items"]))
    assert losses["total"] == len(losses["items"]) < first["total"]


def test_trades_behind_a_row_of_an_analysis_are_had_in_full(alice: Account, crypto_run: str) -> None:
    found = alice.get(f"{crypto_run}/analysis", filter_type="losers")
    row = max(found["breakdowns"]["weekday"], key=lambda row: row["trade_count"])
    asked = {"filter_type": "losers", "dimension": "weekday", "key": row["key"]}
    trades = alice.get(f"{crypto_run}/trades", **asked)
    assert (trades["total"], trades["net_pnl"]) == (row["trade_count"], pytest.approx(row["net_pnl"]))
    rest = alice.get(f"{crypto_run}/trades", filter_type="losers", complement="true")
    assert rest["total"] == found["complement"]["trade_count"]
    for wrong in ({"key": "Monday"}, {"criteria": "x"}, {"dimension": "moon", "key": "full"}, {"filter_type": "moon"}):
        assert alice.http.get(f"{crypto_run}/trades", params=wrong).status_code == 422, wrong


def test_a_calendar_day_and_a_bin_open_exactly_their_trades(alice: Account, crypto_run: str) -> None:
    calendar = alice.get(f"{crypto_run}/calendar")
    day = calendar["worst_day"]
    trades = alice.get(f"{crypto_run}/trades", closed_from=day["key"], closed_to=f"{day['key']}T23:59:59.999999Z")
    assert (trades["total"], trades["net_pnl"]) == (day["trade_count"], pytest.approx(day["net_pnl"]))
    assert (
        sum(month["trade_count"] for month in calendar["months"])
        == alice.get(f"{crypto_run}/trades", status="closed")["total"]
    )
    spread = alice.get(f"{crypto_run}/distribution", measure="return_pct", bins=12)
    bin_ = max(spread["bins"], key=lambda b: b["trade_count"])
    bounds = {name: bin_[name] for name in ("low", "high") if bin_[name] is not None}
    found = alice.get(f"{crypto_run}/trades", status="closed", measure="return_pct", **bounds)
    assert found["total"] == bin_["trade_count"]


def test_deepest_drawdown_is_the_metric(alice: Account, crypto_run: str) -> None:
    deepest = alice.get(f"{crypto_run}/drawdowns", limit=1)["items"][0]
    figures = alice.get(f"{crypto_run}/metrics")["figures"]
    assert deepest["depth_pct"] == pytest.approx(figures["max_drawdown"]["value"], abs=1e-5)
    assert deepest["peak_at"][:19] == figures["drawdown_peak_at"]["value"][:19]


def test_rolling_figures_over_all_but_one_trade_add_up(alice: Account, crypto_run: str) -> None:
    total = alice.get(f"{crypto_run}/trades", status="closed", sort="closed_at", limit=200)
    found = alice.get(f"{crypto_run}/rolling", window=total["total"] - 1)["trades"]
    first, last = found["points"]
    nets = [trade["net_pnl"] for trade in total["items"]]
    assert [first["expectancy"], last["expectancy"]] == pytest.approx([sum(n) / len(n) for n in (nets[:-1], nets[1:])])
    assert alice.http.get(f"{crypto_run}/rolling", params={"window": 1}).status_code == 422


def test_part_of_the_equity_curve_is_served(alice: Account, crypto_run: str) -> None:
    whole = alice.get(f"{crypto_run}/equity", points=50)["points"]
    first, last = whole[len(whole) // 4], whole[len(whole) // 2]
    part = alice.get(f"{crypto_run}/equity", points=50, **{"from": first["t"], "to": last["t"]})["points"]
    assert (part[0]["t"] <= first["t"], part[-1]["t"] >= last["t"]) == (True, True)
    assert part[-1]["t"] < whole[-1]["t"]


def test_export_holds_every_trade_and_no_formula(alice: Account, hostile_run: str, crypto_run: str) -> None:
    answer = alice.http.get(f"{hostile_run}/trades.csv")
    number = alice.get(hostile_run)["run_number"]
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == f'attachment; filename="run-{number}-trades.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["symbol"] for row in rows] == ['\'=HYPERLINK("http://x")', "plain"]
    assert {row["entry_tag"] for row in rows} == {"'@SUM(A1)", "fine"}
    assert {row["exit_tag"] for row in rows} == {"'+1", "'-cmd"}
    # A loss is a number, not a formula.
    assert [float(row["net_pnl"]) for row in rows] == [-10.0, 20.0]
    chosen = alice.http.get(f"{crypto_run}/trades.csv", params={"columns": "net_pnl,symbol", "sort": "net_pnl"}).text
    lines = chosen.split("\r\n")
    assert lines[0] == "net_pnl,symbol"
    assert len(lines) - 2 == alice.get(f"{crypto_run}/trades")["total"]
    nets = [float(line.split(",")[0]) for line in lines[1:-1]]
    assert nets == sorted(nets)


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("trades", {"low": "1"}),
        ("trades", {"measure": "luck", "low": "1"}),
        ("trades", {"weekday": "Caturday"}),
        ("trades", {"hour": "24"}),
        ("trades", {"low": "nan", "measure": "net_pnl"}),
        ("trades.csv", {"columns": "password"}),
        ("calendar", {"year": "1900"}),
        ("distribution", {"measure": "luck"}),
    ],
)
def test_what_can_not_be_asked_is_refused(alice: Account, crypto_run: str, path: str, params: dict[str, str]) -> None:
    answer = alice.http.get(f"{crypto_run}/{path}", params=params)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["trades", "trades.csv", "calendar", "distribution", "drawdowns"])
def test_what_belongs_to_another_is_not_found(bob: Account, crypto_run: str, path: str) -> None:
    assert bob.http.get(f"{crypto_run}/{path}").status_code == 404


def test_composed_conditions_choose_the_same_by_address_and_in_the_list(alice: Account, crypto_run: str) -> None:
    wanted = '[{"side": "long", "hour": {"gte": 0}}, {"open": false}]'
    found = alice.get(f"{crypto_run}/analysis", filter_type="where", criteria=wanted, by="month,session")
    assert set(found["breakdowns"]) == {"month", "session"}
    listed = alice.get(f"{crypto_run}/trades", filter_type="where", criteria=wanted, limit=1)
    assert (listed["total"], listed["net_pnl"]) == (
        found["selection"]["trade_count"], pytest.approx(found["selection"]["net_pnl"]),
    )  # fmt: skip
    assert found["filter"]["where"] == [{"side": "long"}, {"hour": "0-23"}, {"open": False}]
    whole = alice.get(f"{crypto_run}/analysis")
    both = found["selection"]["total_pnl"] + found["complement"]["total_pnl"]
    assert both == pytest.approx(whole["covers"]["of_pnl"])
    for wrong in ('[{"mood": 1}]', "[{", '[{"side": "up"}]'):
        answer = alice.http.get(f"{crypto_run}/analysis", params={"filter_type": "where", "criteria": wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_criteria")


def test_a_change_is_replayed_with_the_body_of_the_contract(alice: Account, crypto_run: str) -> None:
    answer = alice.http.post(f"{crypto_run}/replay", json={"kind": "without_trades", "params": {"worst": 1}})
    assert answer.status_code == 200
    found = answer.json()
    assert {
        "kind",
        "params",
        "basis",
        "exact",
        "coverage_pct",
        "before",
        "after",
        "why",
        "verdict",
        "trades_changed",
    } <= (found.keys())
    worst = alice.get(f"{crypto_run}/trades", sort="net_pnl", limit=1)["items"][0]
    assert found["trades_changed"] == [worst["trade_id"]]
    assert found["after"]["total_pnl"] == pytest.approx(found["before"]["total_pnl"] - worst["net_pnl"])
    for wrong in ({"kind": "wish"}, {"kind": "stop_loss", "params": {}}, {"params": {}}):
        assert alice.http.post(f"{crypto_run}/replay", json=wrong).status_code == 422


def test_causes_groups_and_terms_answer_over_http(alice: Account, crypto_run: str) -> None:
    causes = alice.get(f"{crypto_run}/causes")
    assert {"causes", "total_pnl", "unexplained"} <= causes.keys()
    for one in causes["causes"]:
        assert {"name", "statement", "money", "share_pct", "confidence", "trades", "figures"} <= one.keys()
    assert alice.get(f"{crypto_run}/analysis")["causes"]["causes"] == causes["causes"]
    groups = alice.get(f"{crypto_run}/groups", a="losers")
    assert groups["a"]["summary"]["win_count"] == 0
    assert alice.get(f"{crypto_run}/terms", term="max drawdown")["term"] == "max_drawdown"
    assert alice.http.get(f"{crypto_run}/terms", params={"term": "xyzzy"}).status_code == 422
