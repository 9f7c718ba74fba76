# ruff: noqa: E501 - tables of rows and SQL read better on one line
"""KPI values and statuses of the small world, every figure worked out by hand."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from tests.sql.raw_rows import Warehouse
from tests.sql.worlds import WORLDS

US = "account:aurora_us"
OCTOBER, NOVEMBER = "2026-10-01", "2026-11-01"


CASES = [case for world in WORLDS for case in world.EXPECTED]


@pytest.mark.parametrize(("kpi_id", "entity_id", "grain", "period_start", "expected"), CASES)
def test_values_are_those_of_the_hand(
    world: Warehouse, kpi_id: str, entity_id: str, grain: str, period_start: str, expected: str | None
) -> None:
    value = world.value(kpi_id, entity_id, period_start, grain)
    if expected is None:
        assert value is None
    else:
        assert value == pytest.approx(Decimal(expected), abs=Decimal("1e-12"))


def test_every_kpi_has_a_value_worked_out_by_hand(world: Warehouse) -> None:
    """No KPI goes in without one: a figure, not only the absence of one."""
    known = {row[0] for row in world.query("select kpi_id from kpi.kpi_catalogue")}
    assert known - {case[0] for case in CASES if case[4] is not None} == set()
    assert {case[0] for case in CASES} - known == set()


def test_no_row_where_the_source_has_none(world: Warehouse) -> None:
    """Missing is never zero: no traffic was loaded for October, and an ad group has no GMV."""
    october = (
        "select 1 from kpi.kpi_values where kpi_id = 'sessions' and grain = 'month' and period_start = '2026-10-01'"
    )
    assert not world.query(october)
    assert not world.query(
        "select 1 from kpi.kpi_values where kpi_id = 'gmv' and entity_kind in ('campaign', 'ad_group')"
    )


@pytest.mark.parametrize(
    ("grain", "start", "end", "expected"),
    [
        ("day", "2026-10-31", "2026-10-31", "10.00"),
        ("week", "2026-10-26", "2026-11-01", "10.00"),
        ("month", "2026-10-01", "2026-10-31", "40.00"),
        ("quarter", "2026-10-01", "2026-12-31", "75.00"),
        ("year", "2026-01-01", "2026-12-31", "75.00"),
        ("year", "2025-01-01", "2025-12-31", "480.00"),
    ],
)
def test_grains_add_up_and_state_their_last_day(
    world: Warehouse, grain: str, start: str, end: str, expected: str
) -> None:
    rows = world.query(
        "select period_end, value, currency from kpi.kpi_values where kpi_id = 'gmv' and entity_id = %s and grain = %s and period_start = %s",
        US,
        grain,
        start,
    )
    assert rows == [(date.fromisoformat(end), Decimal(expected), "USD")]


def test_a_statement_on_one_kpi_reads_the_tables_of_this_kpi_alone(world: Warehouse) -> None:
    """Of more than a hundred branches one is left when the statement is planned, whatever the union's columns are."""
    plan = planned(world, "select value, covered_through from kpi.kpi_values where kpi_id = 'gmv' and grain = 'month'")
    assert set(re.findall(r" on (?:marts\.)?(measures_\w+)", plan)) == {"measures_sales"}


def test_a_target_looks_up_each_table_once_and_few_targets_are_read_by_their_key(world: Warehouse) -> None:
    """A look-up that were written into every expression that reads its row would be a hundred."""
    plan = planned(world, "select * from kpi.kpi_status where kpi_id = 'gmv' and entity_id = 'company'")
    tables = re.findall(r" on (?:marts\.)?(measures_\w+)", plan)
    assert tables.count("measures_traffic") == 1
    assert len(tables) < 60
    published = [line for line in plan.splitlines() if " on kpi_targets" in line or "'company'" in line]
    assert any("entity_id = 'company'" in line and "kpi_id = 'gmv'" in line for line in published)


def planned(world: Warehouse, sql: str) -> str:
    return "\n".join(str(row[0]) for row in world.query("explain " + sql))


def test_settled_and_covered(world: Warehouse) -> None:
    """Orders reach 2026-11-22 and settle in 3 days; ads settle in 14; traffic's load ended on the 19th."""
    rows = world.query(
        "select kpi_id, period_start::text, is_settled, covered_through::text from kpi.kpi_values where entity_id = %s "
        "and grain = 'month' and period_start >= '2026-10-01' and kpi_id in ('gmv', 'acos', 'sessions') order by 1, 2",
        US,
    )
    assert rows == [
        ("acos", NOVEMBER, False, "2026-11-22"),
        ("gmv", OCTOBER, True, "2026-10-31"),
        ("gmv", NOVEMBER, False, "2026-11-22"),
        ("sessions", NOVEMBER, False, "2026-11-19"),
    ]


