"""A clause → the part of a plan it asks for: which intent its words have, with its measures, order and limit."""

from __future__ import annotations

from collections.abc import Callable

from backend.agents.offline.understanding.clause import Clause, measures_in
from backend.agents.offline.understanding.plan import Condition, Order, Part, Statistic, Wanted
from backend.agents.offline.understanding.vocabulary import RunVocabulary
from backend.agents.offline.understanding.what_if import read_what_if

# Measures that plain questions ask the value of, never the meaning: "what is the profit?".
_PLAIN = frozenset({"net_pnl", "fees", "gross_pnl", "final_equity", "initial_cash", "cash", "funding", "holding", "return", "total_pnl",
                    "win_rate", "max_drawdown", "total_loss", "total_win", "stake", "average_win", "average_loss", "open_pnl", "trades_per_day",
                    "average_holding", "average_mae", "average_mfe", "average_holding_winners", "average_holding_losers", "leverage",
                    "largest_win", "largest_loss", "longest_losing_streak", "longest_winning_streak", "total_return", "max_open_trades", "total_costs"})  # fmt: skip
_COURTESY = ("k:thanks", "k:hello", "k:bye", "k:praise", "k:sorry", "k:rude")
_UNKNOWABLE = ("future", "buynow", "news", "tax", "slippage", "emotion", "indicator", "price", "rebuy", "broker", "code", "index",
               "other_runs", "size_tip", "else")  # fmt: skip
# Words that name something to define beside the measures.
TERMS = {
    "wi:trailing": "trailing stop", "wi:stop": "stop-loss", "wi:target": "take profit", "streak": "streak", "wi:leverage": "leverage",
    "side:short": "short", "side:long": "long", "res:even": "breakeven", "giveback": "give-back", "un:slippage": "slippage",
    "wi:hold": "benchmark", "m:stake": "stake", "g:session": "session", "j:luck": "p-value", "fill": "fill", "pattern": "pattern",
    "concentr": "concentration", "trade": "trade", "open": "open trade",
}  # fmt: skip

Head = Callable[[Clause, RunVocabulary], Part | None]


def read_part(clause: Clause, run: RunVocabulary, ids: tuple[int, ...] = ()) -> Part | None:
    """What the clause asks; None where its words ask nothing by themselves."""
    if (
        clause.hypothetical
        and clause.has("without")
        and clause.prefix("g:")
        and clause.has("r:worst", "r:best")
        and not clause.has("trade")
    ):
        return None
    if clause.hypothetical and not clause.has("q:define"):
        supposed = read_what_if(clause, ids)
        if supposed is not None:
            wanted = tuple(_wanted(clause))
            keep = (
                [one for one in clause.where if one.key not in ("streak", "nth_of_day")]
                if supposed.kind
                in (
                    "stop_after_losses",
                    "no_fees",
                    "no_funding",
                    "position_size",
                    "stop_loss",
                    "take_profit",
                    "trailing_stop",
                    "max_holding_time",
                    "fees",
                )
                else []
            )
            return Part("what_if", wanted, tuple(keep), what_if=supposed)
    numbered = any(item.kind == "number" for item in clause.items)
    if (
        clause.hypothetical
        and clause.has("wi:stop")
        and clause.has("q:which")
        and not numbered
        and clause.has("without")
    ):
        return Part("rules", topic="rules")
    dated = any(one.key in ("date", "month", "week") for one in clause.where)
    if clause.hypothetical and clause.has("v:sell", "v:close") and dated and not clause.has("only", "without"):
        return Part("unknowable", topic="exit_at")
    if clause.has("wi:stop", "wi:target", "wi:trailing") and clause.has("u:pip"):
        return Part("unknowable", topic="pips")
    for head in _HEADS:
        part = head(clause, run)
        if part is not None:
            return part
    return None


def _courtesy(clause: Clause, _run: RunVocabulary) -> Part | None:
    if clause.where or not clause.meaningful:
        return None
    kinds = [name for name in _COURTESY if clause.has(name)]
    rest = [
        item
        for item in clause.meaningful
        if not item.has(*_COURTESY)
        and not item.has(
            "pron:it",
            "q:how",
            "not",
            "op:in",
            "r:big",
            "all",
            "one",
            "v:win",
            "same",
            "and",
            "but",
            "only",
            "op:lt",
            "last",
        )
    ]
    if clause.has("k:who") and len(rest) <= 1:
        return Part("help")
    if not kinds or any(item.kind != "unknown" for item in rest) or len(rest) > 2:
        return None
    for name in ("k:rude", "k:thanks", "k:bye", "k:hello", "k:sorry", "k:praise"):
        if name in kinds:
            return Part("courtesy", topic=name[2:])
    return None


def _unknowable(clause: Clause, run: RunVocabulary) -> Part | None:
    if clause.hypothetical and not clause.has("un:rebuy", "un:else"):
        return None
    for topic in _UNKNOWABLE:
        if not clause.has(f"un:{topic}"):
            continue
        if topic in ("index",) and clause.has("m:benchmark_return", "m:excess_return"):
            continue
        if topic == "price" and clause.has("m:entry_price", "m:exit_price"):
            continue
        if topic == "code" and not clause.has("q:which", "q:how", "q:howmuch", "q:whatis", "q:list", "q:define"):
            continue
        if topic == "other_runs" and clause.has("q:compare", "rank:better", "rank:worse"):
            return Part("unknowable", topic="other_runs")
        if topic == "future" and clause.has("k:thanks"):
            continue
        return Part("unknowable", where=tuple(clause.where), topic=topic, wanted=tuple(_wanted(clause)))
    return None


