"""Tables of the alerts slice, in Superset's metadata database. Instants are UTC without a zone, as Superset keeps them.

``kpi_alert_rule``      what to watch, and whom to tell
``kpi_alert_instance``  the state of one rule on one entity
``kpi_alert_event``     what happened to an instance, and who did it; only ever added to
``kpi_alert_vote``      what a person said of one incident: useful, or noise
``kpi_alert_silence``   who wants to be told nothing of which alerts, from when to when
``kpi_outbox``          one message for one recipient, written in the transaction of the state that caused it
"""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Text,
    UniqueConstraint,
)

# Amounts and ratios alike: exact, and wide enough for both.
NUMBER = Numeric(38, 12)


class AlertRule(Model):
    """A condition on a KPI. ``entity_ids`` null means every entity of the kind, ``within`` those below one entity.

    ``condition`` and ``parameters`` are described in ``conditions``; ``hysteresis`` and ``tolerance`` are shares of
    the limit; ``seasons`` is ``{"only": [event, ...]}`` or ``{"except": [event, ...]}``; ``escalation`` is a list of
    ``{"after_minutes": n, "channels": [name, ...]}``; a period with less than ``minimum_volume`` (of the KPI's own
    denominator, or of the KPI ``volume_kpi_id``) is not judged; ``source`` says which file or pack the rule came from.
    ``group_above`` and ``digest`` say which of its messages are put together (see ``routing``).
    A deleted rule keeps its row (``deleted_at``), because its instances and events are history.
    """

    __tablename__ = "kpi_alert_rule"

    id = Column(Integer, primary_key=True)
    name = Column(String(200), nullable=False)
    kpi_id = Column(String(100), nullable=False)
    entity_kind = Column(String(40), nullable=False)
    entity_ids = Column(JSON(none_as_null=True))
    grain = Column(String(10), nullable=False)
    condition = Column(String(20), nullable=False)
    parameters = Column(JSON, nullable=False, default=dict)
    within = Column(String(300))
    hysteresis = Column(NUMBER, nullable=False, default=0)
    tolerance = Column(NUMBER, nullable=False, default=0)
    seasons = Column(JSON(none_as_null=True))
    minimum_volume = Column(NUMBER)
    volume_kpi_id = Column(String(100))
    include_provisional = Column(Boolean, nullable=False, default=False)
    for_minutes = Column(Integer, nullable=False, default=0)
    keep_firing_minutes = Column(Integer, nullable=False, default=0)
    severity = Column(String(10), nullable=False)
    channels = Column(JSON, nullable=False)
    group_above = Column(Integer)
    digest = Column(JSON(none_as_null=True))
    escalation = Column(JSON, nullable=False, default=list)
    owner = Column(String(200))
    name_zh = Column(String(200))
    playbook_en = Column(Text)
    playbook_zh = Column(Text)
    source = Column(String(200))
    is_enabled = Column(Boolean, nullable=False, default=True)
    created_by = Column(String(64))
    created_at = Column(DateTime, nullable=False)
    changed_by = Column(String(64))
    changed_at = Column(DateTime, nullable=False)
    deleted_at = Column(DateTime)
    last_evaluated_at = Column(DateTime)


class AlertInstance(Model):
    """One rule on one entity. What the inbox shows is copied here, so that it opens while the warehouse is away.

    ``told_incident`` is the incident that people were told of: an alert that is held back (``inhibited_by`` a firing
    parent's alert, snoozed, or silenced by ``silence_id``) keeps its state and is told when nothing holds it back any
    more.
    """

    __tablename__ = "kpi_alert_instance"
    __table_args__ = (
        UniqueConstraint("rule_id", "entity_id", name="uq_kpi_alert_instance_rule_entity"),
        Index("ix_kpi_alert_instance_state", "state"),
    )

    id = Column(Integer, primary_key=True)
    rule_id = Column(Integer, ForeignKey("kpi_alert_rule.id"), nullable=False)
    kpi_id = Column(String(100), nullable=False)
    kpi_name_en = Column(String(250))
    kpi_name_zh = Column(String(250))
    unit = Column(String(20))
    direction = Column(String(10))
    number_format = Column(String(40))
    currency = Column(String(3))
    entity_kind = Column(String(40), nullable=False)
    entity_id = Column(String(300), nullable=False)
    entity_name = Column(String(500))
    account_id = Column(String(100))
    account_name = Column(String(250))
    grain = Column(String(10), nullable=False)
    period_start = Column(Date)
    period_end = Column(Date)
    covered_through = Column(Date)
    state = Column(String(10), nullable=False)
    status = Column(String(15))
    value = Column(NUMBER)
    limit_value = Column(NUMBER)
    target_value = Column(NUMBER)
    owner = Column(String(200))
    owner_name = Column(String(500))
    pending_since = Column(DateTime)
    firing_since = Column(DateTime)
    clear_since = Column(DateTime)
    resolved_at = Column(DateTime)
    incident = Column(Integer, nullable=False, default=0)
    recent_firings = Column(JSON, nullable=False, default=list)
    acknowledged_by = Column(String(64))
    acknowledged_at = Column(DateTime)
    comment = Column(Text)
    assignee = Column(String(64))
    snoozed_until = Column(DateTime)
    snoozed_by = Column(String(64))
    inhibited_by = Column(Integer)
    silence_id = Column(Integer)
    told_incident = Column(Integer, nullable=False, default=0)
    told_at = Column(DateTime)
    escalated = Column(Integer, nullable=False, default=0)
    team_id = Column(String(100))
    detail = Column(Text)
    season_en = Column(String(500))
    season_zh = Column(String(500))
    driver = Column(JSON(none_as_null=True))


