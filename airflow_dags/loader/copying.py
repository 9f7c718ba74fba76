"""Arrow columns into PostgreSQL by binary COPY.

Whole columns are turned into the bytes that the server reads, and all columns joined row by row, both by Arrow: several
times quicker than writing cell by cell. A constant is turned once, and stands in each row at the price of its bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
# A block: many rows, as a call of Arrow or numpy costs the same for few, but no more than a few of them may take in
# memory.
ROWS_AT_ONCE = 32_768
BYTES_AT_ONCE = 32 * 1024**2
# PostgreSQL counts from 2000-01-01.
EPOCH_DAYS = 10_957
EPOCH_MICROSECONDS = EPOCH_DAYS * 86_400_000_000
INSTANT = pa.timestamp("us", tz="UTC")
Column: TypeAlias = "pa.ChunkedArray | pa.Array | pa.Scalar"
Values: TypeAlias = "np.ndarray[Any, Any]"
Part: TypeAlias = "bytes | Values | pa.Array"


def copy_into(cursor: Any, table: str, columns: Mapping[str, Column]) -> None:
    """Append rows to ``table``: ``columns`` are as long as each other, or constants. Text, whole numbers, decimals,
    dates, instants, booleans, and bytes that already are what the server wants (uuid, jsonb)."""
    copy_blocks(cursor, table, columns, blocks_of(columns))


def copy_blocks(cursor: Any, table: str, names: Iterable[str], blocks: Iterable[memoryview]) -> None:
    """Append rows to ``table`` that are turned already, or while the server takes those before them."""
    with cursor.copy(f"copy {table} ({', '.join(names)}) from stdin (format binary)") as copy:
        copy.write(SIGNATURE)
        for block in blocks:
            copy.write(block)
        copy.write(END)


def blocks_of(columns: Mapping[str, Column]) -> Iterator[memoryview]:
    """The rows as COPY takes them, some thousands at a time; fewer of wide ones."""
    constants = {name: _constant(cells) for name, cells in columns.items() if isinstance(cells, pa.Scalar)}
    rows = pa.table({name: cells for name, cells in columns.items() if name not in constants})
    at_once = max(1, min(ROWS_AT_ONCE, rows.num_rows * BYTES_AT_ONCE // max(1, rows.nbytes)))
    for start in range(0, rows.num_rows, at_once):
        # In one batch, wherever the columns' chunks end.
        for batch in rows.slice(start, at_once).combine_chunks().to_batches():
            yield joined([constants.get(name) or batch.column(name) for name in columns], batch.num_rows)


def stage(cursor: Any, table: str, rows: pa.Table) -> None:
    """A temporary table of these rows, in place of the one that was there."""
    columns = ", ".join(f"{item.name} {_sql_type(item.type)}" for item in rows.schema)
    cursor.execute(f"drop table if exists pg_temp.{table}")
    cursor.execute(f"create temporary table {table} ({columns})")
    copy_into(cursor, f"pg_temp.{table}", dict(zip(rows.column_names, rows.columns, strict=True)))


def _sql_type(kind: pa.DataType) -> str:
    found = {
        pa.string(): "text",
        pa.int32(): "integer",
        pa.int64(): "bigint",
        pa.date32(): "date",
        INSTANT: "timestamptz",
        pa.bool_(): "boolean",
    }
    return "numeric" if pa.types.is_decimal128(kind) else found[kind]


def joined(columns: list[pa.Array | bytes], count: int) -> memoryview:
    """The rows' bytes, one row after the other."""
    parts, block = list[Any](), list[Part]([struct.pack(">h", len(columns))])
    for cells in columns:
        for part in [cells] if isinstance(cells, bytes) else parts_of(cells):
            if not isinstance(part, pa.Array):
                block.append(part)
                continue
            parts += [_beside_each_other(block, count), part] if block else [part]
            block = []
    last = _beside_each_other(block, count)
    if not parts:
        return memoryview(last.buffers()[2]) if isinstance(last, pa.Array) else memoryview(last.as_py() * count)
    rows = pc.binary_join_element_wise(*parts, last, pa.scalar(b"", pa.binary()))
    offsets = np.frombuffer(rows.buffers()[1], np.int32)
    return memoryview(rows.buffers()[2])[offsets[rows.offset] : offsets[rows.offset + count]]


def _beside_each_other(block: list[Part], count: int) -> Any:
    """Parts that take the same room in each row, as one: each further part of a join costs as much as a whole row."""
    begun, fields = b"", list[tuple[int, Values]]()
    for part in block:
        if not isinstance(part, bytes):
            fields.append((len(begun), part))
        begun += part if isinstance(part, bytes) else bytes(part.dtype.itemsize)
    if not fields:
        return pa.scalar(begun, pa.binary())
    names = [str(place) for place, _ in fields]
    layout = {
        "names": names,
        "formats": [values.dtype for _, values in fields],
        "offsets": [place for place, _ in fields],
        "itemsize": len(begun),
    }
    rows = np.full(count, np.void(begun)).view(np.dtype(layout))  # type: ignore[call-overload]
    for name, (_, values) in zip(names, fields, strict=True):
        rows[name] = values
    return _as_bytes(rows)


def _constant(value: pa.Scalar) -> bytes:
    return bytes(joined([pa.array([value.as_py()], value.type)], 1))[2:]


def parts_of(cells: pa.Array) -> list[Part]:
    """What each row holds one after the other: bytes that are the same in every row, values that take the same room,
    or an array of bytes."""
    kind = cells.type
    if cells.null_count == len(cells):
        return [NULL]
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        return _texts(cells.cast(pa.binary()))
    if pa.types.is_large_string(kind):
        return _texts(cells.cast(pa.string()).cast(pa.binary()))
    if pa.types.is_decimal128(kind):
        return _decimals(cells)
    return _of_one_length(_numbers(cells), cells)


