"""What to do with a key that a document holds twice: the same row twice is one row, two different rows are a
contradiction."""

from __future__ import annotations

import pyarrow as pa

from airflow_dags.contracts import Contract
from airflow_dags.parsing import Parsed, Rejected


def without_duplicates(parsed: Parsed, contract: Contract) -> Parsed:
    """Keep each key's first row; further different ones are set aside. Called only after the database met a
    duplicate."""
    seen: dict[tuple[object, ...], dict[str, object]] = {}
    keep, rejected = [], []
    for number, row in enumerate(parsed.table.to_pylist(), start=1):
        key = tuple(row[name] for name in contract.unique)
        first = seen.setdefault(key, row)
        keep.append(first is row)
        if first is not row and first != row:
            named = ", ".join(
                f"{name} {value}" for name, value in zip(contract.unique, key, strict=True) if value is not None
            )
            reason = f"the document holds another row with {named}"
            rejected.append(Rejected(number, reason, {name: None if v is None else str(v) for name, v in row.items()}))
    return Parsed(
        parsed.table.filter(pa.array(keep, pa.bool_())),
        parsed.rejected + rejected,
        parsed.unknown_columns,
        parsed.rows_read,
    )
