"""Plan, make, comment on and release reports."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from superset.extensions import db

from superset_kpi_plugin.access.reach import Reach
from superset_kpi_plugin.alerts import channels, owners
from superset_kpi_plugin.alerts.models import OutboxMessage
from superset_kpi_plugin.alerts.visibility import visible_entities
from superset_kpi_plugin.audit import trail
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import Conflict, KpiError, NotFound, ValidationFailed
from superset_kpi_plugin.inbound import is_id
from superset_kpi_plugin.locale import translate
from superset_kpi_plugin.reports import content, message, page
from superset_kpi_plugin.reports.calendar import CADENCES, Window, latest
from superset_kpi_plugin.reports.models import Report, ReportPlan, ReportTemplate
from superset_kpi_plugin.warehouse import Reader, Warehouse

logger = logging.getLogger(__name__)
WAITING, RELEASED, DISCARDED = "waiting", "released", "discarded"
LOCALES = ("en", "zh")
#: Kinds of entities that reports are about.
SUBJECTS = ("company", "platform", "account", "category", "team", "person")
PLAN_FIELDS = ("name", "entity_id", "cadence", "locale", "channels", "template_id", "needs_release", "is_enabled")
#: A report waits so many days for data that are late; then it is made, and says what is missing.
PATIENCE_DAYS = 3
LONGEST_COMMENTARY = 20_000


def utc_now() -> datetime:
    """The present instant, UTC without a zone, to the second."""
    return datetime.now(timezone.utc).replace(microsecond=0, tzinfo=None)


def save_plan(
    plan_id: int | None, body: Mapping[str, Any], actor: str, reach: Reach, warehouse: Warehouse
) -> ReportPlan:
    """Create or change a plan.

    :raises ValidationFailed: ``details.errors`` names every wrong field.
    :raises NotFound: there is no such plan, or nothing that the person may see.
    """
    plan = find_plan(plan_id, reach) if plan_id is not None else None
    wanted = {
        **{"locale": "en", "channels": [], "template_id": None, "needs_release": False, "is_enabled": True},
        **({name: getattr(plan, name) for name in PLAN_FIELDS} if plan else {}),
        **body,
    }
    problems = _plan_problems(wanted, reach, warehouse)
    if problems:
        raise ValidationFailed(details={"errors": problems})
    now = utc_now()
    if plan is None:
        plan = ReportPlan(created_by=actor, created_at=now)
        db.session.add(plan)
    for name in PLAN_FIELDS:
        setattr(plan, name, wanted[name])
    plan.changed_by, plan.changed_at = actor, now
    db.session.flush()
    trail.record(actor, "save report plan", [{"id": plan.id, **{name: getattr(plan, name) for name in PLAN_FIELDS}}])
    db.session.commit()
    return plan


def delete_plan(plan_id: int, actor: str, reach: Reach) -> None:
    """Stop a plan; the reports that it made stay.

    :raises NotFound: there is none.
    """
    plan = find_plan(plan_id, reach)
    plan.deleted_at = utc_now()
    trail.record(actor, "delete report plan", [{"id": plan.id, "name": plan.name}])
    db.session.commit()


def find_plan(plan_id: int, reach: Reach) -> ReportPlan:
    """A plan about something that the person sees.

    :raises NotFound: otherwise.
    """
    plan = db.session.get(ReportPlan, plan_id)
    if plan is None or plan.deleted_at is not None or not reach.covers("see", plan.entity_id):
        raise NotFound("There is no report plan {id}.", id=plan_id)
    return plan


def find_report(report_id: int, reach: Reach) -> Report:
    """A report about something that the person sees.

    :raises NotFound: otherwise.
    """
    report = db.session.get(Report, report_id)
    if report is None or not reach.covers("see", report.entity_id):
        raise NotFound("There is no report {id}.", id=report_id)
    return report


def run(warehouse: Warehouse, today: date | None = None) -> dict[str, Any]:
    """Make every report that is due, and release those that wait for nobody.

    A plan's report of a window is made once. It waits while the subject's data don't reach the window's end, at most
    three days. One plan that fails doesn't stop the others.

    :param today: the day in UTC; only tests give it.
    :returns: made, released and waiting_for_data as numbers, and the failures with their reasons.
    """
    day = today or datetime.now(timezone.utc).date()
    counts = {"made": 0, "released": 0, "waiting_for_data": 0}
    failures: list[dict[str, Any]] = []
    reached = cache(lambda: _reached(warehouse))
    plans = select(ReportPlan).where(ReportPlan.is_enabled.is_(True), ReportPlan.deleted_at.is_(None))
    for plan in db.session.execute(plans.order_by(ReportPlan.id)).scalars().all():
        plan_id, name = plan.id, plan.name
        try:
            outcome = _run_plan(plan, day, reached, warehouse)
        except KpiError as error:
            db.session.rollback()
            logger.warning("The report of plan %s was not made: %s", plan_id, error.message)
            failures.append({"plan_id": plan_id, "name": name, "message": error.message})
            continue
        for key in outcome:
            counts[key] += 1
    return {**counts, "failures": failures}


def make(plan: ReportPlan, window: Window, warehouse: Warehouse) -> Report:
    """Make a plan's report of a window; one that is there already is returned as it is.

    :raises WarehouseUnavailable: nothing was made.
    """
    known = _known(plan, window)
    if known is not None:
        return known
    template = db.session.get(ReportTemplate, plan.template_id) if plan.template_id else None
    with warehouse.reading() as reader:
        made = content.make(plan.entity_id, window, reader)
    now = utc_now()
    body = template.body if template else None
    page.render(made, plan.locale, now.isoformat(), template=body)  # one that can't be shown is not kept
    report = Report(
        plan_id=plan.id,
        entity_id=plan.entity_id,
        cadence=plan.cadence,
        period_start=window.start,
        period_end=window.end,
        locale=plan.locale,
        content=made,
        template=body,
        state=WAITING,
        made_at=now,
    )
    db.session.add(report)
    try:
        db.session.commit()
    except IntegrityError:  # another run was quicker
        db.session.rollback()
        return _known(plan, window)  # type: ignore[return-value]
    return report


def comment(report: Report, text: Any, actor: str) -> Report:
    """Set the commentary of a report that waits; an empty text takes it away.

    :raises Conflict: the report is out already.
    :raises ValidationFailed: no text, or too long a one.
    """
    if not isinstance(text, str) or len(text) > LONGEST_COMMENTARY:
        raise ValidationFailed("The commentary must be a text of at most {most} characters.", most=LONGEST_COMMENTARY)
    _refuse_unless_waiting(report)
    report.commentary = text.strip() or None
    report.commented_by, report.commented_at = actor, utc_now()
    trail.record(actor, "comment report", [{"id": report.id, "commentary": report.commentary}])
    db.session.commit()
    return report


def release(report: Report, actor: str) -> list[dict[str, str]]:
    """Send a report that waits to its plan's channels; returns who was left out, and why.

    Nobody is sent what they may not see: a channel with a user, and an owner with one, must see the subject.

    :raises Conflict: the report is out already.
    """
    held = db.session.execute(select(Report).where(Report.id == report.id).with_for_update()).scalar_one()
    _refuse_unless_waiting(held)
    plan = db.session.get(ReportPlan, held.plan_id)
    left_out: list[dict[str, str]] = []
    payload = message.payload_of(held)
    now = utc_now()
    for name in dict.fromkeys(plan.channels):
        for recipient in _recipients(name, held, left_out):
            key = hashlib.sha256(f"report\x1f{held.id}\x1f{name}\x1f{recipient}".encode()).hexdigest()[:48]
            db.session.add(
                OutboxMessage(
                    key=f"kpi-{key}",
                    event=message.EVENT,
                    channel=name,
                    recipient=recipient,
                    payload=payload,
                    state="pending",
                    attempts=0,
                    created_at=now,
                    next_attempt_at=now,
                )
            )
    held.state, held.released_by, held.released_at = RELEASED, actor, now
    trail.record(actor, "release report", [{"id": held.id, "left_out": left_out}])
    db.session.commit()
    return left_out


def discard(report: Report, actor: str) -> None:
    """Take back a report that waits; it stays in the archive, and is not sent.

    :raises Conflict: the report is out already.
    """
    _refuse_unless_waiting(report)
    report.state = DISCARDED
    trail.record(actor, "discard report", [{"id": report.id}])
    db.session.commit()


def save_template(template_id: int | None, body: Mapping[str, Any], actor: str, warehouse: Warehouse) -> ReportTemplate:
    """Create or change a template, after trying it on the company's latest week.

    :raises ValidationFailed: it has no name, the name is taken, or it fails; nothing was saved.
    :raises NotFound: there is none of that id.
    """
    name, text = str(body.get("name") or "").strip(), body.get("body")
    if not name or len(name) > 200:
        raise ValidationFailed("A template needs a name of at most 200 characters.")
    if not isinstance(text, str) or not text.strip() or len(text) > page.LONGEST_TEMPLATE:
        raise ValidationFailed("A template needs a body of at most {most} characters.", most=page.LONGEST_TEMPLATE)
    template = db.session.get(ReportTemplate, template_id) if template_id is not None else ReportTemplate()
    if template is None:
        raise NotFound("There is no report template {id}.", id=template_id)
    taken = db.session.query(ReportTemplate.id).filter(ReportTemplate.name == name).one_or_none()
    if taken and taken.id != template_id:
        raise ValidationFailed("There is a template of this name already.")
    try_template(text, warehouse)
    template.name, template.body, template.changed_by, template.changed_at = name, text, actor, utc_now()
    db.session.add(template)
    db.session.flush()
    trail.record(actor, "save report template", [{"id": template.id, "name": name}])
    db.session.commit()
    return template


def try_template(text: str, warehouse: Warehouse, locale: str = "en") -> str:
    """The company's latest week by a template.

    :raises ValidationFailed: the template fails; the message says where.
    """
    with warehouse.reading() as reader:
        top = reader.read("select min(entity_id) as entity_id from kpi.kpi_entities where entity_kind = 'company'")
        last = _last_day(reader)
        made = content.make(top[0]["entity_id"], latest("weekly", last), reader)
    return page.render(made, locale, utc_now().isoformat(), commentary="...", template=text)


def delete_template(template_id: int, actor: str) -> None:
    """Delete a template that no plan uses.

    :raises NotFound: there is none.
    :raises Conflict: a plan uses it.
    """
    template = db.session.get(ReportTemplate, template_id)
    if template is None:
        raise NotFound("There is no report template {id}.", id=template_id)
    users = db.session.query(ReportPlan).filter_by(template_id=template_id)
    if users.filter(ReportPlan.deleted_at.is_(None)).first():
        raise Conflict("A report plan uses this template; choose another one there first.")
    users.update({"template_id": None}, synchronize_session=False)
    db.session.delete(template)
    trail.record(actor, "delete report template", [{"id": template_id}])
    db.session.commit()


def latest_window(cadence: str, warehouse: Warehouse) -> Window:
    """The last window that all data reach to the end.

    :raises Conflict: nothing is loaded yet.
    """
    return latest(cadence, _last_day(warehouse))


def _last_day(source: Reader | Warehouse) -> date:
    """The day that every stream has reached.

    :raises Conflict: nothing is loaded yet.
    """
    found: date | None = queries.freshness_summary(queries.freshness(source))["covered_through"]
    if found is None:
        raise Conflict("Nothing is loaded into the warehouse yet, so there is nothing to report.")
    return found


def _run_plan(plan: ReportPlan, day: date, reached: Callable[[], date | None], warehouse: Warehouse) -> list[str]:
    """What was done for one plan: the keys of `run`'s counts. ``reached`` says how far the data reach, if any are."""
    yesterday = date.fromordinal(day.toordinal() - 1)
    window = latest(plan.cadence, yesterday)
    known = _known(plan, window)
    done = []
    if known is None:
        if (day - window.end).days <= PATIENCE_DAYS and (reached() or date.min) < window.end:
            return ["waiting_for_data"]
        known = make(plan, window, warehouse)
        done.append("made")
    if known.state == WAITING and not plan.needs_release:
        release(known, "schedule")
        done.append("released")
    return done


