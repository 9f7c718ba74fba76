"""Rows by COPY are the rows that an INSERT would have written, whatever is in them."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from superset_kpi_plugin import bulk

HOSTILE = (
    "",
    " ",
    "\\N",
    "\\",
    "\\.",
    "a\tb",
    "a\nb",
    "a\r\nb",
    "'; drop table x; --",
    '"',
    "李梅",
    "\u200b",
    "%s",
    "{}",
)


@pytest.fixture
def made(postgres_uri: str) -> Any:
    """A table of a transaction's own, and its connection."""
    engine = sa.create_engine(postgres_uri)
    table = sa.Table(
        "bulk_rows",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("said", sa.Text),
        sa.Column("Amount", sa.Numeric(24, 6)),
        sa.Column("day", sa.Date),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.Column("is_good", sa.Boolean),
        sa.Column("many", sa.JSON),
        prefixes=["temporary"],
    )
    with engine.connect() as connection:
        transaction = connection.begin()
        table.create(connection)
        yield connection, table
        transaction.rollback()
    engine.dispose()


@pytest.mark.parametrize("count", [bulk.FEW - 1, bulk.FEW, 3 * bulk.FEW])
def test_what_is_copied_is_what_was_given(made: Any, count: int) -> None:
    connection, table = made
    at = datetime(2026, 11, 1, 9, 30, 15, 123456, tzinfo=timezone.utc)
    amounts = (Decimal("1E+3"), Decimal("-0.000001"), Decimal("123456789012345678.654321"), None)
    rows = [
        {
            "said": HOSTILE[place % len(HOSTILE)] if place % 5 else None,
            "Amount": amounts[place % len(amounts)],
            "day": date(2026, 11, 1),
            "at": at,
            "is_good": bool(place % 2),
        }
        for place in range(count)
    ]
    bulk.insert(connection, table, rows)
    names = ("said", "Amount", "day", "at", "is_good")
    found = connection.execute(sa.select(*(table.c[name] for name in names)).order_by(table.c.id)).all()
    assert [tuple(row) for row in found] == [tuple(row[name] for name in names) for row in rows]


def test_what_copy_cannot_write_is_left_to_the_engine(made: Any) -> None:
    connection, table = made
    bulk.insert(connection, table, [{"said": "x", "many": ["a", place]} for place in range(bulk.FEW)])
    assert connection.execute(sa.select(table.c.many)).scalars().all()[7] == ["a", 7]
    bulk.insert(connection, table, [])


def test_a_row_that_breaks_the_table_is_the_error_that_an_insert_raises(made: Any) -> None:
    connection, table = made
    with pytest.raises(sa.exc.IntegrityError):
        bulk.insert(connection, table, [{"id": 1, "said": "twice"} for _ in range(bulk.FEW)])