def _reasoning(clause: Clause, run: RunVocabulary) -> Part | None:
    wrote = clause.has("un:wrote")
    acted = (
        clause.has("q:why")
        and clause.has("v:buy", "v:sell", "v:open", "v:close")
        and (any(one.key in ("symbol", "trade", "date") for one in clause.where) or clause.has("pron:it"))
    )
    if not wrote and not acted:
        return None
    order: Order = (
        "worst"
        if clause.has("r:worst") or (clause.has("r:big") and clause.has("res:loss", "loss"))
        else "best"
        if clause.has("r:best")
        else ""
    )
    side = "entry" if clause.has("v:buy", "v:open") else "exit" if clause.has("v:sell", "v:close") else ""
    return Part("reasoning", where=tuple(clause.where), order=order, limit=clause.limit() or 3, topic=side)


def _benchmark(clause: Clause, _run: RunVocabulary) -> Part | None:
    if clause.has("wi:hold") and not clause.has("q:define", "q:whatis") and not clause.where:
        return Part("figures", (Wanted("total_return"), Wanted("benchmark_return"), Wanted("excess_return")))
    return None


def _define(clause: Clause, _run: RunVocabulary) -> Part | None:
    measures = measures_in(clause.items)
    tags = [one for one in clause.where if one.key == "tag"]
    if clause.has("q:define") and len(tags) == len(clause.where) == 1 and not measures:
        return Part("define", where=tuple(tags), term=str(tags[0].value), topic="tag")
    asked = any(
        item.has("q:define") and not (item.has("s:mean") and _is_statistic(clause, place))
        for place, item in enumerate(clause.items)
    )
    if clause.has("q:why") and not clause.has("q:define"):
        asked = False
    whatis = clause.has("q:whatis")
    if asked and clause.has("v:lose", "red", "un:wrote") and not measures:
        return None
    names = [
        name.removeprefix("average_")
        if name in ("average_mae", "average_mfe")
        else "holding"
        if name == "average_holding"
        else name
        for _, name in measures
    ]
    if asked and measures:
        return Part("define", tuple(Wanted(name) for name in names[:3]), tuple(clause.where), term=names[0])
    if asked or (whatis and not measures and not clause.prefix("r:") and not clause.where and not clause.has("trade")):
        for concept, term in TERMS.items():
            if clause.has(concept):
                return Part("define", term=term)
        unknown = clause.unknown
        if asked and unknown and not clause.where:
            return Part("define", term=" ".join(item.text for item in unknown[:3]))
        return None
    simple = len(measures) == 1 and not clause.where and not clause.prefix("s:") and not clause.prefix("r:")
    if whatis and simple and measures[0][1] not in _PLAIN:
        return Part("define", (Wanted(names[0]),), term=names[0])
    return None


def _is_statistic(clause: Clause, place: int) -> bool:
    """Whether "mean" goes with the measure after it: "mean loss", against "what does loss mean"."""
    return any(
        item.measures or item.has("res:loss", "res:win", "loss", "profit", "v:hold")
        for item in clause.items[place + 1 :]
    )


def _judge(clause: Clause, _run: RunVocabulary) -> Part | None:
    if not clause.has("j:good", "j:luck", "j:risk", "j:rich"):
        return None
    measures = measures_in(clause.items)
    if clause.has("q:howmuch") and clause.has("open") and not clause.has("j:luck"):
        return None
    how = clause.first("q:how", "q:howmuch")
    judged = clause.first("j:good")
    if how is not None and judged is not None and judged - how <= 2 and not clause.has("j:luck"):
        if clause.where or measures or clause.prefix("g:"):
            return None
        return Part("judge", topic="good")
    if (
        (measures or clause.prefix("g:"))
        and clause.has("r:best", "r:worst", "r:big", "q:which")
        and not clause.has("j:luck")
    ):
        return None
    topic = "luck" if clause.has("j:luck") else "risk" if clause.has("j:risk") and not clause.has("j:good") else "good"
    return Part("judge", tuple(Wanted(name) for _, name in measures), tuple(clause.where), topic=topic)


def _why(clause: Clause, run: RunVocabulary) -> Part | None:
    if not clause.has("q:why") or (clause.has("q:compare") and _groups_of(clause.where) is not None):
        return None
    order: Order = (
        "best"
        if clause.has("v:win", "green", "profit", "res:win")
        and not clause.has("v:lose", "red", "loss", "res:loss", "not")
        else ""
    )
    measures = tuple(Wanted(name) for _, name in measures_in(clause.items))
    return Part("why", measures, tuple(clause.where), order=order)


