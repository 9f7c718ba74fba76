"""Evaluating alerts: 10,000 and 100,000 instances of 50 rules, on a real PostgreSQL; beside it Superset's own alerts.

``python -m tests.benchmarks.bench_alerts`` in the Superset environment, with KPI_TEST_POSTGRES_URI. Of each size:

new      the first evaluation, which makes every instance; one in fifty is beyond its limit and is told
as is    an evaluation of what didn't change; the median of three
changed  an evaluation after one value in twenty was restated across its limit

Superset's alerts hold one condition each. So 1,000 of the same conditions are made as alerts, and their AlertCommand is
run one after the other in this process: the query and the comparison alone, without the state, log and sending around
it. Exit code 1 where a bar is missed: as is 5 s for 10,000, 30 s for 100,000.
"""

from __future__ import annotations

import json
import statistics
import sys
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

from tests.benchmarks.superset_site import site, timed
from tests.plugin import conftest

RULES = 50
BARS = {10_000: 5.0, 100_000: 30.0}
NATIVE = 1_000
NOON = datetime(2026, 11, 16, 12, tzinfo=timezone.utc)
#: The conditions in turn. Values are 100; one entity in fifty has 300.
CONDITIONS: tuple[dict[str, Any], ...] = (
    {"condition": "breach"},
    {"condition": "limit", "parameters": {"limit": "200", "side": "above"}},
    {"condition": "limit", "parameters": {"limit": "200", "side": "above"}, "hysteresis": "0.1", "for_minutes": 60},
    {"condition": "trend", "parameters": {"periods": 2, "change": "0.5", "side": "above"}},
    {"condition": "limit", "parameters": {"limit": "200", "side": "above"}, "minimum_volume": "10"},
)


def business(entities: int) -> str:
    """A KPI for each rule and so many products, each with four months and a target."""
    return f"""
    truncate kpi.kpi_catalogue, kpi.kpi_entities, kpi.kpi_entity_edges, kpi.kpi_values, kpi.kpi_targets,
        kpi.kpi_freshness;
    insert into kpi.kpi_catalogue (kpi_id, name_en, unit, direction, is_additive, is_ratio, entity_kinds,
        days_until_settled, display_order, number_format)
    select 'kpi_' || n, 'KPI ' || n, 'score', 'lower', false, true, 'sku', 0, n, ',.0f'
    from generate_series(1, {RULES}) as n;
    insert into kpi.kpi_entities (entity_id, entity_kind, entity_name, account_id, account_name, owner_id, owner_name,
        is_active)
    select 'sku:a/' || n, 'sku', 'Product ' || n, 'a', 'Account', 'e' || n % 10, 'Owner ' || n % 10, true
    from generate_series(1, {entities}) as n;
    insert into kpi.kpi_freshness (platform, account_id, stream, covered_through, state)
    values ('amazon', 'a', 'orders', '2026-11-15', 'ok');
    insert into kpi.kpi_values
    select 'kpi_' || k, 'sku', 'sku:a/' || n, 'month', month::date, (month + interval '1 month - 1 day')::date, null,
        50, case when n % 50 = 0 then 300 - 90 * (date '2026-11-01' - month::date) / 30 else 100 end, null, false,
        least((month + interval '1 month - 1 day')::date, date '2026-11-15')
    from generate_series(1, {RULES}) as k
    cross join generate_series(1, {entities}) as n
    cross join generate_series(date '2026-08-01', date '2026-11-01', interval '1 month') as month;
    insert into kpi.kpi_targets (target_id, version, kpi_id, entity_kind, entity_id, grain, period_start, target_value)
    select 't' || k || '/' || n, 1, 'kpi_' || k, 'sku', 'sku:a/' || n, 'month', '2026-11-01', 150
    from generate_series(1, {RULES}) as k cross join generate_series(1, {entities}) as n;
    analyze;
    """


