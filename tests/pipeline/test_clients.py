"""The real client libraries against the sandbox: whole cycles, restatements, faults, and secrets that stay secret."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest

from airflow_dags import ingest
from airflow_dags.contracts import Window
from airflow_dags.errors import DocumentBroken, LoginRefused, NotReady, ReportFailed, RequestRefused, ServerUnavailable
from airflow_dags.ingest import Job

from .conftest import AS_OF, Warehouse

JobOf = Callable[..., Job]
WEEK = Window(date(2026, 10, 27), date(2026, 11, 2))


@pytest.fixture(autouse=True)
def quick_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backing off is the HTTP client's own test; here it only costs time."""
    monkeypatch.setattr("airflow_dags.http.HttpClient._pause_before_retry", lambda self, error, attempt: 0.01)


def run(job: Job, window: Window = WEEK) -> list[Any]:
    batch = ingest.create_reports(job, window)
    assert ingest.wait_for_reports(job, batch, 60, iter([0.0] * 1000))
    return ingest.load_reports(job, batch)


def plan_fault(sandbox: Any, operation: str, kind: str, times: int = 1) -> None:
    from airflow_dags.sandbox.state import Fault

    sandbox.faults.append(Fault(operation, kind, times))


def truth(sandbox: Any, kpi: str, account: str = "aurora_us", month: str = "2026-10-01") -> Decimal:
    """The simulation's own account of a month, worked out without any of this code."""
    from airflow_dags.sandbox.kpi_truth import truth_values

    [found] = [
        row
        for row in truth_values(sandbox.business, sandbox.revision)
        if (row.kpi_id, row.entity_id, row.period_start.isoformat()) == (kpi, f"account:{account}", month)
    ]
    return Decimal(str(found.value))


MONTH = Window(date(2026, 10, 1), date(2026, 10, 31))


def test_a_month_of_orders_and_traffic_equals_the_truth(sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse) -> None:
    """Sales of the marketplace's own October: its last day ends at seven in the morning UTC of November."""
    run(sandbox_job("amazon_sp", "orders"), Window(date(2026, 10, 1), AS_OF))
    run(sandbox_job("amazon_sp", "sales_and_traffic"), MONTH)
    [found] = warehouse.rows(
        "select sum(item_price) as gmv, sum(quantity) as units, count(distinct amazon_order_id) as orders, "
        "(select sum(sessions) from raw.amazon_sp__sales_and_traffic where row_level = 'date') as sessions "
        "from raw.amazon_sp__orders where order_status <> 'Cancelled' and item_status <> 'Cancelled' "
        "and (purchase_date at time zone 'America/Los_Angeles')::date between '2026-10-01' and '2026-10-31'"
    )
    assert {name: Decimal(value) for name, value in found.items()} == {
        name: truth(sandbox, name) for name in ("gmv", "units", "orders", "sessions")
    }


def test_a_month_of_ads_equals_the_truth_and_is_the_same_by_either_report(
    sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse
) -> None:
    """Sponsored Products by ad group, and the other two beside it, make the account's figures."""
    columns = {"sp_campaigns": "sales_7d", "sb_ad_group": "sales_clicks", "sd_ad_group": "sales_clicks"}
    cost, sales = Decimal(0), Decimal(0)
    for stream, column in columns.items():
        run(sandbox_job("amazon_ads", stream), MONTH)
        [found] = warehouse.rows(f"select sum(cost) as cost, sum({column}) as sales from raw.amazon_ads__{stream}")
        cost, sales = cost + found["cost"], sales + found["sales"]
    assert (cost, sales) == (truth(sandbox, "ad_cost"), truth(sandbox, "ad_sales"))
    run(sandbox_job("amazon_ads", "sp_advertised_product"), MONTH)
    by_report = [
        warehouse.value(f"select sum(cost) from raw.amazon_ads__{stream}")
        for stream in ("sp_campaigns", "sp_advertised_product")
    ]
    assert by_report[0] == by_report[1]


def test_orders_arrive_with_their_lines_and_names_whole(sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse) -> None:
    """The flat file is Cp1252; the ERP's Excel file has the same names in Unicode."""
    run(sandbox_job("amazon_sp", "orders"), Window(date(2026, 9, 1), date(2026, 11, 2)))
    names = {row["product_name"] for row in warehouse.rows("select distinct product_name from raw.amazon_sp__orders")}
    assert names
    assert names <= {sku.name for sku in sandbox.business.catalogue.skus}
    assert any(not name.isascii() for name in names)
    assert not any("�" in name or "Ã" in name for name in names)
    assert warehouse.value("select count(*) from raw.amazon_sp__orders where _account_id <> 'aurora_us'") == 0


