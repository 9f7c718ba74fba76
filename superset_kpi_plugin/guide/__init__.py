"""The set-up guide: what is there and what is missing, which problems show, and a first set of targets as drafts."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Add the slice's API."""
    from superset_kpi_plugin.guide.api import KpiSetupApi

    appbuilder.add_api(KpiSetupApi)
