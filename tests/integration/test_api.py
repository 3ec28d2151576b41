"""The resources of the API over the whole product, by two accounts that must not see each other."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.fakes.openrouter import FakeOpenRouter
from tests.support.product import Account, Product

pytestmark = pytest.mark.integration

KEY = "sk-or-v1-another-key-9z8y"


def test_health_config_and_metrics_need_no_sign_in(product: Product) -> None:
    assert httpx.get(f"{product.base_url}/healthz").json() == {"status": "ok"}
    ready = httpx.get(f"{product.base_url}/readyz")
    assert ready.status_code == 200
    assert ready.json()["ready"] is True
    config = httpx.get(f"{product.base_url}/api/config").json()
    assert config["mode"] == "embedded"
    assert config["supabase_url"] == product.base_url
    assert config["supabase_anon_key"]
    assert set(config["demo"]) == {"email", "password"}
    assert "rundown_streams_open" in httpx.get(f"{product.base_url}/metrics").text


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Basic abc"])
def test_everything_else_wants_a_token(product: Product, header: str | None) -> None:
    paths = httpx.get(f"{product.base_url}/openapi.json").json()["paths"]
    public = {"/api/config", "/api/shared", "/healthz", "/readyz"}  # what is shared is read by its link's token
    tried = 0
    for path, verbs in paths.items():
        if path in public or path.startswith("/auth/v1"):
            continue
        for verb in verbs:
            url = product.base_url + path.replace("{model_id}", "1").replace("{run_id}", "1")
            answer = httpx.request(
                verb,
                url.replace("{session_id}", "1").replace("{rule_id}", "1").replace("{request_id}", "x"),
                headers={"Authorization": header} if header else {},
            )
            assert answer.status_code == 401, (verb, path, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
            tried += 1
    assert tried > 25


def test_model_lives_and_dies(alice: Account) -> None:
    model_id = alice.add_model("acme/analyst-1", "Mine", model_parameters={"temperature": 0.1})
    model = alice.get(f"/api/models/{model_id}")
    assert (model["name"], model["ai_model"], model["model_parameters"]) == (
        "Mine",
        "acme/analyst-1",
        {"temperature": 0.1},
    )
    assert model["api_key_hint"] is None
    changed = alice.http.patch(f"/api/models/{model_id}", json={"name": "Renamed", "model_parameters": {"top_p": 0.5}})
    assert (changed.json()["name"], changed.json()["model_parameters"]) == ("Renamed", {"top_p": 0.5})
    assert alice.http.delete(f"/api/models/{model_id}").status_code == 204
    assert alice.http.get(f"/api/models/{model_id}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x"},
        {"name": " ", "ai_model": "acme/analyst-1"},
        {"name": "x", "ai_model": "no slash"},
        {"name": "x", "ai_model": "acme/analyst-1", "model_parameters": {"temperature": 3}},
        {"name": "x", "ai_model": "acme/analyst-1", "model_parameters": {"temprature": 1}},
        {"name": "x", "ai_model": "acme/analyst-1", "api_key": KEY},
    ],
)
def test_bad_model_is_refused_with_the_field(alice: Account, body: dict[str, Any]) -> None:
    answer = alice.http.post("/api/models", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"]
    assert KEY not in answer.text


def test_model_that_lacks_tools_is_refused(alice: Account) -> None:
    answer = alice.http.post("/api/models", json={"name": "Poet", "ai_model": "acme/poet-1"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "model_lacks_tools"


def test_key_is_write_only_and_checked(alice: Account, openrouter: FakeOpenRouter) -> None:
    model_id = alice.add_model("acme/analyst-1", "Keyed")
    wrong = alice.http.put(f"/api/models/{model_id}/api-key", json={"api_key": "not-a-good-key"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_api_key")
    assert "not-a-good-key" not in wrong.text
    assert alice.get(f"/api/models/{model_id}")["api_key_hint"] is None
    good = alice.http.put(f"/api/models/{model_id}/api-key", json={"api_key": KEY})
    credit = {"usage": 1.5, "limit": 20.0, "limit_remaining": 18.5, "is_free_tier": False}
    assert good.json() == {"api_key_hint": "…9z8y", "credit": credit}
    assert alice.get(f"/api/models/{model_id}/api-key") == good.json()
    shown = alice.http.get(f"/api/models/{model_id}")
    assert shown.json()["api_key_hint"] == "…9z8y"
    assert KEY not in shown.text
    assert "ciphertext" not in shown.text
    unchecked = alice.http.put(f"/api/models/{model_id}/api-key?verify=false", json={"api_key": "any-other-key"})
    assert unchecked.json() == {"api_key_hint": "…-key", "credit": None}
    assert alice.http.get(f"/api/models/{model_id}/api-key").json()["code"] == "invalid_api_key"
    assert alice.http.delete(f"/api/models/{model_id}/api-key").status_code == 204
    assert alice.get(f"/api/models/{model_id}")["api_key_hint"] is None
    assert alice.http.get(f"/api/models/{model_id}/api-key").json()["code"] == "missing_api_key"


def test_openrouter_models_are_listed_with_prices(alice: Account) -> None:
    listing = alice.get("/api/openrouter/models")
    analyst = next(item for item in listing["items"] if item["id"] == "acme/analyst-1")
    assert analyst["prompt_price"] == 1.25
    assert analyst["completion_price"] == 10.0
    assert analyst["supports_tools"] is True
    assert listing["stale"] is False


def test_rules_are_adopted_changed_and_dropped(alice: Account) -> None:
    model_id = alice.add_model(name="Ruled")
    rule = alice.post(
        f"/api/models/{model_id}/rules",
        {"name": "No nights", "kind": "no_trade_hours", "params": {"hours": [1, 2]}, "code": "def f(): ..."},
    )
    assert rule["enabled"] is True
    path = f"/api/models/{model_id}/rules/{rule['id']}"
    assert alice.http.patch(path, json={"enabled": False}).json()["enabled"] is False
    assert [item["id"] for item in alice.get(f"/api/models/{model_id}/rules")["items"]] == [rule["id"]]
    assert alice.http.delete(path).status_code == 204
    assert alice.http.get(path).status_code == 404


def test_ai_trader_run_reproduces_its_published_final_value(alice: Account, crypto_run: str) -> None:
    metrics = alice.get(f"{crypto_run}/metrics")
    figures = metrics["figures"]
    assert round(figures["final_equity"]["value"], 2) == 42348.32
    assert figures["total_return"]["value"] == pytest.approx(-15.30335, abs=1e-4)
    assert figures["final_equity"]["definition"]
    run = alice.get(crypto_run)
    assert run["summary"]["final_equity"] == pytest.approx(42348.323447)
    assert run["currency"] == "USDT"
    assert run["initial_cash"] == 50_000


def test_freqtrade_run_reproduces_what_its_file_states(alice: Account, freqtrade_json: Path) -> None:
    model_id = alice.add_model(name="Freqtrade")
    imported = alice.import_file(model_id, freqtrade_json)
    stated = json.loads(freqtrade_json.read_text())["strategy"]["CVDDivergence"]
    figures = alice.get(f"/api/models/{model_id}/runs/{imported['run']['id']}/metrics")["figures"]
    assert figures["trade_count"]["value"] == stated["total_trades"] == 137
    assert figures["win_count"]["value"] == stated["wins"]
    assert figures["loss_count"]["value"] == stated["losses"]
    assert figures["breakeven_count"]["value"] == stated["draws"]
    assert figures["net_pnl"]["value"] == pytest.approx(stated["profit_total_abs"], abs=0.01)
    assert figures["profit_factor"]["value"] == pytest.approx(stated["profit_factor"], rel=1e-4)
    assert imported["report"]["trades"] == 137
    models = [model["id"] for model in alice.get("/api/models")["items"]]
    numbers = [run["run_number"] for model in models for run in alice.get(f"/api/models/{model}/runs")["items"]]
    assert imported["run"]["run_number"] == max(numbers)
    assert len(set(numbers)) == len(numbers)


METRIC_NAMES = [
    "trade_count",
    "win_count",
    "loss_count",
    "breakeven_count",
    "open_count",
    "win_rate",
    "gross_pnl",
    "fees",
    "funding",
    "net_pnl",
    "average_win",
    "average_loss",
    "largest_win",
    "largest_loss",
    "payoff_ratio",
    "profit_factor",
    "expectancy",
    "sqn",
    "kelly",
    "total_return",
    "cagr",
    "volatility",
    "sharpe",
    "sortino",
    "calmar",
    "max_drawdown",
    "max_drawdown_money",
    "ulcer_index",
    "var_95",
    "cvar_95",
    "exposure",
    "turnover",
    "final_equity",
]


def test_every_promised_figure_is_there_with_its_definition(alice: Account, crypto_run: str) -> None:
    answer = alice.get(f"{crypto_run}/metrics")
    assert set(METRIC_NAMES) <= set(answer["figures"])
    for name, figure in answer["figures"].items():
        assert figure["definition"], name
        assert figure["unit"] in {"money", "ratio", "pct", "count", "seconds", "time"}, name
        assert (figure["value"] is None) == bool(figure["why"]), name
    assert answer["basis"]


def test_positions_trades_and_equity_page_through_the_run(alice: Account, crypto_run: str) -> None:
    seen: list[int] = []
    cursor = None
    while True:
        page = alice.get(f"{crypto_run}/positions", limit=20, **({"cursor": cursor} if cursor else {}))
        seen += [row["seq"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) >= 70
    trades = alice.get(f"{crypto_run}/trades", sort="net_pnl", limit=3)["items"]
    assert trades == sorted(trades, key=lambda trade: trade["net_pnl"])
    ids = ",".join(str(trade["trade_id"]) for trade in trades)
    assert {t["trade_id"] for t in alice.get(f"{crypto_run}/trades", ids=ids)["items"]} == {
        t["trade_id"] for t in trades
    }
    equity = alice.get(f"{crypto_run}/equity", points=10)
    assert 2 <= len(equity["points"]) <= 40
    assert equity["points"][-1]["equity"] == pytest.approx(42348.323447)


def test_bridge_closes_and_selection_and_complement_make_the_whole(alice: Account, crypto_run: str) -> None:
    analysis = alice.get(f"{crypto_run}/analysis", filter_type="losers")
    whole = alice.get(f"{crypto_run}/analysis", filter_type="all")
    assert (
        analysis["selection"]["trade_count"] + analysis["complement"]["trade_count"]
        == (whole["selection"]["trade_count"])
    )
    bridge = whole["bridge"]
    assert bridge["gross_pnl"] - bridge["fees"] - bridge["funding"] == pytest.approx(bridge["net_pnl"], abs=0.005)
    for leg in ("by_symbol", "by_side", "by_hour"):
        assert sum(row["net_pnl"] for row in bridge[leg]) == pytest.approx(bridge["net_pnl"], abs=0.005)


def test_unknown_filter_is_answered_with_the_valid_ones(alice: Account, crypto_run: str) -> None:
    answer = alice.http.get(f"{crypto_run}/analysis", params={"filter_type": "astrology"})
    assert answer.status_code == 422
    assert "losers" in answer.text


def test_rules_come_with_replay_and_code(alice: Account, crypto_run: str) -> None:
    suggestions = alice.get(f"{crypto_run}/rules", problem="too many losing trades")
    assert suggestions["rules"]
    for rule in suggestions["rules"]:
        compile(rule["code"], rule["kind"], "exec")
        assert rule["replay"]["verdict"] in {"holds", "fragile", "in-sample only", "hurts", "unknown"}
        assert rule["params"]


def test_run_is_renamed_and_its_figures_follow_a_new_initial_cash(alice: Account, freqtrade_json: Path) -> None:
    model_id = alice.add_model(name="Patched")
    run = alice.import_file(model_id, freqtrade_json)["run"]
    path = f"/api/models/{model_id}/runs/{run['id']}"
    renamed = alice.http.patch(path, json={"name": "Night run", "notes": "seen"}).json()
    assert (renamed["name"], renamed["notes"], renamed["version"]) == ("Night run", "seen", run["version"])
    changed = alice.http.patch(path, json={"initial_cash": 2000}).json()
    assert changed["version"] == run["version"] + 1
    assert changed["summary"]["total_return"] == pytest.approx(5870.28207402 / 2000 * 100, rel=1e-3)
    assert alice.http.delete(path).status_code == 204
    assert alice.http.get(path).status_code == 404


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("run.csv", b"", 422),
        ("run.csv", b"hello world\n", 415),
        ("run.json", b"{}", 415),
        ("run.zip", b"PK\x03\x04 broken", 422),
        ("run.csv", b"time,symbol,side,quantity,price\n2024-01-01,BTC,buy,1,abc\n", 422),
    ],
)
def test_unreadable_file_is_refused_and_leaves_nothing(alice: Account, name: str, data: bytes, status: int) -> None:
    model_id = alice.add_model(name="Refusals")
    answer = alice.http.post(f"/api/models/{model_id}/runs/import", files={"file": (name, data)})
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]
    assert alice.get(f"/api/models/{model_id}/runs")["items"] == []


def test_bad_cell_is_named_by_line_and_column(alice: Account) -> None:
    model_id = alice.add_model(name="Bad cell")
    data = b"time,symbol,side,quantity,price\n2024-01-01,BTC,buy,1,100\n2024-01-02,BTC,sell,1,abc\n"
    answer = alice.http.post(f"/api/models/{model_id}/runs/import", files={"file": ("fills.csv", data)})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["line"] == 3


def test_saved_run_makes_what_its_source_states(alice: Account) -> None:
    """Prices in USDT, P&L in EUR, at two rates: only the saved setting lets the figures be the file's own."""
    model_id = alice.add_model(name="Stated")
    data = (
        b"Trade #,Type,Signal,Date/Time,Price USDT,Contracts,Profit EUR\n"
        b"1,Entry Long,L,2024-01-02 10:00,100,10,27\n1,Exit Long,X,2024-01-02 12:00,103,10,27\n"
        b"2,Entry Short,S,2024-01-03 10:00,200,5,-18.4\n2,Exit Short,X,2024-01-03 12:00,204,5,-18.4\n"
    )
    answer = alice.http.post(f"/api/models/{model_id}/runs/import", files={"file": ("trades.csv", data)})
    assert answer.status_code == 201, answer.text
    run = answer.json()["run"]
    assert (run["source"], run["currency"], run["settings"]["pnl_basis"]) == ("tradingview", "EUR", "stated")
    figures = alice.get(f"/api/models/{model_id}/runs/{run['id']}/metrics")["figures"]
    assert figures["net_pnl"]["value"] == pytest.approx(8.6)
    assert figures["profit_factor"]["value"] == pytest.approx(27 / 18.4)


