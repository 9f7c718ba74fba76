"""The installed dashboards as Superset's own reports: writes them, keeps what users changed, takes them out again.

A report carries a mark in its ``extra``: which dashboard and label it is for, and what was written last. A field that
still holds what was written follows the next call; one that a user changed in Superset stays as it is. Reports go
through Superset's own schemas and commands, so what Superset refuses is refused here, with its reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from superset_kpi_plugin import compat
from superset_kpi_plugin.assets import editions, present
from superset_kpi_plugin.assets.source import Config, Source
from superset_kpi_plugin.errors import NotFound, SetupError, ValidationFailed

NAME = "KPI: {title}"
LONGEST_NAME = 150
#: Key of the mark in a report's ``extra``.
MARK = "kpi"
#: Only the first tab of a dashboard is sent otherwise.
TABS_FLAG = "ALERT_REPORT_TABS"

Fields = dict[str, Any]


@dataclass(frozen=True)
class Wish:
    """How the reports shall be. ``label`` tells several reports of one dashboard apart; the cron expression is read in
    ``time_zone`` (an IANA name); ``owner`` is the Superset user under whom the dashboard is drawn."""

    owner: str
    mails: Sequence[str]
    crontab: str = "0 8 * * 1"
    time_zone: str = "UTC"
    language: str = editions.ENGLISH
    report_format: str = "pdf"
    label: str = ""


@dataclass
class ReportPlan:
    """Names of reports by what happens to them; changed and kept ones with the fields that it is about."""

    dry_run: bool
    create: list[str] = field(default_factory=list)
    update: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    keep: list[str] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counted = (
            (len(self.create), "new"),
            (len(self.update), "changed"),
            (len(self.unchanged), "unchanged"),
            (len(self.remove), "removed"),
        )
        parts = ", ".join(f"{count} {word}" for count, word in counted if count) or "nothing to do"
        lines = [f"{'Would write' if self.dry_run else 'Wrote'} Superset's reports: {parts}."]
        for label in ("create", "update", "remove", "keep"):
            lines += [f"  {label:<6} {name}" for name in getattr(self, label)]
        return "\n".join(lines + self.notes)


def write_reports(slugs: Sequence[str], wish: Wish, dry_run: bool = False) -> ReportPlan:
    """Create or update a report of each dashboard, all or none; a second call finds nothing to do.

    :param slugs: dashboards by the slug of their English edition; all that are installed unless named.
    :raises SetupError: Superset's reports are off, a dashboard isn't installed, another report has the name, or
        Superset refuses one (a cron expression too frequent, a mail address); nothing was changed.
    :raises NotFound: no such dashboard or user.
    :raises ValidationFailed: the owner may not see a dashboard.
    """
    from superset.extensions import security_manager
    from superset.utils.core import override_user

    refuse_without_reports()
    source = editions.load(wish.language)
    boards = _chosen(source, slugs, wish.language)
    owner = security_manager.find_user(wish.owner)
    if owner is None:
        raise NotFound("There is no {kind} {name}.", kind="user", name=wish.owner)
    _refuse_unseen(boards, owner)
    wanted = {_key(board, wish.label): (board, _wanted(board, wish, owner)) for board in boards}
    with override_user(present.admin()):
        plan = _write_all(wanted, dry_run=True)  # what Superset refuses is known before anything is written
        if not dry_run:
            plan = _write_all(wanted, dry_run=False)
    if any(_tabs(board) for board in boards) and not _sends_tabs():
        reason = f"set the feature flag {TABS_FLAG}" if compat.reports_send_tabs() else "Superset 5.0 sends them all"
        plan.notes.append(f"Of dashboards with tabs only the first is sent: {reason}.")
    return plan


def remove_reports(slugs: Sequence[str], label: str = "", dry_run: bool = False) -> ReportPlan:
    """Delete the reports that :func:`write_reports` made, in every language; of some dashboards or all.

    A report whose mark a user took away is Superset's own by now, and stays.

    :raises NotFound: no such dashboard.
    """
    from superset.commands.report.delete import DeleteReportScheduleCommand
    from superset.utils.core import override_user

    source = editions.load()
    wanted = {
        board.config["uuid"]
        for language in editions.LANGUAGES
        for board in source.dashboards.values()
        if not slugs or board.config["slug"] in [editions.slug(slug, language) for slug in _known(slugs)]
    }
    plan = ReportPlan(dry_run)
    doomed = [
        report
        for key, report in _marked().items()
        if key[0] in wanted and (not label or key[1] == label) and not report.chart_id
    ]
    plan.remove = sorted(report.name for report in doomed)
    if doomed and not dry_run:
        with override_user(present.admin()):
            DeleteReportScheduleCommand([report.id for report in doomed]).run()
    return plan


def refuse_without_reports() -> None:
    """Say what to switch on where Superset has no reports.

    :raises SetupError: ALERT_REPORTS is off.
    """
    from superset import is_feature_enabled

    if not is_feature_enabled("ALERT_REPORTS"):
        raise SetupError(
            "Superset's alerts and reports are off here. Nothing was changed; set FEATURE_FLAGS = "
            "{flags} in superset_config.py, and run Superset's Celery worker and beat.",
            flags="{'ALERT_REPORTS': True}",
        )


def changes(wanted: Fields, now: Fields, written: Fields) -> tuple[Fields, list[str]]:
    """What to set, and the names of the fields that differ and stay, because a user changed them.

    :param now: the report's fields; ``written`` what was written last (none of it where that isn't known any more).
    """
    differing = [name for name in wanted if now.get(name) != wanted[name]]
    ours = [name for name in differing if name in written and written[name] == now.get(name)]
    return {name: wanted[name] for name in ours}, [name for name in differing if name not in ours]


# What is there


def _known(slugs: Sequence[str]) -> Sequence[str]:
    from superset_kpi_plugin.access.table import DASHBOARDS

    for slug in slugs:
        if slug not in DASHBOARDS:
            raise NotFound(
                "There is no dashboard {name}; there are {known}.", name=repr(slug), known=", ".join(DASHBOARDS)
            )
    return slugs


def _chosen(source: Source, slugs: Sequence[str], language: str) -> list[Any]:
    """Superset's dashboards of that edition.

    :raises SetupError: one isn't installed.
    """
    found = {board.slug: board for board in present.boards(source)}
    wanted = [editions.slug(slug, language) for slug in _known(slugs)] or list(found)
    missing = [slug for slug in wanted if slug not in found] if found else wanted or [language]
    if missing:
        raise SetupError(
            "Not installed here: {names}. Nothing was changed; run `superset kpi install --language {language}` first.",
            names=", ".join(missing),
            language=language,
        )
    return [found[slug] for slug in wanted]


def _refuse_unseen(boards: Sequence[Any], owner: Any) -> None:
    from superset.daos.dashboard import DashboardDAO
    from superset.utils.core import override_user

    with override_user(owner):
        unseen = [board.dashboard_title for board in boards if DashboardDAO.find_by_id(board.id) is None]
    if unseen:
        raise ValidationFailed(
            "The user {name} may not see {boards}, so nothing could be sent. Give them a KPI role, or name another "
            "owner. Nothing was changed.",
            name=owner.username,
            boards=", ".join(unseen),
        )


def _reports(**where: Any) -> Any:
    from superset.extensions import db
    from superset.reports.models import ReportSchedule, ReportScheduleType

    return db.session.query(ReportSchedule).filter_by(type=ReportScheduleType.REPORT, **where)


def _marked() -> dict[tuple[str, str], Any]:
    """Our reports by dashboard uuid and label."""
    found = {}
    for report in _reports().order_by("id"):
        mark = _mark(report)
        if "dashboard" in mark:
            found[mark["dashboard"], mark.get("label", "")] = report
    return found


def _mark(report: Any) -> Config:
    mark = report.extra.get(MARK)
    return mark if isinstance(mark, dict) else {}


def _unmarked(board: Any, name: str) -> Any:
    """A report of our name for the same dashboard that lost its mark.

    :raises SetupError: a report of something else has that name.
    """
    report = _reports(name=name).one_or_none()
    if report is not None and (report.dashboard_id != board.id or _mark(report)):
        raise SetupError(
            "Another report is already called {name}. Nothing was changed; rename it, or give a --label.",
            name=repr(report.name),
        )
    return report


def _key(board: Any, label: str) -> tuple[str, str]:
    return str(board.uuid), label


def _name(board: Any, wish: Wish) -> str:
    name = NAME.format(title=board.dashboard_title) + (f" ({wish.label})" if wish.label else "")
    return name[:LONGEST_NAME]


def _tabs(board: Any) -> list[str]:
    """The ids of a dashboard's tabs, in order."""
    position = json.loads(board.position_json or "{}")
    roots = [item for item in position.values() if isinstance(item, dict) and item.get("type") == "TABS"]
    return [tab for item in roots[:1] for tab in item["children"]]


