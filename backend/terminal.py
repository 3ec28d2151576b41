"""Text of files, servers and users, as it may be written to a terminal: none of it moves, colours or names anything."""

from __future__ import annotations

import re
from typing import Any

import typer

# What a terminal takes for orders (C0 but line ends and tabs, DEL, C1), and what turns the direction of text.
_ORDERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    """`text` with U+FFFD for each character that a terminal would obey."""
    return _ORDERS.sub("\ufffd", text)


def echo(text: str, **more: Any) -> None:
    """As `typer.echo`, of harmless text."""
    typer.echo(harmless(text), **more)
