"""Every chart answers as Superset asks it, and its figures are those of the contract under each filter."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import Any

import pytest

from superset_kpi_plugin.assets.editions import load
from superset_kpi_plugin.assets.source import asset_uuid
from tests.plugin.conftest import run_sql

SOURCE = load()
MONTH = "2026-11"


@pytest.fixture
def ask(installed_once: Any, app: Any, viewer: Any) -> Any:
    """``ask("gmv", account_name=["Aurora US"])``: the rows of each query of a chart, as a KPI Viewer gets them."""

    def rows(key: str, client: Any = None, **filters: list[str]) -> list[list[dict[str, Any]]]:
        with app.app_context():
            from superset.extensions import db
            from superset.models.slice import Slice

            chart = db.session.query(Slice).filter_by(uuid=asset_uuid(f"chart/{key}")).one()
            context = copy.deepcopy(json.loads(chart.query_context))
        for query in context["queries"]:
            query["filters"] += [{"col": name, "op": "IN", "val": value} for name, value in filters.items()]
        answer = (client or viewer).post("/api/v1/chart/data", context)
        assert answer.status_code == 200, answer.get_data(as_text=True)[:800]
        results = answer.get_json()["result"]
        assert not [result["error"] for result in results if result["error"]]
        assert not [result["rejected_filters"] for result in results if result["rejected_filters"]]
        return [result["data"] for result in results]

    return rows


def dataset_of(chart: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in SOURCE.datasets.values() if one["uuid"] == chart["dataset_uuid"])


@pytest.mark.parametrize("key", SOURCE.charts)
def test_a_chart_answers_with_rows(key: str, ask: Any) -> None:
    has_months = any(column["column_name"] == "month" for column in dataset_of(SOURCE.charts[key])["columns"])
    is_narrowed = has_months and not key.startswith("kpi_reconciliation")  # by month it opens with all of them
    for data in ask(key, **({"month": [MONTH]} if is_narrowed else {})):
        assert data
        assert any(value is not None for row in data for value in row.values())


@pytest.mark.parametrize("key", SOURCE.charts)
def test_the_stored_query_names_the_real_dataset(key: str, installed_once: Any, app_context: Any) -> None:
    from superset.extensions import db
    from superset.models.slice import Slice

    chart = db.session.query(Slice).filter_by(uuid=asset_uuid(f"chart/{key}")).one()
    context = json.loads(chart.query_context)
    assert context["datasource"] == {"id": chart.datasource_id, "type": "table"}
    assert json.loads(chart.params)["datasource"] == f"{chart.datasource_id}__table"


def figures(uri: str, sql: str) -> list[Decimal]:
    return [Decimal(str(value)) for value in run_sql(uri, sql)[0].values()]


FROM_STATUS = "from kpi.kpi_status where grain = 'month' and period_start = '2026-11-01'"


@pytest.mark.parametrize(
    ("filters", "entities"),
    [
        ({}, "entity_id = 'company'"),
        ({"account_name": ["Aurora US"]}, "entity_id = 'account:aurora_us'"),
        ({"account_name": ["Aurora US", "Cascade US"]}, "entity_id in ('account:aurora_us', 'account:cascade_us')"),
        ({"category": ["pets"]}, "entity_id like 'category:%%/pets'"),
        ({"category": ["pets"], "account_name": ["Aurora US"]}, "entity_id = 'category:aurora_us/pets'"),
        ({"owner_name": ["Chen Wei"]}, "entity_id = 'person:e003'"),
    ],
)
def test_the_headline_is_the_figure_of_what_is_chosen(
    filters: dict[str, list[str]], entities: str, ask: Any, sample_uri: str
) -> None:
    (data,) = ask("kpi_overview/gmv", month=[MONTH], **filters)
    by_series = {row["series_order"]: Decimal(str(row["gmv"])) for row in data}
    sql = f"select sum(value), sum(expected_value) {FROM_STATUS} and kpi_id = 'gmv' and {entities}"
    actual, expected = figures(sample_uri, sql.replace("sum(value)", "sum(value) as a"))
    assert abs(by_series[2] - actual) < Decimal("0.005")
    assert abs(by_series[1] - expected) < Decimal("0.005")


def test_where_no_target_was_set_the_headline_still_tells_the_figure(ask: Any, sample_uri: str) -> None:
    (data,) = ask("kpi_overview/gmv", month=[MONTH], owner_name=["Chen Wei"], category=["office"])
    by_series = {row["series_order"]: row["gmv"] for row in data}
    assert by_series[1] is None  # SKUs have no targets
    (actual,) = figures(
        sample_uri,
        "select sum(v.value) from kpi.kpi_values as v join kpi.kpi_entities as e on e.entity_id = v.entity_id "
        "where v.kpi_id = 'gmv' and v.entity_kind = 'sku' and v.grain = 'month' and v.period_start = '2026-11-01' "
        "and e.category = 'office' and e.owner_name = 'Chen Wei'",
    )
    assert abs(Decimal(str(by_series[2])) - actual) < Decimal("0.005")


def test_a_ratio_over_accounts_is_sum_over_sum(ask: Any, sample_uri: str) -> None:
    accounts = ["Aurora US", "Borealis US"]
    (data,) = ask("kpi_overview/tacos", month=[MONTH], account_name=accounts)
    by_series = {row["series_order"]: row["tacos"] for row in data}
    (ratio,) = figures(
        sample_uri,
        f"select sum(numerator) / sum(denominator) {FROM_STATUS} and kpi_id = 'tacos' "
        "and entity_id in ('account:aurora_us', 'account:borealis_us')",
    )
    assert by_series[2] == pytest.approx(float(ratio), abs=1e-9)
    assert by_series[1] == pytest.approx(0.07, abs=1e-9)


def test_the_days_add_up_to_the_month_and_the_line_to_the_target_to_date(ask: Any, sample_uri: str) -> None:
    actual, line = ask("kpi_overview/gmv_by_day", month=[MONTH])
    company = f"{FROM_STATUS} and kpi_id = 'gmv' and entity_id = 'company'"
    value, expected = figures(sample_uri, f"select value, expected_value {company}")
    assert len(actual) == len(line) == 22
    assert sum(Decimal(str(row["gmv"])) for row in actual) == pytest.approx(value, abs=Decimal("0.01"))
    assert sum(Decimal(str(row["gmv"])) for row in line) == pytest.approx(expected, abs=Decimal("0.01"))


def test_the_line_has_the_season_of_last_year(ask: Any, sample_uri: str) -> None:
    _, line = ask("kpi_overview/gmv_by_day", month=["2026-10"])
    days = sorted(line, key=lambda row: row["period_start"])
    last_year = run_sql(
        sample_uri,
        "select value from kpi.kpi_values where kpi_id = 'gmv' and entity_id = 'company' and grain = 'day' "
        "and period_start between date '2026-10-01' - 364 and date '2026-10-31' - 364 order by period_start",
    )
    assert len(days) == len(last_year) == 31
    shares = {round(float(row["gmv"]) / float(then["value"]), 6) for row, then in zip(days, last_year, strict=True)}
    assert len(shares) == 1


def test_the_line_is_even_where_last_year_is_unknown(ask: Any, sample_uri: str) -> None:
    _, line = ask("kpi_overview/gmv_by_day", month=["2026-05"], account_name=["Aurora US"])
    (expected,) = figures(
        sample_uri,
        "select expected_value from kpi.kpi_status where period_start = '2026-05-01' and kpi_id = 'gmv' "
        "and entity_id = 'account:aurora_us'",
    )
    assert {round(float(row["gmv"]), 3) for row in line} == {round(float(expected) / 31, 3)}


def test_only_ad_groups_over_their_line_are_listed_the_costliest_first(ask: Any, sample_uri: str) -> None:
    (data,) = ask("kpi_overview/ad_groups_over_acos", month=[MONTH])
    wanted = run_sql(
        sample_uri,
        f"select numerator - target_value * denominator as excess {FROM_STATUS} and entity_kind = 'ad_group' "
        "and value > target_value order by 1 desc",
    )
    shown = [float(row["excess"]) for row in data]
    assert shown == pytest.approx([float(row["excess"]) for row in wanted], abs=0.005)
    assert {row["status_label"] for row in data} == {"✕ Breach"}


def test_categories_stand_against_the_target_to_date_over_all_accounts(ask: Any, sample_uri: str) -> None:
    (data,) = ask("kpi_overview/attainment_by_category", month=[MONTH])
    assert len(data) == 8
    pets = next(row for row in data if row["category"] == "pets")
    (share,) = figures(
        sample_uri,
        f"select sum(value) / sum(expected_value) - 1 {FROM_STATUS} and kpi_id = 'gmv' "
        "and entity_id like 'category:%%/pets'",
    )
    assert pets["ahead_of_target"] == pytest.approx(float(share), abs=1e-9)


def test_status_words_are_those_of_the_contract(ask: Any, sample_uri: str) -> None:
    (data,) = ask("kpi_overview/scorecard", month=[MONTH])
    counted = run_sql(
        sample_uri,
        f"select status, count(*) as n {FROM_STATUS} and entity_kind in ('company', 'account') group by status",
    )
    words = {"breach": "✕ Breach", "warn": "▲ Warning", "ok": "● On target"}
    shown = [row["status_label"] for row in data]
    assert {word: shown.count(word) for word in set(shown)} == {words[row["status"]]: row["n"] for row in counted}


def test_without_a_kpi_role_nothing_is_shown(installed_once: Any, app: Any, gamma: Any) -> None:
    with app.app_context():
        from superset.extensions import db
        from superset.models.slice import Slice

        chart = db.session.query(Slice).filter_by(uuid=asset_uuid("chart/kpi_overview/gmv")).one()
        context = json.loads(chart.query_context)
    assert gamma.post("/api/v1/chart/data", context).status_code in (401, 403)


def test_a_viewer_opens_the_dashboard(installed_once: Any, viewer: Any, gamma: Any) -> None:
    answer = viewer.get("/api/v1/dashboard/kpi-overview")
    assert answer.status_code == 200
    assert len(viewer.get("/api/v1/dashboard/kpi-overview/charts").get_json()["result"]) >= 12
    assert gamma.get("/api/v1/dashboard/kpi-overview").status_code in (403, 404)


def test_installing_everything_again_changes_nothing(installed_once: Any, connected: str, app_context: Any) -> None:
    from superset_kpi_plugin.assets import install

    plan = install(connected)
    assert plan.is_empty, str(plan)
    assert len(plan.unchanged) == len(SOURCE.datasets) + len(SOURCE.charts) + len(SOURCE.dashboards)
