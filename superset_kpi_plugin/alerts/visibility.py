"""Who may be told of what: the one place where alerts ask whether a user may see an entity."""

from __future__ import annotations

from collections.abc import Collection

from superset_kpi_plugin.access.table import ALERTS, SCOPES


def visible_entities(username: str, entity_ids: Collection[str]) -> set[str]:
    """Those of the entities whose alerts a Superset user may see; none for who is unknown, inactive or has no role.

    What a user sees is bounded by the scopes, as everywhere.
    """
    from superset.extensions import security_manager

    from superset_kpi_plugin.access.scopes import bounded_reach

    user = security_manager.find_user(username=username)
    if user is None or not user.is_active:
        return set()
    held = {
        (held.permission.name, held.view_menu.name)
        for role in user.roles
        for held in role.permissions
        if held.permission and held.view_menu
    }
    if ("can_read", ALERTS) not in held:
        return set()
    # Not of the request's user, who may be the service that evaluates, but of the one who is told. While the warehouse
    # is away this raises: the rule is evaluated again later, rather than told to too many or to nobody.
    reach = bounded_reach(user, ("can_manage", SCOPES) in held)
    return {entity_id for entity_id in entity_ids if reach.covers("see", entity_id)}
