"""What a person reaches: pure, imports no framework. `scopes` reads it from the tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

Power = Literal["see", "edit", "approve"]
Row = TypeVar("Row", bound=dict)


@dataclass(frozen=True)
class Reach:
    """Entity ids by power; None means every entity. A power to edit or approve implies seeing."""

    see: frozenset[str] | None
    edit: frozenset[str] | None
    approve: frozenset[str] | None

    def covers(self, power: Power, entity_id: str) -> bool:
        """Whether the power holds for the entity."""
        allowed: frozenset[str] | None = getattr(self, power)
        return allowed is None or entity_id in allowed

    def beyond(self, power: Power, entity_ids: Iterable[str]) -> list[int]:
        """Places of the entities for which the power does not hold."""
        return [place for place, entity_id in enumerate(entity_ids) if not self.covers(power, entity_id)]

    def seen(self, rows: Collection[Row], name: str = "entity_id") -> list[Row]:
        """The rows of entities that may be seen."""
        return [row for row in rows if self.see is None or row[name] in self.see]


EVERYTHING = Reach(None, None, None)
NOTHING = Reach(frozenset(), frozenset(), frozenset())
