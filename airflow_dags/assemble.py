"""Puts the documents of one load together: typed rows, what they are complete for, and the rows that break the
contract."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from airflow_dags.contracts import Contract, Extract, Scope, Window
from airflow_dags.parsing import EXTRA, Parsed, Rejected, parse
from airflow_dags.streams import Stream


def assemble(
    stream: Stream, extracts: list[Extract], window: Window | None, name: str
) -> tuple[Parsed, list[Scope], Window | None]:
    """Parse and join ``extracts``; the window of a file that doesn't state it is that of its rows."""
    contract = stream.contract
    parts = [_parsed(extract, contract, name) for extract in extracts]
    joined = Parsed(
        table=_joined([part.table for part in parts]),
        rejected=[item for part in parts for item in part.rejected],
        unknown_columns=sorted({name for part in parts for name in part.unknown_columns}),
        rows_read=sum(part.rows_read for part in parts),
    )
    joined.table = stream.finish(joined.table)
    if window is None:
        window = _window_of(joined.table, contract)
    scopes = [scope for extract in extracts for scope in _scopes(extract, contract)]
    return joined, scopes, window


def _parsed(extract: Extract, contract: Contract, name: str) -> Parsed:
    parsed = parse(extract.table, contract, name)
    for number, reason, text in extract.broken:
        parsed.rejected.append(Rejected(number, reason, {"line": text[:2000]}))
    parsed.rows_read += len(extract.broken)
    return parsed


def _scopes(extract: Extract, contract: Contract) -> list[Scope]:
    if contract.mode == "changes":
        return []
    if extract.scopes:
        return extract.scopes
    return [Scope(extract.window)] if extract.window else []


def _joined(tables: list[pa.Table]) -> pa.Table:
    if len(tables) == 1:
        return tables[0]
    schema = pa.unify_schemas([table.schema for table in tables], promote_options="permissive")
    if any(EXTRA in table.column_names for table in tables):
        schema = _extra_last(schema)
    return pa.concat_tables([_as(table, schema) for table in tables])


def _extra_last(schema: pa.Schema) -> pa.Schema:
    fields = [field for field in schema if field.name != EXTRA]
    return pa.schema([*fields, pa.field(EXTRA, pa.string())])


def _as(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns: list[Any] = [
        table.column(field.name).cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _window_of(table: pa.Table, contract: Contract) -> Window | None:
    """First to last day of the rows: of the window column, or of the days on which the rows last changed (in UTC)."""
    column = contract.window_column or contract.version
    if column is None or not table.num_rows:
        return None
    found = pc.min_max(table.column(column)).as_py()
    if found["min"] is None:
        return None
    start, end = (value.date() if hasattr(value, "date") else value for value in (found["min"], found["max"]))
    return Window(start, end)
