"""Reading a list of conditions against a run, and the trades for which all of them hold.

`[{"side": "short", "weekday": "monday"}, {"date": "2024-08", "by": "closed"}]`: keys of one object and objects of the
list must all hold; several values of one key are alternatives. Beside the keys of `KEYS`: `not` holds for the trades
an object of conditions does not hold for, and `worst` or `best` keep so many losses or wins of what the other
conditions leave.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.analysis.arrays import BoolArray
from backend.analysis.criteria import InvalidCriteria
from backend.analysis.where.keys import KEYS, By, Held, Key

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_BY_NAME: dict[str, Key] = {name: key for key in KEYS for name in (key.name, *key.aliases)}
_RANKS = {"worst": "worst", "largest_losses": "worst", "best": "best", "largest_wins": "best"}
KEY_NAMES = (*(key.name for key in KEYS), "worst", "best", "not", "by")
KEY_HELP = "; ".join(f"{key.name}: {key.takes}" for key in KEYS)
_MOST = 40
_DEEPEST = 3
_PAIR = re.compile(r"\s*([A-Za-z_]{1,30})\s*(?:[=:]\s*|(?=[<>]))(.{1,300})", re.S)
_EXAMPLE = '[{"side": "short", "weekday": "monday"}, {"duration": {"gte": "1h"}}]'


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition as it was understood; `value` is the same for all spellings of it and reads back to itself."""

    key: str
    value: Any
    words: str
    before: bool
    by: By = "opened"

    def as_json(self) -> dict[str, Any]:
        """The condition as it stands in a list of conditions."""
        return {self.key: self.value, **({"by": self.by} if self.by == "closed" else {})}


@dataclass(frozen=True, slots=True)
class Where:
    """Conditions with the trades, open ones too, that all of them hold for."""

    conditions: tuple[Condition, ...]
    mask: BoolArray = field(repr=False)

    @property
    def only_open(self) -> bool:
        """Whether it is asked for trades still open, and for no others."""
        return any(one.key == "open" and one.value is True for one in self.conditions)

    def as_json(self) -> list[dict[str, Any]]:
        """The conditions in the one form that all spellings come to."""
        return [one.as_json() for one in self.conditions]


def read_where(frame: RunFrame, criteria: Any) -> Where:
    """Read conditions: a list, one object, either as JSON text, or text like "side=short; hour=22". None asks nothing.

    Raises:
        InvalidCriteria: for a key there is none of or a value that can't be read; `valid` lists what would do.
    """
    mask = np.ones(len(frame.trades), dtype=np.bool_)
    conditions: list[Condition] = []
    ranks: list[tuple[str, int]] = []
    for given in _objects(criteria):
        by = _by(given)
        for name, value in given.items():
            key = re.sub(r"[\s\-]+", "_", str(name).strip().lower())
            if key == "by" or value is None:
                continue
            if len(conditions) + len(ranks) >= _MOST:
                raise InvalidCriteria(f"at most {_MOST} conditions", ())
            if key in _RANKS:
                ranks.append((_RANKS[key], _count(value, key)))
                continue
            negated = {"not": value, f"not_{key[4:]}": {key[4:]: value}}.get(key) if key.startswith("not") else None
            condition, holds = _one(frame, key, value, by) if negated is None else _not(frame, negated, 1)
            conditions.append(condition)
            mask &= holds
    for which, count in ranks:
        condition, mask = _ranked(frame, mask, which, count)
        conditions.append(condition)
    return Where(tuple(conditions), mask)


def describe(where: Where) -> str:
    """The conditions in words: "short trades, opened on Monday (UTC), held at least 1 h"."""
    before = [one.words for one in where.conditions if one.before]
    after = [one.words for one in where.conditions if not one.before]
    if not before and not after:
        return "all closed trades"
    return " ".join([*before, "trades", ", ".join(after)]).strip()


def scope_of(where: Where) -> tuple[tuple[str, str], ...]:
    """The conditions as pairs of key and text: what a number is named with."""
    return json_scope(where.as_json())


def json_scope(conditions: Any) -> tuple[tuple[str, str], ...]:
    """The same of conditions in JSON, as results hold them; "not side" is what "side" does not hold for."""
    pairs: list[tuple[str, str]] = []
    for given in conditions if isinstance(conditions, list) else ():
        if not isinstance(given, Mapping):
            continue
        closing = "closed_" if given.get("by") == "closed" else ""
        for key, value in given.items():
            inner = json_scope([value]) if key == "not" and isinstance(value, Mapping) else ()
            if len(inner) == 1:
                pairs.append((f"not {inner[0][0]}", inner[0][1]))
            elif key != "by":
                pairs.append((f"{closing if key != 'not' else ''}{key}", _text(value)))
    return tuple(pairs)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)) and all(isinstance(held, (str, int)) for held in value):
        return ", ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False)


