"""Discard drafts; what is approved stays as it is."""

from __future__ import annotations

from collections.abc import Sequence

from superset.extensions import db

from superset_kpi_plugin.targets import storage
from superset_kpi_plugin.targets.commands.checks import locked_with_draft, refuse_too_many
from superset_kpi_plugin.targets.models import DISCARDED, utc_now


class DiscardDrafts:
    """Close drafts as discarded. All or nothing."""

    def __init__(self, ids: Sequence[int], actor: str, etags: dict[str, str] | None = None) -> None:
        self.ids = ids
        self.actor = actor
        self.etags = etags or {}

    def validate(self) -> list[storage.Held]:
        """Lock the targets and refuse what has no draft or is stale."""
        refuse_too_many(self.ids)
        return locked_with_draft(self.ids, self.etags)

    def run(self) -> int:
        """Discard; returns how many."""
        try:
            held = self.validate()
            now = utc_now()
            for item in held:
                if item.draft is not None:
                    item.draft.state = DISCARDED
                    item.draft.closed_by, item.draft.closed_at = self.actor, now
                item.target.revision += 1
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise
        return len(held)
