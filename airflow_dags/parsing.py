"""From cells as text to a typed Arrow table under a contract.

Whole columns are cast at once; only columns in which a cell fails are looked at cell by cell. A row that breaks the
contract is set aside with its number and the reason. Amounts become decimals by way of their digits, never floats.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from airflow_dags.contracts import Column, Contract, ReadAgain, normalise
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
Key = tuple[Any, ...]
T = TypeVar("T")
_DECIMAL = re.compile(r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$", re.ASCII)


class Rejected:
    """A row that broke the contract; ``row_number`` counts data rows from 1.

    ``row`` is its cells, or the table and the place in it from which they are read when somebody asks: a million bad
    rows must not become a million dictionaries.
    """

    __slots__ = ("_row", "reason", "row_number")

    def __init__(self, row_number: int, reason: str, row: dict[str, Any] | tuple[pa.Table, int]) -> None:
        self.row_number, self.reason, self._row = row_number, reason, row

    @property
    def row(self) -> dict[str, Any]:
        return rows_of([self])[0]


def rows_of(rejected: list[Rejected]) -> list[dict[str, Any]]:
    """The cells of many rejected rows, taken out of their tables together."""
    found: list[dict[str, Any]] = []
    start = 0
    while start < len(rejected):
        row, end = rejected[start]._row, start + 1
        if isinstance(row, dict):
            found.append(row)
        else:
            table, places = row[0], [row[1]]
            while end < len(rejected) and isinstance(more := rejected[end]._row, tuple) and more[0] is table:
                places.append(more[1])
                end += 1
            found += table.take(places).to_pylist()
        start = end
    return found


@dataclass
class Parsed:
    """``table`` holds the contract's columns (and ``_extra`` where a row has unknown ones), in the contract's order.

    ``repeated`` counts rows that were left out because the document holds them twice. Every row that was read is in the
    table, repeated, or rejected.
    """

    table: pa.Table
    rejected: list[Rejected] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)
    rows_read: int = 0
    repeated: int = 0

    @property
    def whole(self) -> Parsed:
        return self


class Pieces:
    """A document that is parsed piece by piece, so that its size doesn't matter; each iteration reads it afresh.

    ``bad_keys`` are keys of which some row breaks the contract: under mode changes all their rows are set aside, which
    takes having seen the whole document once. ``whole`` is for those who need it so.
    """

    def __init__(self, read: Callable[[frozenset[Key]], Iterator[Parsed]], contract: Contract) -> None:
        self._read, self._contract, self.bad_keys = read, contract, frozenset[Key]()

    def __iter__(self) -> Iterator[Parsed]:
        return self._read(self.bad_keys)

    def find_bad_keys(self) -> None:
        """Look through the document for keys that must not be loaded."""
        try:
            self.bad_keys = self._keys_of_rejected()
        except ReadAgain:
            self.bad_keys = self._keys_of_rejected()

    def _keys_of_rejected(self) -> frozenset[Key]:
        sources = [self._contract.by_name[name].names for name in self._contract.key]
        wanted = [{normalise(name) for name in names} for names in sources]
        found: set[Key] = set()
        for piece in self._read(frozenset()):
            for cells in rows_of(piece.rejected):
                key = {normalise(name): value for name, value in cells.items() if value is not None}
                found.add(tuple(next((key[name] for name in names if name in key), None) for names in wanted))
        return frozenset(found)

    @cached_property
    def whole(self) -> Parsed:
        return join_parsed(all_of(self))


def all_of(pieces: Iterable[T]) -> list[T]:
    """All pieces of a document, read anew if it wants that."""
    try:
        return list(pieces)
    except ReadAgain:
        return list(pieces)


def join_parsed(parts: list[Parsed]) -> Parsed:
    """Several documents, or the pieces of one, as one."""
    return Parsed(
        table=_joined([part.table for part in parts]),
        rejected=[item for part in parts for item in part.rejected],
        unknown_columns=sorted({name for part in parts for name in part.unknown_columns}),
        rows_read=sum(part.rows_read for part in parts),
        repeated=sum(part.repeated for part in parts),
    )


def _joined(tables: list[pa.Table]) -> pa.Table:
    if len(tables) == 1:
        return tables[0]
    schema = pa.unify_schemas([table.schema for table in tables], promote_options="permissive")
    if any(EXTRA in table.column_names for table in tables):
        schema = pa.schema([*(item for item in schema if item.name != EXTRA), pa.field(EXTRA, pa.string())])
    return pa.concat_tables([_as(table, schema) for table in tables])


def _as(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns: list[Any] = [
        table.column(item.name).cast(item.type)
        if item.name in table.column_names
        else pa.nulls(table.num_rows, item.type)
        for item in schema
    ]
    return pa.table(columns, schema=schema)


def parse(
    cells: pa.Table,
    contract: Contract,
    document: str = "the document",
    *,
    rows_before: int = 0,
    bad_keys: frozenset[Key] = frozenset(),
) -> Parsed:
    """Cast ``cells`` (strings under the document's names) to ``contract``; a missing required column raises.

    ``rows_before`` and ``bad_keys`` are for a piece of a document: the rows before it, and keys that are set aside.
    """
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
    _extend_to_keys(cells, located, contract, reasons, bad_keys)
    rejected = [Rejected(rows_before + row + 1, reasons[row], (cells, row)) for row in sorted(reasons)]
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
    if cells.null_count == len(cells):
        return pa.chunked_array([pa.nulls(len(cells), _arrow_type(column))])
    if pa.types.is_dictionary(cells.type):
        return _cast_few(cells, column, reasons)
    if pa.types.is_integer(cells.type) and column.type in ("integer", "bigint"):
        return cells.cast(ARROW_TYPES[column.type])
    if not (pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type)):
        cells = cells.cast(pa.string())
    if column.type == "text":
        return _emptied(cells)
    cells = _emptied(pc.utf8_trim_whitespace(cells))
    cast = _cast_decimals(cells) if column.type == "numeric" else _cast_whole(cells, column)
    return _cast_singly(cells, column, reasons) if cast is None else cast


def _cast_decimals(cells: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Cast all cells at once, at the first scale that holds them all; None if there is none."""
    for scale in MONEY_SCALES:
        try:
            return cells.cast(pa.decimal128(38, scale))
        except pa.ArrowInvalid:
            continue
    return None


def _cast_few(cells: pa.ChunkedArray, column: Column, reasons: dict[int, str]) -> pa.ChunkedArray:
    """Cells that repeat a few values: each value is cast once, unless one of them can't be."""
    parts, failed = [], dict[int, str]()
    for chunk in cells.chunks:
        values = _cast(pa.chunked_array([chunk.dictionary]), column, failed)
        if len(values) == 1 and not chunk.indices.null_count:
            parts.append(pa.chunked_array([pa.repeat(values[0], len(chunk))]))
        else:
            parts.append(values.take(chunk.indices))
    if failed or len({part.type for part in parts}) != 1:
        return _cast(cells.cast(cells.type.value_type), column, reasons)
    return pa.chunked_array([chunk for part in parts for chunk in part.chunks], parts[0].type)


def _cast_whole(cells: pa.ChunkedArray, column: Column) -> pa.ChunkedArray | None:
    """Cast all cells at once; None if one of them can't be cast so."""
    if column.type == "timestamp" and (instants := _said_to_be_utc(cells)) is not None:
        return instants
    try:
        return cells.cast(ARROW_TYPES[column.type])
    except pa.ArrowInvalid:
        return None


def _said_to_be_utc(cells: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Instants as Amazon's settlements write them ("2026-11-01 10:00:00 UTC"), if all are written so."""
    said = pc.ends_with(cells, " UTC")
    if said.null_count == len(cells) or not pc.all(said).as_py():
        return None
    try:
        return pc.assume_timezone(pc.ascii_rtrim(cells, " UTC").cast(pa.timestamp("us")), "UTC")
    except pa.ArrowInvalid:
        return None


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
    instant = datetime.fromisoformat(cell.removesuffix(" UTC").replace("Z", "+00:00") + _offset_of(cell))
    if instant.tzinfo is None:
        raise ValueError(cell)
    return instant.astimezone(timezone.utc)


def _offset_of(cell: str) -> str:
    return "+00:00" if cell.endswith(" UTC") else ""


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
        if column.name not in contract.always_filled or column.name not in located or not values.null_count:
            continue
        for row in pc.indices_nonzero(pc.is_null(values)).to_pylist():
            if row not in reasons:
                _note(reasons, row, f"{column.names[0]}: empty")


def _extend_to_keys(
    cells: pa.Table,
    located: dict[str, int],
    contract: Contract,
    reasons: dict[int, str],
    bad_keys: frozenset[Key],
) -> None:
    """Under mode changes a key is replaced as a whole, so one bad row sets aside all rows of its key."""
    if contract.mode != "changes" or not (reasons or bad_keys):
        return
    positions = [located[name] for name in contract.key if name in located]
    keys = list(zip(*(cells.column(position).to_pylist() for position in positions), strict=True))
    why = dict.fromkeys(bad_keys, f"another row of the same {contract.key[0]} breaks the contract")
    for row in sorted(reasons, reverse=True):
        why[keys[row]] = f"row {row + 1} of the same {contract.key[0]} breaks the contract"
    for row, key in enumerate(keys):
        if key in why and row not in reasons:
            reasons[row] = why[key]


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


def _note(reasons: dict[int, str], row: int, reason: str) -> None:
    reasons[row] = f"{reasons[row]}; {reason}" if row in reasons else reason


def _short(cell: str) -> str:
    return repr(cell if len(cell) <= 40 else cell[:37] + "...")
