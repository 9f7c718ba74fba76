"""Tables of the manual KPIs in Superset's metadata database. Imported inside the app's start-up only.

A value is a key (KPI, entity, period); what was entered is in its entries, which are never changed: to restate a value
is to write a further entry. The entry of the value's ``revision`` is the one that stands.
"""

from __future__ import annotations

import sqlalchemy as sa
from flask_appbuilder import Model


class ManualKpi(Model):  # type: ignore[misc]
    """A KPI that nothing computes. Values are entered per period of its one ``grain``."""

    __tablename__ = "kpi_manual_kpi"

    kpi_id = sa.Column(sa.String(64), primary_key=True)
    name_en = sa.Column(sa.String(200), nullable=False)
    name_zh = sa.Column(sa.String(200), nullable=False)
    description_en = sa.Column(sa.Text)
    description_zh = sa.Column(sa.Text)
    unit = sa.Column(sa.String(16), nullable=False)
    direction = sa.Column(sa.String(8), nullable=False)
    is_additive = sa.Column(sa.Boolean, nullable=False)
    entity_kinds = sa.Column(sa.JSON, nullable=False)
    grain = sa.Column(sa.String(16), nullable=False)
    owner = sa.Column(sa.String(255))
    is_active = sa.Column(sa.Boolean, nullable=False)
    revision = sa.Column(sa.Integer, nullable=False)
    created_by = sa.Column(sa.String(64), nullable=False)
    created_at = sa.Column(sa.DateTime, nullable=False)


class ManualValue(Model):  # type: ignore[misc]
    """The key of an entered value; ``revision`` is the number of its newest entry."""

    __tablename__ = "kpi_manual_value"
    __table_args__ = (sa.UniqueConstraint("kpi_id", "entity_id", "period_start", name="uq_kpi_manual_value_key"),)

    id = sa.Column(sa.Integer, primary_key=True)
    kpi_id = sa.Column(sa.String(64), sa.ForeignKey("kpi_manual_kpi.kpi_id", ondelete="CASCADE"), nullable=False)
    entity_kind = sa.Column(sa.String(32), nullable=False)
    entity_id = sa.Column(sa.String(255), nullable=False)
    period_start = sa.Column(sa.Date, nullable=False)
    revision = sa.Column(sa.Integer, nullable=False)


class ManualEntry(Model):  # type: ignore[misc]
    """What somebody entered: the value in the KPI's unit (null withdraws it), and a note that says its source."""

    __tablename__ = "kpi_manual_entry"

    value_id = sa.Column(sa.Integer, sa.ForeignKey("kpi_manual_value.id", ondelete="CASCADE"), primary_key=True)
    revision = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    value = sa.Column(sa.Numeric(24, 6))
    currency = sa.Column(sa.String(8))
    note = sa.Column(sa.Text, nullable=False)
    entered_by = sa.Column(sa.String(64), nullable=False)
    entered_at = sa.Column(sa.DateTime, nullable=False)
