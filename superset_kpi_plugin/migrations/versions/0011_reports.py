"""Reports: their plans, the reports that were made, templates; messages that belong to no alert.

Revision ID: 0011_reports
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_reports"
down_revision = "0009_alert_votes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kpi_report_template",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.String(64), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("name", name="uq_kpi_report_template_name"),
    )
    op.create_table(
        "kpi_report_plan",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("entity_id", sa.String(300), nullable=False),
        sa.Column("cadence", sa.String(10), nullable=False),
        sa.Column("locale", sa.String(5), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column(
            "template_id",
            sa.Integer(),
            sa.ForeignKey("kpi_report_template.id", name="fk_kpi_report_plan_template"),
        ),
        sa.Column("needs_release", sa.Boolean(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_by", sa.String(64), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime()),
    )
    op.create_table(
        "kpi_report",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "plan_id", sa.Integer(), sa.ForeignKey("kpi_report_plan.id", name="fk_kpi_report_plan"), nullable=False
        ),
        sa.Column("entity_id", sa.String(300), nullable=False),
        sa.Column("cadence", sa.String(10), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("locale", sa.String(5), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("template", sa.Text()),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("commentary", sa.Text()),
        sa.Column("commented_by", sa.String(64)),
        sa.Column("commented_at", sa.DateTime()),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("released_by", sa.String(64)),
        sa.Column("released_at", sa.DateTime()),
        sa.UniqueConstraint("plan_id", "period_start", name="uq_kpi_report_plan_period"),
    )
    op.create_index("ix_kpi_report_made_at", "kpi_report", ["made_at"])
    with op.batch_alter_table("kpi_outbox") as table:
        table.alter_column("instance_id", existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    op.execute("delete from kpi_outbox where instance_id is null")
    with op.batch_alter_table("kpi_outbox") as table:
        table.alter_column("instance_id", existing_type=sa.Integer(), nullable=False)
    op.drop_table("kpi_report")
    op.drop_table("kpi_report_plan")
    op.drop_table("kpi_report_template")