def test_a_second_pull_changes_nothing_and_a_restated_one_replaces(
    sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse
) -> None:
    """Days that the restatement left empty are empty here too, and no trace of the first pull is left."""
    group = sandbox.business.emptied_ad_group()
    accounts = {"aurora_us", group.campaign.account.account_id}
    windows = {
        ("amazon_ads", "sp_campaigns"): Window(date(2026, 10, 4), date(2026, 11, 2)),
        ("amazon_sp", "sales_and_traffic"): Window(date(2026, 10, 30), date(2026, 11, 2)),
        ("amazon_sp", "orders"): Window(date(2026, 10, 4), date(2026, 11, 5)),
    }
    jobs = [
        (sandbox_job(*stream, account), window) for stream, window in windows.items() for account in sorted(accounts)
    ]
    tables = {job.contract.table for job, _ in jobs}

    def pull() -> dict[str, list[str]]:
        for job, window in jobs:
            run(job, window)
        return {table: warehouse.table(table) for table in tables}

    first = pull()
    assert pull() == first
    emptied = str(group.ad_group_id)
    days = "select count(*) from raw.amazon_ads__sp_campaigns where ad_group_id = %s"
    before = warehouse.value(days, emptied)
    sandbox.revision = 1
    restated = pull()
    assert warehouse.value(days, emptied) == before - 1
    assert [table for table in tables if restated[table] == first[table]] == []
    # An empty warehouse that only ever saw the restated state has the same rows.
    for table in tables:
        warehouse_truncate(warehouse, table)
    assert pull() == restated


def warehouse_truncate(warehouse: Warehouse, table: str) -> None:
    import psycopg

    with psycopg.connect(warehouse.uri) as connection:
        connection.execute(f"truncate raw.{table}")


def test_a_cancelled_report_is_a_window_without_rows(sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse) -> None:
    job, day = sandbox_job("amazon_sp", "sales_and_traffic"), Window(date(2026, 11, 1), date(2026, 11, 1))
    assert run(job, day)[0].state == "loaded"
    before = warehouse.table("amazon_sp__sales_and_traffic")
    # Its days have rows, so it is not believed before it ended so twice.
    plan_fault(sandbox, "createReport", "cancelled")
    assert [result.state for result in run(job, day)] == ["loaded"]
    assert warehouse.table("amazon_sp__sales_and_traffic") == before
    warehouse.rows("delete from raw.report_requests returning 1")
    plan_fault(sandbox, "createReport", "cancelled", times=2)
    assert [result.state for result in run(job, day)] == ["empty"]
    assert warehouse.table("amazon_sp__sales_and_traffic") == []


def test_a_report_that_fails_keeps_what_was_known_and_is_in_the_ledger(
    sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse
) -> None:
    job = sandbox_job("amazon_sp", "sales_and_traffic")
    two_days = Window(date(2026, 11, 1), date(2026, 11, 2))
    run(job, two_days)
    before = warehouse.table("amazon_sp__sales_and_traffic")
    plan_fault(sandbox, "createReport", "fatal")
    with pytest.raises(ReportFailed, match=r"1 of 2 reports .* FATAL .*their days keep what was known"):
        run(job, two_days)
    assert warehouse.table("amazon_sp__sales_and_traffic") == before
    assert [row["state"] for row in warehouse.ledger()] == ["loaded", "loaded", "failed"]
    # The failed one is not resumed: the next run asks anew and heals it.
    assert [result.state for result in run(job, two_days)] == ["loaded"]


@pytest.mark.parametrize("operation", ["createReport", "getReport", "getReportDocument"])
@pytest.mark.parametrize("kind", ["throttle", "error", "html"])
def test_transient_faults_heal(
    sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse, operation: str, kind: str
) -> None:
    plan_fault(sandbox, operation, kind, times=2)
    [result] = run(sandbox_job("amazon_sp", "sales_and_traffic"), Window(date(2026, 11, 1), date(2026, 11, 2)))
    assert result.state == "loaded"
    assert warehouse.value("select count(distinct period_start) from raw.amazon_sp__sales_and_traffic") == 2


def test_a_platform_that_stays_down_is_transient_and_recorded(
    sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse
) -> None:
    plan_fault(sandbox, "createReport", "html", times=50)
    with pytest.raises(ServerUnavailable) as caught:
        run(sandbox_job("amazon_sp", "orders"))
    assert caught.value.is_transient
    assert "createReport failed with 503" in warehouse.ledger()[-1]["error"]


