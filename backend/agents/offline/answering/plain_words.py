"""Answers that need no figures, or say why there are none: courtesy, help, and what no file of a run can tell."""

from __future__ import annotations

from backend.agents.offline.answering.group_words import no_clock
from backend.agents.offline.answering.results import Desk, PlannedCall, analysis_call, metrics_call
from backend.agents.offline.markdown import code, document, number, percent
from backend.agents.offline.understanding import Part
from backend.analysis import MetricsResult, TradeAnalysis
from backend.analysis.measures import Language

_COURTESY: dict[str, dict[Language, str]] = {
    "thanks": {"en": "You're welcome! Ask whenever you want to know more about this run.", "de": "Gern geschehen! (You're welcome: ask whenever you want to know more.)", "es": "¡De nada! (You're welcome: ask whenever you want to know more.)",
               "fr": "Avec plaisir ! (You're welcome: ask whenever you want to know more.)", "pt": "De nada! (You're welcome: ask whenever you want to know more.)", "zh": "不客气！(You're welcome: ask whenever you want to know more.)"},
    "hello": {"en": "Hello! Ask me anything about this run: its result, its worst trades, its costs, or what would have happened with a change.", "de": "Hallo! (Hello: ask me anything about this run.)", "es": "¡Hola! (Hello: ask me anything about this run.)",
              "fr": "Bonjour ! (Hello: ask me anything about this run.)", "pt": "Olá! (Hello: ask me anything about this run.)", "zh": "你好！(Hello: ask me anything about this run.)"},
    "bye": {"en": "Goodbye, and good luck with the next run!", "de": "Auf Wiedersehen und viel Erfolg! (Good luck!)", "es": "¡Hasta luego y suerte! (Good luck!)", "fr": "Au revoir et bonne chance ! (Good luck!)", "pt": "Até logo e boa sorte! (Good luck!)", "zh": "再见，祝好运！(Good luck!)"},
    "sorry": {"en": "No problem at all. Ask whenever you like.", "de": "Kein Problem. (No problem: ask whenever you like.)", "es": "Ningún problema. (No problem: ask whenever you like.)", "fr": "Pas de souci. (No problem: ask whenever you like.)", "pt": "Sem problema. (No problem: ask whenever you like.)", "zh": "没关系。(No problem: ask whenever you like.)"},
    "praise": {"en": "Glad that helped. Ask if you want to know more.", "de": "Freut mich! (Glad that helped: ask if you want to know more.)", "es": "¡Me alegro! (Glad that helped: ask if you want to know more.)", "fr": "Tant mieux ! (Glad that helped: ask if you want to know more.)", "pt": "Que bom! (Glad that helped: ask if you want to know more.)", "zh": "很高兴能帮上忙。(Glad that helped: ask if you want to know more.)"},
    "rude": {"en": "I'm sorry that this did not help. Tell me which figure or which trades you want to know about, and I will look again."},
}  # fmt: skip
HELP = """\
**I answer questions about this one run from its trades, without a language model.** For example:

- figures: "What's my win rate on shorts?", `Net result of longs in May held over 4 hours`
- single trades: `my 3 worst trades`, `trade 32: how much did I leave on the table?`, `what did I sell on 13 October?`
- groups and comparisons: "best and worst month", "how do longs compare with shorts?"
- what if: `a 2 % stop`, "half size", "without fees", "without the five worst", "stop after two losses a day"
- why it lost or made money, whether it is luck, which rules would have helped
- what a term means: "What is the Sharpe ratio?"

You can go on from an answer: "and for longs?", "why?", "show me those", "the second one". English, German, Spanish, \
French, Portuguese and Chinese are understood."""
_WHY_NOT: dict[str, str] = {
    "future": "I can't predict the future: I only know the trades of this run, which has happened, and nothing in its file says what a price will do next.",
    "buynow": "I can't tell you what to buy or sell now: I only know this run's past trades, not today's prices, the future or your situation.",
    "news": "I can't know that from this file: it holds trades, no news or events. A dated list of events beside the run would let one compare.",
    "tax": "I can't compute taxes from this file: they depend on your country, your other income and rules that no run records. What the run does record is its realised result.",
    "slippage": "Slippage can't be known from this file: it records the prices that were filled, not those that were expected or quoted. The orders with their intended prices, or quotes at the time, would tell.",
    "emotion": "I can't know that from this file: it records trades, not moods or feelings. Notes kept in the trade journal would tell.",
    "indicator": "I can't know that from this file: it records no indicator values or market data at the entries. The price series of the symbol would let them be computed.",
    "price": "I can't know that from this file: it only has the prices of its own fills. The price series of the symbol would tell.",
    "rebuy": "I can't know that from this file: what the price did after an exit is not in it. The price series of the symbol would tell.",
    "else": "I can't help with that: I only answer questions about this trading run.",
    "other_runs": "I can't tell from here: this conversation is about this one run and I have no other run's results in it. The comparison page sets runs side by side.",
    "index": "I can't know that from this file: it has no index or other market in it. A price series of that index over the same time would tell.",
    "broker": "I can't know that from this file: it says nothing of accounts, brokers or logins.",
    "code": "I can't know that from this file: it records the trades that were made, not the strategy's own code or parameters. The strategy's source would tell.",
    "size_tip": "I can't tell you how much to invest: that depends on your means and on a future that nobody knows. What the run shows is how much it could lose.",
    "exit_at": "I can't know that from this file: what the positions would have brought on that day needs the prices of that day, and the file only has those of its own fills. The price series of the symbols would tell.",
    "pips": "I can't replay a stop in pips or points: I can in percent of the entry price, in money, or in R (multiples of the risk at entry). Ask again with one of these.",
    "clock": "",
}  # fmt: skip


