"""Conditions on trades that compose: a list of objects whose keys must all hold."""

from backend.analysis.where.conditions import (
    KEY_HELP,
    Condition,
    Where,
    describe,
    json_scope,
    read_where,
    scope_of,
)
from backend.analysis.where.groups import read_group
from backend.analysis.where.keys import KEYS

__all__ = ["KEYS", "KEY_HELP", "Condition", "Where", "describe", "json_scope", "read_group", "read_where", "scope_of"]
