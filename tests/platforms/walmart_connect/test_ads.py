"""Walmart Connect: signed calls, snapshots and their states, restatement, files."""

from __future__ import annotations

import base64
import gzip
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from airflow_dags.contracts import Window
from airflow_dags.documents import Document
from airflow_dags.errors import (
    ConfigurationError,
    DocumentBroken,
    LoginRefused,
    ReportFailed,
    RequestRefused,
    ServerUnavailable,
    WrongDocument,
)
from airflow_dags.ingest import Job, create_reports, load_file, load_reports, poll_reports
from airflow_dags.platforms.walmart_connect.ads import CONTRACT
from airflow_dags.platforms.walmart_connect.client import Advertiser, signed_text
from airflow_dags.sandbox.business.walmart_ads import EMPTIED_DAYS_AGO, emptied_ad_group
from tests.pipeline.conftest import Warehouse
from tests.platforms.support import run, whole_window

TABLE = "raw.walmart_connect__ads"


@pytest.fixture
def job(jobs: Callable[[str, str], list[Job]]) -> Job:
    [found] = jobs("walmart_connect", "ads")
    return found


@pytest.fixture
def client(job: Job) -> Advertiser:
    return job.client()


def with_key(job: Job, key: str) -> Advertiser:
    account = replace(job.account, secrets={**job.account.secrets, "private_key": key})
    return Advertiser(account, job.platform)


def other_key() -> str:
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


# Login


def test_what_is_signed_is_id_timestamp_and_version_each_with_a_newline(client: Advertiser) -> None:
    headers = client._headers()
    assert signed_text("c", "1700000000000", "1") == b"c\n1700000000000\n1\n"
    content = f"{headers['WM_CONSUMER.ID']}\n{headers['WM_CONSUMER.INTIMESTAMP']}\n1\n".encode()
    signature = base64.b64decode(headers["WM_SEC.AUTH_SIGNATURE"])
    client._key.public_key().verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
    assert abs(int(headers["WM_CONSUMER.INTIMESTAMP"]) / 1000 - time.time()) < 5
    client.log_in()


def test_a_signature_by_another_key_is_refused(job: Job) -> None:
    with pytest.raises(LoginRefused, match="AUTH_SIGNATURE does not match"):
        with_key(job, other_key()).log_in()


