"""Keeps webhooks away from internal addresses, unless the site allows them (KPI_ALLOW_INTERNAL_WEBHOOKS).

Imports no framework.
"""

from __future__ import annotations

import ipaddress
import socket

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: Address) -> bool:
    """Whether an address is on the public internet; IPv4 hidden in IPv6 (mapped, 6to4, NAT64) is looked through."""
    if isinstance(address, ipaddress.IPv6Address):
        hidden = address.ipv4_mapped or address.sixtofour
        if address in ipaddress.ip_network("64:ff9b::/96"):
            hidden = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if hidden is not None:
            return is_public(hidden)
    return address.is_global and not address.is_multicast


def reaches_internal(host: str) -> bool:
    """Whether a host name or literal stands for any address that is not public. Unknown names reach nothing."""
    bare = host.strip().strip("[]").rstrip(".")
    try:
        found = socket.getaddrinfo(bare, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return any(not is_public(ipaddress.ip_address(str(entry[4][0]).partition("%")[0])) for entry in found)
