"""Who may be told of what: the one place where alerts ask whether a user may see an entity."""

from __future__ import annotations

from collections.abc import Collection

from superset_kpi_plugin.access.table import ALERTS


def visible_entities(username: str, entity_ids: Collection[str]) -> set[str]:
    """Those of the entities whose alerts a Superset user may see; none for who is unknown, inactive or has no role."""
    from superset.extensions import security_manager

    user = security_manager.find_user(username=username)
    if user is None or not user.is_active:
        return set()
    held = {
        (held.permission.name, held.view_menu.name)
        for role in user.roles
        for held in role.permissions
        if held.permission and held.view_menu
    }
    return set(entity_ids) if ("can_read", ALERTS) in held else set()
