"""An alert was last evaluated when its rule was: one instant for all of them.

Revision ID: 0015_alert_instances
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015_alert_instances"
down_revision = "0014_outbox_groups"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("kpi_alert_instance") as table:
        table.drop_column("last_evaluated_at")


def downgrade() -> None:
    with op.batch_alter_table("kpi_alert_instance") as table:
        table.add_column(sa.Column("last_evaluated_at", sa.DateTime()))
