"""Where the platforms' answers pass by before they are written, so that planned faults can spoil what they hold.

Every document's rows go through `rows_of`, every page of a list through `page_of`, every report that is asked for
through `report_end`. Without a planned fault they change nothing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from flask import g, has_request_context, request

from airflow_dags.sandbox.faults import Call, Fault
from airflow_dags.sandbox.state import SandboxState

ReportEnd = Literal["fatal", "cancelled", "never"]
ADDED_COLUMN = "sandbox_surprise"
_ENDS: dict[str, ReportEnd] = {
    "report_fatal": "fatal",
    "report_cancelled": "cancelled",
    "report_never_finishes": "never",
}


class Place(NamedTuple):
    """Whose answer it is, in the pipeline's names."""

    platform: str
    stream: str
    account_id: str


#: The feed that delivers nothing any more while the option ``is_feed_dead`` is set.
DEAD_FEED = Place("amazon_sp", "account_health", "aurora_us")


def rows_of(state: SandboxState, place: Place, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of one document: dictionaries under the document's own column names, in its order."""
    note(state, place, "rows")
    fault = state.faults.take(_call(place), ("rows",), {"rows"}) if rows else None
    return _ROWS[fault.kind](rows, fault) if fault else rows


def page_of(
    state: SandboxState, place: Place, items: Sequence[Any], offset: int, size: int
) -> tuple[list[Any], int | None]:
    """The items of the page that starts at ``offset``, and the offset of the next page (None: this was the last).

    The option ``least_pages`` makes pages smaller than the client asked for, as platforms may, so that even short lists
    have several.
    """
    size = max(1, min(size, -(-len(items) // state.options.least_pages)))
    following = offset + size
    page = list(items[offset:following])
    if len(items) > size:
        note(state, place, "pages")
        if offset and (fault := state.faults.take(_call(place), ("pages",), {"pages"})):
            page, following = _PAGES[fault.kind](items, offset, size)
    if page and all(isinstance(item, dict) for item in page):
        page = rows_of(state, place, page)
    return page, (following if following < len(items) else None)


def report_end(state: SandboxState, place: Place) -> ReportEnd | None:
    """How a report that was just asked for will end, where it is planned to end badly; None: as it should."""
    note(state, place, "report")
    if state.options.is_feed_dead and place == DEAD_FEED:
        return "fatal"
    fault = state.faults.take(_call(place), ("report",), {"report"})
    return _ENDS[fault.kind] if fault else None


def is_stuck(state: SandboxState, end: str | None) -> bool:
    """Whether a report that never finishes still doesn't: it goes on when the fault is switched off."""
    return end == "never" and any(fault.kind == "report_never_finishes" for fault in state.faults)


def note(state: SandboxState, place: Place, nature: str = "") -> None:
    """Say which stream a request is about, and what that stream has."""
    if has_request_context() and isinstance(g.get("places"), set):
        g.places.add(place)
    if nature:
        state.faults.note(place.platform, place.stream, nature)


def _call(place: Place) -> Call:
    """Documents are written in whatever request finishes them, so the operation plays no part for what they hold."""
    operation = (request.endpoint or "").rpartition(".")[2] if has_request_context() else ""
    return Call(place.platform, operation, place.account_id, frozenset({place.stream}))


def _column(rows: list[dict[str, Any]], fault: Fault) -> str:
    """The column that the fault names, or the row's first; text that is retyped is still text, so rather another."""
    row = rows[0]
    for name in (fault.column or "").split("|"):
        if name in row:
            return name
    numbers = [name for name, value in row.items() if isinstance(value, int | float | list | dict)]
    return numbers[0] if numbers and fault.kind == "column_retyped" else next(iter(row))


def _added(rows: list[dict[str, Any]], fault: Fault) -> list[dict[str, Any]]:
    return [{**row, ADDED_COLUMN: "surprise"} for row in rows]


def _removed(rows: list[dict[str, Any]], fault: Fault) -> list[dict[str, Any]]:
    gone = _column(rows, fault)
    return [{name: value for name, value in row.items() if name != gone} for row in rows]


def _retyped(rows: list[dict[str, Any]], fault: Fault) -> list[dict[str, Any]]:
    changed = _column(rows, fault)
    return [{name: f"~{value}" if name == changed else value for name, value in row.items()} for row in rows]


def _shuffled(rows: list[dict[str, Any]], fault: Fault) -> list[dict[str, Any]]:
    mixed = list(rows)
    random.Random(len(rows)).shuffle(mixed)  # noqa: S311 (the same mix every time)
    return mixed[::-1] if mixed == rows else mixed


def _duplicated(rows: list[dict[str, Any]], fault: Fault) -> list[dict[str, Any]]:
    return [row for number, row in enumerate(rows) for _ in range(1 if number % 3 else 2)]


_ROWS = {
    "column_added": _added,
    "column_removed": _removed,
    "column_retyped": _retyped,
    "rows_shuffled": _shuffled,
    "rows_duplicated": _duplicated,
}


def _looped(items: Sequence[Any], offset: int, size: int) -> tuple[list[Any], int]:
    """The second page is the first again and leads to the second."""
    return list(items[:size]), size


def _repeated(items: Sequence[Any], offset: int, size: int) -> tuple[list[Any], int]:
    return list(items[max(0, offset - size) : offset + size]), offset + size


def _skipped(items: Sequence[Any], offset: int, size: int) -> tuple[list[Any], int]:
    return list(items[offset + size : offset + 2 * size]), offset + 2 * size


_PAGES = {"cursor_loop": _looped, "repeated_page": _repeated, "skipped_page": _skipped}
