# ruff: noqa: E501 - tables of rows and SQL read better on one line
"""Builds: empty, one platform alone, incremental against full refresh, after a failure, under readers, with roles."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import psycopg2
import pytest

from tests.sql.dbt_project import WITHOUT_UNIT_TESTS, defined_kpis, run_dbt
from tests.sql.raw_rows import Warehouse, ad_row, order_line, traffic_row
from tests.sql.worlds import commerce
from tests.sql.worlds.core import AS_OF, fill, set_targets

#: What a build after the first one may leave out: views of raw tables alone, which are there.
LATER = ("--exclude", "path:models/staging")
RELATIONS = (
    "marts.fct_order_lines",
    "marts.fct_traffic",
    "marts.fct_ad_performance",
    "marts.measures_sales",
    "marts.measures_traffic",
    "marts.measures_ads",
    "marts.fct_refunds",
    "marts.fct_returns",
    "marts.fct_return_cohorts",
    "marts.measures_refunds",
    "marts.measures_returns",
    "marts.measures_return_cohorts",
    "marts.entity_pace",
    "marts.entity_coverage",
    "kpi.kpi_values",
    "kpi.kpi_status",
    "kpi.kpi_entities",
    "kpi.kpi_entity_edges",
    "kpi.kpi_catalogue",
)


def _contents(warehouse: Warehouse) -> dict[str, list[str]]:
    return {
        name: [row[0] for row in warehouse.query(f"select cast(t as text) from {name} as t order by 1")]
        for name in RELATIONS
    }


@pytest.fixture
def empty(fresh_database: str) -> Iterator[Warehouse]:
    warehouse = Warehouse(fresh_database)
    warehouse.create_raw_tables()
    yield warehouse
    warehouse.close()


@pytest.fixture
def roles(postgres_uri: str) -> Iterator[tuple[str, str]]:
    """A reader and a publisher; they are the server's, so they are dropped by their names."""
    names = (f"reader_{secrets.token_hex(4)}", f"publisher_{secrets.token_hex(4)}")
    connection = psycopg2.connect(postgres_uri)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f'create role "{name}" nologin')
    yield names
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f'drop role if exists "{name}"')
    connection.close()


def _as_role(warehouse: Warehouse, role: str, sql: str) -> str:
    """What the statement does as the role: ok, or the error's class."""
    with psycopg2.connect(warehouse.uri) as connection, connection.cursor() as cursor:
        cursor.execute(f'set role "{role}"')
        try:
            cursor.execute(sql)
        except psycopg2.Error as error:
            return type(error).__name__
        finally:
            connection.rollback()
    return "ok"


def test_empty_warehouse_then_ads_alone_with_roles(empty: Warehouse, roles: tuple[str, str]) -> None:
    reader, publisher = roles
    settings = {"KPI_READER_ROLE": reader, "KPI_PUBLISHER_ROLE": publisher}
    # The unit tests know no warehouse: they run once, where the world is built.
    run_dbt(empty.uri, "build", *WITHOUT_UNIT_TESTS, variables=AS_OF, **settings)
    assert empty.one("select count(*) from kpi.kpi_catalogue") == defined_kpis()
    assert empty.one("select count(*) from kpi.kpi_values") == 0
    assert empty.query("select entity_id from kpi.kpi_entities") == [("company",)]
    assert empty.one("select count(*) from kpi.kpi_targets") == 0

    rows = [ad_row("2026-11-05", "g1", "10.00", "40.00", 20, 900)]
    empty.load("amazon_ads", "sp_campaigns", "aurora_us", rows, ("2026-11-01", "2026-11-22"))
    run_dbt(empty.uri, "build", *WITHOUT_UNIT_TESTS, variables=AS_OF, **settings)
    assert empty.value("acos", "account:aurora_us", "2026-11-01") == pytest.approx(0.25)
    assert empty.value("ad_cost", "company", "2026-11-01") == 10
    assert empty.value("tacos", "account:aurora_us", "2026-11-01") is None

    insert = (
        "insert into kpi.kpi_targets (target_id, version, kpi_id, entity_kind, entity_id, grain, period_start) "
        "values ('1', 1, 'acos', 'company', 'company', 'month', '2026-11-01')"
    )
    denied = "InsufficientPrivilege"
    assert (
        _as_role(empty, reader, "select * from kpi.kpi_status, kpi.kpi_values, kpi.kpi_freshness, marts.measures_sales")
        == "ok"
    )
    assert _as_role(empty, reader, "select * from raw.load_ledger") == denied
    assert _as_role(empty, reader, insert) == denied
    assert _as_role(empty, publisher, insert) == "ok"
    assert _as_role(empty, publisher, "delete from kpi.kpi_targets") == "ok"
    assert _as_role(empty, publisher, "select * from kpi.kpi_entities, kpi.kpi_values") == "ok"
    _values_entered_by_hand_stand_beside_the_computed_ones(empty, publisher)
    assert _as_role(empty, publisher, "select * from marts.measures_sales") == denied
    assert _as_role(empty, publisher, "delete from kpi.kpi_entities") == denied
    empty.execute(f'drop owned by "{reader}", "{publisher}"')


