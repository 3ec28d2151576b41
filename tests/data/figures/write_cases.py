"""Writes cases.jsonl: sentences as an analyst might write them, with what the figure check must say of each figure.

The sentences are the tables below; the second half of them is put together from facts, wordings and ways to write a
number. Run it after a change: `python tests/data/figures/write_cases.py`. A case is
{"results": which of results.json, "kind", "text", "figures": [[text, status], ...] in order}.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

V, D, F, U = "verified", "derived", "found", "unverified"
NARROW, HARD, THIN = "\u202f", "\u00a0", "\u2009"
Case = dict[str, Any]
Figures = list[tuple[str, str]]

# (results, kind, sentence, its figures)
WRITTEN: tuple[tuple[str, str, str, Figures], ...] = (
    # The ways numbers are written.
    ("futures", "true", "Netto blieben 5.870,28 USDT.", [("5.870,28 USDT", V)]),
    ("futures", "true", "Il reste 5 870,28 USDT net.", [("5 870,28 USDT", V)]),
    ("futures", "true", f"Il reste 5{NARROW}870,28{NARROW}USDT net.", [(f"5{NARROW}870,28{NARROW}USDT", V)]),
    ("futures", "true", f"Il reste 5{HARD}870,28 USDT net.", [(f"5{HARD}870,28 USDT", V)]),
    ("futures", "true", f"Net: 5{THIN}870.28 USDT.", [(f"5{THIN}870.28 USDT", V)]),
    ("futures", "true", "Netto 5'870.28 USDT.", [("5'870.28 USDT", V)]),
    ("futures", "true", "Netto 5’870.28 USDT.", [("5’870.28 USDT", V)]),
    ("futures", "true", "Net 5870.28 USDT.", [("5870.28 USDT", V)]),
    ("futures", "true", "Quedaron 5.870,28 USDT netos.", [("5.870,28 USDT", V)]),
    ("futures", "true", "Gebühren: 11.019 USDT.", [("11.019 USDT", V)]),
    ("futures", "true", "Profitfaktor 1,521.", [("1,521", V)]),
    ("futures", "true", "p = 0,0152", [("0,0152", V)]),
    ("futures", "true", "p = 1.52e-2", [("1.52e-2", V)]),
    ("futures", "true", "Die Trefferquote lag bei 62,04 Prozent.", [("62,04 Prozent", V)]),
    ("futures", "true", "Taux de réussite : 62,0 pour cent.", [("62,0 pour cent", V)]),
    ("futures", "true", "Acierto: 62,04 por ciento.", [("62,04 por ciento", V)]),
    ("futures", "true", "Ein Verlust von 841,05 USDT war der größte.", [("841,05 USDT", V)]),
    ("futures", "true", "La pire position a perdu 841,05 USDT.", [("841,05 USDT", V)]),
    ("futures", "true", "La peor operación perdió 841,05 USDT.", [("841,05 USDT", V)]),
    ("futures", "true", "Im Mittel 58 Minuten gehalten.", [("58 Minuten", V)]),
    ("futures", "true", "Durée moyenne : 58 minutes.", [("58 minutes", V)]),
    ("futures", "true", "Held for 0.97 hours on average.", [("0.97 hours", V)]),
    ("futures", "true", "Close it after 36 hours.", [("36 hours", V)]),
    ("futures", "true", "Worst: ($841.05)", [("($841.05)", V)]),
    ("futures", "true", "Worst: (841.05)", [("(841.05)", V)]),
    ("futures", "true", "Worst: -$841.05", [("-$841.05", V)]),
    ("futures", "true", "Worst: $-841.05", [("$-841.05", V)]),
    ("futures", "true", "Worst: −841.05 USDT", [("−841.05 USDT", V)]),
    ("futures", "true", "Worst: USDT −841.05", [("USDT −841.05", V)]),
    ("futures", "true", "The day's best trade: +1,507.23 USDT", [("+1,507.23 USDT", V)]),
    ("futures", "true", "The win rate is **62.04%**.", [("62.04%", V)]),
    ("futures", "true", "| net | 5,870.28 |", [("5,870.28", V)]),
    ("futures", "true", "A $5,870.28 profit.", [("$5,870.28", V)]),
    ("futures", "true", "An 841.05 USDT loss on one trade.", [("841.05 USDT", V)]),
    ("futures", "true", "Funding brought 90.36 USDT.", [("90.36 USDT", V)]),
    ("futures", "true", "It returned 587.03 % in 27.6 days.", [("587.03 %", V), ("27.6 days", V)]),
    ("equities", "true", "The run lost €1,234,567.89.", [("€1,234,567.89", V)]),
    ("equities", "true", "Der Lauf verlor 1.234.567,89 €.", [("1.234.567,89 €", V)]),
    ("equities", "true", "La stratégie a perdu 1 234 567,89 €.", [("1 234 567,89 €", V)]),
    ("equities", "true", "Perdió 1.234.567,89 EUR.", [("1.234.567,89 EUR", V)]),
    ("equities", "true", "Verlust: -1'234'567.89 EUR", [("-1'234'567.89 EUR", V)]),
    ("equities", "true", "Net result: −12,34,567.89 EUR.", [("−12,34,567.89 EUR", V)]),
    ("equities", "rounded", "It lost 1.23 million euros.", [("1.23 million euros", V)]),
    ("equities", "rounded", "It lost €1.2M.", [("€1.2M", V)]),
    ("equities", "rounded", "Ein Verlust von 1,23 Mio. EUR.", [("1,23 Mio. EUR", V)]),
    ("equities", "rounded", "Une perte de 1,2 million d'euros.", [("1,2 million", V)]),
    ("equities", "rounded", "A loss of 1,235k EUR.", [("1,235k EUR", V)]),
    ("equities", "rounded", "Une perte de 1 235 k EUR.", [("1 235 k EUR", V)]),
    ("equities", "rounded", "It ended with 0.0038 bn EUR.", [("0.0038 bn EUR", V)]),
    ("equities", "rounded", "It lost about 1,230,000 EUR.", [("1,230,000 EUR", V)]),
    ("equities", "rounded", "Roughly 2,900 trades.", [("2,900", V)]),
    ("equities", "rounded", "Around 3,000 trades.", [("3,000", V)]),
    ("equities", "rounded", "More than 2,900 trades.", [("2,900", V)]),
    ("equities", "rounded", "Nearly 3,000 trades.", [("3,000", V)]),
    ("equities", "rounded", "Fees came to almost 50,000 EUR.", [("50,000 EUR", V)]),
    ("equities", "rounded", "Held for 52 hours, about 2.2 days.", [("52 hours", V), ("2.2 days", V)]),
    ("equities", "wrong_digit", "About 2,700 trades.", [("2,700", U)]),
    ("equities", "wrong_digit", "More than 3,000 trades.", [("3,000", U)]),
    ("equities", "wrong_digit", "Nearly 2,900 trades.", [("2,900", U)]),
    ("equities", "true", "A drawdown of 61.9 % at a volatility of 33.5 %.", [("61.9 %", V), ("33.5 %", V)]),
    ("equities", "true", "Das sind 173 Basispunkte weniger als nichts.", [("173 Basispunkte", U)]),
    ("equities", "true", "Fees ate 407 bp of the gross.", [("407 bp", V)]),
    ("equities", "true", "The 5th percentile day lost 272 bps.", [("272 bps", V)]),
    ("equities", "true", "CAGR −17.35 %, Sharpe −1.87.", [("−17.35 %", V), ("−1.87", V)]),
    ("equities", "true", "It was down 24.69 %.", [("24.69 %", V)]),
    ("equities", "true", "A 24.69% loss overall.", [("24.69%", V)]),
    ("equities", "true", "Wins averaged €812.44, losses (€1,295.99).", [("€812.44", V), ("(€1,295.99)", V)]),
    # Ranges.
    ("futures", "true", "Between 52 and 85 trades.", [("52", U), ("85", U)]),
    ("futures", "true", "A range of 29.8–62.0 %.", [("29.8", F), ("62.0 %", F)]),
    ("futures", "true", "From 3.5 to 6.1 in Sharpe and Sortino.", [("3.5", V), ("6.1", U)]),
    ("equities", "rounded", "Trades ended between 74.1 and 98.4k EUR from entry, losses included.",
     [("74.1", U), ("98.4k EUR", U)]),
    ("equities", "true", "Zwischen 33,5 und 41,4 %.", [("33,5", U), ("41,4 %", F)]),
    ("equities", "true", "Entre 33,5 et 41,4 %.", [("33,5", U), ("41,4 %", F)]),
    ("equities", "wrong_digit", "A range of 10–12 %.", [("10", U), ("12 %", U)]),
    ("equities", "wrong_unit", "Between 812.44 and 1,205 %.", [("812.44", U), ("1,205 %", U)]),
    # Fractions of counts, and steps from two figures.
    ("futures", "derived", "85 wins and 52 losses: 33 more wins.", [("85", V), ("52", V), ("33", D)]),
    ("futures", "derived", "Fees of 11,019.49 USDT took 65.6 % of the gross 16,799.41 USDT.",
     [("11,019.49 USDT", V), ("65.6 %", D), ("16,799.41 USDT", V)]),
    ("futures", "derived", "Of 137 trades 52 lost: 38 %.", [("137", V), ("52", V), ("38 %", D)]),
    ("futures", "derived", "85 wins against 52 losses, 1.63 to one.", [("85", V), ("52", V), ("1.63", D)]),
    ("futures", "derived", "Shorts made 3,651.77 USDT, longs 2,218.51 USDT: 1,433.26 USDT apart.",
     [("3,651.77 USDT", V), ("2,218.51 USDT", V), ("1,433.26 USDT", D)]),
    ("futures", "derived", "Gross 16,799.41 USDT, net 5,870.28 USDT: costs took 10,929.12 USDT.",
     [("16,799.41 USDT", V), ("5,870.28 USDT", V), ("10,929.12 USDT", D)]),
    ("futures", "derived", "53 of 137 trades were long, 38.7 %.", [("53", V), ("137", V), ("38.7 %", D)]),
    ("futures", "derived", "Average win 201.53 USDT against an average loss of 216.51 USDT: a payoff of 0.93.",
     [("201.53 USDT", V), ("216.51 USDT", V), ("0.93", D)]),
    ("futures", "derived", "Sortino 6.13 is 1.76 times the Sharpe of 3.49.",
     [("6.13", V), ("1.76 times", D), ("3.49", V)]),
    ("equities", "derived", "1,205 wins, 1,708 losses: 503 more losses.", [("1,205", V), ("1,708", V), ("503", D)]),
    ("equities", "derived", "The gross loss of 1,186,257.39 EUR grew to 1,234,567.89 EUR, 4.07 % more.",
     [("1,186,257.39 EUR", V), ("1,234,567.89 EUR", U), ("4.07 %", U)]),
    ("equities", "derived", "Of 2,913 trades 1,708 lost: 58.6 %.", [("2,913", V), ("1,708", V), ("58.6 %", D)]),
    ("equities", "derived", "A win of €812.44 against a loss of €1,295.99 is 0.63 to one.",
     [("€812.44", U), ("€1,295.99", U), ("0.63", U)]),
    ("equities", "wrong_digit", "1,205 wins, 1,708 losses: 513 more losses.",
     [("1,205", V), ("1,708", V), ("513", U)]),
    ("futures", "wrong_digit", "Of 137 trades 52 lost: 37 %.", [("137", V), ("52", V), ("37 %", U)]),
    ("futures", "wrong_digit", "85 wins and 52 losses: 34 more wins.", [("85", V), ("52", V), ("34", U)]),
    # Said the wrong way round.
    ("futures", "wrong_sign", "The run lost 5,870.28 USDT.", [("5,870.28 USDT", U)]),
    ("futures", "wrong_sign", "A 5,870.28 USDT loss.", [("5,870.28 USDT", U)]),
    ("futures", "wrong_sign", "The run was down 587.03 %.", [("587.03 %", U)]),
    ("futures", "wrong_sign", "Hour 13 made 1,933.77 USDT.", [("1,933.77 USDT", U)]),
    ("futures", "wrong_sign", "Longs lost 2,218.51 USDT.", [("2,218.51 USDT", U)]),
    ("futures", "wrong_sign", "(5,870.28) USDT net.", [("(5,870.28)", U)]),  # missed: brackets are also brackets
    ("futures", "wrong_sign", "A Sharpe of −3.49.", [("−3.49", U)]),
    ("futures", "wrong_sign", "Der Lauf verlor 5.870,28 USDT.", [("5.870,28 USDT", U)]),
    ("futures", "wrong_sign", "Il a perdu 5 870,28 USDT.", [("5 870,28 USDT", U)]),
    ("equities", "wrong_sign", "The run made 1,234,567.89 EUR.", [("1,234,567.89 EUR", U)]),
    ("equities", "wrong_sign", "A €1,234,567.89 profit.", [("€1,234,567.89", U)]),
    ("equities", "wrong_sign", "It gained 24.69 %.", [("24.69 %", U)]),
    ("equities", "wrong_sign", "A total return of +24.69 %.", [("+24.69 %", U)]),
    ("equities", "wrong_sign", "Sharpe 1.87.", [("1.87", U)]),
    ("equities", "wrong_sign", "Up 17.35 % a year.", [("17.35 %", U)]),
    ("equities", "wrong_sign", "Ein Gewinn von 1.234.567,89 EUR.", [("1.234.567,89 EUR", U)]),
    ("equities", "wrong_sign", "Un gain de 24,69 %.", [("24,69 %", U)]),
    # The right digits in the wrong unit or size.
    ("futures", "wrong_unit", "Fees of 62.04 USDT.", [("62.04 USDT", U)]),
    ("futures", "wrong_unit", "A return of 5,870.28 %.", [("5,870.28 %", U)]),
    ("futures", "wrong_unit", "Held for 3,480 minutes.", [("3,480 minutes", U)]),
    ("futures", "wrong_unit", "Held for 58 hours.", [("58 hours", U)]),
    ("futures", "wrong_unit", "A win rate of 62.04 bp.", [("62.04 bp", U)]),
    ("futures", "wrong_unit", "Net 5.87M USDT.", [("5.87M USDT", U)]),
    ("futures", "wrong_unit", "Net 5,870.28k USDT.", [("5,870.28k USDT", U)]),
    ("futures", "wrong_unit", "A profit factor of 1.52 %.", [("1.52 %", U)]),
    ("futures", "wrong_unit", "137 % of trades won.", [("137 %", U)]),
    ("equities", "wrong_unit", "It lost 1.23 thousand EUR.", [("1.23 thousand EUR", U)]),
    ("equities", "wrong_unit", "It lost 1.23 Mrd. EUR.", [("1.23 Mrd. EUR", U)]),
    ("equities", "wrong_unit", "Held for 52 days.", [("52 days", U)]),
    ("equities", "wrong_unit", "A drawdown of 61.92 EUR.", [("61.92 EUR", U)]),
    ("equities", "wrong_unit", "Fees took 48,310.5 %.", [("48,310.5 %", U)]),
    ("equities", "wrong_unit", "A volatility of 33.48 basis points.", [("33.48 basis points", U)]),
    # No figures at all.
    ("futures", "none", "Three trades made half of the loss; two of them were in one symbol.", []),
    ("futures", "none", "The 3rd trade of the 2nd week, on the 21st, was the 1st to stop out.", []),
    ("futures", "none", "On 21 September 2024, 2024-09-21, 21.09.2024, 2024/09/21 and September 21st, 2024.", []),
    ("futures", "none", "Am 21. September 2024 um 13:30 Uhr und am 3. März.", []),
    ("futures", "none", "Le 21 septembre 2024 à 13h30, puis en août 2024.", []),
    ("futures", "none", "El 21 de septiembre de 2024, desde 2023.", []),
    ("futures", "none", "In Q3 2024, in early 2024 and since 2019.", []),
    ("futures", "none", "Trade #119, trade 12, trades 3, 4 and 5, run 7, Lauf 5.", [("119", F), ("12", F)]),
    ("futures", "none", "Between 13 and 15 UTC, at 5 pm, at 13:30.", []),
    ("futures", "none", "It crossed SMA 20 above EMA50 with RSI(14) on the 5-minute chart and 4h candles.", []),
    ("futures", "none", "Unlike the S&P 500 and the Nasdaq-100, GPT-5 trades 24/7.", []),
    ("futures", "none", "The CVaR 95 % and the 95 % confidence interval are in the table.", []),
    ("futures", "none", "`stop = 4711` and\n```python\nlimit = 99.5\n```", []),
    ("futures", "none", "1. First\n2. Second\n\n## 3. Third", []),
    ("futures", "none", "See [the chart](https://example.org/7?x=12) and https://example.org/42.", []),
    ("futures", "none", "The top 5 and the worst 10 trades.", []),
)  # fmt: skip


def english(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}"


def german(value: float, decimals: int) -> str:
    return english(value, decimals).translate(str.maketrans(",.", ".,"))


def french(value: float, decimals: int) -> str:
    return english(value, decimals).translate(str.maketrans({",": NARROW, ".": ","}))


def swiss(value: float, decimals: int) -> str:
    return english(value, decimals).replace(",", "’")


# (results, value without sign, decimals, unit behind it, true wording, wording that says the opposite or "")
FACTS: tuple[tuple[str, float, int, str, str, str], ...] = (
    ("futures", 5870.28207402, 2, " USDT", "The run made {} net.", "The run lost {} net."),
    ("futures", 16799.4054, 2, " USDT", "Before costs it earned {}.", "Before costs it lost {}."),
    ("futures", 11019.4880094, 2, " USDT", "Fees came to {}.", ""),
    ("futures", 841.0510344, 2, " USDT", "The worst trade lost {}.", "The worst trade made {}."),
    ("futures", 1507.2299, 2, " USDT", "The best trade made {}.", "The best trade lost {}."),
    ("futures", 216.5142, 2, " USDT", "A losing trade lost {} on average.", "A losing trade gained {} on average."),
    ("futures", 1933.7711, 2, " USDT", "Entries in hour 13 lost {}.", "Entries in hour 13 earned {}."),
    ("futures", 3651.7694, 2, " USDT", "Shorts earned {}.", "Shorts lost {}."),
    ("futures", 2218.5127, 2, " USDT", "Longs earned {}.", "Longs lost {}."),
    ("futures", 11258.7384, 2, " USDT", "The losers together lost {}.", "The losers together made {}."),
    ("futures", 62.04379562, 2, " %", "Of the decided trades, {} won.", ""),
    ("futures", 29.84378678, 2, " %", "Equity fell by {} at worst.", "At worst, equity rose by {}."),
    ("futures", 587.028207, 2, " %", "The account was up {}.", "The account was down {}."),
    ("futures", 118.6472, 2, " %", "Volatility was {} a year.", ""),
    ("futures", 44.1908, 2, " %", "It was in the market {} of the time.", ""),
    ("futures", 43.6657, 2, " %", "One symbol made {} of all losses.", ""),
    ("futures", 1.52130387, 3, "", "The profit factor is {}.", ""),
    ("futures", 3.4890991, 3, "", "The Sharpe ratio is {}.", ""),
    ("equities", 1234567.89, 2, " EUR", "The run lost {}.", "The run earned {}."),
    ("equities", 1186257.39, 2, " EUR", "Before fees it lost {}.", "Before fees it made {}."),
    ("equities", 48310.5, 2, " EUR", "Fees took {}.", ""),
    ("equities", 98431.2, 2, " EUR", "The worst trade lost {}.", "The worst trade earned {}."),
    ("equities", 74120.86, 2, " EUR", "The best trade made {}.", "The best trade lost {}."),
    ("equities", 1295.9911, 2, " EUR", "A loser lost {} on average.", "A loser gained {} on average."),
    ("equities", 812.4438, 2, " EUR", "A winner made {} on average.", "A winner lost {} on average."),
    ("equities", 3765432.11, 2, " EUR", "It ended with equity of {}.", ""),
    ("equities", 61.9244, 2, " %", "At worst it was down {} from its peak.", "At best it was up {}."),
    ("equities", 24.6913578, 2, " %", "Over the whole run it lost {}.", "Over the whole run it made {}."),
    ("equities", 17.3529, 2, " %", "Each year it lost {}.", "Each year it gained {}."),
    ("equities", 33.4781, 2, " %", "Volatility was {}.", ""),
    ("equities", 41.36629, 2, " %", "It won {} of its trades.", ""),
    ("equities", 0.44227, 3, "", "The profit factor was {}.", ""),
)  # fmt: skip
STYLES: tuple[Callable[[float, int], str], ...] = (english, german, french, swiss)


def one_digit_off(shown: str, place: int) -> str:
    """The same number with one digit changed, never the leading one to zero."""
    places = [i for i, character in enumerate(shown) if character.isdigit()]
    at = places[place % len(places)]
    changed = str((int(shown[at]) + 1 + place % 8) % 10)
    if at == places[0] and changed == "0":
        changed = "9" if shown[at] != "9" else "8"
    return shown[:at] + changed + shown[at + 1 :]


def made() -> Iterator[tuple[str, str, str, Figures]]:
    """Each fact true in one style, rounded in the next, a digit off twice, the other way round, in another unit."""
    for i, (results, value, decimals, unit, wording, opposite) in enumerate(FACTS):
        exact, coarse = STYLES[i % 4](value, decimals), STYLES[(i + 1) % 4](value, decimals - 1)
        yield results, "true", wording.format(exact + unit), [(exact + unit, V)]
        yield results, "rounded", wording.format(coarse + unit), [(coarse + unit, V)]
        for step in (0, 1):
            off = one_digit_off(STYLES[(i + step) % 4](value, decimals), i + 3 * step)
            yield results, "wrong_digit", wording.format(off + unit), [(off + unit, U)]
        off = one_digit_off(english(value, decimals), i + 1)
        yield results, "wrong_digit", f"| figure | {off}{unit} |", [(off + unit, U)]
        if opposite:
            yield results, "wrong_sign", opposite.format(exact + unit), [(exact + unit, U)]
        if unit:
            other = english(value, decimals) + (" %" if unit != " %" else " minutes")
            yield results, "wrong_unit", f"It came to {other}.", [(other, U)]


def main() -> None:
    cases = [*WRITTEN, *made()]
    lines = [
        json.dumps({"results": results, "kind": kind, "text": text, "figures": figures}, ensure_ascii=False)
        for results, kind, text, figures in cases
    ]
    Path(__file__).with_name("cases.jsonl").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
