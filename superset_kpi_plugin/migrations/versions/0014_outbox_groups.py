"""Messages about several alerts: groups and digests.

Revision ID: 0014_outbox_groups
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014_outbox_groups"
down_revision = "0013_alert_minimums"
branch_labels = None
depends_on = None

COLUMNS = {
    "kpi_alert_rule": (sa.Column("group_above", sa.Integer()), sa.Column("digest", sa.JSON())),
    "kpi_outbox": (sa.Column("group_key", sa.String(64)), sa.Column("digest_at", sa.DateTime())),
}


def upgrade() -> None:
    for name, columns in COLUMNS.items():
        with op.batch_alter_table(name) as table:
            for column in columns:
                table.add_column(column)
    op.create_index("ix_kpi_outbox_group", "kpi_outbox", ["group_key"])


def downgrade() -> None:
    op.drop_index("ix_kpi_outbox_group", "kpi_outbox")
    for name, columns in COLUMNS.items():
        with op.batch_alter_table(name) as table:
            for column in columns:
                table.drop_column(column.name)
