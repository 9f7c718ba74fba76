"""Objectives: a name, an owner, a period, and the targets (KPI x entity) by which one sees how far it has come."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from superset.extensions import db

from superset_kpi_plugin.access.reach import Reach
from superset_kpi_plugin.audit import trail
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import KpiError, NotFound
from superset_kpi_plugin.etags import content_etag, refuse_stale
from superset_kpi_plugin.targets import storage
from superset_kpi_plugin.targets.commands.checks import refuse, refuse_outside
from superset_kpi_plugin.targets.filters import TargetFilters
from superset_kpi_plugin.targets.models import Objective, ObjectiveKey, utc_now
from superset_kpi_plugin.targets.plan_sources import warning_of
from superset_kpi_plugin.targets.rules import Kpi, Problem, key_problems
from superset_kpi_plugin.targets.scorecard import score
from superset_kpi_plugin.warehouse import Warehouse

Row = dict[str, Any]
FIELDS = ("id", "name", "description", "owner", "grain", "period_start", "created_by", "created_at")
SAID = ("name", "description", "owner", "grain", "period_start")
STATUS_SQL = """
select kpi_id, entity_id, value, target_value, attainment, pace_attainment, status
from kpi.kpi_status
where grain = :grain and period_start = :start and kpi_id in :kpis and entity_id in :entities
"""


def objectives(filters: TargetFilters, reach: Reach, warehouse: Warehouse) -> Row:
    """The objectives of a period with their progress; keys out of the reader's reach are left out, and counted.

    An objective of which nothing can be seen is left out whole. Progress is the weighted mean of the attainments,
    each cut to 0 .. 1: more than met is met. Names and currencies of the keys' entities are None while the warehouse
    is away; ``can_edit`` says whether the reader's scope covers all keys.
    """
    found = (
        db.session.query(Objective)
        .filter_by(grain=filters.grain, period_start=filters.period_start)
        .order_by(Objective.name, Objective.id)
        .all()
    )
    keys = _keys_of([objective.id for objective in found])
    warnings = []
    every = [key for listed in keys.values() for key in listed]
    try:
        status = _status(filters, every, warehouse)
        names = queries.entities_by_id(warehouse, {key["entity_id"] for key in every})
    except KpiError as error:
        status, names, warnings = {}, {}, [warning_of(error)]
    shown = [_present(objective, keys[objective.id], reach, status, names) for objective in found]
    return {"result": [row for row in shown if row["keys"]], "warnings": warnings}


def save(  # noqa: PLR0917 (what, of which, by whom, from where)
    body: Row, objective_id: int | None, actor: str, reach: Reach, warehouse: Warehouse, given: str | None = None
) -> Row:
    """Create an objective, or replace one.

    :param given: the objective's etag as it was read; without it whatever is stored is replaced.
    :raises PreconditionFailed: the objective changed since its etag was read.

    :raises ValidationFailed: a key names no KPI or entity, twice the same, or there is none; the index is the key's.
    :raises Forbidden: an entity can be seen, but not changed.
    :raises NotFound: there is no such objective, or a part of it can't be changed.
    """
    place = {name: body[name] for name in ("grain", "period_start")}
    keys = [{**key, **place} for key in body["keys"]]
    with warehouse.reading() as reader:
        kpis = {name: Kpi.from_row(row) for name, row in queries.catalogue_by_id(reader).items()}
        known = queries.entities_by_id(reader, {key["entity_id"] for key in keys})
    entities = {name: row for name, row in known.items() if reach.covers("see", name)}
    problems = [problem for index, key in enumerate(keys) for problem in key_problems(index, key, kpis, entities)]
    named = [(key["kpi_id"], key["entity_id"]) for key in keys]
    problems += [
        Problem(index, "keys", "This target stands in the request twice.")
        for index, key in enumerate(named)
        if named.count(key) > 1
    ]
    if not keys:
        problems.append(Problem(0, "keys", "Required."))
    refuse(problems)
    refuse_outside(reach, "edit", [key["entity_id"] for key in keys])
    said = {name: body.get(name) for name in SAID}
    if objective_id is None:
        objective = Objective(**said, created_by=actor, created_at=utc_now())
        db.session.add(objective)
    else:
        objective = _changeable(objective_id, reach)
        stored = _stored(objective, _keys_of([objective.id])[objective.id])
        refuse_stale(given, content_etag(stored), _stored_form(said, keys), stored)
        for name, value in said.items():
            setattr(objective, name, value)
    db.session.flush()
    db.session.query(ObjectiveKey).filter_by(objective_id=objective.id).delete(synchronize_session=False)
    made = [{name: key[name] for name in ("kpi_id", "entity_id", "weight")} for key in keys]
    storage.insert(ObjectiveKey, [{**key, "objective_id": objective.id} for key in made])
    shown = {**{name: getattr(objective, name) for name in FIELDS}, "keys": made}
    trail.record(actor, "save objective", [shown])
    etag = content_etag(_stored(objective, _keys_of([objective.id])[objective.id]))
    db.session.commit()
    return {**shown, "etag": etag}


def remove(objective_id: int, actor: str, reach: Reach) -> None:
    """Delete an objective; the targets stay.

    :raises NotFound: there is none, or a part of it can't be changed.
    """
    objective = _changeable(objective_id, reach)
    shown = {name: getattr(objective, name) for name in FIELDS}
    db.session.query(ObjectiveKey).filter_by(objective_id=objective_id).delete(synchronize_session=False)
    db.session.delete(objective)
    trail.record(actor, "delete objective", [shown])
    db.session.commit()


def _keys_of(ids: list[int]) -> dict[int, list[Row]]:
    """The keys of each objective, by KPI and entity."""
    keys: dict[int, list[Row]] = {objective_id: [] for objective_id in ids}
    table = ObjectiveKey.__table__
    wanted = sa.select(table).where(table.c.objective_id.in_(ids)).order_by(table.c.kpi_id, table.c.entity_id)
    for row in db.session.execute(wanted):
        keys[row.objective_id].append(dict(row._mapping))
    return keys


def _stored(objective: Objective, keys: list[Row]) -> Row:
    """What people say of an objective, the same for the same objective."""
    return _stored_form({name: getattr(objective, name) for name in SAID}, keys)


def _stored_form(said: Row, keys: list[Row]) -> Row:
    listed = [{name: key[name] for name in ("kpi_id", "entity_id", "weight")} for key in keys]
    return {**said, "keys": sorted(listed, key=lambda key: (key["kpi_id"], key["entity_id"]))}


def _changeable(objective_id: int, reach: Reach) -> Objective:
    found = db.session.query(Objective).filter_by(id=objective_id).with_for_update()
    objective = found.one_or_none()
    keys = db.session.query(ObjectiveKey.entity_id).filter_by(objective_id=objective_id)
    if objective is None or not all(reach.covers("edit", row.entity_id) for row in keys):
        raise NotFound("There is no objective {id}.", id=objective_id)
    return objective


def _status(filters: TargetFilters, keys: list[Row], warehouse: Warehouse) -> dict[tuple[str, str], Row]:
    params = {
        "grain": filters.grain,
        "start": filters.period_start,
        "kpis": {key["kpi_id"] for key in keys},
        "entities": {key["entity_id"] for key in keys},
    }
    rows = warehouse.read(STATUS_SQL, params) if keys else []
    return {(row["kpi_id"], row["entity_id"]): row for row in rows}


def _present(
    objective: Objective, keys: list[Row], reach: Reach, status: dict[tuple[str, str], Row], entities: dict[str, Row]
) -> Row:
    figures = ("value", "target_value", "attainment", "pace_attainment", "status")
    shown = []
    for key in reach.seen(keys):
        found = status.get((key["kpi_id"], key["entity_id"]), {})
        entity = entities.get(key["entity_id"], {})
        said = {name: key[name] for name in ("kpi_id", "entity_id", "weight")}
        said |= {name: entity.get(name) for name in ("entity_name", "entity_kind", "currency")}
        shown.append({**said, **{name: found.get(name) for name in figures}})
    reached = score(shown, cap=1)
    return {
        **{name: getattr(objective, name) for name in FIELDS},
        "etag": content_etag(_stored(objective, keys)),
        "keys": shown,
        "hidden_keys": len(keys) - len(shown),
        "can_edit": all(reach.covers("edit", key["entity_id"]) for key in keys),
        "progress": reached.score,
        "covered": reached.covered,
    }
