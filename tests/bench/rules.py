"""Writes docs/rules.md: one rule of each kind on a real run, as its replay has it and as its pasted code does it.

`.venv/bin/python -m tests.bench.rules > docs/rules.md`
"""

from __future__ import annotations

from pathlib import Path

from backend.analysis import RULES, RunFrame, replay_rule
from backend.analysis.replay import Replay
from backend.analysis.rules import Rule
from backend.analysis.rules.base import Params
from backend.importers.base import ImportOptions
from backend.ingest.files import read_run
from backend.ingest.imported_frame import imported_frame
from backend.server.demo import DEMO_DIR
from tests.support.simulator import simulate

RULES_TABLE = Path(__file__).parents[2] / "docs" / "rules.md"
_RUNS = (
    DEMO_DIR / "freqtrade-cvddivergence.json",
    DEMO_DIR / "ai-trader-crypto-claude-3.7-sonnet.zip",
    DEMO_DIR / "ai-trader-us-hourly-gpt-5-position.jsonl",
    Path(__file__).parents[1] / "data" / "imports" / "backtesting_py_eurusd.csv",
)
# No entry tag of these runs loses, so none proposes to leave one out; the better half's replay can still be checked.
_GIVEN: dict[str, list[Params]] = {"tag_exclusion": [{"tags": ["Bear_POC"]}]}
_HEAD = """\
# Rules, replayed and pasted

Every kind of rule on a real run: what its replay says, and what its pasted code does in a simulator that walks the
run's events one by one and shares no arithmetic with the replays (`tests/support/simulator.py`). The runs are those
of the demo (`backend/local/demo`) and of `tests/data/imports`, whose README files name their sources. The parameters
are the first that the run's own data propose; only the tag is given, since no entry tag of these runs loses. Where a
replay is bounded, both ends are given. `tests/unit/analysis/test_rules.py` holds every value proposed to the same.
Written by `python -m tests.bench.rules`.

What a replay gained on one run says little: with a hundred values tried something always gains. So each carries a
verdict, from the statistic and the deals of `backend/analysis/chance`:

| verdict | when |
|---|---|
| holds | p ≤ 0.025 among the best of all that could be proposed; both halves and other runs agree; 10 trades or more |
| fragile | gains, but too few trades, the order of prices, or chance (p up to 0.1) could explain it |
| in-sample only | gains in one half of the run only, or loses on the other runs |
| no better than chance | dealt results do as well, or as much taken away at random gains half: it only trades less |
| hurts | no gain; shown only where it was asked for, and not to be adopted |
| unknown | needs prices that the run does not hold |

| rule | run | parameters | method | removed: replay | removed: code | net P&L: replay | net P&L: code |
|---|---|---|---|--:|--:|--:|--:|
"""


def rules_document() -> str:
    """The document, a row for each kind of rule."""
    frames = real_runs()
    return _HEAD + "".join(_row(rule, frames) for rule in RULES)


def real_runs() -> dict[str, RunFrame]:
    """The real run files of this repository that serve here, by name."""
    return {
        path.name: imported_frame(read_run(path.name, path.read_bytes(), None, ImportOptions())[0]) for path in _RUNS
    }


def _row(rule: Rule, frames: dict[str, RunFrame]) -> str:
    name, proposed = first_known(rule, frames)
    frame, params = frames[name], proposed[0]
    replay, code = replay_rule(frame, rule, params), simulate(frame, rule.word(frame, params).code)
    shown = ", ".join(f"{key} {_value(value)}" for key, value in params.items() if key != "currency")
    cells = (
        f"`{rule.kind}`", name.split(".")[0], shown, replay.method, replay.trades_removed, len(code.refused),
        _bounds(replay), _span(code.net_low, code.net_high),
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |\n"


def first_known(rule: Rule, frames: dict[str, RunFrame]) -> tuple[str, list[Params]]:
    """The first run for which the effect of any parameters can be known, and all such parameters."""
    for name, frame in frames.items():
        proposed = _GIVEN.get(rule.kind) or rule.candidates(frame)
        if known := [params for params in proposed if rule.apply(frame, params).method != "needs_prices"]:
            return name, known
    raise LookupError(f"no run proposes {rule.kind}")


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _bounds(replay: Replay) -> str:
    return _span(replay.net_pnl_after_low or 0.0, replay.net_pnl_after_high or 0.0)


def _span(low: float, high: float) -> str:
    return f"{low:,.2f}" if abs(high - low) < 0.005 else f"{low:,.2f} to {high:,.2f}"


if __name__ == "__main__":
    print(rules_document(), end="")
