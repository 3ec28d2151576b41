"""Pages of lists: items and an opaque cursor to go on from."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from backend.errors import InvalidRequest

T = TypeVar("T")

# What every JSON reader can hold exactly; the database counts further, and never gets there.
MAX_ID = 2**53 - 1


class Page(BaseModel, Generic[T]):
    """`next_cursor` is None on the last page."""

    items: list[T]
    next_cursor: str | None = None


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], Any]) -> Page[T]:
    """The first `limit` of `rows`, of which one more was asked for to know whether there are others."""
    items = list(rows[:limit])
    return Page(items=items, next_cursor=encode_cursor(key(items[-1])) if len(rows) > limit else None)


def encode_cursor(value: Any) -> str:
    """An opaque cursor that holds a JSON value."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> Any:
    """The value in a cursor.

    Raises:
        InvalidRequest: when it is not one of ours.
    """
    try:
        return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise InvalidRequest("The cursor is not one this server gave. Start again without it.") from error


def decode_id_cursor(cursor: str | None) -> int | None:
    """The id in the cursor of a list that is ordered by id."""
    if cursor is None:
        return None
    value = decode_cursor(cursor)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise InvalidRequest("The cursor is not one this list gave. Start again without it.")
    return value