def _objects(criteria: Any) -> Iterator[Mapping[str, Any]]:
    if criteria is None:
        return
    if isinstance(criteria, str):
        yield from _objects(_from_text(criteria))
    elif isinstance(criteria, Mapping):
        yield criteria
    elif isinstance(criteria, (list, tuple)):
        for held in criteria:
            if isinstance(held, (list, tuple)) and len(held) == 2 and isinstance(held[0], str):
                yield {held[0]: held[1]}
            elif isinstance(held, (Mapping, str)):
                yield from _objects(held)
            else:
                raise InvalidCriteria(f"{held!r} is no condition", [_EXAMPLE])
    else:
        raise InvalidCriteria(f"{criteria!r} is no list of conditions", [_EXAMPLE])


def _from_text(text: str) -> Any:
    """A list or object in JSON, or pairs "key=value" set apart by semicolons, ampersands or "and"."""
    text = text.strip()
    if not text:
        return None
    if text[0] in "[{":
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InvalidCriteria("the conditions are no valid JSON", [_EXAMPLE]) from error
    given = []
    for part in re.split(r"[;&\n]|\band\b(?=\s*[A-Za-z_]{1,30}\s*[=:<>])", text):
        if not part.strip():
            continue
        pair = _PAIR.fullmatch(part)
        if pair is None:
            raise InvalidCriteria(f"{part.strip()!r} is no condition", [_EXAMPLE, *KEY_NAMES])
        given.append({pair[1]: pair[2].strip()})
    return given


def _by(given: Mapping[str, Any]) -> By:
    word = str(given.get("by") or "opened").strip().lower()
    if word.startswith("clos") or word.startswith("exit"):
        return "closed"
    if word.startswith("open") or word.startswith("entr"):
        return "opened"
    raise InvalidCriteria(f"times are by opening or closing, not {word!r}", ["opened", "closed"])


def _one(frame: RunFrame, name: str, value: Any, by: By) -> tuple[Condition, BoolArray]:
    if name not in _BY_NAME:
        stripped = re.sub(r"^(closed|exit|opened|entry|open)_(?:at_)?", "", name)
        stripped = "date" if stripped == "at" else stripped
        found = _BY_NAME.get(stripped)
        if found is None or not found.timed or stripped == name:
            raise InvalidCriteria(f"a condition has no key {name!r}", KEY_NAMES)
        by = "closed" if name.startswith(("closed", "exit")) else "opened"
        name = stripped
    key = _BY_NAME[name]
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        value = _json_or(value)
    held: Held = key.read(frame, value, by if key.timed else "opened")
    condition = Condition(key.name, held.value, held.words, held.slot == "which", by if key.timed else "opened")
    return condition, held.mask


def _json_or(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _not(frame: RunFrame, value: Any, depth: int) -> tuple[Condition, BoolArray]:
    """The trades that an object of conditions does not hold for."""
    if depth > _DEEPEST:
        raise InvalidCriteria("conditions are nested too deep", [_EXAMPLE])
    inner: list[Condition] = []
    mask = np.ones(len(frame.trades), dtype=np.bool_)
    for given in _objects(value):
        by = _by(given)
        for name, held in given.items():
            key = re.sub(r"[\s\-]+", "_", str(name).strip().lower())
            if key == "by" or held is None:
                continue
            if key in _RANKS or len(inner) >= _MOST:
                raise InvalidCriteria(f"{key!r} can't be turned round by not", KEY_NAMES)
            condition, holds = _not(frame, held, depth + 1) if key == "not" else _one(frame, key, held, by)
            inner.append(condition)
            mask &= holds
    if not inner:
        raise InvalidCriteria("not what?", ['{"not": {"weekday": "monday"}}'])
    merged: Any = [one.as_json() for one in inner]
    words = f"not {' and '.join(one.words for one in inner)}"
    return Condition("not", merged[0] if len(merged) == 1 else merged, words, before=False), ~mask


def _count(value: Any, name: str) -> int:
    if isinstance(value, bool):
        return 1
    found = re.search(r"\d{1,9}", str(value))
    if not found:
        raise InvalidCriteria(f"{name} needs a number of trades", ["5", "10"])
    return max(1, int(found[0]))


def _ranked(frame: RunFrame, mask: BoolArray, which: str, count: int) -> tuple[Condition, BoolArray]:
    """The largest losses or wins among the trades left, open ones at the last known price."""
    net = frame.trades.net_pnl
    falling = net if which == "worst" else -net
    places = np.flatnonzero(mask & (falling < 0))
    chosen = places[np.argsort(falling[places], kind="stable")][:count]
    kept = np.zeros(len(mask), dtype=np.bool_)
    kept[chosen] = True
    what = "loss" if which == "worst" else "win"
    words = (
        f"the {count} largest {what}{'es' if what == 'loss' else 's'} of them" if count > 1 else f"the largest {what}"
    )
    return Condition(which, count, words, before=False), kept