def _sends_tabs() -> bool:
    from superset import is_feature_enabled

    return compat.reports_send_tabs() and bool(is_feature_enabled(TABS_FLAG))


# What is wanted, and writing it


def _wanted(board: Any, wish: Wish, owner: Any) -> Fields:
    return {
        "name": _name(board, wish),
        "description": board.description or "",
        "crontab": wish.crontab,
        "timezone": wish.time_zone,
        "report_format": wish.report_format.upper(),
        "recipients": sorted(["Email", mail] for mail in dict.fromkeys(wish.mails)),
        "owners": [owner.id],
        "tabs": _tabs(board) if _sends_tabs() else [],
    }


def _now(report: Any) -> Fields:
    """The same fields of a report as it is."""
    state = report.extra.get("dashboard") or {}
    return {
        "name": report.name,
        "description": report.description or "",
        "crontab": report.crontab,
        "timezone": report.timezone,
        "report_format": report.report_format,
        "recipients": sorted(
            [one.type, str(json.loads(one.recipient_config_json or "{}").get("target"))] for one in report.recipients
        ),
        "owners": sorted(owner.id for owner in report.owners),
        "tabs": _anchored(state.get("anchor")),
    }


def _anchored(anchor: str | None) -> list[str]:
    if not anchor:
        return []
    try:
        tabs = json.loads(anchor)
    except ValueError:
        return [anchor]
    return tabs if isinstance(tabs, list) else [anchor]


