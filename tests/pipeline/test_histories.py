"""A thousand histories of documents, shuffled, repeated and restated: whatever the order of arrival, the tables end as
a plain model of "later knowledge wins" says.

Each history has an account of its own in one warehouse, and all loads share a connection, so that a thousand fit into a
minute; everything else is the loader's real way.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_dags import warehouse as warehouse_module
from airflow_dags.contracts import Column, Contract, Scope, Window
from airflow_dags.loader import LoadRequest, ensure_schema, load, load_table
from airflow_dags.parsing import Parsed

HISTORIES = 1000
FIRST_DAY, FIRST_INSTANT = date(2026, 3, 1), datetime(2026, 4, 1, tzinfo=timezone.utc)
COLUMNS = (
    Column("day", "date"),
    Column("kind"),
    Column("name", nullable=False),
    Column("line", "integer"),
    Column("version", "integer"),
    Column("amount", "numeric"),
)
NAMES = [column.name for column in COLUMNS]
BY_DAY = ("day", "kind", "name")
WINDOWS = Contract("histories", "windows", "window", COLUMNS, BY_DAY, window_column="day")
SNAPSHOTS = Contract("histories", "snapshots", "snapshot", COLUMNS, BY_DAY, window_column="day")
STATES = Contract("histories", "states", "changes", COLUMNS, ("name", "line"), key=("name",))
VERSIONS = Contract("histories", "versions", "changes", COLUMNS, ("name", "line"), key=("name",), version="version")
PROPERTY = settings(
    max_examples=HISTORIES // 4,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
accounts = itertools.count()
days, amounts = st.integers(0, 6), st.integers(1, 999)
Row = dict[str, Any]


@pytest.fixture
def database(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A warehouse whose loads share one connection; what a load leaves in temporary tables is dropped after it."""
    ensure_schema(fresh_database, [WINDOWS, SNAPSHOTS, STATES, VERSIONS])
    connection = psycopg.connect(fresh_database, prepare_threshold=None)

    class Kept:
        def __getattr__(self, name: str) -> Any:
            return getattr(connection, name)

    @contextmanager
    def kept(uri: str) -> Iterator[Any]:
        try:
            yield Kept()
        except psycopg.Error as error:
            raise warehouse_module.translate(error, uri) from error
        finally:
            connection.rollback()
            with connection.cursor() as cursor:
                cursor.execute("discard temp")
            connection.commit()

    monkeypatch.setattr(load, "load_connection", kept)
    yield fresh_database
    connection.close()


def arrivals(document: st.SearchStrategy[Any]) -> st.SearchStrategy[list[tuple[int, Any]]]:
    """Documents, each with the hour at which it was known; some arrive twice, and in any order."""

    def shuffled(documents: list[Any]) -> st.SearchStrategy[list[tuple[int, Any]]]:
        hours = st.permutations(range(len(documents)))
        again = st.lists(st.sampled_from(range(len(documents))), max_size=2)
        return st.tuples(hours, again).flatmap(
            lambda drawn: st.permutations(
                [(drawn[0][place], documents[place]) for place in [*range(len(documents)), *drawn[1]]]
            )
        )

    return st.lists(document, min_size=1, max_size=5).flatmap(shuffled)


def arrive(
    uri: str, contract: Contract, account: str, hour: int, rows: list[Row], scopes: tuple[Scope, ...] = ()
) -> None:
    types = {"day": pa.date32(), "line": pa.int32(), "version": pa.int32(), "amount": pa.decimal128(38, 2)}
    table = pa.table({name: pa.array([row.get(name) for row in rows], types.get(name, pa.string())) for name in NAMES})
    window = None
    for scope in scopes:
        window = scope.window if window is None else window.union(scope.window)
    request = LoadRequest(contract, account, window, scopes, known_at=FIRST_INSTANT + timedelta(hours=hour))
    load_table(uri, Parsed(table, rows_read=len(rows)), request)


def stored(uri: str, contract: Contract, account: str, names: list[str]) -> list[tuple[Any, ...]]:
    with psycopg.connect(uri) as connection:
        found = connection.execute(
            f"select {', '.join(names)} from raw.{contract.table} where _account_id = %s", (account,)
        ).fetchall()
    return sorted(found, key=str)


def day_of(offset: int) -> date:
    return FIRST_DAY + timedelta(days=offset)


def everything_is_accounted_for(uri: str) -> None:
    with psycopg.connect(uri) as connection:
        loads, wrong, orphans = connection.execute(
            "select count(*), count(*) filter (where rows_read <> rows_loaded + rows_unchanged + rows_quarantined), "
            "(select count(*) from raw.known_days as d where not exists "
            "(select 1 from raw.load_ledger as l where l.load_id = d.load_id)) from raw.load_ledger"
        ).fetchone()
    assert loads >= HISTORIES // 4
    assert (wrong, orphans) == (0, 0)


# Modes window and snapshot: a document is a list of scopes (first day, last day, kind or None for all) and amounts by
# (day, kind, name); the rows that no scope covers are not in the document.

