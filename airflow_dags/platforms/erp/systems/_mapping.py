"""What a system calls the contract's columns, as data: which resource, which fields, which filters.

Each module of a system has a mapping that fits an installation as it comes; the connection's field ``mapping`` (JSON,
stream -> resource, fields, filters) changes it, because every company's installation differs. A field is

- the name of the system's own field, a dot going into what it holds (``supplier.name``, ``categ_id.1``);
- ``=text``: this text in every row;
- ``#``: counts the rows that have all other columns of the contract's unique key in common;
- an object: ``field``, and what is done with its value, in this order: ``default`` (where it is empty), ``match`` (the
  first group of a regular expression), ``values`` (the system's words -> the contract's), ``times`` (by another field,
  rounded to cents), ``minus`` (another field), ``absolute``, ``instant`` (a moment in UTC -> its day in the
  connection's time zone), ``day`` (the first ten characters), ``plus_days``.

Filters may use ``{first_day}`` and ``{last_day}``, both inclusive. ``lines`` names the list of a document's lines,
which become rows; ``skip`` the rows that are left out, by field and value; ``sums`` the columns that are added up where
rows share all others.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow_dags.errors import NOTHING_CHANGED, ConfigurationError, WrongDocument

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Contract, Window

_PARTS = frozenset({"resource", "fields", "filters", "lines", "skip", "sums"})
_STEPS = frozenset({"field", "default", "match", "values", "times", "minus", "absolute", "instant", "day", "plus_days"})
_ABSENT = object()
_CENT = Decimal("0.01")
Row = dict[str, Any]


@dataclass(frozen=True)
class Resource:
    """Where a stream's rows are: ``fields`` is contract column -> the system's field."""

    resource: str
    fields: Mapping[str, Any]
    filters: Any = None
    lines: str = ""
    skip: Mapping[str, str] = field(default_factory=dict)
    sums: Sequence[str] = ()

    @property
    def sources(self) -> list[str]:
        """The system's fields that are needed, each once."""
        found: dict[str, None] = {}
        for spec in self.fields.values():
            steps = {"field": spec} if isinstance(spec, str) else spec
            for step in ("field", "times", "minus"):
                name = str(steps.get(step) or "")
                if name and name != "#" and not name.startswith("="):
                    found[name] = None
        return list(found)

    def filters_for(self, window: Window) -> Any:
        """The filters with the days of ``window`` put in."""
        return _filled(self.filters, {"{first_day}": str(window.start), "{last_day}": str(window.end)})


def resources_of(account: Account, contract: Contract, ready: Mapping[str, Sequence[Resource]]) -> tuple[Resource, ...]:
    """The stream's resources: the ready ones after the connection's own mapping; none: the stream isn't offered.

    :raises ConfigurationError: for a mapping that can't be understood, or that leaves out a column that is needed.
    """
    found = tuple(ready.get(contract.stream, ()))
    own = _own_mapping(account)
    if contract.stream not in own:
        return found
    changes = own[contract.stream]
    if changes is None:
        return ()
    if isinstance(changes, dict) and found and ("resource" not in changes or len(found) == 1):
        found = tuple(_changed(one, changes, account) for one in found)
    else:
        listed = changes if isinstance(changes, list) else [changes]
        found = tuple(_changed(Resource("", {}), one, account) for one in listed)
    for one in found:
        missing = [
            column.name
            for column in contract.columns
            if (column.required or not column.nullable) and column.name not in one.fields
        ]
        if missing and contract.missing_in([*one.fields, "snapshot_date"]):
            raise _refused(account, f"{contract.stream} has no field for {', '.join(missing)}")
        if not one.resource:
            raise _refused(account, f"{contract.stream} names no resource")
    return found


def _own_mapping(account: Account) -> dict[str, Any]:
    own = account.get("mapping") or {}
    if isinstance(own, str):
        try:
            own = json.loads(own)
        except ValueError:
            raise _refused(account, "it is not JSON") from None
    if not isinstance(own, dict):
        raise _refused(account, "it is no object of streams")
    return own


def _changed(resource: Resource, changes: Any, account: Account) -> Resource:
    """The connection's parts instead of the ready ones; its fields beside the ready ones, null taking one away."""
    if not isinstance(changes, dict) or set(changes) - _PARTS:
        raise _refused(account, f"a stream is an object of {', '.join(sorted(_PARTS))}")
    parts = dict(changes)
    own = parts.pop("fields", {})
    specs = own.values() if isinstance(own, dict) else [own]
    if not isinstance(own, dict) or not all(_is_spec(spec) for spec in specs):
        raise _refused(account, f"a field is a name or an object of {', '.join(sorted(_STEPS))}")
    fields = {name: spec for name, spec in {**resource.fields, **own}.items() if spec is not None}
    return replace(resource, fields=fields, **parts)


def _is_spec(spec: Any) -> bool:
    return spec is None or isinstance(spec, str) or (isinstance(spec, dict) and "field" in spec and set(spec) <= _STEPS)


