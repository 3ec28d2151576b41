"""What a confined program tries, and does not get."""

import asyncio
import itertools
import os
import socket
import sys
import time
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from backend.sandbox.confinement import Bounds, Confinement, find_confinement
from backend.sandbox.seccomp import seccomp_program

BOUNDS = Bounds(memory_bytes=512 * 2**20, cpu_s=20, processes=16, scratch_bytes=16 * 2**20)
SECRET = "a-secret-of-the-servers-environment"


class Outcome(NamedTuple):
    code: int | None
    said: str


@pytest.fixture
async def confinement() -> Confinement:
    found = await find_confinement()
    if found is None:
        pytest.skip("this machine can't confine")
    return found


async def run(confinement: Confinement, code: str, *, folder: Path | None = None, bounds: Bounds = BOUNDS) -> Outcome:
    command = [sys.executable, "-I", "-c", code]
    async with confinement.started(command, bounds=bounds, folder=folder, stderr=asyncio.subprocess.STDOUT) as process:
        async with asyncio.timeout(60):
            said, _ = await process.communicate()
        return Outcome(process.returncode, said.decode(errors="replace"))


ATTACKS = {
    "the password file": "print(open('/etc/passwd').read())",
    "the server's files": f"print(open({str(Path(__file__).parents[3] / 'pyproject.toml')!r}).read())",
    "a home": "import os; print(os.listdir('/root/.ssh'))",
    "processes": "import os; print(os.listdir('/proc'))",
    "another's environment": "print(open('/proc/1/environ').read())",
    "shared memory": "open('/dev/shm/x', 'w')",
    "memory of the machine": "open('/dev/mem', 'rb')",
    "writing outside": "open('/usr/x', 'w')",
    "writing at the root": "open('/x', 'w')",
    "writing to the package": "import json; open(json.__file__, 'a')",
    "a connection": "import socket; socket.create_connection(('1.1.1.1', 53), 2)",
    "a socket of the internet": "import socket; socket.socket(socket.AF_INET)",
    "a raw socket": "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "netlink": "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "names": "import socket; print(socket.gethostbyname('example.com'))",
    "another user": "import os; os.setuid(0); open('/etc/shadow')",
    "a chroot": "import os; os.chroot('/tmp')",
    "signals to others": "import os; os.kill(os.getppid() + 100000, 9)",
}
CALLS = {
    "mount": "libc.mount(b'none', b'/tmp', b'tmpfs', 0, None)",
    "unshare": "libc.unshare(0x10000000)",
    "setns": "libc.setns(0, 0)",
    "ptrace": "libc.ptrace(16, 1, 0, 0)",
    "process_vm_readv": "libc.process_vm_readv(1, None, 0, None, 0, 0)",
    "keyctl": "libc.syscall({'x86_64': 250, 'aarch64': 219}[os.uname().machine], 0, 0)",
    "bpf": "libc.syscall({'x86_64': 321, 'aarch64': 280}[os.uname().machine], 0, 0, 0)",
    "io_uring": "libc.syscall(425, 1, 0)",
    "userfaultfd": "libc.syscall({'x86_64': 323, 'aarch64': 282}[os.uname().machine], 0)",
    "open_by_handle_at": "libc.open_by_handle_at(0, 0, 0)",
    "perf_event_open": "libc.syscall({'x86_64': 298, 'aarch64': 241}[os.uname().machine], 0, 0, 0, 0, 0)",
}


@pytest.mark.parametrize("name", ATTACKS)
async def test_what_is_tried_fails(confinement: Confinement, name: str) -> None:
    outcome = await run(confinement, ATTACKS[name])
    assert outcome.code == 1, outcome
    assert "rror" in outcome.said


@pytest.mark.parametrize("name", CALLS)
async def test_system_calls_around_the_walls_are_refused(confinement: Confinement, name: str) -> None:
    code = f"""
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
print({CALLS[name]}, errno.errorcode.get(ctypes.get_errno()))
"""
    assert (await run(confinement, code)).said.split() == ["-1", "EPERM"]


async def test_ordinary_work_goes_on(confinement: Confinement, tmp_path: Path) -> None:
    code = """
import numpy, pandas, pathlib, subprocess, tempfile, threading, asyncio
print(pandas.DataFrame({"a": numpy.arange(3)}).a.sum())
pathlib.Path("out.csv").write_text("a,b")
tempfile.TemporaryFile().write(b"x")
thread = threading.Thread(target=print, args=("thread",)); thread.start(); thread.join()
asyncio.run(asyncio.sleep(0))
"""
    outcome = await run(confinement, code, folder=tmp_path)
    assert outcome == Outcome(0, "3\nthread\n")
    assert (tmp_path / "out.csv").read_text() == "a,b"


async def test_further_processes_are_few_or_none(confinement: Confinement) -> None:
    code = "import subprocess; print(subprocess.run(['/bin/echo', 'x'], capture_output=True, text=True).stdout.strip())"
    outcome = await run(confinement, code)
    assert outcome.said == "x\n" if confinement.may_fork else outcome.code == 1


async def test_it_has_no_environment_of_the_servers(confinement: Confinement, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNDOWN_SECRET_KEY", SECRET)
    said = (await run(confinement, "import os; print(dict(os.environ))")).said
    assert SECRET not in said
    assert "RUNDOWN" not in said


async def test_a_unix_socket_of_the_machine_is_not_there(confinement: Confinement, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        code = f"import socket; socket.socket(socket.AF_UNIX).connect({str(tmp_path / 's')!r})"
        assert "FileNotFoundError" in (await run(confinement, code)).said


@pytest.mark.parametrize(
    "code",
    [
        "x = bytearray(2**31)",
        "open('/tmp/x', 'wb').write(b'0' * 2**26)",
        "import os\nfor _ in range(200):\n    if os.fork() == 0:\n        import time; time.sleep(5); os._exit(0)",
        "fs = [open('/dev/null') for _ in range(5000)]",
    ],
    ids=["memory", "disk", "processes", "files"],
)
async def test_what_is_bounded_ends(confinement: Confinement, code: str) -> None:
    assert (await run(confinement, code)).code not in (0, None)


async def test_processor_time_ends(confinement: Confinement) -> None:
    bounds = Bounds(memory_bytes=2**29, cpu_s=1)
    began_at = time.monotonic()
    assert (await run(confinement, "while True: pass", bounds=bounds)).code not in (0, None)
    assert time.monotonic() - began_at < 40


async def test_nothing_outlives_the_block(confinement: Confinement, tmp_path: Path) -> None:
    mark = f"sandbox-{os.getpid()}-{time.monotonic_ns()}"
    code = f"""
import os, signal, time
for number in range(1, 32):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
try:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: time.sleep(600)
except PermissionError: pass
print("ready", flush=True); time.sleep(600) # {mark}
"""
    command = [sys.executable, "-I", "-c", code]
    async with confinement.started(command, bounds=BOUNDS) as process:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            assert await process.stdout.readline() == b"ready\n"
        assert _with(mark)
    for _ in range(100):
        if not _with(mark):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(_with(mark))


def _with(mark: str) -> list[int]:
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if process.pid != os.getpid() and any(mark in part for part in process.info["cmdline"] or ())
    ]


def test_the_filter_is_known_for_the_machines_that_are() -> None:
    for machine, may_fork in itertools.product(("x86_64", "aarch64"), (True, False)):
        program = seccomp_program(machine, may_fork=may_fork)
        assert program is not None
        assert len(program) % 8 == 0
    assert seccomp_program("vax") is None
