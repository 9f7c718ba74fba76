"""TikTok Ads: pages, codes, the sandbox's own checks, the restatement, and Ads Manager's export."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from airflow_dags.accounts import Account
from airflow_dags.contracts import Window
from airflow_dags.documents import Document
from airflow_dags.errors import LoginRefused, PagingBroken, RequestRefused, ServerUnavailable, Throttled, WrongDocument
from airflow_dags.ingest import Job, load_file
from airflow_dags.platforms.tiktok_ads import PLATFORM
from airflow_dags.platforms.tiktok_ads.ad_groups import METRICS
from airflow_dags.platforms.tiktok_ads.client import Advertiser
from airflow_dags.sandbox.business.tiktok_ads import EMPTIED_DAYS_AGO, ad_groups, ads_of_day
from airflow_dags.uploads.recognise import ranked
from tests.pipeline.conftest import Warehouse
from tests.platforms.support import accounts_in, run

Jobs = Callable[[str, str], list[Job]]
WEEK = Window(date(2026, 11, 16), date(2026, 11, 22))


@pytest.fixture
def account(sandbox: Any, tmp_path: Any) -> Account:
    [found] = accounts_in(sandbox, "tiktok_ads", tmp_path)
    return found


@pytest.fixture
def job(jobs: Jobs) -> Job:
    [found] = jobs("tiktok_ads", "ad_groups")
    return found


@pytest.fixture
def shop(business: Any) -> Any:
    [found] = business.shops_of("tiktok_shop")
    return found


def fake(account: Account, monkeypatch: pytest.MonkeyPatch, answer: Callable[[httpx.Request], httpx.Response]) -> Any:
    """A client whose requests are answered by a function."""
    advertiser = Advertiser(account, PLATFORM)
    monkeypatch.setattr(advertiser._http, "_http", httpx.Client(transport=httpx.MockTransport(answer)))
    monkeypatch.setattr(advertiser._http, "_sleep", lambda seconds: None)
    return advertiser


def page(numbers: list[int], number: int, of: int, total: int) -> httpx.Response:
    rows = [
        {"dimensions": {"adgroup_id": str(n), "stat_time_day": "2026-11-20 00:00:00"}, "metrics": {}} for n in numbers
    ]
    info = {"page": number, "page_size": 2, "total_number": total, "total_page": of}
    return httpx.Response(200, json={"code": 0, "message": "OK", "data": {"list": rows, "page_info": info}})


def test_the_report_is_asked_for_with_days_groups_and_all_metrics(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return page([1], 1, 1, 1)

    list(fake(account, monkeypatch, answer).report(METRICS, WEEK, 1000))
    query = seen[0].url.params
    assert (query["start_date"], query["end_date"]) == ("2026-11-16", "2026-11-22")
    assert json.loads(query["dimensions"]) == ["adgroup_id", "stat_time_day"]
    assert {"spend", "impressions", "clicks", "conversion", "total_onsite_shopping_value"} <= set(
        json.loads(query["metrics"])
    )
    assert seen[0].headers["Access-Token"] == account.get("password")
    assert str(account.get("password")) not in str(seen[0].url)


def test_all_pages_are_read_and_a_missing_one_is_noticed(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fake(
        account,
        monkeypatch,
        lambda r: page([1, 2] if r.url.params["page"] == "1" else [3], int(r.url.params["page"]), 2, 3),
    )
    assert [row["dimensions"]["adgroup_id"] for row in whole.report(METRICS, WEEK, 2)] == ["1", "2", "3"]
    short = fake(account, monkeypatch, lambda r: page([1, 2], 1, 1, 3))
    with pytest.raises(PagingBroken, match="2 rows were read, 3 were promised"):
        list(short.report(METRICS, WEEK, 2))


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (40100, Throttled),
        (61000, Throttled),
        (50000, ServerUnavailable),
        (51010, ServerUnavailable),
        (60001, ServerUnavailable),
        (40105, LoginRefused),
        (40102, LoginRefused),
        (40001, LoginRefused),
        (40300, LoginRefused),
        (40002, RequestRefused),
    ],
)
def test_codes_tell_what_is_worth_another_try(
    account: Account, monkeypatch: pytest.MonkeyPatch, code: int, error: type[Exception]
) -> None:
    body = {"code": code, "message": "TikTok's own words", "data": {}}
    advertiser = fake(account, monkeypatch, lambda request: httpx.Response(200, json=body))
    with pytest.raises(error, match="TikTok's own words") as caught:
        list(advertiser.report(METRICS, WEEK, 1000))
    assert type(caught.value) is error


@pytest.mark.parametrize("body", [b"{}", b"[]", b"<html>", b'{"code": 0}', b'{"code": 0, "data": {"list": []}}'])
def test_what_is_not_the_protocol_is_transient_and_empties_no_day(
    account: Account, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    advertiser = fake(account, monkeypatch, lambda request: httpx.Response(200, content=body))
    with pytest.raises(ServerUnavailable):
        list(advertiser.report(METRICS, WEEK, 1000))


def test_the_login_is_looked_at(account: Account) -> None:
    Advertiser(account, PLATFORM).log_in()
    with pytest.raises(LoginRefused, match="new access token"):
        Advertiser(replace(account, secrets={"password": "another"}), PLATFORM).log_in()
    other = replace(account, settings={**account.settings, "advertiser_id": "7"})
    with pytest.raises(LoginRefused, match="check the advertiser id"):
        Advertiser(other, PLATFORM).log_in()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"end_date": "2026-12-16"}, "must not exceed 30 days"),
        ({"metrics": '["made_up"]'}, "Invalid metric"),
        ({"dimensions": '["ad_id"]'}, "dimensions"),
        ({"page_size": "1001"}, "page_size"),
        ({"start_date": "soon"}, "start_date"),
        ({"data_level": "AUCTION_AD"}, "data_level"),
    ],
)
def test_the_sandbox_refuses_what_tiktok_would(account: Account, changes: dict[str, str], message: str) -> None:
    query = {
        "advertiser_id": str(account.get("advertiser_id")),
        "report_type": "BASIC",
        "data_level": "AUCTION_ADGROUP",
        "dimensions": '["adgroup_id", "stat_time_day"]',
        "metrics": '["spend"]',
        "start_date": "2026-11-16",
        "end_date": "2026-11-22",
        **changes,
    }
    headers = {"Access-Token": str(account.get("password"))}
    address = f"{account.get('endpoint')}/open_api/v1.3/report/integrated/get/"
    body = httpx.get(address, params=query, headers=headers).json()
    assert body["code"] == 40002
    assert message in body["message"]


def test_a_dash_is_missing_and_not_zero(business: Any, warehouse: Warehouse, job: Job) -> None:
    run(job, WEEK)
    found = warehouse.rows(
        "select count(*) as rows, count(website_purchases) as website, count(shop_purchases) as shop "
        "from raw.tiktok_ads__ad_groups"
    )
    assert found == [{"rows": 14, "website": 0, "shop": 14}]


def test_a_day_that_the_restatement_left_empty_becomes_empty(
    business: Any, sandbox: Any, shop: Any, warehouse: Warehouse, job: Job
) -> None:
    day = business.as_of - timedelta(days=EMPTIED_DAYS_AGO)
    first, _ = ad_groups(business, shop)
    query = "select count(*) from raw.tiktok_ads__ad_groups where date = %s and ad_group_id = %s"
    run(job, WEEK)
    before = warehouse.value("select sum(shop_purchase_value) from raw.tiktok_ads__ad_groups")
    assert warehouse.value(query, day, first.ad_group_id) == 1
    sandbox.revision = 1
    run(job, WEEK)
    assert warehouse.value(query, day, first.ad_group_id) == 0
    assert warehouse.value("select sum(shop_purchase_value) from raw.tiktok_ads__ad_groups") != before


HEADER = [
    "Campaign name",
    "Campaign ID",
    "Ad group name",
    "Ad group ID",
    "By Day",
    "Currency",
    "Cost",
    "Impressions",
    "Clicks (destination)",
    "Conversions",
    "Purchases (TikTok Shop)",
    "Gross revenue (TikTok Shop)",
    "CPM",
]


def export(business: Any, shop: Any) -> bytes:
    """Ads Manager's export of the week, with its line of totals."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    rows = [row for day in WEEK.split(1) for row in ads_of_day(business, shop, day.start, 1)]
    for row in rows:
        group = row.ad_group
        names = [group.campaign_name, group.campaign_id, group.name, group.ad_group_id, row.day, "USD"]
        figures = [f"{row.cost / 100:.2f}", f"{row.impressions:,}", row.clicks, row.orders, row.orders, row.sales / 100]
        writer.writerow([*names, *figures, "-"])
    writer.writerow([f"Total of {len(rows)} results", *["-"] * 5, f"{sum(row.cost for row in rows) / 100:,.2f}"])
    return text.getvalue().encode()


