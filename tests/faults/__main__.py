"""`make faults`: every fault at every step, as a table. Ends with 1 when anything was lost, doubled or left in half."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.fakes.openrouter import FakeOpenRouter
from tests.faults.faults import BACKEND, CLOCK_BACK, CLOCK_ON, DISK, POSTGRES, POSTGREST, REDIS, STALL, Fault
from tests.faults.scene import FAKETIME, Scene, small_disk
from tests.faults.steps import (
    IMPORT_STEPS,
    PROVIDER_FAULTS,
    TURN_STEPS,
    Outcome,
    walk_import,
    walk_provider,
    walk_turn,
)
from tests.redis_server import RedisServer

_ROW = "{:<24} {:<18} {:<36} {:<22} {:>7} {:>6} {:>4} {:>7} {:>4}"


class Table:
    """Rows as they come, and the sums at the end."""

    def __init__(self, only: str) -> None:
        self._only = only
        self.tried = self.bad = 0
        print(
            _ROW.format(
                "fault", "step", "the client saw", "then, asked again", "ready s", "asked", "lost", "doubled", "half"
            )
        )

    def add(self, fault: str, step: str, walk: Callable[[], Outcome]) -> bool:
        """Walk one step and print its row; False when the harness itself could not go on."""
        if self._only not in f"{fault} {step}":
            return True
        self.tried += 1
        try:
            outcome = walk()
        except Exception:
            self.bad += 1
            print(f"{fault:<24} {step:<18} FAILED")
            traceback.print_exc()
            return False
        self.bad += not outcome.is_good
        print(
            _ROW.format(
                fault, step, outcome.saw, outcome.again, f"{outcome.ready_s:.1f}", outcome.asked,
                outcome.lost, outcome.doubled, outcome.half,
            ),
            flush=True,
        )  # fmt: skip
        return True


@contextmanager
def scene_at(folder: Path, table: Table, **more: object) -> Iterator[Scene]:
    """A scene, whose end leaves no process behind."""
    with FakeOpenRouter() as openrouter:
        scene = Scene(folder, openrouter, **more)  # type: ignore[arg-type]
        try:
            yield scene
        finally:
            scene.stop()
            if left := scene.orphans():
                table.bad += 1
                print("ORPHANS", left)


def walk_all(scene: Scene, table: Table, faults: tuple[Fault, ...]) -> None:
    for fault in faults:
        for step in TURN_STEPS:
            table.add(fault.name, f"turn: {step.name}", lambda f=fault, s=step: walk_turn(scene, s, f))  # type: ignore[misc]
        for name in IMPORT_STEPS:
            table.add(fault.name, f"import: {name}", lambda f=fault, n=name: walk_import(scene, n, f))  # type: ignore[misc]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="only rows whose fault and step hold this text")
    table = Table(parser.parse_args().only)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rundown-faults-")))
        with scene_at(folder / "plain", table) as scene:
            for name, turn in PROVIDER_FAULTS.items():
                table.add(f"provider {name}", "turn", lambda t=turn: walk_provider(scene, t))  # type: ignore[misc]
            walk_all(scene, table, (POSTGREST, POSTGRES, BACKEND, STALL))
        if shutil.which("redis-server"):
            with RedisServer(folder) as redis, scene_at(folder / "redis", table, redis=redis) as scene:
                walk_all(scene, table, (REDIS, BACKEND))
        else:
            print("NOT TRIED: no redis-server here, so the faults of Redis are left out")
        disk = stack.enter_context(small_disk(folder / "disk"))
        if disk is not None:
            with scene_at(disk, table) as scene:
                walk_all(scene, table, (DISK,))
        else:
            print("NOT TRIED: this machine lets us mount no small disk, so the full disk is left out")
        if FAKETIME.exists():
            with scene_at(folder / "clock", table, clock=True) as scene:
                walk_all(scene, table, (CLOCK_ON, CLOCK_BACK))
        else:
            print("NOT TRIED: no libfaketime here, so clock steps are left out")
    print(f"\n{table.tried} fault steps tried, {table.bad} with a turn or run lost, doubled, in half, or no answer")
    return 1 if table.bad else 0


if __name__ == "__main__":
    sys.exit(main())