def _excursion(clause: Clause, _run: RunVocabulary) -> Part | None:
    if clause.has("q:howmany") and any(one.key == "mae" for one in clause.where):
        return Part("figures", (Wanted("trade_count"),), tuple(clause.where))
    name = (
        "giveback"
        if clause.has("giveback")
        else "mae"
        if clause.has("against")
        else "mfe"
        if clause.has("infavour")
        else ""
    )
    if not name:
        return None
    ranked = _order_of(clause)
    if ranked in ("worst", "best") and clause.has("trade", "res:win", "res:loss"):
        return Part(
            "trades", where=tuple(clause.where), order=ranked, limit=clause.limit() or 1, names=(name,), topic="pnl"
        )
    if any(one.key == "trade" for one in clause.where) or clause.has("pron:it"):
        return Part("trade", where=tuple(clause.where), names=(name,))
    if clause.has("q:which", "r:big", "r:worst", "r:best") and (clause.has("trade", "r:big") or name == "giveback"):
        return Part(
            "trades",
            where=tuple(clause.where),
            order="worst" if name == "mae" else "best",
            limit=clause.limit() or 1,
            topic=name,
        )
    return Part("figures", (Wanted(name, "mean"),), tuple(clause.where))


def _rules(clause: Clause, _run: RunVocabulary) -> Part | None:
    if clause.has("rules") and not clause.has("s:mean", "q:compare"):
        return Part("rules", where=tuple(clause.where), topic="rules")
    return None


def _patterns(clause: Clause, _run: RunVocabulary) -> Part | None:
    return Part("patterns", where=tuple(clause.where)) if clause.has("pattern") else None


def _streak(clause: Clause, _run: RunVocabulary) -> Part | None:
    place = clause.first("streak")
    if place is None or any(one.key == "streak" for one in clause.where):
        return None
    losing = clause.items[place].sense == "loss" or clause.has("res:loss", "loss", "v:lose", "red", "L")
    winning = clause.items[place].sense == "win" or clause.has("res:win", "profit", "v:win", "green", "W")
    names = [name for name, said in (("longest_losing_streak", losing), ("longest_winning_streak", winning)) if said]
    return Part(
        "figures",
        tuple(Wanted(name) for name in names or ("longest_winning_streak", "longest_losing_streak")),
        tuple(clause.where),
    )


def _order_of(clause: Clause) -> Order:
    """Which end of an order is asked for, losses and wins told apart: "biggest loser" is the worst."""
    losing = clause.has("res:loss", "loss", "L", "v:lose", "red")
    winning = clause.has("res:win", "profit", "W", "v:win", "green")
    worst, best = clause.has("r:worst"), clause.has("r:best")
    if worst and best:
        return "both"
    if worst:
        return "worst"
    if best:
        return "best"
    if clause.has("r:big"):
        return "worst" if losing else "best" if winning else "most"
    if clause.has("r:small"):
        return "least"
    if clause.has("r:long"):
        return "most"
    return "least" if clause.has("r:short") else ""


def _groups(clause: Clause, run: RunVocabulary) -> Part | None:
    """Best month, worst weekday, which coin lost most, P&L by weekday."""
    dimensions = [name for name in clause.prefix("g:") if not _is_unit(clause, name)]
    if (
        not dimensions
        and clause.has("q:when")
        and clause.has("v:lose", "v:win")
        and not measures_in(clause.items)
        and not clause.has("trade", "v:buy", "v:sell")
    ):
        return Part(
            "groups", (), tuple(clause.where), dimension="day", order="worst" if clause.has("v:lose") else "best"
        )
    if not dimensions:
        return None
    dimension = dimensions[0]
    if clause.has("v:hold") and clause.has("r:long", "r:short", "r:big", "r:small"):
        rank: Order = "most" if clause.has("r:long", "r:big") else "least"
        return Part(
            "trades",
            where=tuple(clause.where),
            order=rank,
            limit=clause.limit() or 1,
            topic="duration",
            names=("symbol",),
        )
    if (
        dimension == "day"
        and clause.has("wi:perday")
        and not clause.has("r:best", "r:worst", "r:big", "q:which", "r:busy")
    ):
        return None
    wanted = [one for one in _wanted(clause) if one.measure not in ("largest_win", "largest_loss")]
    order = _order_of(clause)
    if order == "least" and clause.has("r:small") and clause.has("loss", "res:loss", "v:lose"):
        order = "best"
    if (
        clause.has("r:busy")
        or (clause.has("v:trade") and clause.has("q:which") and not order)
        or (order == "most" and clause.has("v:trade") and not wanted)
        or (clause.has("v:trade") and clause.has("r:big"))
    ):
        order, wanted = "most", [Wanted("trade_count")]
    asked_at = clause.first("q:howmany")
    counted_first = asked_at is not None and any(
        item.of("g:") == dimension for item in clause.items[asked_at + 1 : asked_at + 4]
    )
    if counted_first and not order and not clause.has("per"):
        wanted = []
    counting = clause.has("q:howmany") and not order
    if counting and clause.has("open"):
        return Part("trades", where=(*clause.where, Condition("open", True)), limit=20, topic="open")
    if (counting and not wanted and clause.has("v:trade", "trade", "not")) or (counting and not wanted):
        named = {"green": "win", "red": "loss"}
        topic = next((value for name, value in named.items() if clause.has(name)), "")
        topic = topic or (
            "loss" if clause.has("res:loss", "v:lose") else "win" if clause.has("res:win", "v:win") else ""
        )
        return Part("groups", (Wanted("group_count"),), tuple(clause.where), dimension=dimension, topic=topic)
    if not order and clause.has("q:which") and clause.has("rank:better", "rank:worse"):
        order = "best" if clause.has("rank:better") else "worst"
    if not order and clause.has("q:which") and clause.has("v:buy", "v:sell", "v:open", "v:close", "open", "v:hold"):
        return None
    if not order and clause.has("q:which", "q:list"):
        order = (
            "worst"
            if clause.has("v:lose", "res:loss", "red", "loss")
            else "best"
            if clause.has("v:win", "res:win", "green", "profit")
            else ""
        )
        if order:
            return Part(
                "groups",
                tuple(wanted),
                tuple(clause.where),
                dimension=dimension,
                order=order,
                limit=clause.limit(),
                topic="all_such",
            )
    if (
        not order
        and not clause.has("per", "q:list", "q:compare", "q:which", "q:when", "all", "q:how", "q:summary", "m:net_pnl")
        and not wanted
    ):
        return None
    return Part(
        "groups",
        tuple(wanted),
        tuple(clause.where),
        dimension=dimension,
        order=order,
        place=clause.place(),
        limit=clause.limit(),
    )


