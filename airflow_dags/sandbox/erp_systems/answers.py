"""What the simulated systems share: the books' rows as dictionaries, filters, and pages that faults can spoil."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from airflow_dags.sandbox.content import Place, page_of
from airflow_dags.sandbox.erp.rows import ROWS
from airflow_dags.sandbox.erp.tables import STREAMS
from airflow_dags.sandbox.state import SandboxState

Row = dict[str, Any]
_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda value, wanted: value == wanted,
    "!=": lambda value, wanted: value != wanted,
    ">=": lambda value, wanted: str(value) >= str(wanted),
    "<=": lambda value, wanted: str(value) <= str(wanted),
    "in": lambda value, wanted: value in wanted,
    "between": lambda value, wanted: str(wanted[0]) <= str(value) <= str(wanted[1]),
}


def books_of(state: SandboxState, stream: str) -> list[Row]:
    """The stream's rows by column name."""

    def make() -> list[Row]:
        names = list(STREAMS[stream])
        return [dict(zip(names, row, strict=True)) for row in ROWS[stream](state.business, state.revision)]

    rows: list[Row] = state.cached(("erp system", stream, state.revision), make)
    return rows


def kept(rows: list[Row], conditions: list[Any]) -> list[Row]:
    """The rows that meet all conditions [field, operator, value]; raises KeyError for a field that there isn't."""
    return [row for row in rows if all(_TESTS[test](row[field], value) for field, test, value in conditions)]


def page(state: SandboxState, stream: str, rows: list[Any], offset: int, size: int) -> tuple[list[Any], int | None]:
    return page_of(state, Place("erp", stream, str(stream)), rows, offset, size)


def text(value: Any) -> Any:
    """Days as text, None as it is."""
    return None if value is None else str(value)


def number(value: Any) -> Any:
    """Money as the floating-point number that JSON has."""
    return float(value) if isinstance(value, Decimal) else value
