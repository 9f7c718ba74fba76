"""What the modules of this folder offer, found by being there: each may define

- REPORT_KINDS: its report types of the Reports API;
- add_routes(routes, state): its operations beyond that API;
- totals(business, revision): the truth behind its streams.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from airflow_dags.sandbox.state import SandboxState

FLAT_FILE = "text/plain;charset=Cp1252"
JSON = "application/json;charset=UTF-8"


@dataclass(frozen=True)
class ListedReport:
    """A report that Amazon made by itself: its data's start and end as ISO instants, and when it was made."""

    report_id: str
    start: str
    end: str
    created_at: datetime


@dataclass(frozen=True)
class ReportKind:
    """One report type.

    ``document(state, account_id, request, revision)`` writes it for a request's dataStartTime, dataEndTime and
    reportOptions; None where there is nothing to report, which ends the report CANCELLED. ``options`` are the report
    options with the values that are accepted. One that is not requestable is only listed: ``listed(state, account_id)``
    gives the reports that Amazon made by itself. ``stream`` is the pipeline's name for it, by which faults are planned.
    """

    report_type: str
    document: Callable[[SandboxState, str, dict[str, Any], int], bytes | None]
    content_type: str = FLAT_FILE
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_requestable: bool = True
    stream: str = ""
    listed: Callable[[SandboxState, str], list[ListedReport]] | None = None


@lru_cache(maxsize=1)
def modules() -> tuple[Any, ...]:
    """The modules of this folder, by name."""
    package = importlib.import_module("airflow_dags.sandbox.amazon_sp")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return tuple(importlib.import_module(f"{package.__name__}.{name}") for name in names)


@lru_cache(maxsize=1)
def report_kinds() -> dict[str, ReportKind]:
    """All report types by name."""
    return {kind.report_type: kind for module in modules() for kind in getattr(module, "REPORT_KINDS", ())}


def instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant
