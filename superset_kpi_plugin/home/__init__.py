"""What a person should see first: the own KPIs with what moves them, open alerts, tasks, and how fresh it all is."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Add the slice's API."""
    from superset_kpi_plugin.home.api import KpiHomeApi

    appbuilder.add_api(KpiHomeApi)
