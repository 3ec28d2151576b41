"""Which trades a question is about: the conditions among its items, each with the items it was read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backend.agents.offline.understanding.dates import read_time
from backend.agents.offline.understanding.items import Item
from backend.agents.offline.understanding.plan import Condition
from backend.agents.offline.understanding.tokens import clock_hour, plain
from backend.agents.offline.understanding.vocabulary import RunVocabulary

_UNIT_SECONDS = {"u:second": 1, "u:minute": 60, "u:hour": 3600, "u:day": 86400, "u:week": 604800}
_NUMBERED = frozenset({"number", "no", "nr", "num", "numero", "n", "id", "nummer", "号", "#"})
_EXITS = {
    "wi:trailing": ("trail",),
    "wi:target": ("roi", "target", "take", "profit", "tp"),
    "wi:stopped": ("stop", "sl", "liquidat"),
    "wi:stop": ("stop",),
}
# What is asked for where no exit tag of the run fits: the tool then says which there are.
_EXIT_NAMES = {"wi:trailing": "trailing stop", "wi:target": "take profit", "wi:stopped": "stop", "wi:stop": "stop"}
_OPEN_HOURS = {"morning": (6, 12), "afternoon": (12, 18), "evening": (18, 22)}


@dataclass(frozen=True, slots=True)
class Found:
    """A condition and the items it was read from, first to last."""

    condition: Condition
    first: int
    last: int


class ConditionReader:
    """Reads the conditions of one question; what was read is in `found`, and `taken` are the items' places."""

    def __init__(self, items: Sequence[Item], run: RunVocabulary, *, hypothetical: bool) -> None:
        self._items = items
        self._run = run
        # In "what if I closed after 4 hours" the number is the change's own and no condition.
        self._hypothetical = hypothetical
        self.found: list[Found] = []
        self.taken: set[int] = set()

    def read(self) -> list[Found]:
        """All conditions, in order of the text."""
        place = 0
        while place < len(self._items):
            place = self._at(place)
        self.found.sort(key=lambda one: one.first)
        return self.found

    def _at(self, place: int) -> int:
        for reader in (
            self._streak,
            self._trade_number,
            self._nth_of_day,
            self._time,
            self._clock,
            self._number,
            self._name,
        ):
            end = reader(place)
            if end is not None:
                return end
        return place + 1

    def _add(self, key: str, value: Any, first: int, end: int, **more: Any) -> int:
        negated = self._negated(first)
        self.found.append(Found(Condition(key, value, negated=negated, **more), first, end - 1))
        self.taken.update(range(first, end))
        return end

    def _item(self, place: int) -> Item | None:
        return self._items[place] if 0 <= place < len(self._items) else None

    def _near_before(self, place: int, *concepts: str, reach: int = 3) -> bool:
        """Whether one of these stands at most so many items before, with nothing but small words between."""
        for back in range(place - 1, max(-1, place - 1 - reach), -1):
            if self._items[back].has(*concepts):
                return True
            if self._items[back].concepts and not self._items[back].has(
                "stop", "op:in", "v:open", "v:close", "trade", "g:hour", "v:hold"
            ):
                return False
        return False

    def _negated(self, place: int) -> bool:
        return self._near_before(place, "without", "other", reach=4) or (
            place > 0 and self._items[place - 1].has("not") and not self._items[place - 1].has("m:fees")
        )

    def _by(self, place: int) -> str:
        near = self._items[max(0, place - 5) : place]
        if any(item.has("v:close", "v:sell") for item in near) and not any(
            item.has("v:open", "v:buy") for item in near
        ):
            return "closed"
        if any(item.has("v:open", "v:buy") for item in near):
            return "opened"
        return ""

    def _time(self, place: int) -> int | None:
        item = self._items[place]
        if item.has("loss", "L"):
            return None
        read = read_time(self._items, place, self._run)
        if read is None:
            return None
        condition, end = read
        following = self._item(end - 1)
        if following is not None and following.has("trade"):
            return None
        return self._add(condition.key, condition.value, place, end, by=self._by(place))

    def _clock(self, place: int) -> int | None:
        item = self._items[place]
        hour = None
        if item.kind == "clock":
            read = clock_hour(item.text)
            hour = None if read is None else read[0]
        elif (
            item.kind == "number" and item.value is not None and 0 <= item.value <= 24 and item.value == int(item.value)
        ):
            following = self._item(place + 1)
            named = self._is_hour_before(place) or self._at_hour(place)
            at = self._item(place - 1)
            french = (
                following is not None
                and following.has("g:hour")
                and at is not None
                and plain(at.text) in ("a", "vers")
                and self._clock_context(place)
            )
            shown = french or (
                following is not None
                and (
                    plain(following.text) in ("o clock", "uhr", "点", "h utc", "utc", "heures")
                    and self._clock_context(place)
                )
            )
            hour = int(item.value) if named or shown else None
        if (
            hour is None
            and item.kind == "number"
            and item.value is not None
            and 0 <= item.value <= 24
            and self._hour_range(place)
        ):
            hour = int(item.value)
        if hour is None or (self._near_before(place, "v:hold") and item.kind != "clock"):
            return None
        end = place + 1
        while (held := self._item(end)) is not None and plain(held.text) in (
            "utc",
            "o clock",
            "uhr",
            "点",
            "heures",
            "gmt",
        ):
            end += 1
        second = self._second_hour(end)
        between = self._near_before(place, "op:between", "op:from")
        if second is not None and (between or (self._items[end].has("op:to") and not self._items[end].has("and"))):
            return self._add("hour", {"gte": hour, "lt": second[0]}, place, second[1], by=self._by(place))
        if second is not None:
            hours = [hour, second[0]]
            following_place = second[1]
            while (third := self._second_hour(following_place)) is not None:
                hours.append(third[0])
                following_place = third[1]
            return self._add("hour", hours, place, following_place, by=self._by(place))
        return self._add("hour", self._open_hour(place, end, hour), place, end, by=self._by(place))

    def _open_hour(self, place: int, end: int, hour: int) -> Any:
        following = self._item(end)
        onwards = (
            following is not None
            and following.has("op:on")
            and (
                following.text.lower() in ("on", "onwards", "onward", "and later", "or later")
                or not following.has("op:in")
            )
        )
        if self._near_before(place, "op:before", reach=2):
            return {"gte": 0, "lt": hour}
        since = self._near_before(place, "op:from", "op:after", "op:gt", reach=2)
        if onwards or since:
            if following is not None and onwards:
                self.taken.add(end)
            return {"gte": hour}
        return hour % 24

    def _at_hour(self, place: int) -> bool:
        """ "At 9", with nothing after it that 9 would count."""
        before, after = self._item(place - 1), self._item(place + 1)
        if before is None or plain(before.text) not in ("at", "um", "a las", "gegen"):
            return False
        return after is None or not (
            self._unit_at(place + 1) or after.has("trade", "r:worst", "r:best", "res:win", "res:loss", "m:leverage")
        )

    def _hour_range(self, place: int) -> bool:
        """Whether "8 and 12" are hours: said so after them, or what was opened lies between them."""
        second = self._second_hour(place + 1)
        if second is None or not self._near_before(place, "op:between", "op:from"):
            return False
        after = self._item(second[1])
        named = after is not None and plain(after.text) in ("utc", "o clock", "uhr", "点", "heures", "gmt")
        return (
            named
            or self._items[second[1] - 1].kind == "clock"
            or (self._near_before(place, "v:open", "v:close", reach=4) and not self._unit_at(second[1]))
        )

    def _is_hour_before(self, place: int) -> bool:
        before = self._item(place - 1)
        if before is None:
            return False
        if before.has("g:hour") and before.text.lower() not in ("horas", "heures"):
            return True
        return (
            before.has("and", "op:to", "or")
            and self._item(place - 2) is not None
            and any(one.condition.key == "hour" and one.last == place - 2 for one in self.found)
        )

    def _clock_context(self, place: int) -> bool:
        return not self._near_before(place, "op:gt", "op:lt", "v:hold", reach=3)

    def _second_hour(self, place: int) -> tuple[int, int] | None:
        """(hour, place after it) where "to 11" or "and 23" goes on from an hour."""
        joint = self._item(place)
        following = self._item(place + 1)
        if joint is None or following is None or not joint.has("op:to", "and", "or"):
            return None
        if following.kind == "clock" and (read := clock_hour(following.text)) is not None:
            return read[0], place + 2
        if following.kind != "number" or following.value is None or not 0 <= following.value <= 24:
            return None
        after = self._item(place + 2)
        if after is not None and after.has("trade", "u:pct", "u:money", "u:minute", "u:day", "res:win", "res:loss"):
            return None
        return int(following.value), place + 2

    def _trade_number(self, place: int) -> int | None:
        item = self._items[place]
        if item.kind == "id":
            ids, end = self._more_ids(place, int(item.value or 0))
            return self._add("trade", ids, place, end)
        if not item.has("trade") or item.has("m:exposure"):
            return self._ranged_trades(place)
        following = place + 1
        while (held := self._item(following)) is not None and plain(held.text).strip(".") in _NUMBERED:
            following += 1
        number = self._item(following)
        if number is None or number.kind not in ("number", "id") or number.value is None or number.has("n:"):
            return None
        if (
            number.value != int(number.value)
            or number.value < 0
            or (
                (after := self._item(following + 1)) is not None
                and after.has(*_UNIT_SECONDS, "u:pct", "u:money", "u:x")
            )
        ):
            return None
        ids, end = self._more_ids(following, int(number.value))
        return self._add("trade", ids, place, end)

    def _more_ids(self, place: int, first: int) -> tuple[Any, int]:
        """Ids that go on: "5 and 7", "10 to 20"."""
        joint, second = self._item(place + 1), self._item(place + 2)
        if joint is None or second is None or second.kind not in ("number", "id") or second.value is None:
            return first, place + 1
        if (after := self._item(place + 3)) is not None and after.has("trade", *_UNIT_SECONDS, "u:pct"):
            return first, place + 1
        number = int(second.value)
        if joint.has("and", "or", "q:compare"):
            return [first, number], place + 3
        return (f"{first}..{number}", place + 3) if joint.has("op:to") else (first, place + 1)

    def _ranged_trades(self, place: int) -> int | None:
        """The first 20 trades, the last 10 trades."""
        item = self._items[place]
        begins = item.has("firsts") or (item.has("ord") and item.value == 1)
        if not begins and not item.has("last"):
            return None
        number = self._item(place + 1)
        noun = self._item(place + 2)
        if number is None or noun is None or number.kind != "number" or number.value is None or not noun.has("trade"):
            return None
        count, total = int(number.value), self._run.trade_count
        if count < 1:
            return None
        span = f"1..{min(count, total)}" if begins else f"{max(1, total - count + 1)}..{total}"
        return self._add("trade", span, place, place + 3)

    def _nth_of_day(self, place: int) -> int | None:
        item, noun = self._items[place], self._item(place + 1)
        if item.value is None or not item.has("ord") or noun is None or not noun.has("trade"):
            return None
        following = place + 2
        while (held := self._item(following)) is not None and held.has("stop", "per", "all") and following < place + 5:
            following += 1
        if (held := self._item(following)) is None or not held.has("g:day", "wi:perday") or held.has("r:worst"):
            return None
        return self._add("nth_of_day", int(item.value), place, following + 1)

    def _streak(self, place: int) -> int | None:
        item = self._items[place]
        if not item.has("op:after"):
            return None
        following = place + 1
        count = 1
        said = False
        kind: str | None = None
        while (held := self._item(following)) is not None and following < place + 8:
            if held.kind == "number" and held.value is not None and not said:
                count, said = int(held.value), True
            elif held.has("res:loss", "loss", "v:lose", "red") and kind is None:
                kind = "losses"
            elif held.has("res:win", "profit", "v:win", "green") and kind is None:
                kind = "wins"
            elif held.has("streak", "m:longest_losing_streak", "m:longest_winning_streak"):
                named = (
                    "losses"
                    if held.has("m:longest_losing_streak")
                    else "wins"
                    if held.has("m:longest_winning_streak")
                    else None
                )
                kind = kind or named or {"loss": "losses", "win": "wins"}.get(held.sense)
                count = count if said else max(count, 2)
            elif not held.has("stop", "trade", "all", "one", "op:gt", "per"):
                break
            following += 1
        if (
            kind is None
            or count < 1
            or (self._hypothetical and any(one.has("wi:stopafter", "wi:cooldown") for one in self._items))
        ):
            return None
        return self._add("streak", {"after": kind, "at_least": count}, place, following)

    def _number(self, place: int) -> int | None:
        """Amounts with what they are compared by: held more than 4 hours, lost over 100, leverage above 10."""
        item = self._items[place]
        unit_alone = next((unit for unit in _UNIT_SECONDS if item.has(unit)), None)
        compared = self._compared(place)
        if item.kind != "number" or item.value is None:
            if (
                unit_alone
                and compared
                and item.has("u:hour", "u:minute", "u:day", "u:week")
                and not self._hypothetical_limit()
            ):
                return self._add("duration", _bounds(compared, _UNIT_SECONDS[unit_alone]), place, place + 1)
            return None
        low, high, end, unit = self._range(place)
        levered = any("leverage" in item.measures for item in self._items)
        if unit == "u:x" and levered and compared is None and high is None and not self._hypothetical:
            return self._add("leverage", low, place, end + 1)
        if unit in _UNIT_SECONDS:
            return self._duration(place, low, high, end, _UNIT_SECONDS[unit], compared)
        if (compared is None and high is None) or (compared is None and not unit and not self._said_measure(place)):
            return None
        if self._hypothetical_limit():
            return None
        key, sign = self._measured(place, end, unit)
        if key is None:
            return None
        bounds = {"gte": sign * low, "lt": sign * high} if high is not None else _bounds(compared or "gt", low)
        if sign < 0:
            values = sorted(value for value in (low, high) if value is not None)
            bounds = ({"gte": -values[-1], "lt": -values[0]} if high is not None
                      else {"lt" if (compared or "gt") == "gt" else "gt": -low})  # fmt: skip
            if high is None and compared == "lt":
                bounds["lt"] = 0
        end = end + 1 if unit in ("u:money", "u:pct", "u:x") else end
        return self._add(key, bounds, place, end)

    def _said_measure(self, place: int) -> bool:
        return any(item.measures and not item.has("m:net_pnl") for item in self._items[max(0, place - 4) : place])

    def _hypothetical_limit(self) -> bool:
        return self._hypothetical and any(
            item.has(
                "wi:stop", "wi:target", "wi:trailing", "wi:maxhold", "wi:dayloss", "wi:perday", "dd_stop", "wi:cooldown"
            )
            for item in self._items
        )

    def _duration(
        self, place: int, low: float, high: float | None, end: int, seconds: int, compared: str | None
    ) -> int | None:
        holding = any(item.has("v:hold", "m:holding", "m:average_holding") for item in self._items)
        if self._near_before(place, "last", "next", reach=1) or self._hypothetical_limit():
            return None
        if high is not None:
            return self._add("duration", {"gte": low * seconds, "lt": high * seconds}, place, end + 1)
        if compared is None and not holding:
            return None
        if self._hypothetical and compared is None:
            return None
        return self._add("duration", _bounds(compared or "gt", low * seconds), place, end + 1)

    def _range(self, place: int) -> tuple[float, float | None, int, str]:
        """(low, high or None, place of the unit, unit) of "4 hours", "1 to 4 hours", "1-4 h"."""
        item = self._items[place]
        low, end = float(item.value or 0), place + 1
        first_unit = self._unit_at(end)
        high: float | None = None
        joint = end + 1 if first_unit else end
        held = self._item(joint)
        between = self._near_before(place, "op:between", reach=2)
        second_place = (
            joint + 1 if held is not None and held.has("op:to") and (between or not held.has("and")) else joint
        )
        second = self._item(second_place)
        touches = second is not None and second_place == joint and second.start - self._items[place].end <= 3
        if (
            second is not None
            and second.kind == "number"
            and second.value is not None
            and (second_place != joint or touches)
        ):
            high = float(second.value)
            end = second_place + 1
            low = low * self._scale(first_unit, self._unit_at(end))
        return low, high, end, self._unit_at(end) or first_unit

    def _scale(self, first: str, second: str) -> float:
        if first in _UNIT_SECONDS and second in _UNIT_SECONDS:
            return _UNIT_SECONDS[first] / _UNIT_SECONDS[second]
        return 1.0

    def _unit_at(self, place: int) -> str:
        item = self._item(place)
        if item is None:
            return ""
        return next((unit for unit in (*_UNIT_SECONDS, "u:pct", "u:money", "u:x", "u:r") if item.has(unit)), "")

    def _compared(self, place: int) -> str | None:
        """Whether "more than" or "less than" stands before, or after ("4 hours or longer")."""
        for back in range(place - 1, max(-1, place - 4), -1):
            item = self._items[back]
            if item.has("op:gt") and not (item.has("r:big") and item.text.lower() in ("at most", "most")):
                return "gt"
            if item.has("op:lt"):
                return "lt"
            if not item.has("stop", "u:money"):
                break
        for ahead in range(place + 1, min(len(self._items), place + 3)):
            if self._items[ahead].text.lower().replace(" … ", " ") in (
                "or more",
                "or longer",
                "and more",
                "and up",
                "or above",
                "以上",
                "oder mehr",
                "oder länger",
                "o más",
                "ou plus",
                "ou mais",
                "and above",
            ):
                return "gt"
            if self._items[ahead].text.lower().replace(" … ", " ") in (
                "or less",
                "or shorter",
                "or fewer",
                "以下",
                "以内",
                "o menos",
                "ou moins",
                "ou menos",
            ):
                return "lt"
        return None

    def _measured(self, place: int, end: int, unit: str) -> tuple[str | None, int]:
        """(key of the condition, sign) that an amount is compared with, by the words around it."""
        near = [*self._items[max(0, place - 6) : place], *self._items[end : end + 4]]
        names = {name for item in near for name in item.measures}
        if any(item.has("against") for item in self._items):
            return "mae", -1
        if "leverage" in names or unit == "u:x":
            return "leverage", 1
        if names & {"mae", "average_mae"}:
            return "mae", -1
        if names & {"mfe", "average_mfe"}:
            return "mfe", 1
        if "fees" in names and "net_pnl" not in names:
            return "fees", 1
        if unit == "u:r":
            return "r", 1
        losing = any(item.has("v:lose", "loss", "res:loss", "red") for item in near)
        if unit == "u:pct":
            return "return", -1 if losing else 1
        if names & {"stake", "quantity"} or any(item.has("wi:size") for item in near):
            return "size", 1
        if losing:
            return "pnl", -1
        if any(item.has("v:win", "profit", "res:win", "green") for item in near) or names & {"net_pnl"}:
            return "pnl", 1
        if unit == "u:money" and any(item.has("trade") for item in near):
            return "size", 1
        return None, 1

    def _name(self, place: int) -> int | None:
        item = self._items[place]
        if item.kind == "symbol":
            return self._add("symbol", item.names[0] if len(item.names) == 1 else list(item.names), place, place + 1)
        defined = item.concepts and any(one.has("q:define", "q:whatis") for one in self._items)
        if (
            item.kind == "tag"
            and not defined
            and not (
                self._hypothetical and item.has("wi:stop", "wi:target", "wi:trailing") and self._has_number_near(place)
            )
        ):
            return self._add("tag", item.names[0], place, place + 1)
        if side := item.of("side:"):
            return self._add("side", side, place, place + 1)
        if day := item.of("day:"):
            return self._add("weekday", day, place, place + 1, by=self._by(place))
        if item.has("weekend"):
            return self._add("weekend", True, place, place + 1, by=self._by(place))
        if item.has("workdays") and not item.has("g:weekday"):
            return self._add("weekend", False, place, place + 1, by=self._by(place))
        if session := item.of("ses:"):
            return self._add("session", session, place, place + 1, by=self._by(place))
        if not self._hypothetical and (exits := self._exits_of(item)):
            return self._add("exit_reason", exits[0] if len(exits) == 1 else exits, place, place + 1)
        for word, (first, last) in _OPEN_HOURS.items():
            if item.has(word):
                return self._add("hour", {"gte": first, "lt": last}, place, place + 1, by=self._by(place))
        if item.has("night"):
            return self._add("hour", "22-5", place, place + 1, by=self._by(place))
        return None

    def _exits_of(self, item: Item) -> list[str]:
        """The run's exit tags that an exit's kind means: "stopped out" → those with "stop" in them."""
        for concept, words in _EXITS.items():
            if item.has(concept) and (concept == "wi:stopped" or self._says_exited()):
                return [tag for tag in self._run.exit_tags if any(word in plain(tag) for word in words)][:10] or [
                    _EXIT_NAMES[concept]
                ]
        return []

    def _says_exited(self) -> bool:
        return any(
            one.has("v:close", "g:tag", "q:howmany", "trade", "per") or one.text.lower() in ("hit", "reached")
            for one in self._items
        ) and not any(one.kind == "number" for one in self._items)

    def _has_number_near(self, place: int) -> bool:
        return any(item.kind == "number" for item in self._items[max(0, place - 4) : place + 4])


def _bounds(compared: str, value: float) -> dict[str, float]:
    return {"gt": value} if compared == "gt" else {"lt": value}
