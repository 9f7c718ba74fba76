"""Which few of many targets a person sees first, as pure rules; imports no framework."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
FEWEST, MOST = 3, 5
#: Rows of a group that are shown by name; the others are counted.
MOST_IN_GROUP = 4
WORST_FIRST = ("breach", "warn", "no_data", "provisional", "ok")
#: Of one KPI and entity with targets of several grains the first of these is shown: what people work by.
GRAINS = ("month", "week", "quarter", "year", "day")
#: From the whole to its parts.
KINDS = ("company", "platform", "team", "person", "account", "category", "campaign", "ad_group", "sku")


def one_grain(rows: Iterable[Row]) -> list[Row]:
    """One row per KPI and entity: that of the grain people work by."""
    best: dict[tuple[str, str], Row] = {}
    for row in sorted(rows, key=lambda row: _place(GRAINS, row["grain"])):
        best.setdefault((row["kpi_id"], row["entity_id"]), row)
    return list(best.values())


def chosen(rows: Iterable[Row], order: Mapping[str, Any]) -> list[Row]:
    """Three to five of the rows: by weight (a weight of 0 last), then from the whole to its parts, then the worst
    first; no KPI twice while there are three without.

    :param order: the catalogue's place of a KPI.
    """
    listed = sorted(rows, key=lambda row: _rank(row, order))
    first: dict[str, Row] = {}
    for row in listed:
        first.setdefault(row["kpi_id"], row)
    found = list(first.values())[:MOST]
    taken = {id(row) for row in found}
    found += [row for row in listed if id(row) not in taken][: max(0, FEWEST - len(found))]
    return found


def worst(rows: Iterable[Row], order: Mapping[str, Any]) -> list[Row]:
    """The rows of a group that are shown by name."""
    return sorted(rows, key=lambda row: (_status(row), *_rank(row, order)))[:MOST_IN_GROUP]


def statuses(rows: Iterable[Row]) -> dict[str, int]:
    """How many rows have each status."""
    return dict(Counter(row["status"] for row in rows if row["status"]))


def _rank(row: Row, order: Mapping[str, Any]) -> tuple[Any, ...]:
    weight = Decimal(1) if row["weight"] is None else Decimal(row["weight"])
    place = order.get(row["kpi_id"])
    kind = _place(KINDS, row["entity_kind"])
    return -weight, kind, _status(row), place if place is not None else 10**6, row["kpi_id"], row["entity_id"]


def _status(row: Row) -> int:
    return _place(WORST_FIRST, row["status"])


def _place(names: Sequence[str], name: str | None) -> int:
    return names.index(name) if name in names else len(names)
