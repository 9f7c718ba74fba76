"""Differences between platform, settlement and ERP: read, explained, signed off until a day."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Add the slice's API."""
    from superset_kpi_plugin.reconciliation.api import KpiReconciliationApi

    appbuilder.add_api(KpiReconciliationApi)
