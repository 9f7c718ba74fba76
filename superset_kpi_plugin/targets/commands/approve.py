"""Approve drafts. Publishing follows as a command of its own, so that a warehouse that is down undoes no approval."""

from __future__ import annotations

from collections.abc import Sequence

from superset.extensions import db

from superset_kpi_plugin.targets import storage
from superset_kpi_plugin.targets.commands.checks import locked_with_draft, refuse_too_many
from superset_kpi_plugin.targets.models import APPROVED, SUPERSEDED, utc_now


class ApproveTargets:
    """Make drafts the approved versions; what was approved before is superseded. All or nothing.

    :param etags: etag by target id; an approver approves what was read, not what came after.
    """

    def __init__(self, ids: Sequence[int], actor: str, etags: dict[str, str] | None = None) -> None:
        self.ids = ids
        self.actor = actor
        self.etags = etags or {}

    def validate(self) -> list[storage.Held]:
        """Lock the targets and refuse what has no draft or is stale."""
        refuse_too_many(self.ids)
        return locked_with_draft(self.ids, self.etags)

    def run(self) -> int:
        """Approve; returns how many."""
        try:
            held = self.validate()
            now = utc_now()
            for item in held:
                if item.approved is not None:
                    item.approved.state = SUPERSEDED
                    item.approved.closed_by, item.approved.closed_at = self.actor, now
            db.session.flush()  # the old versions make room before the new ones take their place
            for item in held:
                if item.draft is not None:
                    item.draft.state = APPROVED
                    item.draft.approved_by, item.draft.approved_at = self.actor, now
                item.target.revision += 1
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise
        return len(held)
