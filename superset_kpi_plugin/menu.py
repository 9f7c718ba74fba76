"""The menu category KPI: Targets, Alerts, Reports, Uploads and, once it's installed, the dashboard."""

from __future__ import annotations

from typing import Any

from superset_kpi_plugin import views
from superset_kpi_plugin.access.table import ALERTS, MENU, OVERVIEW, REPORTS, TARGETS, UPLOADS
from superset_kpi_plugin.config import setting
from superset_kpi_plugin.locale import Label

OVERVIEW_SLUG = "kpi-overview"


def add_menu(appbuilder: Any) -> None:
    """Add the pages and their menu entries; the category stands after Superset's own."""
    category = {"category": MENU, "category_label": Label(MENU), "category_icon": "fa-bullseye"}
    appbuilder.add_link(
        OVERVIEW,
        href=f"/superset/dashboard/{OVERVIEW_SLUG}/",
        label=Label("KPI overview"),
        cond=has_overview,
        **category,
    )
    appbuilder.add_view(views.KpiTargetsPage, TARGETS, label=Label("Targets"), **category)
    appbuilder.add_view(views.KpiAlertsPage, ALERTS, label=Label("Alerts"), **category)
    appbuilder.add_view(views.KpiReportsPage, REPORTS, label=Label("Reports"), **category)
    appbuilder.add_view(views.KpiUploadsPage, UPLOADS, label=Label("Uploads"), menu_cond=has_uploads, **category)


def has_uploads() -> bool:
    """Whether the site has a folder for uploads."""
    return bool(setting("KPI_UPLOAD_DIR"))


def has_overview() -> bool:
    """Whether the dashboard KPI overview is installed."""
    from superset.extensions import db
    from superset.models.dashboard import Dashboard

    return db.session.query(Dashboard.id).filter_by(slug=OVERVIEW_SLUG).first() is not None
