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
    # Not by way of a copy, as SQLite's batches go: events and messages refer to the table.
    op.drop_column("kpi_alert_instance", "last_evaluated_at")


def downgrade() -> None:
    op.add_column("kpi_alert_instance", sa.Column("last_evaluated_at", sa.DateTime()))