@pytest.mark.parametrize(
    ("kpi_id", "entity_id", "period", "status", "pace", "expected_value"),
    [
        # November's default limits are wider, by the mean of 25 days of 1.10 and 5 of 1.25: 1.125. 5.625 % and 16.875 %.
        # Last year 480 in the period, 21 x 10 + 30 = 240 of it by the same day: half. 35 < 100 x 0.83125 x 0.5.
        ("gmv", US, NOVEMBER, "breach", "0.5", "50"),
        ("gmv", US, OCTOBER, "ok", "1", "40"),
        ("gmv", US, "2026-12-01", "no_data", "0", "0"),
        # B sold nothing last year: the calendar's 22 x 1.3 of 25 x 1.3 + 5 x 2. 20 is above 27 x 0.94375 x 28.6/42.5 = 17.15.
        (
            "gmv",
            "sku:aurora_us/B",
            NOVEMBER,
            "ok",
            str(Decimal("28.6") / Decimal("42.5")),
            str(27 * Decimal("28.6") / Decimal("42.5")),
        ),
        ("gmv", "company", NOVEMBER, "no_data", None, None),
        # One unit a day last year: 22 of 30. 4 lies between 6 x 0.83125 x 22/30 = 3.66 and 6 x 0.94375 x 22/30 = 4.15.
        ("units", US, NOVEMBER, "warn", str(Decimal(22) / 30), "4.4"),
        # Own limits: 39 is below 42 and not below 38.5.
        ("net_sales", US, OCTOBER, "warn", "1", "45"),
        # Lower is better: 0.35 against 0.30 (breach above 0.350625), 0.32 (warn above 0.338), and 0.30 with a tolerance of 10 %.
        ("acos", US, NOVEMBER, "warn", None, "0.30"),
        ("acos", "company", NOVEMBER, "warn", None, "0.32"),
        ("acos", "campaign:aurora_us/c1", NOVEMBER, "warn", None, "0.30"),
        ("acos", "ad_group:aurora_us/g1", NOVEMBER, "ok", None, "0.25"),
        ("acos", "ad_group:aurora_us/g2", NOVEMBER, "no_data", None, "0.25"),
        # The week of the 16th: cost is settled through the 19th, attributed sales only through the 8th.
        ("ad_sales", US, "2026-11-16", "provisional", None, None),
        ("ad_cost", US, "2026-11-16", "ok", None, None),
        # Not a KPI of ad groups.
        ("tacos", "ad_group:aurora_us/g1", NOVEMBER, "no_data", None, None),
    ],
)
def test_status_of_each_target(
    world: Warehouse,
    kpi_id: str,
    entity_id: str,
    period: str,
    status: str,
    pace: str | None,
    expected_value: str | None,
) -> None:
    rows = world.query(
        "select status, pace_share, expected_value from kpi.kpi_status where kpi_id = %s and entity_id = %s and period_start = %s",
        kpi_id,
        entity_id,
        period,
    )
    assert [row[0] for row in rows] == [status]
    if pace is not None:
        assert rows[0][1] == pytest.approx(Decimal(pace), abs=Decimal("1e-12"))
    if expected_value is not None:
        assert rows[0][2] == pytest.approx(Decimal(expected_value), abs=Decimal("1e-12"))


def test_status_figures(world: Warehouse) -> None:
    row = world.query(
        "select value, target_value, warn_limit, breach_limit, attainment, pace_attainment, gap, currency, owner, weight "
        "from kpi.kpi_status where kpi_id = 'gmv' and entity_id = %s and period_start = '2026-11-01'",
        US,
    )[0]
    assert [Decimal(number) for number in row[:7]] == [
        35,
        100,
        Decimal("94.375"),
        Decimal("83.125"),
        Decimal("0.35"),
        Decimal("0.7"),
        -15,
    ]
    assert row[7:] == ("USD", "e1", Decimal("0.5"))
    # Lower is better: attainment is target / value.
    assert world.one(
        "select attainment from kpi.kpi_status where kpi_id = 'acos' and entity_id = 'company'"
    ) == pytest.approx(Decimal("0.32") / Decimal("0.35"), abs=Decimal("1e-12"))