def test_sessions_are_listed_renamed_pinned_searched_exported_and_deleted(alice: Account, crypto_run: str) -> None:
    first = alice.ask(crypto_run, "What about drawdown?")[-1]["session_id"]
    second = alice.ask(crypto_run, "Show the worst trades")[-1]["session_id"]
    assert alice.ask(crypto_run, "and fees?", session_id=second)[-1]["session_id"] == second
    sessions = alice.get(f"{crypto_run}/chat-sessions")["items"]
    assert [s["id"] for s in sessions[:2]] == [second, first]
    assert sessions[0]["session_title"] == "Show the worst trades"
    assert sessions[0]["message_count"] == 4
    renamed = alice.http.patch(f"/api/chat-sessions/{first}", json={"session_title": "Zebra talk", "pinned": True})
    assert (renamed.json()["session_title"], renamed.json()["pinned"]) == ("Zebra talk", True)
    assert alice.get(f"{crypto_run}/chat-sessions")["items"][0]["id"] == first
    found = alice.get("/api/chat-sessions", search="zebra")["items"]
    assert [s["id"] for s in found] == [first]
    found = alice.get("/api/chat-sessions", search="and fees?")["items"]
    assert [s["id"] for s in found] == [second]
    assert "fees" in found[0]["snippet"]
    pages, cursor = [], None
    while True:
        page = alice.get("/api/chat-sessions", limit=1, **({"cursor": cursor} if cursor else {}))
        pages += [s["id"] for s in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(pages) == len(set(pages)) >= 2
    exported = alice.http.get(f"/api/chat-sessions/{second}/export", params={"format": "md"})
    assert exported.headers["content-type"].startswith("text/markdown")
    assert "Show the worst trades" in exported.text
    as_json = alice.get(f"/api/chat-sessions/{second}/export", format="json")
    assert len(as_json["messages"]) == 4
    assert alice.http.delete(f"/api/chat-sessions/{second}").status_code == 204
    assert alice.http.get(f"{crypto_run}/chat-history", params={"session_id": second}).status_code == 404


def test_what_belongs_to_someone_else_is_404(alice: Account, bob: Account, crypto_run: str) -> None:
    session_id = alice.ask(crypto_run, "Worst trades?")[-1]["session_id"]
    model = crypto_run.split("/runs/", maxsplit=1)[0]
    rule = alice.post(f"{model}/rules", {"name": "R", "kind": "side_filter"})
    mine = bob.add_model(name="Bob's")
    run_id = crypto_run.rsplit("/", 1)[1]
    paths = paths_with(model.rsplit("/", 1)[1], run_id, session_id, rule["id"])
    foreign = [*paths, *paths_with(str(mine), run_id, session_id, rule["id"])]
    tried = 0
    openapi = httpx.get(f"{bob.base_url}/openapi.json").json()["paths"]
    bodies: dict[str, Any] = {
        "chat": {"message": "x"},
        "chat-stream": {"message": "x"},
        "chat-keep": {"message": "x", "content": "y"},
        "ag-ui": {"threadId": "t", "runId": "r", "messages": [{"id": "1", "role": "user", "content": "x"}]},
        "rules": {"name": "x", "kind": "y"},
        "api-key": {"api_key": "sk-or-v1-0123456789"},
    }
    for template, path in foreign:
        for verb in openapi[template]:
            if f"/models/{mine}" in path and "{run_id}" not in template and "{rule_id}" not in template:
                continue
            last = template.rsplit("/", 1)[1]
            patch = {"session_title": "x"} if "session" in template else {"name": "x"}
            body = patch if verb == "patch" else bodies.get(last)
            files = {"file": ("x.csv", b"x")} if last == "import" else None
            answer = bob.http.request(
                verb,
                path,
                json=body if files is None else None,
                files=files,
                params={"message": "x"} if last == "chat-stream" else None,
            )
            assert answer.status_code == 404, (verb, path, answer.status_code, answer.text)
            tried += 1
    assert tried > 30
    assert alice.get(crypto_run)["id"] == int(run_id)


def paths_with(model_id: str, run_id: str, session_id: int, rule_id: int) -> list[tuple[str, str]]:
    """Every path that names a model, run, session or rule, with its template."""
    templates = [
        "/api/models/{model_id}",
        "/api/models/{model_id}/api-key",
        "/api/models/{model_id}/rules",
        "/api/models/{model_id}/rules/{rule_id}",
        "/api/models/{model_id}/runs",
        "/api/models/{model_id}/runs/import",
        "/api/models/{model_id}/runs/{run_id}",
        *(
            f"/api/models/{{model_id}}/runs/{{run_id}}/{leaf}"
            for leaf in [
                "positions",
                "trades",
                "equity",
                "metrics",
                "analysis",
                "rules",
                "chat-stream",
                "chat",
                "chat-keep",
                "ag-ui",
                "chat-history",
                "chat-sessions",
            ]
        ),
        "/api/chat-sessions/{session_id}",
        "/api/chat-sessions/{session_id}/export",
    ]
    values = {"model_id": model_id, "run_id": run_id, "session_id": session_id, "rule_id": rule_id}
    return [(template, template.format(**values)) for template in templates]


def test_demo_account_has_real_runs_on_the_offline_analyst(product: Product) -> None:
    demo = product.demo()
    models = demo.get("/api/models")["items"]
    assert {model["ai_model"] for model in models} == {"offline/analyst"}
    runs = [run for model in models for run in demo.get(f"/api/models/{model['id']}/runs")["items"]]
    assert len(runs) == 3
    assert any(round(run["summary"]["final_equity"], 2) == 42348.32 for run in runs)
    assert {run["source"] for run in runs} >= {"ai-trader", "freqtrade"} or len({run["source"] for run in runs}) == 2
