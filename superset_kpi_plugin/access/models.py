"""The scope table in Superset's metadata database. Imported inside the app's start-up only."""

from __future__ import annotations

from datetime import datetime, timezone

import sqlalchemy as sa
from flask_appbuilder import Model

USER, ROLE = "user", "role"


class Scope(Model):  # type: ignore[misc]
    """A user or role sees an entity and all below it, and may perhaps edit and approve targets there."""

    __tablename__ = "kpi_scope"
    __table_args__ = (sa.UniqueConstraint("subject_kind", "subject", "entity_id", name="uq_kpi_scope_subject_entity"),)

    id = sa.Column(sa.Integer, primary_key=True)
    subject_kind = sa.Column(sa.String(8), nullable=False)
    subject = sa.Column(sa.String(64), nullable=False)
    entity_id = sa.Column(sa.String(255), nullable=False)
    may_edit = sa.Column(sa.Boolean, nullable=False, default=False)
    may_approve = sa.Column(sa.Boolean, nullable=False, default=False)
    created_by = sa.Column(sa.String(64), nullable=False)
    created_at = sa.Column(sa.DateTime, nullable=False, default=lambda: datetime.now(timezone.utc).replace(tzinfo=None))
