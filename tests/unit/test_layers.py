"""Imports run one way: api → conversations → agents → analysis; importers and analysis stand alone."""

import ast
from pathlib import Path

import pytest

BACKEND = Path(__file__).resolve().parents[2] / "backend"
# What each room may import of the project beside itself and `errors`.
MAY_IMPORT = {
    "analysis": set(),
    "importers": set(),
    "store": {"analysis", "importers"},
    "ingest": {"analysis", "importers", "sandbox", "settings"},
    "sandbox": set(),
    "agents": {"analysis", "store"},
    "coordination": {"settings"},
    "telemetry": set(),
    "conversations": {"agents", "analysis", "coordination", "store", "telemetry"},
    "api": {
        *("agents", "analysis", "conversations", "coordination", "importers", "ingest", "store", "telemetry"),
        "settings",
    },
    "local": {"coordination", "settings"},
    "errors": set(),
    "settings": set(),
    "terminal": set(),
    "logs": {"terminal"},
    "main": {"agents", "api", "conversations", "coordination", "settings", "store", "telemetry"},
    "server": {"importers", "ingest", "local", "logs", "main", "settings", "store", "terminal"},
    "commands": {"local", "settings", "store", "terminal"},
    "cli": {"commands", "logs", "server", "settings", "terminal"},
}
# Frameworks stay at their door.
KEPT_TO = {
    "ag_ui": {"api"},
    "fastapi": {"api", "main", "local", "server"},
    "starlette": {"api", "main", "telemetry"},
    "sse_starlette": {"api"},
    "langgraph": {"agents"},
    "langchain": {"agents"},
    "langchain_core": {"agents"},
    "langchain_openai": {"agents"},
    "postgrest": {"store"},
    "supabase": {"store"},
    "psycopg": {"local"},
    "redis": {"coordination"},
    "structlog": {
        *("agents", "api", "cli", "conversations", "coordination", "local", "logs", "main", "server", "store"),
        "telemetry",
    },
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


def graph() -> dict[str, set[str]]:
    """Each module of the backend with those that it imports, also for types alone."""
    named = {".".join(path.relative_to(BACKEND.parent).with_suffix("").parts): path for path in MODULES}
    named = {name.removesuffix(".__init__"): path for name, path in named.items()}
    edges = {}
    for name, path in named.items():
        found = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                found |= {each if each in named else node.module for each in inner}
        edges[name] = (found & named.keys()) - {name}
    return edges


def test_no_modules_import_each_other_in_a_circle() -> None:
    left = graph()
    # What imports nothing that is left can't be part of a circle; what remains in the end is.
    while free := [name for name, found in left.items() if not found & left.keys()]:
        for name in free:
            del left[name]
    importers = {name for found in left.values() for name in found}
    assert not left.keys() & importers, sorted(left.keys() & importers)


def reads_environment(path: Path) -> bool:
    """Whether a module looks a variable up; setting one, for a library that reads nothing else, is no reading."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and node.attr in ("getenv", "environ") and isinstance(node.ctx, ast.Load):
            return True
    return False


def test_settings_alone_read_the_environment() -> None:
    # The server's workers pass the folder of prometheus_client's shared files on by a variable: it reads nothing else.
    allowed = {BACKEND / "settings.py", BACKEND / "server" / "workers.py"}
    assert {path for path in MODULES if reads_environment(path)} <= allowed


def test_analysis_does_no_io() -> None:
    forbidden = {"os", "pathlib", "socket", "httpx", "requests", "logging", "structlog", "time", "asyncio"}
    for path in (BACKEND / "analysis").rglob("*.py"):
        assert not {name.split(".")[0] for name in imports_of(path)} & forbidden, path