def _reached(warehouse: Warehouse) -> date | None:
    """The day that every stream has reached; None where nothing is loaded."""
    try:
        return _last_day(warehouse)
    except Conflict:
        return None


def _known(plan: ReportPlan, window: Window) -> Report | None:
    wanted = select(Report).where(Report.plan_id == plan.id, Report.period_start == window.start)
    found: Report | None = db.session.execute(wanted).scalar_one_or_none()
    return found


def _refuse_unless_waiting(report: Report) -> None:
    if report.state != WAITING:
        raise Conflict("This report is out already; it can't be changed.")


def _recipients(name: str, report: Report, left_out: list[dict[str, str]]) -> list[str]:
    channel = channels.get(name)
    if channel is None:
        left_out.append({"channel": name, "reason": translate("The channel is not in KPI_CHANNELS any more.")})
        return []
    if channel.is_to_owner:
        wanted = report.entity_id.partition(":")[2] or report.entity_id
        owner = owners.find(wanted)
        if owner is None or not owner.email:
            return [channels.unknown_owner(wanted)]
        listed, user = [owner.email], owner.user
    else:
        listed, user = channels.recipients(name), channel.user
    if user and not visible_entities(user, [report.entity_id]):
        left_out.append({"channel": name, "reason": translate("Its recipient may not see what the report is about.")})
        return []
    return listed


