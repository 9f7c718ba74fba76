"""Typing of cells: exact money, instants in UTC, missing is missing, bad rows set aside with their number."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_dags.contracts import Column, Contract
from airflow_dags.errors import WrongDocument
from airflow_dags.parsing import parse

CONTRACT = Contract(
    "shop",
    "sales",
    "window",
    (
        Column("day", "date", required=True, nullable=False),
        Column("amount", "numeric", required=True, sources=("Amount", "Betrag")),
        Column("units", "integer"),
        Column("views", "bigint"),
        Column("at", "timestamp"),
        Column("is_new", "boolean"),
        Column("note"),
    ),
    unique=("day",),
    window_column="day",
    ignored=frozenset({"city"}),
)
FEED = Contract(
    "shop",
    "orders",
    "changes",
    (Column("order", nullable=False), Column("amount", "numeric"), Column("version", "timestamp")),
    unique=("order",),
    key=("order",),
    version="version",
)


def cells(**columns: list[str | None]) -> pa.Table:
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def parsed_amounts(texts: list[str | None]) -> list[Decimal | None]:
    table = parse(cells(day=["2026-11-01"] * len(texts), Amount=texts), CONTRACT).table
    return table.column("amount").to_pylist()


@given(st.lists(st.decimals(-(10**15), 10**15, places=2), min_size=1, max_size=20))
def test_amounts_keep_their_very_digits(amounts: list[Decimal]) -> None:
    assert parsed_amounts([format(amount, "f") for amount in amounts]) == amounts


def test_amounts_of_any_scale_are_exact_and_empty_is_missing_not_zero() -> None:
    texts = ["0.10", "1234567890123.45", "", None, " 12.5 ", "-0.0001", "1e3"]
    expected = [
        Decimal("0.10"),
        Decimal("1234567890123.45"),
        None,
        None,
        Decimal("12.5"),
        Decimal("-0.0001"),
        Decimal(1000),
    ]
    assert parsed_amounts(texts) == expected


def test_every_type_and_the_utc_instant() -> None:
    table = parse(
        cells(
            day=["2026-11-01"],
            Amount=["1.00"],
            units=["3"],
            views=["4000000000"],
            at=["2026-11-01T01:30:00-07:00"],
            is_new=["Yes"],
            note=[" as is "],
        ),
        CONTRACT,
    ).table
    assert table.to_pylist() == [
        {
            "day": date(2026, 11, 1),
            "amount": Decimal("1.00"),
            "units": 3,
            "views": 4_000_000_000,
            "at": datetime(2026, 11, 1, 8, 30, tzinfo=timezone.utc),
            "is_new": True,
            "note": " as is ",
        }
    ]


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("Amount", "twelve", "Amount: 'twelve' is not an amount"),
        ("Amount", "1,234.50", "Amount: '1,234.50' is not an amount"),
        ("Amount", "NaN", "Amount: 'NaN' is not an amount"),
        ("Amount", "1_000", "Amount: '1_000' is not an amount"),
        ("units", "2.5", "units: '2.5' is not a whole number"),
        ("units", "99999999999", "units: '99999999999' is not a whole number"),
        ("at", "2026-11-01T01:30:00", "at: '2026-11-01T01:30:00' is not an instant with its offset from UTC"),
        ("day", "11/01/2026", "day: '11/01/2026' is not a date (YYYY-MM-DD)"),
        ("day", "", "day: empty"),
        ("is_new", "perhaps", "is_new: 'perhaps' is not true or false"),
    ],
)
def test_a_cell_that_breaks_the_contract_sets_its_row_aside(column: str, cell: str, reason: str) -> None:
    columns = {"day": ["2026-11-01"] * 3, "Amount": ["1.00"] * 3, column: ["", "", ""]}
    columns[column] = {"day": ["2026-11-01"] * 3, "Amount": ["1.00"] * 3}.get(column, [""] * 3)
    columns[column][1] = cell
    parsed = parse(cells(**columns), CONTRACT)
    assert parsed.rows_read == 3
    assert parsed.table.num_rows == 2
    assert [(item.row_number, item.reason) for item in parsed.rejected] == [(2, reason)]
    assert parsed.rejected[0].row[column] == cell


def test_a_row_with_two_faults_names_both() -> None:
    parsed = parse(cells(day=["x", "2026-11-01"], Amount=["y", "2"]), CONTRACT)
    assert parsed.rejected[0].reason == "day: 'x' is not a date (YYYY-MM-DD); Amount: 'y' is not an amount"


def test_a_missing_required_column_refuses_the_document_in_one_line() -> None:
    with pytest.raises(WrongDocument) as caught:
        parse(cells(day=["2026-11-01"], units=["1"]), CONTRACT, "sales.csv")
    assert caught.value.message == (
        "sales.csv lacks the column Amount of shop/sales; nothing was changed; check that it is this report and "
        "complete"
    )


def test_unknown_columns_are_kept_and_ignored_ones_are_not() -> None:
    parsed = parse(cells(day=["2026-11-01"] * 2, Betrag=["1", "2"], city=["Reno"] * 2, Shade=["dark", ""]), CONTRACT)
    assert parsed.unknown_columns == ["Shade"]
    assert parsed.table.column("_extra").to_pylist() == ['{"Shade": "dark"}', None]


def test_a_retyped_column_is_quarantine_not_a_second_column() -> None:
    parsed = parse(cells(day=["2026-11-01", "2026-11-02"], Amount=["1.00", "$2.00"]), CONTRACT)
    assert parsed.table.column_names == [column.name for column in CONTRACT.columns]
    assert len(parsed.rejected) == 1


def test_under_mode_changes_a_bad_line_sets_aside_all_lines_of_its_key() -> None:
    version = ["2026-11-01T00:00:00Z"] * 4
    parsed = parse(cells(order=["a", "b", "a", "c"], amount=["1", "2", "many", "3"], version=version), FEED)
    assert parsed.table.column("order").to_pylist() == ["b", "c"]
    assert [(item.row_number, item.reason) for item in parsed.rejected] == [
        (1, "row 3 of the same order breaks the contract"),
        (3, "amount: 'many' is not an amount"),
    ]
