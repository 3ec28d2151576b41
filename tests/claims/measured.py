"""How often a mark is wrong: rates with 95 % intervals over real runs. `make claims` writes them to docs/claims.md."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from math import sqrt
from pathlib import Path

from backend.analysis import FigureCheck, check_figures
from tests.claims.real_runs import FILES, RealRun, more_results, real_run
from tests.claims.sentences import OF_A_SET, claims, shown, subject

TRUSTED = ("verified", "derived")
# Shapes that a number that nobody computed may have; "{v}" is the number.
RANDOM_SHAPES: dict[str, tuple[str, ...]] = {
    "two digits": ("There were {v} trades in that stretch.", "It lost {v} of them.", "Of those, {v} were shorts."),
    "three digits": ("It took {v} trades to get there.", "You had {v} winners.", "{v} positions were closed early."),
    "whole percentage": ("The win rate was {v} %.", "Fees took {v} % of it.", "Longs won {v} % of the time.", "Drawdown reached {v} %."),
    "percentage with a decimal": ("The win rate was {v} %.", "It returned {v} %.", "Shorts won {v} %.", "Volatility is {v} %."),
    "money, whole": ("The run made {v} net.", "Fees came to {v}.", "Mondays lost {v}.", "The average loss is {v}."),
    "money, cents": ("The run made {v} net.", "Fees came to {v}.", "Shorts brought in {v}.", "The worst trade lost {v}."),
    "ratio": ("The Sharpe ratio is {v}.", "Profit factor {v}.", "A payoff of {v} is what remains.", "The Sortino stands at {v}."),
}  # fmt: skip


def interval(hits: int, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, in percent."""
    if count == 0:
        return 0.0, 100.0
    z, p = 1.96, hits / count
    middle, half = p + z * z / (2 * count), z * sqrt(p * (1 - p) / count + z * z / (4 * count * count))
    return max(0.0, (middle - half) / (1 + z * z / count) * 100), min(
        100.0, (middle + half) / (1 + z * z / count) * 100
    )


def status_at(checks: Iterable[FigureCheck], start: int, length: int) -> str:
    """What the check says of the number at a place; "none" where it read none."""
    return next((check.status for check in checks if check.start < start + length and start < check.end), "none")


def claimed(runs: Sequence[RealRun], seed: int, count: int) -> Counter[tuple[str, str]]:
    """(kind of sentence, status) of so many true sentences a run and their wrong twins."""
    found: Counter[tuple[str, str]] = Counter()
    for run in runs:
        for claim in claims(run, random.Random(seed), count):
            checks = check_figures(claim.text, run.results)
            found[claim.kind, status_at(checks, claim.start, len(claim.shown))] += 1
    return found


def random_number(shape: str, dice: random.Random, currency: str) -> str:
    """A number of a shape that stands for nothing."""
    if shape == "two digits":
        return str(dice.randint(10, 99))
    if shape == "three digits":
        return str(dice.randint(100, 999))
    if shape == "whole percentage":
        return str(dice.randint(1, 99))
    if shape == "percentage with a decimal":
        return f"{dice.uniform(1, 99):.1f}"
    if shape == "money, whole":
        return f"{10 ** dice.uniform(2, 4.5):,.0f} {currency}"
    if shape == "money, cents":
        return f"{10 ** dice.uniform(1, 4.5):,.2f} {currency}"
    return f"{dice.uniform(0.1, 4):.2f}"


def random_marks(files: Sequence[str], seed: int, count: int) -> Counter[tuple[str, str]]:
    """(shape, status) of random numbers after eight tool calls."""
    found: Counter[tuple[str, str]] = Counter()
    dice = random.Random(seed)
    for file in files:
        run, results = real_run(file), more_results(file)
        for shape, sentences in RANDOM_SHAPES.items():
            said = [
                (random_number(shape, dice, run.frame.facts.currency), dice.choice(sentences)) for _ in range(count)
            ]
            # Sentence by sentence in one text, as paragraphs: none stands for another.
            text = "\n\n".join(sentence.replace("{v}", number) for number, sentence in said)
            checks = check_figures(text, results)
            place = 0
            for number, sentence in said:
                start = place + sentence.index("{v}")
                found[shape, status_at(checks, start, len(number))] += 1
                place += len(sentence) - 3 + len(number) + 2
    return found


