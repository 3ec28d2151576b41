"""The offline analyst on the demo's own files, as a new user meets it: every figure of every answer is traced."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend.agents.core.compact import compact_analysis, compact_metrics, compact_rules
from backend.analysis import RULES, RunFrame, analyze_trades, calculate_metrics, suggest_rules
from backend.importers.base import ImportOptions
from backend.ingest.files import read_run
from backend.ingest.imported_frame import imported_frame
from backend.server.demo import DEMO_DIR
from tests.support.talk import converse

MANIFEST: list[dict[str, Any]] = json.loads((DEMO_DIR / "manifest.json").read_text())
MAIN = ("Why did this run lose money?", "Suggest rules for the largest losses", "How risky was it?")
MORE = (
    "Show me the worst trades",
    "Best and worst hours and symbols?",
    "How much did fees cost?",
    "Show me the stats",
    "Compare long and short",
    "Why did the agent buy there? Show its reasoning",
    "What rules would stop losing streaks?",
)


def demo_frame(entry: dict[str, Any]) -> RunFrame:
    options = ImportOptions(**{**entry["options"], "name": entry["run_name"]})
    imported, _ = read_run(entry["file"], (DEMO_DIR / entry["file"]).read_bytes(), None, options)
    return imported_frame(imported)


FRAMES = {entry["file"]: demo_frame(entry) for entry in MANIFEST}


@pytest.mark.parametrize("question", MAIN + MORE)
@pytest.mark.parametrize("file", FRAMES)
async def test_most_figures_of_an_answer_are_verified_or_derived(file: str, question: str) -> None:
    answer = await converse(FRAMES[file], question)
    assert answer.error is None
    # A figure counts only under its own label, and not every wording of the analyst is read yet: most must be.
    unread = [check.text for check in answer.checks if check.status == "unverified"]
    assert len(unread) <= max(2, len(answer.checks) // 4), unread
    assert "Offline analyst: no language model was used." in answer.content
    if question in MAIN[:1]:
        assert sum(check.status == "verified" for check in answer.checks) >= 10


@pytest.mark.parametrize("file", FRAMES)
def test_tools_stay_compact_on_real_files(file: str) -> None:
    frame = FRAMES[file]
    for text in (
        compact_analysis(analyze_trades(frame).model_dump(mode="json")),
        compact_metrics(calculate_metrics(frame).model_dump(mode="json")),
        compact_rules(suggest_rules(frame, "losses").model_dump(mode="json")),
    ):
        assert len(text) / 4 <= 1_500


def test_rules_of_every_kind_have_something_to_say_about_the_demo() -> None:
    proposed = {rule.kind for frame in FRAMES.values() for rule in RULES if rule.candidates(frame)}
    # side_filter: no run holds both sides with one of them losing. tag_exclusion: no entry tag loses.
    assert proposed >= {rule.kind for rule in RULES} - {"side_filter", "tag_exclusion"}
