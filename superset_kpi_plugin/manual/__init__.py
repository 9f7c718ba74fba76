"""KPIs whose values people enter (brand, engagement, surveys): defined here, published to kpi_manual_kpis and
kpi_manual_values, from where kpi_catalogue, kpi_values and kpi_status take them like any other."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Add the slice's API."""
    from superset_kpi_plugin.manual import models  # noqa: F401 (the tables must be known to the app)
    from superset_kpi_plugin.manual.api import KpiManualApi

    appbuilder.add_api(KpiManualApi)
