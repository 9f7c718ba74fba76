"""Budget and headcount beside a target; KPIs whose values people enter, and what they entered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_means_and_manual"
down_revision = "0007_alert_conditions"
branch_labels = None
depends_on = None

NUMBER = sa.Numeric(24, 6)
MEANS = (
    sa.Column("budget", NUMBER),
    sa.Column("budget_currency", sa.String(8)),
    sa.Column("headcount", NUMBER),
)


def upgrade() -> None:
    with op.batch_alter_table("kpi_target_version") as table:
        for column in MEANS:
            table.add_column(column)
    op.create_table(
        "kpi_manual_kpi",
        sa.Column("kpi_id", sa.String(64), primary_key=True),
        sa.Column("name_en", sa.String(200), nullable=False),
        sa.Column("name_zh", sa.String(200), nullable=False),
        sa.Column("description_en", sa.Text()),
        sa.Column("description_zh", sa.Text()),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("direction", sa.String(8), nullable=False),
        sa.Column("is_additive", sa.Boolean(), nullable=False),
        sa.Column("entity_kinds", sa.JSON(), nullable=False),
        sa.Column("grain", sa.String(16), nullable=False),
        sa.Column("owner", sa.String(255)),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "kpi_manual_value",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "kpi_id",
            sa.String(64),
            sa.ForeignKey("kpi_manual_kpi.kpi_id", name="fk_kpi_manual_value_kpi", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("entity_kind", sa.String(32), nullable=False),
        sa.Column("entity_id", sa.String(255), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.UniqueConstraint("kpi_id", "entity_id", "period_start", name="uq_kpi_manual_value_key"),
    )
    op.create_table(
        "kpi_manual_entry",
        sa.Column(
            "value_id",
            sa.Integer(),
            sa.ForeignKey("kpi_manual_value.id", name="fk_kpi_manual_entry_value", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("revision", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("value", NUMBER),
        sa.Column("currency", sa.String(8)),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.String(64), nullable=False),
        sa.Column("entered_at", sa.DateTime(), nullable=False),
    )


def downgrade() -> None:
    for name in ("kpi_manual_entry", "kpi_manual_value", "kpi_manual_kpi"):
        op.drop_table(name)
    with op.batch_alter_table("kpi_target_version") as table:
        for column in MEANS:
            table.drop_column(column.name)
