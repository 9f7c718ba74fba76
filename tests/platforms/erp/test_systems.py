"""ERPs behind their own APIs: the same rows as from a database, several pages, and what goes wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from airflow_dags.accounts import Account, account_of
from airflow_dags.contracts import Window
from airflow_dags.errors import ConfigurationError, LoginRefused, RequestRefused, TransientError, WrongDocument
from airflow_dags.ingest import job_of, pull
from airflow_dags.parsing import parse
from airflow_dags.platforms.erp import PLATFORM
from airflow_dags.platforms.erp.contracts import CONTRACTS
from airflow_dags.sandbox.erp import STREAMS, erp_rows
from airflow_dags.sandbox.erp_systems import SYSTEMS, erp_system_connections
from airflow_dags.sandbox.faults import Fault

CONTRACT = {contract.stream: contract for contract in CONTRACTS}
OFFERED = {
    "erpnext": "products unit_costs staff teams warehouse_stock purchase_orders sales fx_rates",
    "odoo": "products unit_costs staff teams warehouse_stock purchase_orders sales",
    "kingdee": "products unit_costs staff teams warehouse_stock purchase_orders sales fx_rates",
    "mabang": "products unit_costs warehouse_stock purchase_orders",
    "lingxing": "products unit_costs warehouse_stock purchase_orders",
}
CASES = [(system, stream) for system, streams in OFFERED.items() for stream in streams.split()]
# What a system doesn't have, or has otherwise: left out of the comparison.
APART: dict[tuple[str, str], set[str]] = {
    # Nothing received is 0 there.
    ("erpnext", "purchase_orders"): {"quantity_received"},
    # An order that was confirmed is "purchase", received or not.
    ("odoo", "purchase_orders"): {"quantity_received", "status"},
    ("kingdee", "purchase_orders"): {"quantity_received"},
    ("mabang", "purchase_orders"): {"quantity_received"},
    # Today's cost is all that it knows.
    ("mabang", "unit_costs"): {"valid_from"},
    ("lingxing", "unit_costs"): {"valid_from"},
    ("lingxing", "purchase_orders"): {"quantity_received"},
    # Its stock names no warehouses.
    ("lingxing", "warehouse_stock"): {"warehouse_name"},
}
# Refunds are numbered otherwise in the books; here lines are counted.
ALWAYS_APART = {"sales": {"line_number"}}


def account(state: Any, system: str, **changes: Any) -> Account:
    name = f"erp_{system}"
    fields = erp_system_connections(state)[name]
    return account_of({**fields, "extra": {**fields["extra"], **changes}, "conn_id": name})


def days(state: Any, stream: str) -> Window:
    business = state.business
    # Ten days of bookings say as much as two months.
    first = business.last_day - timedelta(days=9) if stream in ("sales", "fx_rates") else business.first_day
    return Window(first, business.last_day)


def cells(state: Any, system: str, stream: str, **changes: Any) -> list[dict[str, Any]]:
    from airflow_dags.platforms.erp.systems import system_of

    one = account(state, system, **changes)
    table, broken = system_of(one).cells(one, CONTRACT[stream], days(state, stream))
    assert broken == []
    return table.to_pylist()


def expected(state: Any, stream: str) -> list[dict[str, Any]]:
    """The books themselves, as a query of their tables answers them."""
    rows = [dict(zip(STREAMS[stream], row, strict=True)) for row in erp_rows(state.business, stream)]
    window = days(state, stream)
    return [row for row in rows if not isinstance(row.get("date"), date) or window.start <= row["date"] <= window.end]


def typed(one: Account, stream: str, window: Window, left_out: set[str]) -> list[str]:
    """The stream's rows as the loader would write them, in an order of their own."""
    extract = PLATFORM.streams[stream].pull(None, one, window)
    parsed = parse(extract.table, CONTRACT[stream], stream)
    assert parsed.rejected == []
    rows = [{name: _plain(value) for name, value in row.items()} for row in parsed.table.to_pylist()]
    return sorted(str([(name, row[name]) for name in row if name not in left_out]) for row in rows)