def _values_entered_by_hand_stand_beside_the_computed_ones(warehouse: Warehouse, publisher: str) -> None:
    """At once, without a build; a target on them has a status, and a computed KPI of that name is not shadowed."""
    kpis = (
        "insert into kpi.kpi_manual_kpis values "
        "('brand', 'Brand', 'Brand', '', '', 'score', 'higher', false, 'company', 'month', null, '.1f', now()), "
        "('acos', 'Not this', 'Not this', '', '', 'ratio', 'lower', false, 'company', 'month', null, '.1%', now())"
    )
    values = (
        "insert into kpi.kpi_manual_values (kpi_id, entity_kind, entity_id, grain, period_start, value) values "
        "('brand', 'company', 'company', 'month', '2026-11-01', 45), ('acos', 'company', 'company', 'month', '2026-11-01', 9)"
    )
    assert _as_role(warehouse, publisher, kpis) == "ok"
    warehouse.execute(kpis)
    warehouse.execute(values)
    assert warehouse.query(
        "select kpi_id, source from kpi.kpi_catalogue where kpi_id in ('brand', 'acos') order by 1"
    ) == [
        ("acos", warehouse.one("select source from marts.kpi_definitions where kpi_id = 'acos'")),
        ("brand", "manual"),
    ]
    assert warehouse.value("brand", "company", "2026-11-01") == 45
    assert warehouse.value("acos", "company", "2026-11-01") == pytest.approx(0.25)
    warehouse.execute(
        "insert into kpi.kpi_targets (target_id, version, kpi_id, entity_kind, entity_id, grain, period_start, target_value) "
        "values ('7', 1, 'brand', 'company', 'company', 'month', '2026-11-01', 50), "
        "('8', 1, 'brand', 'company', 'company', 'month', '2026-12-01', 50), "
        "('9', 1, 'acos', 'company', 'company', 'month', '2026-11-01', 0.2)"
    )
    # 45 of 50 is 10 % off: beyond 5 %, not 15 %. A score has no pace: the month stands as it was entered.
    status = warehouse.query(
        "select kpi_id, extract(month from period_start), status, value, expected_value, is_settled from kpi.kpi_status order by target_id"
    )
    assert [row[2] for row in status] == ["warn", "no_data", "breach"]
    assert status[0][3:] == (45, 50, True)
    warehouse.execute("truncate kpi.kpi_targets, kpi.kpi_manual_kpis, kpi.kpi_manual_values")


def _restate(warehouse: Warehouse) -> None:
    """What a week of corrections brings: a cancelled order, an order of another day, an emptied day, a cost, another owner."""
    for order in ("O3", "O7"):
        warehouse.execute("delete from raw.amazon_sp__orders where amazon_order_id = %s", order)
    lines = [
        order_line("O3", 1, "2026-11-12 20:00+00", "B", 1, "10.00", item_status="Cancelled"),
        order_line("O7", 1, "2026-10-30 20:00+00", "A", 1, "10.00"),
        order_line("O8", 1, "2026-11-21 20:00+00", "E", 1, "7.00"),
    ]
    warehouse.load("amazon_sp", "orders", "aurora_us", lines, ("2026-11-20", "2026-11-22"))
    warehouse.execute("delete from raw.amazon_sp__sales_and_traffic where period_start = '2026-11-05'")
    warehouse.load("amazon_sp", "sales_and_traffic", "aurora_us", [], ("2026-11-05", "2026-11-05"))
    row = traffic_row("date", "2026-11-06", None, 4, 8, "50", 1)
    warehouse.load("amazon_sp", "sales_and_traffic", "aurora_us", [row], ("2026-11-06", "2026-11-22"))
    warehouse.execute("delete from raw.amazon_ads__sp_campaigns where date = '2026-11-06'")
    warehouse.execute("delete from raw.amazon_ads__sp_advertised_product where date = '2026-11-06'")
    for stream in ("sp_campaigns", "sp_advertised_product"):
        warehouse.load("amazon_ads", stream, "aurora_us", [], ("2026-11-06", "2026-11-06"))
    cost = {
        "snapshot_date": "2026-11-24",
        "sku": "B",
        "valid_from": "2026-01-01",
        "unit_cost": "2.50",
        "currency": "USD",
    }
    warehouse.load("erp", "unit_costs", "erp_main", [cost], ("2026-11-24", "2026-11-24"))
    product = {
        "snapshot_date": "2026-11-24",
        "sku": "A",
        "account_id": "aurora_us",
        "category": "sound",
        "owner_id": "e2",
    }
    warehouse.load("erp", "products", "erp_main", [product], ("2026-11-24", "2026-11-24"))


