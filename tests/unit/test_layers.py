"""Imports run one way: api → agents → analysis and store; importers and analysis stand alone."""

import ast
from pathlib import Path

import pytest

BACKEND = Path(__file__).resolve().parents[2] / "backend"
# What each room may import of the project beside itself and `errors`.
MAY_IMPORT = {
    "analysis": set(),
    "importers": set(),
    "store": {"analysis", "importers"},
    "agents": {"analysis", "store"},
    "reading": {"analysis", "importers", "store"},
    "api": {"agents", "analysis", "importers", "reading", "shared", "store", "settings"},
    "local": {"settings", "shared"},
    "shared": set(),
    "errors": set(),
    "settings": set(),
    "main": {"agents", "api", "shared", "store", "settings"},
    "demo": {"importers", "reading", "store"},
    "logs": set(),
    "import_command": {"import_upload"},
    "import_upload": set(),
    "serving": {"demo", "local", "main", "settings", "store"},
    "workers": {"logs", "process_guard", "serving", "settings"},
    "process_guard": set(),
    "rotate_command": {"local", "settings", "store"},
    "backup_commands": {"local", "settings"},
    "doctor_command": {"local", "settings"},
    "cli": {
        "backup_commands",
        "doctor_command",
        "import_command",
        "logs",
        "process_guard",
        "rotate_command",
        "serving",
        "settings",
        "workers",
    },
}
# Frameworks stay at their door.
KEPT_TO = {
    "ag_ui": {"api"},
    "fastapi": {"api", "main", "local", "serving"},
    "starlette": {"api", "main"},
    "sse_starlette": {"api"},
    "langgraph": {"agents"},
    "langchain": {"agents"},
    "langchain_core": {"agents"},
    "langchain_openai": {"agents"},
    "postgrest": {"store"},
    "psycopg": {"local"},
    "redis": {"shared"},
    "structlog": {"agents", "api", "cli", "demo", "local", "logs", "main", "shared", "store", "workers"},
}


def room_of(path: Path) -> str:
    return path.relative_to(BACKEND).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names if node.module == "backend"}
    return found


MODULES = sorted(path for path in BACKEND.rglob("*.py") if path != BACKEND / "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(BACKEND)))
def test_module_imports_only_what_lies_below(path: Path) -> None:
    room = room_of(path)
    assert room in MAY_IMPORT, f"a new room: say here what {room} may import"
    rooms = {name.split(".")[1] for name in imports_of(path) if name.startswith("backend.")}
    assert rooms - {room, "errors"} <= MAY_IMPORT[room]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(BACKEND)))
def test_frameworks_stay_at_their_door(path: Path) -> None:
    used = {name.split(".")[0] for name in imports_of(path)}
    strays = {name for name in used & KEPT_TO.keys() if room_of(path) not in KEPT_TO[name]}
    assert not strays


def test_analysis_does_no_io() -> None:
    forbidden = {"os", "pathlib", "socket", "httpx", "requests", "logging", "structlog", "time", "asyncio"}
    for path in (BACKEND / "analysis").rglob("*.py"):
        assert not {name.split(".")[0] for name in imports_of(path)} & forbidden, path
