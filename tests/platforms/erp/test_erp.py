"""The ERP as a database and as files: what is asked for, what is left out, and what can't be."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from airflow_dags.accounts import Account
from airflow_dags.errors import ConfigurationError, LoginRefused, NetworkFailed, TerminalError
from airflow_dags.ingest import job_of, pull
from airflow_dags.loader import ensure_schema
from airflow_dags.platforms.erp import PLATFORM
from airflow_dags.platforms.erp.contracts import CONTRACTS
from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.erp import QUERIES, STREAMS, erp_rows, write_erp_database, write_erp_files

AS_OF = date(2026, 11, 23)


@pytest.fixture(scope="module")
def business() -> Business:
    return Business(7, AS_OF, small=True)


@pytest.fixture
def warehouse(fresh_database: str) -> str:
    ensure_schema(fresh_database, CONTRACTS)
    return fresh_database


@pytest.fixture
def database(fresh_database: str, business: Business) -> str:
    """The ERP lies in the same database as the warehouse, in a schema of its own."""
    url = fresh_database.replace("postgresql://", "postgresql+psycopg2://", 1)
    write_erp_database(fresh_database, business)
    return url


def load(uri: str, stream: str, window: Any = None, **settings: Any) -> Any:
    secret = {"url": settings.pop("url")} if "url" in settings else {}
    account = Account("erp", "erp_main", "erp_erp_main", settings, secret)
    return pull(job_of(PLATFORM, stream, account, uri), window)


def rows(uri: str, query: str) -> list[dict[str, Any]]:
    with psycopg.connect(uri, row_factory=dict_row) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("stream", sorted(STREAMS))
def test_every_stream_loads_the_same_from_a_database_and_from_a_file(
    stream: str, warehouse: str, database: str, business: Business, tmp_path: Path
) -> None:
    from airflow_dags.contracts import Window

    window = Window(business.first_day, business.last_day)
    load(warehouse, stream, window, url=database, queries=QUERIES)
    skipped = "- '_load_id' - '_loaded_at' - '_known_at'"
    query = f"select (to_jsonb(t) {skipped})::text as row from raw.erp__{stream} as t order by 1"
    found = rows(warehouse, query)
    wanted = [
        row for row in erp_rows(business, stream) if stream not in ("sales", "fees", "fx_rates") or row[0] <= window.end
    ]
    assert len(found) == len(wanted) > 0
    write_erp_files(business, tmp_path)
    load(warehouse, stream, window, files_dir=str(tmp_path))
    assert rows(warehouse, query) == found


def test_bookings_are_asked_for_by_day_and_a_deleted_one_goes(warehouse: str, database: str) -> None:
    from airflow_dags.contracts import Window

    day = AS_OF - timedelta(days=5)
    load(warehouse, "sales", Window(day - timedelta(days=3), day), url=database, queries=QUERIES)
    counts = "select date, count(*) as n from raw.erp__sales group by 1 order by 1"
    before = rows(warehouse, counts)
    assert [row["date"] for row in before] == [day - timedelta(days=n) for n in (3, 2, 1, 0)]
    with psycopg.connect(warehouse) as connection:
        connection.execute("delete from erp.sales where date = %s", (day,))
    load(warehouse, "sales", Window(day, day), url=database, queries=QUERIES)
    assert rows(warehouse, counts) == before[:-1]


def test_a_query_without_days_is_cut_to_the_days_that_were_asked_for(warehouse: str, database: str) -> None:
    from airflow_dags.contracts import Window

    day = AS_OF - timedelta(days=5)
    queries = {"fx_rates": "select * from erp.fx_rates"}
    results = load(warehouse, "fx_rates", Window(day, day), url=database, queries=queries)
    assert [(one.rows_loaded, one.rows_quarantined) for one in results] == [(4, 0)]


def test_a_day_that_is_none_is_set_aside_not_dropped(warehouse: str, tmp_path: Path) -> None:
    from airflow_dags.contracts import Window

    days = ("2026-11-02", "2.11.26", "2026-12-24")
    lines = ["date,from_currency,to_currency,rate", *(f"{day},CAD,USD,0.73" for day in days)]
    (tmp_path / "fx_rates.csv").write_text("\n".join(lines))
    window = Window(date(2026, 11, 1), date(2026, 11, 3))
    results = load(warehouse, "fx_rates", window, files_dir=str(tmp_path))
    assert [(one.rows_loaded, one.rows_quarantined) for one in results] == [(1, 1)]


def test_a_score_is_corrected_by_filing_it_again_and_others_stay(warehouse: str, tmp_path: Path) -> None:
    head = "date,entity_kind,entity_id,score,value,promoters,detractors,responses"
    files = (
        ["2026-11-02,account,account:aurora_us,ipi,512,,,", "2026-11-02,account,account:harbor_us,ipi,470,,,"],
        ["2026-11-02,account,account:aurora_us,ipi,521,,,", "2026-11-30,account,account:aurora_us,nps,,30,5,50"],
    )
    for lines in files:
        (tmp_path / "scores.csv").write_text("\n".join([head, *lines]))
        load(warehouse, "scores", files_dir=str(tmp_path))
    found = rows(warehouse, "select entity_id, score, value, promoters from raw.erp__scores order by 1, 2")
    assert [tuple(row.values()) for row in found] == [
        ("account:aurora_us", "ipi", 521, None),
        ("account:aurora_us", "nps", None, 30),
        ("account:harbor_us", "ipi", 470, None),
    ]


def test_an_erp_without_a_stream_is_not_asked_for_it(tmp_path: Path) -> None:
    (tmp_path / "staff.csv").write_text("employee_id,employee_name,team_id\n")
    by_files = Account("erp", "e", "erp_e", {"files_dir": str(tmp_path)})
    by_sql = Account("erp", "e", "erp_e", {"queries": {"budgets": "select 1"}}, {"url": "sqlite://"})
    offered = {
        name: [stream.name for stream in PLATFORM.streams.values() if stream.is_offered(account)]
        for name, account in (("files", by_files), ("sql", by_sql))
    }
    assert offered == {"files": ["staff"], "sql": ["budgets"]}


def test_any_database_with_a_driver_will_do(warehouse: str, tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "erp.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table items (code text, cost real)")
        connection.execute("insert into items values ('A', 3.1), ('B', 0.1)")
    query = "select code as sku, '2026-01-01' as valid_from, cost as unit_cost, 'USD' as currency from items"
    load(warehouse, "unit_costs", url=f"sqlite:///{path}", queries={"unit_costs": query})
    found = rows(warehouse, "select sku, unit_cost::text as cost from raw.erp__unit_costs order by 1")
    assert [(row["sku"], row["cost"].rstrip("0")) for row in found] == [("A", "3.1"), ("B", "0.1")]


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({}, ConfigurationError, "has neither url and queries.products nor files_dir"),
        ({"system": "sap"}, ConfigurationError, "has system 'sap'"),
        ({"url": "nonsense", "queries": {"products": "select 1"}}, ConfigurationError, "is no SQLAlchemy URL"),
        (
            {"url": "postgresql+psycopg2://u:canary@127.0.0.1:1/x", "queries": {"products": "select 1"}},
            NetworkFailed,
            "failed at stream products",
        ),
        ({"url": "sqlite://", "queries": {"products": "select absent"}}, TerminalError, "no such column: absent"),
        ({"url": "sqlite://"}, ConfigurationError, "has no query queries.products"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_without_secrets(
    warehouse: str, settings: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        load(warehouse, "products", **settings)
    assert "nothing was changed" in str(caught.value)
    assert "canary" not in str(caught.value)


def test_a_refused_login_is_told_as_such(warehouse: str, database: str) -> None:
    wrong = database.replace("postgres:", "postgres:canary", 1)
    with pytest.raises(LoginRefused) as caught:
        load(warehouse, "staff", url=wrong, queries=QUERIES)
    assert "canary" not in str(caught.value)
