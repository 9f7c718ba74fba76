# ruff: noqa: E501 - SQL reads better on one line
"""Standards, seasons and promotions, pace and limits: every figure worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from tests.sql.raw_rows import Warehouse

SEASON = "account:season_us"
NOVEMBER = "2026-11-01"
US = "account:aurora_us"


@pytest.fixture
def changed(world: Warehouse) -> Iterator[Warehouse]:
    """The world in a transaction that is taken back."""
    world.execute("begin")
    yield world
    world.execute("rollback")


def status(warehouse: Warehouse, kpi_id: str, entity_id: str, columns: str, period: str = NOVEMBER) -> tuple[Any, ...]:
    ((*found,),) = warehouse.query(
        f"select {columns} from kpi.kpi_status where kpi_id = %s and entity_id = %s and period_start = %s",
        kpi_id,
        entity_id,
        period,
    )
    return tuple(found)


def test_the_erps_promotions_of_its_latest_snapshot_stand_beside_the_known_events(world: Warehouse) -> None:
    rows = world.query(
        "select calendar_id, kind, account_id, starts_on::text, ends_on::text, threshold_factor, pace_factor, platform "
        "from kpi.kpi_calendar where origin = 'erp' and source = 'erp_calendar' order by 1"
    )
    assert rows == [
        ("erp:erp_calendar/flash", "promotion", "season_us", "2026-11-11", "2026-11-12", Decimal("1.50"), 3, None),
        ("erp:erp_calendar/others", "promotion", None, "2026-11-11", "2026-11-12", 1, 9, "walmart"),
        ("erp:erp_calendar/plain", "promotion", "season_us", "2026-11-15", "2026-11-16", 1, 1, None),
    ]
    known = "select starts_on::text, ends_on::text, is_verified from kpi.kpi_calendar where event = %s and starts_on between '2024-01-01' and '2027-12-31' order by 1"
    # Fourth Thursday to Monday; second Sunday of May with the 13 days before it; the eve of the lunar new year and seven days.
    assert world.query(known, "bfcm") == [
        ("2024-11-28", "2024-12-02", True),
        ("2025-11-27", "2025-12-01", True),
        ("2026-11-26", "2026-11-30", True),
        ("2027-11-25", "2027-11-29", True),
    ]
    assert [row[1] for row in world.query(known, "mothers_day")] == [
        "2024-05-12",
        "2025-05-11",
        "2026-05-10",
        "2027-05-09",
    ]
    assert world.query(known, "chinese_new_year")[2] == ("2026-02-16", "2026-02-23", True)
    # What was not published when this was written is not there.
    assert world.query(known, "prime_day") == [("2024-07-16", "2024-07-17", False), ("2025-07-08", "2025-07-11", False)]


def test_of_overlapping_events_the_greatest_factor_counts(world: Warehouse) -> None:
    day = "select threshold_factor, pace_factor from marts.calendar_days where scope_id = %s and date_day = %s"
    assert world.query(day, SEASON, "2026-11-10") == [(Decimal("1.10"), Decimal("1.30"))]
    assert world.query(day, SEASON, "2026-11-11") == [(Decimal("1.50"), 3)]
    # The promotion without factors says nothing.
    assert world.query(day, SEASON, "2026-11-15") == [(Decimal("1.10"), Decimal("1.30"))]
    assert world.query(day, SEASON, "2026-11-26") == [(Decimal("1.25"), 2)]
    # A quiet month, below 1.
    assert world.query(day, SEASON, "2027-01-20") == [(Decimal("1.10"), Decimal("0.80"))]
    assert world.query(day, SEASON, "2026-09-20") == []
    # Another account's promotion is no business of others, nor a platform's of what spans platforms.
    assert world.query(day, "account:aurora_us", "2026-11-11") == [(Decimal("1.10"), Decimal("1.30"))]
    assert world.query(day, "platform:amazon", "2025-07-08") == [(Decimal("1.25"), Decimal("2.20"))]
    assert world.query(day, "all", "2025-07-08") == []
    assert world.query(day, "all", "2026-11-27") == [(Decimal("1.25"), 2)]


def test_a_period_has_the_mean_threshold_factor_and_the_sum_of_pace(world: Warehouse) -> None:
    period = "select threshold_factor, pace_weight, has_pace from marts.calendar_periods where scope_id = %s and grain = 'month' and period_start = %s"
    ((threshold, weight, has_pace),) = world.query(period, SEASON, "2026-11-01")
    # 23 days of the peak season, 2 of the flash sale, 5 of Black Friday to Cyber Monday.
    assert threshold == pytest.approx(Decimal(23 * 110 + 2 * 150 + 5 * 125) / 3000)
    assert (weight, has_pace) == (Decimal("45.9"), True)
    # The new year's holiday of February 2026 tightens nothing and paces nothing: Valentine's fortnight does.
    ((threshold, weight, _),) = world.query(period, "all", "2026-02-01")
    assert threshold == pytest.approx(Decimal(28 * 100 + 8 * 10) / 2800)
    assert weight == Decimal("29.4")


def test_standards_state_when_to_warn(world: Warehouse) -> None:
    rows = {
        row[0]: row[1:]
        for row in world.query(
            "select standard_id, kpi_id, comparison, limit_value, warn_limit, window_days, is_verified from kpi.kpi_standards where is_limit"
        )
    }
    # 70 % of 1 %; of the 5 % that may lack tracking, 70 %: 3.5 %; 28 days with a margin: 28 / 0.7.
    assert rows["amazon_odr"] == ("odr", "below", Decimal("0.01"), Decimal("0.007"), 60, True)
    assert rows["amazon_valid_tracking"][2:4] == (Decimal("0.95"), Decimal("0.965"))
    assert rows["amazon_low_inventory_30d"][:4] == ("days_of_supply", "at_least", 28, 40)
    assert rows["walmart_cancel"][1:4] == ("at_most", Decimal("0.02"), Decimal("0.014"))
    assert {rows[name][5] for name in ("tiktok_cancel", "tiktok_response", "amazon_ipi")} == {False}
    # Bands follow one another without a gap; of a rule that changed, the old row ends where the new one begins.
    bands = world.query(
        "select age_from_days, age_to_days, limit_value from kpi.kpi_standards where comparison = 'fee' and valid_from = '2023-04-15' order by 1"
    )
    assert [band[0] for band in bands] == [181, 211, 241, 271, 301, 331, 366]
    assert all(after[0] == before[1] + 1 for before, after in pairwise(bands))
    overlapping = world.query(
        "select a.standard_id from kpi.kpi_standards as a join kpi.kpi_standards as b on a.standard_id = b.standard_id "
        "and a.valid_from < b.valid_from and (a.valid_to is null or a.valid_to > b.valid_from)"
    )
    assert overlapping == []


def test_pace_says_what_it_rests_on(changed: Warehouse) -> None:
    columns = "pace_basis, pace_share, expected_value"
    changed.target("gmv", SEASON, "90")
    # 10 x 1.3 + 2 x 3 + 10 x 1.3 of 45.9.
    share = Decimal(32) / Decimal("45.9")
    basis, paced, expected = status(changed, "gmv", SEASON, columns)
    assert (basis, paced, expected) == ("calendar", pytest.approx(share), pytest.approx(90 * share))
    assert status(changed, "gmv", US, columns) == ("last_year", Decimal("0.5"), 50)
    assert status(changed, "gmv", US, columns, "2026-10-01") == ("complete", 1, 40)
    assert status(changed, "gmv", US, columns, "2026-12-01") == ("not_started", 0, 0)
    # A ratio is judged whole at any time.
    assert status(changed, "acos", US, "pace_basis, expected_value") == (None, Decimal("0.30"))
    # A SKU that got its target after the build is paced by days until the next one.
    changed.target("gmv", "sku:season_us/S", "90")
    assert status(changed, "gmv", "sku:season_us/S", columns)[:2] == ("flat", pytest.approx(Decimal(22) / 30))


def test_only_what_has_a_target_is_paced_below_the_accounts_and_categories(world: Warehouse) -> None:
    rows = world.query(
        "select distinct split_part(entity_id, ':', 1), entity_id from marts.entity_pace where entity_id like any (array['sku:%%', 'campaign:%%', 'ad_group:%%'])"
    )
    # Targets of additive KPIs: B's GMV alone; ad groups have targets of ratios.
    assert rows == [("sku", "sku:aurora_us/B")]
    kinds = world.query("select distinct split_part(entity_id, ':', 1) from marts.entity_pace order by 1")
    assert {"account", "category", "company", "person", "platform", "team"} <= {kind for (kind,) in kinds}


def test_default_limits_are_wider_in_a_season(changed: Warehouse) -> None:
    columns = "limit_basis, threshold_factor, warn_limit, breach_limit"
    changed.target("gmv", SEASON, "90")
    factor = Decimal(23 * 110 + 2 * 150 + 5 * 125) / 3000
    expected = [factor, 90 - 90 * Decimal("0.05") * factor, 90 - 90 * Decimal("0.15") * factor]
    basis, *figures = status(changed, "gmv", SEASON, columns)
    assert basis == "season"
    assert figures == pytest.approx(expected)
    # Lower is better: wider means higher. With a tolerance of a tenth of 0.30 on top.
    assert status(changed, "acos", US, columns)[1:] == pytest.approx(
        (Decimal("1.125"), Decimal("0.316875"), Decimal("0.350625"))
    )
    assert status(changed, "acos", "campaign:aurora_us/c1", columns)[2] == pytest.approx(Decimal("0.346875"))
    # A target's own limits are what was agreed, season or not.
    assert status(changed, "net_sales", US, columns, "2026-10-01") == ("target", 1, 42, Decimal("38.5"))
    # September knows no season.
    changed.target("gmv", US, "100", "2026-09-01")
    assert status(changed, "gmv", US, columns, "2026-09-01") == ("default", 1, 95, 85)


@pytest.mark.parametrize(
    ("comparison", "limit", "expected"),
    [
        # ACoS is 0.35. Of what is allowed 70 % is where the warning begins.
        ("below", "0.40", ("standard", Decimal("0.28"), Decimal("0.40"), "warn")),
        ("below", "0.60", ("standard", Decimal("0.42"), Decimal("0.60"), "ok")),
        ("at_most", "0.35", ("standard", Decimal("0.245"), Decimal("0.35"), "warn")),
        # Below 0.35 is met, at 0.35 is not.
        ("below", "0.35", ("standard", Decimal("0.245"), Decimal("0.35"), "breach")),
        ("at_most", "0.34", ("standard", Decimal("0.238"), Decimal("0.34"), "breach")),
    ],
)
def test_a_target_without_limits_is_judged_by_the_platforms(
    changed: Warehouse, comparison: str, limit: str, expected: tuple[Any, ...]
) -> None:
    add_span(
        changed,
        "acos",
        "amazon",
        is_lowest=False,
        limit=limit,
        warn=str(Decimal(limit) * Decimal("0.7")),
        comparison=comparison,
    )
    assert status(changed, "acos", US, "limit_basis, warn_limit, breach_limit, status") == expected


def test_a_standard_is_its_platforms_its_days_and_its_side(changed: Warehouse) -> None:
    def basis() -> str:
        return str(status(changed, "acos", US, "limit_basis")[0])

    for more in (
        {"platform": "walmart"},
        {"is_lowest": True},
        {"valid_to": "2026-11-30"},
        {"valid_from": "2026-12-01"},
    ):
        changed.execute("savepoint one")
        add_span(changed, **{"kpi_id": "acos", "platform": "amazon", "limit": "0.4", "warn": "0.3", **more})
        assert basis() == "season", more
        changed.execute("rollback to savepoint one")
    add_span(changed, "acos", "amazon", limit="0.4", warn="0.3", valid_to="2026-12-01")
    assert basis() == "standard"
    # A target that states one limit keeps its own, the tolerance widens no official one.
    changed.execute("update kpi.kpi_targets set tolerance = 0.5 where entity_id = %s and kpi_id = 'acos'", US)
    assert status(changed, "acos", US, "breach_limit") == (Decimal("0.4"),)
    changed.execute(
        "update kpi.kpi_targets set tolerance = null, warn_limit = 0.31 where entity_id = %s and kpi_id = 'acos'", US
    )
    assert status(changed, "acos", US, "limit_basis, warn_limit, breach_limit") == (
        "target",
        Decimal("0.31"),
        Decimal("0.345"),
    )


def add_span(  # what a build makes of kpi_standards
    warehouse: Warehouse,
    kpi_id: str,
    platform: str,
    *,
    limit: str,
    warn: str,
    is_lowest: bool = False,
    comparison: str = "at_most",
    valid_from: str = "2015-01-01",
    valid_to: str | None = None,
) -> None:
    warehouse.execute(
        "insert into marts.standard_spans (kpi_id, platform, is_lowest, valid_from, valid_to, limit_value, warn_limit, is_exclusive) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s)",
        *(kpi_id, platform, is_lowest, valid_from, valid_to, limit, warn, comparison == "below"),
    )


def test_the_strictest_of_several_limits_holds_in_each_span(world: Warehouse) -> None:
    spans = "select valid_from::text, valid_to::text, limit_value, warn_limit, is_exclusive from marts.standard_spans where kpi_id = %s and platform = %s"
    # Late shipment over 10 and over 30 days: the same limit.
    assert world.query(spans, "late_shipment_rate", "amazon") == [
        ("2015-01-01", None, Decimal("0.04"), Decimal("0.028"), True)
    ]
    assert world.query(spans, "days_of_supply", "amazon") == [("2015-01-01", None, 28, 40, False)]
    # What states a price is no limit.
    assert world.query(spans, "aged_stock_fees", "amazon") == []


@pytest.mark.parametrize(
    ("target", "limits", "expected"),
    [
        # ACoS of 0.35 as a band: above the target the limits lie above it, below it below.
        ("0.30", {}, (Decimal("0.316875"), Decimal("0.350625"), "warn", Decimal("0.30") / Decimal("0.35"))),
        ("0.34", {}, (Decimal("0.359125"), Decimal("0.397375"), "ok", Decimal("0.34") / Decimal("0.35"))),
        ("0.40", {}, (Decimal("0.3775"), Decimal("0.3325"), "warn", Decimal("0.35") / Decimal("0.40"))),
        ("0.50", {}, (Decimal("0.471875"), Decimal("0.415625"), "breach", Decimal("0.7"))),
        # Limits stated on one side hold as far on the other.
        (
            "0.40",
            {"warn_limit": "0.42", "breach_limit": "0.44"},
            (Decimal("0.38"), Decimal("0.36"), "breach", Decimal("0.875")),
        ),
        (
            "0.40",
            {"warn_limit": "0.36", "breach_limit": "0.30"},
            (Decimal("0.36"), Decimal("0.30"), "warn", Decimal("0.875")),
        ),
    ],
)
def test_a_band_is_bad_on_both_sides(
    changed: Warehouse, target: str, limits: dict[str, str], expected: tuple[Any, ...]
) -> None:
    changed.execute("update marts.kpi_definitions set direction = 'band' where kpi_id = 'acos'")
    changed.execute("delete from kpi.kpi_targets where kpi_id = 'acos'")
    changed.target("acos", US, target, **limits)
    warn, breach, state, attainment = status(changed, "acos", US, "warn_limit, breach_limit, status, attainment")
    assert state == expected[2]
    assert (warn, breach, attainment) == pytest.approx((*expected[:2], expected[3]))
