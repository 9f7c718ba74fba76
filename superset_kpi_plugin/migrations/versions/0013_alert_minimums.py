"""Alert rules judge only what rests on enough cases.

Revision ID: 0013_alert_minimums
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013_alert_minimums"
down_revision = "0012_signoffs"
branch_labels = None
depends_on = None

COLUMNS = (
    sa.Column("minimum_volume", sa.Numeric(38, 12)),
    sa.Column("volume_kpi_id", sa.String(100)),
)


def upgrade() -> None:
    with op.batch_alter_table("kpi_alert_rule") as table:
        for column in COLUMNS:
            table.add_column(column)


def downgrade() -> None:
    with op.batch_alter_table("kpi_alert_rule") as table:
        for column in COLUMNS:
            table.drop_column(column.name)
