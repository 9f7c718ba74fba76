"""The table of explanations and sign-offs in Superset's metadata database. Imported inside the app's start-up only."""

from __future__ import annotations

import sqlalchemy as sa
from flask_appbuilder import Model


class DifferenceRecord(Model):  # type: ignore[misc]
    """What somebody said of a difference, with its amounts at that time (in ``currency``); rows are never deleted.

    ``kind`` is explained or signed. ``ends_on`` is the last day on which a sign-off holds; an explanation has none.
    """

    __tablename__ = "kpi_difference_record"
    __table_args__ = (sa.Index("ix_kpi_difference_record_of", "reconciliation_id"),)

    id = sa.Column(sa.Integer, primary_key=True)
    kind = sa.Column(sa.String(16), nullable=False)
    reconciliation_id = sa.Column(sa.String(500), nullable=False)
    entity_id = sa.Column(sa.String(300), nullable=False)
    state = sa.Column(sa.String(32), nullable=False)
    difference = sa.Column(sa.Numeric(38, 12))
    absolute_difference = sa.Column(sa.Numeric(38, 12))
    currency = sa.Column(sa.String(8))
    reason_code = sa.Column(sa.String(32), nullable=False)
    note = sa.Column(sa.Text, nullable=False)
    ends_on = sa.Column(sa.Date)
    created_by = sa.Column(sa.String(64), nullable=False)
    created_at = sa.Column(sa.DateTime, nullable=False)
    withdrawn_by = sa.Column(sa.String(64))
    withdrawn_at = sa.Column(sa.DateTime)