def _refused(account: Account, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"connection {account.conn_id or account.account_id} (erp): its mapping can't be used: {why}; "
        f"{NOTHING_CHANGED}; correct the mapping"
    )


def table_of(account: Account, contract: Contract, answers: Iterable[tuple[Resource, list[Row]]]) -> Any:
    """The answered rows as an Arrow table of text under the contract's names.

    :raises WrongDocument: for a field of the mapping that no row has.
    """
    from airflow_dags.documents import table_of_rows

    zone = ZoneInfo(str(account.get("time_zone", "America/Los_Angeles")))
    names: dict[str, None] = {}
    cells: list[Row] = []
    for resource, rows in answers:
        names.update(dict.fromkeys(resource.fields))
        cells += _cells_of(account, contract, resource, list(_lines_of(rows, resource)), zone)
    _count_lines(cells, contract)
    return table_of_rows(cells, list(names))


def _cells_of(account: Account, contract: Contract, resource: Resource, rows: list[Row], zone: ZoneInfo) -> list[Row]:
    absent = [name for name in resource.sources if rows and all(_at(row, name) is _ABSENT for row in rows)]
    if absent:
        raise WrongDocument(
            f"the ERP {account.account_id} answered {contract.stream} ({resource.resource}) without "
            f"{', '.join(absent)}; {NOTHING_CHANGED}; correct the connection's mapping"
        )
    found = [{column: _cell(spec, row, zone) for column, spec in resource.fields.items()} for row in rows]
    return _added_up(found, resource.sums) if resource.sums else found


def _lines_of(rows: list[Row], resource: Resource) -> Iterable[Row]:
    for row in rows:
        for one in (
            [{**row, resource.lines: line} for line in row.get(resource.lines) or []] if resource.lines else [row]
        ):
            if not any(str(_at(one, name)) == value for name, value in resource.skip.items()):
                yield one


def _at(row: Any, name: str) -> Any:
    """What a row holds at a dotted name; _ABSENT where there is no such field."""
    if isinstance(row, dict) and name in row:
        return row[name]
    value: Any = row
    for part in name.split("."):
        if value is None:
            return None
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return _ABSENT
    return value


def _cell(spec: Any, row: Row, zone: ZoneInfo) -> Any:
    if isinstance(spec, str):
        if spec == "#" or spec.startswith("="):
            return spec[1:] or spec
        spec = {"field": spec}
    name = str(spec["field"])
    value = name[1:] if name.startswith("=") else _at(row, name)
    if value is _ABSENT or value in (None, ""):
        value = spec.get("default")
    if value is None:
        return None
    if "match" in spec:
        found = re.search(spec["match"], str(value))
        value = found.group(1) if found else value
    value = (spec.get("values") or {}).get(_word(value), value)
    value = _reckoned(value, spec, row)
    return _dated(value, spec, zone) if spec.keys() & {"day", "instant", "plus_days"} else value


def _word(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _reckoned(value: Any, spec: Mapping[str, Any], row: Row) -> Any:
    """Amounts as decimal numbers; what is no number stays as it is, for the contract to refuse."""
    try:
        if "times" in spec:
            value = (_number(value) * _number(_at(row, spec["times"]))).quantize(_CENT)
        if "minus" in spec:
            value = _number(value) - _number(_at(row, spec["minus"]))
        return abs(_number(value)) if spec.get("absolute") else value
    except (InvalidOperation, ValueError):
        return value


def _number(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _dated(value: Any, spec: Mapping[str, Any], zone: ZoneInfo) -> Any:
    """A day as text; what is no day stays as it is, for the contract to refuse."""
    try:
        if spec.get("instant"):
            moment = datetime.fromisoformat(str(value))
            moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
            value = moment.astimezone(zone).date()
        elif spec.get("day"):
            value = str(value)[:10]
        if spec.get("plus_days"):
            value = date.fromisoformat(str(value)[:10]) + timedelta(days=int(spec["plus_days"]))
    except (ValueError, OverflowError):
        return value
    return str(value)


def _added_up(rows: list[Row], sums: Sequence[str]) -> list[Row]:
    """One row for those that share all but ``sums``; what nobody counted stays empty."""
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        total = found.setdefault(tuple(str(value) for name, value in row.items() if name not in sums), row)
        if total is row:
            continue
        for name in sums:
            if row.get(name) is not None:
                total[name] = _number(total.get(name) or 0) + _number(row[name])
    return list(found.values())


def _count_lines(cells: list[Row], contract: Contract) -> None:
    counted: Counter[tuple[Any, ...]] = Counter()
    for row in cells:
        for name, value in row.items():
            if value == "#":
                group = tuple(str(row.get(other)) for other in contract.unique if other != name)
                counted[group] += 1
                row[name] = counted[group]


def _filled(value: Any, days: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for name, day in days.items():
            value = value.replace(name, day)
        return value
    if isinstance(value, Mapping):
        return {name: _filled(one, days) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(one, days) for one in value]
    return value
