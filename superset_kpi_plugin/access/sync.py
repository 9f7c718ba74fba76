"""Writes the table of role x permission into Superset's security tables, and keeps Superset's own roles out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from superset_kpi_plugin import compat
from superset_kpi_plugin.access.table import ALL_PERMISSIONS, BORROWED, ROLES, SAMPLES, VIEW_MENUS, Permission


@dataclass
class SyncReport:
    """What a sync changed; all empty when there was nothing to do."""

    granted: list[str] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)

    @property
    def is_unchanged(self) -> bool:
        """True where the security tables already were as the table says."""
        return not (self.granted or self.revoked or self.deleted)


def guard_builtin_roles(security_manager: Any) -> None:
    """Keep `superset init` from granting the plugin's views to Gamma and Alpha.

    Superset gives those roles every view that it doesn't know; views named in ADMIN_ONLY_VIEW_MENUS it leaves to Admin.
    """
    security_manager.ADMIN_ONLY_VIEW_MENUS = set(security_manager.ADMIN_ONLY_VIEW_MENUS) | VIEW_MENUS


def sync_roles(security_manager: Any, session: Any) -> SyncReport:
    """Make the plugin's permissions and roles equal to the table; a second run changes nothing.

    Admin gets every KPI permission; every other role that holds one without being in the table (Gamma and Alpha after
    an `init` without the plugin, say) keeps it only if it is a role of the site's own making.
    """
    report = SyncReport()
    views = {permission: _permission_view(security_manager, permission) for permission in sorted(ALL_PERMISSIONS)}
    with_samples = compat.samples_check_access()
    lent = BORROWED | {SAMPLES} if with_samples else BORROWED
    borrowed = [_permission_view(security_manager, permission) for permission in sorted(lent)]
    session.flush()
    _delete_stale(security_manager, session, report)
    for name, permissions in {**ROLES, "Admin": ALL_PERMISSIONS}.items():
        role = security_manager.add_role(name)
        wanted = [views[permission] for permission in sorted(permissions)]
        _grant(role, wanted + borrowed, report)
        if name != "Admin":
            _revoke(role, lambda held, wanted=wanted: _is_ours(held) and held not in wanted, report)
            if not with_samples:
                _revoke(role, _is_samples, report)
    for name in ("Gamma", "Alpha", "sql_lab", "Public"):
        role = security_manager.find_role(name)
        if role is not None:
            _revoke(role, _is_ours, report)
    session.flush()
    return report


def held_permissions(role: Any) -> set[Permission]:
    """The plugin's permissions that a role holds."""
    return {(held.permission.name, held.view_menu.name) for held in role.permissions if _is_ours(held)}


def _permission_view(security_manager: Any, permission: Permission) -> Any:
    return security_manager.add_permission_view_menu(*permission)


def _is_ours(held: Any) -> bool:
    return bool(held.permission and held.view_menu and held.view_menu.name in VIEW_MENUS)


def _is_samples(held: Any) -> bool:
    return bool(held.permission and held.view_menu and (held.permission.name, held.view_menu.name) == SAMPLES)


def _grant(role: Any, wanted: list[Any], report: SyncReport) -> None:
    held = set(role.permissions)
    for view in wanted:
        if view not in held:
            role.permissions.append(view)
            report.granted.append(f"{role.name}: {view}")


def _revoke(role: Any, is_unwanted: Any, report: SyncReport) -> None:
    for held in list(role.permissions):
        if is_unwanted(held):
            role.permissions.remove(held)
            report.revoked.append(f"{role.name}: {held}")


def _delete_stale(security_manager: Any, session: Any, report: SyncReport) -> None:
    """Remove permissions on our views that no longer stand in the table (left behind by an earlier version)."""
    model, views = security_manager.permissionview_model, security_manager.viewmenu_model
    for held in session.query(model).join(views, model.view_menu_id == views.id).filter(views.name.in_(VIEW_MENUS)):
        if _is_ours(held) and (held.permission.name, held.view_menu.name) not in ALL_PERMISSIONS:
            for role in session.query(security_manager.role_model).all():
                if held in role.permissions:
                    role.permissions.remove(held)
            report.deleted.append(str(held))
            session.delete(held)
