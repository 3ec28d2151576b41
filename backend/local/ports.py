"""Ports on this machine: one that is free, and a clear word when a wanted one is not."""

from __future__ import annotations

import errno
import socket
from contextlib import closing

from backend.local.errors import LocalStackError

LOOPBACK = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """`count` different loopback ports that nothing listens on at this moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()


def require_free_port(host: str, port: int, *, setting: str) -> None:
    """Raise LocalStackError `port_in_use`, naming the `setting` to change, when `host`:`port` can't be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                why = "is in use by another program"
            elif error.errno in {errno.EACCES, errno.EPERM}:
                why = "is reserved for the system's own services"
            else:
                why = f"can't be used ({error.strerror})"
            raise LocalStackError(
                f"Port {port} on {host} {why}. Stop what uses it, or choose another port with {setting}.",
                code="port_in_use",
            ) from error
