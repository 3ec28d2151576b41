"""Programs to compare with that are no dependency of ours: each set in an environment of its own, made on first use."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# Beside our own environment, so that `make clean` removes it and nothing is committed.
CACHE = Path(__file__).resolve().parents[2] / ".venv" / "peers"


class PeerUnavailable(Exception):
    """The packages could not be installed; the message says why."""


def peer_python(requirements: Sequence[str]) -> Path:
    """The interpreter of an environment that holds just `requirements`, pinned ones (`name==version`).

    Made by uv from the package index that is configured; kept for the next run, under a name made of the requirements.

    Raises:
        PeerUnavailable: uv could not install them.
    """
    unpinned = [requirement for requirement in requirements if "==" not in requirement]
    if unpinned:
        raise ValueError(f"a peer's version must be pinned: {', '.join(unpinned)}")
    digest = hashlib.sha256("\n".join([sys.version, *sorted(requirements)]).encode()).hexdigest()[:16]
    home = CACHE / digest
    python, complete = home / "bin" / "python", home / ".complete"
    if not complete.exists():
        _uv("venv", "--clear", "--python", sys.executable, str(home))
        _uv("pip", "install", "--python", str(python), *requirements)
        complete.touch()
    return python


def _uv(*arguments: str) -> None:
    # Not resolved: a virtual environment's interpreter is a link to one that has no uv beside it.
    command = [str(Path(sys.executable).parent / "uv"), *arguments, "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerUnavailable(done.stderr.strip()[-800:] or f"uv ended with {done.returncode}")
