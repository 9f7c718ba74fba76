"""Trees of targets: what children say of their parent. Pure; imports no framework.

An additive KPI rolls up: the children's targets have a sum, and what the parent has beyond it is the residual (shown,
never hidden). A ratio doesn't add up: its children imply a value, their targets weighted by their denominators.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

Values = Mapping[str, Decimal | None]


@dataclass(frozen=True)
class Node:
    """A place in the tree. ``parent_id`` is None at a root; ``depth`` counts from 0."""

    entity_id: str
    parent_id: str | None
    depth: int


@dataclass(frozen=True)
class RollUp:
    """What a parent's children say. ``children_sum`` is None where no child has a target."""

    children_sum: Decimal | None
    residual: Decimal | None
    missing_children: int


def children_of(parents: Mapping[str, str | None]) -> dict[str | None, list[str]]:
    """Child ids by parent, from each child's parent, in the order given."""
    found: dict[str | None, list[str]] = defaultdict(list)
    for child, parent in parents.items():
        found[parent].append(child)
    return found


def depth_first(parents: Mapping[str, str | None], start: str | None = None, depth: int | None = None) -> list[Node]:
    """The nodes in the order in which a tree is read: each parent before its children, siblings in the order given.

    :param parents: parent by entity; a parent that is no key itself makes its child a root.
    :param start: only this entity and what is below it.
    :param depth: how many levels below the roots; None is all. A cycle ends where it closes.
    """
    known = {child: parent if parent in parents and parent != child else None for child, parent in parents.items()}
    children = children_of(known)
    nodes: list[Node] = []
    seen: set[str] = set()
    roots = [start] if start is not None else children[None]
    waiting: list[tuple[str, str | None, int]] = [(root, None, 0) for root in reversed(roots) if root in known]
    while waiting:
        entity_id, parent_id, level = waiting.pop()
        if entity_id in seen:
            continue
        seen.add(entity_id)
        nodes.append(Node(entity_id, parent_id, level))
        if depth is None or level < depth:
            waiting.extend((child, entity_id, level + 1) for child in reversed(children[entity_id]))
    return nodes


def roll_up(parent: Decimal | None, children: Iterable[Decimal | None]) -> RollUp:
    """Sum of the children's targets, and what the parent has beyond it: ``parent = children_sum + residual``."""
    listed = list(children)
    known = [value for value in listed if value is not None]
    total = sum(known, Decimal(0)) if known else None
    residual = parent - total if parent is not None and total is not None else None
    return RollUp(total, residual, len(listed) - len(known))


def implied_ratio(targets: Sequence[Decimal | None], denominators: Sequence[Decimal | None]) -> Decimal | None:
    """What the children's targets imply for their parent: sum of target x denominator over sum of denominators.

    Children without a target or a positive denominator say nothing; None where nobody says anything.
    """
    pairs = [
        (target, weight)
        for target, weight in zip(targets, denominators, strict=True)
        if target is not None and weight is not None and weight > 0
    ]
    total = sum((weight for _, weight in pairs), Decimal(0))
    if not total:
        return None
    return sum((target * weight for target, weight in pairs), Decimal(0)) / total


# Periods


def next_period(grain: str, start: date) -> date:
    """The first day of the period after the one that begins at ``start``."""
    if grain == "day":
        return start + timedelta(days=1)
    if grain == "week":
        return start + timedelta(days=7)
    return shifted(start, {"month": 1, "quarter": 3, "year": 12}[grain])


def shifted(start: date, months: int) -> date:
    """A first day of a month, moved by months."""
    place = start.year * 12 + start.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


def earlier(grain: str, start: date, count: int) -> list[date]:
    """The ``count`` periods before ``start``, the oldest first."""
    if grain in ("day", "week"):
        step = 1 if grain == "day" else 7
        return [start - timedelta(days=step * number) for number in range(count, 0, -1)]
    months = {"month": 1, "quarter": 3, "year": 12}[grain]
    return [shifted(start, -months * number) for number in range(count, 0, -1)]


def last_year(grain: str, start: date) -> date:
    """The same period of the year before; for days and weeks 364 days earlier, so that weekdays stay weekdays."""
    return start - timedelta(days=364) if grain in ("day", "week") else shifted(start, -12)


def periods_between(grain: str, first: date, last: date, most: int) -> list[date]:
    """First days of the periods from ``first`` to ``last``, both included; at most ``most``."""
    found: list[date] = []
    start = first
    while start <= last and len(found) < most:
        found.append(start)
        start = next_period(grain, start)
    return found


#: Into what a period may be split; weeks lie in no month.
SUB_GRAINS: dict[str, tuple[str, ...]] = {
    "year": ("quarter", "month"),
    "quarter": ("month",),
    "month": ("day",),
    "week": ("day",),
}


def sub_periods(grain: str, start: date, into: str) -> list[date]:
    """First days of the smaller periods within one."""
    return periods_between(into, start, next_period(grain, start) - timedelta(days=1), 400)


def effective(draft: Mapping[str, Any] | None, approved: Mapping[str, Any] | None, name: str = "target_value") -> Any:
    """What a target says at present: its open draft, else what is approved."""
    said = draft or approved
    return said[name] if said else None
