# ruff: noqa: E501 - SQL reads better on one line
"""Fiscal calendars against published ones: 4-5-4 of the NRF, a year to September's last Saturday, April to March, ISO weeks."""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest

from tests.sql.dbt_project import run_dbt

SELECT = ("--select", "dim_dates", "kpi_fiscal_periods")


def built(uri: str, **variables: Any) -> Any:
    """A function that asks the built calendar."""
    run_dbt(uri, "build", *SELECT, variables=variables or None)
    connection = psycopg2.connect(uri)
    connection.autocommit = True

    def ask(sql: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    return ask


def periods(ask: Any, year: int, grain: str) -> list[tuple[str, str, int]]:
    return ask(
        "select period_start::text, period_end::text, day_count / 7 from kpi.kpi_fiscal_periods "
        f"where fiscal_year = {year} and grain = '{grain}' order by period_start"
    )


def test_the_retail_federations_454_calendar(module_database: str) -> None:
    ask = built(
        module_database, fiscal_pattern="4-5-4", fiscal_start_month=2, fiscal_week_start=7, fiscal_year_rule="nearest"
    )
    # Published: 53 weeks in 2012, 2017 and 2023.
    years = ask(
        "select fiscal_year, period_start::text, period_end::text, day_count / 7 from kpi.kpi_fiscal_periods "
        "where grain = 'year' and fiscal_year between 2016 and 2026 and (day_count = 371 or fiscal_year > 2022) order by 1"
    )
    assert years == [
        (2017, "2017-01-29", "2018-02-03", 53),
        (2023, "2023-01-29", "2024-02-03", 53),
        (2024, "2024-02-04", "2025-02-01", 52),
        (2025, "2025-02-02", "2026-01-31", 52),
        (2026, "2026-02-01", "2027-01-30", 52),
    ]
    assert periods(ask, 2023, "month") == [
        ("2023-01-29", "2023-02-25", 4),
        ("2023-02-26", "2023-04-01", 5),
        ("2023-04-02", "2023-04-29", 4),
        ("2023-04-30", "2023-05-27", 4),
        ("2023-05-28", "2023-07-01", 5),
        ("2023-07-02", "2023-07-29", 4),
        ("2023-07-30", "2023-08-26", 4),
        ("2023-08-27", "2023-09-30", 5),
        ("2023-10-01", "2023-10-28", 4),
        ("2023-10-29", "2023-11-25", 4),
        ("2023-11-26", "2023-12-30", 5),
        # January has the 53rd week.
        ("2023-12-31", "2024-02-03", 5),
    ]
    assert periods(ask, 2025, "quarter") == [
        ("2025-02-02", "2025-05-03", 13),
        ("2025-05-04", "2025-08-02", 13),
        ("2025-08-03", "2025-11-01", 13),
        ("2025-11-02", "2026-01-31", 13),
    ]
    names = ask(
        "select period_name, fiscal_week from kpi.kpi_fiscal_periods where period_start = '2024-01-28' "
        "or (period_start = '2024-02-04' and grain in ('week', 'month')) order by 1"
    )
    assert names == [("FY2023 W53", 53), ("FY2024 M01", None), ("FY2024 W01", 1)]


def test_a_445_year_that_ends_on_the_last_saturday_of_september(module_database: str) -> None:
    ask = built(
        module_database,
        fiscal_pattern="4-4-5",
        fiscal_start_month=10,
        fiscal_week_start=7,
        fiscal_year_rule="last_end",
        fiscal_year_named_by="end",
    )
    years = ask(
        "select fiscal_year, period_start::text, period_end::text, day_count / 7 from kpi.kpi_fiscal_periods "
        "where grain = 'year' and fiscal_year between 2022 and 2024 order by 1"
    )
    # As filed by a company that reports so: 53 weeks to September 30th 2023.
    assert years == [
        (2022, "2021-09-26", "2022-09-24", 52),
        (2023, "2022-09-25", "2023-09-30", 53),
        (2024, "2023-10-01", "2024-09-28", 52),
    ]
    assert [weeks for *_, weeks in periods(ask, 2024, "month")] == [4, 4, 5] * 4
    assert [weeks for *_, weeks in periods(ask, 2023, "month")] == [4, 4, 5] * 3 + [4, 4, 6]


def test_a_544_year_from_the_first_monday(module_database: str) -> None:
    ask = built(module_database, fiscal_pattern="5-4-4", fiscal_start_month=1, fiscal_year_rule="first")
    # The first Monday of January: the 5th in 2026, the 4th in 2027 (52 weeks); the 3rd in 2028, the 1st in 2029.
    years = ask(
        "select period_start::text, day_count / 7 from kpi.kpi_fiscal_periods "
        "where grain = 'year' and fiscal_year between 2026 and 2028 order by 1"
    )
    assert years == [("2026-01-05", 52), ("2027-01-04", 52), ("2028-01-03", 52)]
    assert [weeks for *_, weeks in periods(ask, 2026, "month")] == [5, 4, 4] * 4


def test_april_to_march_and_the_calendar_year(module_database: str) -> None:
    ask = built(module_database, fiscal_start_month=4)
    assert periods(ask, 2025, "quarter") == [
        ("2025-04-01", "2025-06-30", 13),
        ("2025-07-01", "2025-09-30", 13),
        ("2025-10-01", "2025-12-31", 13),
        ("2026-01-01", "2026-03-31", 12),
    ]
    months = ask(
        "select fiscal_month, fiscal_year, fiscal_quarter_start::text from marts.dim_dates "
        "where date_day in ('2026-03-31', '2026-04-01') order by date_day"
    )
    assert months == [(12, 2025, "2026-01-01"), (1, 2026, "2026-04-01")]


@pytest.mark.parametrize("first", [1, 7])
def test_iso_weeks_and_weeks_from_sunday(module_database: str, first: int) -> None:
    ask = built(module_database, fiscal_week_start=first)
    iso = ask(
        "select date_day::text, iso_year, iso_week, iso_week_start::text from marts.dim_dates where date_day in "
        "('2025-12-28', '2025-12-29', '2026-01-01', '2027-01-01', '2027-01-04', '2024-02-29') order by date_day"
    )
    # January 1st 2026 is a Thursday, so its week is the first; 2027's is a Friday, in the 53rd of 2026.
    assert iso == [
        ("2024-02-29", 2024, 9, "2024-02-26"),
        ("2025-12-28", 2025, 52, "2025-12-22"),
        ("2025-12-29", 2026, 1, "2025-12-29"),
        ("2026-01-01", 2026, 1, "2025-12-29"),
        ("2027-01-01", 2026, 53, "2026-12-28"),
        ("2027-01-04", 2027, 1, "2027-01-04"),
    ]
    differing = "select count(*) from marts.dim_dates where (iso_year, iso_week) is distinct from (fiscal_week_year, fiscal_week)"
    days = ask(differing)[0][0]
    assert days == 0 if first == 1 else days > 0
    weekdays = ask("select distinct extract(isodow from period_start) from kpi.kpi_fiscal_periods where grain = 'week'")
    assert weekdays == [(first,)]
    own = ask("select count(*) from marts.dim_dates where extract(week from date_day) <> iso_week")
    assert own == [(0,)]


def test_wrong_settings_are_refused_with_their_name(module_database: str) -> None:
    done = run_dbt(module_database, "build", *SELECT, variables={"fiscal_pattern": "4-4-4"}, check=False)
    assert "fiscal_pattern is '4-4-4'" in done.stdout
