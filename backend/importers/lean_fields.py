"""LEAN writes its keys in camelCase today and in PascalCase before 2023: one way to ask for either."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.importers.parsing import finite


def entry(record: Mapping[str, Any], key: str) -> Any:
    """The value under the key, in either case of its first letter; None where there is none."""
    if key in record:
        return record[key]
    return record.get(key[:1].upper() + key[1:])


def obj(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The object under the key, an empty one where there is none."""
    value = entry(record, key)
    return value if isinstance(value, dict) else {}


def text(record: Mapping[str, Any], key: str) -> str | None:
    """The text under the key."""
    value = entry(record, key)
    return value if isinstance(value, str) else None


def number(record: Mapping[str, Any], key: str) -> float | None:
    """The finite number under the key."""
    return finite(entry(record, key))
