"""Votes on alerts, and silences by matcher.

Revision ID: 0009_alert_votes
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_alert_votes"
down_revision = "0008_means_and_manual"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kpi_alert_vote",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "instance_id",
            sa.Integer(),
            sa.ForeignKey("kpi_alert_instance.id", name="fk_kpi_alert_vote_instance"),
            nullable=False,
        ),
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("vote", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("voted_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("instance_id", "incident", "user", name="uq_kpi_alert_vote_incident_user"),
    )
    op.create_table(
        "kpi_alert_silence",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kpi_id", sa.String(100)),
        sa.Column("entity_id", sa.String(300)),
        sa.Column("rule_id", sa.Integer(), sa.ForeignKey("kpi_alert_rule.id", name="fk_kpi_alert_silence_rule")),
        sa.Column("severity", sa.String(10)),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("ended_by", sa.String(64)),
    )
    op.create_index("ix_kpi_alert_silence_ends", "kpi_alert_silence", ["ends_at"])
    with op.batch_alter_table("kpi_alert_instance") as table:
        table.add_column(sa.Column("silence_id", sa.Integer()))


def downgrade() -> None:
    with op.batch_alter_table("kpi_alert_instance") as table:
        table.drop_column("silence_id")
    op.drop_table("kpi_alert_silence")
    op.drop_table("kpi_alert_vote")
