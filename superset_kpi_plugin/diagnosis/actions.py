"""What people did in the last two weeks, and the KPI's series on which it is laid.

An action's instant is UTC; its ``day`` is the marketplace's, as the series' days are.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from superset.extensions import db

from superset_kpi_plugin.alerts import history, listing
from superset_kpi_plugin.alerts.models import AlertEvent
from superset_kpi_plugin.alerts.states import Event
from superset_kpi_plugin.diagnosis.focus import Focus
from superset_kpi_plugin.diagnosis.steps import Link
from superset_kpi_plugin.reconciliation.models import DifferenceRecord
from superset_kpi_plugin.reports.models import Report
from superset_kpi_plugin.targets.models import Comment, Target, TargetVersion
from superset_kpi_plugin.warehouse import Warehouse

Row = dict[str, Any]
WINDOW = timedelta(days=14)
#: Most actions that are read of each kind, and that are told.
MOST_READ, MOST_TOLD = 5_000, 100
#: How far the series goes back, by grain, the finest first.
BACK = {"day": timedelta(days=60), "week": timedelta(weeks=26), "month": timedelta(days=396)}
DEFAULT_ZONE = "America/Los_Angeles"
#: Columns of a version that name who took which step, and when.
STEPS = (
    ("target_changed", "changed_by", "changed_at"),
    ("target_proposed", "proposed_by", "proposed_at"),
    ("target_accepted", "accepted_by", "accepted_at"),
    ("target_approved", "approved_by", "approved_at"),
)


def actions_of(focus: Focus, now: datetime, warehouse: Warehouse) -> list[Row]:
    """What people did since two weeks before ``now`` (UTC without a zone), the latest first.

    What one person did to many targets in the same minute is one action with a count.
    """
    since = now - WINDOW
    found = [*_of_alerts(focus, since, now), *_of_targets(focus, since), *_of_comments(focus, since)]
    if focus.kpi is None:
        found += [*_of_reports(focus, since), *_of_differences(focus, since)]
    told = _grouped(found)[:MOST_TOLD]
    with warehouse.reading() as reader:
        focus.learn_names({row["entity_id"] for row in told}, reader)
    zone = zone_of(focus.entity)
    return [
        {
            **row,
            "day": day_of(row["at"], zone),
            "kpi_name": focus.kpi_name(row["kpi_id"]) or None,
            "entity_name": focus.names.get(row["entity_id"], row["entity_id"]),
        }
        for row in told
    ]


def _action(kind: str, by: str | None, at: datetime, **known: Any) -> Row:
    about = {"kpi_id": None, "entity_id": None, "text": None, "link": None, "count": 1}
    return {"kind": kind, "by": by, "at": at, **about, **known}


def _of_alerts(focus: Focus, since: datetime, now: datetime) -> Iterable[Row]:
    where = listing.conditions(focus.reach, (), focus.kpi_id, focus.below)
    wanted = listing.events(since, now + timedelta(days=1), [*where, AlertEvent.user.isnot(None)])
    latest = wanted.order_by(None).order_by(AlertEvent.id.desc()).limit(MOST_READ)
    for event, row, _ in db.session.execute(latest):
        link = Link("alerts", {"state": "all", "id": row.id})
        about = {"kpi_id": row.kpi_id, "entity_id": row.entity_id, "text": event.comment, "link": link}
        yield _action(f"alert_{event.event}", event.user, event.happened_at, **about)


def _of_targets(focus: Focus, since: datetime) -> Iterable[Row]:
    instants = [getattr(TargetVersion, at) for _, _, at in STEPS]
    wanted = (
        db.session.query(Target, TargetVersion)
        .join(TargetVersion, TargetVersion.target_id == Target.id)
        .filter(sa.or_(*(instant >= since for instant in instants)), *_targets_in(focus))
        .order_by(TargetVersion.id.desc())
        .limit(MOST_READ)
    )
    for target, version in wanted:
        link = Link("targets", {"grain": target.grain, "period": target.period_start.isoformat(), "kpi": target.kpi_id})
        about = {"kpi_id": target.kpi_id, "entity_id": target.entity_id, "link": link}
        for kind, by, at in STEPS:
            instant = getattr(version, at)
            if instant is not None and instant >= since:
                text = version.reason if kind in ("target_changed", "target_approved") else None
                yield _action(kind, getattr(version, by), instant, text=text, **about)


def _targets_in(focus: Focus) -> list[Any]:
    found = [Target.kpi_id == focus.kpi_id] if focus.kpi else []
    found += [Target.entity_id.in_(ids) for ids in (focus.reach.see, focus.below) if ids is not None]
    return found


def _of_comments(focus: Focus, since: datetime) -> Iterable[Row]:
    wanted = (
        db.session.query(Comment, Target)
        .join(Target, Target.id == Comment.target_id)
        .filter(Comment.created_at >= since, *_targets_in(focus))
        .order_by(Comment.id.desc())
        .limit(MOST_READ)
    )
    for comment, target in wanted:
        link = Link("targets", {"grain": target.grain, "period": target.period_start.isoformat(), "kpi": target.kpi_id})
        about = {"kpi_id": target.kpi_id, "entity_id": target.entity_id, "text": comment.text, "link": link}
        yield _action("target_commented", comment.author, comment.created_at, **about)


def _of_reports(focus: Focus, since: datetime) -> Iterable[Row]:
    wanted = db.session.query(Report).filter(sa.or_(Report.commented_at >= since, Report.released_at >= since))
    for report in wanted.limit(MOST_READ):
        if not focus.covers(None, report.entity_id):
            continue
        about = {"entity_id": report.entity_id, "link": Link("reports", {"id": report.id})}
        for kind, by, at in (
            ("report_commented", "commented_by", "commented_at"),
            ("report_released", "released_by", "released_at"),
        ):
            instant = getattr(report, at)
            if instant is not None and instant >= since and getattr(report, by):
                text = report.commentary if kind == "report_commented" else None
                yield _action(kind, getattr(report, by), instant, text=text, **about)


def _of_differences(focus: Focus, since: datetime) -> Iterable[Row]:
    wanted = db.session.query(DifferenceRecord).filter(DifferenceRecord.created_at >= since)
    for record in wanted.order_by(DifferenceRecord.id.desc()).limit(MOST_READ):
        if focus.covers(None, record.entity_id):
            link = Link("reconciliation", {"state": "all", "id": record.reconciliation_id})
            about = {"entity_id": record.entity_id, "text": record.note, "link": link}
            yield _action(f"difference_{record.kind}", record.created_by, record.created_at, **about)


def _grouped(rows: Iterable[Row]) -> list[Row]:
    """The latest first; what is alike in all but its entity, within a minute, is one."""
    groups: dict[tuple[Any, ...], Row] = {}
    for row in sorted(rows, key=lambda row: row["at"], reverse=True):
        place = (row["kind"], row["by"], row["kpi_id"], row["text"], row["at"].replace(second=0, microsecond=0))
        if place in groups:
            groups[place]["count"] += 1
        else:
            groups[place] = dict(row)
    return list(groups.values())


def zone_of(entity: Row | None) -> ZoneInfo:
    """The time zone of an entity's days."""
    try:
        return ZoneInfo((entity or {}).get("time_zone") or DEFAULT_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(DEFAULT_ZONE)


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The marketplace's day at an instant (UTC without a zone)."""
    return instant.replace(tzinfo=timezone.utc).astimezone(zone).date()


def chart_of(focus: Focus, now: datetime, warehouse: Warehouse) -> Row | None:
    """The chosen KPI's series of the chosen entity by the finest grain that has one, up to today, and when its alerts
    fired; None without both, or without two values.

    A day without a value is in it with null, so that a gap shows as a gap.
    """
    if focus.kpi is None or focus.entity is None:
        return None
    for grain, back in BACK.items():
        place = {"kpi_id": focus.kpi_id, "entity_id": focus.entity_id, "grain": grain, "since": focus.day - back}
        with warehouse.reading() as reader:
            points = history.series(place, reader)
        if sum(point["value"] is not None for point in points) > 1:
            break
    else:
        return None
    zone = zone_of(focus.entity)
    today = day_of(now, zone)
    names = ("unit", "number_format", "direction")
    return {
        "grain": grain,
        "since": today - WINDOW,
        "today": today,
        "currency": next((point["currency"] for point in points if point["currency"]), None),
        **{name: focus.kpi[name] for name in names},
        "label": focus.place(focus.kpi_id, focus.entity_id),
        "points": _whole(points, grain, today),
        "alerts": _firings(focus, now - back, now + timedelta(days=1)),
    }


def _whole(points: list[Row], grain: str, today: date) -> list[Row]:
    names = ("period_start", "period_end", "value", "settled", "target", "expected", "warn", "breach")
    found = {point["period_start"]: {name: point[name] for name in names} for point in points}
    if grain != "day" or not found:
        return list(found.values())
    blank: Row = dict.fromkeys(names)
    first, last = min(found), max(*found, today)
    days = [first + timedelta(days=place) for place in range((last - first).days + 1)]
    return [found.get(day, {**blank, "period_start": day, "period_end": day}) for day in days]


def _firings(focus: Focus, since: datetime, now: datetime) -> list[Row]:
    """When alerts on the KPI of this very entity fired and ended."""
    zone = zone_of(focus.entity)
    where = listing.conditions(focus.reach, (), focus.kpi_id, {focus.entity_id or ""})
    where.append(AlertEvent.event.in_((Event.FIRED.value, Event.RESOLVED.value)))
    wanted = listing.events(since, now, where).limit(MOST_READ)
    rows = db.session.execute(wanted).all()
    return [
        {"event": event.event, "day": day_of(event.happened_at, zone), "alert_id": row.id} for event, row, _ in rows
    ]