@contextmanager
def reading(warehouse: Warehouse) -> Iterator[None]:
    """A reader in a loop meets no missing relation and no half-filled one while the block replaces everything."""
    counts = "select (select count(*) from kpi.kpi_values), (select count(*) from kpi.kpi_status)"
    expected = warehouse.query(counts)
    seen, problems, stop = set(), [], threading.Event()

    def read() -> None:
        connection = psycopg2.connect(warehouse.uri)
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not stop.is_set():
                try:
                    cursor.execute(counts)
                    seen.add(cursor.fetchone())
                except psycopg2.Error as error:
                    problems.append(str(error))
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield
    finally:
        stop.set()
        reader.join()
    assert problems == []
    assert seen == set(expected)


def test_incremental_builds_equal_a_full_refresh_even_after_a_failed_one(empty: Warehouse) -> None:
    fill(empty)
    commerce.fill(empty)
    run_dbt(empty.uri, "run", variables=AS_OF)
    set_targets(empty)
    # What has a target is paced from the next build on.
    run_dbt(empty.uri, "run", "--select", "entity_pace", variables=AS_OF)
    empty.execute("create view public.somebodys_view as select * from kpi.kpi_values where kpi_id = 'gmv'")
    before = _contents(empty)

    # Nothing new: a build changes nothing.
    run_dbt(empty.uri, "run", *LATER, variables=AS_OF)
    assert _contents(empty) == before

    # A build that stops after the facts; the next one must still know what it has to compute.
    _restate(empty)
    commerce.restate(empty)
    run_dbt(empty.uri, "run", "--select", "+fct_order_lines", "+fct_traffic", "+fct_ad_performance", variables=AS_OF)
    run_dbt(empty.uri, "run", *LATER, variables=AS_OF)
    incremental = _contents(empty)
    assert incremental != before
    us, october, november = "account:aurora_us", "2026-10-01", "2026-11-01"
    assert empty.value("gmv", us, october) == 50
    # O2 10, O4 5, O8 7.
    assert empty.value("gmv", us, november) == 22
    assert empty.value("sessions", us, november) == 4
    assert empty.value("ad_cost", us, november) == 12.5
    assert empty.value("gmv", us, "2026-11-20", "day") is None
    assert empty.value("gmv", us, "2026-11-21", "day") == 7
    # The new snapshot lists A alone, as e2's, in another category; it has a cost for B and none for A.
    assert empty.value("gmv", "category:aurora_us/audio", october) is None
    assert empty.value("gmv", "category:aurora_us/sound", october) == 40
    # Whose it was on the day: B's 10 is e2's, A is the new owner's only from the day of the new list on.
    assert empty.value("gmv", "person:e2", october) == 10
    assert empty.value("gross_margin", "sku:aurora_us/B", november) == 7.5
    assert empty.value("gross_margin", "sku:aurora_us/A", october) is None

    for kpi_id, entity_id, grain, period, expected in commerce.EXPECTED_RESTATED:
        value = empty.value(kpi_id, entity_id, period, grain)
        assert value == (None if expected is None else Decimal(expected)), (kpi_id, entity_id)

    with reading(empty):
        run_dbt(empty.uri, "run", "--full-refresh", variables=AS_OF)
    assert _contents(empty) == incremental
    # What others built on the contract, and the plugin's rows, are still there.
    assert empty.one("select count(*) from public.somebodys_view where entity_id = %s and grain = 'month'", us) == 4
    assert empty.one("select count(*) from kpi.kpi_targets") == 15
