"""Who is asking, in the words of targets and of the warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from superset_kpi_plugin.access.models import USER
from superset_kpi_plugin.access.scopes import scopes_of
from superset_kpi_plugin.alerts import owners
from superset_kpi_plugin.warehouse import Reader

SUBJECTS_SQL = """
select entity_id, entity_kind, entity_name, team_id
from kpi.kpi_entities
where entity_kind in ('person', 'team') and (owner_id in :names or entity_id in :named)
"""


@dataclass(frozen=True)
class Person:
    """``names`` are those by which targets, rules and the warehouse may call the user."""

    username: str
    names: frozenset[str]
    #: The persons and teams that a scope of the user's own name names.
    named: frozenset[str]


def person_of(user: Any) -> Person:
    """The request's user."""
    own = {row.entity_id for row in scopes_of(user) if row.subject_kind == USER}
    named = frozenset(entity_id for entity_id in own if entity_id.startswith(("person:", "team:")))
    return Person(getattr(user, "username", "") or "", owners.names_of(user), named)


def subjects(person: Person, reader: Reader) -> dict[str, dict[str, Any]]:
    """The entities that are the user: the person, and the teams that a scope names."""
    rows = reader.read(SUBJECTS_SQL, {"names": person.names, "named": person.named})
    return {row["entity_id"]: row for row in rows}