def _is_unit(clause: Clause, dimension: str) -> bool:
    """ "7 days", "per day" are no groups by day."""
    for place, item in enumerate(clause.items):
        if item.of("g:") != dimension:
            continue
        before = clause.items[place - 1] if place else None
        if (
            before is not None
            and before.has("op:in")
            and clause.has("m:holding", "m:average_holding", "v:hold", "q:howlong")
        ):
            continue
        if (
            before is not None
            and before.kind == "number"
            and not any(one.has("r:worst", "r:best", "r:big") for one in clause.items)
        ):
            continue
        return False
    return True


def _ranked(clause: Clause, run: RunVocabulary) -> Part | None:
    """The worst trade, my 3 biggest winners, the longest trade, biggest L."""
    order = _order_of(clause)
    # "The last trade", "my first trade".
    noun = clause.has("trade", "res:win", "res:loss", "loss", "profit", "L", "W", "one")
    if not order:
        if (
            clause.has("trade", "res:win", "res:loss")
            and (clause.has("last") or clause.place())
            and not clause.has("q:howmany")
        ):
            place = -1 if clause.has("last") else clause.place()
            if place and not measures_in(clause.items):
                result = "win" if clause.has("res:win") else "loss" if clause.has("res:loss") else ""
                chosen = (
                    *clause.where,
                    *(
                        (Condition("result", result),)
                        if result and clause.has("res:win") != clause.has("res:loss")
                        else ()
                    ),
                )
                return Part("trade", where=chosen, place=place, topic="in_order", names=_names(clause))
        return None
    if not noun:
        return None
    names = _names(clause)
    by = ""
    if clause.has("r:long", "r:short") or (clause.has("r:big", "r:small") and clause.has("v:hold", "m:holding")):
        by = "duration"
    measures = {name for _, name in measures_in(clause.items)}
    for name, key in (
        ("mae", "mae"),
        ("average_mae", "mae"),
        ("mfe", "mfe"),
        ("average_mfe", "mfe"),
        ("fees", "fees"),
        ("leverage", "leverage"),
        ("stake", "size"),
        ("quantity", "quantity"),
        ("return", "return_pct"),
    ):
        if name in measures and not by and (order in ("most", "least") or key in ("mae", "mfe", "return_pct")):
            by = key
    if by in ("mae", "mfe", "return_pct") and _ranks_trade(clause):
        by = ""
    if clause.has("without") and clause.has("m:fees", "m:total_costs"):
        by = "gross_pnl"
    if order in ("most", "least") and not by:
        if clause.has("s:mean") or measures - {"net_pnl"}:
            return None
        if clause.has("wi:size") or (clause.has("trade") and not clause.has("res:win", "res:loss") and order == "most"):
            by = "size"
        elif clause.has("res:win", "profit", "W"):
            return Part(
                "trades",
                where=(*clause.where, Condition("result", "win")),
                order="least",
                limit=clause.limit() or 1,
                topic="pnl",
                place=clause.place(),
                names=names,
            )
        elif clause.has("res:loss", "loss", "L"):
            return Part(
                "trades",
                where=(*clause.where, Condition("result", "loss")),
                order="least",
                limit=clause.limit() or 1,
                topic="pnl",
                place=clause.place(),
                names=names,
            )
        else:
            return None
    where = tuple(clause.where)
    if by and clause.has("res:win", "res:loss") and by != "size":
        where = (*where, Condition("result", "win" if clause.has("res:win") else "loss"))
    limit = clause.limit() or (0 if clause.place() else 5 if _plural_list(clause) else 1)
    return Part("trades", where=where, order=order, limit=limit, place=clause.place(), topic=by or "pnl", names=names)


def _ranks_trade(clause: Clause) -> bool:
    """Whether it is the trade that is worst, and the measure only asked of it: "MAE of the worst trade"."""
    place = clause.first("r:worst", "r:best")
    if place is None:
        return False
    following = [item for item in clause.items[place + 1 :] if item.concepts != frozenset({"stop"})]
    return bool(following) and following[0].has("trade", "res:win", "res:loss", "loss", "profit", "L", "W")


def _plural_list(clause: Clause) -> bool:
    return clause.has("q:list") or any(
        item.has("trade", "res:win", "res:loss") and item.text.lower().endswith(("s", "en")) for item in clause.items
    )


