"""Targets, their versions and publications.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kpi_target",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kpi_id", sa.String(64), nullable=False),
        sa.Column("entity_kind", sa.String(32), nullable=False),
        sa.Column("entity_id", sa.String(255), nullable=False),
        sa.Column("grain", sa.String(16), nullable=False),
        sa.Column("period_start", sa.Date, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.UniqueConstraint("kpi_id", "entity_id", "grain", "period_start", name="uq_kpi_target_key"),
    )
    op.create_index("ix_kpi_target_period", "kpi_target", ["grain", "period_start", "kpi_id"])
    op.create_table(
        "kpi_target_version",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "target_id",
            sa.Integer,
            sa.ForeignKey("kpi_target.id", name="fk_kpi_target_version_target", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        *(sa.Column(name, sa.Numeric(24, 6)) for name in VALUES),
        sa.Column("currency", sa.String(8)),
        sa.Column("owner", sa.String(255)),
        sa.Column("changed_by", sa.String(64), nullable=False),
        sa.Column("changed_at", sa.DateTime, nullable=False),
        sa.Column("approved_by", sa.String(64)),
        sa.Column("approved_at", sa.DateTime),
        sa.Column("closed_by", sa.String(64)),
        sa.Column("closed_at", sa.DateTime),
        sa.UniqueConstraint("target_id", "version", name="uq_kpi_target_version"),
    )
    op.create_index("ix_kpi_target_version_state", "kpi_target_version", ["state", "target_id"])
    if op.get_bind().dialect.name == "postgresql":
        # At most one draft and one approved version per target, whatever the code does.
        for state in ("draft", "approved"):
            op.create_index(
                f"uq_kpi_target_one_{state}",
                "kpi_target_version",
                ["target_id"],
                unique=True,
                postgresql_where=sa.text(f"state = '{state}'"),
            )
    op.create_table(
        "kpi_publication",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("requested_by", sa.String(64), nullable=False),
        sa.Column("started_at", sa.DateTime, nullable=False),
        sa.Column("finished_at", sa.DateTime),
        sa.Column("row_count", sa.Integer),
        sa.Column("error", sa.Text),
    )


def downgrade() -> None:
    op.drop_table("kpi_publication")
    op.drop_table("kpi_target_version")
    op.drop_table("kpi_target")


VALUES = ("floor_value", "target_value", "stretch_value", "warn_limit", "breach_limit", "tolerance", "weight")
