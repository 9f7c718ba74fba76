"""Sponsored Brands and Display, targeting, search terms and budgets: what the API is asked, refuses, and restates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from airflow_dags.contracts import Window
from airflow_dags.documents import Document
from airflow_dags.errors import PipelineError
from airflow_dags.ingest import Job, load_file, trailing_window, within_history
from airflow_dags.platforms.amazon_ads import PLATFORM
from airflow_dags.sandbox.amazon_ads.documents import columns_of
from airflow_dags.sandbox.business.ads import residual
from airflow_dags.sandbox.business.ads_other import EMPTIED_DAYS_AGO
from airflow_dags.sandbox.business.ads_targeting import sp_search_terms, sp_targets, split
from airflow_dags.streams import ReportStream
from tests.pipeline.conftest import Warehouse
from tests.platforms.support import run

Jobs = Callable[[str, str], list[Job]]
REPORTS = [stream for stream in PLATFORM.streams.values() if isinstance(stream, ReportStream)]


def of(jobs: Jobs, stream: str, account_id: str = "aurora_us") -> Job:
    return next(job for job in jobs("amazon_ads", stream) if job.account.account_id == account_id)


@pytest.mark.parametrize("stream", REPORTS, ids=lambda stream: stream.name)
def test_every_report_asks_only_for_columns_that_its_type_has(stream: Any) -> None:
    configuration = stream.configuration()
    known = columns_of(configuration["reportTypeId"], configuration["groupBy"], "DAILY")
    assert set(configuration["columns"]) - known == set()


def test_each_kind_is_asked_for_no_further_back_than_amazon_keeps_it(jobs: Jobs, business: Any) -> None:
    kept = {"sp_campaigns": 95, "sp_search_term": 65, "sb_targeting": 60, "sd_campaigns": 65}
    for stream, days in kept.items():
        job = of(jobs, stream)
        settings = {name: value for name, value in job.account.settings.items() if name != "history_days"}
        job = replace(job, account=replace(job.account, settings=settings))
        whole = Window(date(2025, 1, 1), business.last_day)
        window = within_history(job, whole)
        assert window is not None
        assert (business.as_of - window.start).days == days - 1
        assert within_history(job, Window(date(2025, 1, 1), date(2025, 2, 1))) is None
        assert (trailing_window(job).end - trailing_window(job).start).days + 1 <= 60


def test_the_api_refuses_what_is_older_than_it_keeps(jobs: Jobs, sandbox: Any, business: Any) -> None:
    sandbox.options.ads_retention_days = 95
    old = business.as_of - timedelta(days=61)
    with pytest.raises(PipelineError, match="retention"):
        run(of(jobs, "sb_campaigns"), Window(old, old))


def test_a_day_that_the_restatement_emptied_has_no_rows_any_more(
    jobs: Jobs, sandbox: Any, warehouse: Warehouse, business: Any
) -> None:
    job = of(jobs, "sb_ad_group")
    day = business.as_of - timedelta(days=EMPTIED_DAYS_AGO)
    groups = []
    for sandbox.revision in (0, 1):
        run(job, Window(day - timedelta(days=1), day))
        query = "select count(*) as rows from raw.amazon_ads__sb_ad_group where date = %s"
        groups.append(warehouse.rows(query.replace("%s", f"'{day}'"))[0]["rows"])
    assert groups == [2, 1]


@pytest.mark.parametrize("revision", [0, 1])
def test_targets_of_an_ad_group_add_up_to_its_day_less_the_residual(business: Any, revision: int) -> None:
    found = 0
    for account in business.catalogue.accounts:
        for day in business.days()[-20:]:
            targets: dict[int, int] = {}
            for one in sp_targets(business, account.account_id, day, revision):
                targets[one.ad_group.ad_group_id] = targets.get(one.ad_group.ad_group_id, 0) + one.measures[2]
            groups: dict[int, int] = {}
            extra = {
                row.ad_group.ad_group_id: residual(row.ad_group, day)[1]
                for row in business.ads(account.account_id, day, revision)
            }
            for row in business.ads(account.account_id, day, revision):
                groups[row.ad_group.ad_group_id] = groups.get(row.ad_group.ad_group_id, 0) + row.cost
            campaign = {group: cost + extra[group] for group, cost in groups.items()}
            assert targets == {group: cost - extra[group] for group, cost in campaign.items()}
            terms = sum(one.measures[2] for one in sp_search_terms(business, account.account_id, day, revision))
            assert 0 < terms < sum(targets.values())
            found += len(targets)
    assert found > 50


def test_a_split_loses_nothing() -> None:
    assert split(10, (5, 3, 2)) == [5, 3, 2]
    assert split(7, (5, 3, 2)) == [3, 2, 2]
    assert split(0, (5, 3, 2)) == [0, 0, 0]


def test_budgets_of_all_kinds_are_a_snapshot_of_today(
    jobs: Jobs, sandbox: Any, warehouse: Warehouse, business: Any
) -> None:
    sandbox.options.least_pages = 3
    job = of(jobs, "budgets")
    run(job, Window(business.last_day, business.last_day))
    rows = warehouse.rows("select * from raw.amazon_ads__budgets order by ad_product")
    assert [row["ad_product"] for row in rows] == ["SPONSORED_BRANDS", "SPONSORED_DISPLAY", "SPONSORED_PRODUCTS"]
    assert {row["snapshot_date"] for row in rows} == {business.as_of}
    assert {(row["state"], row["budget_type"]) for row in rows} == {("ENABLED", "DAILY")}
    [products] = [row for row in rows if row["ad_product"] == "SPONSORED_PRODUCTS"]
    [campaign] = business.catalogue.campaigns_of(business.catalogue.account_by_id["aurora_us"])
    assert products["budget"] == Decimal(campaign.budget).scaleb(-2)
    assert {row["start_date"] for row in rows} == {date(2024, 1, 15), date(2024, 3, 1)}


def test_an_export_with_the_api_s_names_loads(jobs: Jobs, warehouse: Warehouse) -> None:
    content = (
        "date,campaignId,adGroupId,keywordId,targeting,searchTerm,impressions,clicks,cost,purchases7d,sales7d\n"
        "2026-11-20,123456789012345,2,3,lamp,lampe à pied,10,2,1.10,1,24.99\n"
    )
    load_file(of(jobs, "sp_search_term"), Document("terms.csv", content.encode()))
    [row] = warehouse.rows("select * from raw.amazon_ads__sp_search_term")
    assert (row["search_term"], row["cost"], row["sales_7d"]) == ("lampe à pied", Decimal("1.10"), Decimal("24.99"))
    assert row["sales_14d"] is None
