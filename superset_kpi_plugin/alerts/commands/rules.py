"""Create, change and delete alert rules, after checking every field and naming all that are wrong at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from superset_kpi_plugin.alerts import channels, presentation, storage
from superset_kpi_plugin.alerts.commands.validation import (
    LONGEST_MINUTES,
    check_condition,
    check_shape,
    stored_parameters,
)
from superset_kpi_plugin.alerts.commands.validation import problem as _problem
from superset_kpi_plugin.alerts.conditions import GRAIN_DAYS, KINDS
from superset_kpi_plugin.alerts.models import AlertEvent, AlertInstance, AlertRule
from superset_kpi_plugin.alerts.states import withdraw
from superset_kpi_plugin.errors import NotFound, ValidationFailed
from superset_kpi_plugin.etags import refuse_stale
from superset_kpi_plugin.warehouse import Reader, Warehouse

SEVERITIES = ("info", "warning", "critical")
MOST_ENTITIES = 10_000
DEFAULTS: dict[str, Any] = {
    "entity_ids": None,
    "within": None,
    "condition": "breach",
    "parameters": {},
    "tolerance": 0,
    "hysteresis": 0,
    "seasons": None,
    "minimum_volume": None,
    "volume_kpi_id": None,
    "include_provisional": False,
    "for_minutes": 0,
    "keep_firing_minutes": 0,
    "severity": "warning",
    "channels": [],
    "group_above": None,
    "digest": None,
    "escalation": [],
    "owner": None,
    "name_zh": None,
    "playbook_en": None,
    "playbook_zh": None,
    "source": None,
    "is_enabled": True,
}
REQUIRED = ("name", "kpi_id", "entity_kind", "grain")
FIELDS = (*REQUIRED, *DEFAULTS)
# What instances are made of: another watch is another rule, or its history would speak of two things.
FIXED = ("kpi_id", "entity_kind", "grain", "condition")


def create_rule(body: Mapping[str, Any], user: str, warehouse: Warehouse | None = None) -> AlertRule:
    """Create a rule.

    :raises ValidationFailed: ``details.errors`` names every wrong field.
    :raises WarehouseUnavailable: KPI and entities could not be checked; nothing was saved.
    """
    wanted = {**DEFAULTS, **{name: body[name] for name in FIELDS if name in body}}
    problems = check_rule(body, warehouse or Warehouse())
    now = storage.to_database(storage.utc_now())
    with storage.transaction() as session:
        problems += _name_taken(session, wanted, None)
        _refuse(problems)
        wanted["parameters"] = stored_parameters(wanted["parameters"])
        rule = AlertRule(**wanted, created_by=user, created_at=now, changed_by=user, changed_at=now)
        session.add(rule)
        _read_again(session, rule)
    return rule


def update_rule(
    rule_id: int, body: Mapping[str, Any], user: str, warehouse: Warehouse | None = None, *, etag: str | None = None
) -> AlertRule:
    """Change the fields that ``body`` names. Entities that leave the rule, and a rule switched off, stop firing.

    :param etag: of the rule as it was read; without it, or that of the body, whatever is stored is changed.
    :raises NotFound: no such rule.
    :raises PreconditionFailed: the rule changed since its etag was read.
    :raises ValidationFailed: ``details.errors`` names every wrong field; nothing was changed.
    """
    with storage.transaction() as session:
        rule = _live_rule(session, rule_id)
        _refuse_stale(rule, body, etag or body.get("etag"))
        wanted = {name: body.get(name, getattr(rule, name)) for name in FIELDS}
        problems = _unknown_fields(body) + check_values(wanted)
        problems += [_problem(name, "This can't be changed; create another rule.") for name in _moved(rule, wanted)]
        if not problems:
            problems = check_references(wanted, warehouse or Warehouse())
        _refuse(problems + _name_taken(session, wanted, rule_id))
        wanted["parameters"] = stored_parameters(wanted["parameters"])
        for name in FIELDS:
            setattr(rule, name, wanted[name])
        rule.changed_by, rule.changed_at = user, storage.to_database(storage.utc_now())
        if not rule.is_enabled:
            _withdraw(session, rule, user, None)
        elif rule.entity_ids is not None:
            _withdraw(session, rule, user, set(rule.entity_ids))
        _read_again(session, rule)
    return rule


def delete_rule(rule_id: int, user: str) -> None:
    """Delete a rule: its alerts end without a message, their history stays.

    :raises NotFound: no such rule.
    """
    with storage.transaction() as session:
        rule = _live_rule(session, rule_id)
        rule.deleted_at = rule.changed_at = storage.to_database(storage.utc_now())
        rule.changed_by, rule.is_enabled = user, False
        _withdraw(session, rule, user, None)


def check_rule(body: Mapping[str, Any], warehouse: Warehouse | Reader) -> list[dict[str, str]]:
    """All that is wrong with a new rule, apart from its name being taken.

    :raises WarehouseUnavailable: KPI and entities could not be checked.
    """
    wanted = {**DEFAULTS, **{name: body[name] for name in FIELDS if name in body}}
    return _unknown_fields(body) + _missing(wanted) + check_values(wanted) or check_references(wanted, warehouse)


def check_values(wanted: Mapping[str, Any]) -> list[dict[str, str]]:
    """What is wrong with the values by themselves."""
    problems = []
    if "name" in wanted and not (isinstance(wanted["name"], str) and wanted["name"].strip() and len(wanted["name"]) <= 200):
        problems.append(_problem("name", "A name is a text of 1 to 200 characters."))
    choices = {"grain": tuple(GRAIN_DAYS), "severity": SEVERITIES}
    for name, allowed in choices.items():
        if name in wanted and wanted[name] not in allowed:
            problems.append(_problem(name, "This must be one of: {allowed}.", allowed=", ".join(allowed)))
    for name in ("for_minutes", "keep_firing_minutes"):
        minutes = wanted[name]
        if not isinstance(minutes, int) or isinstance(minutes, bool) or not 0 <= minutes <= LONGEST_MINUTES:
            problems.append(
                _problem(name, "This must be a whole number of minutes from 0 to {most}.", most=LONGEST_MINUTES)
            )
    if not isinstance(wanted["is_enabled"], bool):
        problems.append(_problem("is_enabled", "This must be true or false."))
    if wanted["owner"] is not None and not (isinstance(wanted["owner"], str) and len(wanted["owner"]) <= 200):
        problems.append(_problem("owner", "An owner is a text of at most 200 characters."))
    return problems + check_condition(wanted) + check_shape(wanted) + _check_lists(wanted)


def check_references(wanted: Mapping[str, Any], warehouse: Warehouse | Reader) -> list[dict[str, str]]:
    """What the rule names and nobody knows: the KPI, the entity kind, entities."""
    kpi_id, kind = wanted["kpi_id"], wanted["entity_kind"]
    problems = _unknown_within(wanted, warehouse)
    if KINDS[wanted["condition"]].subject:
        return problems + _unknown_entities(wanted, warehouse)
    found = warehouse.read(
        "select k.entity_kinds from kpi.kpi_catalogue as k where k.kpi_id = :kpi_id", {"kpi_id": kpi_id}
    )
    if not found:
        return [*problems, _problem("kpi_id", "There is no KPI {name}.", name=kpi_id)]
    kinds = [one.strip() for one in (found[0]["entity_kinds"] or "").split(",") if one.strip()]
    if kind not in kinds:
        message = "The KPI {kpi} has no values for {kind}. Possible: {kinds}."
        return [*problems, _problem("entity_kind", message, kpi=kpi_id, kind=kind, kinds=", ".join(kinds))]
    return problems + _uncounted(wanted, warehouse) + _unknown_entities(wanted, warehouse)


def _uncounted(wanted: Mapping[str, Any], warehouse: Warehouse | Reader) -> list[dict[str, str]]:
    """A minimum of cases that nothing counts: an unknown KPI, or a KPI without a denominator."""
    counted_by = wanted["volume_kpi_id"]
    if wanted["minimum_volume"] is None:
        return []
    found = warehouse.read(
        "select k.is_ratio from kpi.kpi_catalogue as k where k.kpi_id = :kpi_id",
        {"kpi_id": counted_by or wanted["kpi_id"]},
    )
    if counted_by is not None:
        return [] if found else [_problem("volume_kpi_id", "There is no KPI {name}.", name=counted_by)]
    if found and found[0]["is_ratio"]:
        return []
    # A KPI that is no ratio of sums may still tell what it is a share of.
    counted = warehouse.read(
        "select 1 as found from kpi.kpi_values as v where v.kpi_id = :kpi_id and v.entity_kind = :kind "
        "and v.grain = :grain and v.denominator is not null limit 1",
        {"kpi_id": wanted["kpi_id"], "kind": wanted["entity_kind"], "grain": wanted["grain"]},
    )
    message = "The KPI {kpi} has no denominator: name the KPI that counts its cases."
    return [] if counted else [_problem("volume_kpi_id", message, kpi=wanted["kpi_id"])]


def _unknown_within(wanted: Mapping[str, Any], warehouse: Warehouse | Reader) -> list[dict[str, str]]:
    if wanted["within"] is None:
        return []
    known = warehouse.read(
        "select e.entity_id from kpi.kpi_entities as e where e.entity_id = :within", {"within": wanted["within"]}
    )
    return [] if known else [_problem("within", "There is no {kind} {name}.", kind="entity", name=wanted["within"])]


def _unknown_entities(wanted: Mapping[str, Any], warehouse: Warehouse | Reader) -> list[dict[str, str]]:
    kind, wanted_ids = wanted["entity_kind"], wanted["entity_ids"]
    if wanted_ids is None:
        return []
    known = warehouse.read(
        "select e.entity_id from kpi.kpi_entities as e where e.entity_kind = :kind and e.entity_id in :ids",
        {"kind": kind, "ids": wanted_ids},
    )
    unknown = sorted(set(wanted_ids) - {row["entity_id"] for row in known})
    return [_problem("entity_ids", "There is no {kind} {name}.", kind=kind, name=name) for name in unknown[:10]]


def _check_lists(wanted: Mapping[str, Any]) -> list[dict[str, str]]:
    problems = []
    for name in ("kpi_id", "entity_kind"):
        if name in wanted and not (isinstance(wanted[name], str) and 0 < len(wanted[name]) <= 100):
            problems.append(_problem(name, "This must be a text."))
    ids = wanted["entity_ids"]
    if ids is not None and not (_is_text_list(ids) and 0 < len(ids) <= MOST_ENTITIES):
        problems.append(_problem("entity_ids", "This must be null (every entity) or a list of entity ids."))
    listed = wanted["channels"]
    if not _is_text_list(listed) or len(set(listed)) != len(listed):
        return [*problems, _problem("channels", "This must be a list of different channel names.")]
    known = set(channels.names())
    unknown = [name for name in listed if name not in known]
    return problems + [
        _problem("channels", "There is no channel {name} in KPI_CHANNELS.", name=name) for name in unknown
    ]


def _withdraw(session: Session, rule: AlertRule, user: str, kept: set[str] | None) -> None:
    """End what waits or fires for entities that are not kept (None keeps nothing); people aren't told by message."""
    now = storage.utc_now()
    rows = session.execute(select(AlertInstance).where(AlertInstance.rule_id == rule.id)).scalars()
    for row in rows:
        if kept is not None and row.entity_id in kept:
            continue
        instance, event = withdraw(storage.pure_instance(row), now)
        storage.write_state(row, instance)
        if event is not None:
            session.add(AlertEvent(**storage.event_values(row, event.value, storage.to_database(now), user)))