class AlertEvent(Model):
    """One change of an instance; ``user`` is null for what the evaluation did."""

    __tablename__ = "kpi_alert_event"
    __table_args__ = (Index("ix_kpi_alert_event_instance", "instance_id"),)

    id = Column(Integer, primary_key=True)
    instance_id = Column(Integer, ForeignKey("kpi_alert_instance.id"), nullable=False)
    event = Column(String(20), nullable=False)
    incident = Column(Integer, nullable=False)
    happened_at = Column(DateTime, nullable=False)
    period_start = Column(Date)
    status = Column(String(15))
    value = Column(NUMBER)
    limit_value = Column(NUMBER)
    user = Column(String(64))
    comment = Column(Text)


class AlertVote(Model):
    """What one person says of one incident of an instance: ``useful`` or ``noise``."""

    __tablename__ = "kpi_alert_vote"
    __table_args__ = (UniqueConstraint("instance_id", "incident", "user", name="uq_kpi_alert_vote_incident_user"),)

    id = Column(Integer, primary_key=True)
    instance_id = Column(
        Integer, ForeignKey("kpi_alert_instance.id", name="fk_kpi_alert_vote_instance"), nullable=False
    )
    incident = Column(Integer, nullable=False)
    user = Column(String(64), nullable=False)
    vote = Column(String(10), nullable=False)
    reason = Column(String(500))
    voted_at = Column(DateTime, nullable=False)


class AlertSilence(Model):
    """Nobody is told of the alerts that match, from ``starts_at`` to before ``ends_at``.

    What is null matches everything; ``entity_id`` matches the entity and all below it.
    """

    __tablename__ = "kpi_alert_silence"
    __table_args__ = (Index("ix_kpi_alert_silence_ends", "ends_at"),)

    id = Column(Integer, primary_key=True)
    kpi_id = Column(String(100))
    entity_id = Column(String(300))
    rule_id = Column(Integer, ForeignKey("kpi_alert_rule.id", name="fk_kpi_alert_silence_rule"))
    severity = Column(String(10))
    starts_at = Column(DateTime, nullable=False)
    ends_at = Column(DateTime, nullable=False)
    reason = Column(String(500), nullable=False)
    created_by = Column(String(64), nullable=False)
    created_at = Column(DateTime, nullable=False)
    ended_by = Column(String(64))


class OutboxMessage(Model):
    """One message to one recipient of a channel; ``key`` is the same however often it is sent. A message without an
    instance is about no alert (a report).

    ``payload`` holds the facts of the alert, never an address or a secret: these are in the site's configuration.
    ``state`` is pending, sent or failed. Rows of one ``group_key`` are one message, under that key; ``digest_at`` is
    the digest that a row waits for, without a group until it is due.
    """

    __tablename__ = "kpi_outbox"
    __table_args__ = (
        UniqueConstraint("key", name="uq_kpi_outbox_key"),
        Index("ix_kpi_outbox_state_next", "state", "next_attempt_at"),
        Index("ix_kpi_outbox_group", "group_key"),
    )

    id = Column(Integer, primary_key=True)
    key = Column(String(64), nullable=False)
    instance_id = Column(Integer, ForeignKey("kpi_alert_instance.id"))
    event = Column(String(20), nullable=False)
    channel = Column(String(100), nullable=False)
    recipient = Column(String(320), nullable=False)
    payload = Column(JSON, nullable=False)
    state = Column(String(10), nullable=False)
    attempts = Column(Integer, nullable=False, default=0)
    created_at = Column(DateTime, nullable=False)
    next_attempt_at = Column(DateTime, nullable=False)
    sent_at = Column(DateTime)
    last_error = Column(Text)
    group_key = Column(String(64))
    digest_at = Column(DateTime)
