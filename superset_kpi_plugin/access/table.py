"""The one table of role x permission. Everything about access is derived from it; it imports no framework.

A permission is FAB's pair (permission, view menu). ``menu_access`` shows a menu entry, the others guard routes:

===================  ==========================================================================
can_read             read the view's pages and routes
can_write            targets: save and discard drafts; rules: create, change, delete; uploads: load files;
                     reconciliation: explain differences
can_sign             sign reconciliation differences off
can_approve          counter, approve, lock and publish targets
can_audit            read the audit trail
can_close            close the scorecards of a period
can_define           define KPIs whose values people enter
can_acknowledge      acknowledge alerts
can_evaluate         evaluate rules and deliver messages
can_manage           scopes: see and change them; catalogue: see the configuration (channel names); reports: templates;
                     diagnosis: take the bundle for support
can_run              make and send the reports that are due
===================  ==========================================================================
"""

from __future__ import annotations

Permission = tuple[str, str]

MENU = "KPI"
HOME = "KPI Home"
TARGETS = "KPI Targets"
ALERTS = "KPI Alerts"
ALERT_RULES = "KPI Alert rules"
CATALOGUE = "KPI Catalogue"
UPLOADS = "KPI Uploads"
SCOPES = "KPI Scopes"
SETUP = "KPI Set-up"
REPORTS = "KPI Reports"
RECONCILIATION = "KPI Reconciliation"
DIAGNOSIS = "KPI Diagnosis"
#: The dashboards' labels in the menu, by slug, in the menu's order.
DASHBOARDS: dict[str, str] = {
    "kpi-overview": "KPI overview",
    "kpi-sales": "Sales and traffic",
    "kpi-ads": "Advertising",
    "kpi-inventory": "Inventory",
    "kpi-health": "Fulfilment and account health",
    "kpi-service": "Customer service",
    "kpi-finance": "Finance",
    "kpi-reconciliation": "Reconciliation",
    "kpi-team": "Team scorecard",
    "kpi-data-health": "Data health",
}


def dashboard_menu(slug: str) -> str:
    """The name of a dashboard's menu entry, and so of the permission that shows it."""
    label = DASHBOARDS[slug]
    return label if label.startswith("KPI ") else f"KPI dashboard {label}"


DASHBOARD_MENUS: frozenset[str] = frozenset(dashboard_menu(slug) for slug in DASHBOARDS)

#: Every view menu of the plugin: none of them may reach Superset's own roles by `superset init` (Admin apart).
VIEW_MENUS: frozenset[str] = DASHBOARD_MENUS | {
    *(MENU, HOME, TARGETS, ALERTS, ALERT_RULES, CATALOGUE, UPLOADS, SCOPES, REPORTS, RECONCILIATION, DIAGNOSIS, SETUP),
}

_VIEWER: frozenset[Permission] = frozenset(
    {
        ("menu_access", MENU),
        ("menu_access", HOME),
        ("can_read", HOME),
        ("menu_access", TARGETS),
        ("menu_access", ALERTS),
        *(("menu_access", name) for name in DASHBOARD_MENUS),
        ("menu_access", CATALOGUE),
        ("can_read", CATALOGUE),
        ("can_read", TARGETS),
        ("can_read", ALERTS),
        ("can_read", ALERT_RULES),
        ("menu_access", REPORTS),
        ("can_read", REPORTS),
        ("menu_access", RECONCILIATION),
        ("can_read", RECONCILIATION),
        ("menu_access", DIAGNOSIS),
        ("can_read", DIAGNOSIS),
    }
)
_OWNER = _VIEWER | {
    ("can_write", TARGETS),
    ("can_acknowledge", ALERTS),
    ("can_write", RECONCILIATION),
    ("menu_access", SETUP),
    ("can_read", SETUP),
}
_APPROVER = _OWNER | {
    ("can_approve", TARGETS),
    ("menu_access", UPLOADS),
    ("can_read", UPLOADS),
    ("can_write", UPLOADS),
    ("can_write", REPORTS),
    ("can_sign", RECONCILIATION),
}
_ADMIN = _APPROVER | {
    ("can_write", ALERT_RULES),
    ("can_evaluate", ALERTS),
    ("can_manage", CATALOGUE),
    ("menu_access", SCOPES),
    ("can_read", SCOPES),
    ("can_manage", SCOPES),
    ("can_audit", TARGETS),
    ("can_close", TARGETS),
    ("can_define", TARGETS),
    ("can_manage", REPORTS),
    ("can_run", REPORTS),
    ("can_manage", DIAGNOSIS),
}

ROLES: dict[str, frozenset[Permission]] = {
    "KPI Viewer": _VIEWER,
    "KPI Owner": _OWNER,
    "KPI Approver": _APPROVER,
    "KPI Admin": _ADMIN,
}