def test_a_clock_that_is_off_and_a_signature_for_another_time_are_refused(
    client: Advertiser, sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{sandbox.base_url}/walmart_connect/api/v2/latestReportDate"
    headers = client._headers()
    assert requests.get(url, headers=headers, timeout=5).status_code == 200
    later = {**headers, "WM_CONSUMER.INTIMESTAMP": str(int(headers["WM_CONSUMER.INTIMESTAMP"]) + 1)}
    assert "does not match" in requests.get(url, headers=later, timeout=5).json()["details"]
    now = time.time()
    for skew, status in ((-170, 200), (170, 200), (-200, 403), (200, 403)):
        with monkeypatch.context() as patch:
            patch.setattr("airflow_dags.platforms.walmart_connect.client.time.time", lambda skew=skew: now + skew)
            skewed = client._headers()
        answer = requests.get(url, headers=skewed, timeout=5)
        assert answer.status_code == status, skew
    assert answer.json()["details"] == "WM_CONSUMER.INTIMESTAMP is missing or expired"


def test_a_wrong_token_and_an_unknown_consumer_are_refused(client: Advertiser, sandbox: Any) -> None:
    url = f"{sandbox.base_url}/walmart_connect/api/v2/latestReportDate"
    for name, value in (("Authorization", "Bearer other"), ("WM_CONSUMER.ID", "other"), ("WM_SEC.KEY_VERSION", "2")):
        answer = requests.get(url, headers={**client._headers(), name: value}, timeout=5)
        assert answer.status_code == 403, name


def test_a_key_is_taken_with_and_without_its_armour(job: Job) -> None:
    text = job.account.need("private_key")
    bare = "".join(line for line in text.splitlines() if "-----" not in line)
    for form in (text.replace("\n", "\\n"), bare):
        with_key(job, form).log_in()


def test_a_key_that_is_none_is_refused_without_being_shown(job: Job) -> None:
    with pytest.raises(ConfigurationError, match="private_key is no RSA key") as refusal:
        with_key(job, "very-private")
    assert "very-private" not in refusal.value.message


# Reports


def test_days_beyond_the_latest_report_are_not_asked_for(job: Job, business: Any, sandbox: Any) -> None:
    window = Window(business.last_day, business.last_day + timedelta(days=3))
    client = job.client()
    assert client.latest_report_dates()["adItem"] == business.last_day
    report_id = job.stream.request(client, job.account, window)
    asked = sandbox.jobs["walmart_connect"][report_id].request
    assert (asked["start"], asked["end"]) == (business.last_day, business.last_day)
    beyond = Window(business.as_of, business.as_of)
    assert job.stream.check(client, job.stream.request(client, job.account, beyond)).state == "empty"
    assert len(sandbox.jobs["walmart_connect"]) == 1
    body = {"advertiserId": client.advertiser_id, "reportType": "adItem", "reportMetrics": ["date"]}
    with pytest.raises(RequestRefused, match="Reports are available for endDate till date"):
        client.create_snapshot({**body, "startDate": str(business.as_of), "endDate": str(business.as_of)})


def test_a_snapshot_is_pending_then_processing_then_done(job: Job, business: Any, sandbox: Any) -> None:
    sandbox.options.polls = 3
    client = job.client()
    report_id = job.stream.request(client, job.account, Window(business.last_day, business.last_day))
    assert [client.snapshot(report_id)["jobStatus"] for _ in range(4)] == ["pending", "processing", "done", "done"]
    status = job.stream.check(client, report_id)
    assert (status.state, status.document_id) == ("done", report_id)


@pytest.mark.parametrize("ends", ["failed", "expired"])
def test_a_snapshot_that_fails_or_expires_is_asked_for_anew(
    ends: str, job: Job, business: Any, sandbox: Any, warehouse: Warehouse
) -> None:
    window = Window(business.last_day, business.last_day)
    batch = create_reports(job, window)
    [report] = sandbox.jobs["walmart_connect"].values()
    report.status = ends
    assert poll_reports(job, batch)
    with pytest.raises(ReportFailed, match=f"gave up on snapshot {report.report_id}: {ends}"):
        load_reports(job, batch)
    assert warehouse.value(f"select count(*) from {TABLE}") == 0
    assert sum(result.rows_loaded for result in run(job, window)) > 0
    assert len(sandbox.jobs["walmart_connect"]) == 2


def test_an_answer_as_a_list_of_one_is_read_too(job: Job, business: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Advertiser._json

    def listed(self: Advertiser, *args: Any, **more: Any) -> Any:
        answer = ask(self, *args, **more)
        return [answer] if isinstance(answer, dict) else answer

    monkeypatch.setattr(Advertiser, "_json", listed)
    assert sum(result.rows_loaded for result in run(job, Window(business.last_day, business.last_day))) > 0


def test_a_damaged_file_is_fetched_again_and_refused_in_the_end(job: Job, business: Any, sandbox: Any) -> None:
    client = job.client()
    report_id = job.stream.request(client, job.account, Window(business.last_day, business.last_day))
    assert job.stream.check(client, report_id).state == "done"
    report = sandbox.jobs["walmart_connect"][report_id]
    good = report.content
    report.content = good[: len(good) // 2]
    with pytest.raises(DocumentBroken, match="truncated"):
        client.download(report_id, "ads")
    report.content = b"<html>We are back soon</html>"
    with pytest.raises(ServerUnavailable):
        client.download(report_id, "ads")
    report.content = good
    assert client.download(report_id, "ads").plain() == gzip.decompress(good)


def test_the_headers_go_to_walmart_only(client: Advertiser, monkeypatch: pytest.MonkeyPatch) -> None:
    for url in ("https://walmart.com.example.org/file/10", "http://advertising.walmart.com/file/10"):
        monkeypatch.setattr(client, "snapshot", lambda snapshot_id, url=url: {"details": url})
        with pytest.raises(LoginRefused, match="is not Walmart's"):
            client.download("10", "ads")
    client._refuse_strangers("https://advertising.walmart.com/file/10")


def test_the_restatement_empties_a_day_of_an_ad_group_and_raises_sales(
    job: Job, business: Any, sandbox: Any, warehouse: Warehouse
) -> None:
    run(job, whole_window(business, job.stream))
    [shop] = business.shops_of("walmart")
    day = business.as_of - timedelta(days=EMPTIED_DAYS_AGO)
    group = str(emptied_ad_group(business, shop).ad_group_id)
    rows = f"select count(*) from {TABLE} where date = %s and ad_group_id = %s"
    sales = f"select sum(attributed_sales_14days) from {TABLE} where date > %s"
    assert warehouse.value(rows, day, group) > 0
    before = warehouse.value(sales, day)
    sandbox.revision = 1
    run(job, whole_window(business, job.stream))
    assert warehouse.value(rows, day, group) == 0
    assert warehouse.value(sales, day) > before
    assert warehouse.value(f"select count(*) from {TABLE} where attributed_sales_30days < attributed_sales_14days") == 0


# Files


def test_a_snapshots_file_loads_and_another_report_is_refused(
    job: Job, business: Any, warehouse: Warehouse, make_warehouse: Callable[[], Warehouse]
) -> None:
    window = Window(business.last_day - timedelta(days=6), business.last_day)
    client = job.client()
    report_id = job.stream.request(client, job.account, window)
    assert job.stream.check(client, report_id).state == "done"
    document = client.download(report_id, "ads")
    run(job, window)
    other = make_warehouse()
    result = load_file(replace(job, uri=other.uri), Document("snapshot.csv", document.plain()))
    assert (result.rows_quarantined, result.new_columns) == (0, ())
    assert other.table("walmart_connect__ads") == warehouse.table("walmart_connect__ads")
    keyword = b"date,campaignId,adGroupId,keywordText,numAdsShown\n2026-11-20,1,2,tent,10\n"
    with pytest.raises(WrongDocument, match="lacks the columns itemId, numAdsClicks"):
        load_file(job, Document("keyword.csv", keyword))


def test_it_is_asked_for_with_exactly_the_contracts_columns(job: Job, business: Any, sandbox: Any) -> None:
    report_id = job.stream.request(job.client(), job.account, Window(business.last_day, business.last_day))
    asked = sandbox.jobs["walmart_connect"][report_id].request["metrics"]
    assert asked == [column.names[0] for column in CONTRACT.columns]
    assert {"adSpend", "attributedSales14days", "attributedSales30days", "unitsSold14days"} <= set(asked)
