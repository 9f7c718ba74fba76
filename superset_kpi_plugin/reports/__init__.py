"""Reports: plans, the reports that they make from the KPI layer, their archive, and templates.

``content`` gathers what a report says, once; ``page``, ``pdf``, ``workbook`` and ``message`` write it; ``commands``
makes, comments and releases; sending is the alerts' outbox.
"""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Add the slice's APIs, its task where Superset has Celery, and teach the outbox to write reports."""
    from flask import current_app

    from superset_kpi_plugin.alerts.commands.deliver import WRITERS
    from superset_kpi_plugin.locale import CATALOGUES
    from superset_kpi_plugin.reports import message
    from superset_kpi_plugin.reports.api import KpiReportsApi
    from superset_kpi_plugin.reports.plans_api import KpiReportPlansApi, KpiReportTemplatesApi
    from superset_kpi_plugin.reports.zh import MESSAGES

    CATALOGUES["zh"].update(MESSAGES)
    WRITERS[message.EVENT] = message.write
    appbuilder.add_api(KpiReportsApi)
    appbuilder.add_api(KpiReportPlansApi)
    appbuilder.add_api(KpiReportTemplatesApi)
    if current_app.config.get("CELERY_CONFIG") is not None:
        from superset_kpi_plugin.reports import tasks  # noqa: F401 (importing it registers it)
