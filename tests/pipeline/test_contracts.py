"""Contracts: what they refuse to be, how windows are cut, which names a document may use."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_dags.contracts import Column, Contract, Extract, Window, normalise
from airflow_dags.registry import contracts


def test_a_contract_must_name_what_its_mode_needs() -> None:
    columns = (Column("id"), Column("day", "date"))
    with pytest.raises(ValueError, match="needs a key"):
        Contract("p", "s", "changes", columns, unique=("id",))
    with pytest.raises(ValueError, match="unique must begin with day"):
        Contract("p", "s", "window", columns, unique=("id", "day"), window_column="day")
    with pytest.raises(ValueError, match="unique must begin with id"):
        Contract("p", "s", "changes", columns, unique=("day", "id"), key=("id",))
    with pytest.raises(ValueError, match="needs a window column"):
        Contract("p", "s", "window", columns, unique=("id",))
    with pytest.raises(ValueError, match="are not columns"):
        Contract("p", "s", "window", columns, unique=("other",), window_column="day")
    with pytest.raises(ValueError, match="named twice"):
        Contract("p", "s", "window", (*columns, Column("id")), unique=("id",), window_column="day")
    with pytest.raises(ValueError, match="lower snake case"):
        Contract("p", "s; drop table x", "window", columns, unique=("id",), window_column="day")


@pytest.mark.parametrize("contract", contracts(), ids=lambda contract: contract.title)
def test_a_replacement_finds_its_rows_by_the_index(contract: Contract) -> None:
    """By the account and what the mode replaces by; without the account only where the key is in one account alone."""
    first = contract.key[0] if contract.mode == "changes" else contract.window_column
    is_alone = contract.index[0] == first
    assert is_alone or contract.index[:2] == ("_account_id", first)
    assert not is_alone or (contract.mode == "changes" and first in contract.owned)
    assert sorted(contract.index) == sorted(("_account_id", *contract.unique))


def test_an_instant_without_offset_is_no_knowledge() -> None:
    with pytest.raises(ValueError, match="needs its offset"):
        Extract(None, known_at=datetime(2026, 11, 1))  # noqa: DTZ001


@given(st.dates(date(2020, 1, 1), date(2026, 1, 1)), st.integers(0, 900), st.integers(1, 40))
def test_a_split_window_covers_every_day_once(start: date, length: int, days: int) -> None:
    window = Window(start, start + timedelta(days=length))
    covered = [
        part.start + timedelta(days=offset)
        for part in window.split(days)
        for offset in range((part.end - part.start).days + 1)
    ]
    assert covered == [start + timedelta(days=offset) for offset in range(length + 1)]
    assert all((part.end - part.start).days < days for part in window.split(days))


def test_a_window_must_not_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        Window(date(2026, 11, 2), date(2026, 11, 1))


@pytest.mark.parametrize(
    "spelled", ["amazon-order-id", "Amazon Order ID", "\ufeffamazon-order-id", " AMAZON_ORDER_ID "]
)
def test_columns_are_found_however_an_export_spells_them(spelled: str) -> None:
    assert normalise(spelled) == "amazon_order_id"


def test_every_table_has_the_documented_columns() -> None:
    """The names and types that the SQL layer was promised, for one table in full."""
    orders = next(contract for contract in contracts() if contract.table == "amazon_sp__orders")
    assert {column.name: column.type for column in orders.columns} == {
        "amazon_order_id": "text",
        "line_number": "integer",
        "merchant_order_id": "text",
        "purchase_date": "timestamp",
        "last_updated_date": "timestamp",
        "order_status": "text",
        "fulfillment_channel": "text",
        "sales_channel": "text",
        "product_name": "text",
        "sku": "text",
        "asin": "text",
        "item_status": "text",
        "quantity": "integer",
        "currency": "text",
        "item_price": "numeric",
        "item_tax": "numeric",
        "shipping_price": "numeric",
        "item_promotion_discount": "numeric",
        "ship_promotion_discount": "numeric",
        "ship_state": "text",
        "ship_country": "text",
    }


def test_contracts_and_platforms_import_no_framework() -> None:
    """The registry is read by Airflow at every parse of a DAG: it must stay light and free of drivers and clients."""
    heavy = [
        "airflow.",
        "sqlalchemy",
        "flask",
        "pandas",
        "pyarrow",
        "httpx",
        "requests",
        "sp_api",
        "ad_api",
        "dbt",
        "psycopg",
        "adbc",
    ]
    code = (
        "import sys; import airflow_dags.registry as r; r.platforms(); r.contracts(); "
        f"print([m for m in sys.modules if any((m + '.').startswith(h.rstrip('.') + '.') for h in {heavy})])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