def test_a_truncated_download_is_fetched_again_and_then_refused(
    sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse
) -> None:
    job, day = sandbox_job("amazon_sp", "orders"), Window(date(2026, 10, 5), date(2026, 11, 2))
    plan_fault(sandbox, "download", "truncate", times=2)
    assert run(job, day)[0].state == "loaded"
    before = warehouse.table("amazon_sp__orders")
    plan_fault(sandbox, "download", "truncate", times=3)
    with pytest.raises(DocumentBroken, match="truncated"):
        run(job, day)
    assert warehouse.table("amazon_sp__orders") == before
    # The report itself may be damaged, so the next run asks for another one.
    asked = len(sandbox.sp_reports)
    assert run(job, day)[0].state == "loaded"
    assert len(sandbox.sp_reports) == asked + 1


def test_a_retry_resumes_its_reports_instead_of_asking_again(
    sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse
) -> None:
    job = sandbox_job("amazon_sp", "sales_and_traffic")
    plan_fault(sandbox, "createReport", "error", times=100)
    with pytest.raises(ServerUnavailable):
        ingest.create_reports(job, WEEK)
    sandbox.faults.clear()
    batch = ingest.create_reports(job, WEEK)
    asked = len(sandbox.sp_reports)
    with pytest.raises(NotReady):
        ingest.load_reports(job, batch)
    again = ingest.create_reports(job, WEEK)
    assert len(sandbox.sp_reports) == asked
    assert ingest.wait_for_reports(job, again, 60, iter([0.0] * 100))
    assert [result.state for result in ingest.load_reports(job, again)] == ["loaded"]
    # What was loaded is asked for anew: the platform may have restated it.
    ingest.create_reports(job, WEEK)
    assert len(sandbox.sp_reports) == asked + 7


@pytest.mark.parametrize("finished", [False, True])
def test_a_report_that_the_platform_forgot_is_asked_for_anew(
    sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse, finished: bool
) -> None:
    """A run that was cut off, and a platform that no longer knows its reports: the next run heals by itself."""
    for platform, stream in (("amazon_ads", "sp_campaigns"), ("amazon_sp", "sales_and_traffic")):
        job = sandbox_job(platform, stream)
        batch = ingest.create_reports(job, WEEK)
        if finished:
            assert ingest.wait_for_reports(job, batch, 60, iter([0.0] * 100))
        sandbox.ads_reports.clear()
        sandbox.sp_reports.clear()
        assert [result.state for result in run(job)] == ["loaded"]
        assert {row["state"] for row in warehouse.ledger()} == {"loaded"}


def test_a_report_forgotten_while_waiting_fails_in_the_ledger_and_heals(
    sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse
) -> None:
    job = sandbox_job("amazon_ads", "sp_campaigns")
    batch = ingest.create_reports(job, WEEK)
    sandbox.ads_reports.clear()
    assert ingest.poll_reports(job, batch)
    with pytest.raises(ReportFailed, match="no longer knows report"):
        ingest.load_reports(job, batch)
    assert "no longer knows report" in warehouse.ledger()[-1]["error"]
    assert [result.state for result in run(job)] == ["loaded"]


def test_loading_a_batch_twice_is_loading_it_once(sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse) -> None:
    job = sandbox_job("amazon_ads", "sp_campaigns")
    batch = ingest.create_reports(job, WEEK)
    assert ingest.wait_for_reports(job, batch, 60, iter([0.0] * 100))
    assert len(ingest.load_reports(job, batch)) == 1
    before = warehouse.table("amazon_ads__sp_campaigns")
    assert ingest.load_reports(job, batch) == []
    assert warehouse.table("amazon_ads__sp_campaigns") == before


def test_an_expired_token_is_renewed(sandbox: Any, sandbox_job: JobOf) -> None:
    for platform, stream in (("amazon_sp", "orders"), ("amazon_ads", "sp_campaigns")):
        job = sandbox_job(platform, stream)
        client = job.client()
        report_id = job.stream.request(client, job.account, WEEK)  # type: ignore[attr-defined]
        for known in list(vars(sandbox.credentials).values()):
            if (
                isinstance(known, dict)
                and known
                and all(isinstance(key, str) and key.startswith("Atza|") for key in known)
            ):
                known.clear()
        assert job.stream.check(client, report_id).state in ("requested", "done")  # type: ignore[attr-defined]


