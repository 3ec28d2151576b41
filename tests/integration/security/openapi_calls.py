"""Requests made from the OpenAPI document, so that a sweep over the API holds every endpoint there is, new ones too.

What the document can't tell (which id a path parameter stands for, a body that means something) is in the tables below.
A parameter or body that neither can fill raises CantFill: the sweep fails, and says what to add here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
VERBS = ("get", "post", "put", "patch", "delete")
# Deleting comes last and from the leaves up, so that what a request needs is still there when its turn comes.
_ORDER = {"get": 0, "post": 1, "put": 2, "patch": 3, "delete": 4}

_VALUES: Mapping[str, Any] = {
    "ai_model": "offline/analyst",
    "api_key": "sk-or-v1-sweep-0123456789",
    "message": "Why did it lose?",
    "content": "It lost on fees.",
    "kind": "stop_loss",
    "currency": "EUR",
    "problem": "fees",
    "search": "canary",
}
_BODIES: Mapping[str, Json] = {
    "/api/models/{model_id}": {"name": "changed"},
    "/api/models/{model_id}/rules/{rule_id}": {"name": "changed"},
    "/api/models/{model_id}/runs/{run_id}": {"name": "changed"},
    "/api/models/{model_id}/runs/{run_id}/replay": {"kind": "no_fees", "params": {}},
    "/api/chat-sessions/{session_id}": {"session_title": "changed"},
}
# The caller's own: a request's name, and a sign-in that stands in the query.
_NOT_DOORS = ("request_id", "token")
_FILLS = b"""time,symbol,side,quantity,price
2026-01-05T10:00:00Z,BTC/USDT,buy,1,100
2026-01-05T11:00:00Z,BTC/USDT,sell,1,90
"""
_QUERIES: Mapping[str, Mapping[str, str]] = {
    "/api/models/{model_id}/api-key": {"verify": "false"},
    "/api/models/{model_id}/runs/{run_id}/groups": {"a": "long"},
    "/api/models/{model_id}/runs/{run_id}/terms": {"term": "win rate"},
}


class CantFill(Exception):
    """The document and the tables here can't make a request for an endpoint."""


@dataclass(frozen=True)
class Ids:
    """What stands for each id in a path, a query or a body."""

    model_id: int
    run_id: int
    other_run_id: int
    session_id: int
    rule_id: int
    message_id: int
    share_id: int
    share_token: str = "no-such-link"
    request_id: str = "sweep-1"

    def value(self, name: str) -> Any:
        known = {
            "source_message_id": self.message_id,
            "parent_id": self.message_id,
            "ids": f"{self.run_id},{self.other_run_id}",
            "token": self.share_token,
        }
        if name in known:
            return known[name]
        return getattr(self, name, None) if name.endswith("_id") else None


@dataclass(frozen=True)
class Request:
    """One request, ready to be sent by an `httpx` client."""

    verb: str
    template: str
    url: str
    query: Mapping[str, Any]
    body: Json | None = None
    files: Mapping[str, Any] | None = None
    takes_ids: bool = field(default=False)

    @property
    def name(self) -> str:
        return f"{self.verb.upper()} {self.template}"

    def arguments(self) -> Json:
        return {
            "method": self.verb,
            "url": self.url,
            "params": dict(self.query),
            "json": self.body,
            "files": self.files,
        }


def requests_of(document: Json, ids: Ids, *, prefix: str = "/api/") -> Iterator[Request]:
    """A request for every operation under `prefix`, reads first, deletions last."""
    operations = [
        (verb, path, item[verb])
        for path, item in document["paths"].items()
        for verb in VERBS
        if verb in item and path.startswith(prefix)
    ]
    # A link goes with its conversation, that with its run: their own deletions have to come before.
    operations.sort(
        key=lambda it: (_ORDER[it[0]], "share" not in it[1], "session" not in it[1], -it[1].count("/"), -len(it[1]))
    )
    for verb, path, operation in operations:
        yield _request(document, ids, verb, path, operation)


def _request(document: Json, ids: Ids, verb: str, path: str, operation: Json) -> Request:
    url, query, takes_ids = path, dict(_QUERIES.get(path, {})), False
    for parameter in operation.get("parameters", ()):
        name = parameter["name"]
        value = ids.value(name)
        if parameter["in"] == "path":
            if value is None:
                raise CantFill(f"{verb} {path}: what does the path parameter {name!r} stand for? Add it to Ids.")
            url = url.replace(f"{{{name}}}", str(value))
            takes_ids = True
        elif parameter["in"] == "query" and value is not None and name not in _NOT_DOORS:
            # An optional id in the query is a door as well as one in the path.
            query[name] = value
            takes_ids = True
        elif parameter["in"] == "query" and parameter.get("required") and name not in query:
            query[name] = _VALUES.get(name) or _filled(document, parameter["schema"], ids, f"{path}?{name}")
    if "{" in url:
        raise CantFill(f"{verb} {path}: a path parameter is not described")
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        return Request(verb, path, url, query, files={"file": ("fills.csv", _FILLS)}, takes_ids=takes_ids)
    body = None
    if content:
        body = _BODIES.get(path) or _body(document, content, ids, path)
    return Request(verb, path, url, query, body, takes_ids=takes_ids)


def _body(document: Json, content: Json, ids: Ids, path: str) -> Json:
    if path.endswith("/ag-ui"):
        message = {"id": "m1", "role": "user", "content": "Why did it lose?"}
        empty: Json = {"state": {}, "tools": [], "context": [], "forwardedProps": {}}
        return {"threadId": str(ids.session_id), "runId": "ag-ui-sweep", "messages": [message], **empty}
    if "application/json" not in content:
        raise CantFill(f"{path}: a body of {', '.join(content)}")
    body: Json = _filled(document, content["application/json"]["schema"], ids, path)
    return body


def _filled(document: Json, schema: Json, ids: Ids, where: str) -> Any:
    if "$ref" in schema:
        return _filled(document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], ids, where)
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return _filled(document, options[0], ids, where)
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            required = schema.get("required", ())
            # Optional ids go in as well: a body can name another's rows too.
            named = {
                name
                for name in schema.get("properties", {})
                if name.endswith("_id") and name not in _NOT_DOORS and ids.value(name) is not None
            }
            return {
                name: _property(document, name, held, ids, f"{where}.{name}")
                for name, held in schema.get("properties", {}).items()
                if name in required or name in named or name == "message"
            }
        case "string":
            if schema.get("enum"):
                return schema["enum"][0]
            text = "s" * max(schema.get("minLength", 1), 1)
            if "pattern" in schema and not re.search(schema["pattern"], text):
                raise CantFill(f"{where}: no value fits {schema['pattern']!r}; add one to _VALUES")
            return text
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case "array":
            return []
    raise CantFill(f"{where}: a value of {schema}")


def _property(document: Json, name: str, schema: Json, ids: Ids, where: str) -> Any:
    value = ids.value(name)
    if value is not None:
        return value
    if name == "subject":
        return {"kind": "run", "id": ids.run_id}
    return _VALUES[name] if name in _VALUES else _filled(document, schema, ids, where)
