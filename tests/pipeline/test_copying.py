"""Arrow columns arrive in PostgreSQL as they were, whatever their values."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_dags.loader.copying import BYTES_AT_ONCE, ROWS_AT_ONCE, blocks_of, copy_into, stage

COLUMNS = {
    "words": (pa.string(), "text", st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))),
    "small": (pa.int32(), "integer", st.integers(-(2**31), 2**31 - 1)),
    "large": (pa.int64(), "bigint", st.integers(-(2**63), 2**63 - 1)),
    "cents": (pa.decimal128(38, 2), "numeric", st.decimals("-1e13", "1e13", places=2)),
    "exact": (pa.decimal128(38, 10), "numeric", st.decimals("-1e25", "1e25", places=10)),
    "whole": (pa.decimal128(38, 0), "numeric", st.integers(-(10**37), 10**37).map(Decimal)),
    "day": (pa.date32(), "date", st.dates()),
    "moment": (
        pa.timestamp("us", tz="UTC"),
        "timestamptz",
        st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(timezone.utc)),  # noqa: DTZ001
    ),
    "flag": (pa.bool_(), "boolean", st.booleans()),
}


@pytest.fixture
def cursor(fresh_database: str) -> Any:
    with psycopg.connect(fresh_database, prepare_threshold=None) as connection:
        connection.execute("set timezone to 'UTC'")
        columns = ", ".join(f"{name} {kind}" for name, (_, kind, _) in COLUMNS.items())
        connection.execute(f"create temporary table t (place serial, {columns})")
        yield connection.cursor()


def found(cursor: Any) -> list[dict[str, Any]]:
    rows = cursor.execute(f"select {', '.join(COLUMNS)} from t order by place").fetchall()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(*(st.none() | values for _, _, values in COLUMNS.values())), min_size=1, max_size=12),
    skipped=st.integers(0, 3),
)
def test_what_is_copied_is_what_is_there(cursor: Any, rows: list[Any], skipped: int) -> None:
    cursor.execute("truncate t")
    expected = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    table = pa.Table.from_pylist(expected, pa.schema([(name, kind) for name, (kind, _, _) in COLUMNS.items()]))
    table = pa.concat_tables([table, table]).slice(skipped)
    copy_into(cursor, "t", dict(zip(table.column_names, table.columns, strict=True)))
    stored = found(cursor)
    assert stored == [*expected, *expected][skipped:]
    for name in ("cents", "exact", "whole"):
        digits = [row[name] if row[name] is None else f"{row[name]:f}" for row in stored]
        assert digits == [row[name] if row[name] is None else shown(row[name]) for row in table.to_pylist()]


def shown(amount: Decimal) -> str:
    """Without zeros at its end, nor an exponent."""
    return f"{amount:f}".rstrip("0").rstrip(".") if amount.as_tuple().exponent else f"{amount:f}"


@pytest.mark.parametrize("amount", ["0.00", "0.01", "-0.01", "9999.99", "10000.00", "-123456789012.34", "1" + "0" * 20])
def test_amounts_lose_nothing_but_zeros_at_their_end(cursor: Any, amount: str) -> None:
    scale = len(amount.partition(".")[2])
    for count in (1, 3):
        cursor.execute("truncate t")
        amounts = pa.array([Decimal(amount), None, Decimal(amount)][:count], pa.decimal128(38, scale))
        copy_into(cursor, "t", {"exact": amounts})
        texts = cursor.execute("select exact::text from t order by place").fetchall()
        digits = shown(Decimal(amount))
        assert texts == [(digits,), (None,), (digits,)][:count]


def test_constants_and_more_rows_than_go_at_once(cursor: Any) -> None:
    count = ROWS_AT_ONCE * 2 + 5
    moment = datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone.utc)
    columns = {
        "words": pa.scalar("Lämpchen"),
        "small": pa.array(range(count), pa.int32()),
        "moment": pa.scalar(moment, pa.timestamp("us", tz="UTC")),
        "day": pa.array([date(2000, 1, 1)] * count, pa.date32()),
        "cents": pa.scalar(None, pa.decimal128(38, 2)),
    }
    copy_into(cursor, "t", columns)
    rows = cursor.execute(
        "select count(*), count(distinct small), min(words), max(words), min(moment), max(moment), max(day), "
        "max(cents) from t"
    ).fetchall()
    assert rows == [(count, count, "Lämpchen", "Lämpchen", moment, moment, date(2000, 1, 1), None)]


def test_a_block_of_wide_rows_has_fewer() -> None:
    words = pa.array(["x" * (BYTES_AT_ONCE // 4)] * 10)
    sizes = [len(block) for block in blocks_of({"words": words})]
    assert len(sizes) > 2
    assert max(sizes) <= BYTES_AT_ONCE + 100
    assert sum(sizes) == 10 * (2 + 4 + BYTES_AT_ONCE // 4)


def test_bytes_go_as_they_are(cursor: Any) -> None:
    cursor.execute("create temporary table u (id uuid, told jsonb)")
    number = UUID(int=7)
    told = pa.array([b'\x01{"a": 1}', None], pa.binary())
    copy_into(cursor, "u", {"id": pa.scalar(number.bytes, pa.binary()), "told": told})
    assert cursor.execute("select * from u").fetchall() == [(number, {"a": 1}), (number, None)]


def test_a_stage_takes_the_place_of_the_last_one(cursor: Any) -> None:
    kinds = {name: kind for name, (kind, _, _) in COLUMNS.items()}
    for count in (3, 0, 2):
        rows = pa.table({name: pa.nulls(count, kind) for name, kind in kinds.items()})
        stage(cursor, "kpi_stage_of_test", rows)
        assert cursor.execute("select count(*) from kpi_stage_of_test").fetchone() == (count,)


def test_what_the_server_takes_no_instant_for_is_refused(cursor: Any) -> None:
    long_ago = pa.array([-(2**63)], pa.int64()).cast(pa.timestamp("us", tz="UTC"))
    with pytest.raises(ValueError, match="too long ago"):
        copy_into(cursor, "t", {"moment": long_ago})
    cursor.connection.rollback()


def test_columns_of_another_kind_are_a_mistake(cursor: Any) -> None:
    with pytest.raises(TypeError, match="double"):
        copy_into(cursor, "t", {"small": pa.array([1.5])})
    cursor.connection.rollback()
