"""What to do with a key that a document holds twice: the same row twice is one row, two different rows are a
contradiction."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from airflow_dags.contracts import Contract
from airflow_dags.parsing import Parsed, Rejected

_BATCH = 10_000


def without_duplicates(parsed: Parsed, contract: Contract) -> Parsed:
    """Keep each key's first row; further different ones are set aside, and under mode changes, where a key is replaced
    as a whole, all rows of that key. Called only after the database met a duplicate."""
    table = parsed.table
    names = [*contract.unique, *filter(None, [contract.version if contract.mode == "changes" else None])]
    columns = [table.column(name).to_pylist() for name in names]
    first: dict[tuple[object, ...], int] = {}
    again = [
        (row, first[key]) for row, key in enumerate(zip(*columns, strict=True)) if first.setdefault(key, row) != row
    ]
    different = _different(table, again)
    reasons = {row: _reason(contract, table, row) for row in different}
    if contract.mode == "changes":
        reasons = _whole_keys(table, contract, reasons)
    repeated = {row for row, _ in again} - reasons.keys()
    rejected = [Rejected(row + 1, reasons[row], (table, row)) for row in sorted(reasons)]
    gone = pa.array(sorted({*reasons, *repeated}), pa.int64())
    keep = pc.invert(pc.is_in(pa.array(range(table.num_rows), pa.int64()), value_set=gone))
    return Parsed(
        table.filter(keep),
        parsed.rejected + rejected,
        parsed.unknown_columns,
        parsed.rows_read,
        parsed.repeated + len(repeated),
    )


def _different(table: pa.Table, pairs: list[tuple[int, int]]) -> list[int]:
    """The later rows of ``pairs`` that say something else than the earlier."""
    found = []
    for start in range(0, len(pairs), _BATCH):
        part = pairs[start : start + _BATCH]
        later, earlier = (table.take([pair[side] for pair in part]).to_pylist() for side in (0, 1))
        found += [pair[0] for pair, one, other in zip(part, later, earlier, strict=True) if one != other]
    return found


def _reason(contract: Contract, table: pa.Table, row: int) -> str:
    values = ((name, table.column(name)[row].as_py()) for name in contract.unique)
    named = ", ".join(f"{name} {value}" for name, value in values if value is not None)
    return f"the document holds another row with {named}"


def _whole_keys(table: pa.Table, contract: Contract, reasons: dict[int, str]) -> dict[int, str]:
    keys = list(zip(*(table.column(name).to_pylist() for name in contract.key), strict=True))
    bad = {keys[row]: reason for row, reason in reversed(reasons.items())}
    return {row: bad[key] for row, key in enumerate(keys) if key in bad}
