"""Half of each page of kpi_target stays free: a step that moves many targets then writes to no other page and no index.

Revision ID: 0016_target_pages
"""

from __future__ import annotations

from alembic import op

revision = "0016_target_pages"
down_revision = "0015_alert_instances"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Pages that are there already are filled as before until they are written anew.
    if op.get_bind().dialect.name == "postgresql":
        op.execute("alter table kpi_target set (fillfactor = 50)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("alter table kpi_target reset (fillfactor)")
