"""Every KPI of the running demo, month by month, against the simulated business and against MetricFlow."""

from __future__ import annotations

import psycopg
import pytest

from demo.http import JsonClient
from tests.e2e.truth import judged_since, truth
from tests.sql.metricflow_judge import differences_from_metricflow
from tests.sql.truth import breach_differences, differences_from_truth

JUDGED = ("company", "account", "category", "person", "ad_group")


@pytest.fixture(scope="module")
def uri(connections: dict) -> str:
    return connections["warehouse"]["url"]


def test_every_value_equals_the_simulated_truth(uri: str, sandbox: JsonClient) -> None:
    rows = truth(sandbox)
    assert {row["entity_kind"] for row in rows} >= set(JUDGED)
    assert len({row["kpi_id"] for row in rows}) >= 100
    assert differences_from_truth(uri, rows, judged_since(sandbox)) == []


def test_every_value_equals_what_metricflow_computes(uri: str) -> None:
    assert differences_from_metricflow(uri, kinds=JUDGED) == []


def test_the_published_targets_breach_where_planted_only(uri: str, sandbox: JsonClient) -> None:
    assert breach_differences(uri, sandbox.call("GET", "/sandbox/truth/breaches")) == []


#: What the plugin writes: targets, and KPIs that are entered by hand.
PUBLISHED = ("kpi_targets", "kpi_manual_kpis", "kpi_manual_values")
CAN_WRITE_ANYTHING = """
    select bool_or(has_table_privilege(%s, c.oid, 'insert, update, delete, truncate'))
    from pg_class as c
    inner join pg_namespace as n on c.relnamespace = n.oid
    where n.nspname in ('raw', 'staging', 'marts', 'kpi') and c.relname <> all(%s)
"""


def test_the_reader_writes_nothing_and_the_publisher_only_what_people_enter(uri: str) -> None:
    with psycopg.connect(uri) as warehouse:
        assert warehouse.execute(CAN_WRITE_ANYTHING, ["kpi_reader", []]).fetchone() == (False,)
        assert warehouse.execute(CAN_WRITE_ANYTHING, ["kpi_publisher", list(PUBLISHED)]).fetchone() == (False,)
        for role, relation in (("kpi_reader", "kpi.kpi_status"), ("kpi_publisher", "kpi.kpi_status")):
            query = "select has_table_privilege(%s, %s, 'select')"
            assert warehouse.execute(query, [role, relation]).fetchone() == (True,)
        for relation in PUBLISHED:
            query = "select has_table_privilege('kpi_publisher', %s, 'insert, update, delete')"
            assert warehouse.execute(query, [f"kpi.{relation}"]).fetchone() == (True,)
