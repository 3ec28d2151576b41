"""What the documents point to is there."""

import re
from pathlib import Path

import pytest
import yaml

from backend.settings import Settings

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


def test_deployment_sets_settings_there_are_and_asks_paths_there_are() -> None:
    files = [path for path in (REPOSITORY / "deploy").rglob("*") if path.is_file()]
    text = "\n".join(path.read_text() for path in files)
    named = set(re.findall(r"\b(?:RUNDOWN|SUPABASE|REDIS|OTEL)_[A-Z_]+[A-Z]\b", text))
    assert len(named) >= 8
    assert named - {str(field.alias) for field in Settings.model_fields.values()} == set()
    asked = set(re.findall(r"(?:path: |127\.0\.0\.1:8000)(/[a-z]+)", text))
    assert asked == {"/healthz", "/readyz", "/metrics"} & asked
    assert {"/healthz", "/readyz"} <= asked


def test_deployment_fits_together() -> None:
    """What one document of the deployment calls by name is in another."""
    kinds: dict[str, dict[str, dict]] = {}
    for path in sorted((REPOSITORY / "deploy" / "kubernetes").glob("*.yaml")):
        for each in yaml.safe_load_all(path.read_text()):
            kinds.setdefault(each["kind"], {})[each["metadata"]["name"]] = each["spec"]
    for name, service in kinds["Service"].items():
        template = kinds["Deployment"][name]["template"]
        assert service["selector"].items() <= template["metadata"]["labels"].items()
        ports = {port["name"] for container in template["spec"]["containers"] for port in container["ports"]}
        assert {port["targetPort"] for port in service["ports"]} <= ports
    pod = kinds["Deployment"]["rundown"]["template"]["spec"]
    (redis_url,) = [entry["value"] for entry in pod["containers"][0]["env"] if entry["name"] == "REDIS_URL"]
    assert redis_url.split("//")[1].split(":")[0] in kinds["Service"]
    assert pod["terminationGracePeriodSeconds"] > 45, "longer than the server waits for what is being saved"
    compose = yaml.safe_load((REPOSITORY / "deploy" / "docker-compose.yml").read_text())["services"]
    assert compose["rundown"]["environment"]["REDIS_URL"].split("//")[1].split(":")[0] in compose
    assert set(compose["rundown"]["depends_on"]) <= set(compose)
