"""Small conversions that Walmart's streams share: its dates, instants and nested lists to cells of text.

What can't be converted stays as it is, so that the contract sets the row aside with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timezone
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from airflow_dags.contracts import Contract
from airflow_dags.errors import WrongDocument

_US_DAY = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")


def items(value: Any) -> list[dict[str, Any]]:
    """The objects of a list that may be missing, or be one object alone."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def inner(value: Any, *names: str) -> Any:
    """A nested value, or None where a part of the way is missing."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def field_names(text: str) -> frozenset[str]:
    """Names that are written down one after the other."""
    return frozenset(text.split())


def unknown(item: dict[str, Any], known: frozenset[str], where: str) -> dict[str, Any]:
    """Fields that nobody has heard of, named by where they are: they are kept beside the columns, and reported."""
    return {f"{where}.{name}": value for name, value in item.items() if name not in known}


def table_of(rows: list[dict[str, Any]], contract: Contract, but: str = "") -> Any:
    """The rows under the contract's columns (without ``but``) and the unknown fields, whether there are rows or not."""
    from airflow_dags.documents import table_of_rows

    columns = [column.name for column in contract.columns if column.name != but]
    return table_of_rows(rows, [*columns, *sorted({name for row in rows for name in row} - set(columns))])


def identity(item: dict[str, Any], name: str, what: str) -> Any:
    """The number by which Walmart knows ``item``; a missing one is left for the contract to refuse.

    Raises WrongDocument where it is no number: rows would be stored beside those that they should replace.
    """
    value = item.get(name)
    if value in (None, ""):
        return id(item)
    if not str(value).isdigit():
        raise WrongDocument(f"{what}: Walmart's {name} is {str(value)[:30]!r}, which is no number; nothing was changed")
    return str(value)


def instant_of(millis: Any) -> datetime | None:
    """An instant from milliseconds since 1970."""
    try:
        return datetime.fromtimestamp(int(str(millis)) / 1000, timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None


def instant_text(millis: Any) -> str | None:
    """The same as a cell; a value that is no instant is left for the contract to refuse."""
    if millis in (None, ""):
        return None
    moment = instant_of(millis)
    return moment.isoformat() if moment else str(millis)


def day_text(cell: str | None) -> str | None:
    """A day as YYYY-MM-DD from Walmart's MM/DD/YYYY or from a spreadsheet's instant."""
    if cell is None:
        return None
    text = cell.strip()
    if found := _US_DAY.match(text):
        month, day, year = (int(part) for part in found.groups())
        try:
            return date(year, month, day).isoformat()
        except ValueError:
            return text
    return text[:10] if re.match(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:", text) else text


def total(values: Iterable[Any]) -> str | None:
    """The sum of amounts, exactly; None where there are none, and an amount that is none as it is."""
    found = [str(value) for value in values if value is not None]
    try:
        return str(sum((Decimal(value) for value in found), Decimal(0))) if found else None
    except InvalidOperation:
        return next(value for value in found if not _is_amount(value))


def _is_amount(value: str) -> bool:
    try:
        Decimal(value)
    except InvalidOperation:
        return False
    return True


def day_start(day: date, zone: ZoneInfo) -> str:
    """The instant at which a marketplace's day begins, as Walmart's parameters want it."""
    return datetime.combine(day, time(), zone).astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
