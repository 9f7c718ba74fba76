"""Reads differences and their items from the contract, and beside each what was said of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from superset.extensions import db

from superset_kpi_plugin.access.reach import Reach
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.errors import BadRequest, NotFound, WarehouseContractBroken
from superset_kpi_plugin.inbound import day_of
from superset_kpi_plugin.reconciliation import models, standing
from superset_kpi_plugin.reconciliation.models import DifferenceRecord
from superset_kpi_plugin.reconciliation.standing import DIFFERENT, STANDINGS
from superset_kpi_plugin.warehouse import Reader, Warehouse

Row = dict[str, Any]
GRAINS = ("month", "day")
LINES = ("sales", "refunds", "fees", "settled_sales", "payouts")
STATES = (*DIFFERENT, "within_tolerance", "matched", "not_comparable")
#: Days of differences by day that one answer may cover: they are many.
MOST_DAYS = 100
CHUNK = 5_000
FIELDS = (
    *("reconciliation_id", "account_id", "entity_id", "grain", "period_start", "period_end", "line", "charge_type"),
    *("currency", "platform_amount", "erp_amount", "settled_amount", "difference", "absolute_difference"),
    *("tolerance", "state", "items", "different_items", "first_seen_at", "last_seen_at"),
)
_SELECT = f"select {', '.join(FIELDS)} from kpi.kpi_reconciliation"  # noqa: S608 (constants)
LIST_SQL = f"""{_SELECT}
where is_current and grain = :grain and state in :states and line in :lines
    and period_start >= :first and period_start <= :last
order by period_start desc, account_id, line, charge_type, currency
"""
_MONTHLY = "is_current and grain = 'month' and state in :states"
#: Differences that somebody has to answer for: how many of each entity, and some of them by id.
COUNT_SQL = f"select entity_id, count(*) as number from kpi.kpi_reconciliation where {_MONTHLY} group by entity_id"  # noqa: S608
SOME_SQL = f"{_SELECT} where {_MONTHLY} and reconciliation_id in :ids"
ONE_SQL = f"{_SELECT} where reconciliation_id = :id and is_current"
HISTORY_SQL = f"{_SELECT} where reconciliation_id = :id and not is_current order by first_seen_at desc limit 50"
ITEM_FIELDS = (
    *("reference", "sku", "charge_type", "currency", "platform_amount", "erp_amount", "settled_amount", "difference"),
    "state",
)
ITEMS_SQL = f"""
select {", ".join(ITEM_FIELDS)}, count(*) over () as total_count
from kpi.kpi_reconciliation_items
where entity_id = :entity_id and grain = :grain and period_start = :period_start and line = :line
    and coalesce(charge_type, '') = :charge_type and coalesce(currency, '') = :currency