@pytest.mark.parametrize("platform", ["amazon_sp", "amazon_ads"])
def test_wrong_credentials_are_one_line_and_terminal(
    sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse, platform: str
) -> None:
    stream = {"amazon_sp": "orders", "amazon_ads": "sp_campaigns"}[platform]
    forget_tokens()
    job = sandbox_job(platform, stream, password="canary-wrong-secret")
    with pytest.raises((LoginRefused, RequestRefused)) as caught:
        run(job)
    assert not caught.value.is_transient
    assert "login was refused" in caught.value.message
    assert "nothing was changed" in caught.value.message
    assert warehouse.ledger()[-1]["error"] == caught.value.message


def forget_tokens() -> None:
    from ad_api.auth.access_token_client import cache as ads
    from sp_api.auth.access_token_client import cache as sp

    sp.clear()
    ads.clear()


def test_no_secret_reaches_logs_ledger_or_requests(
    sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse, caplog: pytest.LogCaptureFixture
) -> None:
    """Good runs and failing ones, at the most talkative log level."""
    caplog.set_level(logging.DEBUG, "airflow_dags")
    caplog.set_level(logging.INFO)
    secrets: set[str] = set()
    for platform, stream in (("amazon_sp", "orders"), ("amazon_ads", "sp_campaigns")):
        job = sandbox_job(platform, stream)
        secrets |= set(job.account.secrets.values())
        run(job)
        forget_tokens()
        bad = sandbox_job(platform, stream, password="canary-wrong-secret")
        with pytest.raises((LoginRefused, RequestRefused)) as caught:
            run(bad)
        assert "canary" not in repr(caught.value) + repr(bad) + repr(bad.account) + str(caught.value.context)
    secrets |= {"canary-wrong-secret", "Atza|", "Bearer "}
    told = caplog.text + "".join(
        str(warehouse.rows(f"select * from raw.{table}")) for table in ("load_ledger", "report_requests", "quarantine")
    )
    assert [secret for secret in secrets if secret in told] == []


def test_a_file_that_a_person_downloaded_loads_like_the_reports_own(
    sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse
) -> None:
    job = sandbox_job("amazon_sp", "orders")
    run(job)
    by_api = warehouse.table("amazon_sp__orders")
    warehouse_truncate(warehouse, "amazon_sp__orders")
    client = job.client()
    report_id = job.stream.request(client, job.account, WEEK)  # type: ignore[attr-defined]
    while (status := job.stream.check(client, report_id)).state == "requested":  # type: ignore[attr-defined]
        pass
    document = job.stream.download(client, status.document_id)  # type: ignore[attr-defined]
    zipped = gzip.compress(document.plain())
    warehouse.load("amazon_sp", "orders", zipped)
    assert warehouse.table("amazon_sp__orders") == by_api


def test_the_erp_loads_alike_from_csv_excel_and_its_database(
    sandbox: Any, warehouse: Warehouse, tmp_path: Any, fresh_database: str
) -> None:
    from airflow_dags.sandbox.erp import QUERIES, write_erp_database

    address = fresh_database.replace("postgresql://", "postgresql+psycopg2://")
    write_erp_database(fresh_database, sandbox.business)
    for stream in ("products", "unit_costs", "staff"):
        states = []
        for suffix in ("csv", "xlsx"):
            content = httpx.get(f"{sandbox.base_url}/sandbox/erp/{stream}.{suffix}").content
            (tmp_path / suffix).mkdir(exist_ok=True)
            (tmp_path / suffix / f"{stream}.{suffix}").write_bytes(content)
            job = warehouse.job("erp", stream, "erp_main", files_dir=str(tmp_path / suffix))
            assert [load.rows_quarantined for load in ingest.pull(job)] == [0]
            states.append(warehouse.table(f"erp__{stream}"))
        job = warehouse.job("erp", stream, "erp_main", url=address, queries=QUERIES)
        assert [load.rows_quarantined for load in ingest.pull(job)] == [0]
        states.append(warehouse.table(f"erp__{stream}"))
        assert states[0]
        assert states[0] == states[1] == states[2]


def test_a_wrong_password_of_the_erp_is_one_line_without_it(warehouse: Warehouse) -> None:
    address = warehouse.uri.replace("postgresql://", "postgresql+psycopg2://")
    user, _, _ = address.rpartition("@")[0].rpartition(":")
    address = f"{user}:canary-password@{address.rpartition('@')[2]}"
    job = warehouse.job("erp", "staff", "erp_main", url=address, queries={"staff": "select 1"})
    with pytest.raises(LoginRefused) as caught:
        ingest.pull(job)
    assert "nothing was changed" in caught.value.message
    assert "canary" not in caught.value.message


def test_batches_are_named_by_ids_only(sandbox: Any, sandbox_job: JobOf) -> None:
    assert isinstance(ingest.create_reports(sandbox_job("amazon_ads", "sp_campaigns"), WEEK), UUID)
