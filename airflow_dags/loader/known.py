# ruff: noqa: S608 (values are quoted by ledger.literal)
"""What is known of each day, and since when (raw.known_days): later knowledge wins, whatever the order of arrival.

A document of mode window or snapshot is complete for its scopes: days, and rows that have certain values. A region is
such a part of which the warehouse has later knowledge than the document: the document's rows there are left out, and
the stored ones (or their absence) stay.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from airflow_dags.contracts import Contract, Scope
from airflow_dags.loader.ledger import literal


@dataclass(frozen=True)
class Region:
    """Days, and the values (as text) that the further columns have there."""

    where: tuple[tuple[str, str | None], ...]
    days: frozenset[date]


def later_regions(
    cursor: Any, contract: Contract, account_id: str, scopes: Sequence[Scope], known_at: datetime
) -> list[Region]:
    """The parts of ``scopes`` of which more is known than the document can."""
    start, end = min(scope.window.start for scope in scopes), max(scope.window.end for scope in scopes)
    cursor.execute(
        f"select scope, day from raw.known_days where platform = {literal(contract.platform)} "
        f"and stream = {literal(contract.stream)} and account_id = {literal(account_id)} "
        f"and day between {literal(start)} and {literal(end)} and known_at > {literal(known_at)}"
    )
    days: dict[str, set[date]] = {}
    for scope, day in cursor.fetchall():
        days.setdefault(scope, set()).add(day)
    regions = []
    for text, found in sorted(days.items()):
        where = tuple(json.loads(text).items())
        touched = {day for day in found if any(_touches(scope, where, day) for scope in scopes)}
        if touched:
            regions.append(Region(where, frozenset(touched)))
    return regions


def _touches(scope: Scope, where: Iterable[tuple[str, str | None]], day: date) -> bool:
    """Whether a row may be in both: the day is in the scope, and no column would need two values."""
    wanted = {name: _text(value) for name, value in scope.where}
    return scope.window.start <= day <= scope.window.end and all(
        wanted.get(name, value) == value for name, value in where
    )


def outside(table: pa.Table, contract: Contract, regions: Sequence[Region]) -> pa.Table:
    """The rows that no region holds."""
    if not regions or not table.num_rows:
        return table
    inside = pa.scalar(False)
    for region in regions:
        inside = pc.or_(inside, _in_region(table, contract, region))
    return table.filter(pc.invert(inside))


def _in_region(table: pa.Table, contract: Contract, region: Region) -> Any:
    days = pa.array(sorted(region.days), pa.date32())
    return pc.and_(pc.is_in(table.column(contract.window_column), value_set=days), having(table, region.where))


def having(table: pa.Table, where: Iterable[tuple[str, str | None]]) -> Any:
    """Which rows have these values, given as text."""
    found: Any = pa.scalar(True)
    for name, value in where:
        cells = table.column(name)
        same = pc.is_null(cells) if value is None else pc.fill_null(pc.equal(cells.cast(pa.string()), value), False)
        found = pc.and_(found, same)
    return found


def remember(contract: Contract, account_id: str, scopes: Sequence[Scope], known_at: datetime, load_id: UUID) -> str:
    """Note since when the days of ``scopes`` are known; later knowledge stays."""
    parts = [
        f"select {literal(scope_text(scope))} as scope, day::date from generate_series({literal(scope.window.start)}, "
        f"{literal(scope.window.end)}, interval '1 day') as day"
        for scope in scopes
    ]
    return (
        "insert into raw.known_days as k (platform, stream, account_id, scope, day, known_at, load_id) "
        f"select {literal(contract.platform)}, {literal(contract.stream)}, {literal(account_id)}, d.scope, d.day, "
        f"{literal(known_at)}, {literal(str(load_id))}::uuid from ({' union '.join(parts)}) as d "
        "on conflict (platform, stream, account_id, day, scope) do update "
        "set known_at = excluded.known_at, load_id = excluded.load_id where k.known_at <= excluded.known_at"
    )


def scope_text(scope: Scope) -> str:
    return json.dumps({name: _text(value) for name, value in sorted(scope.where)}, ensure_ascii=False)


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
