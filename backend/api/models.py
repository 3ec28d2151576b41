"""Models, their sealed keys and adopted rules, and the list of OpenRouter's models."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StrictBool

from backend.agents.openrouter.catalog import CatalogModel, KeyCredit, OpenRouterCatalog, require_sendable
from backend.agents.openrouter.parameters import ModelParameters, ParameterRange, parameter_ranges
from backend.api.connection import CurrentUser, Cursor, Limit, ModelStoreDep, ServicesDep
from backend.errors import InvalidRequest
from backend.store.models import ModelRow, RuleRow
from backend.store.pages import MAX_ID, Page, decode_id_cursor
from backend.store.vault import KeyState, Vault, hint

router = APIRouter(prefix="/api", tags=["models"])

AiModel = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\w.:~@+/-]+$")]
Name = Annotated[str, Field(min_length=1, max_length=120, pattern=r"\S")]


class NewModel(BaseModel):
    """A model to create."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    name: Name
    ai_model: AiModel
    model_parameters: ModelParameters | None = None
    custom_instructions: str | None = Field(None, max_length=20_000)


class ModelChanges(BaseModel):
    """What to change of a model; what is left out stays."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=(), json_schema_extra={"minProperties": 1})

    name: Name | None = None
    ai_model: AiModel | None = None
    model_parameters: ModelParameters | None = None
    custom_instructions: str | None = Field(None, max_length=20_000)


class ModelOut(BaseModel):
    """A model as it is shown: never its key."""

    model_config = ConfigDict(protected_namespaces=())

    id: int
    name: str
    ai_model: str
    model_parameters: dict[str, Any]
    custom_instructions: str
    api_key_hint: str | None
    api_key_state: KeyState = Field(description="unreadable: the server's own key changed; enter the key again")
    run_count: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: ModelRow, vault: Vault) -> ModelOut:
        """What may be shown of a row."""
        state = vault.state(row.api_key_ciphertext, user_id=row.user_id, model_id=row.id)
        return cls.model_validate(row.model_dump(include=set(cls.model_fields)) | {"api_key_state": state})


class ApiKey(BaseModel):
    """An OpenRouter key to store."""

    model_config = ConfigDict(extra="forbid")

    api_key: SecretStr = Field(min_length=8, max_length=512)


class ApiKeyHint(BaseModel):
    """What is shown of a stored key; `credit` is None where OpenRouter was not asked."""

    api_key_hint: str | None
    credit: KeyCredit | None = None


class OpenRouterModels(BaseModel):
    """OpenRouter's models; `stale` when they could not be fetched anew.

    `parameter_ranges` holds for any model; which parameters a model takes, it says itself.
    """

    items: list[CatalogModel]
    next_cursor: None = None
    stale: bool
    fetched_at: datetime | None
    parameter_ranges: dict[str, ParameterRange] = Field(default_factory=parameter_ranges)


class NewRule(BaseModel):
    """A rule to adopt."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    kind: str = Field(min_length=1, max_length=60)
    params: dict[str, Any] = Field(default_factory=dict)
    code: str = Field("", max_length=50_000)
    enabled: StrictBool = True
    source_message_id: Annotated[int, Field(ge=1, le=MAX_ID)] | None = None


class RuleChanges(BaseModel):
    """What to change of a rule."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1})

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")] | None = None
    params: dict[str, Any] | None = None
    code: str | None = Field(None, max_length=50_000)
    enabled: StrictBool | None = None


@router.get("/models")
async def list_models(
    store: ModelStoreDep, services: ServicesDep, limit: Limit = 50, cursor: Cursor = None
) -> Page[ModelOut]:
    """The caller's models, newest first."""
    page = await store.list_models(limit=limit, before_id=decode_id_cursor(cursor))
    return Page(items=[ModelOut.of(row, services.vault) for row in page.items], next_cursor=page.next_cursor)


@router.post("/models", status_code=status.HTTP_201_CREATED)
async def create_model(body: NewModel, store: ModelStoreDep, services: ServicesDep) -> ModelOut:
    """Create a model; one known not to support tools is refused, since the analysis is done by tools."""
    await _check_supports_tools(services.catalog, body.ai_model)
    row = await store.add_model(body.model_dump(mode="json", exclude_none=True))
    return ModelOut.of(row, services.vault)


@router.get("/models/{model_id}")
async def get_model(model_id: int, store: ModelStoreDep, services: ServicesDep) -> ModelOut:
    """One model."""
    return ModelOut.of(await store.get_model(model_id), services.vault)


