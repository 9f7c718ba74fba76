"""Alert rules, instances, events and the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NUMBER = sa.Numeric(38, 12)


def upgrade() -> None:
    _create_rule()
    _create_instance()
    _create_event()
    _create_outbox()


def downgrade() -> None:
    for table in ("kpi_outbox", "kpi_alert_event", "kpi_alert_instance", "kpi_alert_rule"):
        op.drop_table(table)


def _create_rule() -> None:
    op.create_table(
        "kpi_alert_rule",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kpi_id", sa.String(100), nullable=False),
        sa.Column("entity_kind", sa.String(40), nullable=False),
        sa.Column("entity_ids", sa.JSON()),
        sa.Column("grain", sa.String(10), nullable=False),
        sa.Column("condition", sa.String(10), nullable=False),
        sa.Column("for_minutes", sa.Integer(), nullable=False),
        sa.Column("keep_firing_minutes", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("owner", sa.String(200)),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(64)),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_by", sa.String(64)),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime()),
        sa.Column("last_evaluated_at", sa.DateTime()),
    )


def _create_instance() -> None:
    op.create_table(
        "kpi_alert_instance",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("rule_id", sa.Integer(), sa.ForeignKey("kpi_alert_rule.id"), nullable=False),
        sa.Column("kpi_id", sa.String(100), nullable=False),
        sa.Column("kpi_name_en", sa.String(250)),
        sa.Column("kpi_name_zh", sa.String(250)),
        sa.Column("unit", sa.String(20)),
        sa.Column("direction", sa.String(10)),
        sa.Column("number_format", sa.String(40)),
        sa.Column("currency", sa.String(3)),
        sa.Column("entity_kind", sa.String(40), nullable=False),
        sa.Column("entity_id", sa.String(300), nullable=False),
        sa.Column("entity_name", sa.String(500)),
        sa.Column("account_id", sa.String(100)),
        sa.Column("account_name", sa.String(250)),
        sa.Column("grain", sa.String(10), nullable=False),
        sa.Column("period_start", sa.Date()),
        sa.Column("period_end", sa.Date()),
        sa.Column("covered_through", sa.Date()),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("status", sa.String(15)),
        sa.Column("value", NUMBER),
        sa.Column("limit_value", NUMBER),
        sa.Column("target_value", NUMBER),
        sa.Column("owner", sa.String(200)),
        sa.Column("owner_name", sa.String(500)),
        sa.Column("pending_since", sa.DateTime()),
        sa.Column("firing_since", sa.DateTime()),
        sa.Column("clear_since", sa.DateTime()),
        sa.Column("resolved_at", sa.DateTime()),
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("last_evaluated_at", sa.DateTime()),
        sa.Column("acknowledged_by", sa.String(64)),
        sa.Column("acknowledged_at", sa.DateTime()),
        sa.Column("comment", sa.Text()),
        sa.UniqueConstraint("rule_id", "entity_id", name="uq_kpi_alert_instance_rule_entity"),
    )
    op.create_index("ix_kpi_alert_instance_state", "kpi_alert_instance", ["state"])


def _create_event() -> None:
    op.create_table(
        "kpi_alert_event",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("instance_id", sa.Integer(), sa.ForeignKey("kpi_alert_instance.id"), nullable=False),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.DateTime(), nullable=False),
        sa.Column("period_start", sa.Date()),
        sa.Column("status", sa.String(15)),
        sa.Column("value", NUMBER),
        sa.Column("limit_value", NUMBER),
        sa.Column("user", sa.String(64)),
        sa.Column("comment", sa.Text()),
    )
    op.create_index("ix_kpi_alert_event_instance", "kpi_alert_event", ["instance_id"])


def _create_outbox() -> None:
    op.create_table(
        "kpi_outbox",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("instance_id", sa.Integer(), sa.ForeignKey("kpi_alert_instance.id"), nullable=False),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("channel", sa.String(100), nullable=False),
        sa.Column("recipient", sa.String(320), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(), nullable=False),
        sa.Column("sent_at", sa.DateTime()),
        sa.Column("last_error", sa.Text()),
        sa.UniqueConstraint("key", name="uq_kpi_outbox_key"),
    )
    op.create_index("ix_kpi_outbox_state_next", "kpi_outbox", ["state", "next_attempt_at"])