def exchanged_answer(run: RealRun, dice: random.Random) -> str | None:
    """An answer in which two groups have each other's numbers."""
    groups = [key for key in ("side", "weekday", "hour", "symbol", "tag") if len(_values(run, key)) >= 2]
    if not groups:
        return None
    key = dice.choice(groups)
    a, b = dice.sample(_values(run, key), 2)
    lines = []
    for measure in ("net_pnl", "win_rate", "trade_count"):
        for one, other in ((a, b), (b, a)):
            number = next((n for n in run.numbers if n.scope == ((key, other),) and n.measure == measure), None)
            names = subject((key, one), dice)
            if number is None or names is None:
                return None
            text = dice.choice(OF_A_SET[measure]).replace("{v}", shown(number, number.value, dice))
            lines.append(text.replace("{s}", names[0]).replace("{w}", names[1]))
    return "\n".join(lines) if _differ(run, key, a, b) else None


def _values(run: RealRun, key: str) -> list[str]:
    return sorted(
        {n.scope[0][1] for n in run.numbers if len(n.scope) == 1 and n.scope[0][0] == key and n.measure == "win_rate"}
    )


def _differ(run: RealRun, key: str, a: str, b: str) -> bool:
    def net(value: str) -> float:
        return next(n.value for n in run.numbers if n.scope == ((key, value),) and n.measure == "net_pnl")

    return abs(net(a) - net(b)) > 1


def green(checks: Sequence[FigureCheck]) -> bool:
    """Whether an answer's badge would be green."""
    return bool(checks) and all(check.status in TRUSTED for check in checks)


def table(per_run: int, random_per_shape: int) -> str:
    """The rates as a table in Markdown."""
    runs = [real_run(file) for file in FILES]
    counted: Counter[tuple[str, str]] = Counter()
    for seed in range(3):
        counted += claimed(runs, seed, per_run)
    rows = [
        (f"wrong ({kind.replace('_', ' ')}) called verified or derived", kind, TRUSTED, "≤ 2 %")
        for kind in ("other_scope", "other_measure", "invented")
    ]
    rows += [
        ("wrong called found", "wrong", ("found",), "≤ 15 %"),
        ("true called unverified", "true", ("unverified",), "≤ 5 %"),
        ("true only found", "true", ("found",), "≤ 12 %"),
    ]
    lines = ["| what | of | rate | 95 % interval | aim |", "|---|--:|--:|---|---|"]
    for words, kind, statuses, aim in rows:
        of = [(status, n) for (k, status), n in counted.items() if k == kind or (kind == "wrong" and k != "true")]
        lines.append(_row(words, sum(n for status, n in of if status in statuses), sum(n for _, n in of), aim))
    marks = random_marks(FILES[:6], 7, random_per_shape)
    for shape in RANDOM_SHAPES:
        of = [(status, n) for (k, status), n in marks.items() if k == shape]
        lines.append(
            _row(
                f"random: {shape}, verified or derived",
                sum(n for status, n in of if status in TRUSTED),
                sum(n for _, n in of),
                "≤ 1 %",
            )
        )
    dice = random.Random(5)
    answers = [(run, text) for run in runs for _ in range(20) if (text := exchanged_answer(run, dice))]
    lines.append(
        _row(
            "answers with two groups exchanged that are green",
            sum(green(check_figures(text, run.results)) for run, text in answers),
            len(answers),
            "0",
        )
    )
    return "\n".join(lines)


def _row(words: str, hits: int, count: int, aim: str) -> str:
    low, high = interval(hits, count)
    rate = hits / count * 100 if count else 0.0
    return f"| {words} | {count:,} | {rate:.1f} % | {low:.1f}–{high:.1f} % | {aim} |"


_TITLE = "## Marks of figures"
_HEAD = f"""\
{_TITLE}

What a mark of the figure check claims, against what is so: sentences about real runs of this repository, true ones and
the same with one thing wrong, in the styles of `tests/claims/sentences.py`. The sentences are this project's own, so
rates on texts that others wrote are higher.

"""


def main() -> None:
    """Write the section of docs/claims.md that is about figures, behind what else stands there."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/claims.md")
    before = out.read_text().split(_TITLE)[0].rstrip() if out.exists() else "# Claims, measured"
    out.write_text(f"{before}\n\n{_HEAD}{table(60, 60)}\n")


if __name__ == "__main__":
    main()
