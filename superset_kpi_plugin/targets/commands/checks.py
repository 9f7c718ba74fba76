"""Checks that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from superset_kpi_plugin.config import setting
from superset_kpi_plugin.errors import BadRequest, PreconditionFailed, ValidationFailed
from superset_kpi_plugin.locale import translate
from superset_kpi_plugin.targets import storage
from superset_kpi_plugin.targets.rules import Problem


def refuse(problems: list[Problem]) -> None:
    """Refuse the request when there is any problem, naming each row, field and reason.

    :raises ValidationFailed: the row's index counts from 0.
    """
    if problems:
        listed = [
            {"index": item.index, "field": item.field, "message": translate(item.message, **item.values)}
            for item in sorted(problems, key=lambda item: item.index)
        ]
        raise ValidationFailed(details={"errors": listed})


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


def locked_with_draft(ids: Sequence[int], etags: dict[str, str]) -> list[storage.Held]:
    """Lock the targets, each of which must exist and have a draft.

    :raises ValidationFailed: one doesn't; the row's index is its place in ``ids``.
    :raises PreconditionFailed: one changed since its etag was read.
    """
    held = storage.lock_by_id(ids)
    problems = []
    for index, target_id in enumerate(ids):
        if target_id not in held:
            problems.append(Problem(index, "ids", "There is no target {id}.", {"id": target_id}))
        elif held[target_id].draft is None:
            problems.append(Problem(index, "ids", "Target {id} has no draft.", {"id": target_id}))
    refuse(problems)
    stale = [
        {"id": target_id, "yours": etags[str(target_id)], "theirs": held[target_id].target.etag}
        for target_id in dict.fromkeys(ids)
        if str(target_id) in etags and etags[str(target_id)] != held[target_id].target.etag
    ]
    if stale:
        raise PreconditionFailed(details={"conflicts": stale})
    return [held[target_id] for target_id in dict.fromkeys(ids)]
