"""The Ads API as the real client sees it."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest
import requests
from ad_api.base.exceptions import (
    AdvertisingApiBadRequestException,
    AdvertisingApiException,
    AdvertisingApiTooManyRequestsException,
    AdvertisingApiUnauthorizedException,
)

from airflow_dags.sandbox.state import SandboxState

from .clients import CAMPAIGN_COLUMNS, PRODUCT_COLUMNS, ads_client, ads_request, ads_rows

WINDOW = ("2026-10-01", "2026-10-31")


def total(rows: list[dict], name: str) -> Decimal:
    return sum((Decimal(str(row[name])) for row in rows), Decimal(0))


def test_campaigns_by_ad_group_and_day(connections: dict) -> None:
    rows = ads_rows(ads_client(connections["amazon_ads_aurora_us"]), ads_request(*WINDOW))
    assert len(rows) == 31 * 2
    assert list(rows[0]) == CAMPAIGN_COLUMNS
    assert isinstance(rows[0]["campaignId"], int)
    for row in rows:
        assert row["impressions"] >= row["clicks"] >= row["purchases7d"] >= row["purchases1d"]
        assert row["sales1d"] <= row["sales7d"] <= row["sales14d"] <= row["sales30d"]
    assert total(rows, "sales7d") > 0


def test_summaries_and_campaigns_add_up_to_the_days(connections: dict) -> None:
    client = ads_client(connections["amazon_ads_aurora_us"])
    days = ads_rows(client, ads_request(*WINDOW))
    columns = ["campaignId", "cost", "sales7d", "startDate", "endDate"]
    changes = {"timeUnit": "SUMMARY", "groupBy": ["campaign"], "columns": columns}
    (campaign,) = ads_rows(client, ads_request(*WINDOW, **changes))
    assert (campaign["startDate"], campaign["endDate"]) == WINDOW
    assert Decimal(str(campaign["cost"])) == total(days, "cost")
    assert Decimal(str(campaign["sales7d"])) == total(days, "sales7d")


def test_advertised_products_add_up_to_their_ad_group_or_nearly(connections: dict) -> None:
    """A report by product may hold a little less than the one by campaign, never more."""
    client = ads_client(connections["amazon_ads_aurora_us"])
    groups: dict = defaultdict(Decimal)
    products: dict = defaultdict(Decimal)
    for row in ads_rows(client, ads_request(*WINDOW)):
        groups[row["date"], row["adGroupId"]] += Decimal(str(row["cost"]))
    rows = ads_rows(client, ads_request(*WINDOW, "spAdvertisedProduct"))
    assert list(rows[0]) == PRODUCT_COLUMNS
    for row in rows:
        products[row["date"], row["adGroupId"]] += Decimal(str(row["cost"]))
    assert groups.keys() == products.keys()
    assert all(Decimal(0) <= groups[key] - products[key] <= Decimal("0.10") for key in groups)


def test_a_range_without_data_is_a_completed_empty_report(connections: dict) -> None:
    assert ads_rows(ads_client(connections["amazon_ads_aurora_us"]), ads_request("2024-01-01", "2024-01-31")) == []


def test_the_same_request_again_names_the_report_that_is_under_way(connections: dict) -> None:
    client = ads_client(connections["amazon_ads_aurora_us"])
    report = client.post_report(body=ads_request(*WINDOW)).payload
    assert report["status"] == "PENDING"
    with pytest.raises(AdvertisingApiException) as refused:
        client.post_report(body={**ads_request(*WINDOW), "name": "another name"})
    assert refused.value.code == 425
    assert refused.value.error["detail"].rpartition(" : ")[2] == report["reportId"]
    assert [client.get_report(reportId=report["reportId"]).payload["status"] for _ in (1, 2)] == [
        "PROCESSING",
        "COMPLETED",
    ]
    assert client.post_report(body=ads_request(*WINDOW)).payload["reportId"] != report["reportId"]


@pytest.mark.parametrize(
    ("request_body", "reason"),
    [
        (ads_request("2026-10-01", "2026-11-01"), "31 days"),
        (ads_request("2026-10-02", "2026-10-01"), "after endDate"),
        (ads_request("soon", "2026-10-01"), "YYYY-MM-DD"),
        (ads_request(*WINDOW, adProduct="SPONSORED_TV"), "adProduct"),
        (ads_request(*WINDOW, reportTypeId="spNothing"), "reportTypeId"),
        (ads_request(*WINDOW, groupBy=["searchTerm"]), "groupBy"),
        (ads_request(*WINDOW, columns=["date", "luck"]), "luck"),
        (ads_request(*WINDOW, columns=[]), "columns"),
        (ads_request(*WINDOW, timeUnit="HOURLY"), "timeUnit"),
        (ads_request(*WINDOW, timeUnit="SUMMARY"), "date"),
        (ads_request(*WINDOW, format="CSV"), "GZIP_JSON"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_requests_are_refused_with_the_reason(connections: dict, request_body: dict, reason: str) -> None:
    with pytest.raises(AdvertisingApiBadRequestException) as refused:
        ads_client(connections["amazon_ads_aurora_us"]).post_report(body=request_body)
    assert reason in refused.value.error["detail"]


def test_retention_is_kept_when_it_is_switched_on(connections: dict, state: SandboxState) -> None:
    client = ads_client(connections["amazon_ads_aurora_us"])
    client.post_report(body=ads_request("2025-10-01", "2025-10-31"))
    state.options.ads_retention_days = 95
    with pytest.raises(AdvertisingApiBadRequestException) as refused:
        client.post_report(body=ads_request("2025-10-02", "2025-10-31"))
    assert "retention of 95 days" in refused.value.error["detail"]
    client.post_report(body=ads_request("2026-10-01", "2026-10-31"))


def test_every_header_is_checked(connections: dict, state: SandboxState) -> None:
    connection = connections["amazon_ads_aurora_us"]
    client = ads_client(connection)
    good = client.headers
    url = f"{state.base_url}/reporting/reports"

    def status(**changes: str | None) -> int:
        headers = {name: value for name, value in {**good, **changes}.items() if value is not None}
        return requests.post(url, headers=headers, json=ads_request(*WINDOW), timeout=5).status_code

    other = connections["amazon_ads_harbor_us"]["extra"]["profile_id"]
    assert status(Authorization=None) == 401
    assert status(Authorization="Bearer Atza|forged.00") == 401
    assert status(**{"Amazon-Advertising-API-ClientId": None}) == 401
    assert status(**{"Amazon-Advertising-API-Scope": None}) == 400
    assert status(**{"Amazon-Advertising-API-Scope": other}) == 401
    assert status() == 200
    wrong = {**connection, "extra": {**connection["extra"], "profile_id": other}}
    with pytest.raises(AdvertisingApiUnauthorizedException):
        ads_client(wrong).post_report(body=ads_request(*WINDOW))


def test_throttling_says_when_to_come_back(connections: dict, state: SandboxState) -> None:
    state.buckets.set_plan("ads.createReport", 0.1, 1)
    client = ads_client(connections["amazon_ads_aurora_us"])
    client.post_report(body=ads_request(*WINDOW))
    with pytest.raises(AdvertisingApiTooManyRequestsException) as refused:
        client.post_report(body=ads_request("2026-10-02", "2026-10-03"))
    assert refused.value.headers["Retry-After"] == "10"


def test_a_restated_day_grows_and_another_becomes_empty(connections: dict, state: SandboxState) -> None:
    client = ads_client(connections["amazon_ads_aurora_us"])
    emptied, day = state.business.emptied_ad_group().ad_group_id, "2026-10-29"
    before = ads_rows(client, ads_request(*WINDOW))
    requests.post(f"{state.base_url}/sandbox/advance", timeout=60)
    after = ads_rows(client, ads_request(*WINDOW))
    assert {(row["date"], row["adGroupId"]) for row in before} - {(row["date"], row["adGroupId"]) for row in after} == {
        (day, emptied)
    }
    kept = [row for row in before if (row["date"], row["adGroupId"]) != (day, emptied)]
    assert total(after, "sales7d") > total(kept, "sales7d")
    assert total(after, "cost") == total(kept, "cost")


def test_profiles_name_the_account(connections: dict, state: SandboxState) -> None:
    client = ads_client(connections["amazon_ads_aurora_us"])
    headers = {name: value for name, value in client.headers.items() if name != "Amazon-Advertising-API-Scope"}
    (profile,) = requests.get(f"{state.base_url}/v2/profiles", headers=headers, timeout=5).json()
    assert str(profile["profileId"]) == connections["amazon_ads_aurora_us"]["extra"]["profile_id"]
    assert profile["timezone"] == "America/Los_Angeles"
