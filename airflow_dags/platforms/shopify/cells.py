"""From Shopify's objects to cells: which field becomes which column, and what is left over.

What nobody has heard of goes along under its own name, so that the loader keeps and reports it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

Mapped = Mapping[str, tuple[str, Callable[[Any], Any]]]


def same(value: Any) -> Any:
    return value


def cells(found: Mapping[str, Any], mapping: Mapped, structure: Iterable[str] = ()) -> dict[str, Any]:
    """A row's cells: field -> (column, conversion); fields of ``structure`` are read elsewhere."""
    row = {}
    known = set(structure)
    for name, value in found.items():
        if name in mapping:
            column, convert = mapping[name]
            row[column] = convert(value)
        elif name not in known:
            row[name] = value
    return row


def total(amounts: Iterable[Any]) -> str | None:
    """The exact sum; of nothing it is zero, because Shopify lists what there is. What is no amount stays as it is."""
    values = list(amounts)
    try:
        return str(sum((Decimal(str(value)) for value in values), Decimal(0)))
    except InvalidOperation:
        return next(str(value) for value in values if not is_amount(value))


def is_amount(value: Any) -> bool:
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def export_instant(cell: str | None) -> str | None:
    """An instant of the admin's exports, 2026-11-01 09:15:00 -0400, as ISO 8601 in UTC; else the cell as it is."""
    if not cell or not cell.strip():
        return None
    text = cell.strip()
    try:
        moment = datetime.fromisoformat(text.removesuffix("UTC").rstrip().replace(" +", "+").replace(" -", "-"))
    except ValueError:
        return text
    return moment.replace(tzinfo=moment.tzinfo or timezone.utc).astimezone(timezone.utc).isoformat()


def split(amount: Decimal, weights: list[Decimal]) -> list[Decimal]:
    """``amount`` in parts in proportion to ``weights``, to the cent; the parts add up to it."""
    whole = sum(weights, Decimal(0))
    if not weights or not whole:
        return [amount if at == 0 else Decimal(0) for at in range(len(weights))]
    parts, given, passed = [], Decimal(0), Decimal(0)
    for weight in weights:
        passed += weight
        upto = (amount * passed / whole).quantize(Decimal("0.01"))
        parts.append(upto - given)
        given = upto
    return parts
