"""A rule as one of Superset's own alerts, for those who want it there: it counts the entities beyond the limit.

Superset's alerts compare one number and know neither entities nor states: no for-duration, hysteresis, tolerance,
season, silence or owner. So the alert tells that the rule's condition holds somewhere, with a dashboard to look at. The
rule itself stays as it is; an alert that was written is made equal to its rule when it is written again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from superset_kpi_plugin.alerts import storage
from superset_kpi_plugin.alerts.conditions.sql import statement
from superset_kpi_plugin.alerts.models import AlertRule
from superset_kpi_plugin.alerts.observations import pure_condition
from superset_kpi_plugin.alerts.states import HOLDS
from superset_kpi_plugin.errors import NotFound, ValidationFailed
from superset_kpi_plugin.warehouse import reader_database

NAME = "KPI: {rule}"
LONGEST_NAME = 150
PARAMETER = re.compile(r"(?<!:):(\w+)")


def write_alert(rule_name: str, owner: str, mails: list[str], crontab: str, dashboard: str) -> dict[str, Any]:
    """Create or update Superset's alert of a rule; ``owner`` is the Superset user under whom it asks.

    :returns: its id, name and SQL, and whether it is new.
    :raises NotFound: no such rule, user or dashboard.
    :raises ValidationFailed: the rule's SQL can't be written out.
    """
    from superset.extensions import db, security_manager
    from superset.models.dashboard import Dashboard
    from superset.reports.models import (
        ReportRecipients,
        ReportRecipientType,
        ReportSchedule,
        ReportScheduleType,
        ReportScheduleValidatorType,
    )

    with storage.transaction() as session:
        wanted = select(AlertRule).where(AlertRule.name == rule_name, AlertRule.deleted_at.is_(None))
        rule = session.execute(wanted).scalar_one_or_none()
    user = security_manager.find_user(owner)
    shown = db.session.query(Dashboard).filter_by(slug=dashboard).one_or_none()
    for found, kind, name in ((rule, "alert rule", rule_name), (user, "user", owner), (shown, "dashboard", dashboard)):
        if found is None:
            raise NotFound("There is no {kind} {name}.", kind=kind, name=name)
    name = NAME.format(rule=rule_name)[:LONGEST_NAME]
    alert = db.session.query(ReportSchedule).filter_by(name=name, type=ReportScheduleType.ALERT).one_or_none()
    is_new = alert is None
    if alert is None:
        alert = ReportSchedule(name=name, type=ReportScheduleType.ALERT)
    text, database = sql_of(rule), reader_database()
    alert.description = rule.playbook_en
    alert.sql, alert.database, alert.dashboard = text, database, shown
    alert.validator_type = ReportScheduleValidatorType.OPERATOR
    alert.validator_config_json = json.dumps({"op": ">", "threshold": 0})
    alert.crontab, alert.owners, alert.active = crontab, [user], rule.is_enabled
    alert.recipients = [
        ReportRecipients(type=ReportRecipientType.EMAIL, recipient_config_json=json.dumps({"target": mail}))
        for mail in mails
    ]
    db.session.add(alert)
    db.session.commit()
    return {"id": alert.id, "name": name, "sql": alert.sql, "is_new": is_new}


def sql_of(rule: AlertRule) -> str:
    """The rule's statement without parameters, as a count of the entities whose condition holds today.

    :raises ValidationFailed: a text in it would be read as a template.
    """
    watch, today = storage.watch_of(rule), storage.utc_now().date()
    text, params = statement(watch, today)
    holds = ", ".join(_literal(status.value, today) for status in sorted(HOLDS[pure_condition(watch)]))
    written = PARAMETER.sub(lambda found: _written(found, params, today), text)
    return f"select count(*) as entities from (\n{written.strip()}\n) as seen where seen.status in ({holds})"  # noqa: S608


def _written(found: re.Match[str], params: Mapping[str, Any], today: date) -> str:
    return _literal(params[found[1]], today) if found[1] in params else found[0]


def _literal(value: Any, today: date) -> str:
    """A parameter as SQL; days stay as far from the day on which the alert runs as they are from ``today``."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return f"(current_date - {(today - value).days})"
    if isinstance(value, int | Decimal):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    if isinstance(value, list | tuple | set):
        return "(" + ", ".join(_literal(one, today) for one in value) + ")"
    text = str(value)
    if "{" in text or "\\" in text:
        raise ValidationFailed("The rule can't be written as an alert of Superset: {text} would be read as a template.",
                               text=text)  # fmt: skip
    return "'" + text.replace("'", "''") + "'"
