# ruff: noqa: E501 - SQL reads better on one line
"""Standards, seasons and promotions, pace and limits: every figure worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from tests.sql.raw_rows import Warehouse

SEASON = "account:season_us"


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
