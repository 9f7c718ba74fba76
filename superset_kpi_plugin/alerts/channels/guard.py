"""Keeps webhooks away from internal addresses, unless the site allows them (KPI_ALLOW_INTERNAL_WEBHOOKS).

Imports no framework.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import requests
import urllib3.util.connection

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
    return any(not is_public(_address(entry)) for entry in found)


class InternalAddressError(OSError):
    """A connection was refused because the address is not on the public internet."""


@contextmanager
def guarded(is_free: bool) -> Iterator[list[str]]:
    """Within it this thread's HTTP connections reach public addresses only; yields a list of the refusals.

    The check is made on the address that is connected to, at the moment of connecting: a name that answers
    differently a second later, and a redirect to another host, gain nothing. A proxy would hide the address, so none
    is used. ``is_free`` lifts it all.
    """
    refusals: list[str] = []
    token = _refusals.set(None if is_free else refusals)
    try:
        yield refusals
    finally:
        _refusals.reset(token)


def _checked_connection(
    address: tuple[str, int],
    timeout: Any = None,
    source_address: Any = None,
    socket_options: Any = None,
) -> socket.socket:
    """As urllib3's create_connection; where the guard is up, only to public addresses that were resolved just now."""
    refusals = _refusals.get()
    if refusals is None:
        return _plain_connection(address, timeout, source_address, socket_options)
    host, port = address
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    if any(not is_public(_address(entry)) for entry in found):
        refusals.append("internal address")
        raise InternalAddressError("refused: not a public address")
    # The literal address is connected to, so that no second look-up can answer otherwise.
    return _plain_connection((str(found[0][4][0]), port), timeout, source_address, socket_options)


def _checked_environment(session: Any, url: str, *arguments: Any, **named: Any) -> Any:
    """As requests' merge_environment_settings; where the guard is up, without any proxy."""
    settings = _plain_environment(session, url, *arguments, **named)
    if _refusals.get() is not None:
        settings["proxies"] = {}
    return settings


def _address(entry: Any) -> Address:
    return ipaddress.ip_address(str(entry[4][0]).partition("%")[0])


_refusals: ContextVar[list[str] | None] = ContextVar("kpi_refusals", default=None)
_plain_connection = urllib3.util.connection.create_connection
_plain_environment = requests.Session.merge_environment_settings
# Where every HTTP connection of urllib3, and with it of requests and of apprise's plugins, is made. Outside of
# ``guarded`` both do what they did before.
urllib3.util.connection.create_connection = _checked_connection
requests.Session.merge_environment_settings = _checked_environment  # type: ignore[method-assign,assignment]
