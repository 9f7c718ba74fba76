"""Tables of the reports, in Superset's metadata database. Instants are UTC without a zone, as Superset keeps them.

``kpi_report_plan``      which report about whom is made how often, and to whom it goes
``kpi_report``           one report as it was made: its figures are kept, and never change afterwards
``kpi_report_template``  a company's own wording and layout (Jinja)
"""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import JSON, Boolean, Column, Date, DateTime, ForeignKey, Index, Integer, String, Text, UniqueConstraint


class ReportPlan(Model):
    """``entity_id`` is whom it is about (company, platform, account, team or person) with all below; a plan that
    ``needs_release`` makes reports that wait for somebody to read, comment and release them."""

    __tablename__ = "kpi_report_plan"

    id = Column(Integer, primary_key=True)
    name = Column(String(200), nullable=False)
    entity_id = Column(String(300), nullable=False)
    cadence = Column(String(10), nullable=False)
    locale = Column(String(5), nullable=False)
    channels = Column(JSON, nullable=False)
    template_id = Column(Integer, ForeignKey("kpi_report_template.id", name="fk_kpi_report_plan_template"))
    needs_release = Column(Boolean, nullable=False, default=False)
    is_enabled = Column(Boolean, nullable=False, default=True)
    created_by = Column(String(64), nullable=False)
    created_at = Column(DateTime, nullable=False)
    changed_by = Column(String(64), nullable=False)
    changed_at = Column(DateTime, nullable=False)
    deleted_at = Column(DateTime)


class Report(Model):
    """One report of one window. ``state`` is waiting (for its release), released or discarded."""

    __tablename__ = "kpi_report"
    __table_args__ = (
        UniqueConstraint("plan_id", "period_start", name="uq_kpi_report_plan_period"),
        Index("ix_kpi_report_made_at", "made_at"),
    )

    id = Column(Integer, primary_key=True)
    plan_id = Column(Integer, ForeignKey("kpi_report_plan.id", name="fk_kpi_report_plan"), nullable=False)
    entity_id = Column(String(300), nullable=False)
    cadence = Column(String(10), nullable=False)
    period_start = Column(Date, nullable=False)
    period_end = Column(Date, nullable=False)
    locale = Column(String(5), nullable=False)
    content = Column(JSON, nullable=False)
    template = Column(Text)
    state = Column(String(10), nullable=False)
    commentary = Column(Text)
    commented_by = Column(String(64))
    commented_at = Column(DateTime)
    made_at = Column(DateTime, nullable=False)
    released_by = Column(String(64))
    released_at = Column(DateTime)


class ReportTemplate(Model):
    """The body of a report as Jinja in a sandbox; ``name`` is unique."""

    __tablename__ = "kpi_report_template"
    __table_args__ = (UniqueConstraint("name", name="uq_kpi_report_template_name"),)

    id = Column(Integer, primary_key=True)
    name = Column(String(200), nullable=False)
    body = Column(Text, nullable=False)
    changed_by = Column(String(64), nullable=False)
    changed_at = Column(DateTime, nullable=False)
