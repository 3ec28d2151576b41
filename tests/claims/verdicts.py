"""How often rules and patterns claim something on runs without structure, and find what was planted.

`python -m tests.claims.verdicts` writes it into its section of docs/claims.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from backend.analysis import suggest_rules
from backend.analysis.patterns import find_patterns
from tests.claims.runs import NOISE, PLANTED, noise, planted

NOISE_RUNS, PLANTED_RUNS = 200, 90
_DOCUMENT = Path(__file__).parents[2] / "docs" / "claims.md"
_SECTION = "## Rules and patterns"
STRENGTHS = (2.0, 3.0, 4.0, 5.0, 6.0)
_BANDS = ((2.0, 3.0), (3.0, 4.0), (4.0, 5.0), (5.0, np.inf))


@dataclass
class Claimed:
    """How many runs, and how many of them had a rule that holds or a pattern."""

    runs: int = 0
    rules: int = 0
    patterns: int = 0
    named: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def on_noise(runs: int = NOISE_RUNS, first_seed: int = 0) -> dict[str, Claimed]:
    """By kind of noise, as many runs of each."""
    found = {kind: Claimed() for kind in NOISE}
    for number in range(runs):
        kind = list(NOISE)[number % len(NOISE)]
        frame, counted = noise(kind, first_seed + number // len(NOISE)), found[kind]
        holding = [rule.kind for rule in suggest_rules(frame).rules if rule.replay.verdict == "holds"]
        patterns = [pattern.dimension for pattern in find_patterns(frame).found]
        counted.runs += 1
        counted.rules += bool(holding)
        counted.patterns += bool(patterns)
        for name in {*holding, *patterns}:
            counted.named[name] += 1
    return found


def on_planted(runs: int = PLANTED_RUNS, first_seed: int = 0) -> dict[tuple[float, float], Claimed]:
    """By the z that the planted filter has in the run as drawn."""
    found = {band: Claimed() for band in _BANDS}
    for number in range(runs):
        where, strength = PLANTED[number % len(PLANTED)], STRENGTHS[number // len(PLANTED) % len(STRENGTHS)]
        frame, z, _ = planted(where, strength, first_seed + number)
        for band, counted in found.items():
            if band[0] <= z < band[1]:
                counted.runs += 1
                counted.rules += any(rule.replay.verdict == "holds" for rule in suggest_rules(frame).rules)
                counted.patterns += bool(find_patterns(frame).found)
    return found


def interval(hits: int, runs: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a rate."""
    if not runs:
        return 0.0, 1.0
    rate, z = hits / runs, 1.959964
    middle = (rate + z * z / (2 * runs)) / (1 + z * z / runs)
    half = z * np.sqrt(rate * (1 - rate) / runs + z * z / (4 * runs * runs)) / (1 + z * z / runs)
    return max(0.0, middle - half), min(1.0, middle + half)


def table() -> Iterator[str]:
    """The lines of the verdicts' part of docs/claims.md."""
    yield f"{_SECTION}\n"
    yield "Runs without structure (80 to 600 trades, half a year to two years): how many showed any rule that holds,"
    yield "any pattern. Aim: at most 10 of 200 each.\n"
    yield "| kind of noise | runs | a rule holds | a pattern |"
    yield "|---|--:|--:|--:|"
    by_kind = on_noise()
    for kind, counted in by_kind.items():
        yield f"| {kind} | {counted.runs} | {counted.rules} | {counted.patterns} |"
    runs, rules, patterns = (
        sum(getattr(one, name) for one in by_kind.values()) for name in ("runs", "rules", "patterns")
    )
    yield f"| all | {runs} | {_rate(rules, runs)} | {_rate(patterns, runs)} |\n"
    yield "Runs with one planted filter (a symbol, side, tag, weekday or three hours), by its z in the run as drawn."
    yield "Aims: a rule holds in 70 % from z = 4 and in 90 % from z = 5; below 3 nothing is promised.\n"
    yield "| z of the planted filter | runs | a rule holds | a pattern |"
    yield "|---|--:|--:|--:|"
    for (low, high), counted in on_planted().items():
        band = f"{low:g} to {high:g}" if np.isfinite(high) else f"from {low:g}"
        rates = (_rate(hits, counted.runs) for hits in (counted.rules, counted.patterns))
        yield f"| {band} | {counted.runs} | {' | '.join(rates)} |"


def _rate(hits: int, runs: int) -> str:
    low, high = interval(hits, runs)
    return f"{hits} ({hits / max(runs, 1):.1%}, {low:.1%} to {high:.1%})"


def write() -> None:
    """Put the section into the document in place of the one it has."""
    text = _DOCUMENT.read_text() if _DOCUMENT.exists() else "# What marks and verdicts claim, measured\n\n"
    before, _, rest = text.partition(_SECTION)
    after = rest.partition("\n## ")[2]
    section = "\n".join(table()) + "\n"
    _DOCUMENT.write_text(f"{before}{section}" + (f"\n## {after}" if after else ""))


if __name__ == "__main__":
    write()
