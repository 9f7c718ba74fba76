"""What the warehouse's contract says about KPIs, entities and freshness, and what the user may do."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Add the slice's API."""
    from superset_kpi_plugin.catalogue.api import KpiCatalogueApi

    appbuilder.add_api(KpiCatalogueApi)
