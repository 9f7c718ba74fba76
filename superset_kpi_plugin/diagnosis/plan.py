"""Step 2, targets: are there any, are they agreed on, are they sound, and does anything watch them?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from superset.extensions import db

from superset_kpi_plugin.alerts.models import AlertRule
from superset_kpi_plugin.diagnosis.focus import Focus
from superset_kpi_plugin.diagnosis.steps import OK, PROBLEM, UNKNOWN, WARNING, Check, Link
from superset_kpi_plugin.locale import translate
from superset_kpi_plugin.redaction import redact
from superset_kpi_plugin.reports.figures import entities_below
from superset_kpi_plugin.targets import checking
from superset_kpi_plugin.targets.checks_rules import CERTAIN, UNLIKELY
from superset_kpi_plugin.targets.commands.publish import last_publication
from superset_kpi_plugin.targets.explaining import CellKey, feasibility
from superset_kpi_plugin.targets.filters import TargetFilters
from superset_kpi_plugin.targets.listing import stored_targets
from superset_kpi_plugin.targets.models import FAILED
from superset_kpi_plugin.targets.rules import first_day
from superset_kpi_plugin.targets.tree import earlier
from superset_kpi_plugin.warehouse import Warehouse

Row = dict[str, Any]
#: Targets of these grains are looked at, each in the period that runs.
GRAINS = ("month", "week", "quarter", "year")
FEASIBILITY = "unlikely_or_certain"
OWNERSHIP = ("no_owner", "owner_without_access")


@dataclass
class Plan:
    """Targets and findings of the running periods that a diagnosis is about; ``previous`` those of the month before."""

    cells: list[Row] = field(default_factory=list)
    previous: list[Row] = field(default_factory=list)
    findings: list[Row] = field(default_factory=list)
    starts: dict[str, date] = field(default_factory=dict)

    def of(self, *rules: str) -> list[Row]:
        """Findings of some rules that nobody waived."""
        return [found for found in self.findings if found["rule"] in rules and not found["waiver"]]


def plan_of(focus: Focus, warehouse: Warehouse) -> Plan:
    """Read once; the checks of targets and owners share it.

    The linter looks at the whole period, because some of its rules compare targets, and what is asked for is picked.
    """
    plan = Plan(starts={grain: first_day(grain, focus.day) for grain in GRAINS})
    for grain, start in plan.starts.items():
        cells = _about(focus, grain, start)
        plan.cells += cells
        if cells:
            found = checking.find(TargetFilters(grain, start), focus.reach, warehouse)
            plan.findings += [
                {**row, "grain": grain, "start": start} for row in found if _is_finding(focus, row, cells)
            ]
    before = earlier("month", plan.starts["month"], 1)[0]
    plan.previous = _about(focus, "month", before)
    with warehouse.reading() as reader:
        focus.learn_names({cell["entity_id"] for cell in [*plan.cells, *plan.previous]}, reader)
    return plan


def _about(focus: Focus, grain: str, start: date) -> list[Row]:
    """The period's targets that are asked for."""
    stored = stored_targets(TargetFilters(grain, start, kpi_id=focus.kpi_id))
    return [cell for cell in stored if focus.covers(cell["kpi_id"], cell["entity_id"])]


def _is_finding(focus: Focus, row: Row, cells: list[Row]) -> bool:
    """Findings over an owner or a role are about all of its targets; one of them asked for is enough."""
    if row["entity_id"] is not None:
        return focus.covers(row["kpi_id"], row["entity_id"])
    return bool({cell["id"] for cell in cells} & set(row["targets"]))


def said(cell: Row) -> Row:
    """What a target says at present: its draft, else what is approved."""
    found: Row = cell["draft"] or cell["approved"]
    return found


def place_of(focus: Focus, row: Row, detail: str | None = None, link: Link | None = None) -> Row:
    """An item about a KPI and an entity, with the page where its target stands."""
    label = focus.place(row["kpi_id"], row["entity_id"])
    return {"label": label, "detail": detail, "kpi_id": row["kpi_id"], "entity_id": row["entity_id"], "link": link}


def to_targets(grain: str, start: date, focus: Focus, **query: str) -> Link:
    """The targets page at a period."""
    kpi = {"kpi": focus.kpi_id} if focus.kpi_id else {}
    return Link("targets", {"grain": grain, "period": start.isoformat(), **kpi, **query})


def checks(focus: Focus, plan: Plan, warehouse: Warehouse) -> list[Check]:
    """The step's checks."""
    return [
        _missing(focus, plan),
        _pending(focus, plan),
        _publication(),
        _doubtful(focus, plan),
        *_feasible(focus, plan, warehouse),
        _watched(focus, plan, warehouse),
    ]


def _missing(focus: Focus, plan: Plan) -> Check:
    """No target at all, or none where the month before had one."""
    month = plan.starts["month"]
    link = to_targets("month", month, focus)
    if not plan.cells:
        message = translate("There is no target here for the running week, month, quarter or year.")
        advice = translate("Set one, or let the set-up guide propose some from forecast or history.")
        return Check("missing", PROBLEM, message, advice, link, count=1)
    held = {(cell["kpi_id"], cell["entity_id"]) for cell in plan.cells}
    gone = [cell for cell in plan.previous if (cell["kpi_id"], cell["entity_id"]) not in held]
    items = [place_of(focus, cell, link=to_targets("month", month, focus)) for cell in gone]
    message = translate(
        "Targets of the running periods: {count}. The month before had {gone} that this one lacks.",
        count=len(plan.cells),
        gone=len(gone),
    )
    advice = translate("Copy them from the month before, or let the forecast propose them.")
    return Check("missing", WARNING if gone else OK, message, advice, link, items)


