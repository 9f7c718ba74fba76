"""Reads and locks the targets' tables; the commands decide what to write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timezone
from types import SimpleNamespace
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
    #: Whether the present transaction made it, with the revision that it is to have.
    is_new: bool = False

    @property
    def etag(self) -> str:
        return f"{self.target.id}-{self.target.revision + self.changes}"

    @property
    def standing(self) -> Standing:
        return standing_of(self.target, self.draft, self.approved)


def key_of(row: Any) -> Key:
    """The key of a row or a target."""
    if isinstance(row, dict):
        return row["kpi_id"], row["entity_id"], row["grain"], row["period_start"]
    return row.kpi_id, row.entity_id, row.grain, row.period_start


def ids_by_key(keys: Collection[Key]) -> dict[Key, int]:
    """The ids of the targets that exist for these keys."""
    by_period: dict[tuple[str, date], set[Key]] = defaultdict(set)
    for key in keys:
        by_period[key[2], key[3]].add(key)
    table = Target.__table__
    found: dict[Key, int] = {}
    for (grain, period_start), wanted in by_period.items():
        for chunk in _chunks(sorted({key[1] for key in wanted})):
            query = sa.select(table.c.id, table.c.kpi_id, table.c.entity_id).where(
                table.c.grain == grain, table.c.period_start == period_start, table.c.entity_id.in_(chunk)
            )
            for target_id, kpi_id, entity_id in db.session.execute(query):
                key = (kpi_id, entity_id, grain, period_start)
                if key in wanted:
                    found[key] = target_id
    return found


def lock_by_key(keys: Collection[Key]) -> dict[Key, Locked]:
    """Lock the targets that exist for these keys, with all that their open versions say."""
    return {key_of(item.target): item for item in lock_standings(ids_by_key(keys).values(), whole=True).values()}


def made(rows: list[dict[str, Any]]) -> dict[Key, Locked]:
    """Insert targets, and return them as locked: nobody else sees them before the commit, and they have no version."""
    insert(Target, rows)
    ids = ids_by_key([key_of(row) for row in rows])
    found: dict[Key, Locked] = {}
    for row in rows:
        key = key_of(row)
        found[key] = Locked(SimpleNamespace(id=ids[key], locked_at=None, **row), is_new=True)
    return found


def last_versions(target_ids: Iterable[int]) -> dict[int, int]:
    """The number of the newest version by target."""
    table = TargetVersion.__table__
    found: dict[int, int] = {}
    for chunk in _chunks(sorted(set(target_ids)), MANY):
        newest = sa.select(table.c.target_id, sa.func.max(table.c.version)).where(among(table.c.target_id, chunk))
        found.update((row[0], row[1]) for row in db.session.execute(newest.group_by(table.c.target_id)))
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
        query = sa.select(targets).where(among(targets.c.id, chunk)).order_by(targets.c.id).with_for_update()
        for row in db.session.execute(query):
            locked[row.id] = Locked(row)
    people = ("owner", "changed_by", "proposed_by", "accepted_by")
    names = ("id", "target_id", "version", "state", "stage", "reason", "weight", *people)
    for chunk in _chunks(sorted(locked), MANY):
        columns = list(versions.c) if whole else [versions.c[name] for name in names]
        query = sa.select(*columns).where(among(versions.c.target_id, chunk), versions.c.state.in_((DRAFT, APPROVED)))
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
        db.session.execute(sa.update(table).where(among(table.c.id, chunk)).values(**columns))


def values_of(version: Any) -> dict[str, Any]:
    """What a version says: its numbers, its owner, and the budget's currency."""
    return {name: getattr(version, name) if version is not None else None for name in SAID}


def approved_keys() -> set[tuple[str, int, Any]]:
    """(target_id, version, approved_at) of every approved target."""
    table = TargetVersion.__table__
    query = sa.select(table.c.target_id, table.c.version, table.c.approved_at).where(table.c.state == APPROVED)
    utc = timezone.utc
    return {(str(row[0]), row[1], row[2].replace(tzinfo=utc)) for row in db.session.execute(query)}


def approved_rows(published_at: Any, target_ids: list[int] | None = None) -> list[dict[str, Any]]:
    """Approved targets as rows of kpi_targets, read from the database and not from the session's memory.

    :param target_ids: only these; None is all.
    """
    if target_ids is not None:
        chunks = _chunks(sorted(target_ids), MANY)
        column = TargetVersion.__table__.c.target_id
        return [row for chunk in chunks for row in _approved_rows(published_at, among(column, chunk))]
    return _approved_rows(published_at, sa.true())


def _approved_rows(published_at: Any, condition: Any) -> list[dict[str, Any]]:
    targets, versions = Target.__table__, TargetVersion.__table__
    names = ("kpi_id", "entity_kind", "entity_id", "grain", "period_start")
    said = ("version", *VALUE_FIELDS, "currency", "owner", "approved_by", "approved_at")
    query = (
        sa.select(targets.c.id, *(targets.c[name] for name in names), *(versions.c[name] for name in said))
        .join(versions, versions.c.target_id == targets.c.id)
        .where(versions.c.state == APPROVED, condition)
        .order_by(targets.c.id)
    )
    rows = []
    for found in db.session.execute(query):
        row = dict(zip(("target_id", *names, *said), found, strict=True))
        row["target_id"] = str(row["target_id"])
        row["approved_at"] = row["approved_at"].replace(tzinfo=timezone.utc)
        row["published_at"] = published_at
        rows.append(row)
    return rows


def among(column: Any, ids: Sequence[int]) -> Any:
    """Whether a column holds one of many ids. They stand in the statement itself: to bind each takes longer than to
    find its row."""
    return column.in_(sa.bindparam(None, list(ids), type_=sa.Integer, expanding=True, literal_execute=True))


def _chunks(items: list[Any], size: int = CHUNK) -> Iterable[list[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))
