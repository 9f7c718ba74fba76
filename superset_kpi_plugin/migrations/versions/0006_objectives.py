"""Objectives and the targets that they group.

Revision ID: 0006_objectives
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_objectives"
down_revision = "0005_scorecards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kpi_objective",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("owner", sa.String(255)),
        sa.Column("grain", sa.String(16), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_kpi_objective_period", "kpi_objective", ["grain", "period_start"])
    op.create_table(
        "kpi_objective_key",
        sa.Column(
            "objective_id",
            sa.Integer(),
            sa.ForeignKey("kpi_objective.id", name="fk_kpi_objective_key_objective", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("kpi_id", sa.String(64), primary_key=True),
        sa.Column("entity_id", sa.String(255), primary_key=True),
        sa.Column("weight", sa.Numeric(24, 6), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("kpi_objective_key")
    op.drop_table("kpi_objective")
