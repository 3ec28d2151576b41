"""The OpenAPI document, completed: every refusal is a problem document, and says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field

from backend.store.pages import MAX_ID

_VERBS = ("get", "post", "put", "patch", "delete")
_SIGN_IN = "/auth/v1/"


class FieldFault(BaseModel):
    """One field that is wrong, and why."""

    model_config = ConfigDict(extra="allow")

    field: str | None = None
    why: str | None = None


class Problem(BaseModel):
    """An error (RFC 9457): `code` is stable, `detail` is for a person."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldFault] = Field(default_factory=list)


class SignInProblem(BaseModel):
    """An error of the sign-in endpoints, in Supabase's shape."""

    code: int
    error_code: str
    msg: str


def describe(app: FastAPI) -> None:
    """Make `app.openapi()` say what really comes: problems for refusals, and no answer that never does."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, routes=app.routes)
            app.openapi_schema = _completed(made)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for model in (Problem, SignInProblem):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {})
        schemas[model.__name__] = schema
    for path, item in document["paths"].items():
        for verb in _VERBS:
            if verb in item:
                _add_problems(item[verb]["responses"], sign_in=path.startswith(_SIGN_IN))
                _bound_ids(item[verb].get("parameters", ()))
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    return document


def _bound_ids(parameters: Iterable[dict[str, Any]]) -> None:
    for parameter in parameters:
        if parameter["in"] == "path" and parameter["schema"].get("type") == "integer":
            parameter["schema"] |= {"minimum": 1, "maximum": MAX_ID}


def _add_problems(responses: dict[str, Any], *, sign_in: bool) -> None:
    # FastAPI's own shape of a 422 is never sent.
    responses.pop("422", None)
    media, model = ("application/json", SignInProblem) if sign_in else ("application/problem+json", Problem)
    content = {media: {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}
    for status, meaning in (
        ("4XX", "Refused: the code says why, the text what to do"),
        ("5XX", "The server, its database or the provider failed"),
    ):
        responses.setdefault(status, {"description": meaning, "content": content})
