"""OpenRouter's plain endpoints: the list of models, and whether a key is good."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import structlog
from pydantic import BaseModel, ValidationError

from backend.agents.openrouter.chat import is_sendable
from backend.errors import InvalidRequest, UpstreamFailed

log = structlog.get_logger(__name__)

OFFLINE_MODEL = "offline/analyst"
_FRESH_S = 3600.0
_RETRY_S = 60.0
_TIMEOUT_S = 10.0
# In all, also where each byte comes in time.
_WHOLE_S = 20.0
# OpenRouter's list is about 1 MB of 400 models.
_MAX_LIST_BYTES = 16 * 2**20
_MAX_MODELS = 5_000
_MAX_KEY_BYTES = 64 * 1024


class CatalogModel(BaseModel):
    """One model; prices in USD per million tokens, None where OpenRouter gives none (or a varying one).

    `supported_parameters` is None where the list does not tell, `max_completion_tokens` where there is no limit.
    """

    id: str
    name: str
    context_length: int | None
    prompt_price: float | None
    completion_price: float | None
    supports_tools: bool
    supported_parameters: list[str] | None = None
    max_completion_tokens: int | None = None


class KeyCredit(BaseModel):
    """What OpenRouter says of a key, in USD; `limit` and `limit_remaining` are None for a key without a limit."""

    usage: float | None = None
    limit: float | None = None
    limit_remaining: float | None = None
    is_free_tier: bool | None = None


class Listing(BaseModel):
    """The models as last fetched; `stale` when a newer list could not be had."""

    models: list[CatalogModel] = []
    fetched_at: datetime | None = None
    stale: bool = True


def require_sendable(api_key: str) -> None:
    """Refuse a key that no request can carry.

    Raises:
        InvalidRequest: it holds something else than printable ASCII without blanks.
    """
    if not is_sendable(api_key):
        raise InvalidRequest("An API key holds only plain letters, digits and signs. Check that it was copied whole.")


class OpenRouterCatalog:
    """Caches the list in the process and in a file, so that it is there when OpenRouter is not."""

    def __init__(self, *, base_url: str, http: httpx.AsyncClient, cache_file: Path | None = None) -> None:
        self._base_url = base_url
        self._http = http
        self._file = cache_file
        self._listing = self._read_file()
        self._tried_at = float("-inf")
        self._lock = asyncio.Lock()

    async def list_models(self) -> Listing:
        """The newest list that can be had within the time limit."""
        async with self._lock:
            since = time.monotonic() - self._tried_at
            if since > (_RETRY_S if self._listing.stale else _FRESH_S):
                await self._refresh()
        return self._listing

    async def supports_tools(self, ai_model: str) -> bool | None:
        """Whether the model takes tools; None when the list does not tell."""
        if ai_model == OFFLINE_MODEL:
            return True
        listing = await self.list_models()
        return next((model.supports_tools for model in listing.models if model.id == ai_model), None)

    async def check_key(self, api_key: str) -> KeyCredit:
        """Ask OpenRouter whether it knows the key, and what may still be spent with it.

        Raises:
            InvalidRequest: it does not (`invalid_api_key`), or is no key (see `require_sendable`).
            UpstreamFailed: it can't be asked now.
        """
        require_sendable(api_key)
        try:
            answer = await self._ask_about_key("key", api_key)
            if answer.status_code == 404:
                # The endpoint's earlier name, which servers that speak OpenRouter's API may still have alone.
                answer = await self._ask_about_key("auth/key", api_key)
        except httpx.HTTPError as error:
            raise UpstreamFailed(
                "OpenRouter can't be reached to check the key. Try again, or store it unchecked with ?verify=false."
            ) from error
        if answer.status_code in (401, 403):
            raise InvalidRequest(
                "OpenRouter does not accept this key. Check that it was copied whole and is not revoked.",
                code="invalid_api_key",
            )
        if answer.status_code != 200:
            raise UpstreamFailed(
                f"OpenRouter answered {answer.status_code} when asked about the key. "
                "Try again, or store it unchecked with ?verify=false."
            )
        return _credit(answer)

    async def _ask_about_key(self, path: str, api_key: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {api_key}"}
        return await _fetched(self._http, f"{self._base_url}/{path}", headers, _MAX_KEY_BYTES)

    async def _refresh(self) -> None:
        self._tried_at = time.monotonic()
        try:
            answer = await _fetched(self._http, f"{self._base_url}/models", {}, _MAX_LIST_BYTES)
            answer.raise_for_status()
            models = await asyncio.to_thread(_models, answer.content)
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("openrouter_models_not_fetched", error=type(error).__name__)
            self._listing = self._listing.model_copy(update={"stale": True})
            return
        self._listing = Listing(models=models, fetched_at=datetime.now(UTC), stale=False)
        self._write_file()

    def _read_file(self) -> Listing:
        if self._file is None or not self._file.is_file():
            return Listing()
        try:
            kept = Listing.model_validate_json(self._file.read_bytes())
        except (OSError, ValidationError):
            return Listing()
        return kept.model_copy(update={"stale": True})

    def _write_file(self) -> None:
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(self._listing.model_dump_json())
        except OSError as error:
            log.warning("openrouter_models_not_kept", error=type(error).__name__)


async def _fetched(http: httpx.AsyncClient, url: str, headers: dict[str, str], most: int) -> httpx.Response:
    """The answer with its body, of at most `most` bytes, sent plain and within the time limit as a whole.

    Raises:
        httpx.HTTPError: it can't be had so.
    """
    asked = {**headers, "Accept-Encoding": "identity"}
    try:
        async with asyncio.timeout(_WHOLE_S), http.stream("GET", url, headers=asked, timeout=_TIMEOUT_S) as answer:
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise httpx.DecodingError("the answer is packed, which was not asked for")
            body = bytearray()
            async for piece in answer.aiter_raw():
                body += piece
                if len(body) > most:
                    raise httpx.DecodingError(f"the answer is longer than {most} bytes")
    except TimeoutError as error:
        raise httpx.ReadTimeout(f"the answer took longer than {_WHOLE_S} s") from error
    return httpx.Response(answer.status_code, content=bytes(body), request=answer.request)


def _models(body: bytes) -> list[CatalogModel]:
    return [_model(item) for item in orjson.loads(body)["data"][:_MAX_MODELS]]


def _credit(answer: httpx.Response) -> KeyCredit:
    """The key's figures; a server that tells none, or tells them otherwise, leaves them unknown."""
    try:
        return KeyCredit.model_validate(answer.json()["data"])
    except (ValueError, KeyError, TypeError):
        return KeyCredit()


def _model(item: dict[str, Any]) -> CatalogModel:
    pricing = item.get("pricing") or {}
    return CatalogModel(
        id=item["id"],
        name=item.get("name") or item["id"],
        context_length=item.get("context_length"),
        prompt_price=_per_million(pricing.get("prompt")),
        completion_price=_per_million(pricing.get("completion")),
        supports_tools="tools" in (item.get("supported_parameters") or []),
        supported_parameters=item.get("supported_parameters"),
        max_completion_tokens=(item.get("top_provider") or {}).get("max_completion_tokens"),
    )


def _per_million(price: object) -> float | None:
    try:
        value = float(str(price))
    except ValueError:
        return None
    # OpenRouter says −1 where the price depends on the model it routes to.
    return round(value * 1_000_000, 6) if value >= 0 else None
