"""A settlement's lines as a whole: checked against its total, numbered by their content, and completed by what only
the total's row says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from airflow_dags.contracts import normalise
from airflow_dags.errors import DocumentBroken

# What stands in the total's row only, and holds for all lines of its settlement.
SHARED = ("settlement-start-date", "settlement-end-date", "deposit-date", "currency")
INSTANTS = ("settlement-start-date", "settlement-end-date", "deposit-date", "posted-date-time")
NUMBER = "line-number"
MONEY = pa.decimal128(38, 4)


def prepared(table: pa.Table, name: str) -> pa.Table:
    """Amounts and instants as the contract wants them, lines numbered, and what the total's row says on all lines."""
    for column in ("amount", "total-amount"):
        table = replaced(table, column, with_points(cells_of(table, column)))
    for column in INSTANTS:
        if position_of(table, column) is not None:
            table = replaced(table, column, with_offset(cells_of(table, column)))
    is_total = pc.is_valid(filled(cells_of(table, "total-amount")))
    totals = totals_of(table.filter(is_total), name)
    # Only what the sum needs: a copy of all cells would double the memory that a large settlement takes.
    lines = pa.table({name: cells_of(table, name) for name in ("settlement-id", "amount")}).filter(pc.invert(is_total))
    _refuse_other_sum(lines, totals, name)
    ids = cells_of(table, "settlement-id")
    for column in SHARED:
        if position_of(table, column) is not None:
            found = pa.array([row[column] for row in totals.values()], pa.string())
            place = pc.index_in(ids, value_set=pa.array(list(totals), pa.string()))
            table = replaced(table, column, pc.coalesce(filled(cells_of(table, column)), pc.take(found, place)))
    return _numbered(table)


def totals_of(rows: pa.Table, name: str) -> dict[str, dict[str, str]]:
    """The total's row of each settlement under the report's names; one that is there twice must say the same."""
    found: dict[str, dict[str, str]] = {}
    for row in rows.to_pylist():
        named = {normalise(column).replace("_", "-"): value for column, value in row.items()}
        row_of = {column: named.get(column) for column in ("settlement-id", "total-amount", *SHARED)}
        if found.setdefault(str(row_of["settlement-id"]), row_of) != row_of:  # type: ignore[arg-type]
            raise DocumentBroken(
                f"{name} states two totals for settlement {row_of['settlement-id']}; nothing was changed; "
                "download it again"
            )
    return found


def _refuse_other_sum(lines: pa.Table, totals: dict[str, dict[str, str]], name: str) -> None:
    """Raise unless the lines of each settlement add up to its total; cells that are no amounts are the parser's."""
    try:
        amounts = filled(cells_of(lines, "amount")).cast(MONEY)
        stated = {number: pa.scalar(row["total-amount"]).cast(MONEY).as_py() for number, row in totals.items()}
    except pa.ArrowInvalid:
        return
    ids = pc.fill_null(cells_of(lines, "settlement-id"), "")
    sums = pa.table({"id": ids, "amount": amounts}).group_by("id").aggregate([("amount", "sum")])
    found = dict(zip(sums.column("id").to_pylist(), sums.column("amount_sum").to_pylist(), strict=True))
    for number in sorted(found.keys() | stated.keys()):
        if number and number not in stated:
            raise DocumentBroken(
                f"{name} lacks the row with the total of settlement {number}, so it can't be checked; nothing was "
                "changed; download it again"
            )
        if (found.get(number) or 0) != stated.get(number, 0):
            raise DocumentBroken(
                f"{name}: the lines of settlement {number} add up to {_money(found.get(number))}, its total is "
                f"{_money(stated.get(number))}; nothing was changed; download it again"
            )


def _money(value: Any) -> str:
    return f"{value or 0:.2f}"


def _numbered(table: pa.Table) -> pa.Table:
    """Number the lines of each settlement by their content; the total's row comes first."""
    places = pa.array(places_of(table))
    # The place of each row among the sorted ones, less that of the first row of its settlement.
    ids = pc.fill_null(cells_of(table, "settlement-id"), "")
    starts = pa.table({"id": ids, "place": places}).group_by("id").aggregate([("place", "min")])
    found = pc.take(starts.column("place_min"), pc.index_in(ids, value_set=starts.column("id").combine_chunks()))
    return table.append_column(NUMBER, pc.subtract(places, found).cast(pa.int32()))


def places_of(table: pa.Table) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The place of each row among all, sorted by their content. Columns that are empty, or coded because they hold one
    value (Arrow's dictionaries), make no difference."""
    first = ["settlement-id", "total-amount", "posted-date-time", "order-id", "sku", "amount-type"]
    known = [table.column_names[position] for name in first if (position := position_of(table, name)) is not None]
    order = [*known, *(name for name in table.column_names if name not in known)]
    order = [name for name in order if _differs(table.column(name))]
    if not order:
        return np.arange(table.num_rows)
    places = np.empty(table.num_rows, np.int64)
    places[pc.sort_indices(table, [(name, "ascending") for name in order]).to_numpy()] = np.arange(table.num_rows)
    return places


def _differs(cells: pa.ChunkedArray) -> bool:
    return cells.null_count < len(cells) and not pa.types.is_dictionary(cells.type)


def with_points(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Amounts as Europe writes them ("-1.234,56") with a decimal point; others stay as they are."""
    if not has(cells, ",") or not pc.any(pc.match_substring_regex(cells, r",\d{1,2}\s*$")).as_py():
        return cells
    return pc.replace_substring(pc.replace_substring(cells, ".", ""), ",", ".")


def with_offset(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Instants as ISO 8601: "2026-11-01 12:00:00 UTC", which the parser knows, and "01.11.2026 12:00:00 UTC"."""
    if are_usual(cells):
        return cells
    turned = pc.replace_substring_regex(cells, r"^(\d{2})\.(\d{2})\.(\d{4})", r"\3-\2-\1")
    return pc.replace_substring_regex(turned, r"\s*UTC\s*$", "+00:00")


def are_usual(cells: pa.ChunkedArray) -> bool:
    """Whether all instants are written as in "2026-11-01 12:00:00 UTC", as far as a quick look can tell."""
    return bool(pc.all(pc.ends_with(cells, " UTC")).as_py() is not False and not has(cells, "."))


def has(cells: pa.ChunkedArray, text: str) -> bool:
    return bool(pc.any(pc.match_substring(cells, text)).as_py())


def filled(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Blank cells as missing ones."""
    trimmed = pc.utf8_trim_whitespace(cells)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def position_of(table: pa.Table, name: str) -> int | None:
    wanted = normalise(name)
    return next((n for n, found in enumerate(table.column_names) if normalise(found) == wanted), None)


def cells_of(table: pa.Table, name: str) -> pa.ChunkedArray:
    position = position_of(table, name)
    assert position is not None  # noqa: S101 (required columns were looked for before)
    return table.column(position)


def replaced(table: pa.Table, name: str, cells: Any) -> pa.Table:
    position = position_of(table, name)
    assert position is not None  # noqa: S101
    return table.set_column(position, table.column_names[position], cells)
