"""Checks that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from superset_kpi_plugin.access.reach import Power, Reach
from superset_kpi_plugin.config import setting
from superset_kpi_plugin.errors import BadRequest, Forbidden, PreconditionFailed, ValidationFailed
from superset_kpi_plugin.locale import translate
from superset_kpi_plugin.targets import storage
from superset_kpi_plugin.targets.rules import Problem

OUTSIDE = "{entity} lies outside what you may change."


def refuse(problems: list[Problem]) -> None:
    """Refuse the request when there is any problem, naming each row, field and reason.

    :raises ValidationFailed: the row's index counts from 0.
    """
    if problems:
        raise ValidationFailed(details=_listed(problems))


def _listed(problems: list[Problem]) -> dict[str, Any]:
    return {
        "errors": [
            {"index": item.index, "field": item.field, "message": translate(item.message, **item.values)}
            for item in sorted(problems, key=lambda item: item.index)
        ]
    }


def refuse_too_many(items: Any) -> None:
    """The request must hold a list of at least one and at most KPI_MAX_ROWS_PER_REQUEST items.

    :raises BadRequest: otherwise.
    """
    limit = int(setting("KPI_MAX_ROWS_PER_REQUEST"))
    if not isinstance(items, list) or not items:
        raise BadRequest("The request holds no targets.")
    if len(items) > limit:
        raise BadRequest(
            "The request holds {count} targets; at most {limit} go at once.", count=len(items), limit=limit
        )


def refuse_forbidden(problems: list[Problem]) -> None:
    """Refuse the request when somebody may not do this with some of its rows.

    :raises Forbidden: with each row and reason.
    """
    if problems:
        raise Forbidden(
            "You may not do this with some of these targets. Nothing was changed.", details=_listed(problems)
        )


def refuse_outside(reach: Reach, power: Power, entity_ids: Sequence[str]) -> None:
    """Refuse rows of entities that the user may see, but not change.

    :raises Forbidden: otherwise.
    """
    refuse_forbidden(
        [
            Problem(index, "entity_id", OUTSIDE, {"entity": entity_ids[index]})
            for index in reach.beyond(power, entity_ids)
        ]
    )


def locked_within(ids: Sequence[int], etags: dict[str, str], reach: Reach, power: Power) -> list[storage.Locked]:
    """Lock the targets, each of which must exist within the reach; in the order of ``ids``, without repetitions.

    :raises ValidationFailed: one doesn't exist, or can't be seen; the row's index is its place in ``ids``.
    :raises Forbidden: one can be seen, but the power doesn't reach it.
    :raises PreconditionFailed: one changed since its etag was read.
    """
    locked = storage.lock_standings(ids)
    unknown = [
        Problem(index, "ids", "There is no target {id}.", {"id": target_id})
        for index, target_id in enumerate(ids)
        if target_id not in locked or not reach.covers("see", locked[target_id].target.entity_id)
    ]
    refuse(unknown)
    unique = list(dict.fromkeys(ids))
    refuse_outside(reach, power, [locked[target_id].target.entity_id for target_id in unique])
    stale = [
        {"id": target_id, "yours": etags[str(target_id)], "theirs": locked[target_id].etag}
        for target_id in unique
        if str(target_id) in etags and etags[str(target_id)] != locked[target_id].etag
    ]
    if stale:
        raise PreconditionFailed(details={"conflicts": stale})
    return [locked[target_id] for target_id in unique]
