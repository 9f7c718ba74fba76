"""The one table of role x permission. Everything about access is derived from it; it imports no framework.

A permission is FAB's pair (permission, view menu). ``menu_access`` shows a menu entry, the others guard routes:

===================  ==========================================================================
can_read             read the view's pages and routes
can_write            targets: save and discard drafts; rules: create, change, delete; uploads: load files
can_approve          approve and publish targets
can_acknowledge      acknowledge alerts
can_evaluate         evaluate rules and deliver messages
can_manage           see the configuration (channel names)
===================  ==========================================================================
"""

from __future__ import annotations

Permission = tuple[str, str]

MENU = "KPI"
TARGETS = "KPI Targets"
ALERTS = "KPI Alerts"
ALERT_RULES = "KPI Alert rules"
CATALOGUE = "KPI Catalogue"
UPLOADS = "KPI Uploads"
OVERVIEW = "KPI overview"

#: Every view menu of the plugin: none of them may reach Superset's own roles by `superset init` (Admin apart).
VIEW_MENUS: frozenset[str] = frozenset({MENU, TARGETS, ALERTS, ALERT_RULES, CATALOGUE, UPLOADS, OVERVIEW})

_VIEWER: frozenset[Permission] = frozenset(
    {
        ("menu_access", MENU),
        ("menu_access", TARGETS),
        ("menu_access", ALERTS),
        ("menu_access", OVERVIEW),
        ("can_read", CATALOGUE),
        ("can_read", TARGETS),
        ("can_read", ALERTS),
        ("can_read", ALERT_RULES),
    }
)
_OWNER = _VIEWER | {("can_write", TARGETS), ("can_acknowledge", ALERTS)}
_APPROVER = _OWNER | {
    ("can_approve", TARGETS),
    ("menu_access", UPLOADS),
    ("can_read", UPLOADS),
    ("can_write", UPLOADS),
}
_ADMIN = _APPROVER | {("can_write", ALERT_RULES), ("can_evaluate", ALERTS), ("can_manage", CATALOGUE)}

ROLES: dict[str, frozenset[Permission]] = {
    "KPI Viewer": _VIEWER,
    "KPI Owner": _OWNER,
    "KPI Approver": _APPROVER,
    "KPI Admin": _ADMIN,
}

#: Superset's own permissions that every role of the plugin needs: a client that writes must fetch the CSRF token.
BORROWED: frozenset[Permission] = frozenset({("can_read", "SecurityRestApi")})

ALL_PERMISSIONS: frozenset[Permission] = frozenset().union(*ROLES.values())