@router.patch("/models/{model_id}")
async def update_model(model_id: int, body: ModelChanges, store: ModelStoreDep, services: ServicesDep) -> ModelOut:
    """Change a model."""
    changes = _changes(body)
    if body.model_parameters is not None:
        changes["model_parameters"] = body.model_parameters.model_dump(mode="json", exclude_none=True)
    if body.ai_model is not None:
        await _check_supports_tools(services.catalog, body.ai_model)
    return ModelOut.of(await store.update_model(model_id, changes), services.vault)


@router.delete("/models/{model_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_model(model_id: int, store: ModelStoreDep) -> None:
    """Delete a model with its runs, rules and conversations."""
    await store.delete_model(model_id)


@router.put("/models/{model_id}/api-key")
async def put_api_key(
    model_id: int,
    body: ApiKey,
    user: CurrentUser,
    store: ModelStoreDep,
    services: ServicesDep,
    verify: Annotated[bool, Query(description="Ask OpenRouter whether it knows the key")] = True,
) -> ApiKeyHint:
    """Store a key, sealed. It never comes back; only its last four characters are shown."""
    api_key = body.api_key.get_secret_value().strip()
    require_sendable(api_key)
    await store.get_model(model_id)
    credit = await services.catalog.check_key(api_key) if verify else None
    sealed = services.vault.seal(api_key, user_id=user.id, model_id=model_id)
    row = await store.update_model(model_id, {"api_key_ciphertext": sealed, "api_key_hint": hint(api_key)})
    return ApiKeyHint(api_key_hint=row.api_key_hint, credit=credit)


@router.get("/models/{model_id}/api-key")
async def check_api_key(model_id: int, user: CurrentUser, store: ModelStoreDep, services: ServicesDep) -> ApiKeyHint:
    """Ask OpenRouter whether the stored key still works, and what may be spent with it."""
    model = await store.get_model(model_id)
    if model.api_key_ciphertext is None:
        raise InvalidRequest("No key is stored for this model.", code="missing_api_key")
    api_key = services.vault.open(model.api_key_ciphertext, user_id=user.id, model_id=model_id)
    return ApiKeyHint(api_key_hint=model.api_key_hint, credit=await services.catalog.check_key(api_key))


@router.delete("/models/{model_id}/api-key", status_code=status.HTTP_204_NO_CONTENT)
async def delete_api_key(model_id: int, store: ModelStoreDep) -> None:
    """Forget the stored key."""
    await store.update_model(model_id, {"api_key_ciphertext": None, "api_key_hint": None})


@router.get("/openrouter/models")
async def list_openrouter_models(user: CurrentUser, services: ServicesDep) -> OpenRouterModels:
    """OpenRouter's models, cached; the last known list when OpenRouter can't be reached."""
    listing = await services.catalog.list_models()
    return OpenRouterModels(items=listing.models, stale=listing.stale, fetched_at=listing.fetched_at)


@router.get("/models/{model_id}/rules")
async def list_rules(model_id: int, store: ModelStoreDep, limit: Limit = 50, cursor: Cursor = None) -> Page[RuleRow]:
    """Rules adopted for a model."""
    return await store.list_rules(model_id, limit=limit, before_id=decode_id_cursor(cursor))


@router.post("/models/{model_id}/rules", status_code=status.HTTP_201_CREATED)
async def adopt_rule(model_id: int, body: NewRule, store: ModelStoreDep) -> RuleRow:
    """Adopt a rule: from now on the agent knows of it."""
    return await store.add_rule(model_id, body.model_dump(mode="json", exclude_none=True))


@router.get("/models/{model_id}/rules/{rule_id}")
async def get_rule(model_id: int, rule_id: int, store: ModelStoreDep) -> RuleRow:
    """One adopted rule."""
    return await store.get_rule(model_id, rule_id)


@router.patch("/models/{model_id}/rules/{rule_id}")
async def update_rule(model_id: int, rule_id: int, body: RuleChanges, store: ModelStoreDep) -> RuleRow:
    """Change an adopted rule, or switch it on or off."""
    return await store.update_rule(model_id, rule_id, _changes(body))


@router.delete("/models/{model_id}/rules/{rule_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_rule(model_id: int, rule_id: int, store: ModelStoreDep) -> None:
    """Drop an adopted rule."""
    await store.delete_rule(model_id, rule_id)


def _changes(body: BaseModel) -> dict[str, Any]:
    changes = body.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    if not changes:
        raise InvalidRequest("Nothing to change: name at least one field.")
    return changes


async def _check_supports_tools(catalog: OpenRouterCatalog, ai_model: str) -> None:
    if await catalog.supports_tools(ai_model) is False:
        raise InvalidRequest(
            f"{ai_model} does not support tools, and the analysis needs them. Choose a model that does.",
            code="model_lacks_tools",
        )
