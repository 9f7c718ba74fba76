"""Forecasts of the KPIs, from the contract to the contract: kpi.kpi_values and kpi_catalogue in, kpi.kpi_forecast out.

It knows no particular KPI. ``series`` and ``calibration`` are pure, ``methods`` holds the models (statsforecast),
``backtest`` plays the past again, ``store`` reads and writes, ``run`` does the whole.
"""
