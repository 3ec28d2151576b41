"""Keeps what this process holds in memory (opened keys, tokens) out of files that outlive it."""

from __future__ import annotations

import ctypes
import resource
import sys

_PR_SET_DUMPABLE = 4


def forbid_core_dumps() -> None:
    """No core dump of this process, nor of those it starts; on Linux no debugger of the same user either.

    Where the kernel refuses (a container may), the limit alone holds.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
