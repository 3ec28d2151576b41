"""What the documents point to is there."""

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("document", ["SECURITY.md", "docs/threat-model.md"])
def test_named_files_exist(document: str) -> None:
    text = (REPOSITORY / document).read_text()
    named = re.findall(r"`((?:tests|backend|frontend-v2|docs)/[\w./-]+\.(?:py|tsx?|md))`", text)
    named += re.findall(r"\]\((docs/[\w./-]+)\)", text)
    assert len(named) >= (10 if "threat" in document else 1)
    assert [name for name in named if not (REPOSITORY / name).is_file()] == []


def test_every_claim_of_the_threat_model_names_a_test() -> None:
    text = (REPOSITORY / "docs" / "threat-model.md").read_text()
    doors = text.split("## Doors", 1)[1].split("## Not defended", 1)[0]
    rows = [row for row in doors.splitlines() if row.startswith("| ") and not row.startswith("| door")]
    assert len(rows) >= 12
    assert [row for row in rows if "test" not in row.rsplit("|", 2)[1]] == []


def test_every_edge_of_a_stream_names_tests_that_are_there() -> None:
    text = (REPOSITORY / "docs" / "faults.md").read_text().split("edge by edge", 1)[1]
    rows = [row for row in text.splitlines() if row.startswith("| ") and not row.startswith("| edge")]
    assert len(rows) >= 20
    named = [re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row) for row in rows]
    assert all(named)
    missing = [test for tests in named for file, test in tests if f"def {test}(" not in (REPOSITORY / file).read_text()]
    assert missing == []
