"""OpenRouter's list of models: cached in the process and on disk, and there when OpenRouter is not."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import respx
from pydantic import ValidationError

from backend.agents.openrouter.catalog import OpenRouterCatalog
from backend.agents.openrouter.chat import revealed
from backend.agents.openrouter.failures import ModelFailure
from backend.agents.openrouter.parameters import ModelParameters, parameter_ranges
from backend.errors import InvalidRequest, UpstreamFailed

URL = "https://openrouter.test/api/v1"
MODELS = {
    "data": [
        {
            "id": "acme/one",
            "name": "Acme One",
            "context_length": 1000,
            "pricing": {"prompt": "0.000002", "completion": "0.00001"},
            "supported_parameters": ["tools", "temperature"],
            "top_provider": {"max_completion_tokens": 4096, "is_moderated": False},
        },
        {"id": "acme/router", "pricing": {"prompt": "-1", "completion": "-1"}, "supported_parameters": []},
        {"id": "acme/bare"},
    ]
}


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


@respx.mock
async def test_list_is_fetched_once_with_prices_per_million(http: httpx.AsyncClient) -> None:
    route = respx.get(f"{URL}/models").respond(json=MODELS)
    catalog = OpenRouterCatalog(base_url=URL, http=http)
    listing = await catalog.list_models()
    assert (await catalog.list_models()) is listing
    assert route.call_count == 1
    one, router, bare = listing.models
    assert (one.prompt_price, one.completion_price, one.context_length, one.supports_tools) == (2.0, 10.0, 1000, True)
    assert (router.prompt_price, router.name, router.supports_tools) == (None, "acme/router", False)
    assert (bare.context_length, bare.supports_tools) == (None, False)
    assert (one.supported_parameters, one.max_completion_tokens) == (["tools", "temperature"], 4096)
    assert (bare.supported_parameters, bare.max_completion_tokens) == (None, None)
    assert not listing.stale


@respx.mock
@pytest.mark.parametrize(
    ("body", "remaining"),
    [
        ({"data": {"usage": 1.5, "limit": 20, "limit_remaining": 18.5, "label": "x"}}, 18.5),
        ({"data": {"usage": 1.5, "limit": None, "limit_remaining": None}}, None),
        ({"data": {"limit_remaining": "plenty"}}, None),
        ({"data": "none"}, None),
        ([], None),
    ],
)
async def test_key_that_is_known_comes_with_its_credit(
    http: httpx.AsyncClient, body: object, remaining: float | None
) -> None:
    respx.get(f"{URL}/key").respond(json=body)
    credit = await OpenRouterCatalog(base_url=URL, http=http).check_key("sk-or-v1-abc")
    assert credit.limit_remaining == remaining


@respx.mock
@pytest.mark.parametrize("key", ["ýýýýýýýý", "sk-or-v1\nX-Header: 1", "sk-or-\x00v1", "sk or v1 abc"])
async def test_key_that_no_header_can_carry_is_refused_and_not_sent(http: httpx.AsyncClient, key: str) -> None:
    with pytest.raises(InvalidRequest, match="plain letters"):
        await OpenRouterCatalog(base_url=URL, http=http).check_key(key)
    with pytest.raises(ModelFailure) as failed:
        revealed(key)
    assert failed.value.error_code == "invalid_api_key"


def test_ranges_are_those_that_are_enforced() -> None:
    ranges = parameter_ranges()
    assert (ranges["temperature"].low, ranges["temperature"].high, ranges["temperature"].low_excluded) == (0, 2, False)
    assert (ranges["top_p"].low, ranges["top_p"].low_excluded, ranges["max_completion_tokens"].whole) == (0, True, True)
    for name, span in ranges.items():
        ModelParameters.model_validate({name: span.high})
        with pytest.raises(ValidationError):
            ModelParameters.model_validate({name: span.high + 1})


@respx.mock
async def test_tool_support_is_told_where_it_is_known(http: httpx.AsyncClient) -> None:
    respx.get(f"{URL}/models").respond(json=MODELS)
    catalog = OpenRouterCatalog(base_url=URL, http=http)
    told = [await catalog.supports_tools(name) for name in ("acme/one", "acme/bare", "acme/none", "offline/analyst")]
    assert told == [True, False, None, True]


@respx.mock
@pytest.mark.parametrize(
    "fault",
    [
        httpx.ConnectError("no network"),
        httpx.ReadTimeout("slow"),
        httpx.Response(503),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"data": [{"name": "no id"}]}),
        httpx.Response(200, json=["not an object"]),
    ],
)
async def test_last_known_list_is_given_as_stale_when_openrouter_is_away(
    http: httpx.AsyncClient, tmp_path: Path, fault: Exception | httpx.Response
) -> None:
    kept = tmp_path / "cache" / "models.json"
    route = respx.get(f"{URL}/models").respond(json=MODELS)
    await OpenRouterCatalog(base_url=URL, http=http, cache_file=kept).list_models()
    route.mock(side_effect=[fault])
    listing = await OpenRouterCatalog(base_url=URL, http=http, cache_file=kept).list_models()
    assert [model.id for model in listing.models] == ["acme/one", "acme/router", "acme/bare"]
    assert listing.stale
    assert listing.fetched_at is not None


@respx.mock
async def test_damaged_cache_file_is_no_crash(http: httpx.AsyncClient, tmp_path: Path) -> None:
    kept = tmp_path / "models.json"
    kept.write_text('{"models": [{"id": ')
    respx.get(f"{URL}/models").mock(side_effect=httpx.ConnectError("no network"))
    listing = await OpenRouterCatalog(base_url=URL, http=http, cache_file=kept).list_models()
    assert (listing.models, listing.stale) == ([], True)


@respx.mock
@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (httpx.Response(401), InvalidRequest, "invalid_api_key"),
        (httpx.Response(403), InvalidRequest, "invalid_api_key"),
        (httpx.Response(500), UpstreamFailed, "upstream_unavailable"),
        (httpx.ConnectError("no network"), UpstreamFailed, "upstream_unavailable"),
    ],
)
async def test_key_that_is_not_good_or_can_not_be_checked_is_told_apart(
    http: httpx.AsyncClient, answer: httpx.Response | Exception, error: type[Exception], code: str
) -> None:
    respx.get(f"{URL}/key").mock(side_effect=[answer])
    with pytest.raises(error) as refused:
        await OpenRouterCatalog(base_url=URL, http=http).check_key("sk-or-secret")
    assert refused.value.code == code  # type: ignore[attr-defined]
    assert "sk-or-secret" not in str(refused.value)


@respx.mock
async def test_endpoints_earlier_name_is_asked_where_the_new_one_is_not_known(http: httpx.AsyncClient) -> None:
    respx.get(f"{URL}/key").respond(404)
    respx.get(f"{URL}/auth/key").respond(401)
    with pytest.raises(InvalidRequest):
        await OpenRouterCatalog(base_url=URL, http=http).check_key("sk-or-bad")


@respx.mock
async def test_good_key_is_sent_as_it_is(http: httpx.AsyncClient) -> None:
    route = respx.get(f"{URL}/key").respond(json={"data": {}})
    await OpenRouterCatalog(base_url=URL, http=http).check_key("sk-or-good")
    assert route.calls[0].request.headers["authorization"] == "Bearer sk-or-good"


@pytest.mark.parametrize("value", [True, False, "1", "", [1], {}])
def test_parameters_that_are_numbers_take_nothing_else(value: object) -> None:
    for name in parameter_ranges():
        assert ModelParameters.model_validate({name: 1.0})
        with pytest.raises(ValidationError):
            ModelParameters.model_validate({name: value})
