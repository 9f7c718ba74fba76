"""Step 4, reviews: is anybody working on what is off, and do the reports get out?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select
from superset.extensions import db

from superset_kpi_plugin.alerts import listing
from superset_kpi_plugin.alerts.models import AlertEvent, AlertInstance, AlertRule
from superset_kpi_plugin.alerts.states import OPEN
from superset_kpi_plugin.diagnosis import people
from superset_kpi_plugin.diagnosis.focus import Focus
from superset_kpi_plugin.diagnosis.people import PATIENCE
from superset_kpi_plugin.diagnosis.steps import OK, WARNING, Check, Link
from superset_kpi_plugin.locale import translate
from superset_kpi_plugin.reports.commands import WAITING
from superset_kpi_plugin.reports.models import Report, ReportPlan

Row = dict[str, Any]
SAID = ("commented",)


def first(focus: Focus, most: int) -> list[tuple[AlertInstance, AlertRule]]:
    """Some alerts that fire or are about to, what asks for attention first."""
    return list(db.session.execute(listing.instances(_open(focus)).limit(most)).all())


def _open(focus: Focus) -> list[Any]:
    return listing.conditions(focus.reach, OPEN, focus.kpi_id, focus.below)


def checks(focus: Focus, actions: list[Row], now: datetime) -> list[Check]:
    """The step's checks.

    :param actions: what people did in the last two weeks (see `actions`).
    """
    alerts = people.how_many(_open(focus))
    return [_unattended(focus, alerts), _unreleased(focus, now), _acted(alerts, actions)]


def _unattended(focus: Focus, alerts: int) -> Check:
    """Open alerts of which nobody said anything, and which nobody has in hand."""
    said = exists().where(
        AlertEvent.instance_id == AlertInstance.id,
        AlertEvent.incident == AlertInstance.incident,
        AlertEvent.event.in_(SAID),
    )
    nobody = [func.coalesce(column, "") == "" for column in (AlertInstance.assignee, AlertInstance.comment)]
    where = [*_open(focus), *nobody, ~said]
    items, count = people.some(where), people.how_many(where)
    message = translate(
        "Open alerts: {all}; of these nobody has in hand and nobody said a word about: {count}.",
        all=alerts,
        count=count,
    )
    advice = translate("Assign each to somebody, and write down the cause and what is done about it.")
    return Check("unattended", WARNING if items else OK, message, advice, Link("alerts"), items, count)


def _unreleased(focus: Focus, now: datetime) -> Check:
    """Reports that wait for their release for longer than a day."""
    wanted = (
        select(Report, ReportPlan)
        .join(ReportPlan, ReportPlan.id == Report.plan_id)
        .where(Report.state == WAITING, Report.made_at <= now - PATIENCE)
        .order_by(Report.made_at)
    )
    rows = [
        (report, plan)
        for report, plan in db.session.execute(wanted)
        if focus.reach.covers("see", report.entity_id) and (focus.below is None or report.entity_id in focus.below)
    ]
    items = [
        {
            "label": plan.name,
            "detail": f"{report.period_start.isoformat()} – {report.period_end.isoformat()}",
            "entity_id": report.entity_id,
            "at": report.made_at,
            "link": Link("reports", {"id": report.id}),
        }
        for report, plan in rows
    ]
    message = translate("Reports that wait for their release for a day or more: {count}.", count=len(items))
    advice = translate("Read, comment and release them, or discard them: until then nobody gets them.")
    return Check("unreleased", WARNING if items else OK, message, advice, Link("reports"), items)


def _acted(alerts: int, actions: list[Row]) -> Check:
    """Whether anybody did anything in the last two weeks, while something was off."""
    count = sum(action["count"] for action in actions)
    who = len({action["by"] for action in actions})
    if alerts and not actions:
        message = translate("Nobody did anything about this in the last two weeks, though alerts are open.")
        advice = translate(
            "Take the oldest alert in hand: acknowledge it, say what the cause is, change what has to change."
        )
        return Check("acted", WARNING, message, advice, Link("alerts"))
    message = translate(
        "What people did in the last two weeks: {count} actions by {people} people.", count=count, people=who
    )
    return Check("acted", OK, message)
