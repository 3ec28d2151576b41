"""What models are told of conditions: made from the registry of keys, so that it can't fall behind it."""

from __future__ import annotations

from backend.analysis.where import KEY_HELP

CONDITIONS = (
    'A JSON list of conditions, e.g. [{"side":"short","weekday":"thursday"},{"duration":{"gt":"4h"}}]. Keys in one '
    "object and objects in the list must all hold; a list of values means any of them. Times are of the opening in UTC "
    f'unless the object has "by":"closed". Keys: {KEY_HELP}; worst or best: so many of the largest losses or wins of '
    "what the others leave; not: an object that must not hold. Ranges take gte, gt, lt, lte."
)
