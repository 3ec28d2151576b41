"""`make bench`: what things cost, as ratios measured side by side in one run. Prints a table and writes JSON.

Ratios are medians over interleaved rounds with their spread (lowest to highest); seconds depend on the machine, ratios
much less.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from pathlib import Path

from tests.bench.analysis import bench_analysis
from tests.bench.database import bench_database
from tests.bench.streaming import bench_streaming

RESULT = Path(__file__).with_name("last-run.json")


def main() -> None:
    rows = [*asyncio.run(bench_streaming()), *asyncio.run(bench_database()), *bench_analysis()]
    print(f"{'what':<58}{'seconds':>10}{'ratio':>9}  spread")
    for row in rows:
        low, high = min(row.ratios), max(row.ratios)
        print(f"{row.name:<58}{row.seconds:>10.4f}{statistics.median(row.ratios):>9.2f}  {low:.2f} to {high:.2f}")
    RESULT.write_text(json.dumps([row.as_json() for row in rows], indent=2) + "\n")
    print(
        f"\nwritten to {RESULT.relative_to(Path.cwd())}" if RESULT.is_relative_to(Path.cwd()) else "", file=sys.stderr
    )


if __name__ == "__main__":
    main()
