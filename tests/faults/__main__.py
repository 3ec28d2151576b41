"""`make faults`: every fault at every step, as a table. Ends with 1 when anything was lost, doubled or left in half.

Each row is kept in `last-run.json` until it is walked again, so the table can be walked in parts; with
`--write docs/faults.md` all of it is put into that document.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

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
from tests.faults.scene import Scene, small_disk
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
from tests.support.fakes.openrouter import FakeOpenRouter
from tests.support.redis_server import RedisServer, redis_binary

BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"
RECORD = Path(__file__).with_name("last-run.json")
_HEAD = ("fault", "step", "the client saw", "asked again", "ready after, s", "recovered by", "model asked",
         "lost", "doubled", "half", "orphans")  # fmt: skip
_ROW = "{:<30} {:<18} {:<36} {:<22} {:>14} {:<26} {:>11} {:>5} {:>7} {:>5} {:>7}"


class Table:
    """Rows as they come, and the sums at the end."""

    def __init__(self, only: str) -> None:
        self._only = only
        self._rows = _recorded()
        self.bad = 0
        print(_ROW.format(*_HEAD))

    def add(self, fault: str, step: str, walk: Callable[[], Outcome], mended_by: str = "itself") -> None:
        """Walk one step, print its row and keep it."""
        if not self.wants(fault, step):
            return
        try:
            seen = walk()
        except Exception:
            # The harness's edge: a walk that can't go on is a row that failed, and the others are walked still.
            self.bad += 1
            traceback.print_exc()
            row = [fault, step, "FAILED", *("?" for _ in _HEAD[3:])]
        else:
            self.bad += not seen.is_good
            counts = (seen.asked, seen.lost, seen.doubled, seen.half, seen.orphans)
            row = [fault, step, seen.saw, seen.again, f"{seen.ready_s:.1f}", mended_by, *map(str, counts)]
        # Read anew: another part of the table may be walked at the same time.
        self._rows = _recorded()
        self._rows[fault, step] = row
        RECORD.write_text(json.dumps(list(self._rows.values()), indent=1, ensure_ascii=False) + "\n")
        print(_ROW.format(*row), flush=True)

    def wants(self, fault: str, step: str) -> bool:
        """Whether this row is to be walked."""
        return self._only in f"{fault} {step}"

    @property
    def sums(self) -> str:
        """One line over all rows that are known."""
        rows = list(self._rows.values())
        failed = sum("?" in row for row in rows)
        lost, doubled, half, orphans = (sum(int(row[at]) for row in rows if "?" not in row) for at in range(7, 11))
        return (
            f"{len(rows)} fault steps tried: {lost} turns or runs lost, {doubled} doubled, {half} left in half, "
            f"{orphans} processes orphaned, {failed} that could not be walked."
        )

    def write(self, document: Path) -> None:
        """Put the table between its marks."""
        before, rest = document.read_text().split(BEGIN)
        lines = [self.sums, "", _line(_HEAD), "|---|---|---|---|--:|---|" + "--:|" * 5]
        lines += map(_line, self._rows.values())
        document.write_text("\n".join([before + BEGIN, *lines, END]) + rest.split(END)[1])


def _recorded() -> dict[tuple[str, str], list[str]]:
    kept: list[list[str]] = json.loads(RECORD.read_text()) if RECORD.exists() else []
    return {(row[0], row[1]): row for row in kept}


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
    turns: Sequence[TurnStep],
    imports: Sequence[str],
) -> None:
    """Each fault at each step of a turn, then of an import."""
    for fault in faults:
        for step in turns:
            table.add(fault.name, f"turn: {step.name}", lambda f=fault, s=step: walk_turn(scene, s, f), fault.mended_by)  # type: ignore[misc]
        for name in imports:
            table.add(fault.name, f"import: {name}", lambda f=fault, n=name: walk_import(scene, n, f), fault.mended_by)  # type: ignore[misc]


Part = tuple[Sequence[Fault], Sequence[TurnStep], Sequence[str]]
ALL_STEPS = (TURN_STEPS, IMPORT_STEPS)


def walk_parts(table: Table, folder: Path, parts: Sequence[Part], **more: object) -> None:
    """A scene and what is walked in it; none is started for rows that nobody wants."""
    names = [(fault.name, f"turn: {step.name}") for faults, turns, _ in parts for fault in faults for step in turns]
    names += [(fault.name, f"import: {name}") for faults, _, imports in parts for fault in faults for name in imports]
    if any(table.wants(*name) for name in names):
        with scene_at(folder, table, **more) as scene:
            for part in parts:
                walk_all(scene, table, *part)


def walk_everything(table: Table, stack: ExitStack) -> None:
    """Every scene that this machine allows, one after the other."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rundown-faults-")))
    if any(table.wants(f"provider {name}", "turn") for name in PROVIDER_FAULTS):
        with scene_at(folder / "provider", table) as scene:
            for name, turn in PROVIDER_FAULTS.items():
                table.add(f"provider {name}", "turn", lambda t=turn: walk_provider(scene, t))  # type: ignore[misc]
    moments = ((BACKEND,), MOMENTS, tuple(IMPORT_MOMENTS))
    # Each takes the minute after which a database that does not answer is started anew.
    frozen = ((FREEZE,), (TEXT, SAVING), ("storing",))
    walk_parts(table, folder / "plain", [((POSTGREST, POSTGRES, BACKEND, STALL), *ALL_STEPS), moments, frozen])
    if redis_binary():
        with RedisServer(folder) as redis:
            walk_parts(table, folder / "redis", [((REDIS, REDIS_STALL), *ALL_STEPS)], redis=redis)
            several = [((WORKERS, _of_several(BACKEND)), *ALL_STEPS)]
            walk_parts(table, folder / "workers", several, redis=redis, workers=2)
    else:
        print("NOT TRIED: no redis-server here, so the faults of Redis and of several workers are left out")
    disk = stack.enter_context(small_disk(folder / "disk"))
    if disk is not None:
        walk_parts(table, disk, [((DISK,), *ALL_STEPS)])
    else:
        print("NOT TRIED: this machine lets us mount no small disk, so the full disk is left out")
    if shutil.which("cc"):
        walk_parts(table, folder / "clock", [((CLOCK_ON, CLOCK_BACK), *ALL_STEPS)], clock=True)
    else:
        print("NOT TRIED: no C compiler here, so clock steps are left out")


def _of_several(fault: Fault) -> Fault:
    return Fault(f"{fault.name}, 2 workers", fault.make, fault.mend, fault.mended_by)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="only rows whose fault and step hold this text")
    parser.add_argument("--write", type=Path, help="the document to put the table into")
    chosen = parser.parse_args()
    table = Table(chosen.only)
    with ExitStack() as stack:
        walk_everything(table, stack)
    print(f"\n{table.sums}")
    if chosen.write:
        table.write(chosen.write)
    return 1 if table.bad else 0


if __name__ == "__main__":
    sys.exit(main())
