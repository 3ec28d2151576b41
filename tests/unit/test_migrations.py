"""The index of database functions names the migration in which each has its present text."""

import re
from pathlib import Path

SUPABASE = Path(__file__).resolve().parents[2] / "supabase"
_MADE = re.compile(r"create (?:or replace )?function ((?:public|auth|private)\.\w+)\(", re.IGNORECASE)
_DROPPED = re.compile(r"drop function (?:if exists )?((?:public|auth|private)\.\w+)\(", re.IGNORECASE)


def present_text() -> dict[str, str]:
    """Each function → the newest migration that made it; one that was dropped and not made again is not there."""
    found: dict[str, str] = {}
    for migration in sorted((SUPABASE / "migrations").glob("*.sql")):
        text = migration.read_text()
        places = [(m.start(), m[1], True) for m in _MADE.finditer(text)]
        places += [(m.start(), m[1], False) for m in _DROPPED.finditer(text)]
        for _, name, made in sorted(places):
            if made:
                found[name] = migration.name
            else:
                found.pop(name, None)
    return found


def index() -> str:
    rows = [f"| `{name}` | [{file}](migrations/{file}) |" for name, file in sorted(present_text().items())]
    return "\n".join(
        [
            "# Database functions",
            "",
            "Migrations only go forward, so a function that changed stands in several. Its present text is in:",
            "",
            "| function | migration |",
            "|---|---|",
            *rows,
            "",
        ]
    )


def test_index_of_functions_names_the_newest_migration_of_each() -> None:
    written = (SUPABASE / "functions.md").read_text()
    assert written == index(), "write it anew: python -m tests.unit.test_migrations"


if __name__ == "__main__":
    (SUPABASE / "functions.md").write_text(index())
