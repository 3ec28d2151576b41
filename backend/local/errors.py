"""The one error of the embedded stack: what went wrong on this machine, and what its operator can do."""

from __future__ import annotations

from pathlib import Path

from backend.errors import RundownError


class LocalStackError(RundownError):
    """The embedded database or its REST server can't run here; the message says what to do.

    `code` narrows it: `already_running`, `port_in_use`, `home_not_writable`, `disk_full`, `postgrest_missing`,
    `postgres_missing`, `data_folder_unusable`, `data_folder_version`, `migration_failed`, `keys_unusable`,
    `start_failed`.
    """

    code, status, actor, title = "local_stack", 503, "operator", "The embedded database can't run"


def with_log_tail(message: str, log_path: Path, *, since: int = 0, lines: int = 12) -> str:
    """The message, then where the log is and its last lines after byte `since`: what an operator looks for next."""
    try:
        tail = log_path.read_bytes()[since:].decode("utf-8", errors="replace").splitlines()[-lines:]
    except OSError:
        tail = []
    shown = "".join(f"\n    {line}" for line in tail)
    return f"{message}\nThe log is {log_path}{':' if shown else ' (nothing new in it).'}{shown}"
