"""SP-API as the real client sees it: login, reports, documents, paging, limits, errors."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta

import pytest
import requests
from sp_api.auth.exceptions import AuthorizationError
from sp_api.base import SellingApiBadRequestException, SellingApiForbiddenException, SellingApiRequestThrottledException
from sp_api.base.exceptions import SellingApiNotFoundException, SellingApiServerException

from airflow_dags.sandbox.state import SandboxState

from .clients import ORDERS, SKU_BY_DAY, TRAFFIC, sp_client, sp_document

MORNING, NEXT_MORNING = "2026-10-31T07:00:00Z", "2026-11-01T07:00:00Z"
DAY = ("2026-10-31", "2026-10-31")


def statuses(client, report_id: str, polls: int) -> list[str]:
    return [client.get_report(report_id).payload["processingStatus"] for _ in range(polls)]


def start_report(client, report_type: str = ORDERS, start: str = MORNING, end: str = NEXT_MORNING, **more) -> str:
    return client.create_report(reportType=report_type, dataStartTime=start, dataEndTime=end, **more).payload[
        "reportId"
    ]


def test_orders_come_as_a_cp1252_flat_file_of_the_window_of_last_updates(connections: dict) -> None:
    document = sp_document(sp_client(connections["amazon_sp_aurora_us"]), ORDERS, MORNING, NEXT_MORNING)
    assert document is not None
    with pytest.raises(UnicodeDecodeError):
        document.decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(document.decode("cp1252")), delimiter="\t"))
    assert any("™" in row["product-name"] or "×" in row["product-name"] for row in rows)
    updated = [row["last-updated-date"] for row in rows]
    assert updated == sorted(updated)
    assert updated[0] >= "2026-10-31T07:00:00"
    assert updated[-1] < "2026-11-01T07:00:00"
    assert any(row["purchase-date"] < "2026-10-31T07:00:00" for row in rows)
    assert {row["sales-channel"] for row in rows} == {"Amazon.com"}


def test_windows_that_touch_hold_every_order_once(connections: dict, state: SandboxState) -> None:
    client = sp_client(connections["amazon_sp_harbor_us"])
    ids: list[str] = []
    for start, end in (("2026-10-30T07:00:00Z", MORNING), (MORNING, NEXT_MORNING)):
        document = sp_document(client, ORDERS, start, end)
        assert document is not None
        ids += {
            row["amazon-order-id"] for row in csv.DictReader(io.StringIO(document.decode("cp1252")), delimiter="\t")
        }
    assert len(ids) == len(set(ids))


def test_the_clients_own_download_decodes_what_the_header_names(connections: dict) -> None:
    client = sp_client(connections["amazon_sp_aurora_us"])
    report_id = start_report(client)
    assert statuses(client, report_id, 2) == ["IN_PROGRESS", "DONE"]
    document_id = client.get_report(report_id).payload["reportDocumentId"]
    answer = client.get_report_document(document_id, download=True)
    assert answer.character_code.lower() == "cp1252"
    assert "Soundwell" in answer.payload["document"]


def test_small_documents_are_not_compressed(connections: dict, state: SandboxState) -> None:
    client = sp_client(connections["amazon_sp_cascade_us"])
    updated = next(o.updated_at for o in state.business.orders(date(2026, 10, 1), 0) if o.account.index == 2)
    start, end = (instant.isoformat() for instant in (updated, updated + timedelta(seconds=1)))
    report_id = start_report(client, start=start, end=end)
    statuses(client, report_id, 2)
    document = client.get_report_document(client.get_report(report_id).payload["reportDocumentId"]).payload
    assert "compressionAlgorithm" not in document
    assert requests.get(document["url"], timeout=5).text.startswith("amazon-order-id\t")


def test_sales_and_traffic_of_one_day_by_sku(connections: dict) -> None:
    document = sp_document(sp_client(connections["amazon_sp_aurora_us"]), TRAFFIC, *DAY, **SKU_BY_DAY)
    report = json.loads(document)
    (day,) = report["salesAndTrafficByDate"]
    rows = report["salesAndTrafficByAsin"]
    assert day["date"] == "2026-10-31"
    assert {row["sku"] for row in rows} == {"AUD-101", "AUD-102", "CHG-101", "CHG-102"}
    assert day["salesByDate"]["unitsOrdered"] == sum(row["salesByAsin"]["unitsOrdered"] for row in rows)
    assert day["trafficByDate"]["sessions"] >= sum(row["trafficByAsin"]["sessions"] for row in rows)


def test_sales_and_traffic_rolls_up_to_weeks_months_and_parents(connections: dict) -> None:
    client = sp_client(connections["amazon_sp_aurora_us"])
    days = json.loads(sp_document(client, TRAFFIC, "2026-10-01", "2026-10-31", **SKU_BY_DAY))
    options = {"dateGranularity": "MONTH", "asinGranularity": "PARENT"}
    month = json.loads(sp_document(client, TRAFFIC, "2026-10-01", "2026-10-31", **options))
    weeks = json.loads(
        sp_document(client, TRAFFIC, "2026-10-04", "2026-10-17", **{**options, "dateGranularity": "WEEK"})
    )
    assert len(days["salesAndTrafficByDate"]) == 31
    (whole,) = month["salesAndTrafficByDate"]
    units = sum(day["salesByDate"]["unitsOrdered"] for day in days["salesAndTrafficByDate"])
    assert whole["salesByDate"]["unitsOrdered"] == units
    assert {tuple(row) for row in month["salesAndTrafficByAsin"]} == {("parentAsin", "salesByAsin", "trafficByAsin")}
    assert [week["date"] for week in weeks["salesAndTrafficByDate"]] == ["2026-10-04", "2026-10-11"]


def test_a_report_without_data_is_cancelled(connections: dict) -> None:
    client = sp_client(connections["amazon_sp_aurora_us"])
    later = start_report(client, start="2027-01-01T00:00:00Z", end="2027-01-02T00:00:00Z")
    assert statuses(client, later, 2)[-1] == "CANCELLED"
    report_id = start_report(client, TRAFFIC, "2020-01-01", "2020-01-01", reportOptions=SKU_BY_DAY)
    assert statuses(client, report_id, 2)[-1] == "CANCELLED"
    assert "reportDocumentId" not in client.get_report(report_id).payload


def test_polls_walk_through_the_queue(connections: dict, state: SandboxState) -> None:
    state.options.polls = 3
    client = sp_client(connections["amazon_sp_aurora_us"])
    assert statuses(client, start_report(client), 4) == ["IN_QUEUE", "IN_PROGRESS", "DONE", "DONE"]


def test_a_queued_report_can_be_cancelled_once(connections: dict) -> None:
    client = sp_client(connections["amazon_sp_aurora_us"])
    report_id = start_report(client)
    client.cancel_report(report_id)
    assert statuses(client, report_id, 1) == ["CANCELLED"]
    with pytest.raises(SellingApiBadRequestException):
        client.cancel_report(report_id)


def test_reports_are_listed_by_pages(connections: dict) -> None:
    client = sp_client(connections["amazon_sp_aurora_us"])
    made = [start_report(client) for _ in range(5)]
    start_report(client, TRAFFIC, *DAY, reportOptions=SKU_BY_DAY)
    start_report(sp_client(connections["amazon_sp_harbor_us"]))
    client = sp_client(connections["amazon_sp_aurora_us"])
    page = client.get_reports(reportTypes=[ORDERS], pageSize=2)
    seen = [report["reportId"] for report in page.payload["reports"]]
    pages = 1
    while page.next_token:
        page = client.get_reports(nextToken=page.next_token)
        seen += [report["reportId"] for report in page.payload["reports"]]
        pages += 1
    assert (pages, seen) == (3, made[::-1])
    with pytest.raises(SellingApiBadRequestException):
        client.get_reports(reportTypes=[ORDERS], processingStatuses=["BAD_VALUE"])
    with pytest.raises(SellingApiBadRequestException):
        client.get_reports(pageSize=2)


@pytest.mark.parametrize(
    "changes",
    [
        {"reportType": "GET_NOTHING"},
        {"marketplaceIds": ["A1PA6795UKMFR9"]},
        {"dataStartTime": "yesterday"},
        {"dataStartTime": "2026-11-02T00:00:00Z"},
        {"reportType": TRAFFIC, "reportOptions": {"asinGranularity": "MODEL"}},
    ],
    ids=["type", "marketplace", "no date", "backwards", "option"],
)
def test_bad_requests_are_refused_with_the_reason(connections: dict, changes: dict) -> None:
    client = sp_client(connections["amazon_sp_aurora_us"])
    request = {"reportType": ORDERS, "dataStartTime": MORNING, "dataEndTime": NEXT_MORNING, **changes}
    with pytest.raises(SellingApiBadRequestException) as refused:
        client.create_report(**request)
    assert refused.value.error[0]["code"] == "InvalidInput"
    assert refused.value.error[0]["details"]


def test_a_wrong_secret_is_refused_at_login(connections: dict) -> None:
    connection = {**connections["amazon_sp_aurora_us"], "password": "wrong"}
    with pytest.raises(AuthorizationError) as refused:
        start_report(sp_client(connection))
    assert (refused.value.error_code, refused.value.status_code) == ("invalid_client", 401)
    stranger = connections["amazon_sp_aurora_us"]
    stranger = {**stranger, "extra": {**stranger["extra"], "refresh_token": "Atzr|nobody"}}
    with pytest.raises(AuthorizationError) as refused:
        start_report(sp_client(stranger))
    assert (refused.value.error_code, refused.value.status_code) == ("invalid_grant", 400)


def test_access_tokens_are_needed_expire_and_belong_to_one_platform(connections: dict, state: SandboxState) -> None:
    url = f"{state.base_url}/reports/2021-06-30/reports/1"
    assert requests.get(url, timeout=5).status_code == 403
    assert requests.get(url, headers={"x-amz-access-token": "Atza|forged.00"}, timeout=5).status_code == 403
    ads = connections["amazon_ads_aurora_us"]
    form = {"grant_type": "refresh_token", "client_secret": ads["password"]}
    form |= {name: ads["extra"][name] for name in ("client_id", "refresh_token")}
    token = requests.post(f"{state.base_url}/auth/o2/token", data=form, timeout=5).json()["access_token"]
    assert requests.get(url, headers={"x-amz-access-token": token}, timeout=5).status_code == 403
    state.options.token_seconds = -1
    with pytest.raises(SellingApiForbiddenException) as refused:
        start_report(sp_client(connections["amazon_sp_aurora_us"]))
    assert "expired" in refused.value.error[0]["details"]


def test_one_account_does_not_see_anothers_report(connections: dict) -> None:
    report_id = start_report(sp_client(connections["amazon_sp_aurora_us"]))
    with pytest.raises(SellingApiNotFoundException):
        sp_client(connections["amazon_sp_harbor_us"]).get_report(report_id)


def test_too_many_requests_are_throttled_with_a_time_to_wait(connections: dict, state: SandboxState) -> None:
    limit = {"operation": "createReport", "rate": 0.5, "burst": 2}
    requests.post(f"{state.base_url}/sandbox/limits", json=limit, timeout=5)
    client = sp_client(connections["amazon_sp_aurora_us"])
    answer = client.create_report(reportType=ORDERS, dataStartTime=MORNING, dataEndTime=NEXT_MORNING)
    assert answer.headers["x-amzn-RateLimit-Limit"] == "0.5"
    start_report(client)
    with pytest.raises(SellingApiRequestThrottledException) as refused:
        start_report(client)
    assert refused.value.headers["Retry-After"] == "2"
    start_report(sp_client(connections["amazon_sp_harbor_us"]))  # another seller has a bucket of its own


def test_planned_faults_happen_once_each(connections: dict, state: SandboxState) -> None:
    def plan(operation: str, kind: str) -> None:
        fault = {"operation": operation, "kind": kind, "account_id": "aurora_us"}
        requests.post(f"{state.base_url}/sandbox/faults", json=fault, timeout=5).raise_for_status()

    client = sp_client(connections["amazon_sp_aurora_us"])
    plan("createReport", "throttle")
    plan("createReport", "error")
    with pytest.raises(SellingApiRequestThrottledException):
        start_report(client)
    with pytest.raises(SellingApiServerException):
        start_report(client)
    plan("createReport", "fatal")
    assert statuses(client, start_report(client), 2)[-1] == "FATAL"
    plan("download", "truncate")
    with pytest.raises(EOFError):
        sp_document(client, ORDERS, MORNING, NEXT_MORNING)
    assert sp_document(client, ORDERS, MORNING, NEXT_MORNING)
    plan("getReport", "html")
    assert client.get_report("1").payload == {}  # how this client takes an answer that isn't JSON
    wrong = {"operation": "download", "kind": "explode"}
    assert requests.post(f"{state.base_url}/sandbox/faults", json=wrong, timeout=5).status_code == 400


def test_documents_need_their_signature_and_expire(connections: dict, state: SandboxState) -> None:
    state.options.document_seconds = -1
    client = sp_client(connections["amazon_sp_aurora_us"])
    report_id = start_report(client)
    statuses(client, report_id, 2)
    document_id = client.get_report(report_id).payload["reportDocumentId"]
    url = client.get_report_document(document_id).payload["url"]
    assert requests.get(url, timeout=5).status_code == 403
    assert requests.get(url.partition("?")[0], timeout=5).status_code == 403


def test_advance_shows_the_restated_business_to_new_reports(connections: dict, state: SandboxState) -> None:
    window = ("2026-10-01T07:00:00Z", "2026-11-03T08:00:00Z")
    client = sp_client(connections["amazon_sp_aurora_us"])
    before = sp_document(client, ORDERS, *window)
    requests.post(f"{state.base_url}/sandbox/advance", timeout=60)
    after = sp_document(client, ORDERS, *window)
    assert requests.get(f"{state.base_url}/sandbox/health", timeout=5).json()["revision"] == 1

    def by_status(document: bytes, status: str) -> int:
        return sum(line.split("\t")[4] == status for line in document.decode("cp1252").splitlines())

    assert by_status(after, "Shipping") < by_status(before, "Shipping")
    assert by_status(after, "Shipped") > by_status(before, "Shipped")
