"""The diagnosis as one answer: the four steps in their order, the streams, the series with its actions, where to begin.

A step that can't be read (the warehouse is away) is not left out: it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from superset_kpi_plugin import menu
from superset_kpi_plugin.access.reach import Reach
from superset_kpi_plugin.access.table import SCOPES, UPLOADS
from superset_kpi_plugin.diagnosis import actions, people, plan, reviews, sources, steps
from superset_kpi_plugin.diagnosis.focus import Focus, focus_of
from superset_kpi_plugin.diagnosis.steps import PROBLEM, UNKNOWN, Check, Link, Step
from superset_kpi_plugin.errors import KpiError, NotFound
from superset_kpi_plugin.locale import translate
from superset_kpi_plugin.warehouse import Warehouse

Row = dict[str, Any]
May = Callable[[str, str], bool]
#: Pages that not everybody may open: the permission that each asks for.
GUARDED = {"uploads": ("can_read", UPLOADS), "scopes": ("can_manage", SCOPES)}
#: How many open alerts are offered to begin with where nothing is chosen.
OFFERED = 5


def survey(arguments: Mapping[str, str], reach: Reach, warehouse: Warehouse, may: May) -> Row:
    """For JSON.

    :param arguments: ``kpi`` and ``entity``, both optional.
    :param may: whether the reader holds a permission on a view menu.
    :raises NotFound: there is no such KPI, or no such entity that may be seen.
    """
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    try:
        with warehouse.reading() as reader:
            focus = focus_of(arguments, reach, reader)
    except NotFound:
        raise
    except KpiError as error:
        return _without_warehouse(error)
    done, failure = _read(lambda: actions.actions_of(focus, now, warehouse))
    chart, _ = _read(lambda: actions.chart_of(focus, now, warehouse))
    found = [
        _step(steps.SOURCES, lambda: sources.checks(focus, warehouse)),
        *_planned(focus, warehouse, now, may),
        Step(steps.REVIEWS, [_unknown(failure)])
        if failure
        else _step(steps.REVIEWS, lambda: reviews.checks(focus, done or [], now)),
    ]
    offered = [] if focus.is_place else reviews.first(focus, OFFERED)
    names = ("kpi_id", "unit", "direction")
    entity_names = ("entity_id", "entity_kind", "entity_name", "account_name")
    return {
        "kpi": {**{name: focus.kpi[name] for name in names}, "kpi_name": focus.kpi_name(focus.kpi_id)}
        if focus.kpi
        else None,
        "entity": {name: focus.entity[name] for name in entity_names} if focus.entity else None,
        "day": focus.day,
        "steps": [_shown(step, may) for step in found],
        "begin_with": steps.first_trouble(found),
        "streams": sources.streams(focus),
        "actions": [{**row, "link": _address(row["link"], may)} for row in done or []],
        "chart": chart,
        "offered": [_offered(row, rule, focus) for row, rule in offered],
    }


def _read(read: Callable[[], Any]) -> tuple[Any, KpiError | None]:
    """What was read, or why it could not be: one part that takes too long costs itself, not the page."""
    try:
        return read(), None
    except KpiError as error:
        return None, error


def _planned(focus: Focus, warehouse: Warehouse, now: datetime, may: May) -> list[Step]:
    """Targets and owners, which look at the same targets."""
    try:
        found = plan.plan_of(focus, warehouse)
    except KpiError as error:
        return [Step(name, [_unknown(error)]) for name in (steps.TARGETS, steps.OWNERS)]
    may_manage = may(*GUARDED["scopes"])
    return [
        _step(steps.TARGETS, lambda: plan.checks(focus, found, warehouse)),
        _step(steps.OWNERS, lambda: people.checks(focus, found, now, may_manage)),
    ]


def _step(name: str, checks: Callable[[], list[Check]]) -> Step:
    try:
        return Step(name, checks())
    except KpiError as error:
        return Step(name, [_unknown(error)])


def _unknown(error: KpiError, status: str = UNKNOWN) -> Check:
    return Check("unavailable", status, translate(error.template, **error.values))


def _without_warehouse(error: KpiError) -> Row:
    """The sources are the problem, and of the rest nothing can be told."""
    found = [Step(steps.SOURCES, [_unknown(error, PROBLEM)])]
    found += [Step(name, [_unknown(error)]) for name in (steps.TARGETS, steps.OWNERS, steps.REVIEWS)]
    empty: Row = {"kpi": None, "entity": None, "day": None, "streams": [], "actions": [], "chart": None, "offered": []}
    return {**empty, "steps": [_shown(step, lambda *_: False) for step in found], "begin_with": steps.SOURCES}


def _shown(step: Step, may: May) -> Row:
    return {
        "step": step.name,
        "status": step.status,
        "checks": [
            {
                **{name: getattr(check, name) for name in ("code", "status", "message", "advice", "count")},
                "link": _address(check.link, may),
                "items": [{**item, "link": _address(item.get("link"), may)} for item in check.items],
            }
            for check in step.checks
        ],
    }


def _address(link: Link | None, may: May) -> Row | None:
    """A link for the page; None where it leads to what the reader may not open or what is not installed."""
    if link is None:
        return None
    if link.dashboard:
        return {"href": menu.address(link.dashboard)} if menu.has_dashboard(link.dashboard) else None
    if link.page in GUARDED and not may(*GUARDED[link.page]):
        return None
    return {"page": link.page, "query": {name: str(value) for name, value in link.query.items()}}


def _offered(row: Any, rule: Any, focus: Focus) -> Row:
    """An alert to begin with. One on streams or differences is about no KPI of the catalogue, but about its account."""
    item = people.alert_item(row, rule)
    kpi_id = row.kpi_id if row.kpi_id in focus.kpis else None
    return {
        **{name: item[name] for name in ("label", "entity_id", "severity", "at")},
        "kpi_id": kpi_id,
        "rule": rule.name,
    }