def _names(clause: Clause) -> tuple[str, ...]:
    """Fields of a trade that are asked for."""
    names = []
    for concept, name in (("q:when", "when"), ("q:howlong", "holding"), ("m:holding", "holding"), ("v:hold", "holding"), ("against", "mae"), ("infavour", "mfe"), ("giveback", "giveback"),
                          ("g:symbol", "symbol"), ("m:fees", "fees"), ("m:leverage", "leverage"), ("m:entry_price", "entry_price"), ("m:exit_price", "exit_price"),
                          ("m:mae", "mae"), ("m:average_mae", "mae"), ("m:mfe", "mfe"), ("m:average_mfe", "mfe"), ("m:return", "return_pct"), ("m:quantity", "quantity"), ("wi:size", "quantity"), ("m:stake", "stake"),
                          ("g:tag", "exit_tag"), ("g:entry_tag", "entry_tag"), ("m:funding", "funding"), ("m:gross_pnl", "gross_pnl"), ("g:side", "side"), ("m:stop_price", "stop_price"), ("share", "share"), ("m:r", "r")):  # fmt: skip
        if name == "fees" and clause.has("without"):
            continue
        if clause.has(concept) and name not in names:
            names.append(name)
    if clause.has("v:buy", "v:open") and "when" in names:
        names.append("opened_at")
    if clause.has("v:sell", "v:close") and "when" in names:
        names.append("closed_at")
    return tuple(names)


def _compare(clause: Clause, _run: RunVocabulary) -> Part | None:
    groups = _groups_of(clause.where)
    joined = clause.has("q:compare", "or", "rank:better", "rank:worse", "than", "other") or (
        clause.has("q:which") and clause.has("r:best", "r:worst", "r:big")
    )
    if groups is None or not joined:
        return _against_rest(clause)
    shared, parted = groups
    return Part("compare", tuple(_wanted(clause)), shared, parted)


def _groups_of(where: list[Condition]) -> tuple[tuple[Condition, ...], tuple[tuple[Condition, ...], ...]] | None:
    """(conditions of both, one selection for each value of the key that has several)."""
    keys: dict[str, list[Condition]] = {}
    for one in where:
        if not one.negated:
            family = "period" if one.key in ("month", "week", "date") else one.key
            keys.setdefault(family, []).append(one)
    several = [
        key for key, held in keys.items() if len(held) >= 2 or (key == "hour" and isinstance(held[0].value, list))
    ]
    if not several:
        weekend = keys.get("weekend")
        return (
            None
            if weekend is None
            else (
                tuple(c for c in where if c.key != "weekend"),
                ((Condition("weekend", True),), (Condition("weekend", False),)),
            )
        )
    key = several[0]
    parted = tuple((one,) for one in keys[key])
    if key == "hour" and isinstance(keys[key][0].value, list):
        parted = tuple((Condition("hour", hour, keys[key][0].by),) for hour in keys[key][0].value)
    rest = tuple(one for one in where if one not in keys[key])
    return rest, parted


def _against_rest(clause: Clause) -> Part | None:
    """Mondays against all others; winners against losers."""
    if clause.has("q:compare", "rank:better", "rank:worse") and clause.has("res:win") and clause.has("res:loss"):
        return Part(
            "compare",
            tuple(_wanted(clause)),
            tuple(clause.where),
            ((Condition("result", "win"),), (Condition("result", "loss"),)),
        )
    better = (
        clause.has("rank:better", "rank:worse")
        and clause.where
        and not clause.prefix("g:")
        and not measures_in(clause.items)
    )
    if better or (
        clause.has("q:compare", "than", "rank:better", "rank:worse")
        and clause.where
        and (clause.has("other") or clause.has("all"))
    ):
        kept = [one for one in clause.where if not one.negated] or [
            Condition(one.key, one.value, one.by) for one in clause.where
        ]
        groups = ((kept[-1],), (Condition(kept[-1].key, kept[-1].value, kept[-1].by, negated=True),))
        return Part("compare", tuple(_wanted(clause)), tuple(kept[:-1]), groups)
    if clause.has("q:compare") and clause.where and not clause.prefix("g:"):
        one = clause.where[-1]
        groups = ((one,), (Condition(one.key, one.value, one.by, negated=not one.negated),))
        return Part("compare", tuple(_wanted(clause)), tuple(clause.where[:-1]), groups)
    if clause.has("q:compare") and clause.prefix("g:"):
        return Part("groups", tuple(_wanted(clause)), tuple(clause.where), dimension=clause.prefix("g:")[0])
    return None


