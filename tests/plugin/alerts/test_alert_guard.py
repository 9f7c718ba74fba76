"""Which addresses count as internal, however they are written."""

from __future__ import annotations

import ipaddress

import pytest

from superset_kpi_plugin.alerts.channels.guard import is_public, reaches_internal

INTERNAL = [
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.168.1.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "fc00::1", "fd12::1", "fe80::1", "ff02::1", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INTERNAL)
def test_internal_addresses_are_known(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_are_known(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "LOCALHOST.", "[::1]", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0"]
)
def test_every_spelling_of_this_machine_is_internal(host: str) -> None:
    assert reaches_internal(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "no-such-host.invalid"])
def test_the_rest_is_not(host: str) -> None:
    assert not reaches_internal(host)
