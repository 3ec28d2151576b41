"""The system calls that a confined child may not make, as the program that the kernel runs for each call.

What is refused fails with EPERM, so that a library that only tries goes on. The list is of what namespaces, mounts,
other processes, the kernel's own tables and its widest interfaces are reached by; sockets are of the family UNIX alone.
"""

from __future__ import annotations

import errno
import platform
import struct
from dataclasses import dataclass

# Instructions of classic BPF, of a return value, and where the kernel puts what it asks about.
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _KILL, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000
_AF_UNIX = 1
_CLONE_THREAD = 0x00010000
# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWTIME
_NEW_NAMESPACES = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000 | 0x80


@dataclass(frozen=True, slots=True)
class _Machine:
    architecture: int
    clone: int
    clone3: int
    socket: int
    refused: dict[str, int]
    # `fork` and `vfork`, where there are such calls.
    forks: tuple[int, ...] = ()
    # From here on numbers are of another interface to the same calls.
    beyond: int | None = None


_X86_64 = _Machine(
    0xC000003E,
    clone=56,
    clone3=435,
    socket=41,
    refused={
        **{"ptrace": 101, "syslog": 103, "personality": 135, "pivot_root": 155},
        **{"chroot": 161, "acct": 163, "mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168, "reboot": 169},
        **{"sethostname": 170, "setdomainname": 171, "iopl": 172, "ioperm": 173, "init_module": 175},
        **{"delete_module": 176, "quotactl": 179, "settimeofday": 164, "clock_settime": 227, "kexec_load": 246},
        **{"add_key": 248, "request_key": 249, "keyctl": 250, "unshare": 272, "vmsplice": 278, "perf_event_open": 298},
        **{"name_to_handle_at": 303, "open_by_handle_at": 304, "setns": 308, "process_vm_readv": 310},
        **{"process_vm_writev": 311, "kcmp": 312, "finit_module": 313, "kexec_file_load": 320, "bpf": 321},
        **{"userfaultfd": 323, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427},
        **{"open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433},
        **{"pidfd_open": 434, "pidfd_getfd": 438, "mount_setattr": 442, "memfd_secret": 447, "mknod": 133},
        **{"mknodat": 259, "modify_ldt": 154, "uselib": 134, "_sysctl": 156, "lookup_dcookie": 212},
    },
    forks=(57, 58),
    beyond=0x40000000,
)
_AARCH64 = _Machine(
    0xC00000B7,
    clone=220,
    clone3=435,
    socket=198,
    refused={
        **{"ptrace": 117, "syslog": 116, "personality": 92, "pivot_root": 41},
        **{"chroot": 51, "acct": 89, "mount": 40, "umount2": 39, "swapon": 224, "swapoff": 225, "reboot": 142},
        **{"sethostname": 161, "setdomainname": 162, "init_module": 105, "delete_module": 106, "quotactl": 60},
        **{"settimeofday": 170, "clock_settime": 112, "kexec_load": 104, "add_key": 217, "request_key": 218},
        **{"keyctl": 219, "unshare": 97, "vmsplice": 75, "perf_event_open": 241, "name_to_handle_at": 264},
        **{"open_by_handle_at": 265, "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272},
        **{"finit_module": 273, "kexec_file_load": 294, "bpf": 280, "userfaultfd": 282, "io_uring_setup": 425},
        **{"io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428, "move_mount": 429, "fsopen": 430},
        **{"fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_open": 434, "pidfd_getfd": 438},
        **{"mount_setattr": 442, "memfd_secret": 447, "mknodat": 33, "lookup_dcookie": 18},
    },
)
_MACHINES = {"x86_64": _X86_64, "aarch64": _AARCH64}


def seccomp_program(machine: str | None = None, *, may_fork: bool = True) -> bytes | None:
    """The program for a machine (this one's by default); None where its numbers are not known here.

    Without `may_fork` there are threads, and no further processes.
    """
    known = _MACHINES.get(machine or platform.machine())
    return None if known is None else _assembled(known, may_fork=may_fork)


def _assembled(machine: _Machine, *, may_fork: bool) -> bytes:
    lines = [_line(_LOAD, _ARCHITECTURE), _line(_EQUAL, machine.architecture, yes=1), _line(_RETURN, _KILL)]
    lines.append(_line(_LOAD, _NUMBER))
    if machine.beyond is not None:
        lines += [_line(_AT_LEAST, machine.beyond, no=1), _line(_RETURN, _KILL)]
    # The C library falls back to `clone`, whose flags can be looked at.
    lines += [_line(_EQUAL, machine.clone3, no=1), _line(_RETURN, _FAIL | errno.ENOSYS)]
    for number in sorted([*machine.refused.values(), *(() if may_fork else machine.forks)]):
        lines += [_line(_EQUAL, number, no=1), _line(_RETURN, _FAIL | errno.EPERM)]
    lines += [
        _line(_EQUAL, machine.clone, no=5),
        _line(_LOAD, _FIRST_ARGUMENT),
        _line(_ANY_BIT, _NEW_NAMESPACES, yes=1),
        _line(_ANY_BIT, 0xFFFFFFFF if may_fork else _CLONE_THREAD, yes=1),
        _line(_RETURN, _FAIL | errno.EPERM),
        _line(_RETURN, _ALLOW),
        _line(_EQUAL, machine.socket, no=3),
        _line(_LOAD, _FIRST_ARGUMENT),
        _line(_EQUAL, _AF_UNIX, yes=1),
        _line(_RETURN, _FAIL | errno.EPERM),
        _line(_RETURN, _ALLOW),
    ]
    return b"".join(lines)


def _line(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value & 0xFFFFFFFF)
