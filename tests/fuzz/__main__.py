"""Fuzzes the importers for a time and prints what came of it: `python -m tests.fuzz --seconds 60 [--only NAME]`.

Exit status 1 when anything but a reading or a refusal came out; the input is written beside, named by its hash.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from tests.fuzz.checks import read_or_refuse
from tests.fuzz.mutations import mutated
from tests.fuzz.seeds import SEEDS

# A damaged example is a few kilobytes: seconds are a hang, gigabytes a leak. Processor time: the machine may be busy.
_CASE_SECONDS = 10
_ADDRESS_SPACE_BYTES = 4 * 2**30


class _Hang(BaseException):
    """A case took longer than any may."""


@dataclass(slots=True)
class _Tally:
    cases: int = 0
    read: int = 0
    slowest: float = 0.0
    crashes: Counter[str] = field(default_factory=Counter)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of processor time for each importer")
    parser.add_argument("--only", choices=SEEDS, action="append")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--keep", type=Path, default=Path("fuzz-crashes"), help="where inputs that crash are written")
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE_BYTES, _ADDRESS_SPACE_BYTES))
    signal.signal(signal.SIGVTALRM, _hung)
    print(f"seed {asked.seed}")
    print(f"{'importer':<22}{'cases':>10}{'seconds':>9}{'read':>10}{'refused':>10}{'slowest':>10}  crashes")
    found = 0
    for name in asked.only or SEEDS:
        tally = _fuzz(name, asked.seconds, random.Random(f"{asked.seed} {name}"), asked.keep)
        refused = tally.cases - tally.read - sum(tally.crashes.values())
        print(
            f"{name:<22}{tally.cases:>10,}{asked.seconds:>9.0f}{tally.read:>10,}{refused:>10,}"
            f"{tally.slowest:>9.2f}s  {sum(tally.crashes.values())}",
            flush=True,
        )
        for what, count in tally.crashes.most_common():
            print(f"    {count} × {what}", flush=True)
        found += len(tally.crashes)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory of the process: {peak} MiB")
    return 1 if found else 0


def _fuzz(name: str, seconds: float, chance: random.Random, keep: Path) -> _Tally:
    tally, others = _Tally(), [seed for seeds in SEEDS.values() for seed in seeds]
    until = time.process_time() + seconds
    while (began := time.process_time()) < until:
        data = mutated(chance.choice(SEEDS[name]), chance, others=others)
        forced = name if chance.random() < 0.5 else None
        tally.cases += 1
        signal.setitimer(signal.ITIMER_VIRTUAL, _CASE_SECONDS)
        try:
            tally.read += read_or_refuse(data, forced)
        except (Exception, _Hang) as error:  # what comes out is what is looked for
            tally.crashes[_place(error)] += 1
            keep.mkdir(exist_ok=True)
            (keep / f"{name}-{forced}-{hashlib.sha256(data).hexdigest()[:12]}").write_bytes(data)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        tally.slowest = max(tally.slowest, time.process_time() - began)
    return tally


def _hung(_signal: int, _frame: FrameType | None) -> None:
    raise _Hang(f"more than {_CASE_SECONDS} s")


def _place(error: BaseException) -> str:
    frames = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    return f"{type(error).__name__}: {str(error)[:100]} at {' < '.join(reversed(frames[-3:]))}"


if __name__ == "__main__":
    sys.exit(main())
