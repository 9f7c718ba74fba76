"""Save targets as drafts, all or nothing; answer a proposal with other values."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

from sqlalchemy.exc import IntegrityError
from superset.extensions import db

from superset_kpi_plugin.access.reach import EVERYTHING, Power, Reach
from superset_kpi_plugin.audit import trail
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import PreconditionFailed
from superset_kpi_plugin.targets import agreement, storage
from superset_kpi_plugin.targets.commands.checks import refuse, refuse_outside, refuse_too_many
from superset_kpi_plugin.targets.commands.comment import write_with_step
from superset_kpi_plugin.targets.models import DISCARDED, DRAFT, SUPERSEDED, TargetVersion, utc_now
from superset_kpi_plugin.targets.present import SAID, VERSION_FIELDS, present_target, present_version
from superset_kpi_plugin.targets.rules import Kpi, Problem, key_problems, means_problems, value_problems
from superset_kpi_plugin.targets.schemas import load_rows
from superset_kpi_plugin.warehouse import Warehouse

#: How often a save starts again when another writer created the same target at the same moment.
ATTEMPTS = 3


class SaveDrafts:
    """Write rows as drafts.

    A value that a row leaves out keeps what the draft, else the approved version, says; null clears it. A row that
    changes nothing writes nothing; one that returns to the approved values drops the draft. Other values than those
    proposed begin the agreement anew.

    :param rows: the request's ``targets``, as JSON gave them (numbers as Decimal, int or str).
    :param actor: the user's name.
    """

    action = "save"
    stage = agreement.DRAFT
    power: Power = "edit"

    def __init__(self, rows: Any, actor: str, warehouse: Warehouse, reach: Reach = EVERYTHING) -> None:
        self.raw = rows
        self.actor = actor
        self.warehouse = warehouse
        self.reach = reach
        self.rows: list[dict[str, Any]] = []
        self.kpis: dict[str, Kpi] = {}
        self.entities: dict[str, dict[str, Any]] = {}

    def validate(self) -> None:
        """Everything that can be known before the targets are locked.

        :raises ValidationFailed: with an error per row and field.
        :raises Forbidden: an entity can be seen, but its targets can't be changed.
        :raises WarehouseUnavailable: KPIs and entities can't be checked.
        """
        self.load()
        problems: list[Problem] = []
        with self.warehouse.reading() as reader:
            self.kpis = {key: Kpi.from_row(row) for key, row in queries.catalogue_by_id(reader).items()}
            found = queries.entities_by_id(reader, {row["entity_id"] for row in self.rows})
        self.entities = {key: entity for key, entity in found.items() if self.reach.covers("see", key)}
        for index, row in enumerate(self.rows):
            problems += key_problems(index, row, self.kpis, self.entities)
        seen = Counter(storage.key_of(row) for row in self.rows)
        problems += [
            Problem(index, "entity_id", "This target stands in the request twice.")
            for index, row in enumerate(self.rows)
            if seen[storage.key_of(row)] > 1
        ]
        refuse(problems)
        refuse_outside(self.reach, self.power, [row["entity_id"] for row in self.rows])

    def load(self) -> None:
        """The rows in Python's types."""
        refuse_too_many(self.raw)
        self.rows, problems = load_rows(self.raw)
        refuse(problems)

    def run(self) -> list[dict[str, Any]]:
        """Save; returns the targets as they are now, in JSON's types and in the order of the rows.

        :raises PreconditionFailed: somebody changed a row whose etag was given.
        """
        self.validate()
        return [present_target(held) for held in self.write()]

    def write(self) -> list[storage.Locked]:
        """Write the validated rows, all or nothing; the targets as they are now, in the order of the rows."""
        for attempt in range(ATTEMPTS):
            try:
                saved = self._save()
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

    def _save(self) -> list[storage.Locked]:
        keys = [storage.key_of(row) for row in self.rows]
        held = storage.lock_by_key(keys)
        self._refuse_conflicts(held)
        wanted = self.checked(held)
        held.update(self._create([row for row, key in zip(self.rows, keys, strict=True) if key not in held]))
        ordered = [held[key] for key in keys]
        self._write(ordered, wanted)
        return ordered

    def checked(self, held: dict[storage.Key, storage.Locked]) -> list[dict[str, Any]]:
        """What each row is to say, given what is there.

        :raises ValidationFailed: a target is locked, or its numbers can't stand together.
        """
        wanted, problems = [], []
        for index, row in enumerate(self.rows):
            current = held.get(storage.key_of(row))
            values = self._wanted(row, current)
            problems += self._standing_problems(index, current, values)
            problems += value_problems(index, self.kpis[row["kpi_id"]], values)
            problems += means_problems(index, values)
            wanted.append(values)
        refuse(problems)
        return wanted

    def _refuse_conflicts(self, held: dict[storage.Key, storage.Locked]) -> None:
        conflicts = []
        for index, row in enumerate(self.rows):
            if "etag" not in row:
                continue
            current = held.get(storage.key_of(row))
            # One whose draft was discarded says nothing, so whoever saw no target there saw right.
            is_new = row["etag"] is None and not (current and (current.draft or current.approved))
            if not is_new and row["etag"] != (current.etag if current else None):
                conflicts.append(self._conflict(index, row, current))
        if conflicts:
            raise PreconditionFailed(details={"conflicts": conflicts})

    @staticmethod
    def _conflict(index: int, row: dict[str, Any], current: storage.Locked | None) -> dict[str, Any]:
        return {
            "index": index,
            "yours": {name: row[name] for name in (*SAID, "etag") if name in row},
            "theirs": {
                "id": current.target.id if current else None,
                "etag": current.etag if current else None,
                "draft": present_version(current.draft) if current else None,
                "approved": present_version(current.approved) if current else None,
            },
        }

    def _wanted(self, row: dict[str, Any], held: storage.Locked | None) -> dict[str, Any]:
        known = (held.draft or held.approved) if held else None
        base = storage.values_of(known)
        wanted = {name: row.get(name, value) for name, value in base.items()}
        if known is None:
            wanted["owner"] = wanted["owner"] or self._entity(row)["owner_id"]
        if wanted["budget"] is None:
            wanted["budget_currency"] = None
        elif wanted["budget_currency"] is None:
            wanted["budget_currency"] = self._entity(row)["currency"]
        return wanted

    def _standing_problems(self, index: int, held: storage.Locked | None, values: dict[str, Any]) -> list[Problem]:
        """Why a target can't be written where it stands."""
        if held is not None and held.standing.is_locked:
            return [Problem(index, "target_value", "Target {id} is locked; unlock it first.", {"id": held.target.id})]
        return []

    def _create(self, rows: list[dict[str, Any]]) -> dict[storage.Key, storage.Locked]:
        """Make the targets that no row has yet."""
        place = {"revision": 1, "created_by": self.actor, "created_at": utc_now()}
        names = ("kpi_id", "entity_id", "grain", "period_start")
        return storage.made(
            [
                {**place, **{name: row[name] for name in names}, "entity_kind": self._entity(row)["entity_kind"]}
                for row in rows
            ]
        )

    def _entity(self, row: Any) -> dict[str, Any]:
        return self.entities[row["entity_id"]]

    def _write(self, held: list[storage.Locked], wanted: list[dict[str, Any]]) -> None:
        """Close the drafts that the values replace, and write the new ones."""
        now = utc_now()
        closed: dict[str, list[int]] = {SUPERSEDED: [], DISCARDED: []}
        drafted: list[tuple[storage.Locked, dict[str, Any], dict[str, Any]]] = []
        changed: list[storage.Locked] = []
        for row, item, values in zip(self.rows, held, wanted, strict=True):
            returns = item.approved is not None and values == storage.values_of(item.approved)
            if item.draft is not None and values == storage.values_of(item.draft):
                self._note_reason(row, item, changed)
                continue
            if item.draft is None and returns:
                continue
            changed.append(item)
            if item.draft is not None:
                closed[DISCARDED if returns else SUPERSEDED].append(item.draft.id)
                item.draft = None
            if not returns:
                drafted.append((item, values, row))
        for state, ids in closed.items():  # the old drafts make room before the new ones are written
            storage.move_versions(ids, state=state, closed_by=self.actor, closed_at=now)
        self._insert_versions(drafted, now)
        known = [item for item in changed if not item.is_new]
        storage.move_targets(item.target.id for item in known)
        for item in known:
            item.changes += 1
        if changed:
            trail.record(self.actor, self.action, self.audited(changed))

    def audited(self, changed: list[storage.Locked]) -> list[dict[str, Any]]:
        """What the trail keeps of the changes."""
        return [self._audited(item) for item in changed]

    @staticmethod
    def _note_reason(row: dict[str, Any], item: storage.Locked, changed: list[storage.Locked]) -> None:
        """A reason that comes after the values joins the draft that is there."""
        reason = row.get("reason")
        if reason and reason != item.draft.reason:
            storage.move_versions([item.draft.id], reason=reason)
            item.draft = SimpleNamespace(**{**item.draft._mapping, "reason": reason})
            changed.append(item)

    def _insert_versions(self, drafted: list[tuple[storage.Locked, dict[str, Any], dict[str, Any]]], now: Any) -> None:
        latest = storage.last_versions(item.target.id for item, _, _ in drafted if not item.is_new)
        unsaid = dict.fromkeys(VERSION_FIELDS)
        rows = []
        for item, values, row in drafted:
            target = item.target
            is_money = self.kpis[target.kpi_id].unit == "money"
            version = {
                "target_id": target.id,
                "version": latest.get(target.id, 0) + 1,
                "state": DRAFT,
                "stage": self.stage,
                "reason": row.get("reason"),
                "currency": self.entities[target.entity_id]["currency"] if is_money else None,
                "changed_by": self.actor,
                "changed_at": now,
                **values,
            }
            item.draft = SimpleNamespace(**{**unsaid, **version})
            rows.append(version)
        storage.insert(TargetVersion, rows)

    @staticmethod
    def _audited(item: storage.Locked) -> dict[str, Any]:
        key = {name: getattr(item.target, name) for name in ("kpi_id", "entity_id", "grain", "period_start")}
        said = {name: value for name in (*SAID, "reason") if (value := getattr(item.draft, name, None)) is not None}
        return {"target_id": item.target.id, "version": getattr(item.draft, "version", None), **key, **said}


class CounterTargets(SaveDrafts):
    """Answer what was proposed with other values, which their proposer may then accept."""

    action = "counter"
    stage = agreement.COUNTERED
    power: Power = "approve"

    def __init__(
        self, rows: Any, actor: str, warehouse: Warehouse, reach: Reach = EVERYTHING, comment: str | None = None
    ) -> None:
        super().__init__(rows, actor, warehouse, reach)
        self.comment = (comment or "").strip() or None

    def _standing_problems(self, index: int, held: storage.Locked | None, values: dict[str, Any]) -> list[Problem]:
        found = super()._standing_problems(index, held, values)
        if found:
            return found
        stage = held.standing.stage if held is not None else None
        if held is None or stage not in agreement.STEPS["counter"]:
            return [Problem(index, "target_value", "Only what is proposed or accepted can be countered.")]
        if values == storage.values_of(held.draft):
            return [Problem(index, "target_value", "Counter with other values, or accept these.")]
        return []

    def _write(self, held: list[storage.Locked], wanted: list[dict[str, Any]]) -> None:
        super()._write(held, wanted)
        if self.comment:
            write_with_step(held, self.comment, self.actor)
