"""Imports over the whole product: the preview, the second time, the corrected columns, the command line."""

import gzip
import io
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.product import PASSWORD, REPOSITORY, Account, Product

pytestmark = pytest.mark.integration

SAMPLES = Path(__file__).parents[1] / "data" / "imports"
UNNAMED = b"when,what,how,many,at\n2024-01-01,A,buy,1,10\n2024-01-02,A,sell,1,11\n"
MAPPING = {"when": "time", "what": "symbol", "how": "side", "many": "quantity", "at": "price"}


def send(account: Account, model_id: int, name: str, data: bytes, *, dry_run: bool = False, **fields: str) -> Any:
    return account.http.post(
        f"/api/models/{model_id}/runs/import",
        params={"dry_run": "true"} if dry_run else {},
        files={"file": (name, data)},
        data=fields,
    )


def runs_of(account: Account, model_id: int) -> list[Any]:
    items: list[Any] = account.get(f"/api/models/{model_id}/runs")["items"]
    return items


@pytest.mark.parametrize(
    ("name", "source", "confidence", "trades"),
    [
        ("backtesting_py_goog.csv", "backtesting.py", "high", 93),
        ("vectorbt_eurusd_orders.csv", "vectorbt", "high", 263),
        ("freqtrade_cvddivergence.json", "freqtrade", "high", 137),
    ],
)
def test_preview_tells_and_makes_nothing(alice: Account, name: str, source: str, confidence: str, trades: int) -> None:
    model_id = alice.add_model()
    answer = send(alice, model_id, name, (SAMPLES / name).read_bytes(), dry_run=True)
    assert answer.status_code == 200, answer.text
    preview = answer.json()
    assert (preview["format"], preview["confidence"], preview["trades"]) == (source, confidence, trades)
    assert preview["positions"] >= len(preview["first_rows"]) == 10
    assert preview["mapping"] is None
    assert preview["already_imported"] is None
    assert runs_of(alice, model_id) == []


def test_preview_of_an_unknown_table_asks_what_its_columns_mean(alice: Account) -> None:
    model_id = alice.add_model()
    asked = send(alice, model_id, "x.csv", UNNAMED, dry_run=True).json()
    assert (asked["confidence"], asked["problem"]["code"]) == ("low", "missing_columns")
    assert set(asked["mapping"]) == set(MAPPING)
    assert set(MAPPING.values()) <= set(asked["meanings"])
    told = send(alice, model_id, "x.csv", UNNAMED, dry_run=True, mapping=json.dumps(MAPPING)).json()
    assert (told["positions"], told["problem"], told["mapping"]) == (2, None, MAPPING)
    imported = send(alice, model_id, "x.csv", UNNAMED, mapping=json.dumps(MAPPING))
    assert imported.status_code == 201
    assert imported.json()["report"]["trades"] == 1


def test_parquet_is_read_by_a_process_apart_and_saved_whole(alice: Account) -> None:
    sink = io.BytesIO()
    table = {"time": ["2024-01-01", "2024-01-02"], "symbol": ["A", "A"], "side": ["buy", "sell"]}
    pq.write_table(pa.table({**table, "quantity": [1.0, 1.0], "price": [10.0, 11.5]}), sink)
    model_id = alice.add_model()
    told = send(alice, model_id, "fills.parquet", sink.getvalue(), dry_run=True).json()
    assert (told["format"], told["positions"], told["net_pnl"]) == ("parquet", 2, 1.5)
    answer = send(alice, model_id, "fills.parquet", sink.getvalue())
    assert answer.status_code == 201, answer.text
    assert answer.json()["report"]["trades"] == 1
    assert runs_of(alice, model_id)[0]["summary"]["net_pnl"] == 1.5
    assert send(alice, model_id, "fills.parquet", sink.getvalue()).status_code == 409


def test_preview_of_several_strategies_lists_them(alice: Account) -> None:
    model_id = alice.add_model()
    result = json.loads((SAMPLES / "freqtrade_cvddivergence.json").read_bytes())
    only = next(iter(result["strategy"].values()))
    data = json.dumps({"strategy": {"One": only, "Two": only}}).encode()
    asked = send(alice, model_id, "x.json", data, dry_run=True).json()
    assert (asked["strategies"], asked["problem"]["code"]) == (["One", "Two"], "strategy_required")
    assert send(alice, model_id, "x.json", data, strategy="One").status_code == 201
    assert send(alice, model_id, "x.json", data, strategy="Two").status_code == 201
    assert send(alice, model_id, "x.json", data, strategy="Two").status_code == 409


