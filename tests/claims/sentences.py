"""Sentences about real results, as many people and models write them: true ones, and the same with one thing wrong.

`{v}` is the number, `{s}` the set of trades as a subject ("short trades"), `{w}` as where or when ("on Mondays"). A
sentence with neither is about the whole run. Written from how answers read, not from what the check can read.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from backend.analysis.measures import MEASURES
from backend.analysis.named_numbers import NamedNumber
from tests.claims.real_runs import RealRun

Condition = tuple[str, str]
# measure → sentences about a set of trades.
OF_A_SET: dict[str, tuple[str, ...]] = {
    "win_rate": (
        "{s} won {v} of the time.", "The win rate {w} was {v}.", "Only {v} of {s} ended in profit.", "{s}: win rate {v}.",
        "With a hit rate of {v}, {s} were nothing special.", "You win {v} of your trades {w}.", "Looking at {s}, {v} were winners.",
        "{s} have a strike rate of {v}.", "- **{s}**: {v} winners", "A {v} win rate {w} is what the data show.",
        "Die Trefferquote lag {w} bei {v}.", "La tasa de acierto {w} fue del {v}.", "Le taux de réussite {w} était de {v}.", "A taxa de acerto {w} foi de {v}.", "{s}的胜率为{v}。",
    ),
    "net_pnl": (
        "{s} made {v} net.", "The net result {w} was {v}.", "Net P&L of {s}: {v}.", "All told, {s} came out at {v}.", "{w}, the strategy netted {v}.",
        "{s} contributed {v} to the bottom line.", "P&L {w}: {v}", "After costs, {s} stand at {v}.", "- {s} – {v} net", "{s} finished at {v} after fees.",
        "Das Nettoergebnis {w} beträgt {v}.", "El resultado neto {w} fue de {v}.", "Le résultat net {w} est de {v}.", "O resultado líquido {w} foi de {v}.", "{s}的净盈亏为{v}。",
    ),
    "trade_count": (
        "There were {v} trades {w}.", "{v} trades were opened {w}.", "{s} number {v} trades in all.", "I count {v} positions {w}.", "The sample {w} is {v} trades.",
        "{w}, you took {v} trades.", "{s}: {v} trades.", "Es gab {w} {v} Trades.", "Hubo {v} operaciones {w}.", "Il y a eu {v} trades {w}.", "Houve {v} operações {w}.", "{s}共有{v}笔交易。",
    ),
    "win_count": (
        "{v} of {s} were winners.", "{w}, {v} trades won.", "There were {v} winning trades {w}.", "{s} had {v} winners.", "{v} trades {w} closed in profit.", "{s}: {v} wins.",
        "{w} gab es {v} Gewinner.", "Hubo {v} operaciones ganadoras {w}.", "Il y a eu {v} trades gagnants {w}.", "Houve {v} operações vencedoras {w}.",
    ),
    "loss_count": (
        "{v} of {s} were losers.", "{w}, {v} trades lost.", "There were {v} losing trades {w}.", "{s} had {v} losers.", "{v} trades {w} closed at a loss.", "{s}: {v} losses.",
        "{w} gab es {v} Verlierer.", "Hubo {v} operaciones perdedoras {w}.", "Il y a eu {v} trades perdants {w}.", "Houve {v} operações perdedoras {w}.",
    ),
    "gross_pnl": (
        "Before costs, {s} made {v}.", "Gross P&L {w} was {v}.", "{s} earned {v} gross.", "The gross result of {s} is {v}.", "Brutto ergaben sich {w} {v}.", "El resultado bruto {w} fue {v}.", "Le résultat brut {w} est de {v}.",
    ),
    "fees": (
        "{s} paid {v} in fees.", "Fees {w} came to {v}.", "Commissions {w} added up to {v}.", "The exchange took {v} in fees from {s}.", "{v} of fees were paid {w}.", "{s} cost {v} in commission.",
        "Die Gebühren {w} betrugen {v}.", "Las comisiones {w} sumaron {v}.", "Les frais {w} se montent à {v}.", "As taxas {w} somaram {v}.", "{s}的手续费为{v}。",
    ),
    "expectancy": (
        "{s} average {v} per trade.", "On average a trade {w} made {v}.", "The expectancy {w} is {v}.", "The mean P&L of {s} is {v}.", "Per trade, {s} return {v}.", "{s}: {v} each.",
        "Pro Trade ergibt das {w} {v}.", "De media, cada operación {w} dio {v}.", "En moyenne, un trade {w} rapporte {v}.",
    ),
}  # fmt: skip
# measure → sentences about the whole run.
OF_THE_RUN: dict[str, tuple[str, ...]] = {
    "sharpe": ("The Sharpe ratio is {v}.", "Risk-adjusted, a Sharpe of {v} is what you get.", "Sharpe: {v}", "Annualised Sharpe came in at {v}.", "El ratio de Sharpe es {v}.", "夏普比率为{v}。"),
    "sortino": ("The Sortino ratio stands at {v}.", "Sortino {v}.", "A Sortino of {v} counts downside only.", "Der Sortino liegt bei {v}."),
    "calmar": ("Calmar is {v}.", "A Calmar ratio of {v} puts return against drawdown.", "Le ratio de Calmar est de {v}."),
    "profit_factor": ("The profit factor is {v}.", "Profit factor: {v}", "Every unit lost was matched by a profit factor of {v}.", "Der Profitfaktor beträgt {v}.", "El factor de beneficio es {v}.", "盈利因子为{v}。"),
    "payoff_ratio": ("The payoff ratio is only {v}.", "Win/loss ratio: {v}", "A payoff of {v} needs many wins.", "盈亏比为{v}。"),
    "max_drawdown": ("Maximum drawdown was {v}.", "At its worst the account was in a drawdown of {v}.", "The deepest drawdown reached {v}.", "Der maximale Drawdown lag bei {v}.", "La caída máxima fue del {v}.", "最大回撤为{v}。"),
    "volatility": ("Annualised volatility is {v}.", "Volatility runs at {v}.", "La volatilidad es del {v}.", "Die Volatilität liegt bei {v}."),
    "total_return": ("Total return: {v}", "The run returned {v}.", "Overall the account's return is {v}.", "Die Gesamtrendite beträgt {v}.", "El rendimiento total fue del {v}."),
    "cagr": ("That is a CAGR of {v}.", "Annualised return: {v}", "Compounded, {v} a year."),
    "average_win": ("The average win is {v}.", "Winners average {v}.", "A typical winner brings {v}.", "Winning trades made {v} on average.", "Der Durchschnittsgewinn liegt bei {v}.", "La ganancia media es de {v}.", "Le gain moyen est de {v}.", "O ganho médio é de {v}.", "平均盈利为{v}。"),
    "average_loss": ("The average loss is {v}.", "Losers average {v}.", "A typical loser costs {v}.", "Losing trades lost {v} on average.", "Der Durchschnittsverlust liegt bei {v}.", "La pérdida media es de {v}.", "La perte moyenne est de {v}.", "A perda média é de {v}.", "平均亏损为{v}。"),
    "largest_win": ("The largest win was {v}.", "Your best trade made {v}.", "The biggest winner brought in {v}.", "Der größte Gewinn war {v}.", "La mayor ganancia fue de {v}."),
    "largest_loss": ("The largest loss was {v}.", "Your worst trade lost {v}.", "The biggest loser cost {v}.", "Der größte Verlust war {v}.", "La mayor pérdida fue de {v}."),
    "longest_losing_streak": ("The longest losing streak is {v} trades.", "At one point it lost {v} times in a row – the longest losing streak.", "Longest losing streak: {v}"),
    "longest_winning_streak": ("The longest winning streak is {v} trades.", "Longest winning streak: {v}", "Die längste Gewinnserie umfasst {v} Trades."),
    "exposure": ("The run was in the market {v} of the time.", "Exposure: {v}", "Time in the market is {v}."),
    "var_95": ("Value at risk (95 %) is {v} a day.", "Daily VaR: {v}"),
    "kelly": ("The Kelly fraction is {v}.", "Kelly comes out at {v}."),
    "sqn": ("SQN: {v}", "The system quality number is {v}."),
    "final_equity": ("The account ended at {v}.", "Final equity: {v}", "Das Endkapital beträgt {v}.", "El capital final es de {v}."),
    "average_holding": ("The average holding time is {v}.", "Trades were held {v} on average.", "Average hold: {v}"),
    "ulcer_index": ("The Ulcer index is {v}.",),
    "turnover": ("Turnover was {v} times.", "The book turned over {v} times (turnover).",),
}  # fmt: skip
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CURRENCY_SIGN = {"USD": "$", "USDT": "$"}


@dataclass(frozen=True)
class Claim:
    """A sentence with one number in it, and whether that is right."""

    kind: str
    text: str
    shown: str
    start: int
    measure: str
    true: bool


def shown(number: NamedNumber, value: float, dice: random.Random, *, sign: bool = True) -> str:
    """A value as people write it, in its unit."""
    size = abs(value)
    minus = "−" if value < 0 and sign else ""
    if number.unit == "count":
        return f"{size:,.0f}"
    if number.unit == "pct":
        return f"{minus}{size:.{dice.choice((1, 2))}f}{dice.choice((' %', '%'))}"
    if number.unit == "seconds":
        hours = size / 3600
        return (
            f"{hours / 24:.1f} days"
            if hours > 72
            else f"{hours:.1f} hours"
            if hours > 3
            else f"{size / 60:.1f} minutes"
        )
    if number.unit == "money":
        code = number.currency or "USD"
        digits = dice.choice((0, 2, 2)) if size >= 1000 else 2
        style = dice.randrange(4)
        text = f"{size:,.{digits}f}"
        if style == 0 and code in _CURRENCY_SIGN:
            return f"{minus}${text}"
        return f"{minus}{text} {code}" if style < 3 else f"{minus}{text}"
    return f"{minus}{size:.2f}"


def subject(condition: Condition, dice: random.Random) -> tuple[str, str] | None:
    """(a set of trades as a subject, the same as where or when)."""
    key, value = condition
    if key == "side":
        return dice.choice(
            (
                (f"{value}s", f"on the {value} side"),
                (f"{value.capitalize()} trades", f"for {value}s"),
                (f"The {value} trades", f"among {value}s"),
            )
        )
    if key == "weekday":
        day = value.capitalize()
        return dice.choice(
            ((f"{day} trades", f"on {day}s"), (f"Trades opened on {day}", f"on a {day}"), (f"{day}s", f"on {day}s"))
        )
    if key == "hour":
        return dice.choice(
            (
                (f"Trades in hour {int(value)}", f"at {value}:00 UTC"),
                (f"Hour {value}", f"in hour {value}"),
                (f"Entries at {value}:00", f"in the {value}:00 hour"),
            )
        )
    if key == "symbol":
        name = value.split(":")[0]
        return dice.choice(((f"{name} trades", f"in {name}"), (name, f"on {name}"), (f"`{name}`", f"in `{name}`")))
    if key == "tag" and value != "(none)":
        name = value.replace("_", " ")
        return dice.choice(
            ((f"`{value}` exits", f"among `{value}` exits"), (f"{name.capitalize()} exits", f"for {name} exits"))
        )
    if key == "duration":
        return dice.choice(
            (
                (f"Trades held {value}", f"in trades held {value}"),
                (f"Trades that lasted {value}", f"for a holding time of {value}"),
            )
        )
    return None


def claims(run: RealRun, dice: random.Random, count: int) -> Iterator[Claim]:
    """So many true sentences, each with the same sentence made wrong in one way that its facts allow."""
    numbers = [one for one in run.numbers if one.scope == () and one.measure in OF_THE_RUN]
    sets = [
        one
        for one in run.numbers
        if len(one.scope) == 1
        and one.measure in OF_A_SET
        and one.value != 0
        and subject(one.scope[0], random.Random(0))
    ]
    by_path = {(one.measure, one.scope): one for one in [*numbers, *sets]}
    pool = list(by_path.values())
    of_sets = [one for one in pool if one.scope]
    for _ in range(count):
        number = dice.choice(of_sets if dice.random() < 0.65 and of_sets else pool)
        yield from _about(run, number, dice)


def _about(run: RealRun, number: NamedNumber, dice: random.Random) -> Iterator[Claim]:
    table = OF_A_SET if number.scope else OF_THE_RUN
    template = dice.choice(table[number.measure])
    names = subject(number.scope[0], dice) if number.scope else ("", "")
    assert names is not None
    yield _claim("true", template, number, number.value, names, dice, true=True)
    wrong = _wrong_value(run, number, dice)
    if wrong is not None:
        kind, value = wrong
        yield _claim(kind, template, number, value, names, dice, true=False)


def _claim(
    kind: str,
    template: str,
    number: NamedNumber,
    value: float,
    names: tuple[str, str],
    dice: random.Random,
    *,
    true: bool,
) -> Claim:
    # Words such as "the average loss" or "fees" leave the sign out; "lost" says it.
    unsigned = bool({"fall", "cost"} & MEASURES[number.measure].kinds) and dice.random() < 0.7
    text = shown(number, value, dice, sign=not unsigned)
    before, after = template.split("{v}")
    before, after = (part.replace("{s}", names[0]).replace("{w}", names[1]) for part in (before, after))
    sentence = before + text + after
    sentence = sentence[:1].upper() + sentence[1:]
    return Claim(kind, sentence, text, len(before), number.measure, true)


def _wrong_value(run: RealRun, number: NamedNumber, dice: random.Random) -> tuple[str, float] | None:
    same_measure = [
        one.value
        for one in run.numbers
        if one.measure == number.measure
        and one.scope != number.scope
        and not {"trade", "rule"} & {key for key, _ in one.scope}
    ]
    same_scope = [
        one.value
        for one in run.numbers
        if one.measure not in (number.measure, "total_pnl") and one.unit == number.unit and one.scope == number.scope
    ]
    ways: list[tuple[str, list[float]]] = [
        ("other_scope", same_measure),
        ("other_measure", same_scope),
        ("invented", [number.value * dice.uniform(0.3, 2.5)]),
    ]
    dice.shuffle(ways)
    for kind, values in ways:
        usable = [value for value in values if _differs(number, value) and (value < 0) == (number.value < 0)]
        if usable:
            return kind, dice.choice(usable)
    return None


def _differs(number: NamedNumber, value: float) -> bool:
    """Whether a value is another one also when rounded."""
    step = {
        "count": 1.0,
        "pct": 0.11,
        "money": 1.01 if abs(number.value) >= 1000 else 0.02,
        "seconds": 0.11 * 86400,
    }.get(number.unit, 0.011)
    return abs(abs(value) - abs(number.value)) > step and value != 0
