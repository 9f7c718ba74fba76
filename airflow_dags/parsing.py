"""From cells as text to a typed Arrow table under a contract.

Whole columns are cast at once; only columns in which a cell fails are looked at cell by cell. A row that breaks the
contract is set aside with its number and the reason. Amounts become decimals by way of their digits, never floats.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from airflow_dags.contracts import Column, Contract, normalise
from airflow_dags.errors import WrongDocument

MONEY_SCALES = (2, 4, 10)
ARROW_TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "boolean": pa.bool_(),
}
EXTRA = "_extra"
_DECIMAL = re.compile(r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$", re.ASCII)


@dataclass
class Rejected:
    """A row that broke the contract; ``row_number`` counts data rows from 1."""

    row_number: int
    reason: str
    row: dict[str, Any]


@dataclass
class Parsed:
    """``table`` holds the contract's columns (and ``_extra`` where a row has unknown ones), in the contract's order."""

    table: pa.Table
    rejected: list[Rejected] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)
    rows_read: int = 0


def parse(cells: pa.Table, contract: Contract, document: str = "the document") -> Parsed:
    """Cast ``cells`` (strings under the document's names) to ``contract``; a missing required column raises."""
    if missing := contract.missing_in(cells.column_names):
        raise WrongDocument(
            f"{document} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)} of "
            f"{contract.report_name or contract.title}; nothing was changed; check that it is this report and complete",
            missing=missing,
        )
    located, unknown = _locate(cells.column_names, contract)
    reasons: dict[int, str] = {}
    columns = {}
    for column in contract.columns:
        at = located.get(column.name)
        if at is None:
            columns[column.name] = pa.nulls(cells.num_rows, _arrow_type(column))
        else:
            columns[column.name] = _cast(cells.column(at), column, reasons)
    _require_values(columns, contract, located, reasons)
    table = pa.table(columns)
    if extra := _extra(cells, unknown):
        table = table.append_column(EXTRA, extra[0])
    _extend_to_keys(cells, located, contract, reasons)
    rejected = [Rejected(row + 1, reasons[row], _row(cells, row)) for row in sorted(reasons)]
    if rejected:
        keep = pa.array([row not in reasons for row in range(table.num_rows)], pa.bool_())
        table = table.filter(keep)
    return Parsed(table, rejected, extra[1] if extra else [], cells.num_rows)


def _locate(names: list[str], contract: Contract) -> tuple[dict[str, int], list[int]]:
    """Find the contract's columns and the unknown ones among the document's names, by position."""
    located: dict[str, int] = {}
    unknown = []
    for position, name in enumerate(names):
        folded = normalise(name)
        column = contract.by_source.get(folded)
        if column is not None:
            located.setdefault(column.name, position)
        elif folded not in contract.ignored_names:
            unknown.append(position)
    return located, unknown


def _arrow_type(column: Column) -> pa.DataType:
    return pa.decimal128(38, MONEY_SCALES[0]) if column.type == "numeric" else ARROW_TYPES[column.type]


def _cast(cells: pa.ChunkedArray, column: Column, reasons: dict[int, str]) -> pa.ChunkedArray:
    """Cast one column; cells that can't be cast become null and their row gets a reason."""
    if not (pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type)):
        cells = cells.cast(pa.string())
    if column.type == "text":
        return _emptied(cells)
    cells = _emptied(pc.utf8_trim_whitespace(cells))
    if column.type == "numeric":
        for scale in MONEY_SCALES:
            try:
                return cells.cast(pa.decimal128(38, scale))
            except pa.ArrowInvalid:
                continue
        return _cast_singly(cells, column, reasons)
    try:
        return cells.cast(ARROW_TYPES[column.type])
    except pa.ArrowInvalid:
        return _cast_singly(cells, column, reasons)