@pytest.mark.parametrize("mapping", ["[1]", '{"a": 1}', "{", '{"nowhere": "time"}'])
def test_a_mapping_that_is_none_is_refused(alice: Account, mapping: str) -> None:
    answer = send(alice, alice.add_model(), "x.csv", UNNAMED, mapping=mapping)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_mapping")


def test_the_same_bytes_a_second_time_name_the_run_and_make_none_unless_asked(alice: Account, bob: Account) -> None:
    model_id, data = alice.add_model(), (SAMPLES / "vectorbt_goog_trades.csv").read_bytes()
    first = send(alice, model_id, "one.csv", data).json()["run"]
    again = send(alice, model_id, "other name.csv", data)
    assert (again.status_code, again.json()["code"]) == (409, "already_imported")
    assert again.json()["errors"][0] == {
        "run_id": first["id"],
        "run_number": first["run_number"],
        "name": first["name"],
        "why": "already imported",
    }
    assert send(alice, model_id, "x.csv", data, dry_run=True).json()["already_imported"]["run_id"] == first["id"]
    assert len(runs_of(alice, model_id)) == 1
    number = first["run_number"]
    assert send(alice, model_id, "one.csv", data, again="true").json()["run"]["run_number"] == number + 1
    # A number is one run's in the whole account, whichever model it is of.
    assert send(alice, alice.add_model(), "one.csv", data).json()["run"]["run_number"] == number + 2
    assert send(bob, bob.add_model(), "one.csv", data).status_code == 201
    alice.http.delete(f"/api/models/{model_id}/runs/{first['id']}")
    assert send(alice, model_id, "one.csv", data).status_code == 409


def test_the_same_file_from_many_hands_at_once_is_one_run(alice: Account) -> None:
    model_id, data = alice.add_model(), (SAMPLES / "vectorbt_goog_orders.csv").read_bytes()
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda n: send(alice, model_id, f"{n}.csv", data).status_code, range(6)))
    # Whoever has to wait for too many others is told to come again, and saves nothing either.
    assert sorted(statuses)[0] == 201
    assert set(sorted(statuses)[1:]) <= {409, 429}
    assert len(runs_of(alice, model_id)) == 1


def test_every_column_arrives_as_it_was_read(alice: Account) -> None:
    text = "time,symbol,side,quantity,price,fee,funding,cash,equity,tag,notes\n\
2024-01-01T00:00:00.000001Z,ΑΒΓ,buy,0.123456789012345,10.5,0.1,0.2,900,1000,in,why “not”\n\
2024-01-02T00:00:00Z,ΑΒΓ,sell,0.123456789012345,11,0.1,,,,,\n"
    model_id = alice.add_model()
    run = send(alice, model_id, "x.csv.gz", gzip.compress(text.encode())).json()["run"]
    first, second = alice.get(f"/api/models/{model_id}/runs/{run['id']}/positions")["items"]
    assert {key: first[key] for key in ("seq", "action", "symbol", "quantity", "price", "fees", "funding")} == {
        "seq": 1,
        "action": "buy",
        "symbol": "ΑΒΓ",
        "quantity": 0.123456789012345,
        "price": 10.5,
        "fees": 0.1,
        "funding": 0.2,
    }
    assert (first["cash"], first["equity"], first["tag"], first["reasoning"]) == (900, 1000, "in", "why “not”")
    assert first["ts"].startswith("2024-01-01T00:00:00.000001")
    assert (second["seq"], second["cash"], second["tag"], second["fees"]) == (2, None, None, 0.1)


def rundown_import(product: Product, *arguments: str, email: str = "clara@example.com") -> Any:
    environment = {
        **os.environ,
        "RUNDOWN_URL": product.base_url,
        "RUNDOWN_EMAIL": email,
        "RUNDOWN_PASSWORD": PASSWORD,
        "COLUMNS": "200",
    }
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", "import", *arguments],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_command_imports_folders_and_globs_once(product: Product, tmp_path: Path) -> None:
    clara = product.account("clara@example.com")
    model_id = clara.add_model(name="From the shell")
    folder = tmp_path / "results"
    folder.mkdir()
    shutil.copy(SAMPLES / "freqtrade_cvddivergence.json", folder / "backtest-result-1.json")
    (folder / "backtest-result-1.meta.json").write_text("{}")
    (folder / ".last_result.json").write_text("{}")
    shutil.copy(SAMPLES / "vectorbt_goog_trades.csv", tmp_path / "a.csv")
    shutil.copy(SAMPLES / "backtesting_py_goog.csv", tmp_path / "b.csv")
    done = rundown_import(product, str(folder), str(tmp_path / "*.csv"), "--model", "From the shell")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("run #") == 3
    assert {run["source"] for run in runs_of(clara, model_id)} == {"freqtrade", "vectorbt", "backtesting.py"}
    again = rundown_import(product, str(folder), "--model", str(model_id))
    assert (again.returncode, "already imported as run #1" in again.stderr) == (0, True)
    more = rundown_import(product, str(tmp_path / "a.csv"), "--model", str(model_id), "--again", "--name", "Twice")
    assert more.returncode == 0
    assert {run["name"] for run in runs_of(clara, model_id)} >= {"Twice"}
    (tmp_path / "c.csv").write_bytes(b"\x00\x01 nothing")
    some = rundown_import(product, str(tmp_path / "*.csv"), "--model", str(model_id))
    assert (some.returncode, "c.csv: refused" in some.stderr) == (1, True)
    assert len(runs_of(clara, model_id)) == 4


