"""``kpi forecast``: all KPIs of the catalogue, by month and week, at most so long; a failure leaves the last one."""

from __future__ import annotations

import logging
import time
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np

from airflow_dags.errors import PipelineError, TerminalError
from airflow_dags.forecast import backtest, store
from airflow_dags.forecast.calibration import Calibration
from airflow_dags.forecast.series import Series, days_of, histories, next_period, period_days
from airflow_dags.forecast.settings import GRAINS, Grain, Settings
from airflow_dags.warehouse import row_connection

log = logging.getLogger(__name__)
# Decimal places of a forecast, by the KPI's unit; ratios and scores keep more.
PLACES = {"money": 2, "count": 2, "days": 3, "hours": 3}


def forecast(uri: str, settings: Settings | None = None, *, only_if_due: bool = False) -> dict[str, Any]:
    """Forecast what the time allows and write it at once; the summary tells what was made and its calibration.

    ``only_if_due`` answers state "unchanged" when the last forecast is younger than the settings' hours. Raises a
    PipelineError whose message says that the last forecast is still there.
    """
    settings = settings or Settings.of_environment()
    try:
        with row_connection(uri, autocommit=True) as connection:
            store.check(connection)
            age = store.hours_since_last(connection)
            if only_if_due and age is not None and age < settings.hours:
                return {"state": "unchanged", "hours_old": round(age, 1)}
            with store.alone(connection):
                return _run(connection, settings)
    except PipelineError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise TerminalError(f"the forecast failed: {reason}; the last forecast is still in place") from error


def _run(connection: Any, settings: Settings) -> dict[str, Any]:
    started, made_at = time.monotonic(), datetime.now(timezone.utc)
    rows: list[store.ForecastRow] = []
    tests: list[store.BacktestRow] = []
    left_out = []
    for kpi in store.kpis(connection):
        if time.monotonic() - started > settings.seconds:
            left_out.append(kpi.kpi_id)
            continue
        for grain in GRAINS:
            made, tested = _forecast_kpi(connection, kpi, grain, made_at, settings)
            rows += made
            tests.append(tested)
    store.replace(connection, rows, tests)
    connection.execute("analyze kpi.kpi_forecast")
    return {
        "state": "partial" if left_out else "done",
        "series": sum(one.series for one in tests),
        "rows": len(rows),
        # Their last forecast stays; the next run begins with them.
        "kpis_left_out": left_out,
        "calibration": {grain.name: _pooled([one for one in tests if one.grain == grain.name]) for grain in GRAINS},
        "seconds": round(time.monotonic() - started, 1),
    }


def _forecast_kpi(
    connection: Any, kpi: store.Kpi, grain: Grain, made_at: datetime, settings: Settings
) -> tuple[list[store.ForecastRow], store.BacktestRow]:
    found = histories(store.points(connection, kpi.kpi_id, grain, settings), grain, kpi.is_additive)
    # A sum is forecast by the day of a period, so that February is no slump.
    days = [days_of(one, grain, grain.horizon) if kpi.is_additive else None for one in found]
    values = [
        one.values if length is None else one.values / length[: len(one.values)]
        for one, length in zip(found, days, strict=True)
    ]
    told = backtest.forecast(values, grain, settings.jobs)
    rows = []
    for n, series in enumerate(found):
        quantiles = told.predictions[n]
        length = days[n]
        if length is not None:
            quantiles = quantiles * length[-grain.horizon :, None]
        if np.isfinite(quantiles).all():
            rows += _rows(kpi, series, grain, quantiles, method=told.methods[n], tested=told.by_series[n], at=made_at)
    log.info("%s by %s: %s series", kpi.kpi_id, grain.name, len(found))
    return rows, store.BacktestRow(kpi.kpi_id, grain.name, len(found), made_at, told.overall)


def _rows(
    kpi: store.Kpi,
    series: Series,
    grain: Grain,
    quantiles: np.ndarray,
    *,
    method: str,
    tested: Calibration,
    at: datetime,
) -> list[store.ForecastRow]:
    places = PLACES.get(kpi.unit, 8)
    through = _last_day(series.last_period, grain)
    rows = []
    for step in range(grain.horizon):
        start = next_period(series.last_period, grain, step + 1)
        low, middle, high = (round(Decimal(float(value)), places) for value in quantiles[step])
        rows.append(
            store.ForecastRow(
                kpi_id=kpi.kpi_id,
                entity_kind=series.entity_kind,
                entity_id=series.entity_id,
                grain=grain.name,
                period_start=start,
                period_end=_last_day(start, grain),
                p20=low,
                p50=middle,
                p80=high,
                currency=series.currency,
                method=method,
                made_at=at,
                history_periods=len(series.values),
                history_through=through,
                backtest=tested,
            )
        )
    return rows


def _last_day(start: date, grain: Grain) -> date:
    return start + timedelta(days=period_days(start, grain) - 1)


def _pooled(tests: list[store.BacktestRow]) -> dict[str, Any]:
    """Shares over all KPIs, each by its number of points."""
    points = sum(one.backtest.points for one in tests)
    answer: dict[str, Any] = {"points": points}
    for name in ("below_p20", "below_p50", "below_p80", "error", "naive_error"):
        known = [(getattr(one.backtest, name), one.backtest.points) for one in tests]
        known = [(value, weight) for value, weight in known if value is not None]
        total = sum(weight for _, weight in known)
        answer[name] = round(sum(value * weight for value, weight in known) / total, 4) if total else None
    return answer
