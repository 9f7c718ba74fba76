"""How targets, versions and publications look in JSON."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from superset_kpi_plugin.api import jsonable
from superset_kpi_plugin.targets.agreement import Standing, state_of
from superset_kpi_plugin.targets.rules import NUMBER_FIELDS

SAID = (*NUMBER_FIELDS, "budget_currency", "owner")
VERSION_FIELDS = (
    *SAID,
    "currency",
    "version",
    "changed_by",
    "changed_at",
    "stage",
    "reason",
    "proposed_by",
    "proposed_at",
    "accepted_by",
    "accepted_at",
    "approved_by",
    "approved_at",
)


def present_version(version: Any) -> dict[str, Any] | None:
    """A version's numbers as strings, with who wrote, proposed, accepted and approved it; None for none."""
    if version is None:
        return None
    return {name: jsonable(getattr(version, name)) for name in VERSION_FIELDS}


def standing_of(target: Any, draft: Any, approved: Any) -> Standing:
    """Where a target with these open versions stands."""
    return Standing(
        stage=(draft.stage or "draft") if draft is not None else None,
        has_approved=approved is not None,
        is_locked=target.locked_at is not None,
        changed_by=getattr(draft, "changed_by", None),
        proposed_by=getattr(draft, "proposed_by", None),
        accepted_by=getattr(draft, "accepted_by", None),
        reason=getattr(draft, "reason", None),
    )


def present_target(held: Any) -> dict[str, Any]:
    """A target's key and etag with its open versions (``held`` is a `storage.Locked`)."""
    names = ("kpi_id", "entity_kind", "entity_id", "grain", "period_start")
    return {
        "id": held.target.id,
        "etag": held.etag,
        **{name: jsonable(getattr(held.target, name)) for name in names},
        "state": state_of(held.standing),
        "is_locked": held.target.locked_at is not None,
        "draft": present_version(held.draft),
        "approved": present_version(held.approved),
    }


def present_history(versions: list[Any]) -> list[dict[str, Any]]:
    """Versions, the latest first, each with its state, how it ended, and what it changed of the one before."""
    return [
        {**_closed_version(version), "changes": _changes(before, version)}
        for version, before in pairwise([*versions, None])
    ]


def present_difference(before: Any, after: Any) -> dict[str, Any]:
    """Any two versions of a target, and what differs from one to the other."""
    return {"from": _closed_version(before), "to": _closed_version(after), "changes": _changes(before, after)}


def _closed_version(version: Any) -> dict[str, Any]:
    """A version with its state and how it ended."""
    ending = {name: jsonable(getattr(version, name)) for name in ("state", "closed_by", "closed_at")}
    return {**(present_version(version) or {}), **ending}


def _changes(before: Any, after: Any) -> dict[str, dict[str, Any]]:
    """What differs, by field; ``before`` is None for none."""
    return {
        name: {"from": jsonable(getattr(before, name, None)), "to": jsonable(getattr(after, name))}
        for name in SAID
        if getattr(before, name, None) != getattr(after, name)
    }


def present_comment(comment: Any) -> dict[str, Any]:
    """A comment."""
    names = ("id", "author", "text", "mentions", "version")
    return {**{name: getattr(comment, name) for name in names}, "at": jsonable(comment.created_at)}


def present_publication(publication: Any) -> dict[str, Any] | None:
    """A publication; None for none."""
    if publication is None:
        return None
    names = ("id", "state", "error", "row_count", "requested_by", "started_at", "finished_at")
    return {name: jsonable(getattr(publication, name)) for name in names}