def courtesy_words(part: Part, desk: Desk) -> str:
    """Courtesy for courtesy, with no analysis."""
    said = _COURTESY.get(part.topic, _COURTESY["praise"])
    return said.get(desk.language, said["en"])


def help_words(part: Part, desk: Desk) -> str:
    """What can be asked."""
    return HELP


def unknowable_calls(part: Part, desk: Desk) -> list[PlannedCall]:
    """What there is to say instead of what can't be known."""
    if part.topic in ("index", "tax"):
        return [metrics_call()]
    return [analysis_call(part.where)] if part.topic == "price" and part.where else []


def unknowable_words(part: Part, desk: Desk) -> str:
    """That it can't be known, why, and what would tell."""
    if part.topic == "clock":
        return no_clock()
    head = f"**{_WHY_NOT[part.topic]}**"
    metrics = desk.results.of(metrics_call(), MetricsResult)
    if part.topic == "index" and metrics is not None:
        held = metrics.figures.get("benchmark_return")
        total = metrics.figures.get("total_return")
        if held is not None and isinstance(held.value, (int, float)):
            mine = (
                f", against a total return of {percent(float(total.value))} for the run"
                if total is not None and isinstance(total.value, (int, float))
                else ""
            )
            return document(
                [
                    head,
                    f"What I can say: buy and hold of what was traded here would have returned {percent(float(held.value))}{mine}.",
                ]
            )
    if part.topic == "tax" and metrics is not None:
        net = metrics.figures["net_pnl"].value
        if isinstance(net, (int, float)):
            return document([head, f"The net P&L of the closed trades is {number(float(net))} {desk.currency}."])
    found = desk.results.of(analysis_call(part.where), TradeAnalysis) if part.where else None
    if part.topic == "price" and found is not None and found.selection.trade_count:
        return document(
            [head, f"What I can say: there are {found.selection.trade_count:,} closed trades of what you name."]
        )
    return head


def unclear_words(desk: Desk, words: tuple[str, ...], nearest: tuple[str, ...]) -> str:
    """Said when nothing was understood, with the nearest questions that would be."""
    unknown = f" I don't know what {', '.join(code(word) for word in words[:4])} means here." if words else ""
    asked = "\n".join(f"- {text}" for text in nearest)
    return f"**I did not understand the question well enough to answer it.**{unknown} Did you mean:\n\n{asked}"
