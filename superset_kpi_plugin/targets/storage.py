"""Reads and locks the targets' tables; the commands decide what to write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, timezone
from typing import Any

import sqlalchemy as sa
from superset.extensions import db

from superset_kpi_plugin import bulk
from superset_kpi_plugin.targets.agreement import Standing
from superset_kpi_plugin.targets.models import APPROVED, DRAFT, Target, TargetVersion
from superset_kpi_plugin.targets.present import SAID, standing_of
from superset_kpi_plugin.targets.rules import VALUE_FIELDS

Key = tuple[str, str, str, date]
CHUNK = 500
#: Ids in one statement that moves rows, where nothing but ids is sent.
MANY = 5_000


@dataclass
class Locked:
    """A locked target as the steps of an agreement need it: plain values, no objects of the session."""

    target: Any
    draft: Any = None
    approved: Any = None
    #: How often the target was changed since it was locked.
    changes: int = 0

    @property
    def etag(self) -> str:
        return f"{self.target.id}-{self.target.revision + self.changes}"

    @property
    def standing(self) -> Standing:
        return standing_of(self.target, self.draft, self.approved)


def key_of(row: Any) -> Key:
    """The key of a row or a target."""
    get: Callable[[str], Any] = row.get if isinstance(row, dict) else lambda name: getattr(row, name)
    return get("kpi_id"), get("entity_id"), get("grain"), get("period_start")


def ids_by_key(keys: Collection[Key]) -> dict[Key, int]:
    """The ids of the targets that exist for these keys."""
    by_period: dict[tuple[str, date], set[Key]] = defaultdict(set)
    for key in keys:
        by_period[key[2], key[3]].add(key)
    found: dict[Key, int] = {}
    for (grain, period_start), wanted in by_period.items():
        for chunk in _chunks(sorted({key[1] for key in wanted})):
            rows = db.session.query(Target.id, Target.kpi_id, Target.entity_id).filter(
                Target.grain == grain, Target.period_start == period_start, Target.entity_id.in_(chunk)
            )
            for row in rows:
                key = (row.kpi_id, row.entity_id, grain, period_start)
                if key in wanted:
                    found[key] = row.id
    return found


def lock_by_key(keys: Collection[Key]) -> dict[Key, Locked]:
    """Lock the targets that exist for these keys, with all that their open versions say."""
    return {key_of(item.target): item for item in lock_standings(ids_by_key(keys).values(), whole=True).values()}


def last_versions(target_ids: Iterable[int]) -> dict[int, int]:
    """The number of the newest version by target."""
    found: dict[int, int] = {}
    for chunk in _chunks(sorted(set(target_ids)), MANY):
        query = (
            db.session.query(TargetVersion.target_id, sa.func.max(TargetVersion.version))
            .filter(TargetVersion.target_id.in_(chunk))
            .group_by(TargetVersion.target_id)
        )
        found.update((target_id, number) for target_id, number in query)
    return found


def insert(model: Any, rows: list[dict[str, Any]]) -> None:
    """Insert plain rows in batches."""
    bulk.insert(db.session.connection(), model.__table__, rows)


def lock_standings(ids: Iterable[int], whole: bool = False) -> dict[int, Locked]:
    """Lock these targets, in the order of their ids so that two writers can't deadlock, and read where each stands.

    :param whole: also what the open versions say.
    """
    targets, versions = Target.__table__, TargetVersion.__table__
    locked: dict[int, Locked] = {}
    wanted = sorted(set(ids))
    for chunk in _chunks(wanted, MANY):
        query = sa.select(targets).where(targets.c.id.in_(chunk)).order_by(targets.c.id).with_for_update()
        for row in db.session.execute(query):
            locked[row.id] = Locked(row)
    people = ("owner", "changed_by", "proposed_by", "accepted_by")
    names = ("id", "target_id", "version", "state", "stage", "reason", *people)
    for chunk in _chunks(sorted(locked), MANY):
        columns = list(versions.c) if whole else [versions.c[name] for name in names]
        query = sa.select(*columns).where(versions.c.target_id.in_(chunk), versions.c.state.in_((DRAFT, APPROVED)))
        for row in db.session.execute(query):
            setattr(locked[row.target_id], row.state, row)
    return locked


def move_versions(version_ids: Iterable[int], **columns: Any) -> None:
    """Set columns of versions."""
    _update(TargetVersion.__table__, version_ids, columns)


def move_targets(target_ids: Iterable[int], **columns: Any) -> None:
    """Set columns of targets, each of which gets a new etag."""
    table = Target.__table__
    _update(table, target_ids, {**columns, "revision": table.c.revision + 1})


def _update(table: Any, ids: Iterable[int], columns: dict[str, Any]) -> None:
    for chunk in _chunks(sorted(set(ids)), MANY):
        db.session.execute(sa.update(table).where(table.c.id.in_(chunk)).values(**columns))


def values_of(version: Any) -> dict[str, Any]:
    """What a version says: its numbers, its owner, and the budget's currency."""
    return {name: getattr(version, name) if version is not None else None for name in SAID}


def approved_keys() -> set[tuple[str, int, Any]]:
    """(target_id, version, approved_at) of every approved target."""
    query = db.session.query(TargetVersion.target_id, TargetVersion.version, TargetVersion.approved_at)
    found = query.filter(TargetVersion.state == APPROVED)
    return {(str(row[0]), row[1], row[2].replace(tzinfo=timezone.utc)) for row in found}


def approved_rows(published_at: Any, target_ids: list[int] | None = None) -> list[dict[str, Any]]:
    """Approved targets as rows of kpi_targets, read from the database and not from the session's memory.

    :param target_ids: only these; None is all.
    """
    if target_ids is not None:
        chunks = _chunks(sorted(target_ids), MANY)
        return [row for chunk in chunks for row in _approved_rows(published_at, TargetVersion.target_id.in_(chunk))]
    return _approved_rows(published_at, sa.true())


def _approved_rows(published_at: Any, condition: Any) -> list[dict[str, Any]]:
    columns = [getattr(TargetVersion, name) for name in (*VALUE_FIELDS, "currency", "owner", "approved_by")]
    query = (
        db.session.query(
            Target.id,
            TargetVersion.version,
            Target.kpi_id,
            Target.entity_kind,
            Target.entity_id,
            Target.grain,
            Target.period_start,
            TargetVersion.approved_at,
            *columns,
        )
        .join(TargetVersion, TargetVersion.target_id == Target.id)
        .filter(TargetVersion.state == APPROVED, condition)
        .order_by(Target.id)
    )
    rows = []
    for found in query:
        row = dict(found._mapping)
        row["target_id"] = str(row.pop("id"))
        row["approved_at"] = row["approved_at"].replace(tzinfo=timezone.utc)
        row["published_at"] = published_at
        rows.append(row)
    return rows


def _chunks(items: list[Any], size: int = CHUNK) -> Iterable[list[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))