order by abs(difference) desc nulls last, reference, sku
limit :limit offset :offset
"""  # noqa: S608 (built from constants; values are bound)
RECORD_FIELDS = (
    *("id", "kind", "reason_code", "note", "ends_on", "state", "difference", "absolute_difference", "currency"),
    *("created_by", "created_at", "withdrawn_by", "withdrawn_at"),
)
COLUMNS: tuple[str, ...] = (
    *("account_id", "account_name", "grain", "period_start", "period_end", "line", "charge_type", "currency"),
    *("platform_amount", "settled_amount", "erp_amount", "difference", "absolute_difference", "tolerance", "state"),
    *("items", "different_items", "standing", "reason_code", "note", "ends_on", "said_by", "reconciliation_id"),
)


@dataclass(frozen=True)
class DifferenceFilters:
    """Which differences are asked for."""

    grain: str = "month"
    first: date = date(2000, 1, 1)
    last: date = date(2100, 1, 1)
    account_id: str | None = None
    lines: tuple[str, ...] = LINES
    states: tuple[str, ...] = DIFFERENT
    standing: str | None = None

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, str]) -> DifferenceFilters:
        """From the query string.

        :raises BadRequest: a parameter is wrong, or days are asked for without a span.
        """
        found = cls(
            grain=_one_of(arguments, "grain", GRAINS) or "month",
            first=_day(arguments, "from") or cls.first,
            last=_day(arguments, "to") or cls.last,
            account_id=arguments.get("account_id") or None,
            lines=_some(_one_of(arguments, "line", LINES), LINES),
            states=STATES if arguments.get("state") == "all" else _some(_one_of(arguments, "state", STATES), DIFFERENT),
            standing=_one_of(arguments, "standing", STANDINGS),
        )
        if found.grain == "day" and (found.last - found.first).days >= MOST_DAYS:
            raise BadRequest("Differences by day need from and to, at most {days} days apart.", days=MOST_DAYS)
        return found


def _some(one: str | None, default: tuple[str, ...]) -> tuple[str, ...]:
    return (one,) if one else default


def _one_of(arguments: Mapping[str, str], name: str, known: Collection[str]) -> str | None:
    text = arguments.get(name) or None
    if text is not None and text not in known:
        raise BadRequest("The parameter {name} must be one of: {allowed}.", name=name, allowed=", ".join(known))
    return text


def _day(arguments: Mapping[str, str], name: str) -> date | None:
    return day_of(arguments, name) if arguments.get(name) else None


def differences(filters: DifferenceFilters, reach: Reach, warehouse: Warehouse) -> list[Row]:
    """The differences within the reach, the latest periods first, each with where it stands."""
    params = {
        "grain": filters.grain,
        "states": filters.states,
        "lines": filters.lines,
        "first": filters.first,
        "last": filters.last,
    }
    with warehouse.reading() as reader:
        rows = reach.seen(reader.read(LIST_SQL, params))
        rows = [row for row in rows if filters.account_id in (None, row["account_id"])]
        _name(rows, reader)
    records = records_of({row["reconciliation_id"] for row in rows})
    shown = [_shown(row, records.get(row["reconciliation_id"], [])) for row in rows]
    return [row for row in shown if filters.standing in (None, row["standing"])]


def waiting(reach: Reach, warehouse: Warehouse) -> int:
    """How many monthly differences wait for somebody of this reach to sign them; 0 where the contract has none."""
    held = {record.reconciliation_id for record in db.session.execute(_signed())}
    try:
        with warehouse.reading() as reader:
            counted = reader.read(COUNT_SQL, {"states": DIFFERENT})
            rows = [row for part in _parts(held) for row in reader.read(SOME_SQL, {"states": DIFFERENT, "ids": part})]
    except WarehouseContractBroken:
        return 0
    records = records_of({row["reconciliation_id"] for row in rows})
    signed = [row for row in rows if _stands(row, records[row["reconciliation_id"]]).name == standing.SIGNED]

    def mine(found: Iterable[Row]) -> list[Row]:
        return [row for row in reach.seen(list(found)) if reach.covers("approve", row["entity_id"])]

    return sum(int(row["number"]) for row in mine(counted)) - len(mine(signed))


def _signed() -> Any:
    """The sign-offs that may hold: not taken back, and their last day hasn't passed."""
    record = DifferenceRecord.__table__.c
    is_held = (record.kind == standing.SIGNED, record.withdrawn_at.is_(None), record.ends_on >= today())
    return sa.select(record.reconciliation_id).where(*is_held).distinct()


def by_line(rows: list[Row]) -> list[Row]:
    """The rows by line and currency: known amounts, how many differ, and how many of these wait to be signed."""
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        found[row["line"], row["currency"] or ""].append(row)
    places = sorted(found, key=lambda place: (LINES.index(place[0]), place[1]))
    return [_line(place, found[place]) for place in places]


