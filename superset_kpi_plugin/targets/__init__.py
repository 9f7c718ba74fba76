"""Targets: drafts, approval, publishing to kpi_targets, and the list beside the actuals."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Add the slice's API."""
    from superset_kpi_plugin.alerts.commands.deliver import WRITERS
    from superset_kpi_plugin.targets import mentions, models  # noqa: F401 (the tables must be known to the app)
    from superset_kpi_plugin.targets.agreement_api import KpiAgreementApi
    from superset_kpi_plugin.targets.api import KpiTargetsApi
    from superset_kpi_plugin.targets.checks_api import KpiChecksApi
    from superset_kpi_plugin.targets.files_api import KpiFilesApi
    from superset_kpi_plugin.targets.objectives_api import KpiObjectivesApi
    from superset_kpi_plugin.targets.plan_api import KpiPlanApi
    from superset_kpi_plugin.targets.scorecards_api import KpiScorecardsApi
    from superset_kpi_plugin.targets.versions_api import KpiVersionsApi

    WRITERS[mentions.EVENT] = mentions.write
    appbuilder.add_api(KpiTargetsApi)
    appbuilder.add_api(KpiAgreementApi)
    appbuilder.add_api(KpiVersionsApi)
    appbuilder.add_api(KpiPlanApi)
    appbuilder.add_api(KpiFilesApi)
    appbuilder.add_api(KpiChecksApi)
    appbuilder.add_api(KpiScorecardsApi)
    appbuilder.add_api(KpiObjectivesApi)
