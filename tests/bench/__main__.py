"""`make bench`: what things cost, as ratios measured side by side in one run. Prints a table and writes JSON.

    python -m tests.bench [streaming] [workers] [database] [analysis]

Ratios are medians over interleaved rounds with their spread (lowest to highest); seconds depend on the machine, ratios
much less. Without a name everything is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
from pathlib import Path

from tests.bench.analysis import bench_analysis
from tests.bench.database import bench_database
from tests.bench.measure import Row
from tests.bench.streaming import bench_streaming
from tests.bench.workers import bench_workers

RESULT = Path(__file__).with_name("last-run.json")
PARTS = {"streaming": bench_streaming, "workers": bench_workers, "database": bench_database, "analysis": bench_analysis}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="what things cost, as ratios")
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--json", type=Path, default=RESULT, help="where the figures go (default: %(default)s)")
    chosen = parser.parse_args()
    if unknown := [part for part in chosen.parts if part not in PARTS]:
        parser.error(f"no part is called {', '.join(unknown)}; there are {', '.join(PARTS)}")
    rows = asyncio.run(_measured(chosen.parts or list(PARTS)))
    chosen.json.write_text(json.dumps([row.as_json() for row in rows], indent=2) + "\n")
    print(f"\nwritten to {chosen.json}")


async def _measured(parts: list[str]) -> list[Row]:
    print(f"{'what (seconds unless said)':<62}{'value':>10}{'ratio':>9}  spread")
    taken = []
    for part in parts:
        async for rows in PARTS[part]():
            taken += rows
            for row in rows:
                low, high = min(row.ratios), max(row.ratios)
                ratio = statistics.median(row.ratios)
                print(f"{row.name:<62}{row.seconds:>10.4f}{ratio:>9.3f}  {low:.3f} to {high:.3f}", flush=True)
    return taken


if __name__ == "__main__":
    main()