def _line(place: tuple[str, str], rows: list[Row]) -> Row:
    def total(name: str) -> Decimal | None:
        known = [row[name] for row in rows if row[name] is not None]
        return sum(known, Decimal(0)) if known else None

    names = ("platform_amount", "settled_amount", "erp_amount", "difference", "absolute_difference")
    different = [row for row in rows if row["state"] in DIFFERENT]
    return {
        "line": place[0],
        "currency": place[1] or None,
        "count": len(different),
        "waiting": sum(row["standing"] != standing.SIGNED for row in different),
        **{name: total(name) for name in names},
    }


def one(reconciliation_id: str, reach: Reach, reader: Reader) -> Row:
    """A difference as it is now.

    :raises NotFound: there is none, or none that may be seen.
    """
    rows = reach.seen(reader.read(ONE_SQL, {"id": reconciliation_id}))
    if not rows:
        raise NotFound("There is no such difference.")
    return rows[0]


def detail(reconciliation_id: str, page: tuple[int, int], reach: Reach, warehouse: Warehouse) -> Row:
    """A difference with a page of its items (the largest first), what it was before, and all that was said of it."""
    with warehouse.reading() as reader:
        row = one(reconciliation_id, reach, reader)
        _name([row], reader)
        params = {
            **{name: row[name] for name in ("entity_id", "grain", "period_start", "line")},
            **{name: row[name] or "" for name in ("charge_type", "currency")},
            **{"limit": page[1], "offset": page[0] * page[1]},
        }
        items = reader.read(ITEMS_SQL, params)
        history = reader.read(HISTORY_SQL, {"id": reconciliation_id})
    records = records_of({reconciliation_id}).get(reconciliation_id, [])
    return {
        "difference": _shown(row, records),
        "items": [{name: item[name] for name in ITEM_FIELDS} for item in items],
        "items_count": items[0]["total_count"] if items else 0,
        "history": history,
        "records": [present(record) for record in reversed(records)],
    }


def records_of(ids: Collection[str]) -> dict[str, list[Any]]:
    """What was said of differences, the oldest first, by difference."""
    found: dict[str, list[Any]] = defaultdict(list)
    for part in _parts(ids):
        query = sa.select(DifferenceRecord.__table__).where(DifferenceRecord.reconciliation_id.in_(part))
        for record in db.session.execute(query.order_by(DifferenceRecord.id)):
            found[record.reconciliation_id].append(record)
    return found


def _parts(ids: Collection[str]) -> Iterator[list[str]]:
    """As many ids as one statement takes at a time."""
    wanted = sorted(ids)
    return (wanted[start : start + CHUNK] for start in range(0, len(wanted), CHUNK))


def present(record: Any) -> Row | None:
    """An explanation or a sign-off for JSON; None for none."""
    return None if record is None else {name: getattr(record, name) for name in RECORD_FIELDS}


def file_rows(rows: list[Row]) -> list[Row]:
    """Differences as lines of a file."""
    said = [row["record"] or {} for row in rows]
    names = ("reason_code", "note", "ends_on")
    return [
        {**row, **{name: record.get(name) for name in names}, "said_by": record.get("created_by")}
        for row, record in zip(rows, said, strict=True)
    ]


def today() -> date:
    """The day, in UTC, by which sign-offs end."""
    return datetime.now(timezone.utc).date()


def _stands(row: Row, records: list[Any]) -> standing.Standing:
    names = ("difference", "absolute_difference")
    as_kept = {name: models.kept(row[name], db.engine.dialect) for name in names}
    return standing.standing_of({**row, **as_kept}, records, today())


def _shown(row: Row, records: list[Any]) -> Row:
    stands = _stands(row, records)
    can_be_signed = row["state"] in DIFFERENT
    return {
        **row,
        "standing": stands.name if can_be_signed or stands.record is not None else None,
        "lapse": stands.lapse,
        "record": present(stands.record),
    }


def _name(rows: list[Row], reader: Reader) -> None:
    accounts = queries.entities_by_id(reader, {row["entity_id"] for row in rows})
    for row in rows:
        row["account_name"] = (accounts.get(row["entity_id"]) or {}).get("entity_name") or row["account_id"]
