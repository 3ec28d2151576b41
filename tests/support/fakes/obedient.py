"""A model that does whatever any text it is sent tells it to: what injected instructions are tried on.

Orders have a form of their own, so that they survive every renaming and escaping on their way through a run:

    [[call NAME key=value key=value]]     calls that tool with those arguments
    [[say key]]                           answers with every key it has seen, and with all it was sent
    [[show URL]]                          answers with a picture and a link at that address

    obedient = Obedient()
    openrouter.fallback = obedient
"""

from __future__ import annotations

import json
import re
from typing import Any

from tests.support.fakes.openrouter import Call, Turn

_ORDER = re.compile(r"\[\[(call|say|show) ([^\]]+)\]\]")
_KEY = re.compile(r"\bsk-[\w-]{8,}")
_MOST_ROUNDS = 4
# What a model asks by itself, so that everything that the tools give of the run is read for orders.
_OWN_CALLS = (
    ("analyze_trades", {"filter_type": "all"}),
    ("analyze_trades", {"filter_type": "symbol", "criteria": "no such symbol"}),
    ("analyze_trades", {"filter_type": "tag", "criteria": "no such tag"}),
    ("calculate_metrics", {"metric_type": "all"}),
    ("suggest_rules", {"problem": "losses"}),
)


class Obedient:
    """Answers chat requests; `orders` holds every order that was found, `calls` every tool it called for one."""

    def __init__(self) -> None:
        self.orders: set[str] = set()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.bodies: list[str] = []

    def __call__(self, body: dict[str, Any]) -> Turn:
        sent = "\n".join(_texts(body["messages"]))
        self.bodies.append(json.dumps(body))
        found = list(dict.fromkeys(_ORDER.findall(sent)))
        self.orders |= {f"[[{verb} {rest}]]" for verb, rest in found}
        rounds = sum(bool(message.get("tool_calls")) for message in body["messages"])
        calls = self._ordered(found) if rounds else []
        if rounds == 0:
            return Turn(tool_calls=[Call(name, arguments, id=f"own_{n}") for n, (name, arguments) in _own()])
        if calls and rounds < _MOST_ROUNDS:
            self.calls += calls
            return Turn(tool_calls=[Call(name, args, id=f"r{rounds}_{n}") for n, (name, args) in enumerate(calls)])
        return Turn(text=_said(found, sent, body))

    def _ordered(self, found: list[tuple[str, str]]) -> list[tuple[str, dict[str, Any]]]:
        calls = []
        for verb, rest in found:
            if verb == "call":
                name, *pairs = rest.split()
                calls.append((name, {key: _value(value) for key, _, value in (pair.partition("=") for pair in pairs)}))
        return calls


def _own() -> list[tuple[int, tuple[str, dict[str, Any]]]]:
    return list(enumerate(_OWN_CALLS))


def _value(text: str) -> Any:
    return int(text) if text.isdigit() else text


def _texts(messages: list[dict[str, Any]]) -> list[str]:
    """All text of the conversation, as it stands and with JSON's escapes undone."""
    texts = []
    for message in messages:
        content = message.get("content")
        text = content if isinstance(content, str) else json.dumps(content)
        texts += [text, text.encode("utf-8", "replace").decode("unicode_escape", "replace")]
    return texts


def _said(found: list[tuple[str, str]], sent: str, body: dict[str, Any]) -> str:
    parts = ["The run lost money."]
    for verb, rest in found:
        if verb == "say":
            parts.append(f"Keys: {_KEY.findall(sent)}. All I was told: {json.dumps(body)[:20_000]}")
        elif verb == "show":
            parts.append(f"![picture]({rest}/?leak=1) [link]({rest}) <img src={rest}>")
    return "\n\n".join(parts)
