"""Cells as text: the digits and dates that a person sees, never a float's rounding."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa

from airflow_dags.documents.limits import MAX_COLUMNS
from airflow_dags.errors import WrongDocument


def table_of_objects(objects: Any, name: str) -> pa.Table:
    """A table from a JSON list of flat objects; raises WrongDocument for anything else."""
    if not isinstance(objects, list) or not all(isinstance(item, dict) for item in objects):
        raise WrongDocument(f"{name} is not a list of rows; nothing was changed; check that it is this report")
    names = list(dict.fromkeys(key for item in objects for key in item))
    return table_of_rows(objects, names)


def table_of_rows(rows: list[dict[str, Any]], names: list[str]) -> pa.Table:
    """A table of text from dictionaries with values of any type."""
    if len(names) > MAX_COLUMNS:
        raise WrongDocument(
            f"the document has more than {MAX_COLUMNS} columns; nothing was changed; check that it is this report"
        )
    columns = [text_column(cell_text(row.get(name)) for row in rows) for name in names]
    return pa.Table.from_arrays(columns, names=[whole_text(name) for name in names])


def text_column(cells: Iterable[str | None]) -> pa.Array:
    values = list(cells)
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        return pa.array([value if value is None else whole_text(value) for value in values], pa.string())


def whole_text(text: str) -> str:
    """Without halves of characters, which JSON may hold and no database takes."""
    return text.encode("utf-8", "replace").decode()


def cell_text(value: Any) -> str | None:
    """The text of one value as a person would write it; a float gives the 15 digits that a spreadsheet shows."""
    if value is None:
        return None
    if isinstance(value, str):
        return value.replace("\x00", "") if "\x00" in value else value
    for kinds, write in _WRITERS:
        if isinstance(value, kinds):
            return write(value)
    return str(value)


def _moment(value: datetime) -> str:
    return value.date().isoformat() if value.time() == time() else value.isoformat()


def _float(value: float) -> str:
    return format(Decimal(format(value, ".15g")), "f")


# In this order: a bool is an int, a datetime is a date.
_WRITERS: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (bool, lambda value: "true" if value else "false"),
    (float, _float),
    (Decimal, lambda value: format(value, "f")),
    (datetime, _moment),
    (date, lambda value: str(value.isoformat())),
    ((dict, list), lambda value: json.dumps(value, ensure_ascii=False).replace("\x00", "")),
)
