"""How targets, versions and publications look in JSON."""

from __future__ import annotations

from typing import Any

from superset_kpi_plugin.api import jsonable
from superset_kpi_plugin.targets.rules import VALUE_FIELDS


def present_version(version: Any) -> dict[str, Any] | None:
    """A version's numbers as strings, with who wrote and approved it; None for none."""
    if version is None:
        return None
    names = (*VALUE_FIELDS, "currency", "owner", "version", "changed_by", "changed_at", "approved_by", "approved_at")
    return {name: jsonable(getattr(version, name)) for name in names}


def present_target(held: Any) -> dict[str, Any]:
    """A target's key and etag with its open versions (``held`` is a `storage.Held`)."""
    names = ("id", "etag", "kpi_id", "entity_kind", "entity_id", "grain", "period_start")
    key = {name: jsonable(getattr(held.target, name)) for name in names}
    return {**key, "draft": present_version(held.draft), "approved": present_version(held.approved)}


def present_history(version: Any) -> dict[str, Any]:
    """A version with its state and how it ended."""
    closing = {name: jsonable(getattr(version, name)) for name in ("state", "closed_by", "closed_at")}
    return {**(present_version(version) or {}), **closing}


def present_publication(publication: Any) -> dict[str, Any] | None:
    """A publication; None for none."""
    if publication is None:
        return None
    names = ("id", "state", "error", "row_count", "requested_by", "started_at", "finished_at")
    return {name: jsonable(getattr(publication, name)) for name in names}
