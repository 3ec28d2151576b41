"""What stands for a client in counts."""

from __future__ import annotations

import ipaddress


def address_of(host: str | None) -> str:
    """What stands for a client's address in counts: IPv6 by its /64, which one client has whole."""
    if not host:
        return "unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:100]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)
