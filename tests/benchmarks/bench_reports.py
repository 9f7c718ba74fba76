"""A long report for many recipients, through the API and the delivery of a real Superset on a real PostgreSQL.

``python -m tests.benchmarks.bench_reports`` in the Superset environment, with KPI_TEST_POSTGRES_URI. Measures what the
people wait for: making a report of at least 20 pages, and releasing and sending it to 50 recipients, each a mail of its
own with PDF and Excel, over SMTP to a server on this machine. Beside it, in the same run, the files are drawn up anew
for each recipient, and the archive is read with the contents of all its reports. The bar: a minute in all.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from pathlib import Path
from typing import Any

from demo.mail_sink import MailSink
from tests.benchmarks import bench_targets
from tests.benchmarks.superset_site import site, timed
from tests.plugin import conftest

RECIPIENTS, FEWEST_PAGES, BAR_SECONDS = 50, 20, 60
REPORTS = 100
#: A target of every entity for the month that the report is about.
TARGETS = """
insert into kpi.kpi_targets (target_id, version, kpi_id, entity_kind, entity_id, grain, period_start, target_value)
select entity_id, 1, 'kpi_1', entity_kind, entity_id, 'month', date '2027-01-01', 1200 from kpi.kpi_entities;
analyze;
"""
#: An archive of earlier months.
ARCHIVE = f"""
insert into kpi_report (plan_id, entity_id, cadence, period_start, period_end, locale, content, state, made_at)
select plan_id, entity_id, cadence, (period_start - n * interval '1 month')::date, period_end, locale, content, state,
    made_at - n * interval '1 month'
from kpi_report cross join generate_series(1, {REPORTS - 1}) as n
"""


def main() -> int:
    with site(bench_targets.BUSINESS) as (app, warehouse):
        report = _measure(app, warehouse)
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 0


def _measure(app: Any, warehouse: str) -> dict[str, Any]:
    metadata, folder = app.config["SQLALCHEMY_DATABASE_URI"], Path(app.config["DATA_DIR"])
    conftest.run_sql(warehouse, TARGETS)
    sink = MailSink(0, folder / "mail")
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    people = ",".join(f"reader{number}@example.com" for number in range(RECIPIENTS))
    address = f"mailto://127.0.0.1:{sink.port}/?from=kpi@example.com&to={people}&mode=insecure"
    app.config["KPI_CHANNELS"] = {"everybody": address}
    approver = conftest.Client(app, "approver")
    body = {"name": "Company", "entity_id": "company", "cadence": "monthly", "channels": ["everybody"]}
    plan = approver.post("report_plans/", body).get_json()["result"]
    found: dict[str, Any] = {}
    made: dict[str, Any] = {}

    def make() -> None:
        made.update(bench_targets._ok(approver.post("reports/?day=2027-01-31", {"plan_id": plan["id"]}))["result"])

    found["make, s"] = timed(make)
    report_id = made["id"]
    pdf = approver.get(f"reports/{report_id}/file?format=pdf").get_data()
    found["pages"] = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert found["pages"] >= FEWEST_PAGES, found
    found["release, s"] = timed(lambda: _release(approver, report_id))
    found[f"send to {RECIPIENTS}, s"] = sending = timed(lambda: _deliver(app))
    assert len(list((folder / "mail").glob("*.eml"))) == RECIPIENTS
    each = timed(lambda: _draw_up(app, approver, report_id))
    found["files drawn up anew for each, as a multiple of sending"] = round(each * RECIPIENTS / sending, 1)
    conftest.run_sql(metadata, ARCHIVE)
    listing = f"reports/?page_size={REPORTS}"
    lists = [timed(lambda: bench_targets._ok(approver.get(listing))) for _ in range(10)]
    found[f"archive of {REPORTS}, s"] = bench_targets._spread(lists)
    found["in all, s"] = sum(found[name] for name in ("make, s", "release, s", f"send to {RECIPIENTS}, s"))
    assert found["in all, s"] <= BAR_SECONDS, found
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in found.items()}


def _release(client: Any, report_id: int) -> None:
    assert bench_targets._ok(client.post(f"reports/{report_id}/release"))["left_out"] == []


def _deliver(app: Any) -> None:
    from superset_kpi_plugin.alerts import commands

    sent = 0
    with app.app_context():
        while found := commands.deliver()["sent"]:
            sent += found
    assert sent == RECIPIENTS, sent


def _draw_up(app: Any, client: Any, report_id: int) -> None:
    """The body and the files once, past what is kept of them."""
    from superset.extensions import db

    from superset_kpi_plugin.reports import message
    from superset_kpi_plugin.reports.models import Report

    with app.app_context():
        message._told.cache_clear()
        message.write("key", message.payload_of(db.session.get(Report, report_id)), "en", "http://127.0.0.1")


if __name__ == "__main__":
    sys.exit(main())