def _share(clause: Clause, _run: RunVocabulary) -> Part | None:
    if not clause.has("share"):
        return None
    wanted = _wanted(clause)
    if (
        clause.has("v:lose", "v:win")
        and not clause.where
        and not _order_of(clause)
        and not clause.has("trade", "res:win", "res:loss", "open", "m:open_pnl")
        and not clause.prefix("g:")
        and not clause.prefix("side:")
        and not clause.has("pron:them", "pron:it")
    ):
        return Part("figures", (Wanted("total_return"),))
    if clause.has("open", "m:open_pnl"):
        return Part("share", (Wanted("open_pnl"),), tuple(clause.where))
    if (
        clause.has("res:win")
        and not clause.has("res:loss")
        and all(one.measure in ("trade_count", "win_count") for one in wanted)
    ):
        return Part("figures", (Wanted("win_rate"),), tuple(clause.where))
    if any(one.measure in ("win_rate", "return", "total_return", "max_drawdown") for one in wanted):
        return None
    order = _order_of(clause)
    where = tuple(clause.where)
    if clause.has("res:loss", "loss") and not order and clause.has("trade") and not wanted:
        wanted = [Wanted("trade_count")]
        where = (*where, Condition("result", "loss"))
    names = [one.measure for one in wanted]
    if names == ["fees"] or ("fees" in names and ("gross_pnl" in names or "net_pnl" in names)):
        return Part("figures", (Wanted("fees_share_of_gross"),), where)
    measure = (
        wanted[0].measure
        if wanted
        else (
            "net_pnl"
            if clause.has("v:win", "profit")
            else "total_loss"
            if clause.has("v:lose", "loss", "res:loss")
            else "trade_count"
        )
    )
    return Part(
        "share",
        (Wanted(measure),),
        where,
        order=order,
        limit=clause.limit() or (1 if order else 0),
        dimension=clause.prefix("g:")[0] if clause.prefix("g:") else "",
    )


def _trade(clause: Clause, _run: RunVocabulary) -> Part | None:
    ids = [one for one in clause.where if one.key == "trade"]
    if not ids or not isinstance(ids[0].value, int):
        return None
    if clause.has("q:howmany"):
        return None
    return Part("trade", where=tuple(clause.where), names=_names(clause))


def _span(clause: Clause, _run: RunVocabulary) -> Part | None:
    if (
        clause.has("time_span")
        and not clause.where
        and not clause.has("m:initial_cash")
        and (clause.has("q:when", "q:howlong", "q:which", "q:whatis", "q:how") or not measures_in(clause.items))
    ):
        return Part("span")
    return None


def _concentration(clause: Clause, _run: RunVocabulary) -> Part | None:
    return Part("concentration", where=tuple(clause.where)) if clause.has("concentr") else None


def _figures(clause: Clause, run: RunVocabulary) -> Part | None:
    wanted = _wanted(clause)
    where = _with_results(clause, wanted)
    groups = _groups_of(list(where))
    asks = [
        one
        for one in wanted
        if one.measure
        not in (
            "win_count",
            "loss_count",
            "average_win",
            "average_loss",
            "total_win",
            "total_loss",
            "largest_win",
            "largest_loss",
        )
    ]
    if asks and clause.has("res:win") and clause.has("res:loss") and not clause.has("q:howmany"):
        return Part(
            "compare",
            tuple(asks),
            tuple(clause.where),
            ((Condition("result", "win"),), (Condition("result", "loss"),)),
            topic="each",
        )
    if wanted and groups is not None and not any(one.key == "weekend" for one in where):
        return Part("compare", tuple(wanted), groups[0], groups[1], topic="each")
    if wanted:
        return Part("figures", tuple(wanted), where, include_open=True if clause.has("incl_open") else None)
    return None


def _with_results(clause: Clause, wanted: list[Wanted]) -> tuple[Condition, ...]:
    """Winners, losers, open trades as conditions, where a measure of them is asked."""
    where = list(clause.where)
    names = {one.measure for one in wanted}
    counting = names & {
        "win_count",
        "loss_count",
        "open_count",
        "breakeven_count",
        "open_pnl",
        "average_win",
        "average_loss",
        "total_loss",
        "total_win",
    }
    asks = names - counting
    if clause.has("in_pct") and clause.has("m:average_loss", "m:average_win", "loss", "profit") and "return" in names:
        where.append(Condition("result", "loss" if clause.has("m:average_loss", "loss") else "win"))
    if asks and not counting:
        if clause.has("res:win") and not clause.has("res:loss"):
            where.append(Condition("result", "win"))
        elif clause.has("res:loss") and not clause.has("res:win", "v:lose"):
            where.append(Condition("result", "loss"))
        if clause.has("open") and clause.has("trade") and not clause.has("incl_open"):
            where.append(Condition("open", True))
    return tuple(where)


def _wanted(clause: Clause) -> list[Wanted]:
    """The measures asked for, in order, each with the statistic said of it; in percent where that is said."""
    found = _measured(clause)
    if clause.has("in_pct"):
        return [
            Wanted("total_return")
            if one.measure == "net_pnl" and not clause.where
            else Wanted("return", "mean")
            if one.measure in _IN_MONEY
            else one
            for one in found
        ]
    return found


_IN_MONEY = frozenset({"net_pnl", "average_win", "average_loss", "expectancy", "largest_win", "largest_loss"})


def _measured(clause: Clause) -> list[Wanted]:
    found: list[Wanted] = []
    measures = measures_in(clause.items)
    for place, name in measures:
        if name == "leverage" and any(one.key == "leverage" for one in clause.where):
            continue
        if (
            name in ("holding", "average_holding")
            and any(one.key == "duration" for one in clause.where)
            and (len(measures) > 1 or clause.has("q:howmany", "v:win", "v:lose"))
        ):
            continue
        if (
            name == "net_pnl"
            and clause.items[place].has("loss", "profit")
            and any(one.key == "pnl" for one in clause.where)
        ):
            continue
        for one in _with_statistics(clause, place, name):
            if one not in found:
                found.append(one)
    for one in _counted(clause):
        if one not in found:
            found.append(one)
    if not found or (
        clause.has("v:win", "v:lose")
        and all(one.measure == "trade_count" for one in found)
        and not clause.has("q:howmany")
    ):
        found += [one for one in _verbs(clause) if one not in found]
    return found


