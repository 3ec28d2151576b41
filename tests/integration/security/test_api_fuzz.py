"""A bounded run of schemathesis over the live API, signed in; `python -m tests.fuzz.api` runs for longer."""

import pytest

from tests.fuzz.api import furnish, fuzz
from tests.support.product import Product

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]


def test_api_keeps_to_its_document_under_hostile_requests(product: Product) -> None:
    ids = furnish(product.account("fuzz@example.com"))
    outcome = fuzz(product, seconds=15, ids=ids, deletions=False, seed=20261121)
    assert outcome.failures == 0, outcome.report
    assert outcome.server_errors == 0, outcome.report
    assert outcome.cases > 50
    assert outcome.answers > 50, "the report was read"
    assert not [line for line in product.log if "unexpected_error" in line]


def test_every_refusal_is_documented_and_names_the_methods_there_are(product: Product) -> None:
    account = product.account("fuzz@example.com")
    answer = account.http.put("/api/models", json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    assert answer.headers["content-type"] == "application/problem+json"
    nowhere = account.http.get("/api/there-is-no-such-thing")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")
    for path, item in account.get("/openapi.json")["paths"].items():
        for verb, operation in item.items():
            assert {"4XX", "5XX"} <= operation["responses"].keys(), (verb, path)
            assert "422" not in operation["responses"], (verb, path)
