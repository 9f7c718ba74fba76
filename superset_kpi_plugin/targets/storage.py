"""Reads and locks the targets' tables; the commands decide what to write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, timezone
from typing import Any

import sqlalchemy as sa
from superset.extensions import db

from superset_kpi_plugin.targets.models import APPROVED, DRAFT, Target, TargetVersion
from superset_kpi_plugin.targets.rules import VALUE_FIELDS

Key = tuple[str, str, str, date]
CHUNK = 500


@dataclass
class Held:
    """A locked target with its open versions."""

    target: Target
    draft: TargetVersion | None = None
    approved: TargetVersion | None = None
    last_version: int = 0


def key_of(row: Any) -> Key:
    """The key of a row or a target."""
    get: Callable[[str], Any] = row.get if isinstance(row, dict) else lambda name: getattr(row, name)
    return get("kpi_id"), get("entity_id"), get("grain"), get("period_start")


def lock_by_key(keys: Collection[Key]) -> dict[Key, Held]:
    """Lock the targets that exist for these keys, in the order of their ids so that two writers can't deadlock."""
    by_period: dict[tuple[str, date], list[Key]] = defaultdict(list)
    for key in keys:
        by_period[key[2], key[3]].append(key)
    ids: list[int] = []
    for (grain, period_start), members in by_period.items():
        for chunk in _chunks(sorted({key[1] for key in members})):
            found = db.session.query(Target.id, Target.kpi_id, Target.entity_id).filter(
                Target.grain == grain, Target.period_start == period_start, Target.entity_id.in_(chunk)
            )
            wanted = set(members)
            ids.extend(row.id for row in found if (row.kpi_id, row.entity_id, grain, period_start) in wanted)
    return {key_of(held.target): held for held in lock_by_id(ids).values()}


def lock_by_id(ids: Iterable[int]) -> dict[int, Held]:
    """Lock these targets and read their open versions as they are now."""
    held: dict[int, Held] = {}
    for chunk in _chunks(sorted(set(ids))):
        query = db.session.query(Target).filter(Target.id.in_(chunk)).order_by(Target.id)
        for target in query.populate_existing().with_for_update():
            held[target.id] = Held(target)
    for chunk in _chunks(sorted(held)):
        versions = db.session.query(TargetVersion).filter(
            TargetVersion.target_id.in_(chunk), TargetVersion.state.in_((DRAFT, APPROVED))
        )
        for version in versions.populate_existing():
            setattr(held[version.target_id], version.state, version)
        latest = (
            db.session.query(TargetVersion.target_id, sa.func.max(TargetVersion.version))
            .filter(TargetVersion.target_id.in_(chunk))
            .group_by(TargetVersion.target_id)
        )
        for target_id, number in latest:
            held[target_id].last_version = number
    return held


def values_of(version: TargetVersion | None) -> dict[str, Any]:
    """What a version says: its numbers and its owner."""
    names = (*VALUE_FIELDS, "owner")
    return {name: getattr(version, name) if version is not None else None for name in names}


def approved_rows(published_at: Any) -> list[dict[str, Any]]:
    """Every approved target as a row of kpi_targets, read from the database and not from the session's memory."""
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
        .filter(TargetVersion.state == APPROVED)
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


def _chunks(items: list[Any]) -> Iterable[list[Any]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