def _write_all(wanted: Mapping[tuple[str, str], tuple[Any, Fields]], dry_run: bool) -> ReportPlan:
    from superset.utils.decorators import transaction

    @transaction(on_error=None)
    def run() -> ReportPlan:
        plan, found = ReportPlan(dry_run), _marked()
        for key, (board, fields) in wanted.items():
            _write(key, found.get(key) or _unmarked(board, fields["name"]), fields, board, plan)
        return plan

    done: ReportPlan = run()
    return done


def _write(key: tuple[str, str], report: Any, wanted: Fields, board: Any, plan: ReportPlan) -> None:
    from superset.commands.report.create import CreateReportScheduleCommand
    from superset.commands.report.update import UpdateReportScheduleCommand
    from superset.reports.schemas import ReportSchedulePostSchema, ReportSchedulePutSchema

    mark = {"dashboard": key[0], "label": key[1]}
    if report is None:
        plan.create.append(wanted["name"])
        new = {"type": "Report", "dashboard": board.id, "active": True, "creation_method": "alerts_reports"}
        data = {**new, **_body(wanted), "extra": _extra({}, wanted, {**mark, "written": wanted})}
        _run(lambda: CreateReportScheduleCommand(ReportSchedulePostSchema().load(data)), wanted["name"], plan.dry_run)
        return
    written, now = _mark(report).get("written") or {}, _now(report)
    setting, kept = changes(wanted, now, written)
    if kept:
        plan.keep.append(f"{report.name}: {', '.join(kept)}, as users have it")
    after = {**mark, "written": {**written, **{name: wanted[name] for name in wanted if name not in kept}}}
    if not setting and after == _mark(report):
        plan.unchanged.append(report.name)
        return
    plan.update.append(f"{report.name}: {', '.join(setting)}" if setting else report.name)
    data = {"owners": now["owners"], **_body(setting), "extra": _extra(report.extra, {**now, **setting}, after)}
    number = report.id
    _run(
        lambda: UpdateReportScheduleCommand(number, ReportSchedulePutSchema().load(data)),
        report.name,
        plan.dry_run,
    )


def _body(fields: Fields) -> Config:
    """Fields in the words of Superset's API."""
    body = {name: value for name, value in fields.items() if name not in ("tabs", "recipients")}
    if "recipients" in fields:
        body["recipients"] = [
            {"type": kind, "recipient_config_json": {"target": target}} for kind, target in fields["recipients"]
        ]
    return body


def _extra(now: Mapping[str, Any], fields: Fields, mark: Config) -> Config:
    """``extra`` with the tabs and the mark; whatever else is in it stays."""
    extra = {**now, MARK: mark}
    if _anchored((now.get("dashboard") or {}).get("anchor")) != fields["tabs"]:
        extra["dashboard"] = {**(now.get("dashboard") or {}), "anchor": json.dumps(fields["tabs"])}
    return extra


def _run(make: Any, name: str, dry_run: bool) -> None:
    """Validate a command of Superset's, and run it unless ``dry_run``.

    :raises SetupError: Superset refuses it.
    """
    from marshmallow import ValidationError
    from superset.commands.exceptions import CommandException, CommandInvalidError

    try:
        command = make()
        command.validate() if dry_run else command.run()
    except ValidationError as error:
        raise _refused(name, json.dumps(error.messages, default=str)) from error
    except CommandInvalidError as error:
        raise _refused(name, json.dumps(error.normalized_messages(), default=str)) from error
    except CommandException as error:
        raise _refused(name, str(error.__cause__ or error)) from error


def _refused(name: str, reason: str) -> SetupError:
    return SetupError(
        "Superset refused the report {name}: {reason} Nothing was changed.", name=repr(name), reason=f"{reason[:500]}."
    )
