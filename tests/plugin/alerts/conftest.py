"""Rules, targets and planted figures for the alert tests, and receivers that speak the real wire formats."""

from __future__ import annotations

import email
import email.policy
import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from demo.mail_sink import MailSink
from tests.plugin.conftest import run_sql

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=timezone.utc)
TARGET_COLUMNS = (
    "target_id, version, kpi_id, entity_kind, entity_id, grain, period_start, target_value, owner, currency"
)
OWNERS = {"e1": {"email": "mei@example.com", "locale": "en"}, "e2": {"email": "jon@example.com", "locale": "zh"}}
AURORA, BOREALIS = "account:aurora_us", "account:borealis_us"


def later(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.fixture
def site(app: Any, clean: Any, metadata_uri: str) -> Iterator[Site]:
    """The running app with nothing in it but the sample warehouse, and no channel.

    No app context stays open over a test: a client's request would find the last user in it.
    """
    keys = ("KPI_CHANNELS", "KPI_PUBLIC_URL", "KPI_ALLOW_INTERNAL_WEBHOOKS", "KPI_WAREHOUSE_DATABASE")
    before = {key: app.config.get(key) for key in keys}
    app.config.update(KPI_CHANNELS={}, KPI_PUBLIC_URL="https://bi.example.com")
    app.config["KPI_ALLOW_INTERNAL_WEBHOOKS"] = True
    yield Site(app, clean, metadata_uri)
    app.config.update(before)


class Site:
    """Short words for what the tests arrange and look at."""

    def __init__(self, app: Any, warehouse: Any, metadata_uri: str) -> None:
        self.app = app
        self.warehouse = warehouse
        self.metadata_uri = metadata_uri

    def target(self, kpi_id: str, entity_id: str, period: str, value: str, owner: str | None = None) -> None:
        """Publish a monthly target."""
        kind = entity_id.partition(":")[0]
        self.warehouse.execute(
            f"insert into kpi.kpi_targets ({TARGET_COLUMNS}) values (%s, 1, %s, %s, %s, 'month', %s, %s, %s, %s)",
            (f"{entity_id}{period}", kpi_id, kind, entity_id, period, value, owner, "USD" if kpi_id == "gmv" else None),
        )

    def value(self, kpi_id: str, entity_id: str, period: str, value: str | None) -> None:
        """Restate a value."""
        self.warehouse.execute(
            "update kpi.kpi_values set value = %s where kpi_id = %s and entity_id = %s and period_start = %s",
            (value, kpi_id, entity_id, period),
        )

    def rule(self, **fields: Any) -> int:
        """Write a rule as the API would, without its checks."""
        from superset_kpi_plugin.alerts import storage
        from superset_kpi_plugin.alerts.commands.rules import DEFAULTS
        from superset_kpi_plugin.alerts.models import AlertRule

        at = storage.to_database(NOON)
        plain = {"name": "GMV pace", "kpi_id": "gmv", "entity_kind": "account", "grain": "month"}
        with self.app.app_context(), storage.transaction() as session:
            rule = AlertRule(**{**DEFAULTS, **plain, **fields}, created_at=at, changed_at=at)
            session.add(rule)
        return int(rule.id)

    def channels(self, **addresses: Any) -> None:
        self.app.config["KPI_CHANNELS"] = addresses

    def evaluate(self, minutes: float = 0) -> dict[str, int]:
        """Evaluate as if it were so many minutes after noon."""
        from superset_kpi_plugin.alerts.commands import evaluate

        with self.app.app_context():
            return evaluate(now=later(minutes))

    def deliver(self, minutes: float = 0) -> dict[str, int]:
        from superset_kpi_plugin.alerts.commands import deliver

        with self.app.app_context():
            return deliver(now=later(minutes))

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Rows of the metadata database, past the plugin."""
        return run_sql(self.metadata_uri, sql)

    def states(self) -> dict[str, str]:
        return {row["entity_id"]: row["state"] for row in self.rows("select * from kpi_alert_instance")}

    def events(self) -> list[str]:
        return [row["event"] for row in self.rows("select * from kpi_alert_event order by id")]

    def outbox(self) -> list[dict[str, Any]]:
        return self.rows("select * from kpi_outbox order by id")

    def plant_breach(self) -> None:
        """Borealis is at 12,000 of a target of 40,000 at half of the month: 0.6 of its pace. Aurora is at its pace."""
        self.target("gmv", AURORA, "2026-11-01", "100000", "Mei Lin")
        self.target("gmv", BOREALIS, "2026-11-01", "40000", "Jon Ek")


@pytest.fixture
def groups(site: Any) -> Any:
    """Thirty ad groups of two owners: e1 answers for 1 to 18, e2 for the rest; group n has an ACoS of n per cent."""
    site.warehouse.execute("delete from kpi.kpi_values where kpi_id = 'acos'")
    site.warehouse.execute(
        "insert into kpi.kpi_entities (entity_id, entity_kind, entity_name, parent_id, platform, account_id, "
        "account_name, owner_id, owner_name, is_active) select 'ad_group:aurora_us/g' || n, 'ad_group', 'Group ' || n, "
        "'campaign:aurora_us/c1', 'amazon', case when n % 3 = 0 then 'borealis_us' else 'aurora_us' end, "
        "case when n % 3 = 0 then 'Borealis US' else 'Aurora US' end, "
        "case when n <= 18 then 'e1' else 'e2' end, case when n <= 18 then 'Mei Lin' else 'Jon Ek' end, true "
        "from generate_series(1, 30) as n"
    )
    site.warehouse.execute(
        "insert into kpi.kpi_values (kpi_id, entity_kind, entity_id, grain, period_start, period_end, value, "
        "is_settled, covered_through) select 'acos', 'ad_group', 'ad_group:aurora_us/g' || n, 'month', '2026-11-01', "
        "'2026-11-30', n / 100.0, false, '2026-11-15' from generate_series(1, 30) as n"
    )
    before = site.app.config.get("KPI_OWNERS")
    site.app.config["KPI_OWNERS"] = OWNERS
    yield site
    site.app.config.update(KPI_OWNERS=before, KPI_ROUTES=[], KPI_GROUP_ABOVE=3)


def over(site: Any, limit: str, **fields: Any) -> int:
    plain = {"name": "ACoS line", "kpi_id": "acos", "entity_kind": "ad_group", "condition": "limit"}
    return int(site.rule(**{**plain, "parameters": {"limit": limit}, **fields}))


class Mailbox:
    """A real SMTP server and what it kept."""

    def __init__(self, folder: Path) -> None:
        self.refused: dict[str, str] = {}
        self.sink = MailSink(0, folder, self.refused.get)
        self.port = self.sink.port

    def messages(self) -> list[EmailMessage]:
        files = sorted(self.sink.folder.glob("*.eml"))
        return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]


class Receiver:
    """A real HTTP server: what was posted to it, and what it answers by path."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.answers: dict[str, tuple[int, dict[str, str]]] = {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.received.append((self.path, dict(self.headers), body))
                status, headers = receiver.answers.get(self.path, (204, {}))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            do_GET = do_POST  # noqa: N815 (the base class's names)

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]

    def bodies(self, path: str = "/alerts") -> list[dict[str, Any]]:
        return [body for seen, _, body in self.received if seen == path]


def _serving(server: Any) -> Callable[[], None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join(5)

    return stop


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    box = Mailbox(tmp_path / "mail")
    stop = _serving(box.sink)
    yield box
    stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    hook = Receiver()
    stop = _serving(hook.server)
    yield hook
    stop()