def _pending(focus: Focus, plan: Plan) -> Check:
    """Drafts: what nobody approved yet counts nowhere."""
    drafts = [cell for cell in plan.cells if cell["draft"]]
    fresh = sum(cell["approved"] is None for cell in drafts)
    items = [
        place_of(focus, cell, cell["state"], to_targets(cell["grain"], cell["period_start"], focus, status="draft"))
        for cell in sorted(drafts, key=lambda cell: cell["approved"] is not None)
    ]
    message = translate(
        "Targets that wait for their approval: {count}, of which {fresh} have no approved version yet.",
        count=len(drafts),
        fresh=fresh,
    )
    advice = translate("Propose, accept and approve them: until then the version before counts, or none.")
    link = items[0]["link"] if items else None
    return Check("pending", WARNING if drafts else OK, message, advice, link, items)


def _publication() -> Check:
    """Whether the approved targets reached the warehouse."""
    last = last_publication()
    if last is None:
        return Check("publication", UNKNOWN, translate("Nothing has been published yet."))
    if last.state != FAILED:
        return Check("publication", OK, translate("The approved targets are published."))
    advice = translate("Publish again from the targets page; until then dashboards judge by the targets before.")
    items = [{"label": redact(last.error or "")}]
    return Check("publication", PROBLEM, translate("The last publication failed."), advice, Link("targets"), items)


def _doubtful(focus: Focus, plan: Plan) -> Check:
    """What the linter finds, but for owners and feasibility, which have checks of their own."""
    found = [row for row in plan.findings if row["rule"] not in (*OWNERSHIP, FEASIBILITY)]
    waived = sum(row["waiver"] is not None for row in found)
    doubts = sorted((row for row in found if not row["waiver"]), key=lambda row: row["severity"] != "refusal")
    items = [_finding(focus, row) for row in doubts]
    message = translate(
        "Doubts about the targets: {count} ({waived} more are waived).", count=len(doubts), waived=waived
    )
    advice = translate("Mend them with one click or waive them with a reason, in the checks of the targets page.")
    refused = any(row["severity"] == "refusal" for row in doubts)
    link = items[0]["link"] if items else None
    return Check("doubtful", PROBLEM if refused else WARNING if doubts else OK, message, advice, link, items)


def _finding(focus: Focus, row: Row) -> Row:
    label = focus.place(row["kpi_id"], row["entity_id"]) or row["owner"] or ""
    known = {"kpi_id": row["kpi_id"], "entity_id": row["entity_id"]}
    return {"label": label, "detail": row["message"], **known, "link": to_targets(row["grain"], row["start"], focus)}


def _feasible(focus: Focus, plan: Plan, warehouse: Warehouse) -> Iterator[Check]:
    """Targets that the forecast gives less than 10 or more than 95 %; of one target its very chance."""
    place = _place(focus, plan)
    if place is not None:
        key = CellKey(place["kpi_id"], place["entity_id"], place["grain"], place["period_start"])
        answer = feasibility(key, None, focus.reach, warehouse)
        chance = answer["current"]["target"]
        if chance is None:
            message = answer["message"] or translate("The forecast says nothing about this target.")
            yield Check("feasible", UNKNOWN, message)
            return
        message = translate(
            "By the forecast this is attained with a probability of {percent} %.", percent=round(chance * 100)
        )
        is_fit = UNLIKELY <= chance <= CERTAIN
        advice = translate("Choose a value between: the forecast proposes floor, target and stretch.")
        link = to_targets(key.grain, key.period_start, focus)
        yield Check("feasible", OK if is_fit else WARNING, message, advice, link, count=0 if is_fit else 1)
        return
    found = plan.of(FEASIBILITY)
    items = [_finding(focus, row) for row in found]
    message = translate(
        "Targets that the forecast finds out of reach (below 10 %) or certain (above 95 %): {count}.", count=len(found)
    )
    advice = translate("Choose a value between: the forecast proposes floor, target and stretch.")
    yield Check("feasible", WARNING if found else OK, message, advice, items[0]["link"] if items else None, items)


def _place(focus: Focus, plan: Plan) -> Row | None:
    """The chosen KPI's target of the chosen entity itself; the month's where there are several."""
    if not focus.is_place:
        return None
    mine = [cell for cell in plan.cells if cell["entity_id"] == focus.entity_id]
    return min(mine, key=lambda cell: GRAINS.index(cell["grain"]), default=None)


def _watched(focus: Focus, plan: Plan, warehouse: Warehouse) -> Check:
    """Thresholds: targets on which no alert rule that is switched on looks."""
    wanted = sa.select(AlertRule).where(AlertRule.deleted_at.is_(None), AlertRule.is_enabled)
    rules = list(db.session.execute(wanted).scalars())
    subtrees: dict[str, set[str]] = {}
    with warehouse.reading() as reader:
        for top in {rule.within for rule in rules if rule.within}:
            subtrees[top] = entities_below(top, focus.day, reader)

    def looks(rule: Any, cell: Row) -> bool:
        is_kind = (rule.kpi_id, rule.entity_kind) == (cell["kpi_id"], cell["entity_kind"])
        is_named = rule.entity_ids is None or cell["entity_id"] in rule.entity_ids
        return is_kind and is_named and (not rule.within or cell["entity_id"] in subtrees[rule.within])

    blind = [cell for cell in plan.cells if not any(looks(rule, cell) for rule in rules)]
    items = [place_of(focus, cell) for cell in blind]
    message = translate("Targets that no alert rule watches: {count} of {all}.", count=len(blind), all=len(plan.cells))
    advice = translate("Switch a rule on, or a pack of rules: else nobody is told when a limit is crossed.")
    return Check("watched", WARNING if blind else OK, message, advice, Link("alerts", {"tab": "rules"}), items)
