"""Trading models and the rules adopted for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from postgrest import AsyncPostgrestClient
from pydantic import BaseModel, ConfigDict

from backend.errors import NotFound
from backend.store.client import execute
from backend.store.pages import Page, page_of

_COLUMNS = "*, runs(count)"


class ModelRow(BaseModel):
    """One row of `models`; the ciphertext stays on this side of the API."""

    model_config = ConfigDict(extra="ignore")

    id: int
    user_id: str
    name: str
    ai_model: str
    model_parameters: dict[str, Any]
    custom_instructions: str
    api_key_ciphertext: str | None
    api_key_hint: str | None
    created_at: datetime
    updated_at: datetime
    run_count: int = 0


class RuleRow(BaseModel):
    """One row of `model_rules`."""

    model_config = ConfigDict(extra="ignore")

    id: int
    model_id: int
    name: str
    kind: str
    params: dict[str, Any]
    code: str
    enabled: bool
    source_message_id: int | None
    created_at: datetime


class ModelStore:
    """Models of the caller. `get_` raises NotFound; `list_` pages, newest first."""

    def __init__(self, client: AsyncPostgrestClient) -> None:
        self._client = client

    async def list_models(self, *, limit: int, before_id: int | None) -> Page[ModelRow]:
        """Models with their number of runs."""
        query = self._client.table("models").select(_COLUMNS).order("id", desc=True).limit(limit + 1)
        if before_id is not None:
            query = query.lt("id", before_id)
        return page_of([_model(row) for row in await execute(query)], limit, lambda row: row.id)

    async def get_model(self, model_id: int) -> ModelRow:
        """One model."""
        return _only(await execute(self._client.table("models").select(_COLUMNS).eq("id", model_id)))

    async def add_model(self, values: dict[str, Any]) -> ModelRow:
        """A new model of the caller's."""
        return _only(await execute(self._client.table("models").insert(values)))

    async def update_model(self, model_id: int, changes: dict[str, Any]) -> ModelRow:
        """Change some columns; `updated_at` follows."""
        changes = {**changes, "updated_at": datetime.now(UTC).isoformat()}
        return _only(await execute(self._client.table("models").update(changes).eq("id", model_id)))

    async def delete_model(self, model_id: int) -> None:
        """Delete with all its runs, rules and conversations."""
        _only(await execute(self._client.table("models").delete().eq("id", model_id)))

    async def list_rules(self, model_id: int, *, limit: int, before_id: int | None) -> Page[RuleRow]:
        """Adopted rules of one model; NotFound when the model is not the caller's."""
        query = (
            self._client.table("models")
            .select("id, model_rules(*)")
            .eq("id", model_id)
            .order("id", desc=True, foreign_table="model_rules")
            .limit(limit + 1, foreign_table="model_rules")
        )
        if before_id is not None:
            query = query.lt("model_rules.id", before_id)
        rows = await execute(query)
        if not rows:
            raise NotFound("There is no such model in your account.")
        return page_of([RuleRow.model_validate(row) for row in rows[0]["model_rules"]], limit, lambda row: row.id)

    async def get_rule(self, model_id: int, rule_id: int) -> RuleRow:
        """One adopted rule."""
        query = self._client.table("model_rules").select("*").eq("id", rule_id).eq("model_id", model_id)
        return _only_rule(await execute(query))

    async def add_rule(self, model_id: int, values: dict[str, Any]) -> RuleRow:
        """Adopt a rule."""
        return _only_rule(await execute(self._client.table("model_rules").insert({**values, "model_id": model_id})))

    async def update_rule(self, model_id: int, rule_id: int, changes: dict[str, Any]) -> RuleRow:
        """Change an adopted rule."""
        query = self._client.table("model_rules").update(changes).eq("id", rule_id).eq("model_id", model_id)
        return _only_rule(await execute(query))

    async def delete_rule(self, model_id: int, rule_id: int) -> None:
        """Drop an adopted rule."""
        _only_rule(await execute(self._client.table("model_rules").delete().eq("id", rule_id).eq("model_id", model_id)))


def _model(row: dict[str, Any]) -> ModelRow:
    counts = row.pop("runs", None) or [{"count": 0}]
    return ModelRow(**row, run_count=counts[0]["count"])


def _only(rows: list[dict[str, Any]]) -> ModelRow:
    if not rows:
        raise NotFound("There is no such model in your account.")
    return _model(rows[0])


def _only_rule(rows: list[dict[str, Any]]) -> RuleRow:
    if not rows:
        raise NotFound("There is no such rule on this model.")
    return RuleRow.model_validate(rows[0])
