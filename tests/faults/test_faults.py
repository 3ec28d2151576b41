"""A few of the faults of `make faults`, for every test run."""

from collections.abc import Iterator

import pytest

from tests.faults.faults import BACKEND, POSTGRES, POSTGREST, Fault
from tests.faults.scene import Scene
from tests.faults.steps import (
    PROVIDER_FAULTS,
    SAVING,
    TEXT,
    TurnStep,
    walk_import,
    walk_provider,
    walk_turn,
)
from tests.support.fakes.openrouter import FakeOpenRouter

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with FakeOpenRouter() as openrouter:
        scene = Scene(tmp_path_factory.mktemp("faults"), openrouter)
        yield scene
        scene.stop()
        assert scene.orphans() == []


@pytest.mark.parametrize(
    ("step", "fault", "saw"),
    [
        (SAVING, POSTGREST, ("error save_failed",)),
        # The commit may come before the kill.
        (SAVING, POSTGRES, ("error save_failed", "done")),
        (TEXT, BACKEND, ("line lost",)),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_fault_in_a_turn_loses_and_doubles_nothing(
    scene: Scene, step: TurnStep, fault: Fault, saw: tuple[str, ...]
) -> None:
    outcome = walk_turn(scene, step, fault)
    assert outcome.is_good, outcome
    assert outcome.saw.startswith(saw)
    assert outcome.again == "done"
    if step is SAVING:
        # What was paid for is saved, not asked anew.
        assert outcome.asked == 1


def test_fault_while_an_import_is_stored_leaves_it_whole_or_not_at_all(scene: Scene) -> None:
    outcome = walk_import(scene, "storing", POSTGREST)
    assert outcome.is_good, outcome
    assert outcome.saw == "503 database_unavailable"
    assert outcome.again in ("201", "409 already_imported")


@pytest.mark.parametrize("name", ["cuts the line", "sends garbage"])
def test_fault_of_the_provider_is_one_clear_error(scene: Scene, name: str) -> None:
    outcome = walk_provider(scene, PROVIDER_FAULTS[name])
    assert outcome.is_good, outcome
    assert outcome.saw == "error upstream_unavailable"
    assert outcome.again == "done"