#: Superset's own permissions that every role of the plugin needs: a client that writes must fetch the CSRF token, and
#: the dashboards' charts are drilled to detail and by other columns (within what row level security leaves).
BORROWED: frozenset[Permission] = frozenset(
    {
        ("can_read", "SecurityRestApi"),
        ("can_drill", "Dashboard"),
        ("can_get_drill_info", "Dataset"),
    }
)

#: The rows behind a chart; only where Superset asks for access to the dataset too (compat.samples_check_access).
SAMPLES: Permission = ("can_samples", "Datasource")

ALL_PERMISSIONS: frozenset[Permission] = frozenset().union(*ROLES.values())

Power = str
SEE, EDIT, APPROVE = "see", "edit", "approve"

#: Every route of the API: the permission that opens it, and the power over an entity that it asks of the caller's
#: scopes (None: it is about no entity). A route that is missing here fails the tests.
ROUTES: dict[str, tuple[Permission, Power | None]] = {
    "KpiScopesApi.get_list": (("can_manage", SCOPES), None),
    "KpiScopesApi.get_subjects": (("can_manage", SCOPES), None),
    "KpiScopesApi.add": (("can_manage", SCOPES), None),
    "KpiScopesApi.remove": (("can_manage", SCOPES), None),
    "KpiCatalogueApi.get_catalogue": (("can_read", CATALOGUE), None),
    "KpiCatalogueApi.get_glossary": (("can_read", CATALOGUE), None),
    "KpiCatalogueApi.get_entities": (("can_read", CATALOGUE), SEE),
    "KpiCatalogueApi.get_freshness": (("can_read", CATALOGUE), SEE),
    "KpiCatalogueApi.get_me": (("can_read", CATALOGUE), None),
    "KpiDiagnosisApi.get_diagnosis": (("can_read", DIAGNOSIS), SEE),
    "KpiDiagnosisApi.get_bundle": (("can_manage", DIAGNOSIS), None),
    "KpiHomeApi.get_home": (("can_read", HOME), SEE),
    "KpiTargetsApi.get_list": (("can_read", TARGETS), SEE),
    "KpiTargetsApi.save": (("can_write", TARGETS), EDIT),
    "KpiTargetsApi.publish": (("can_approve", TARGETS), None),
    "KpiTargetsApi.get_publication": (("can_read", TARGETS), None),
    "KpiAgreementApi.propose": (("can_write", TARGETS), EDIT),
    "KpiAgreementApi.accept": (("can_write", TARGETS), EDIT),
    "KpiAgreementApi.counter": (("can_approve", TARGETS), APPROVE),
    "KpiAgreementApi.approve": (("can_approve", TARGETS), APPROVE),
    "KpiAgreementApi.lock": (("can_approve", TARGETS), APPROVE),
    "KpiAgreementApi.unlock": (("can_approve", TARGETS), APPROVE),
    "KpiAgreementApi.discard": (("can_write", TARGETS), EDIT),
    "KpiVersionsApi.get_history": (("can_read", TARGETS), SEE),
    "KpiVersionsApi.compare": (("can_read", TARGETS), SEE),
    "KpiAgreementApi.get_comments": (("can_read", TARGETS), SEE),
    "KpiAgreementApi.add_comment": (("can_write", TARGETS), SEE),
    "KpiAgreementApi.get_mentions": (("can_read", TARGETS), SEE),
    "KpiAgreementApi.get_audit": (("can_audit", TARGETS), None),
    "KpiPlanApi.get_tree": (("can_read", TARGETS), SEE),
    "KpiPlanApi.get_periods": (("can_read", TARGETS), SEE),
    "KpiPlanApi.get_explanation": (("can_read", TARGETS), SEE),
    "KpiPlanApi.get_feasibility": (("can_read", TARGETS), SEE),
    "KpiPlanApi.get_feasibility_of_target": (("can_read", TARGETS), SEE),
    "KpiPlanApi.split": (("can_write", TARGETS), EDIT),
    "KpiFilesApi.export": (("can_read", TARGETS), SEE),
    "KpiFilesApi.import_file": (("can_write", TARGETS), EDIT),
    "KpiChecksApi.get_findings": (("can_read", TARGETS), SEE),
    "KpiChecksApi.get_waivers": (("can_approve", TARGETS), None),
    "KpiChecksApi.waive": (("can_approve", TARGETS), None),
    "KpiChecksApi.unwaive": (("can_approve", TARGETS), None),
    "KpiScorecardsApi.get_scorecards": (("can_read", TARGETS), SEE),
    "KpiScorecardsApi.close_period": (("can_close", TARGETS), None),
    "KpiObjectivesApi.get_list": (("can_read", TARGETS), SEE),
    "KpiObjectivesApi.add": (("can_write", TARGETS), EDIT),
    "KpiObjectivesApi.change": (("can_write", TARGETS), EDIT),
    "KpiObjectivesApi.remove": (("can_write", TARGETS), EDIT),
    "KpiManualApi.get_kpis": (("can_read", TARGETS), None),
    "KpiManualApi.add_kpi": (("can_define", TARGETS), None),
    "KpiManualApi.change_kpi": (("can_define", TARGETS), None),
    "KpiManualApi.get_values": (("can_read", TARGETS), SEE),
    "KpiManualApi.get_history": (("can_read", TARGETS), SEE),
    "KpiManualApi.save_values": (("can_write", TARGETS), EDIT),
    "KpiSetupApi.get_survey": (("can_read", TARGETS), SEE),
    "KpiSetupApi.propose": (("can_write", TARGETS), EDIT),
    "KpiAlertsApi.get_list": (("can_read", ALERTS), SEE),
    "KpiAlertsApi.get": (("can_read", ALERTS), SEE),
    "KpiAlertsApi.get_history": (("can_read", ALERTS), SEE),
    "KpiAlertsApi.acknowledge": (("can_acknowledge", ALERTS), SEE),
    "KpiAlertsApi.snooze": (("can_acknowledge", ALERTS), SEE),
    "KpiAlertsApi.assign": (("can_acknowledge", ALERTS), SEE),
    "KpiAlertsApi.vote": (("can_acknowledge", ALERTS), SEE),
    "KpiAlertsApi.unvote": (("can_acknowledge", ALERTS), SEE),
    "KpiAlertsApi.comment": (("can_acknowledge", ALERTS), SEE),
    "KpiAlertsApi.evaluate": (("can_evaluate", ALERTS), None),
    "KpiAlertsApi.deliver": (("can_evaluate", ALERTS), None),
    "KpiAlertRulesApi.get_list": (("can_read", ALERT_RULES), None),
    "KpiAlertRulesApi.get": (("can_read", ALERT_RULES), None),
    "KpiAlertRulesApi.post": (("can_write", ALERT_RULES), None),
    "KpiAlertRulesApi.backtest": (("can_write", ALERT_RULES), None),
    "KpiAlertRulesApi.get_choices": (("can_write", ALERT_RULES), None),
    "KpiAlertRulesApi.get_packs": (("can_read", ALERT_RULES), None),
    "KpiAlertRulesApi.switch_on": (("can_write", ALERT_RULES), None),
    "KpiAlertRulesApi.put": (("can_write", ALERT_RULES), None),
    "KpiAlertRulesApi.delete": (("can_write", ALERT_RULES), None),
    "KpiSilencesApi.get_list": (("can_read", ALERTS), SEE),
    "KpiSilencesApi.post": (("can_acknowledge", ALERTS), SEE),
    "KpiSilencesApi.delete": (("can_acknowledge", ALERTS), SEE),
    "KpiUploadsApi.get_choices": (("can_read", UPLOADS), None),
    "KpiUploadsApi.get_list": (("can_read", UPLOADS), None),
    "KpiUploadsApi.preview": (("can_write", UPLOADS), None),
    "KpiUploadsApi.submit": (("can_write", UPLOADS), None),
    "KpiReportsApi.get_list": (("can_read", REPORTS), SEE),
    "KpiReportsApi.get": (("can_read", REPORTS), SEE),
    "KpiReportsApi.get_file": (("can_read", REPORTS), SEE),
    "KpiReportsApi.make": (("can_write", REPORTS), SEE),
    "KpiReportsApi.comment": (("can_write", REPORTS), SEE),
    "KpiReportsApi.release": (("can_write", REPORTS), SEE),
    "KpiReportsApi.discard": (("can_write", REPORTS), SEE),
    "KpiReportsApi.run": (("can_run", REPORTS), None),
    "KpiReportPlansApi.get_list": (("can_read", REPORTS), SEE),
    "KpiReportPlansApi.add": (("can_write", REPORTS), SEE),
    "KpiReportPlansApi.change": (("can_write", REPORTS), SEE),
    "KpiReportPlansApi.remove": (("can_write", REPORTS), SEE),
    "KpiReportTemplatesApi.get_list": (("can_manage", REPORTS), None),
    "KpiReportTemplatesApi.preview": (("can_manage", REPORTS), None),
    "KpiReportTemplatesApi.add": (("can_manage", REPORTS), None),
    "KpiReportTemplatesApi.change": (("can_manage", REPORTS), None),
    "KpiReportTemplatesApi.remove": (("can_manage", REPORTS), None),
    "KpiReconciliationApi.get_list": (("can_read", RECONCILIATION), SEE),
    "KpiReconciliationApi.get_difference": (("can_read", RECONCILIATION), SEE),
    "KpiReconciliationApi.export": (("can_read", RECONCILIATION), SEE),
    "KpiReconciliationApi.explain": (("can_write", RECONCILIATION), EDIT),
    "KpiReconciliationApi.sign": (("can_sign", RECONCILIATION), APPROVE),
    "KpiReconciliationApi.withdraw": (("can_sign", RECONCILIATION), APPROVE),
}
