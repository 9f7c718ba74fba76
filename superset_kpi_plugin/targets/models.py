"""Tables of the targets in Superset's metadata database.

A target is a key (KPI, entity, grain, period); what it says is in its versions, which never change once written: an
edit writes a new version. Only a version's ``state`` and ``stage`` move::

    draft -> approved -> superseded (a later version was approved)
    draft -> superseded (edited again) | discarded

The stage says how far the agreement on an open draft has come (see `agreement`). Of a locked target nothing moves.

Imported inside the app's start-up only: importing it elsewhere would make FAB create the tables without migrations.
"""

from __future__ import annotations

from datetime import datetime, timezone

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import relationship

DRAFT, APPROVED, SUPERSEDED, DISCARDED = "draft", "approved", "superseded", "discarded"
RUNNING, DONE, FAILED = "running", "done", "failed"


def utc_now() -> datetime:
    """Now, as the naive UTC instant that the tables hold."""
    return datetime.now(timezone.utc).replace(tzinfo=None)


class Target(Model):  # type: ignore[misc]
    """The key of a target. ``revision`` grows by one with every change of its versions: the row's ETag."""

    __tablename__ = "kpi_target"
    __table_args__ = (
        sa.UniqueConstraint("kpi_id", "entity_id", "grain", "period_start", name="uq_kpi_target_key"),
        sa.Index("ix_kpi_target_period", "grain", "period_start", "kpi_id"),
    )

    id = sa.Column(sa.Integer, primary_key=True)
    kpi_id = sa.Column(sa.String(64), nullable=False)
    entity_kind = sa.Column(sa.String(32), nullable=False)
    entity_id = sa.Column(sa.String(255), nullable=False)
    grain = sa.Column(sa.String(16), nullable=False)
    period_start = sa.Column(sa.Date, nullable=False)
    revision = sa.Column(sa.Integer, nullable=False, default=1)
    created_at = sa.Column(sa.DateTime, nullable=False, default=utc_now)
    created_by = sa.Column(sa.String(64), nullable=False)
    locked_by = sa.Column(sa.String(64))
    locked_at = sa.Column(sa.DateTime)
    versions = relationship("TargetVersion", back_populates="target", order_by="TargetVersion.version")

    @property
    def etag(self) -> str:
        """Changes whenever a version of the target is written or moves."""
        return f"{self.id}-{self.revision}"


class TargetVersion(Model):  # type: ignore[misc]
    """What a target said at one time. Values are in the KPI's unit (money in ``currency``), for the full period."""

    __tablename__ = "kpi_target_version"
    __table_args__ = (
        sa.UniqueConstraint("target_id", "version", name="uq_kpi_target_version"),
        sa.Index("ix_kpi_target_version_state", "state", "target_id"),
    )

    id = sa.Column(sa.Integer, primary_key=True)
    target_id = sa.Column(sa.Integer, sa.ForeignKey("kpi_target.id", ondelete="CASCADE"), nullable=False)
    version = sa.Column(sa.Integer, nullable=False)
    state = sa.Column(sa.String(16), nullable=False, default=DRAFT)
    stage = sa.Column(sa.String(16))
    floor_value = sa.Column(sa.Numeric(24, 6))
    target_value = sa.Column(sa.Numeric(24, 6))
    stretch_value = sa.Column(sa.Numeric(24, 6))
    warn_limit = sa.Column(sa.Numeric(24, 6))
    breach_limit = sa.Column(sa.Numeric(24, 6))
    tolerance = sa.Column(sa.Numeric(24, 6))
    weight = sa.Column(sa.Numeric(24, 6))
    currency = sa.Column(sa.String(8))
    budget = sa.Column(sa.Numeric(24, 6))
    budget_currency = sa.Column(sa.String(8))
    headcount = sa.Column(sa.Numeric(24, 6))
    owner = sa.Column(sa.String(255))
    changed_by = sa.Column(sa.String(64), nullable=False)
    changed_at = sa.Column(sa.DateTime, nullable=False, default=utc_now)
    reason = sa.Column(sa.Text)
    proposed_by = sa.Column(sa.String(64))
    proposed_at = sa.Column(sa.DateTime)
    accepted_by = sa.Column(sa.String(64))
    accepted_at = sa.Column(sa.DateTime)
    approved_by = sa.Column(sa.String(64))
    approved_at = sa.Column(sa.DateTime)
    closed_by = sa.Column(sa.String(64))
    closed_at = sa.Column(sa.DateTime)
    target = relationship("Target", back_populates="versions")


class Comment(Model):  # type: ignore[misc]
    """What somebody said about a target, and whom they meant."""

    __tablename__ = "kpi_comment"
    __table_args__ = (sa.Index("ix_kpi_comment_target", "target_id"),)

    id = sa.Column(sa.Integer, primary_key=True)
    target_id = sa.Column(sa.Integer, sa.ForeignKey("kpi_target.id", ondelete="CASCADE"), nullable=False)
    version = sa.Column(sa.Integer)
    author = sa.Column(sa.String(64), nullable=False)
    created_at = sa.Column(sa.DateTime, nullable=False, default=utc_now)
    text = sa.Column(sa.Text, nullable=False)
    mentions = sa.Column(sa.JSON, nullable=False, default=list)


