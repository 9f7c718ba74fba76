# ruff: noqa: S608 (names come from contracts, which check them; values are quoted by ledger.literal)
"""The SQL that replaces stored rows by staged ones, one function a mode. Readers see the state before or after, never
between."""

from __future__ import annotations

from typing import Any

from airflow_dags.contracts import Contract, Scope
from airflow_dags.loader.ledger import literal

STAGE = "kpi_stage"
KEYS = "kpi_stage_keys"


def delete_scopes(contract: Contract, account_id: str, scopes: list[Scope]) -> str:
    """Delete the rows that the document is complete for."""
    column = contract.window_column
    start, end = min(s.window.start for s in scopes), max(s.window.end for s in scopes)
    parts = []
    for scope in scopes:
        terms = [f"{column} between {literal(scope.window.start)} and {literal(scope.window.end)}"]
        terms += [f"{name} = {literal(value)}" for name, value in scope.where]
        parts.append(f"({' and '.join(terms)})")
    return (
        f"delete from raw.{contract.table} where _account_id = {literal(account_id)} "
        f"and {column} between {literal(start)} and {literal(end)} and ({' or '.join(parts)})"
    )


def newer_keys(contract: Contract, account_id: str) -> list[str]:
    """Collect the staged keys with their newest version, and drop those that the table knows in a newer one."""
    key = ", ".join(contract.key)
    match = " and ".join(f"t.{name} = k.{name}" for name in contract.key)
    stored = f"raw.{contract.table} as t"
    if contract.version is None:
        return [
            f"create temporary table {KEYS} as select distinct {key} from {STAGE}",
            f"analyze {KEYS}",
            f"delete from {stored} using {KEYS} as k where t._account_id = {literal(account_id)} and {match}",
        ]
    return [
        f"create temporary table {KEYS} as select {key}, max({contract.version}) as newest from {STAGE} group by {key}",
        f"analyze {KEYS}",
        f"delete from {KEYS} as k using {stored} where t._account_id = {literal(account_id)} and {match} "
        f"and t.{contract.version} > k.newest",
        f"delete from {stored} using {KEYS} as k where t._account_id = {literal(account_id)} and {match}",
    ]


def insert_staged(contract: Contract, account_id: str, load_id: Any, has_extra: bool) -> str:
    """Copy the staged rows of the keys and versions that won into the table; answers their number."""
    names = [column.name for column in contract.columns]
    target = ", ".join([*names, "_account_id", "_load_id", "_loaded_at", *(["_extra"] if has_extra else [])])
    cells = [f"s.{name}" for name in names]
    cells += [literal(account_id), f"{literal(str(load_id))}::uuid", "now()"]
    cells += ["s._extra::jsonb"] if has_extra else []
    match = " and ".join(f"s.{name} = k.{name}" for name in contract.key)
    if contract.version:
        match += f" and s.{contract.version} = k.newest"
    return (
        f"with inserted as (insert into raw.{contract.table} ({target}) select {', '.join(cells)} "
        f"from {STAGE} as s inner join {KEYS} as k on {match} returning 1) "
        "select count(*) from inserted"
    )


def ids_of(column: str) -> str:
    """The temporary table of a column's distinct staged values."""
    return f"{STAGE}_{column}"


def stored_elsewhere(contract: Contract, account_id: str, column: str) -> str:
    """An id of the stage that is stored under another account: one row (id, account), or none.

    The accounts come from the ledger, so that the search runs through the unique index, which starts with the account.
    """
    return (
        f"select s.{column}, t._account_id from {ids_of(column)} as s "
        f"inner join (select distinct account_id from raw.load_ledger where platform = {literal(contract.platform)} "
        f"and stream = {literal(contract.stream)} and account_id <> {literal(account_id)} and state = 'loaded') as a "
        f"on true "
        f"inner join raw.{contract.table} as t on t._account_id = a.account_id and t.{column} = s.{column} limit 1"
    )


def names_of_others(contract: Contract, account_id: str, column: str) -> str:
    """(names in the stage, of these known to this account, whether this account has rows, known to the nearest other,
    its id)."""
    table = f"raw.{contract.table}"
    own = literal(account_id)
    return (
        f"with names as (select {column} as name from {ids_of(column)}), "
        f"hits as (select t._account_id, count(distinct n.name) as found from names as n "
        f"inner join {table} as t on t.{column} = n.name group by t._account_id) "
        f"select (select count(*) from names), coalesce((select found from hits where _account_id = {own}), 0), "
        f"exists (select 1 from {table} where _account_id = {own} and {column} is not null), "
        f"coalesce((select max(found) from hits where _account_id <> {own}), 0), "
        f"(select _account_id from hits where _account_id <> {own} order by found desc, _account_id limit 1)"
    )


def same_document(contract: Contract, account_id: str, checksum: str) -> str:
    """The other account for which this very document was loaded, or no row."""
    return (
        f"select account_id from raw.load_ledger where checksum = {literal(checksum)} "
        f"and platform = {literal(contract.platform)} and stream = {literal(contract.stream)} "
        f"and account_id <> {literal(account_id)} and state = 'loaded' and rows_loaded > 0 limit 1"
    )
