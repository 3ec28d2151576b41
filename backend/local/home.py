"""The folder that holds everything of the embedded stack, and the lock that lets one process have it."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from backend.local.errors import LocalStackError

MINIMUM_FREE_BYTES = 512 * 1024 * 1024

_READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}
_FULL = {errno.ENOSPC, errno.EDQUOT}


def prepare_home(home: Path, *, minimum_free_bytes: int = MINIMUM_FREE_BYTES) -> Path:
    """Make `home` (mode 0700) if need be and check that it can be written and has room; returns it resolved.

    Raises LocalStackError `home_not_writable` or `disk_full`.
    """
    home = home.expanduser().resolve()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Asking for permission bits tells nothing about read-only mounts and ACLs; writing does.
        with tempfile.TemporaryFile(dir=home) as probe:
            probe.write(b"\0")
        for name in ("run", "logs"):
            (home / name).mkdir(mode=0o700, exist_ok=True)
        free = shutil.disk_usage(home).free
    except OSError as error:
        raise _home_error(home, error) from error
    if free < minimum_free_bytes:
        raise LocalStackError(
            f"Only {free // 2**20} MB are free where {home} is; the embedded database wants "
            f"{minimum_free_bytes // 2**20} MB. Make room, or choose another folder with RUNDOWN_HOME.",
            code="disk_full",
        )
    return home


def _home_error(home: Path, error: OSError) -> LocalStackError:
    if error.errno in _FULL:
        return LocalStackError(
            f"There is no room left where {home} is. Make room, or choose another folder with RUNDOWN_HOME.",
            code="disk_full",
        )
    if error.errno in _READ_ONLY:
        why = "This user may not write there, or it is read-only."
    elif error.errno in {errno.ENOTDIR, errno.EEXIST}:
        why = "A file stands in the way."
    else:
        why = f"{error.strerror}."
    return LocalStackError(
        f"The data folder {home} can't be used. {why} Choose another folder with RUNDOWN_HOME, or make it writable.",
        code="home_not_writable",
    )


class HomeLock:
    """One embedded stack per home: an advisory lock that the kernel lets go of when its holder dies."""

    def __init__(self, home: Path) -> None:
        self._path = home / "run" / "stack.lock"
        self._home = home
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock; raises LocalStackError `already_running` with the holder's process id."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode("ascii", errors="replace").strip()
            os.close(descriptor)
            raise LocalStackError(
                f"Rundown already runs on {self._home} (process {holder or 'unknown'}). Use that one, stop it with "
                f"Ctrl-C or `kill {holder or '<process>'}`, or start this one with another RUNDOWN_HOME and "
                "RUNDOWN_PORT.",
                code="already_running",
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go of the lock. The file stays: removing it would let two processes hold two files of one name."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None


def write_private(path: Path, content: bytes) -> None:
    """Write `path` with mode 0600, whole or not at all."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
