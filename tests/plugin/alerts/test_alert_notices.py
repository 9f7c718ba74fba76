"""Whom an alert is told to, and when; quiet hours; the address that is connected to."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace
from datetime import datetime, time, timedelta, timezone
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests

from superset_kpi_plugin.alerts.channels.guard import guarded
from superset_kpi_plugin.alerts.notices import Held, Told, notices
from superset_kpi_plugin.alerts.states import (
    Event,
    Flapping,
    Instance,
    Observation,
    Rule,
    State,
    Status,
    step,
)
from superset_kpi_plugin.alerts.timing import Quiet, not_before

NOW = datetime(2026, 11, 16, 12, 0, tzinfo=timezone.utc)
ESCALATION = [timedelta(minutes=60), timedelta(minutes=240)]


def test_a_flapping_alert_becomes_one_that_keeps_firing() -> None:
    rule, instance, found = Rule(flaps=Flapping(3, timedelta(days=7), timedelta(days=2))), Instance(), []
    for hour in range(48):
        status = Status.BREACH if hour % 2 == 0 else Status.OK
        instance, event = step(rule, instance, Observation(status, NOW + timedelta(hours=hour), Decimal(1)))
        found.append(event)
    assert found.count(Event.FIRED) == 3
    assert found.count(Event.RESOLVED) == 2
    assert instance.state is State.FIRING
    good = Observation(Status.OK, NOW, Decimal(1))
    for hour in (47, 48, 95):
        instance, event = step(rule, instance, replace(good, observed_at=NOW + timedelta(hours=hour)))
    assert event is Event.RESOLVED, "two calm days end it"


def test_an_acknowledged_incident_does_not_escalate() -> None:
    firing, event = step(Rule(), Instance(), Observation(Status.BREACH, NOW, Decimal(1)))
    told, _ = notices(firing, event, Held(), Told(), ESCALATION, NOW)
    later = NOW + timedelta(days=1)
    assert notices(firing, None, Held(), told, ESCALATION, later, is_acknowledged=True) == (told, [])
    assert [number for _, number in notices(firing, None, Held(), told, ESCALATION, later)[1]] == [0, 1]


@pytest.mark.parametrize(
    ("now", "expected"),
    [("2026-11-16 13:59", "2026-11-16 13:59"), ("2026-11-16 14:00", "2026-11-16 23:00"),
     ("2026-11-16 22:59", "2026-11-16 23:00"), ("2026-11-16 23:00", "2026-11-16 23:00")],
)  # fmt: skip
def test_quiet_hours_span_midnight_in_their_own_zone(now: str, expected: str) -> None:
    """From 22:00 to 07:00 in Shanghai is 14:00 to 23:00 UTC."""
    quiet = Quiet(time(22), time(7), ZoneInfo("Asia/Shanghai"))
    at = datetime.fromisoformat(now).replace(tzinfo=timezone.utc)
    assert not_before(at, "warning", quiet) == datetime.fromisoformat(expected).replace(tzinfo=timezone.utc)
    assert not_before(at, "critical", quiet) == at


HOSTILE = [
    "127.0.0.1", "localhost", "LOCALHOST", "localhost.", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1",
    "0177.0.0.1", "0", "0.0.0.0", "127.255.255.254", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "[fc00::1]", "10.0.0.1",
    "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1",
    "255.255.255.255", "[ff02::1]", "[2001:db8::1]", "127.0.0.1%2f", "0x7f.0x0.0x0.0x1", "017700000001",
    "127.000.000.001", "localhost.localdomain", "rebound.example", "redirecting.example",
]  # fmt: skip


@pytest.fixture
def reached() -> Any:
    """A server of this machine's own and what reached it."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server.server_address[1], seen
    server.shutdown()
    server.server_close()


def test_of_forty_hostile_addresses_none_is_reached(reached: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that stand for this machine, and one that answers publicly first and internally afterwards (rebinding)."""
    port, seen = reached
    plain, asked = socket.getaddrinfo, []

    def resolve(host: str, *args: Any, **kwargs: Any) -> Any:
        if host in ("rebound.example", "redirecting.example"):
            asked.append(host)
            is_first = host == "rebound.example" and asked.count(host) == 1
            return plain("198.51.100.1" if is_first else "127.0.0.1", *args, **kwargs)
        return plain(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert len(HOSTILE) == 40
    for host in HOSTILE:
        for _ in range(2):
            with guarded(is_free=False), pytest.raises((requests.RequestException, UnicodeError)):
                requests.post(f"http://{host}:{port}/hostile", timeout=2)
    assert seen == []


def test_the_connection_goes_to_the_checked_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is looked up once: the second, internal answer of a rebinding name is never asked for."""
    asked: list[str] = []
    opened: list[str] = []

    def resolve(host: str, port: Any, *args: Any, **kwargs: Any) -> Any:
        asked.append(host)
        address = "8.8.8.8" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    from superset_kpi_plugin.alerts.channels import guard

    def connect(address: tuple[str, int], *args: Any) -> Any:
        opened.append(address[0])
        raise OSError("closed for the test")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(guard, "_plain_connection", connect)
    with guarded(is_free=False) as refusals, pytest.raises(requests.ConnectionError):
        requests.post("http://rebinding.example/hook", timeout=2)
    assert (asked, opened, refusals) == (["rebinding.example"], ["8.8.8.8"], [])


def test_outside_the_guard_nothing_changes(reached: Any) -> None:
    port, seen = reached
    assert requests.post(f"http://127.0.0.1:{port}/free", timeout=5).status_code == 204
    with guarded(is_free=True):
        requests.post(f"http://127.0.0.1:{port}/allowed", timeout=5)
    assert seen == ["/free", "/allowed"]
