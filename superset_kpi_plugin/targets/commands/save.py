"""Save targets as drafts, all or nothing."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy.exc import IntegrityError
from superset.extensions import db

from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import PreconditionFailed
from superset_kpi_plugin.targets import storage
from superset_kpi_plugin.targets.commands.checks import refuse, refuse_too_many
from superset_kpi_plugin.targets.models import DISCARDED, DRAFT, SUPERSEDED, Target, TargetVersion, utc_now
from superset_kpi_plugin.targets.present import present_target, present_version
from superset_kpi_plugin.targets.rules import VALUE_FIELDS, Kpi, Problem, key_problems, value_problems
from superset_kpi_plugin.targets.schemas import load_rows
from superset_kpi_plugin.warehouse import Warehouse

#: How often a save starts again when another writer created the same target at the same moment.
ATTEMPTS = 3


class SaveDrafts:
    """Write rows as drafts.

    A value that a row leaves out keeps what the draft, else the approved version, says; null clears it. A row that
    changes nothing writes nothing; one that returns to the approved values drops the draft.

    :param rows: the request's ``targets``, as JSON gave them (numbers as Decimal, int or str).
    :param actor: the user's name.
    """

    def __init__(self, rows: Any, actor: str, warehouse: Warehouse) -> None:
        self.raw = rows
        self.actor = actor
        self.warehouse = warehouse
        self.rows: list[dict[str, Any]] = []
        self.kpis: dict[str, Kpi] = {}
        self.entities: dict[str, dict[str, Any]] = {}

    def validate(self) -> None:
        """Everything that can be known before the targets are locked.

        :raises ValidationFailed: with an error per row and field.
        :raises WarehouseUnavailable: KPIs and entities can't be checked.
        """
        refuse_too_many(self.raw)
        self.rows, problems = load_rows(self.raw)
        refuse(problems)
        with self.warehouse.reading() as reader:
            self.kpis = {key: Kpi.from_row(row) for key, row in queries.catalogue_by_id(reader).items()}
            self.entities = queries.entities_by_id(reader, {row["entity_id"] for row in self.rows})
        for index, row in enumerate(self.rows):
            problems += key_problems(index, row, self.kpis, self.entities)
        seen = Counter(storage.key_of(row) for row in self.rows)
        problems += [
            Problem(index, "entity_id", "This target stands in the request twice.")
            for index, row in enumerate(self.rows)
            if seen[storage.key_of(row)] > 1
        ]
        refuse(problems)

    def run(self) -> list[dict[str, Any]]:
        """Save; returns the targets as they are now, in JSON's types and in the order of the rows.

        :raises PreconditionFailed: somebody changed a row whose etag was given.
        """
        self.validate()
        for attempt in range(ATTEMPTS):
            try:
                # Presented before the commit, after which every row would be read again, one by one.
                saved = [present_target(held) for held in self._save()]
                db.session.commit()
                return saved
            except IntegrityError:
                db.session.rollback()
                if attempt == ATTEMPTS - 1:
                    raise PreconditionFailed() from None
            except BaseException:
                db.session.rollback()
                raise
        raise AssertionError("unreachable")

    def _save(self) -> list[storage.Held]:
        held = storage.lock_by_key([storage.key_of(row) for row in self.rows])
        self._refuse_conflicts(held)
        wanted = [self._wanted(row, held.get(storage.key_of(row))) for row in self.rows]
        problems: list[Problem] = []
        for index, (row, values) in enumerate(zip(self.rows, wanted, strict=True)):
            problems += value_problems(index, self.kpis[row["kpi_id"]], values)
        refuse(problems)
        for row in self.rows:
            key = storage.key_of(row)
            if key not in held:
                held[key] = storage.Held(self._new_target(row))
        db.session.flush()
        pairs = [(held[storage.key_of(row)], values) for row, values in zip(self.rows, wanted, strict=True)]
        drafted = [pair for pair in pairs if self._close_old(*pair)]
        db.session.flush()  # the old drafts make room before the new ones are written
        for pair in drafted:
            self._write(*pair)
        db.session.flush()
        return [held[storage.key_of(row)] for row in self.rows]

    def _refuse_conflicts(self, held: dict[storage.Key, storage.Held]) -> None:
        conflicts = []
        for index, row in enumerate(self.rows):
            if "etag" not in row:
                continue
            current = held.get(storage.key_of(row))
            if row["etag"] != (current.target.etag if current else None):
                conflicts.append(self._conflict(index, row, current))
        if conflicts:
            raise PreconditionFailed(details={"conflicts": conflicts})

    @staticmethod
    def _conflict(index: int, row: dict[str, Any], current: storage.Held | None) -> dict[str, Any]:
        return {
            "index": index,
            "yours": {name: row[name] for name in (*VALUE_FIELDS, "owner", "etag") if name in row},
            "theirs": {
                "id": current.target.id if current else None,
                "etag": current.target.etag if current else None,
                "draft": present_version(current.draft) if current else None,
                "approved": present_version(current.approved) if current else None,
            },
        }

    @staticmethod
    def _wanted(row: dict[str, Any], held: storage.Held | None) -> dict[str, Any]:
        base = storage.values_of((held.draft or held.approved) if held else None)
        return {name: row.get(name, value) for name, value in base.items()}

    def _new_target(self, row: dict[str, Any]) -> Target:
        target = Target(
            kpi_id=row["kpi_id"],
            entity_kind=self.entities[row["entity_id"]]["entity_kind"],
            entity_id=row["entity_id"],
            grain=row["grain"],
            period_start=row["period_start"],
            revision=0,
            created_by=self.actor,
        )
        db.session.add(target)
        return target

    def _close_old(self, held: storage.Held, values: dict[str, Any]) -> bool:
        """Close the draft that the values replace; whether a new one is to be written."""
        if held.draft is not None and values == storage.values_of(held.draft):
            return False
        returns_to_approved = held.approved is not None and values == storage.values_of(held.approved)
        if held.draft is None and returns_to_approved:
            return False
        held.target.revision += 1
        if held.draft is not None:
            held.draft.state = DISCARDED if returns_to_approved else SUPERSEDED
            held.draft.closed_by, held.draft.closed_at = self.actor, utc_now()
            held.draft = None
        return not returns_to_approved

    def _write(self, held: storage.Held, values: dict[str, Any]) -> None:
        held.last_version += 1
        is_money = self.kpis[held.target.kpi_id].unit == "money"
        held.draft = TargetVersion(
            target_id=held.target.id,
            version=held.last_version,
            state=DRAFT,
            currency=self.entities[held.target.entity_id]["currency"] if is_money else None,
            changed_by=self.actor,
            changed_at=utc_now(),
            **values,
        )
        db.session.add(held.draft)
