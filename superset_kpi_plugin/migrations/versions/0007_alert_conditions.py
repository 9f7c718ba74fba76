"""Alert rules of every condition, what holds alerts back, and escalation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_alert_conditions"
down_revision = "0006_objectives"
branch_labels = None
depends_on = None

NUMBER = sa.Numeric(38, 12)

RULE_COLUMNS = (
    sa.Column("parameters", sa.JSON(), nullable=False, server_default="{}"),
    sa.Column("within", sa.String(300)),
    sa.Column("hysteresis", NUMBER, nullable=False, server_default="0"),
    sa.Column("tolerance", NUMBER, nullable=False, server_default="0"),
    sa.Column("seasons", sa.JSON()),
    sa.Column("include_provisional", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("escalation", sa.JSON(), nullable=False, server_default="[]"),
    sa.Column("name_zh", sa.String(200)),
    sa.Column("playbook_en", sa.Text()),
    sa.Column("playbook_zh", sa.Text()),
    sa.Column("source", sa.String(200)),
)
INSTANCE_COLUMNS = (
    sa.Column("recent_firings", sa.JSON(), nullable=False, server_default="[]"),
    sa.Column("assignee", sa.String(64)),
    sa.Column("snoozed_until", sa.DateTime()),
    sa.Column("snoozed_by", sa.String(64)),
    sa.Column("inhibited_by", sa.Integer()),
    sa.Column("told_incident", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("told_at", sa.DateTime()),
    sa.Column("escalated", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("team_id", sa.String(100)),
    sa.Column("detail", sa.Text()),
    sa.Column("season_en", sa.String(500)),
    sa.Column("season_zh", sa.String(500)),
    sa.Column("driver", sa.JSON()),
)


def upgrade() -> None:
    with op.batch_alter_table("kpi_alert_rule") as table:
        table.alter_column("condition", type_=sa.String(20), existing_type=sa.String(10), existing_nullable=False)
        for column in RULE_COLUMNS:
            table.add_column(column)
    with op.batch_alter_table("kpi_alert_instance") as table:
        for column in INSTANCE_COLUMNS:
            table.add_column(column)
    # Of what fires already people were told when it began.
    op.execute("update kpi_alert_instance set told_incident = incident, told_at = firing_since")


def downgrade() -> None:
    with op.batch_alter_table("kpi_alert_instance") as table:
        for column in INSTANCE_COLUMNS:
            table.drop_column(column.name)
    with op.batch_alter_table("kpi_alert_rule") as table:
        for column in RULE_COLUMNS:
            table.drop_column(column.name)
