"""`rundown doctor`: what this machine lacks, and what to do about each thing."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

import httpx
import typer

from backend.errors import RundownError
from backend.local.home import MINIMUM_FREE_BYTES
from backend.local.inspect import MAJOR_VERSION, look_at_home, look_at_migrations, missing_programs
from backend.local.stack import SUPABASE_DIR
from backend.settings import Settings, load_settings, secret_keys
from backend.terminal import echo

_PYTHON, _NODE = (3, 11), 20
_MARKS = {"ok": "✓", "note": "·", "bad": "✗"}
_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `do` says what to do, unless all is well."""

    state: Literal["ok", "note", "bad"]
    what: str
    do: str = ""


def doctor() -> None:
    """Check this machine and the settings, and say what to do; exit status 1 when something is in the way."""
    try:
        settings = load_settings()
    except RundownError as error:
        echo(f"{_MARKS['bad']} {error.message}\n    → Correct them in the environment or in .env.")
        raise typer.Exit(1) from error
    raise typer.Exit(1 if asyncio.run(_report(settings)) else 0)


async def _report(settings: Settings) -> bool:
    """Print every finding; whether one of them is bad."""
    bad = False
    async for finding in _findings(settings):
        echo(f"{_MARKS[finding.state]} {finding.what}")
        if finding.do:
            echo(f"    → {finding.do}")
        bad = bad or finding.state == "bad"
    echo("Something is in the way: see the lines marked ✗." if bad else "Nothing is in the way.")
    return bad


async def _findings(settings: Settings) -> AsyncIterator[Finding]:
    yield _python()
    yield _node()
    yield _page(settings)
    async with httpx.AsyncClient(timeout=_TIMEOUT_S) as http:
        yield await _port(settings, http)
        if settings.embedded:
            for finding in _home(settings):
                yield finding
            yield await _migrations(settings)
        else:
            yield await _supabase(settings, http)
        yield _server_key(settings)
        yield await _openrouter(settings, http)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < _PYTHON:
        return Finding("bad", f"Python {version}", "Install Python 3.11 or newer and run: make install")
    return Finding("ok", f"Python {version}")


def _node() -> Finding:
    node = shutil.which("node")
    if node is None:
        return Finding("note", "Node is not installed", f"Install Node {_NODE} or newer: the page is built with it.")
    said = subprocess.run(  # noqa: S603 - the program found above, no shell
        [node, "--version"], capture_output=True, text=True, check=False, timeout=10
    ).stdout.strip()
    major = said.removeprefix("v").split(".")[0]
    if not major.isdigit() or int(major) < _NODE:
        return Finding("note", f"Node {said}", f"The page is built with Node {_NODE} or newer: install it.")
    return Finding("ok", f"Node {said}")


def _page(settings: Settings) -> Finding:
    if (settings.page_dir / "index.html").is_file():
        return Finding("ok", f"The page is built ({settings.page_dir})")
    return Finding("bad", f"The page is not built ({settings.page_dir})", "Run: make run")


async def _port(settings: Settings, http: httpx.AsyncClient) -> Finding:
    where = f"{settings.host} port {settings.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[
            0
        ]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return await _taken(settings, http, where, error.strerror or str(error))
    return Finding("ok", f"{where} is free")