def _statistics(clause: Clause, place: int) -> list[Statistic]:
    """Average, most, median …: said before the measure, or after it where no other measure is there."""
    single = len(measures_in(clause.items)) <= 1
    stats: list[Statistic] = []
    for at, item in enumerate(clause.items):
        if not single and not 0 <= place - at <= 3:
            continue
        name: Statistic = (
            "mean"
            if item.has("s:mean") and not item.has("q:define")
            else "mean"
            if item.has("s:mean") and at < place
            else "median"
            if item.has("s:median")
            else "max"
            if item.has("r:big", "r:long")
            else "min"
            if item.has("r:small", "r:short")
            else "sum"
            if item.has("s:sum")
            else ""
        )
        if name and name not in stats:
            stats.append(name)
    return stats


_MEAN_OF = {
    "net_pnl": "expectancy",
    "profit": "average_win",
    "fees": "average_fees",
    "holding": "average_holding",
    "mae": "average_mae",
    "mfe": "average_mfe",
}


def _with_statistics(clause: Clause, place: int, name: str) -> list[Wanted]:
    stats = _statistics(clause, place)
    if name in ("mae", "mfe", "average_mae", "average_mfe"):
        base = name.removeprefix("average_")
        if clause.has("r:worst", "r:big", "r:best") and not clause.has("s:mean"):
            return [Wanted(base, "max")]
        return [Wanted(base, one if one else "mean") for one in stats] or [Wanted(base, "mean")]
    if name in ("net_pnl", "gross_pnl") and "mean" in stats:
        losing, winning = clause.has("res:loss", "loss"), clause.has("res:win", "profit")
        if clause.items[place].has("loss"):
            return [Wanted("average_loss")]
        if name == "net_pnl" and ((clause.has("res:win") and not losing) or (winning and losing)):
            return [Wanted("average_win")]
        return [Wanted("expectancy")]
    if name in ("net_pnl",) and "median" in stats:
        return [Wanted("net_pnl", "median")]
    if name == "net_pnl" and set(stats) & {"max", "min"}:
        return [Wanted("largest_win" if "max" in stats else "largest_loss")]
    if name in ("holding", "average_holding", "average_holding_winners", "average_holding_losers"):
        return [Wanted("holding", one) for one in stats] or [Wanted("holding", "mean")]
    if name == "return" and not stats and not clause.where and not clause.has("trade", "per"):
        return [Wanted("total_return")]
    if name == "fees" and ("mean" in stats or (clause.has("per") and clause.has("trade"))):
        return [Wanted("fees"), Wanted("average_fees")] if "sum" in stats else [Wanted("average_fees")]
    if name == "max_drawdown" and clause.has("u:money"):
        return [Wanted("max_drawdown_money")]
    if name in ("fees", "leverage", "stake", "quantity", "return"):
        return [Wanted(name, one) for one in stats] or [Wanted(name)]
    return [Wanted(name)]


def _counted(clause: Clause) -> list[Wanted]:
    """How many trades, winners, losers, open positions."""
    average = clause.has("s:mean") and not measures_in(clause.items)
    if any(name.startswith("longest_") for _, name in measures_in(clause.items)):
        return []
    if measures_in(clause.items) and not clause.has(
        "trade", "res:win", "res:loss", "open", "fill", "res:even", "streak"
    ):
        return []
    if (
        clause.has("q:howmany")
        and clause.has("wi:perday", "m:trades_per_day")
        and clause.has("trade", "m:trades_per_day")
    ):
        return [Wanted("trades_per_day")]
    if clause.has("q:howmany") or (
        clause.has("q:howmuch")
        and clause.has("trade")
        and not measures_in(clause.items)
        and not clause.has("v:win", "v:lose", "v:pay", "v:hold")
    ):
        if any(one.key in ("pnl", "return") for one in clause.where) and not clause.has("res:win", "res:loss"):
            return [Wanted("trade_count")]
        if clause.has("wi:concurrent"):
            return [Wanted("max_open_trades")]
        counts = [
            Wanted(name)
            for concept, name in (
                ("res:win", "win_count"),
                ("res:loss", "loss_count"),
                ("res:even", "breakeven_count"),
                ("open", "open_count"),
            )
            if clause.has(concept)
        ]
        if clause.has("green", "v:win") and clause.has("trade") and not counts:
            counts = [Wanted("win_count")]
        if clause.has("red", "v:lose") and clause.has("trade") and not counts:
            counts = [Wanted("loss_count")]
        if counts and clause.has("v:hold") and clause.has("open"):
            return counts
        if clause.has("fill") and not clause.has("trade"):
            return [Wanted("fill_count")]
        return counts or [Wanted("trade_count")]
    if average:
        losing, winning = clause.has("res:loss", "loss", "v:lose", "L"), clause.has("res:win", "profit", "W")
        if clause.has("v:hold", "q:howlong"):
            return [Wanted("holding", "mean")]
        named = [Wanted(name) for name, said in (("average_win", winning), ("average_loss", losing)) if said]
        return named or ([Wanted("expectancy")] if clause.has("trade", "v:win") else [])
    return []


