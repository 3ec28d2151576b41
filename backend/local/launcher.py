"""Starts one child of the embedded stack: drops root, ties its life to its parent's, and becomes the command.

Run as a program of its own (`python -I -S launcher.py … -- command`), so that none of this happens between fork and
exec of a process with threads. It imports the standard library only and leaves by exec: no process of its own stays.

PostgreSQL refuses to run as root. Two ways around it, neither of which needs the folders above the data to be opened:

- `--namespace UID:GID`: a user namespace in which root on disk is called UID. Files stay root's.
- `--user UID:GID`: really becomes UID, keeping only the capability to pass folders that are closed to it.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys
from pathlib import Path

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_OVERRIDE = 1
_CAP_DAC_READ_SEARCH = 2

EXIT_NO_PRIVILEGE = 81
EXIT_NO_ACCESS = 82
EXIT_ORPHANED = 83


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapabilityData(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _must(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _prctl(option: int, *arguments: int) -> None:
    padded = [*arguments, 0, 0, 0, 0][:4]
    _must(_libc().prctl(option, *(ctypes.c_ulong(value) for value in padded)), f"prctl {option}")


def enter_user_namespace(uid: int, gid: int) -> None:
    """Make this process see itself as `uid`, while the disk goes on seeing who it was. Linux only."""
    real_uid, real_gid = os.geteuid(), os.getegid()
    _must(_libc().unshare(_CLONE_NEWUSER), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {real_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {real_gid} 1")


def become_user(uid: int, gid: int) -> None:
    """Become `uid` for good; on Linux keep, of all of root's powers, passing folders that are closed to `uid`."""
    linux = sys.platform == "linux"
    if linux:
        _prctl(_PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(gid, gid, gid) if hasattr(os, "setresgid") else os.setgid(gid)
    os.setresuid(uid, uid, uid) if hasattr(os, "setresuid") else os.setuid(uid)
    if linux:
        _keep_folder_access()


def _keep_folder_access() -> None:
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    data = (_CapabilityData * 2)()
    _must(_libc().capget(ctypes.byref(header), ctypes.byref(data)), "capget")
    wanted = (1 << _CAP_DAC_OVERRIDE | 1 << _CAP_DAC_READ_SEARCH) & data[0].permitted
    for half, mask in ((data[0], wanted), (data[1], 0)):
        half.effective = half.permitted = half.inheritable = mask
    _must(_libc().capset(ctypes.byref(header), ctypes.byref(data)), "capset")
    for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
        if wanted >> capability & 1:
            _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability)


def die_with_parent(parent_pid: int, signal_number: int) -> None:
    """Have the kernel send this process `signal_number` when its parent is gone, however it went. Linux only.

    The kernel forgets the wish when the process changes who it is, so this comes after that.
    """
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent_pid:
        sys.exit(EXIT_ORPHANED)


def _pair(text: str) -> tuple[int, int]:
    first, _, second = text.partition(":")
    return int(first), int(second)


def main() -> None:
    """Read the arguments, do as they say, and become the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--death-signal", type=int, required=True)
    parser.add_argument("--namespace", type=_pair)
    parser.add_argument("--user", type=_pair)
    parser.add_argument("--writable", action="append", default=[])
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    try:
        if arguments.namespace:
            enter_user_namespace(*arguments.namespace)
        elif arguments.user:
            become_user(*arguments.user)
    except OSError as error:
        print(f"launcher: {error}", file=sys.stderr)
        sys.exit(EXIT_NO_PRIVILEGE)
    for folder in arguments.writable:
        # Effective ids, because what counts is who this process is now.
        if not os.access(folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
            print(f"launcher: {folder} can't be written", file=sys.stderr)
            sys.exit(EXIT_NO_ACCESS)
    die_with_parent(arguments.parent, arguments.death_signal)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        os.execv(arguments.command[0], arguments.command)  # noqa: S606 - no shell is wanted
    except OSError as error:
        print(f"launcher: {arguments.command[0]}: {error.strerror}", file=sys.stderr)
        sys.exit(EXIT_NO_ACCESS)


if __name__ == "__main__":
    main()