async def _taken(settings: Settings, http: httpx.AsyncClient, where: str, why: str) -> Finding:
    """Who has the port: Rundown itself, ready or not, or something else."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    try:
        ready = await http.get(f"http://{host}:{settings.port}/readyz")
        checks = ready.json()["checks"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return Finding(
            "bad", f"Can't listen on {where}: {why}", "Stop what uses it, or set RUNDOWN_PORT (or RUNDOWN_HOST)."
        )
    missing = [name for name, there in checks.items() if not there]
    if missing:
        return Finding(
            "bad",
            f"Rundown runs on {where}, but is not ready: {', '.join(missing)}",
            f"Look into {settings.home / 'logs'}, or stop it and start it again.",
        )
    return Finding("ok", f"Rundown runs on {where} and is ready")


def _home(settings: Settings) -> list[Finding]:
    home = settings.home
    try:
        state = look_at_home(home)
    except OSError as error:
        return [Finding("bad", f"{home} can't be looked at: {error.strerror}", "Set RUNDOWN_HOME, or make it yours.")]
    findings = [Finding("bad", reason) for reason in missing_programs(SUPABASE_DIR)]
    free = f"{state.free_bytes // 2**20:,} MB free"
    if state.free_bytes < MINIMUM_FREE_BYTES:
        findings.append(Finding("bad", f"{home}: {free}", "Make room, or choose another folder with RUNDOWN_HOME."))
    elif not state.exists:
        findings.append(Finding("note", f"{home} is not there yet ({free})", "It is made on the first start."))
    else:
        findings.append(Finding("ok", f"{home}: {free}"))
    findings += [Finding("bad", f"Others can read {path}", f"Run: chmod go= {path}") for path in state.open_to_others]
    if state.version not in (None, str(MAJOR_VERSION)):
        findings.append(
            Finding(
                "bad",
                f"The database is of PostgreSQL {state.version}, this Rundown brings {MAJOR_VERSION}",
                "Make a backup with the Rundown that made it, and restore it here into another RUNDOWN_HOME.",
            )
        )
    return findings


async def _migrations(settings: Settings) -> Finding:
    try:
        state = await look_at_migrations(settings.home, SUPABASE_DIR / "migrations")
    except RundownError as error:
        return Finding("bad", error.message, "Stop the server and start it again.")
    if state is None:
        return Finding("note", "The embedded database is not running", "Start it with: rundown serve")
    if state.unknown:
        return Finding(
            "bad",
            f"The database was made by a newer Rundown: it has {', '.join(state.unknown)}",
            "Update this Rundown, or restore an older backup into another RUNDOWN_HOME.",
        )
    if state.pending:
        return Finding("bad", f"Not yet applied: {', '.join(state.pending)}", "Stop the server and start it again.")
    return Finding("ok", "The embedded database answers, with all migrations")


async def _supabase(settings: Settings, http: httpx.AsyncClient) -> Finding:
    headers = {"apikey": settings.supabase_anon_key or ""}
    url = f"{settings.supabase_url}/rest/v1/models"
    try:
        answer = await http.get(url, params={"limit": 0}, headers=headers)
    except httpx.HTTPError:
        return Finding("bad", f"{settings.supabase_url} can't be reached", "Check SUPABASE_URL and the network.")
    if answer.status_code == 404:
        return Finding("bad", "The Supabase project has no models table", "Apply the migrations: supabase db push")
    # Anonymous callers are refused by our tables (42501) and by the gateway, for a wrong key, in other words.
    if answer.status_code in (200, 401, 403) and ("42501" in answer.text or answer.is_success):
        return Finding("ok", f"{settings.supabase_url} answers, with our tables")
    return Finding("bad", f"{settings.supabase_url} answers {answer.status_code}", "Check SUPABASE_ANON_KEY.")


def _server_key(settings: Settings) -> Finding:
    if settings.secret_key is not None:
        try:
            count = len(secret_keys(settings.secret_key.get_secret_value()))
        except RundownError as error:
            return Finding("bad", error.message, "Correct it in the environment or in .env.")
        return Finding("ok", f"RUNDOWN_SECRET_KEY holds {count} key{'s' if count > 1 else ''}")
    path = settings.home / "secret.key"
    if not path.is_file():
        return Finding("note", f"{path} is not there yet", "It is made on the first start. Then keep a copy of it.")
    try:
        secret_keys(path.read_text("ascii").strip().replace("\n", ","))
    except (RundownError, OSError, ValueError):
        return Finding("bad", f"{path} is no key", "Bring back a copy, or move it away and enter stored keys again.")
    return Finding("ok", f"The server's key is there ({path})")


async def _openrouter(settings: Settings, http: httpx.AsyncClient) -> Finding:
    url = settings.openrouter_base_url
    try:
        answer = await http.get(f"{url}/models")
    except httpx.HTTPError:
        return Finding(
            "note", f"{url} can't be reached", "Check the network or OPENROUTER_BASE_URL; the offline analyst works."
        )
    if not answer.is_success:
        return Finding("note", f"{url} answers {answer.status_code}", "Check OPENROUTER_BASE_URL.")
    return Finding("ok", f"{url} answers")
