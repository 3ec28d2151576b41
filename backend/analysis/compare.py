"""Two to ten runs side by side: the same figures, what changed in settings, and whether trades differ beyond noise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel

from backend.analysis.arrays import FloatArray, clean
from backend.analysis.brief import PAGE_ONLY, TEXT
from backend.analysis.criteria import InvalidCriteria
from backend.analysis.figures import Figure, Unit
from backend.analysis.metrics import calculate_metrics, run_warnings
from backend.analysis.run_settings import OF_THE_IMPORT

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

FEWEST, MOST = 2, 10
Measure = Literal["net_pnl", "return_pct"]
Setting = str | float | int | bool | None
_RESAMPLES = 4_000
_MANY = 1_000  # trades beyond which the bootstrap is replaced by its normal limit
_SEED = 20_260
_FEW = 10  # trades; fewer prove nothing
_MOST_CHANGES = 100
_TEXT = 200
_DEEPEST = 6
DEFINITIONS = {
    "net_pnl": "mean net P&L of a closed trade, in money",
    "return_pct": "mean net P&L of a closed trade in percent of its value at entry, since the currencies differ",
    "interval": f"95 % bootstrap interval of the difference of the means ({_RESAMPLES} draws of each run's trades with "
    f"replacement, fixed seed; the normal limit on runs of more than {_MANY} trades)",
    "more_than_noise": "the interval, widened for the number of pairs compared (Bonferroni), does not hold zero",
}


class ComparedRun(BaseModel):
    """One of the runs, in the order asked for."""

    run_id: int
    model_id: int
    run_number: int
    name: str
    source: str
    currency: str
    initial_cash: float | None
    started_at: datetime | None
    ended_at: datetime | None
    trade_count: int


class ComparedFigure(BaseModel):
    """One figure of every run, in the order of the runs; `whys` says why a value is None."""

    unit: Unit
    definition: Annotated[str, PAGE_ONLY]
    values: list[float | int | str | None]
    whys: Annotated[list[str | None], PAGE_ONLY]
    low_sample: Annotated[list[bool], PAGE_ONLY]


class SettingChange(BaseModel):
    """A setting that is not the same in all runs; None where a run does not have it."""

    name: str
    values: list[Setting]


class TradeDifference(BaseModel):
    """Mean trade result of run `a` less that of run `b`; None with `why` where there are too few trades."""

    run_id_a: int
    run_id_b: int
    mean_a: float | None
    mean_b: float | None
    difference: float | None
    low: float | None
    high: float | None
    more_than_noise: bool | None
    why: str | None


class RunComparison(BaseModel):
    """What `compare_runs` answers."""

    kind: Literal["run_comparison"] = "run_comparison"
    runs: list[ComparedRun]
    figures: dict[str, ComparedFigure]
    settings_changed: list[SettingChange]
    trade_result: Measure
    trade_result_definition: str
    differences: list[TradeDifference]
    definitions: Annotated[dict[str, str], PAGE_ONLY]
    warnings: Annotated[list[str], TEXT]


def compare_runs(frames: Sequence[RunFrame]) -> RunComparison:
    """Put runs side by side, in the order given.

    Raises:
        InvalidCriteria: for fewer than two runs, more than ten, or one twice.
    """
    ids = [frame.facts.run_id for frame in frames]
    if not FEWEST <= len(ids) <= MOST or len(set(ids)) < len(ids):
        raise InvalidCriteria(f"compare {FEWEST} to {MOST} runs, each once", ())
    measure: Measure = "net_pnl" if len({frame.facts.currency for frame in frames}) == 1 else "return_pct"
    changes = _changes(frames)
    return RunComparison(
        runs=[_run(frame) for frame in frames],
        figures=_figures(frames),
        settings_changed=changes[:_MOST_CHANGES],
        trade_result=measure,
        trade_result_definition=DEFINITIONS[measure],
        differences=_differences(frames, measure),
        definitions={name: DEFINITIONS[name] for name in ("interval", "more_than_noise")},
        warnings=_warnings(frames, len(changes)),
    )


def _run(frame: RunFrame) -> ComparedRun:
    facts = frame.facts
    return ComparedRun(
        run_id=facts.run_id,
        model_id=facts.model_id,
        run_number=facts.run_number,
        name=facts.name,
        source=facts.source,
        currency=facts.currency,
        initial_cash=facts.initial_cash,
        started_at=facts.started_at,
        ended_at=facts.ended_at,
        trade_count=len(frame.trades.closed),
    )


def _figures(frames: Sequence[RunFrame]) -> dict[str, ComparedFigure]:
    by_run: list[dict[str, Figure]] = [calculate_metrics(frame).figures for frame in frames]
    return {
        name: ComparedFigure(
            unit=first.unit,
            definition=first.definition,
            values=[figures[name].value for figures in by_run],
            whys=[figures[name].why for figures in by_run],
            low_sample=[bool(figures[name].low_sample) for figures in by_run],
        )
        for name, first in by_run[0].items()
    }


def _changes(frames: Sequence[RunFrame]) -> list[SettingChange]:
    """Settings by dotted name, in the order the runs give them."""
    by_run = [dict(_leaves(_all_settings(frame), "", 0)) for frame in frames]
    names = dict.fromkeys(name for settings in by_run for name in settings)
    rows = [SettingChange(name=name, values=[settings.get(name) for settings in by_run]) for name in names]
    return [row for row in rows if any(value != row.values[0] for value in row.values[1:])]


def _all_settings(frame: RunFrame) -> dict[str, Any]:
    facts = frame.facts
    own = {
        "source": facts.source,
        "currency": facts.currency,
        "initial_cash": facts.initial_cash,
        "periods_per_year": facts.periods_per_year,
    }
    return {name: value for name, value in {**facts.settings, **own}.items() if name not in OF_THE_IMPORT}


def _leaves(node: Any, name: str, depth: int) -> Iterator[tuple[str, Setting]]:
    """(dotted name, plain value); lists and what lies too deep as text, long text cut."""
    if isinstance(node, Mapping) and depth < _DEEPEST:
        for key, value in node.items():
            yield from _leaves(value, f"{name}.{key}" if name else str(key), depth + 1)
    elif node is None or isinstance(node, (bool, int, float)):
        yield name, node
    else:
        text = node if isinstance(node, str) else ", ".join(map(str, node)) if isinstance(node, list) else str(node)
        yield name, text if len(text) <= _TEXT else f"{text[:_TEXT]}…"


def _differences(frames: Sequence[RunFrame], measure: Measure) -> list[TradeDifference]:
    results = [_results(frame, measure) for frame in frames]
    means = [_resampled_means(values, place) for place, values in enumerate(results)]
    pairs = list(combinations(range(len(frames)), 2))
    tail = 0.025 / len(pairs)
    found = []
    for a, b in pairs:
        names = {"run_id_a": frames[a].facts.run_id, "run_id_b": frames[b].facts.run_id}
        mean_a, mean_b = (clean(float(results[i].mean())) if len(results[i]) else None for i in (a, b))
        if min(len(results[a]), len(results[b])) < _FEW or mean_a is None or mean_b is None:
            why = f"at least {_FEW} closed trades of each run are needed"
            found.append(
                TradeDifference(
                    **names, mean_a=mean_a, mean_b=mean_b, difference=None, low=None, high=None, more_than_noise=None,
                    why=why,
                )
            )  # fmt: skip
            continue
        low, high, strict_low, strict_high = np.quantile(means[a] - means[b], [0.025, 0.975, tail, 1 - tail])
        found.append(
            TradeDifference(
                **names, mean_a=mean_a, mean_b=mean_b, difference=clean(mean_a - mean_b), low=clean(low),
                high=clean(high), more_than_noise=bool(strict_low > 0 or strict_high < 0), why=None,
            )
        )  # fmt: skip
    return found


def _results(frame: RunFrame, measure: Measure) -> FloatArray:
    t = frame.trades
    values = (t.net_pnl if measure == "net_pnl" else t.return_pct)[t.closed]
    return values[~np.isnan(values)]


def _resampled_means(values: FloatArray, place: int) -> FloatArray:
    """Means of draws with replacement; each run has a stream of its own, so that equal counts are not drawn alike."""
    count = len(values)
    if count < _FEW:
        return np.empty(0)
    rng = np.random.default_rng([_SEED, place])
    if count > _MANY:
        return rng.normal(values.mean(), values.std() / np.sqrt(count), _RESAMPLES)
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=_RESAMPLES)
    means: FloatArray = drawn @ values / count
    return means


def _warnings(frames: Sequence[RunFrame], changes: int) -> list[str]:
    warnings = [f"Run #{frame.facts.run_number}: {text}" for frame in frames for text in run_warnings(frame)]
    if len({frame.facts.currency for frame in frames}) > 1:
        warnings.append("The runs are in different currencies: compare their percentages and ratios, not their money.")
    if len({frame.equity.basis for frame in frames}) > 1:
        warnings.append("The runs' equity rests on different bases; see each run's own figures for which.")
    if changes > _MOST_CHANGES:
        warnings.append(f"{changes - _MOST_CHANGES} more settings differ and are not listed.")
    return warnings
