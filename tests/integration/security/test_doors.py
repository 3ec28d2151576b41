"""What an attacker sends to the doors, and what a bystander waits meanwhile; as a table: `python -m tests.attacks`.

The bound on waits is far above what is measured (at most 100 ms on an idle machine) and far below what they were.
"""

import re
from pathlib import Path

import httpx
import psutil
import pytest

from backend.settings import DEMO_EMAIL, DEMO_PASSWORD
from tests.attacks import bodies
from tests.attacks.bystander import Bystander
from tests.support.product import Account, Product, running_product

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

LONGEST_S = 1.5


@pytest.fixture(scope="module")
def attacker(product: Product) -> Account:
    return product.account("attacker@example.com")


def test_nobodys_body_is_neither_kept_nor_read(product: Product, attacker: Account) -> None:
    process = psutil.Process(product.process.pid)
    before = process.memory_info().rss
    with Bystander(product.base_url) as bystander:
        for attack in (bodies.json_without_token, bodies.body_without_token):
            answered = attack(product, attacker)
            assert answered.startswith(("401", "the line was closed")), answered
    assert process.memory_info().rss - before < 100 * 2**20
    assert (bystander.longest_s < LONGEST_S, bystander.refused) == (True, 0)


def test_wide_and_deep_json_is_refused_shortly(product: Product, attacker: Account) -> None:
    with Bystander(product.base_url) as bystander:
        assert bodies.unknown_keys(product, attacker).startswith("413")
        status, size, _ = bodies.many_unknown_keys(product, attacker).split()
        assert status == "422,"
        assert int(size.replace(",", "")) < 10_000
        assert bodies.deep_rule(product, attacker) == "422 nested_too_deep"
    assert bystander.longest_s < LONGEST_S


def test_a_multipart_body_made_for_its_parser_holds_nobody_up(product: Product, attacker: Account) -> None:
    with Bystander(product.base_url) as bystander:
        assert bodies.odd_multipart(product, attacker) == "415 unknown_format"
    assert bystander.longest_s < LONGEST_S


def test_headers_that_never_end_are_not_waited_for(product: Product, attacker: Account) -> None:
    assert bodies.slow_headers(product, attacker) == "0 of 100 open after 30 s"


def test_answers_that_are_no_files_say_what_browsers_must_not_do(product: Product, attacker: Account) -> None:
    wanted = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cache-control": "no-store"}
    answers = [
        attacker.http.get("/api/models"),
        attacker.http.get("/api/models/999999"),
        attacker.http.post("/api/models", json={}),
        httpx.get(f"{product.base_url}/api/models"),
        httpx.get(f"{product.base_url}/api/nowhere"),
        httpx.get(f"{product.base_url}/openapi.json"),
        httpx.get(f"{product.base_url}/metrics"),
        httpx.get(f"{product.base_url}/healthz"),
        httpx.get(f"{product.base_url}/auth/v1/settings"),
        httpx.post(f"{product.base_url}/auth/v1/token?grant_type=password", json={"email": "a@b.c"}),
        httpx.get(f"{product.base_url}/api/config", headers={"Host": "evil.example"}),
    ]
    for answer in answers:
        assert wanted.items() <= dict(answer.headers).items(), answer.request.url
        assert answer.headers["content-security-policy"].startswith("default-src 'none'"), answer.request.url


def test_the_docs_are_files_of_our_own_under_a_policy(product: Product) -> None:
    page = httpx.get(f"{product.base_url}/docs")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert {"/docs/docs.js", "/docs/docs.css"} <= set(named)
    for path in named:
        answer = httpx.get(f"{product.base_url}{path}")
        assert (answer.status_code, answer.headers["x-content-type-options"]) == (200, "nosniff")
    assert not re.search(r"<script>|onclick|style=", page.text)


def test_a_foreign_page_whose_name_points_here_is_not_answered(product: Product) -> None:
    for path in ("/", "/api/config", "/auth/v1/settings", "/openapi.json", "/metrics"):
        answer = httpx.get(f"{product.base_url}{path}", headers={"Host": "rebound.example:8000"})
        assert (answer.status_code, answer.json()["code"]) == (421, "unknown_host")


def test_an_answer_made_for_the_export_holds_nobody_up(
    product: Product, attacker: Account, freqtrade_json: Path
) -> None:
    model_id = attacker.add_model(name="Exported")
    run = attacker.import_file(model_id, freqtrade_json, again="true")["run"]["id"]
    kept = attacker.post(f"/api/models/{model_id}/runs/{run}/chat-keep", {"message": "q", "content": "](a" * 53_000})
    with Bystander(product.base_url) as bystander:
        answer = attacker.http.get(f"/api/chat-sessions/{kept['session_id']}/export")
        assert answer.status_code == 200
    assert bystander.longest_s < LONGEST_S


def test_a_search_of_many_words_is_refused(attacker: Account) -> None:
    words = " ".join(f"w{number}" for number in range(40))
    answer = attacker.http.get("/api/chat-sessions", params={"search": words})
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_words")


def test_the_demo_is_off_where_others_reach_the_server_and_ends_when_it_is_switched_off(tmp_path: Path) -> None:
    with running_product(tmp_path / "home") as product:
        demo = product.demo()
        assert demo.get("/api/models")["items"]
    with running_product(tmp_path / "home", RUNDOWN_DEMO="false") as product:
        config = httpx.get(f"{product.base_url}/api/config").json()
        assert (config["demo"], config["signup"]) == (None, True)
        body = {"email": DEMO_EMAIL, "password": DEMO_PASSWORD}
        assert httpx.post(f"{product.base_url}/auth/v1/token?grant_type=password", json=body).status_code == 400
        answer = httpx.get(f"{product.base_url}/api/models", headers={"Authorization": f"Bearer {demo.token}"})
        assert answer.status_code == 401
    with running_product(tmp_path / "home", RUNDOWN_HOST="0.0.0.0", RUNDOWN_SIGNUP="false") as product:
        url = product.base_url.replace("0.0.0.0", "127.0.0.1")
        config = httpx.get(f"{url}/api/config").json()
        assert (config["demo"], config["signup"]) == (None, False)
