"""Rows on their way into a table: those that can't be placed are set aside, the others get the technical columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from airflow_dags.contracts import Contract, Scope, Window
from airflow_dags.loader.copying import INSTANT, Column
from airflow_dags.loader.known import having, scope_text
from airflow_dags.loader.ledger import now
from airflow_dags.parsing import EXTRA, Parsed, Rejected

# A B-tree takes entries of up to a third of a page; the account's name and the other columns need some of it.
LONGEST_KEY_BYTES = 2000
# A page of an index holds more entries than this.
FEW_PLACES = 50


def placeable(parsed: Parsed, contract: Contract, window: Window | None, scopes: Sequence[Scope]) -> Parsed:
    """Set aside what must not be in the document: rows that no later document would replace, or that fit no key."""
    table, rejected = parsed.table, parsed.rejected
    if not table.num_rows:
        return parsed
    checks = [*_misplaced(table, contract, window, scopes), *_without_key(table, contract)]
    bad: dict[int, str] = {}
    for mask, reason in checks:
        for row in pc.indices_nonzero(mask).to_pylist():
            bad.setdefault(row, reason)
    if not bad:
        return parsed
    rejected = [*rejected, *(Rejected(0, _filled(bad[row], table, contract, row), (table, row)) for row in sorted(bad))]
    keep = pc.invert(pc.is_in(pa.array(range(table.num_rows)), value_set=pa.array(sorted(bad))))
    return Parsed(table.filter(keep), rejected, parsed.unknown_columns, parsed.rows_read, parsed.repeated)


def _misplaced(
    table: pa.Table, contract: Contract, window: Window | None, scopes: Sequence[Scope]
) -> list[tuple[Any, str]]:
    column = contract.window_column
    if contract.mode == "changes" or column is None or not scopes:
        return []
    days = table.column(column)
    found = []
    if window is not None:
        found.append(
            (pc.invert(pc.fill_null(_between(days, window), True)), f"{{{column}}} is outside the window {window}")
        )
    within: Any = pa.scalar(False)
    for scope in scopes:
        where = [(name, None if value is None else str(value)) for name, value in scope.where]
        within = pc.or_(within, pc.and_(pc.fill_null(_between(days, scope.window), True), having(table, where)))
    complete_for = ", ".join(sorted({f"{scope.window} {scope_text(scope)}".removesuffix(" {}") for scope in scopes}))
    found.append((pc.invert(within), f"the document is not complete for it (but for {complete_for[:300]})"))
    return [(mask, reason) for mask, reason in found if pc.any(mask).as_py()]


def _between(days: Any, window: Window) -> Any:
    start, end = (pa.scalar(day, pa.date32()) for day in (window.start, window.end))
    return pc.and_(pc.greater_equal(days, start), pc.less_equal(days, end))


def _without_key(table: pa.Table, contract: Contract) -> list[tuple[Any, str]]:
    placing = [*contract.key, *filter(None, (contract.version, contract.window_column))]
    if contract.mode == "changes":
        placing = [*contract.key, *filter(None, [contract.version])]
    found = [(pc.is_null(table.column(name)), f"{name}: empty") for name in placing if table.column(name).null_count]
    texts = [table.column(name) for name in contract.unique if contract.by_name[name].type == "text"]
    longest = sum(pc.max(pc.binary_length(cells)).as_py() or 0 for cells in texts)
    if longest > LONGEST_KEY_BYTES:
        length: Any = pa.scalar(0, pa.int32())
        for cells in texts:
            length = pc.add(length, pc.fill_null(pc.binary_length(cells), 0))
        found.append((pc.greater(length, LONGEST_KEY_BYTES), f"{', '.join(contract.unique)}: longer than a key may be"))
    return found


def _filled(reason: str, table: pa.Table, contract: Contract, row: int) -> str:
    """A reason with the row's own day in it."""
    column = contract.window_column
    return reason.replace(f"{{{column}}}", f"{column} {table.column(column)[row].as_py()}") if column else reason


def complete_rows(
    table: pa.Table, contract: Contract, account_id: str, load_id: UUID, known_at: datetime
) -> dict[str, Column]:
    """The rows as the warehouse's table has them: in the key's order, with the technical columns in their binary
    forms, without columns that are empty throughout, which the server fills in for less."""
    table = in_key_order(table, contract)
    count = table.num_rows
    columns: dict[str, Column] = {
        name: cells for name in contract.by_name if (cells := table.column(name)).null_count < count
    }
    columns["_account_id"] = pa.scalar(account_id)
    columns["_load_id"] = pa.scalar(load_id.bytes, pa.binary())
    columns["_loaded_at"] = pa.scalar(now(), INSTANT)
    columns["_known_at"] = pa.scalar(known_at, INSTANT)
    extra = table.column(EXTRA) if EXTRA in table.column_names else None
    if extra is not None and extra.null_count < count:
        columns[EXTRA] = as_jsonb(extra)
    return columns


def as_jsonb(texts: Any) -> Any:
    """jsonb's binary form: a version byte before the text."""
    return pc.binary_join_element_wise(pa.scalar(b"\x01"), texts.cast(pa.binary()), pa.scalar(b""))


def in_key_order(table: pa.Table, contract: Contract) -> pa.Table:
    """Sorted as the key's index is, which spares the server most of the work on it. Rows that are a few places off
    stay there: they meet the same page of the index, and to move them means to copy the whole table."""
    order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in contract.unique]).to_numpy()
    moved = np.abs(order.astype(np.int64) - np.arange(table.num_rows))
    return table if moved.max(initial=0) <= FEW_PLACES else table.take(pa.array(order))
