"""Scopes, the agreement on targets, comments, the audit trail and idempotency keys.

Revision ID: 0003_agreement
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_agreement"
down_revision = "0002"
branch_labels = None
depends_on = None

VERSION_COLUMNS = (
    ("stage", sa.String(16)),
    ("reason", sa.Text()),
    ("proposed_by", sa.String(64)),
    ("proposed_at", sa.DateTime()),
    ("accepted_by", sa.String(64)),
    ("accepted_at", sa.DateTime()),
)


def upgrade() -> None:
    for name, kind in VERSION_COLUMNS:
        op.add_column("kpi_target_version", sa.Column(name, kind))
    op.execute("update kpi_target_version set stage = 'draft' where state = 'draft'")
    op.add_column("kpi_target", sa.Column("locked_by", sa.String(64)))
    op.add_column("kpi_target", sa.Column("locked_at", sa.DateTime()))
    op.create_table(
        "kpi_scope",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("subject_kind", sa.String(8), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("entity_id", sa.String(255), nullable=False),
        sa.Column("may_edit", sa.Boolean(), nullable=False),
        sa.Column("may_approve", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("subject_kind", "subject", "entity_id", name="uq_kpi_scope_subject_entity"),
    )
    op.create_table(
        "kpi_comment",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "target_id",
            sa.Integer(),
            sa.ForeignKey("kpi_target.id", name="fk_kpi_comment_target", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer()),
        sa.Column("author", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mentions", sa.JSON(), nullable=False),
    )
    op.create_index("ix_kpi_comment_target", "kpi_comment", ["target_id"])
    op.create_table(
        "kpi_mention",
        sa.Column(
            "comment_id",
            sa.Integer(),
            sa.ForeignKey("kpi_comment.id", name="fk_kpi_mention_comment", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("username", sa.String(64), primary_key=True),
    )
    op.create_index("ix_kpi_mention_username", "kpi_mention", ["username"])
    _create_audit()
    op.create_table(
        "kpi_idempotency",
        sa.Column("username", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(100), primary_key=True),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("body", sa.Text()),
    )
    op.create_index("ix_kpi_idempotency_created", "kpi_idempotency", ["created_at"])


def _create_audit() -> None:
    op.create_table(
        "kpi_audit",
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "kpi_audit_head",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    tables = ("kpi_idempotency", "kpi_audit_head", "kpi_audit", "kpi_mention", "kpi_comment", "kpi_scope")
    for table in tables:
        op.drop_table(table)
    for name in ("locked_by", "locked_at"):
        op.drop_column("kpi_target", name)
    for name, _ in VERSION_COLUMNS:
        op.drop_column("kpi_target_version", name)
