"""Programs to compare with that are no dependency of ours, installed on first use.

A server has an environment of its own; a library that is measured in our process lies behind our own packages, so that
both sides use the same NumPy and pandas.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# Beside our own environment, so that `make clean` removes it and nothing is committed.
CACHE = Path(__file__).resolve().parents[2] / ".venv" / "peers"
_COMPLETE = ".complete"


class PeerUnavailable(Exception):
    """The packages could not be installed; the message says why."""


def peer_python(requirements: Sequence[str]) -> Path:
    """The interpreter of an environment that holds just `requirements`, pinned ones (`name==version`).

    Made by uv from the package index that is configured; kept for the next run, under a name made of the requirements.

    Raises:
        PeerUnavailable: uv could not install them.
    """
    home = _home(requirements)
    python = home / "bin" / "python"
    if not (home / _COMPLETE).exists():
        _uv("venv", "--clear", "--python", sys.executable, str(home))
        _uv("pip", "install", "--python", str(python), *requirements)
        (home / _COMPLETE).touch()
    return python


def add_peers(requirements: Sequence[str]) -> None:
    """Make `requirements`, pinned ones, importable here, behind all that is installed and at its versions.

    Raises:
        PeerUnavailable: uv could not install them beside what we use.
    """
    frozen = _uv("pip", "freeze", "--python", sys.executable, "--exclude-editable")
    home = _home([*requirements, *frozen.splitlines()])
    if not (home / _COMPLETE).exists():
        home.mkdir(parents=True, exist_ok=True)
        constraints = home / "constraints.txt"
        constraints.write_text(frozen)
        into = ("--python", sys.executable, "--target", str(home), "--constraints", str(constraints))
        _uv("pip", "install", *into, *requirements)
        (home / _COMPLETE).touch()
    sys.path.append(str(home))


def _home(requirements: Sequence[str]) -> Path:
    unpinned = [requirement for requirement in requirements if "==" not in requirement]
    if unpinned:
        raise ValueError(f"a peer's version must be pinned: {', '.join(unpinned)}")
    return CACHE / hashlib.sha256("\n".join([sys.version, *sorted(requirements)]).encode()).hexdigest()[:16]


def _uv(*arguments: str) -> str:
    # Not resolved: a virtual environment's interpreter is a link to one that has no uv beside it.
    command = [str(Path(sys.executable).parent / "uv"), *arguments, "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerUnavailable(done.stderr.strip()[-800:] or f"uv ended with {done.returncode}")
    return done.stdout