def test_status_shows_the_values_of_kpi_values(world: Warehouse) -> None:
    """kpi_status reads the tables of measures by itself, for speed; it must say what kpi_values says, for every KPI."""
    world.execute("begin")
    world.execute(
        "insert into kpi.kpi_targets (target_id, version, kpi_id, entity_kind, entity_id, grain, period_start, target_value) "
        "select 'x', 1, kpi_id, entity_kind, entity_id, grain, period_start, 1 from kpi.kpi_values on conflict do nothing"
    )
    differing = world.query(
        "select v.kpi_id, v.entity_id, v.grain, v.period_start from kpi.kpi_values as v left join kpi.kpi_status as s using "
        "(kpi_id, entity_id, grain, period_start) where (v.value, v.numerator, v.denominator, v.is_settled, v.covered_through, "
        "v.period_end) is distinct from (s.value, s.numerator, s.denominator, s.is_settled, s.covered_through, s.period_end)"
    )
    compared = world.one("select count(distinct kpi_id) from kpi.kpi_status")
    world.execute("rollback")
    assert differing == []
    assert compared == world.one("select count(*) from kpi.kpi_catalogue")


def test_freshness(world: Warehouse) -> None:
    rows = world.query(
        "select platform, account_id, stream, state, covered_through::text, last_error from kpi.kpi_freshness"
    )
    state = {row[:3]: row[3:] for row in rows}
    assert state["amazon_sp", "aurora_us", "orders"] == ("fresh", "2026-11-22", None)
    assert state["amazon_sp", "aurora_us", "sales_and_traffic"] == ("stale", "2026-11-19", None)
    assert state["amazon_ads", "aurora_us", "sp_campaigns"] == ("failed", "2026-11-22", "the login was refused")
    assert state["amazon_sp", "brit_uk", "sales_and_traffic"] == ("never", None, None)
    assert state["erp", "erp_main", "products"][0] == "fresh"
    assert state["amazon_sp", "aurora_us", "settlement"] == ("fresh", "2026-11-08", None)
    assert state["walmart", "aurora_us", "recon"] == ("stale", "2026-11-08", None)
    settled = "select settled_through::text, lag_days from kpi.kpi_freshness where platform = 'amazon_sp' and account_id = %s and stream = %s"
    assert world.query(settled, "aurora_us", "orders") == [("2026-11-19", 0)]
    assert world.query(settled, "aurora_us", "settlement") == [("2026-11-08", 18)]


def test_entities_and_trees(world: Warehouse) -> None:
    entity = "select entity_kind, parent_id, category, owner_id, team_id, currency from kpi.kpi_entities where entity_id = %s"
    assert world.query(entity, "sku:aurora_us/A") == [
        ("sku", "category:aurora_us/audio", "audio", "e1", "north", "USD")
    ]
    assert world.query(entity, "sku:aurora_us/B") == [
        ("sku", "category:aurora_us/audio", "audio", "e2", "south", "USD")
    ]
    # Listed for every account: found where it was sold. Unknown to the ERP: no owner.
    assert world.query(entity, "sku:aurora_us/C") == [("sku", "category:aurora_us/home", "home", "e1", "north", "USD")]
    assert world.query(entity, "sku:aurora_us/D")[0][:4] == (
        "sku",
        "category:aurora_us/uncategorised",
        "uncategorised",
        None,
    )
    assert world.query(entity, "person:e2")[0][:2] == ("person", "team:south")
    assert world.query(entity, "account:brit_uk") == [("account", "platform:amazon", None, None, None, "GBP")]
    paths = world.query(
        "with recursive way as (select child_id, parent_id, child_id as leaf from kpi.kpi_entity_edges where child_id = any(%s) "
        "union all select e.child_id, e.parent_id, w.leaf from kpi.kpi_entity_edges e join way w on e.child_id = w.parent_id) "
        "select leaf, count(*) from way group by leaf order by leaf",
        ["sku:aurora_us/A", "ad_group:aurora_us/g1", "person:e1"],
    )
    assert paths == [("ad_group:aurora_us/g1", 4), ("person:e1", 2), ("sku:aurora_us/A", 4)]


def test_catalogue_is_complete_in_both_languages(world: Warehouse) -> None:
    rows = world.query(
        "select kpi_id, name_en, name_zh, description_zh, formula_zh, numerator, denominator, is_ratio from kpi.kpi_catalogue"
    )
    assert {row[0] for row in rows} == {row[0] for row in world.query("select kpi_id from kpi.kpi_catalogue")}
    for row in rows:
        assert all(any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in row[2:5]), row
        assert row[1]
        assert (row[6] is not None) == row[7]