class Mention(Model):  # type: ignore[misc]
    """A person named in a comment."""

    __tablename__ = "kpi_mention"
    __table_args__ = (sa.Index("ix_kpi_mention_username", "username"),)

    comment_id = sa.Column(sa.Integer, sa.ForeignKey("kpi_comment.id", ondelete="CASCADE"), primary_key=True)
    username = sa.Column(sa.String(64), primary_key=True)


class Objective(Model):  # type: ignore[misc]
    """What a group of targets is for."""

    __tablename__ = "kpi_objective"
    __table_args__ = (sa.Index("ix_kpi_objective_period", "grain", "period_start"),)

    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(200), nullable=False)
    description = sa.Column(sa.Text)
    owner = sa.Column(sa.String(255))
    grain = sa.Column(sa.String(16), nullable=False)
    period_start = sa.Column(sa.Date, nullable=False)
    created_by = sa.Column(sa.String(64), nullable=False)
    created_at = sa.Column(sa.DateTime, nullable=False)


class ObjectiveKey(Model):  # type: ignore[misc]
    """A target by which an objective is judged."""

    __tablename__ = "kpi_objective_key"

    objective_id = sa.Column(sa.Integer, sa.ForeignKey("kpi_objective.id", ondelete="CASCADE"), primary_key=True)
    kpi_id = sa.Column(sa.String(64), primary_key=True)
    entity_id = sa.Column(sa.String(255), primary_key=True)
    weight = sa.Column(sa.Numeric(24, 6), nullable=False, default=1)


class ScorecardPart(Model):  # type: ignore[misc]
    """One target's part of the scorecards of a period, as it was when the period was closed."""

    __tablename__ = "kpi_scorecard_part"
    __table_args__ = (
        sa.UniqueConstraint("grain", "period_start", "kpi_id", "entity_id", name="uq_kpi_scorecard_part"),
    )

    id = sa.Column(sa.Integer, primary_key=True)
    grain = sa.Column(sa.String(16), nullable=False)
    period_start = sa.Column(sa.Date, nullable=False)
    kpi_id = sa.Column(sa.String(64), nullable=False)
    entity_kind = sa.Column(sa.String(32), nullable=False)
    entity_id = sa.Column(sa.String(255), nullable=False)
    owner = sa.Column(sa.String(255))
    target_value = sa.Column(sa.Numeric(24, 6))
    value = sa.Column(sa.Numeric(38, 12))
    attainment = sa.Column(sa.Numeric(38, 12))
    weight = sa.Column(sa.Numeric(24, 6))
    status = sa.Column(sa.String(16))
    closed_by = sa.Column(sa.String(64), nullable=False)
    closed_at = sa.Column(sa.DateTime, nullable=False)


class Waiver(Model):  # type: ignore[misc]
    """Somebody answers for a finding of the checks until a day, inclusive."""

    __tablename__ = "kpi_waiver"
    __table_args__ = (sa.UniqueConstraint("key", name="uq_kpi_waiver_key"),)

    id = sa.Column(sa.Integer, primary_key=True)
    key = sa.Column(sa.String(500), nullable=False)
    reason = sa.Column(sa.Text, nullable=False)
    ends_on = sa.Column(sa.Date, nullable=False)
    created_by = sa.Column(sa.String(64), nullable=False)
    created_at = sa.Column(sa.DateTime, nullable=False)


class Idempotency(Model):  # type: ignore[misc]
    """The answer that a request with an Idempotency-Key got; ``status`` is null while it runs."""

    __tablename__ = "kpi_idempotency"
    __table_args__ = (sa.Index("ix_kpi_idempotency_created", "created_at"),)

    username = sa.Column(sa.String(64), primary_key=True)
    key = sa.Column(sa.String(100), primary_key=True)
    request_hash = sa.Column(sa.String(64), nullable=False)
    created_at = sa.Column(sa.DateTime, nullable=False, default=utc_now)
    status = sa.Column(sa.Integer)
    body = sa.Column(sa.Text)


class Publication(Model):  # type: ignore[misc]
    """One attempt to make kpi_targets equal to the approved targets."""

    __tablename__ = "kpi_publication"

    id = sa.Column(sa.Integer, primary_key=True)
    state = sa.Column(sa.String(16), nullable=False, default=RUNNING)
    requested_by = sa.Column(sa.String(64), nullable=False)
    started_at = sa.Column(sa.DateTime, nullable=False, default=utc_now)
    finished_at = sa.Column(sa.DateTime)
    row_count = sa.Column(sa.Integer)
    error = sa.Column(sa.Text)