def _verbs(clause: Clause) -> list[Wanted]:
    """What verbs ask: how much did I lose, what did they make, how long were they held."""
    if (
        clause.has("q:howlong", "v:hold")
        and clause.has("q:howlong", "q:which", "q:how", "s:mean", "r:big", "r:long")
        and not clause.has("q:howmany")
    ):
        stats = _statistics(clause, len(clause.items))
        return [Wanted("holding", one) for one in stats] or [Wanted("holding", "mean")]
    if clause.has("v:pay") and not clause.has("v:buy"):
        return [] if any(one.key == "symbol" for one in clause.where) else [Wanted("fees")]
    if clause.has("s:median", "s:std") and clause.has("trade", "res:win", "res:loss"):
        return [Wanted("net_pnl", "median" if clause.has("s:median") else "std")]
    if clause.has("open") and clause.has("v:lose", "loss", "profit", "q:howmuch"):
        return [Wanted("open_pnl")]
    if clause.has("loss") and clause.has("s:sum"):
        return [Wanted("total_loss")]
    compared = any(one.key in ("pnl", "return") for one in clause.where)
    if clause.has("v:lose", "v:win", "loss", "profit", "green", "red") and not clause.has("q:why") and not compared:
        return [Wanted("net_pnl")]
    if clause.has("q:howmuch") and clause.where and not clause.has("v:buy", "v:sell"):
        return [Wanted("net_pnl")]
    return []


def _listed(clause: Clause, _run: RunVocabulary) -> Part | None:
    """Show me the Monday shorts; which stock did I sell on 13 October; what is still open."""
    if clause.has("open") and clause.has("r:big", "r:worst", "r:best"):
        end: Order = "best" if clause.has("r:best", "res:win", "profit") else "worst"
        still = (*clause.where, Condition("open", True))
        return Part("trades", where=still, order=end, limit=clause.limit() or 1, topic="pnl", names=_names(clause))
    if (clause.has("open") and not clause.has("v:open")) or (
        clause.has("open") and clause.has("q:which", "q:list", "trade")
    ):
        return Part(
            "trades",
            where=(*clause.where, Condition("open", True)),
            limit=clause.limit() or 20,
            names=_names(clause),
            topic="open",
        )
    if clause.has("incl_open") and clause.has("trade") and not measures_in(clause.items):
        return Part("trades", where=(*clause.where, Condition("open", True)), limit=20, topic="open")
    if clause.has("v:pay") and any(one.key == "symbol" for one in clause.where):
        return Part("trades", where=tuple(clause.where), limit=20, names=("entry_price", "stake"), topic="acted")
    acted = clause.has("v:buy", "v:sell", "v:open", "v:close")
    if acted and (
        clause.has("q:which", "q:when", "q:list", "g:symbol") or (clause.where and clause.has("v:buy", "v:sell"))
    ):
        return Part(
            "trades",
            where=tuple(clause.where),
            limit=clause.limit() or 20,
            names=_names(clause) or ("symbol",),
            topic="acted",
        )
    if clause.has("q:list") and clause.where and not clause.prefix("g:"):
        return Part(
            "trades",
            where=_with_results(clause, [Wanted("net_pnl")]),
            limit=clause.limit() or 20,
            names=_names(clause),
            topic="list",
        )
    dated = (
        any(one.key in ("date", "pnl", "return", "size") for one in clause.where)
        and clause.has("trade")
        and not clause.has("q:how", "q:summary")
    )
    if dated or (
        clause.has("q:list", "q:which", "q:more", "all")
        and clause.has("trade", "res:win", "res:loss", "pron:them", "one")
    ):
        where = list(clause.where)
        if clause.has("res:win") != clause.has("res:loss"):
            where.append(Condition("result", "win" if clause.has("res:win") else "loss"))
        return Part("trades", where=tuple(where), limit=clause.limit() or 20, names=_names(clause), topic="list")
    return None


def _overview(clause: Clause, run: RunVocabulary) -> Part | None:
    if clause.has("q:summary"):
        return Part("overview", where=tuple(clause.where))
    if any(one.key == "trade" for one in clause.where) and not clause.has("q:how", "q:summary"):
        return Part("trades", where=tuple(clause.where), limit=20, names=_names(clause), topic="list")
    if clause.where and clause.has("q:how", "trade", "j:good", "res:win", "res:loss", "rank:better", "rank:worse"):
        return Part("overview", where=_with_results(clause, [Wanted("net_pnl")]))
    if clause.has("q:how") and clause.has("v:trade", "green", "red"):
        return Part("overview", where=tuple(clause.where))
    return None


def _help(clause: Clause, _run: RunVocabulary) -> Part | None:
    return Part("help") if clause.has("k:who") and not clause.where else None


_HEADS: tuple[Head, ...] = (
    _courtesy, _benchmark, _define, _unknowable, _reasoning, _why, _rules, _judge, _patterns, _excursion, _compare, _share, _streak, _trade,
    _groups, _ranked, _span, _concentration, _figures, _listed, _overview, _help,
)  # fmt: skip