def test_ads_managers_export_loads_without_its_totals(business: Any, shop: Any, warehouse: Warehouse, job: Job) -> None:
    content = export(business, shop)
    result = load_file(job, Document("ads.csv", content), WEEK)
    rows = [row for day in WEEK.split(1) for row in ads_of_day(business, shop, day.start, 1)]
    assert (result.rows_loaded, result.rows_quarantined, result.unknown_columns) == (len(rows), 0, ())
    found = warehouse.rows(
        "select sum(spend) as cost, sum(shop_purchase_value) as sales, sum(impressions) as impressions "
        "from raw.tiktok_ads__ad_groups"
    )
    assert found == [
        {
            "cost": Decimal(sum(row.cost for row in rows)) / 100,
            "sales": Decimal(sum(row.sales for row in rows)) / 100,
            "impressions": sum(row.impressions for row in rows),
        }
    ]
    best = ranked(HEADER)[0]
    assert (best.platform, best.stream) == ("tiktok_ads", "ad_groups")


def test_the_apis_own_answer_loads_as_a_file(
    business: Any, warehouse: Warehouse, make_warehouse: Callable[[], Warehouse], job: Job, account: Account
) -> None:
    run(job, WEEK)
    rows = list(Advertiser(account, PLATFORM).report(METRICS, WEEK, 1000))
    by_hand = make_warehouse()
    content = json.dumps({"code": 0, "data": {"list": rows, "page_info": {}}}).encode()
    load_file(replace(job, uri=by_hand.uri), Document("answer.json", content), WEEK)
    assert by_hand.table("tiktok_ads__ad_groups") == warehouse.table("tiktok_ads__ad_groups")


def test_what_is_no_report_is_refused(job: Job) -> None:
    for content in (b"a,b\n1,2\n", b'{"a": 1}'):
        with pytest.raises(WrongDocument, match="nothing was changed"):
            load_file(job, Document("other", content))