def test_command_maps_columns_and_says_what_it_would_do(product: Product, tmp_path: Path) -> None:
    clara = product.account("clara@example.com")
    model = str(clara.add_model(name="Mapped"))
    (tmp_path / "odd.csv").write_bytes(UNNAMED)
    asked = rundown_import(product, str(tmp_path / "odd.csv"), "--model", model, "--dry-run")
    assert asked.returncode == 1
    assert "can't be imported yet: The table lacks" in asked.stderr
    said = [f"--map={column}={meaning}" for column, meaning in MAPPING.items()]
    shown = rundown_import(product, str(tmp_path / "odd.csv"), "--model", model, "--dry-run", *said)
    assert shown.returncode == 0, shown.stderr
    assert "2 positions, 1 trades" in shown.stderr
    assert "when=time" in shown.stderr
    assert runs_of(clara, int(model)) == []
    (tmp_path / "columns.json").write_text(json.dumps(MAPPING))
    done = rundown_import(product, str(tmp_path / "odd.csv"), "--model", model, "--map", str(tmp_path / "columns.json"))
    assert done.returncode == 0, done.stderr
    assert len(runs_of(clara, int(model))) == 1
    wrong = rundown_import(product, str(tmp_path / "odd.csv"), "--model", model, "--map", "nothing")
    assert (wrong.returncode, "neither COLUMN=MEANING" in wrong.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "email", "said"),
    [
        (["nowhere-*.csv", "--model", "1"], "clara@example.com", "No file was found"),
        (["README.md", "--model", "No such model"], "clara@example.com", "There is no model"),
        (["README.md", "--model", "1"], "nobody@example.com", "sign-in was refused"),
        (["README.md"], "clara@example.com", "--model"),
        (["README.md", "--model", "1", "--url", "http://127.0.0.1:9"], "clara@example.com", "can't be reached"),
    ],
)
def test_command_that_cant_be_carried_out_is_status_2(
    product: Product, arguments: list[str], email: str, said: str
) -> None:
    product.account("clara@example.com")
    done = rundown_import(product, *arguments, email=email)
    assert done.returncode == 2
    assert said in done.stderr


def test_what_the_source_published_stands_beside_our_figures(alice: Account, bob: Account) -> None:
    model_id = alice.add_model()
    name = "freqtrade_cvddivergence.json"
    run = send(alice, model_id, name, (SAMPLES / name).read_bytes()).json()["run"]
    path = f"/api/models/{model_id}/runs/{run['id']}/published"
    answer = alice.get(path)
    rows = {row["name"]: row for row in answer["rows"]}
    assert (answer["source"], answer["currency"]) == ("freqtrade", "USDT")
    assert (rows["profit_total_abs"]["figure"], rows["profit_total_abs"]["agrees"]) == ("net_pnl", True)
    assert rows["cagr"]["agrees"] is False
    assert "365" in rows["cagr"]["why"]
    assert bob.http.get(path).status_code == 404


def test_stops_come_back_with_positions_trades_and_expectancy_in_r(alice: Account) -> None:
    model_id = alice.add_model()
    name = "freqtrade_cvddivergence.json"
    run_id = send(alice, model_id, name, (SAMPLES / name).read_bytes()).json()["run"]["id"]
    at = f"/api/models/{model_id}/runs/{run_id}"
    opening, closing = (
        next(row for row in alice.get(f"{at}/positions", limit=100)["items"] if row["action"] in actions)
        for actions in (("buy", "short"), ("sell", "cover"))
    )
    assert (opening["price"], opening["stop_price"], closing["stop_price"]) == (43888.2, 44017.1, None)
    trade = alice.get(f"{at}/trades", ids=1)["items"][0]
    risk = (44017.1 - 43888.2) * trade["quantity"]
    assert trade["stop_price"] == 44017.1
    assert trade["r"] == pytest.approx(trade["net_pnl"] / risk)
    trades = alice.get(f"{at}/trades", limit=200, sort="-r")["items"]
    assert [each["r"] for each in trades] == sorted((each["r"] for each in trades), reverse=True)
    figure = alice.get(f"{at}/metrics", metric_type="trades")["figures"]["expectancy_r"]
    assert figure["value"] == pytest.approx(sum(each["r"] for each in trades) / 137)
    odd = send(alice, model_id, "t.csv", b"time,symbol,side,quantity,price,stop loss\n2024-01-01,A,buy,1,10,-9\n")
    assert odd.status_code == 201, odd.text


