"""Explanations and sign-offs of reconciliation differences.

Revision ID: 0012_signoffs
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012_signoffs"
down_revision = "0011_reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kpi_difference_record",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("reconciliation_id", sa.String(500), nullable=False),
        sa.Column("entity_id", sa.String(300), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("difference", sa.Numeric(38, 12)),
        sa.Column("absolute_difference", sa.Numeric(38, 12)),
        sa.Column("currency", sa.String(8)),
        sa.Column("reason_code", sa.String(32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Date()),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_by", sa.String(64)),
        sa.Column("withdrawn_at", sa.DateTime()),
    )
    op.create_index("ix_kpi_difference_record_of", "kpi_difference_record", ["reconciliation_id"])


def downgrade() -> None:
    op.drop_table("kpi_difference_record")