def main() -> int:
    report: dict[str, Any] = {}
    missed = []
    with site(business(1)) as (app, warehouse_uri), app.app_context():
        app.config["KPI_CHANNELS"] = {"hook": "json://127.0.0.1/hook"}
        for instances, bar in BARS.items():
            conftest.run_sql(warehouse_uri, business(instances // RULES))
            conftest.run_sql(app.config["SQLALCHEMY_DATABASE_URI"], "truncate kpi_alert_rule restart identity cascade")
            add_rules()
            found = measure(instances, warehouse_uri)
            if instances == min(BARS):
                found |= beside_superset(found["as is, s"] / instances)
            report[f"{instances} instances of {RULES} rules"] = found
            if found["as is, s"] > bar:
                missed.append(f"{instances} instances took {found['as is, s']} s, the bar is {bar} s")
    report["missed"] = missed
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 1 if missed else 0


def add_rules() -> None:
    from superset_kpi_plugin.alerts import storage
    from superset_kpi_plugin.alerts.commands.rules import DEFAULTS
    from superset_kpi_plugin.alerts.models import AlertRule

    at = storage.to_database(NOON)
    with storage.transaction() as session:
        for number in range(1, RULES + 1):
            plain = {"name": f"rule {number}", "kpi_id": f"kpi_{number}", "entity_kind": "sku", "grain": "month"}
            fields = {**DEFAULTS, **plain, "channels": ["hook"], **CONDITIONS[number % len(CONDITIONS)]}
            session.add(AlertRule(**fields, created_at=at, changed_at=at))


def measure(instances: int, warehouse_uri: str) -> dict[str, Any]:
    from superset_kpi_plugin.alerts.commands import evaluate

    seen: list[dict[str, int]] = []

    def once() -> None:
        seen.append(evaluate(now=NOON + timedelta(hours=len(seen))))
        assert seen[-1]["evaluated"] == instances, seen[-1]
        assert seen[-1]["failed"] == 0

    new = timed(once)
    as_is = [timed(once) for _ in range(3)]
    restated = "update kpi.kpi_values set value = 400 - value where period_start = '2026-11-01' and "
    conftest.run_sql(warehouse_uri, restated + "cast(split_part(entity_id, '/', 2) as integer) % 20 = 0")
    changed = timed(once)
    assert seen[1]["firing"] >= instances // 50, seen[1]
    assert seen[-1]["resolved"] > 0, seen[-1]
    return {
        "new, s": round(new, 2),
        "as is, s": round(statistics.median(as_is), 2),
        "changed, s": round(changed, 2),
        "firing": seen[1]["firing"],
        "messages of the first": sum(one["enqueued"] for one in seen[:2]),
    }


def beside_superset(ours: float) -> dict[str, Any]:
    """Superset's own alerts over 1,000 of the conditions, and how many times ours (seconds an instance) they take."""
    from superset.commands.report.alert import AlertCommand
    from superset.extensions import db, security_manager
    from superset.models.core import Database
    from superset.reports.models import ReportSchedule, ReportScheduleType, ReportScheduleValidatorType

    database = db.session.query(Database).filter_by(database_name="KPI warehouse").one()
    owner = security_manager.find_user("superadmin")
    entities = min(BARS) // RULES
    schedules = [
        ReportSchedule(
            type=ReportScheduleType.ALERT,
            name=f"alert {number}",
            crontab="0 * * * *",
            sql=f"select v.value from kpi.kpi_values as v where v.kpi_id = 'kpi_{number // entities + 1}' "
            f"and v.entity_id = 'sku:a/{number % entities + 1}' and v.grain = 'month' "
            "order by v.period_start desc limit 1",
            database=database,
            owners=[owner],
            validator_type=ReportScheduleValidatorType.OPERATOR,
            validator_config_json='{"op": ">", "threshold": 200}',
        )
        for number in range(NATIVE)
    ]
    db.session.add_all(schedules)
    db.session.commit()
    fired = 0

    def run() -> None:
        nonlocal fired
        fired = sum(AlertCommand(schedule, uuid4()).run()[0] for schedule in schedules)

    seconds = timed(run)
    assert fired > 0
    return {
        f"Superset's own, {NATIVE} conditions, s": round(seconds, 2),
        "Superset's own, as a multiple": round(seconds / NATIVE / ours, 1),
    }


if __name__ == "__main__":
    sys.exit(main())