def _texts(cells: pa.Array) -> list[Part]:
    if cells.null_count:
        lengths = pc.fill_null(pc.binary_length(cells), -1).to_numpy(zero_copy_only=False)
        return [lengths.astype(">i4"), pc.fill_null(cells, b"")]
    offsets = np.frombuffer(cells.buffers()[1], np.int32)[cells.offset : cells.offset + len(cells) + 1]
    lengths = np.diff(offsets)
    width = int(lengths[0])
    if not width or (lengths != width).any():
        return [lengths.astype(">i4"), cells]
    return _of_one_length(np.frombuffer(cells.buffers()[2], f"V{width}", len(cells), int(offsets[0])), cells)


def _numbers(cells: pa.Array) -> Values:
    """Values in the server's byte order; something or other where they are missing."""
    kind = cells.type
    if kind == pa.bool_():
        return _filled(cells.cast(pa.uint8())).astype("u1")
    if kind == pa.date32():
        return (_filled(cells.cast(pa.int32())) - EPOCH_DAYS).astype(">i4")
    if pa.types.is_timestamp(kind):
        instants = _filled(cells.cast(pa.timestamp("us", tz=kind.tz)).cast(pa.int64()))
        if instants.min() < np.iinfo(np.int64).min + EPOCH_MICROSECONDS:
            raise ValueError("an instant is too long ago for PostgreSQL")
        return cast("Values", (instants - EPOCH_MICROSECONDS).astype(">i8"))
    if kind in (pa.int32(), pa.int64()):
        return _filled(cells).astype(f">i{kind.bit_width // 8}")
    raise TypeError(f"no column of the warehouse takes {kind}")


def _filled(cells: pa.Array) -> Values:
    return cast("Values", pc.fill_null(cells, 0).to_numpy(zero_copy_only=False))


def _of_one_length(values: Values, cells: pa.Array) -> list[Part]:
    """Each value with its length before it."""
    length = struct.pack(">i", values.dtype.itemsize)
    if cells.null_count:
        found = _beside_each_other([length, values], len(values))
        return [pc.if_else(cells.is_valid(), found, pa.scalar(NULL, pa.binary()))]
    first = values[:1].tobytes()
    if first == values[-1:].tobytes() and values.tobytes() == first * len(values):
        return [length + first]
    return [length, values]


def _as_bytes(rows: Values) -> pa.Array:
    """Each element as its bytes."""
    width = rows.dtype.itemsize
    offsets = np.arange(0, (len(rows) + 1) * width, width, dtype=np.int32)
    return pa.Array.from_buffers(pa.binary(), len(rows), [None, pa.py_buffer(offsets), pa.py_buffer(rows.view("u1"))])


# Decimals: groups of four digits


def _decimals(cells: pa.Array) -> list[Part]:
    """Most fit into 64 bits, and are turned together; the server drops zeros before and behind."""
    scale = cells.type.scale
    behind = -(-scale // 4)
    words = np.frombuffer(cells.buffers()[1], "<i8").reshape(-1, 2)[cells.offset : cells.offset + len(cells)]
    if cells.null_count:
        words = np.where(cells.is_valid().to_numpy(zero_copy_only=False).reshape(-1, 1), words, 0)
    low, high = words[:, 0], words[:, 1]
    factor = 10 ** (4 * behind - scale)
    most = max(abs(int(low.min())), abs(int(low.max()))) * factor
    if most > np.iinfo(np.int64).max or not (high == low >> 63).all():
        return [_large_decimals(cells)]
    rest = np.abs(low) * factor
    groups = max(behind, 1)
    while most >= 10_000**groups:
        groups += 1
    found = np.empty((len(cells), 4 + groups), ">u2")
    found[:, 0], found[:, 1], found[:, 3] = groups, np.uint16((groups - behind - 1) % 65536), _shown(low, scale)
    found[:, 2] = np.where(low < 0, 0x4000, 0)
    for place in range(3 + groups, 3, -1):
        found[:, place] = rest % 10_000
        rest = rest // 10_000
    return _of_one_length(found.view(f"V{2 * (4 + groups)}").reshape(-1), cells)


def _shown(values: Values, scale: int) -> Values:
    """How many digits behind the point each has without zeros at its end: 3.50 is stored as 3.5."""
    shown = np.full(len(values), scale)
    ends = np.ones(len(values), bool)
    for dropped in range(1, min(scale, 18) + 1):
        ends &= values % 10**dropped == 0
        if not ends.any():
            break
        shown -= ends
    return shown


def _large_decimals(cells: pa.Array) -> pa.Array:
    scale = cells.type.scale
    behind = -(-scale // 4)
    found = []
    for value in cells.to_pylist():
        if value is None:
            found.append(NULL)
            continue
        sign, digits, exponent = value.as_tuple()
        number, shown, groups = int("".join(map(str, digits))), scale, list[int]()
        rest = number * 10 ** (4 * behind + int(exponent))
        while shown and number % 10 == 0:
            number, shown = number // 10, shown - 1
        while rest:
            rest, group = divmod(rest, 10_000)
            groups.insert(0, group)
        head = (len(groups), len(groups) - behind - 1, 0x4000 if sign else 0, shown)
        body = struct.pack(f">hhHh{len(groups)}H", *head, *groups)
        found.append(struct.pack(">i", len(body)) + body)
    return pa.array(found, pa.binary())
