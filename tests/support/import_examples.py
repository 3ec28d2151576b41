"""Writes docs/import-examples.md: every file of a folder as the importers read it, beside what its source published.

By hand: `.venv/bin/python -m tests.support.import_examples FOLDER > docs/import-examples.md`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from backend.api.published import compare_published
from backend.importers.base import ImportOptions, ImportProblem
from backend.ingest.files import read_run
from backend.ingest.imported_frame import imported_frame

_HEAD = """\
# Example files and what is read of them

Every file of a folder of real and generated examples, made by `tests/support/import_examples.py`. Not all of the
files are in this repository. Net P&L is of closed trades; *published* is the first of net, gross and total P&L and
total return that the source states, in our unit; the difference is ours − published. Where it states none there is
nothing to compare.

Lines to look at twice: `testdata_StrategyTestV3` is edited by hand (its trades do not sum to its total); the LEAN
`PascalCase` file's statistics are not of its eight orders, all of which are still open; LEAN's total is before fees, as
is ours beside it; MetaTrader 4 rounds each row to cents but not its sum. Refused are tables of statistics, equity,
prices, positions without their transactions, and records that hold bar numbers in place of times.

| file | format | rows | trades (open) | net P&L | published | difference |
|---|---|--:|--:|--:|--:|--:|
"""
_TOTALS = ("net_pnl", "gross_pnl", "total_pnl", "total_return", "final_equity")


def line_of(path: Path) -> str:
    """One file's row of the table."""
    name = f"{path.parent.name}/{path.name}"
    try:
        run, summary = read_run(path.name, path.read_bytes(), None, ImportOptions())
    except ImportProblem as problem:
        return f"| {name} | refused: {problem.status} `{problem.code}` | | | | | |"
    rows = compare_published(run.source, run.published, imported_frame(run))
    found = {row.figure: row for row in rows if row.figure in _TOTALS and row.difference is not None}
    stated = next((found[figure] for figure in _TOTALS if figure in found), None)
    cells = (f"{stated.figure} {stated.published:.10g}", f"{stated.difference:.2g}") if stated else ("", "")
    trades = f"{summary.trade_count:,} ({summary.open_count})"
    return (
        f"| {name} | `{run.source}` | {len(run.positions):,} | {trades} | {summary.net_pnl:,.8g} {run.currency} "
        f"| {cells[0]} | {cells[1]} |"
    )


def main() -> None:
    """Print the table of the folder named."""
    paths = sorted(path for path in Path(sys.argv[1]).rglob("*") if path.is_file() and path.name != "MANIFEST.tsv")
    print(_HEAD + "\n".join(line_of(path) for path in paths))


if __name__ == "__main__":
    main()
