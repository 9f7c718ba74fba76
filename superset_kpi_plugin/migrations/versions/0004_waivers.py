"""Waivers of what the checks of targets find.

Revision ID: 0004_waivers
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_waivers"
down_revision = "0003_agreement"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kpi_waiver",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(500), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("key", name="uq_kpi_waiver_key"),
    )


def downgrade() -> None:
    op.drop_table("kpi_waiver")