def _plain(value: Any) -> Any:
    """15.7 is 15.70."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


@pytest.fixture
def books(sandbox: Any, tmp_path: Any) -> str:
    """The same books as a SQL database."""
    import sqlite3

    path = tmp_path / "books.db"
    with sqlite3.connect(path) as connection:
        for stream in STREAMS:
            columns, rows = list(STREAMS[stream]), erp_rows(sandbox.business, stream)
            connection.execute(f"create table {stream} ({', '.join(columns)})")
            marks = ", ".join("?" * len(columns))
            values = [[None if v is None else v if isinstance(v, int) else str(v) for v in row] for row in rows]
            connection.executemany(f"insert into {stream} values ({marks})", values)
    return f"sqlite:///{path}"


@pytest.mark.parametrize(("system", "stream"), CASES)
def test_a_system_gives_what_a_query_of_the_same_books_gives(
    system: str, stream: str, sandbox: Any, books: str
) -> None:
    is_current = "valid_from" in APART.get((system, stream), ())
    queries = {stream: f"select * from {stream}" + (" where valid_to is null" if is_current else "")}
    sql = Account("erp", "books", "erp_books", {"queries": queries}, {"url": books})
    apart = {*ALWAYS_APART.get(stream, ()), *APART.get((system, stream), ())}
    wanted = typed(sql, stream, days(sandbox, stream), apart)
    assert typed(account(sandbox, system), stream, days(sandbox, stream), apart) == wanted
    kept = [row for row in expected(sandbox, stream) if not is_current or row["valid_to"] is None]
    assert len(wanted) == len(kept) > 0


@pytest.mark.parametrize("system", sorted(OFFERED))
def test_its_rows_are_loaded(system: str, sandbox: Any, warehouse: Any) -> None:
    stream = "purchase_orders"
    results = pull(job_of(PLATFORM, stream, account(sandbox, system), warehouse.uri), days(sandbox, stream))
    count = len(expected(sandbox, stream))
    assert [(one.rows_loaded, one.rows_quarantined) for one in results] == [(count, 0)]


@pytest.mark.parametrize("system", sorted(OFFERED))
def test_it_offers_what_it_has_and_what_the_mapping_says(system: str, sandbox: Any) -> None:
    def offered(**changes: Any) -> set[str]:
        one = account(sandbox, system, **changes)
        return {name for name, stream in PLATFORM.streams.items() if stream.is_offered(one)}

    assert offered() == set(OFFERED[system].split())
    assert offered(mapping={"products": None}) == set(OFFERED[system].split()) - {"products"}


@pytest.mark.parametrize(("system", "stream"), [case for case in CASES if case[1] in ("sales", "products")])
def test_lists_are_read_to_the_end_of_their_pages(system: str, stream: str, sandbox: Any) -> None:
    sandbox.options.least_pages = 4
    assert len(cells(sandbox, system, stream)) == len(expected(sandbox, stream))


@pytest.mark.parametrize("system", sorted(OFFERED))
def test_throttling_is_waited_out(system: str, sandbox: Any) -> None:
    sandbox.faults.append(Fault(kind="throttle_seconds", platform="erp", times=2))
    assert len(cells(sandbox, system, "products")) == len(expected(sandbox, "products"))


@pytest.mark.parametrize("system", sorted(OFFERED))
def test_its_own_throttling_is_known_as_such(system: str, sandbox: Any) -> None:
    sandbox.buckets.default = (0.001, 0)
    with pytest.raises(TransientError, match="throttled"):
        cells(sandbox, system, "products")


@pytest.mark.parametrize("system", sorted(OFFERED))
def test_a_wrong_secret_is_refused_without_being_told(system: str, sandbox: Any) -> None:
    secrets = SYSTEMS[system].connection(sandbox)
    name = next(one for one in ("api_secret", "app_secret", "password") if one in secrets)
    with pytest.raises(LoginRefused) as caught:
        cells(sandbox, system, "products", **{name: "canary" + "0" * 26})
    assert "canary" not in str(caught.value)
    assert "nothing was changed" in str(caught.value)


@pytest.mark.parametrize("system", sorted(OFFERED))
def test_a_field_that_is_gone_is_named(system: str, sandbox: Any) -> None:
    mapping = {"products": {"fields": {"brand": "brand_of_old"}}}
    with pytest.raises((WrongDocument, RequestRefused), match="brand_of_old") as caught:
        cells(sandbox, system, "products", mapping=mapping)
    assert "nothing was changed" in str(caught.value)


@pytest.mark.parametrize("system", sorted(OFFERED))
def test_the_connection_can_say_what_its_company_calls_a_column(system: str, sandbox: Any) -> None:
    own = SYSTEMS[system].connection(sandbox)["mapping"]["products"]["fields"]
    mapping = {"products": {"fields": {**own, "category": "=everything", "team_id": None}}}
    rows = cells(sandbox, system, "products", mapping=mapping)
    assert {row["category"] for row in rows} == {"everything"}
    assert "team_id" not in rows[0]
    assert {row["sku"] for row in rows} == {row["sku"] for row in expected(sandbox, "products")}


def test_a_token_that_is_too_old_is_renewed(sandbox: Any) -> None:
    assert cells(sandbox, "lingxing", "products")
    # Somebody else asked for a token since.
    sandbox.jobs["lingxing"]["another"] = True
    assert len(cells(sandbox, "lingxing", "products")) == len(expected(sandbox, "products"))


def test_lingxings_signature_is_what_openssl_makes_of_it() -> None:
    from airflow_dags.platforms.erp.systems.lingxing import signature

    # md5sum of a=1&b=[1,2] in upper case, through openssl enc -aes-128-ecb -a with the id as the key.
    made = "b/orgtq1206Ar+iLaGSxTAw8wYmwv+3bBC63Tf/zjJ1IwVhSPzVcd0sPeLkAl3rO"
    assert signature("ak_0123456789abc", {"b": [1, 2], "a": 1, "empty": ""}) == made


def test_an_app_id_that_is_no_key_is_told(sandbox: Any) -> None:
    from airflow_dags.platforms.erp.systems import lingxing

    one = account(sandbox, "lingxing", app_id="short")
    with pytest.raises(ConfigurationError, match="app_id isn't 16, 24 or 32 characters long"):
        lingxing._once(None, one, "/x", ({}, "token"))  # type: ignore[arg-type]


def test_mabangs_signature_is_what_openssl_makes_of_it() -> None:
    from airflow_dags.platforms.erp.systems.mabang import signature

    # printf '{"api":"x"}' | openssl dgst -sha256 -hmac key
    assert signature("key", b'{"api":"x"}') == "5d23da2347153c39b2aa8e80102bca427e28f6969fd770f2ca21af541b076c19"


@pytest.mark.parametrize("answer", [b"<!DOCTYPE a [<!ENTITY b 'c'>]><methodResponse/>", b"<html>", b""])
def test_what_is_no_xmlrpc_is_never_read(answer: bytes) -> None:
    import httpx

    from airflow_dags.platforms.erp.systems import odoo

    verdict = odoo._judge("odooSearchRead", httpx.Response(200, content=answer))
    assert verdict is not None
    assert verdict.kind == "unavailable"


def test_fields_without_a_resource_hold_for_all_of_a_stream(sandbox: Any) -> None:
    rows = cells(sandbox, "kingdee", "sales", mapping={"sales": {"fields": {"currency": "=EUR"}}})
    assert {(row["kind"], row["currency"]) for row in rows} == {("sale", "EUR"), ("refund", "EUR")}


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ("{", "it is not JSON"),
        ("[]", "it is no object of streams"),
        ({"products": {"field": {}}}, "a stream is an object of"),
        ({"products": {"fields": {"sku": {"fiel": "x"}}}}, "a field is a name or an object of"),
        ({"products": {"fields": {"sku": None}}}, "products has no field for sku"),
        ({"budgets": {"resource": "Budget", "fields": {"amount": "x"}}}, "budgets has no field for"),
    ],
)
def test_a_mapping_that_cannot_be_understood_says_why(mapping: Any, message: str) -> None:
    settings = {"system": "erpnext", "endpoint": "http://127.0.0.1:1", "mapping": mapping}
    one = replace(Account("erp", "e", "erp_e"), settings=settings)
    stream = "budgets" if "budgets" in mapping else "products"
    with pytest.raises(ConfigurationError, match=message):
        PLATFORM.streams[stream].is_offered(one)