scope_of = st.tuples(days, days, st.sampled_from([None, "a", "b"])).map(lambda s: (*sorted(s[:2]), s[2]))
cells = st.dictionaries(st.tuples(days, st.sampled_from("ab"), st.sampled_from("xy")), amounts, max_size=8)


def covered(scopes: list[Any], day: int, kind: str) -> bool:
    return any(first <= day <= last and wanted in (None, kind) for first, last, wanted in scopes)


def test_windows_end_the_same_in_any_order(database: str) -> None:
    @PROPERTY
    @given(arrivals(st.tuples(st.lists(scope_of, min_size=1, max_size=2), cells)))
    def check(history: list[Any]) -> None:
        account = f"windows_{next(accounts)}"
        for hour, (scopes, amounts_by) in history:
            rows = [
                {"day": day_of(day), "kind": kind, "name": name, "amount": amount}
                for (day, kind, name), amount in amounts_by.items()
                if covered(scopes, day, kind)
            ]
            given_scopes = tuple(
                Scope(Window(day_of(first), day_of(last)), (("kind", kind),) if kind else ())
                for first, last, kind in scopes
            )
            arrive(database, WINDOWS, account, hour, rows, given_scopes)
        expected = []
        for day, kind, name in itertools.product(range(7), "ab", "xy"):
            known = [(hour, by.get((day, kind, name))) for hour, (scopes, by) in history if covered(scopes, day, kind)]
            newest = max(known, key=lambda pair: pair[0], default=(0, None))[1]
            if newest is not None:
                expected.append((day_of(day), kind, name, newest))
        assert stored(database, WINDOWS, account, ["day", "kind", "name", "amount"]) == sorted(expected, key=str)

    check()
    everything_is_accounted_for(database)


def test_snapshots_end_the_same_in_any_order(database: str) -> None:
    """A snapshot without rows is a source that failed quietly: as if it had not been."""

    @PROPERTY
    @given(arrivals(st.tuples(st.integers(0, 2), st.dictionaries(st.sampled_from("xyz"), amounts, max_size=3))))
    def check(history: list[Any]) -> None:
        account = f"snapshots_{next(accounts)}"
        for hour, (day, by_name) in history:
            rows = [{"day": day_of(day), "name": name, "amount": amount} for name, amount in by_name.items()]
            arrive(database, SNAPSHOTS, account, hour, rows, (Scope(Window(day_of(day), day_of(day))),))
        expected = []
        for day in range(3):
            known = [(hour, by_name) for hour, (of, by_name) in history if of == day and by_name]
            newest = max(known, key=lambda pair: pair[0], default=(0, {}))[1]
            expected += [(day_of(day), name, amount) for name, amount in newest.items()]
        assert stored(database, SNAPSHOTS, account, ["day", "name", "amount"]) == sorted(expected, key=str)

    check()
    everything_is_accounted_for(database)


# Mode changes: a document is the lines (their amounts) of some keys, in some versions.

lines = st.lists(amounts, min_size=1, max_size=3)


def test_complete_keys_end_the_same_in_any_order(database: str) -> None:
    @PROPERTY
    @given(arrivals(st.dictionaries(st.sampled_from("xyz"), lines, max_size=3)))
    def check(history: list[Any]) -> None:
        account = f"states_{next(accounts)}"
        for hour, by_name in history:
            rows = [
                {"name": name, "line": line, "amount": amount}
                for name, amounts_of in by_name.items()
                for line, amount in enumerate(amounts_of)
            ]
            arrive(database, STATES, account, hour, rows)
        expected = []
        for name in "xyz":
            known = [(hour, by_name[name]) for hour, by_name in history if name in by_name]
            newest = max(known, key=lambda pair: pair[0], default=(0, []))[1]
            expected += [(name, line, amount) for line, amount in enumerate(newest)]
        assert stored(database, STATES, account, ["name", "line", "amount"]) == sorted(expected, key=str)

    check()
    everything_is_accounted_for(database)


def test_versions_end_the_same_in_any_order(database: str) -> None:
    """The newer version wins; of the same version, what was known later."""

    @PROPERTY
    @given(arrivals(st.dictionaries(st.tuples(st.sampled_from("xy"), st.integers(1, 3)), lines, max_size=3)))
    def check(history: list[Any]) -> None:
        account = f"versions_{next(accounts)}"
        for hour, by_state in history:
            rows = [
                {"name": name, "version": version, "line": line, "amount": amount}
                for (name, version), amounts_of in by_state.items()
                for line, amount in enumerate(amounts_of)
            ]
            arrive(database, VERSIONS, account, hour, rows)
        expected = []
        for name in "xy":
            known = [
                (version, hour, amounts_of)
                for hour, by_state in history
                for (of, version), amounts_of in by_state.items()
                if of == name
            ]
            version, _, newest = max(known, key=lambda state: state[:2], default=(0, 0, []))
            expected += [(name, version, line, amount) for line, amount in enumerate(newest)]
        found = stored(database, VERSIONS, account, ["name", "version", "line", "amount"])
        assert found == sorted(expected, key=str)

    check()
    everything_is_accounted_for(database)