def _live_rule(session: Session, rule_id: int) -> AlertRule:
    wanted = select(AlertRule).where(AlertRule.id == rule_id, AlertRule.deleted_at.is_(None)).with_for_update()
    rule = session.execute(wanted).scalar_one_or_none()
    if rule is None:
        raise NotFound("There is no alert rule {id}.", id=rule_id)
    return rule


def _refuse_stale(rule: AlertRule, body: Mapping[str, Any], etag: str | None) -> None:
    sent = {name: body[name] for name in FIELDS if name in body}
    refuse_stale(etag, presentation.rule_etag(rule), sent, {name: getattr(rule, name) for name in FIELDS})


def _read_again(session: Session, rule: AlertRule) -> None:
    """The rule as the database keeps it, so that its etag is what the next reader gets."""
    session.flush()
    session.refresh(rule)


def _moved(rule: AlertRule, wanted: Mapping[str, Any]) -> list[str]:
    return [name for name in FIXED if wanted[name] != getattr(rule, name)]


def _name_taken(session: Session, wanted: Mapping[str, Any], rule_id: int | None) -> list[dict[str, str]]:
    if not isinstance(wanted.get("name"), str):
        return []
    same = select(AlertRule.id).where(AlertRule.name == wanted["name"], AlertRule.deleted_at.is_(None))
    taken = [one for one in session.execute(same).scalars() if one != rule_id]
    return [_problem("name", "There is another rule of this name.")] if taken else []


def _missing(wanted: Mapping[str, Any]) -> list[dict[str, str]]:
    return [_problem(name, "This is required.") for name in REQUIRED if name not in wanted]


def _unknown_fields(body: Mapping[str, Any]) -> list[dict[str, str]]:
    readable = {*FIELDS, "id", "last_evaluated_at", "votes", "etag"}  # a rule may be sent back as it was read
    return [_problem(str(name), "A rule has no such field.") for name in body if name not in readable]


def _is_text_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)


def _refuse(problems: list[dict[str, str]]) -> None:
    if problems:
        raise ValidationFailed("Nothing was saved: some values can't be accepted.", details={"errors": problems})
