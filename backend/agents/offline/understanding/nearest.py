"""The questions nearest to one that was not understood: offered instead of a guess."""

from __future__ import annotations

from backend.agents.offline.understanding.items import Item
from backend.agents.offline.understanding.plan import Condition
from backend.agents.offline.understanding.vocabulary import RunVocabulary

# (words of whose kind one must be in the question, the question offered)
_OFFERS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("trade", "r:worst", "res:loss", "loss"), "Show me the worst trades"),
    (("v:lose", "red", "loss", "q:why"), "Why did this run lose money?"),
    (("v:win", "green", "profit", "res:win"), "Show me the best trades"),
    (("m:fees", "v:pay"), "How much did I pay in fees?"),
    (("q:when", "g:hour", "g:day", "g:weekday"), "Which weekday was worst?"),
    (("g:month", "g:week"), "Best and worst month?"),
    (("j:good", "j:luck", "j:risk"), "Is this strategy any good, or was it luck?"),
    (("rules", "wi:stop", "wi:size", "v:avoid"), "Which rules would have helped?"),
    (("v:hold", "q:howlong"), "What is the average holding time?"),
    (("open",), "Which trades are still open?"),
    (("q:howmuch", "m:net_pnl"), "What is the net P&L?"),
    (("q:howmany",), "How many trades were there?"),
    (("m:max_drawdown",), "What is the maximum drawdown, and when was it?"),
)
_PLAIN = ("Give me a summary of this run", "Show me the worst trades")


def nearest_questions(items: list[Item], where: list[Condition], run: RunVocabulary) -> tuple[str, ...]:
    """The two offers that share most with the question's words; conditions it named go along."""
    about = _about(where)
    scored = []
    for place, (concepts, text) in enumerate(_OFFERS):
        hits = sum(item.has(*concepts) for item in items)
        if hits:
            scored.append((-hits, place, text))
    found = [text for _, _, text in sorted(scored)]
    offers = [
        f"{text.rstrip('?')}{about}{'?' if text.endswith('?') else ''}" if about and "this run" not in text else text
        for text in found
    ]
    if about:
        offers.insert(0, f"How did {about.removeprefix(' for ')} do?")
    return tuple(dict.fromkeys([*offers, *_PLAIN]))[:2]


def _about(where: list[Condition]) -> str:
    for one in where:
        if one.key == "symbol" and isinstance(one.value, str):
            return f" for {one.value}"
        if one.key == "side":
            return f" for {one.value}s"
        if one.key == "weekday" and isinstance(one.value, str):
            return f" for {one.value.capitalize()}s"
    return ""
