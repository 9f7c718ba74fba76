"""Tables of the audit trail in Superset's metadata database. Imported inside the app's start-up only."""

from __future__ import annotations

import sqlalchemy as sa
from flask_appbuilder import Model


class AuditEntry(Model):  # type: ignore[misc]
    """One action and everything that it touched; only ever added to (see `chain`)."""

    __tablename__ = "kpi_audit"

    seq = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    at = sa.Column(sa.String(32), nullable=False)
    actor = sa.Column(sa.String(64), nullable=False)
    action = sa.Column(sa.String(32), nullable=False)
    payload = sa.Column(sa.Text, nullable=False)
    previous_hash = sa.Column(sa.String(64), nullable=False)
    hash = sa.Column(sa.String(64), nullable=False)


class AuditHead(Model):  # type: ignore[misc]
    """The one row that anchors the trail's end."""

    __tablename__ = "kpi_audit_head"

    id = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    seq = sa.Column(sa.Integer, nullable=False)
    hash = sa.Column(sa.String(64), nullable=False)
    seal = sa.Column(sa.String(64), nullable=False)
