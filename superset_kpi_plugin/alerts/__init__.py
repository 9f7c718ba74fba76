"""Alerts on KPI targets: rules, the states of their instances, an outbox, and delivery to people.

``states`` is pure; ``commands`` evaluates and delivers; ``channels`` sends. Nothing here is imported before
Superset's application exists, because the models register themselves with its metadata.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask_appbuilder import AppBuilder


def register(appbuilder: AppBuilder) -> None:
    """Adds the slice's API to Superset, and its task where Superset has Celery."""
    from flask import current_app

    from superset_kpi_plugin.alerts.api import KpiAlertsApi
    from superset_kpi_plugin.alerts.rules_api import KpiAlertRulesApi
    from superset_kpi_plugin.alerts.silences_api import KpiSilencesApi
    from superset_kpi_plugin.alerts.zh import MESSAGES
    from superset_kpi_plugin.locale import CATALOGUES

    CATALOGUES["zh"].update(MESSAGES)
    appbuilder.add_api(KpiAlertsApi)
    appbuilder.add_api(KpiAlertRulesApi)
    appbuilder.add_api(KpiSilencesApi)
    if current_app.config.get("CELERY_CONFIG") is not None:
        from superset_kpi_plugin.alerts import tasks  # noqa: F401 (importing it registers it)
