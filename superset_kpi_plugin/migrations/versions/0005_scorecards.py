"""Scorecards as they were when their period was closed.

Revision ID: 0005_scorecards
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_scorecards"
down_revision = "0004_waivers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kpi_scorecard_part",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("grain", sa.String(16), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("kpi_id", sa.String(64), nullable=False),
        sa.Column("entity_kind", sa.String(32), nullable=False),
        sa.Column("entity_id", sa.String(255), nullable=False),
        sa.Column("owner", sa.String(255)),
        sa.Column("target_value", sa.Numeric(24, 6)),
        sa.Column("value", sa.Numeric(38, 12)),
        sa.Column("attainment", sa.Numeric(38, 12)),
        sa.Column("weight", sa.Numeric(24, 6)),
        sa.Column("status", sa.String(16)),
        sa.Column("closed_by", sa.String(64), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("grain", "period_start", "kpi_id", "entity_id", name="uq_kpi_scorecard_part"),
    )


def downgrade() -> None:
    op.drop_table("kpi_scorecard_part")
