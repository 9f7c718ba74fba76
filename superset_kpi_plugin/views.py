"""The plugin's pages: Superset's own chrome around a root element that the React bundle fills."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Blueprint, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from superset.views.base import BaseSupersetView

from superset_kpi_plugin import compat
from superset_kpi_plugin.access.table import (
    ALERTS,
    CATALOGUE,
    DIAGNOSIS,
    HOME,
    RECONCILIATION,
    REPORTS,
    SCOPES,
    SETUP,
    TARGETS,
    UPLOADS,
)
from superset_kpi_plugin.locale import current_locale, translate

STATIC = Path(__file__).parent / "static"

assets = Blueprint(
    "superset_kpi",
    __name__,
    static_folder="static",
    static_url_path="/static/kpi",
    template_folder="templates",
)


class KpiPage(BaseSupersetView):
    """One page; subclasses name the page, its address and the permission's view menu."""

    page = ""
    title = ""
    default_view = "show"

    @expose("/")
    @has_access
    @permission_name("read")
    def show(self) -> Any:
        """The page's frame; the bundle asks the API for everything else."""
        return self.render_template(
            "kpi/page.html",
            **compat.spa_template_context(
                title=translate(self.title),
                kpi_page=self.page,
                kpi_base_url=url_for("Superset.welcome").removesuffix("/superset/welcome/"),
                kpi_locale=current_locale(),
                kpi_js=asset_url("kpi.js"),
                kpi_css=asset_url("kpi.css"),
            ),
        )


class KpiHomePage(KpiPage):
    """/kpi/home/"""

    route_base = "/kpi/home"
    class_permission_name = HOME
    page = "home"
    title = "Home"


class KpiTargetsPage(KpiPage):
    """/kpi/targets/"""

    route_base = "/kpi/targets"
    class_permission_name = TARGETS
    page = "targets"
    title = "Targets"


class KpiAlertsPage(KpiPage):
    """/kpi/alerts/"""

    route_base = "/kpi/alerts"
    class_permission_name = ALERTS
    page = "alerts"
    title = "Alerts"


class KpiReportsPage(KpiPage):
    """/kpi/reports/"""

    route_base = "/kpi/reports"
    class_permission_name = REPORTS
    page = "reports"
    title = "Reports"


class KpiReconciliationPage(KpiPage):
    """/kpi/reconciliation/"""

    route_base = "/kpi/reconciliation"
    class_permission_name = RECONCILIATION
    page = "reconciliation"
    title = "Differences"


class KpiGlossaryPage(KpiPage):
    """/kpi/glossary/"""

    route_base = "/kpi/glossary"
    class_permission_name = CATALOGUE
    page = "glossary"
    title = "Glossary"


class KpiDiagnosisPage(KpiPage):
    """/kpi/diagnosis/"""

    route_base = "/kpi/diagnosis"
    class_permission_name = DIAGNOSIS
    page = "diagnosis"
    title = "Diagnosis"


class KpiUploadsPage(KpiPage):
    """/kpi/uploads/"""

    route_base = "/kpi/uploads"
    class_permission_name = UPLOADS
    page = "uploads"
    title = "Uploads"


class KpiScopesPage(KpiPage):
    """/kpi/scopes/"""

    route_base = "/kpi/scopes"
    class_permission_name = SCOPES
    page = "scopes"
    title = "Scopes"


class KpiSetupPage(KpiPage):
    """/kpi/setup/"""

    route_base = "/kpi/setup"
    class_permission_name = SETUP
    page = "setup"
    title = "Set-up"


def asset_url(name: str) -> str | None:
    """Address of a built asset with its content's hash, so that a browser never keeps an old one; None if not built."""
    path = STATIC / name
    if not path.exists():
        return None
    return url_for("superset_kpi.static", filename=name, v=_content_hash(str(path), path.stat().st_mtime_ns))


@lru_cache(maxsize=32)
def _content_hash(path: str, _modified: int) -> str:
    return sha256(Path(path).read_bytes()).hexdigest()[:12]
