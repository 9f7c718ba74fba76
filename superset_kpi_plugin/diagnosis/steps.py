"""The shape of a diagnosis: steps of checks. Pure; imports no framework.

A check says in one sentence what was found and, where something is wrong, in another what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
OK, UNKNOWN, WARNING, PROBLEM = "ok", "unknown", "warning", "problem"
#: The mildest first.
STATUSES = (OK, UNKNOWN, WARNING, PROBLEM)
SOURCES, TARGETS, OWNERS, REVIEWS = "sources", "targets", "owners", "reviews"
#: How many items a check names; all are counted.
SHOWN = 20


@dataclass(frozen=True)
class Link:
    """A place in the product: one of the plugin's pages with a query, or a dashboard by its English slug."""

    page: str | None = None
    query: Row = field(default_factory=dict)
    dashboard: str | None = None


@dataclass
class Check:
    """What was looked at. ``items`` are dictionaries with label, and detail, kpi_id, entity_id, link if known."""

    code: str
    status: str
    message: str
    advice: str | None = None
    link: Link | None = None
    items: list[Row] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        self.count = self.count or len(self.items)
        self.items = self.items[:SHOWN]
        if self.status == OK:
            self.advice = None


@dataclass(frozen=True)
class Step:
    """One of the four steps."""

    name: str
    checks: list[Check]

    @property
    def status(self) -> str:
        """The worst of its checks."""
        return worst(check.status for check in self.checks)


def worst(statuses: Iterable[str]) -> str:
    """The worst of some statuses; ok of none."""
    return max(statuses, key=STATUSES.index, default=OK)


def first_trouble(steps: Iterable[Step]) -> str | None:
    """Where to begin: the first step, in their order, with a problem, else with a warning; None where there is none.

    What lies behind rests on what lies before, so that a problem of the sources comes before any of the targets.
    """
    listed = list(steps)
    for status in (PROBLEM, WARNING):
        for step in listed:
            if step.status == status:
                return step.name
    return None