ONE_DAY = (
    b"Exec Date,Ticker,Action,Qty,Price,PnL\n"
    b"4/6/2026 10:00,XYZ,buy,2,100,0\n4/6/2026 11:00,XYZ,sell,2,101,100\n"
    b"4/6/2026 12:00,XYZ,buy,1,100,0\n4/6/2026 13:00,XYZ,sell,1,98,-100\n"
)


def test_what_the_file_cannot_say_is_asked_answered_kept_and_remembered(alice: Account) -> None:
    model_id = alice.add_model()
    asked = send(alice, model_id, "june.csv", ONE_DAY, dry_run=True).json()
    assert asked["problem"]["code"] == "ambiguous_time"
    assert [(each["field"], each["choices"]) for each in asked["questions"]] == [("date_order", ["day", "month"])]

    told = send(alice, model_id, "june.csv", ONE_DAY, dry_run=True, date_order="day").json()
    # Two trades can't prove what a point is worth: 50 is offered, and 1 is used.
    assert (told["net_pnl"], told["confidence"]) == (0.0, "medium")
    assert [(each["symbol"], each["choices"]) for each in told["questions"]] == [("XYZ", ["50"])]

    answers = {"date_order": "day", "multipliers": '{"XYZ": 50}'}
    imported = send(alice, model_id, "june.csv", ONE_DAY, **answers).json()
    run_id = imported["run"]["id"]
    assert [check["outcome"] for check in imported["report"]["checks"]] == ["agrees"]
    run = alice.get(f"/api/models/{model_id}/runs/{run_id}")
    assert run["warnings"] == imported["report"]["warnings"]
    assert any("initial cash" in warning for warning in run["warnings"])
    figures = alice.get(f"/api/models/{model_id}/runs/{run_id}/metrics")
    assert figures["figures"]["gross_pnl"]["value"] == 0.0
    assert figures["figures"]["largest_win"]["value"] == 100.0
    assert set(run["warnings"]) <= set(figures["warnings"])

    july = ONE_DAY.replace(b"4/6/2026", b"4/7/2026")
    again = send(alice, model_id, "july.csv", july).json()
    assert again["run"]["started_at"] == "2026-07-04T10:00:00Z"
    assert any(f"run #{run['run_number']}" in warning for warning in again["report"]["warnings"])
    anew = send(alice, model_id, "july.csv", july, dry_run=True, remember="false").json()
    assert anew["problem"]["code"] == "ambiguous_time"


def test_the_columns_that_a_fill_may_say_are_saved_and_read(alice: Account) -> None:
    table = (
        b"time,account,symbol,side,quantity,price,fee,fee coin,leverage,multiplier,open close\n"
        b"2026-01-05 10:00:00Z,A,XX,buy,1,100,0.5,BNB,3,10,O\n2026-01-05 11:00:00Z,B,XX,sell,1,105,0,,,10,O\n"
        b"2026-01-06 10:00:00Z,A,XX,sell,1,102,0,,3,10,C\n"
    )
    model_id = alice.add_model()
    run = send(alice, model_id, "x.csv", table).json()["run"]
    rows = alice.get(f"/api/models/{model_id}/runs/{run['id']}/positions")["items"]
    assert [row["account"] for row in rows] == ["A", "B", "A"]
    assert [row["action"] for row in rows] == ["buy", "short", "sell"]
    assert [row["open_close"] for row in rows] == ["open", "open", "close"]
    assert [row["leverage"] for row in rows] == [3, None, 3]
    assert {row["multiplier"] for row in rows} == {10}
    assert [row["fee_currency"] for row in rows] == ["BNB", None, None]
    figures = alice.get(f"/api/models/{model_id}/runs/{run['id']}/metrics")["figures"]
    assert (figures["net_pnl"]["value"], figures["fees"]["value"], figures["open_count"]["value"]) == (20.0, 0.0, 1)


@pytest.mark.parametrize("multipliers", ["[]", '{"X": 0}', '{"X": "a"}', "{"])
def test_multipliers_that_are_none_are_refused(alice: Account, multipliers: str) -> None:
    answer = send(alice, alice.add_model(), "x.csv", ONE_DAY, multipliers=multipliers)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_option")