def _plan_problems(wanted: Mapping[str, Any], reach: Reach, warehouse: Warehouse) -> list[dict[str, str]]:
    problems = []

    def problem(field: str, text: str, **values: Any) -> None:
        problems.append({"field": field, "message": translate(text, **values)})

    for field in wanted.keys() - set(PLAN_FIELDS):
        problem(field, "This field is not known.")
    name = wanted.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > 200:
        problem("name", "Required.")
    for field, allowed in (("cadence", CADENCES), ("locale", LOCALES)):
        if wanted.get(field) not in allowed:
            problem(field, "This must be one of: {allowed}.", allowed=", ".join(allowed))
    for field in ("needs_release", "is_enabled"):
        if not isinstance(wanted.get(field), bool):
            problem(field, "This must be true or false.")
    listed = wanted.get("channels")
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        problem("channels", "This must be a list of channels.")
    else:
        for unknown in sorted(set(listed) - set(channels.names())):
            problem("channels", "There is no channel {name} in KPI_CHANNELS.", name=unknown)
    template_id = wanted.get("template_id")
    if template_id is not None and not (is_id(template_id) and db.session.get(ReportTemplate, template_id)):
        problem("template_id", "There is no such template.")
    entity_id = wanted.get("entity_id")
    found = queries.entities_by_id(warehouse, {entity_id}) if isinstance(entity_id, str) else {}
    if not found or not reach.covers("see", str(entity_id)):
        problem("entity_id", "There is no entity {entity}.", entity=entity_id)
    elif found[str(entity_id)]["entity_kind"] not in SUBJECTS:
        problem("entity_id", "This must be one of: {allowed}.", allowed=", ".join(SUBJECTS))
    return problems
