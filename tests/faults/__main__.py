"""`make faults`: every fault at every step, as a table. Ends with 1 when anything was lost, doubled or left in half.

`--write docs/faults.md` puts the table of a whole run into that document.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.fakes.openrouter import FakeOpenRouter
from tests.faults.faults import (
    BACKEND,
    CLOCK_BACK,
    CLOCK_ON,
    DISK,
    FREEZE,
    POSTGRES,
    POSTGREST,
    REDIS,
    REDIS_STALL,
    STALL,
    WORKERS,
    Fault,
)
from tests.faults.scene import FAKETIME, Scene, small_disk
from tests.faults.steps import (
    IMPORT_MOMENTS,
    IMPORT_STEPS,
    MOMENTS,
    PROVIDER_FAULTS,
    SAVING,
    TEXT,
    TURN_STEPS,
    Outcome,
    TurnStep,
    walk_import,
    walk_provider,
    walk_turn,
)
from tests.redis_server import RedisServer

BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"
_HEAD = ("fault", "step", "the client saw", "asked again", "ready after, s", "recovered by", "model asked",
         "lost", "doubled", "half", "orphans")  # fmt: skip
_ROW = "{:<30} {:<18} {:<36} {:<22} {:>14} {:<26} {:>11} {:>5} {:>7} {:>5} {:>7}"


class Table:
    """Rows as they come, and the sums at the end."""

    def __init__(self, only: str) -> None:
        self._only = only
        self._rows: list[tuple[str, ...]] = []
        self.bad = 0
        self.left_out: list[str] = []
        print(_ROW.format(*_HEAD))

    def add(self, fault: str, step: str, walk: Callable[[], Outcome], mended_by: str = "itself") -> None:
        """Walk one step and print its row."""
        if self._only not in f"{fault} {step}":
            return
        try:
            seen = walk()
        except Exception:
            # The harness's edge: a walk that can't go on is a row that failed, and the others are walked still.
            self.bad += 1
            traceback.print_exc()
            row: tuple[str, ...] = (fault, step, "FAILED", *("?" for _ in _HEAD[3:]))
        else:
            self.bad += not seen.is_good
            counts = (seen.asked, seen.lost, seen.doubled, seen.half, seen.orphans)
            row = (fault, step, seen.saw, seen.again, f"{seen.ready_s:.1f}", mended_by, *map(str, counts))
        self._rows.append(row)
        print(_ROW.format(*row), flush=True)

    def leave_out(self, what: str) -> None:
        """Something that can't be tried here, which is said and not hidden."""
        self.left_out.append(what)
        print(f"NOT TRIED: {what}")

    @property
    def sums(self) -> str:
        """One line."""
        lost, doubled, half, orphans = (
            sum(int(row[at]) for row in self._rows if row[at] != "?") for at in range(7, 11)
        )
        return (
            f"{len(self._rows)} fault steps tried: {lost} turns or runs lost, {doubled} doubled, {half} left in half, "
            f"{orphans} processes orphaned, {self.bad} rows bad in any way."
        )

    def write(self, document: Path) -> None:
        """Put the table between its marks."""
        before, rest = document.read_text().split(BEGIN)
        lines = [self.sums, *(f"Not tried: {what}" for what in self.left_out), "", _line(_HEAD)]
        lines += ["|---|---|---|---|--:|---|" + "--:|" * 5, *map(_line, self._rows)]
        document.write_text("\n".join([before + BEGIN, *lines, END]) + rest.split(END)[1])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


@contextmanager
def scene_at(folder: Path, table: Table, **more: object) -> Iterator[Scene]:
    """A scene, whose end leaves no process behind."""
    with FakeOpenRouter() as openrouter:
        scene = Scene(folder, openrouter, **more)  # type: ignore[arg-type]
        try:
            yield scene
        finally:
            scene.stop()
            if scene.count_orphans():
                table.bad += 1
                print("ORPHANS", scene.orphans())


def walk_all(
    scene: Scene,
    table: Table,
    faults: Sequence[Fault],
    turns: Sequence[TurnStep] = TURN_STEPS,
    imports: Sequence[str] = IMPORT_STEPS,
) -> None:
    """Each fault at each step of a turn, then of an import."""
    for fault in faults:
        for step in turns:
            table.add(fault.name, f"turn: {step.name}", lambda f=fault, s=step: walk_turn(scene, s, f), fault.mended_by)  # type: ignore[misc]
        for name in imports:
            table.add(fault.name, f"import: {name}", lambda f=fault, n=name: walk_import(scene, n, f), fault.mended_by)  # type: ignore[misc]


def walk_everything(table: Table, stack: ExitStack) -> None:
    """Every scene that this machine allows, one after the other."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rundown-faults-")))
    with scene_at(folder / "plain", table) as scene:
        for name, turn in PROVIDER_FAULTS.items():
            table.add(f"provider {name}", "turn", lambda t=turn: walk_provider(scene, t))  # type: ignore[misc]
        walk_all(scene, table, (POSTGREST, POSTGRES, BACKEND, STALL))
        walk_all(scene, table, (BACKEND,), MOMENTS, tuple(IMPORT_MOMENTS))
        # Each takes the minute after which a database that does not answer is started anew.
        walk_all(scene, table, (FREEZE,), (TEXT, SAVING), ("storing",))
    if shutil.which("redis-server"):
        with RedisServer(folder) as redis, scene_at(folder / "redis", table, redis=redis, workers=2) as scene:
            walk_all(scene, table, (REDIS, REDIS_STALL, WORKERS))
            walk_all(scene, table, (_of_several(BACKEND),))
    else:
        table.leave_out("no redis-server here, so the faults of Redis and of several workers are left out")
    disk = stack.enter_context(small_disk(folder / "disk"))
    if disk is not None:
        with scene_at(disk, table) as scene:
            walk_all(scene, table, (DISK,))
    else:
        table.leave_out("this machine lets us mount no small disk, so the full disk is left out")
    if FAKETIME.exists():
        with scene_at(folder / "clock", table, clock=True) as scene:
            walk_all(scene, table, (CLOCK_ON, CLOCK_BACK))
    else:
        table.leave_out("no libfaketime here, so clock steps are left out")


def _of_several(fault: Fault) -> Fault:
    return Fault(f"{fault.name}, 2 workers", fault.make, fault.mend, fault.mended_by)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="only rows whose fault and step hold this text")
    parser.add_argument("--write", type=Path, help="the document to put the table into")
    chosen = parser.parse_args()
    if chosen.only and chosen.write:
        parser.error("a part of the table is not written")
    table = Table(chosen.only)
    with ExitStack() as stack:
        walk_everything(table, stack)
    print(f"\n{table.sums}")
    if chosen.write:
        table.write(chosen.write)
    return 1 if table.bad else 0


if __name__ == "__main__":
    sys.exit(main())
