"""Who may do what: the table of role x permission, scopes by entity, and their way into Superset's roles and rules."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Add the slice's API."""
    from superset_kpi_plugin.access import models  # noqa: F401 (the tables must be known to the app)
    from superset_kpi_plugin.access.api import KpiScopesApi
    from superset_kpi_plugin.audit import models as audit  # noqa: F401

    appbuilder.add_api(KpiScopesApi)
