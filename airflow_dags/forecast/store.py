"""Reads histories from the contract and replaces forecasts in it, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from airflow_dags.errors import ConfigurationError, WarehouseUnavailable
from airflow_dags.forecast.calibration import Calibration
from airflow_dags.forecast.series import Point
from airflow_dags.forecast.settings import Grain, Settings

LOCK = "kpi:forecast"
YEARS = 5

HISTORY = """
with settled as (
    select entity_kind, entity_id, period_start, value, currency, abs(numerator) as size
    from kpi.kpi_values
    where kpi_id = %(kpi_id)s and grain = %(grain)s and entity_kind = any(%(kinds)s) and is_settled
        and period_start >= current_date - %(days)s
),
ranked as (
    select entity_id, row_number() over (
        order by array_position(%(kinds)s, entity_kind), sum(size) desc nulls last, entity_id
    ) as place
    from settled
    group by entity_kind, entity_id
    having count(value) >= %(minimum)s
)
select entity_kind, entity_id, period_start, value, currency
from settled inner join ranked using (entity_id)
where place <= %(series)s
order by entity_id, period_start
"""


@dataclass(frozen=True)
class Kpi:
    """What of the catalogue matters here. ``made_at``: when the KPI was forecast last, None for never."""

    kpi_id: str
    unit: str
    is_additive: bool
    made_at: datetime | None


@dataclass(frozen=True)
class ForecastRow:
    """One row of kpi.kpi_forecast; p20, p50 and p80 in the KPI's unit, money in ``currency``."""

    kpi_id: str
    entity_kind: str
    entity_id: str
    grain: str
    period_start: date
    period_end: date
    p20: Decimal
    p50: Decimal
    p80: Decimal
    currency: str | None
    method: str
    made_at: datetime
    history_periods: int
    history_through: date
    backtest: Calibration


@dataclass(frozen=True)
class BacktestRow:
    """One row of kpi.kpi_forecast_backtest: all series of a KPI and grain together."""

    kpi_id: str
    grain: str
    series: int
    made_at: datetime
    backtest: Calibration


@contextmanager
def alone(connection: Any) -> Iterator[None]:
    """Hold the forecast's lock; a second forecast doesn't wait, the first one makes what it would."""
    if not connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", (LOCK,)).fetchone()[0]:
        raise WarehouseUnavailable("another forecast is still running; nothing was changed")
    try:
        yield
    finally:
        connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", (LOCK,))


def check(connection: Any) -> None:
    """Raise ConfigurationError where no build has made the contract yet."""
    for relation in ("kpi.kpi_values", "kpi.kpi_catalogue", "kpi.kpi_forecast", "kpi.kpi_forecast_backtest"):
        if connection.execute("select to_regclass(%s)", (relation,)).fetchone()[0] is None:
            raise ConfigurationError(f"{relation} does not exist yet; nothing was changed; run kpi build first")


def hours_since_last(connection: Any) -> float | None:
    """The age of the newest back-test in hours; None where there is none."""
    sql = "select extract(epoch from now() - max(made_at)) / 3600 from kpi.kpi_forecast_backtest"
    age = connection.execute(sql).fetchone()[0]
    return None if age is None else float(age)


def kpis(connection: Any) -> list[Kpi]:
    """All KPIs, those whose forecast is oldest first, so that a run that has to stop early is fair over days."""
    rows = connection.execute(
        "select c.kpi_id, c.unit, c.is_additive, max(b.made_at) from kpi.kpi_catalogue as c "
        "left join kpi.kpi_forecast_backtest as b using (kpi_id) "
        "group by c.kpi_id, c.unit, c.is_additive, c.display_order order by 4 nulls first, c.display_order, 1"
    ).fetchall()
    return [Kpi(*row) for row in rows]


def points(connection: Any, kpi_id: str, grain: Grain, settings: Settings) -> list[Point]:
    """Settled periods of the KPI's largest entities, ordered by entity and period."""
    given = {
        "kpi_id": kpi_id,
        "grain": grain.name,
        "kinds": list(settings.kinds),
        "minimum": grain.minimum,
        "series": settings.series,
        "days": YEARS * 366,
    }
    return [Point(*row) for row in connection.execute(HISTORY, given).fetchall()]


def replace(connection: Any, forecasts: Iterable[ForecastRow], backtests: list[BacktestRow]) -> None:
    """Put new rows in the place of the KPIs' and grains' old ones, and drop those of KPIs that are no more."""
    with connection.transaction(), connection.cursor() as cursor:
        pairs = [(row.kpi_id, row.grain) for row in backtests]
        for table in ("kpi.kpi_forecast", "kpi.kpi_forecast_backtest"):
            cursor.executemany(f"delete from {table} where kpi_id = %s and grain = %s", pairs)  # noqa: S608
            cursor.execute(f"delete from {table} where kpi_id not in (select kpi_id from kpi.kpi_catalogue)")  # noqa: S608
        copy = (
            "copy kpi.kpi_forecast (kpi_id, entity_kind, entity_id, grain, period_start, period_end, p20, p50, p80, "
            "currency, method, made_at, history_periods, history_through, backtest_points, backtest_below_p20, "
            "backtest_below_p50, backtest_below_p80, backtest_error, backtest_naive_error) from stdin"
        )
        with cursor.copy(copy) as stream:
            for row in forecasts:
                own = [value for name, value in vars(row).items() if name != "backtest"]
                stream.write_row([*own, *vars(row.backtest).values()])
        copy = (
            "copy kpi.kpi_forecast_backtest (kpi_id, grain, series, made_at, points, below_p20, below_p50, below_p80, "
            "error, naive_error) from stdin"
        )
        with cursor.copy(copy) as stream:
            for one in backtests:
                stream.write_row([one.kpi_id, one.grain, one.series, one.made_at, *vars(one.backtest).values()])
