# ruff: noqa: S608 (names come from contracts, which check them; values are quoted by ledger.literal)
"""The SQL that replaces stored rows by a document's, for each mode. Readers see the state before or after, never
between."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from airflow_dags.contracts import SQL_TYPES, Contract, Scope
from airflow_dags.loader.known import Region
from airflow_dags.loader.ledger import literal

STAGE = "kpi_stage"
KEYS = "kpi_stage_keys"
NEW_KEYS = "kpi_stage_new_keys"
STALE_KEYS = "kpi_stage_stale_keys"


def delete_scopes(contract: Contract, account_id: str, scopes: Sequence[Scope], newer: Sequence[Region]) -> str:
    """Delete the rows that the document is complete for, but for what is known from later."""
    column = contract.window_column
    start, end = min(s.window.start for s in scopes), max(s.window.end for s in scopes)
    parts = []
    for scope in scopes:
        terms = [f"{column} between {literal(scope.window.start)} and {literal(scope.window.end)}"]
        terms += [
            f"{name} = {literal(value)}" if value is not None else f"{name} is null" for name, value in scope.where
        ]
        parts.append(f"({' and '.join(terms)})")
    kept = "".join(f" and not ({_region(contract, region)})" for region in newer)
    return (
        f"delete from raw.{contract.table} where _account_id = {literal(account_id)} "
        f"and {column} between {literal(start)} and {literal(end)} and ({' or '.join(parts)}){kept}"
    )


def _region(contract: Contract, region: Region) -> str:
    days = ", ".join(literal(day) for day in sorted(region.days))
    terms = [f"{contract.window_column} in ({days})"]
    terms += [f"{name}::text is not distinct from {literal(value)}" for name, value in region.where]
    return " and ".join(terms)


# Mode changes without a version: the document is complete for its keys, so its rows go straight into the table.


def create_keys(contract: Contract) -> list[str]:
    """Temporary tables of the keys of this load: all that were met, and those of which the table knows a later
    state."""
    columns = ", ".join(f"{name} {SQL_TYPES[contract.by_name[name].type]} not null" for name in contract.key)
    return [
        f"create temporary table {KEYS} ({columns}, primary key ({', '.join(contract.key)}))",
        f"create temporary table {STALE_KEYS} ({columns})",
    ]


def unmet_keys(contract: Contract) -> str:
    """Leave those of the piece's keys that weren't met before; answers whether there are any."""
    met = " and ".join(f"k.{name} = n.{name}" for name in contract.key)
    return (
        f"with met as (delete from {NEW_KEYS} as n using {KEYS} as k where {met} returning 1) "
        f"select (select count(*) from {NEW_KEYS}) > (select count(*) from met)"
    )


def take_keys(contract: Contract, account_id: str, load_id: Any, known_at: datetime) -> list[str]:
    """Note the piece's new keys, and the stale ones among them, and delete what the others replace."""
    key = ", ".join(contract.key)
    stored = f"raw.{contract.table} as t"
    match = f"t._account_id = {literal(account_id)} and " + " and ".join(
        f"t.{name} = n.{name}" for name in contract.key
    )
    own = f"t._load_id <> {literal(str(load_id))}::uuid"
    later = f"coalesce(t._known_at, t._loaded_at) > {literal(known_at)}"
    stale = " and ".join(f"s.{name} = n.{name}" for name in contract.key)
    return [
        f"insert into {KEYS} select {key} from {NEW_KEYS}",
        f"analyze {NEW_KEYS}",
        f"insert into {STALE_KEYS} select {key} from {NEW_KEYS} as n "
        f"where exists (select 1 from {stored} where {match} and {later} and {own})",
        f"delete from {stored} using {NEW_KEYS} as n where {match} and {own} "
        f"and not exists (select 1 from {STALE_KEYS} as s where {stale})",
    ]


# Mode changes with a version: which rows win is only known beside all others of the document and the stored ones.


def create_stage(contract: Contract) -> str:
    columns = [f"{column.name} {SQL_TYPES[column.type]}" for column in contract.columns]
    return f"create temporary table {STAGE} ({', '.join([*columns, '_extra text'])})"


def newer_keys(contract: Contract, account_id: str, known_at: datetime) -> list[str]:
    """Collect the staged keys with their newest version, and drop those that the table knows in a newer one, or in the
    same one from later."""
    key = ", ".join(contract.key)
    match = f"t._account_id = {literal(account_id)} and " + " and ".join(
        f"t.{name} = k.{name}" for name in contract.key
    )
    stored = f"raw.{contract.table} as t"
    later = f"coalesce(t._known_at, t._loaded_at) > {literal(known_at)}"
    return [
        f"create temporary table {KEYS} as select {key}, max({contract.version}) as newest from {STAGE} group by {key}",
        f"analyze {KEYS}",
        f"delete from {KEYS} as k using {stored} where {match} "
        f"and (t.{contract.version} > k.newest or t.{contract.version} = k.newest and {later})",
        f"delete from {stored} using {KEYS} as k where {match}",
    ]


def insert_staged(contract: Contract, account_id: str, load_id: Any, known_at: datetime) -> str:
    """Copy the staged rows of the keys and versions that won into the table; answers their number."""
    names = [column.name for column in contract.columns]
    target = ", ".join([*names, "_account_id", "_load_id", "_loaded_at", "_known_at", "_extra"])
    cells = [f"s.{name}" for name in names]
    cells += [literal(account_id), f"{literal(str(load_id))}::uuid", "now()", f"{literal(known_at)}::timestamptz"]
    match = " and ".join(f"s.{name} = k.{name}" for name in contract.key)
    return (
        f"with inserted as (insert into raw.{contract.table} ({target}) select {', '.join(cells)}, s._extra::jsonb "
        f"from {STAGE} as s inner join {KEYS} as k on {match} and s.{contract.version} = k.newest returning 1) "
        "select count(*) from inserted"
    )


# Whose rows these are


def ids_of(column: str) -> str:
    """The temporary table of a column's distinct staged values."""
    return f"{STAGE}_{column}"


def stored_elsewhere(contract: Contract, account_id: str, column: str) -> str:
    """An id of the stage that is stored under another account: one row (id, account), or none.

    The accounts come from the ledger, so that the search runs through a unique index that starts with the account.
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