def _emptied(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Empty cells are missing values."""
    empty = pc.equal(cells, "")
    return pc.if_else(empty, pa.scalar(None, cells.type), cells) if pc.any(empty).as_py() else cells


def _cast_singly(cells: pa.ChunkedArray, column: Column, reasons: dict[int, str]) -> pa.ChunkedArray:
    convert = CONVERTERS[column.type]
    values: list[Any] = []
    for row, cell in enumerate(cells.to_pylist()):
        value = None
        if cell is not None:
            try:
                value = convert(cell)
            except (ValueError, InvalidOperation, OverflowError):
                _note(reasons, row, f"{column.names[0]}: {_short(cell)} is not {LABELS[column.type]}")
        values.append(value)
    if column.type == "numeric":
        scale = max((-int(value.as_tuple().exponent) for value in values if value is not None), default=0)
        return pa.chunked_array([pa.array(values, pa.decimal128(38, max(0, scale)))])
    return pa.chunked_array([pa.array(values, ARROW_TYPES[column.type])])


def _to_integer(cell: str, bits: int) -> int:
    number = Decimal(cell)
    if not _DECIMAL.match(cell) or number != number.to_integral_value() or abs(number) >= 2 ** (bits - 1):
        raise ValueError(cell)
    return int(number)


def _to_decimal(cell: str) -> Decimal:
    if not _DECIMAL.match(cell):
        raise ValueError(cell)
    number = Decimal(cell)
    if number.adjusted() > 20 or int(number.as_tuple().exponent) < -15:
        raise ValueError(cell)
    return number


def _to_instant(cell: str) -> datetime:
    instant = datetime.fromisoformat(cell.replace("Z", "+00:00"))
    if instant.tzinfo is None:
        raise ValueError(cell)
    return instant.astimezone(timezone.utc)


def _to_day(cell: str) -> date:
    if re.fullmatch(r"\d{8}", cell):
        return datetime.strptime(cell, "%Y%m%d").replace(tzinfo=timezone.utc).date()
    moment = datetime.fromisoformat(cell.replace("Z", "+00:00"))
    if (moment.hour, moment.minute, moment.second, moment.microsecond) != (0, 0, 0, 0):
        raise ValueError(cell)
    return moment.date()


def _to_boolean(cell: str) -> bool:
    if cell.lower() not in BOOLEANS:
        raise ValueError(cell)
    return BOOLEANS[cell.lower()]


BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
CONVERTERS: dict[str, Callable[[str], Any]] = {
    "integer": lambda cell: _to_integer(cell, 32),
    "bigint": lambda cell: _to_integer(cell, 64),
    "numeric": _to_decimal,
    "date": _to_day,
    "timestamp": _to_instant,
    "boolean": _to_boolean,
}
LABELS = {
    "integer": "a whole number",
    "bigint": "a whole number",
    "numeric": "an amount",
    "date": "a date (YYYY-MM-DD)",
    "timestamp": "an instant with its offset from UTC",
    "boolean": "true or false",
}


def _require_values(
    columns: dict[str, pa.ChunkedArray], contract: Contract, located: dict[str, int], reasons: dict[int, str]
) -> None:
    for column in contract.columns:
        values = columns[column.name]
        if column.nullable or column.name not in located or not values.null_count:
            continue
        for row in pc.indices_nonzero(pc.is_null(values)).to_pylist():
            if row not in reasons:
                _note(reasons, row, f"{column.names[0]}: empty")


def _extend_to_keys(cells: pa.Table, located: dict[str, int], contract: Contract, reasons: dict[int, str]) -> None:
    """Under mode changes a key is replaced as a whole, so one bad row sets aside all rows of its key."""
    if contract.mode != "changes" or not reasons:
        return
    positions = [located[name] for name in contract.key if name in located]
    keys = list(zip(*(cells.column(position).to_pylist() for position in positions), strict=True))
    bad = {keys[row]: row for row in sorted(reasons, reverse=True)}
    for row, key in enumerate(keys):
        if key in bad and row not in reasons:
            reasons[row] = f"row {bad[key] + 1} of the same {contract.key[0]} breaks the contract"


def _extra(cells: pa.Table, unknown: list[int]) -> tuple[pa.Array, list[str]] | None:
    """Unknown columns as one JSON text a row; None where there are none."""
    filled = [position for position in unknown if not _is_blank(cells.column(position))]
    if not unknown:
        return None
    names = [cells.column_names[position] for position in unknown]
    lists = [(cells.column_names[position], cells.column(position).to_pylist()) for position in filled]
    rows: list[str | None] = []
    for row in range(cells.num_rows):
        found = {name: values[row].replace("\x00", "") for name, values in lists if values[row] not in (None, "")}
        rows.append(json.dumps(found, ensure_ascii=False) if found else None)
    return pa.array(rows, pa.string()), sorted(names)


def _is_blank(cells: pa.ChunkedArray) -> bool:
    return bool(cells.null_count == len(cells))


def _row(cells: pa.Table, row: int) -> dict[str, Any]:
    return {name: cells.column(position)[row].as_py() for position, name in enumerate(cells.column_names)}


def _note(reasons: dict[int, str], row: int, reason: str) -> None:
    reasons[row] = f"{reasons[row]}; {reason}" if row in reasons else reason


def _short(cell: str) -> str:
    return repr(cell if len(cell) <= 40 else cell[:37] + "...")
