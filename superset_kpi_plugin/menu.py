"""The menu category KPI: the dashboards that are installed, in the user's language, and the plugin's pages."""

from __future__ import annotations

from functools import partial
from typing import Any

from superset_kpi_plugin import views
from superset_kpi_plugin.access.table import (
    ALERTS,
    CATALOGUE,
    DASHBOARDS,
    DIAGNOSIS,
    HOME,
    MENU,
    RECONCILIATION,
    REPORTS,
    SCOPES,
    SETUP,
    TARGETS,
    UPLOADS,
    dashboard_menu,
)
from superset_kpi_plugin.assets.editions import LANGUAGES, slug
from superset_kpi_plugin.config import setting
from superset_kpi_plugin.locale import Label, current_locale


def add_menu(appbuilder: Any) -> None:
    """Add the dashboards, the pages and their menu entries; the category stands after Superset's own."""
    category = {"category": MENU, "category_label": Label(MENU), "category_icon": "fa-bullseye"}
    appbuilder.add_view(views.KpiHomePage, HOME, label=Label("Home"), **category)
    for english, label in DASHBOARDS.items():
        name = dashboard_menu(english)
        is_there = partial(has_dashboard, english)
        appbuilder.add_link(name, href=address(english), label=Label(label), cond=is_there, **category)
        # FAB keeps one address a link; here it depends on who asks.
        appbuilder.menu.find(name).get_url = partial(address, english)
    appbuilder.add_view(views.KpiTargetsPage, TARGETS, label=Label("Targets"), **category)
    appbuilder.add_view(views.KpiAlertsPage, ALERTS, label=Label("Alerts"), **category)
    appbuilder.add_view(views.KpiReportsPage, REPORTS, label=Label("Reports"), **category)
    appbuilder.add_view(views.KpiReconciliationPage, RECONCILIATION, label=Label("Differences"), **category)
    appbuilder.add_view(views.KpiGlossaryPage, CATALOGUE, label=Label("Glossary"), **category)
    appbuilder.add_view(views.KpiDiagnosisPage, DIAGNOSIS, label=Label("Diagnosis"), **category)
    appbuilder.add_view(views.KpiSetupPage, SETUP, label=Label("Set-up"), **category)
    appbuilder.add_view(views.KpiUploadsPage, UPLOADS, label=Label("Uploads"), menu_cond=has_uploads, **category)
    appbuilder.add_view(views.KpiScopesPage, SCOPES, label=Label("Scopes"), **category)


def has_uploads() -> bool:
    """Whether the site has a folder for uploads."""
    return bool(setting("KPI_UPLOAD_DIR"))


def has_dashboard(english: str) -> bool:
    """Whether a dashboard is installed in any language."""
    return any(slug(english, language) in installed_slugs() for language in LANGUAGES)


def address(english: str) -> str:
    """Where the dashboard is in the user's language, or in English where only that is installed."""
    own = slug(english, current_locale())
    return f"/superset/dashboard/{own if own in installed_slugs() else english}/"


def installed_slugs() -> frozenset[str]:
    """The slugs of our dashboards that are installed; looked up once a request."""
    from flask import g, has_request_context
    from superset.extensions import db
    from superset.models.dashboard import Dashboard

    if not has_request_context():
        return frozenset()
    if "kpi_dashboards" not in g:
        wanted = [slug(english, language) for english in DASHBOARDS for language in LANGUAGES]
        rows = db.session.query(Dashboard.slug).filter(Dashboard.slug.in_(wanted))
        g.kpi_dashboards = frozenset(name for (name,) in rows)
    found: frozenset[str] = g.kpi_dashboards
    return found
