"""Every chart answers as Superset asks it, and its figures are those of the contract under each filter."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import Any

import pytest

from superset_kpi_plugin import compat
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
    assert len(line) == 22
    assert {row["period_start"] for row in actual} == {row["period_start"] for row in line}
    assert sum(Decimal(str(row["gmv"])) for row in actual) == pytest.approx(value, abs=Decimal("0.01"))
    assert sum(Decimal(str(row["gmv"])) for row in line) == pytest.approx(expected, abs=Decimal("0.01"))


@pytest.fixture
def unsettled(sample_uri: str) -> Any:
    """Makes the figures of one KPI from a day on provisional, for the test."""
    changed: list[tuple[str, str]] = []

    def mark(kpi_id: str, since: str) -> None:
        changed.append((kpi_id, since))
        run_sql(sample_uri, UNSETTLED.format(kpi_id=kpi_id, since=since, state="false"))

    yield mark
    for kpi_id, since in changed:
        run_sql(sample_uri, UNSETTLED.format(kpi_id=kpi_id, since=since, state="true"))


UNSETTLED = "update kpi.kpi_values set is_settled = {state} where kpi_id = '{kpi_id}' and period_start >= '{since}'"


def test_provisional_days_are_bars_of_their_own(ask: Any, unsettled: Any, sample_uri: str) -> None:
    before = {row["period_start"]: row["gmv"] for row in ask("kpi_overview/gmv_by_day", month=[MONTH])[0] if row["gmv"]}
    unsettled("gmv", "2026-11-20")
    rows, _ = ask("kpi_overview/gmv_by_day", month=[MONTH])
    by_series: dict[str, dict[int, float]] = {}
    for row in rows:
        if row["gmv"]:
            by_series.setdefault(row["series"], {})[row["period_start"]] = row["gmv"]
    assert set(by_series) == {"● Final", "◌ Provisional"}
    assert len(by_series["◌ Provisional"]) == 3
    assert min(by_series["◌ Provisional"]) > max(by_series["● Final"])
    assert {**by_series["● Final"], **by_series["◌ Provisional"]} == before


def test_charts_by_account_tell_which_part_of_each_day_is_provisional(ask: Any, unsettled: Any) -> None:
    unsettled("gmv", "2026-11-20")
    band, _ = ask("kpi_sales/gmv_by_day", month=[MONTH])
    parts = [row["provisional_part"] for row in sorted(band, key=lambda row: row["period_start"])]
    assert parts == [0] * 19 + [1] * 3


#: Charts over time that need no mark: deposits are closed settlements, fees are drawn by basis, differences by state.
ALWAYS_FINAL = ("kpi_finance/deposits", "kpi_finance/fees_by_basis", "kpi_reconciliation/different_by_month")


@pytest.mark.parametrize("key", [key for key in load("en").charts if key not in ALWAYS_FINAL])
def test_a_chart_over_time_marks_what_is_provisional(key: str) -> None:
    params = SOURCE.charts[key]["params"]
    if params.get("time_grain_sqla"):
        metrics = {*params["metrics"], *params.get("metrics_b", [])}
        series = {*params.get("groupby", [])}
        assert metrics & {"provisional_part", "provisional_contribution"} or "series" in series, key


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
    assert {row["status_label"] for row in data} == {"✕ Off target"}


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
    words = {"breach": "✕ Off target", "warn": "▲ At risk", "ok": "● On track"}
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


def test_every_dataset_names_the_entity_or_account_of_its_rows() -> None:
    for key, dataset in SOURCE.datasets.items():
        # Otherwise row level security has nothing to hold on to (access/rls.py).
        assert {"entity_id", "account_id"} & {column["column_name"] for column in dataset["columns"]}, key


@pytest.fixture
def scoped(installed_once: Any, app: Any, viewer: Any) -> Any:
    """The viewer, bound to the account Aurora US."""
    from superset.extensions import db, security_manager

    from superset_kpi_plugin.access.models import Scope
    from superset_kpi_plugin.access.rls import sync_rules

    def change(is_bound: bool) -> None:
        with app.app_context():
            db.session.query(Scope).delete()
            if is_bound:
                account = "account:aurora_us"
                db.session.add(Scope(subject_kind="user", subject="viewer", entity_id=account, created_by="test"))
            sync_rules(security_manager, db.session)
            db.session.commit()

    change(True)
    yield viewer
    change(False)


def test_a_scoped_viewer_sees_the_rows_of_the_scope_alone(scoped: Any, ask: Any, sample_uri: str) -> None:
    accounts: set[str] = set()
    by_dataset = {chart["dataset_uuid"]: key for key, chart in SOURCE.charts.items() if "account_name" in str(chart)}
    for key in by_dataset.values():
        for data in ask(key):
            accounts |= {row["account_name"] for row in data if row.get("account_name")}
        for data in ask(key, account_name=["Borealis US", "Cascade US"]):
            assert not [row for row in data if any(row.values())], key
    assert accounts == {"Aurora US"}
    margin = {row["line"]: row["margin_amount"] for row in ask("kpi_finance/waterfall", month=[MONTH])[0]}
    (contribution,) = figures(
        sample_uri,
        "select contribution_margin from marts.margin_waterfall "
        "where entity_id = 'account:aurora_us' and period_start = '2026-11-01' and grain = 'month'",
    )
    assert abs(sum(Decimal(str(amount)) for amount in margin.values()) - contribution) < Decimal("0.01")


@pytest.mark.parametrize("key", ["kpi_overview/gmv", "kpi_sales/gmv_by_month", "kpi_ads/accounts"])
def test_drilling_to_detail_by_another_column_and_exporting_stay_in_scope(key: str, scoped: Any, app: Any) -> None:
    with app.app_context():
        from superset.extensions import db
        from superset.models.slice import Slice

        chart = db.session.query(Slice).filter_by(uuid=asset_uuid(f"chart/{key}")).one()
        context, number = json.loads(chart.query_context), chart.datasource_id
    filters = [one for one in context["queries"][0]["filters"] if one["col"] != "month"]
    detail = scoped.post(
        f"/datasource/samples?force=false&datasource_type=table&datasource_id={number}&per_page=200&page=1",
        {"filters": filters, "extras": {"having": "", "where": ""}},
    )
    if compat.samples_check_access():
        assert detail.status_code == 200, detail.get_data(as_text=True)[:500]
        rows = detail.get_json()["result"]["data"]
        assert {row["account_name"] for row in rows} == {"Aurora US"}
    else:
        assert detail.status_code == 403
    # Drill by: the same figure by a column that the chart doesn't show.
    by = {**context["queries"][-1], "columns": ["entity_name", "account_name"], "orderby": []}
    drilled = scoped.post("/api/v1/chart/data", {**context, "queries": [by]})
    assert drilled.status_code == 200, drilled.get_data(as_text=True)[:500]
    data = drilled.get_json()["result"][0]["data"]
    assert {row["account_name"] for row in data} == {"Aurora US"}
    exported = scoped.post("/api/v1/chart/data", {**context, "queries": [by], "result_format": "csv"})
    assert exported.status_code == 200, exported.get_data(as_text=True)[:500]
    text = exported.get_data(as_text=True)
    assert "Aurora US" in text
    assert "Borealis" not in text


def test_rows_of_other_datasets_stay_closed(scoped: Any, app: Any, connected: str) -> None:
    with app.app_context():
        from superset.connectors.sqla.models import SqlaTable, TableColumn
        from superset.extensions import db
        from superset.models.core import Database

        database = db.session.query(Database).filter_by(database_name=connected).one()
        other = SqlaTable(table_name="kpi_calendar", schema="kpi", database=database)
        other.columns = [TableColumn(column_name="name_en", type="TEXT")]
        db.session.add(other)
        db.session.commit()
        number = other.id
    try:
        found = scoped.post(
            f"/datasource/samples?force=false&datasource_type=table&datasource_id={number}&per_page=10&page=1", {}
        )
        assert found.status_code == 403, found.get_data(as_text=True)[:500]
    finally:
        with app.app_context():
            db.session.delete(db.session.get(SqlaTable, number))
            db.session.commit()


@pytest.mark.parametrize(
    ("filters", "entity_id"),
    [
        ({}, "company"),
        ({"account_name": ["Aurora US"]}, "account:aurora_us"),
        ({"account_name": ["Aurora US"], "category": ["pets"]}, "category:aurora_us/pets"),
    ],
)
def test_the_waterfall_adds_up_to_the_contribution_of_what_is_chosen(
    filters: dict[str, list[str]], entity_id: str, ask: Any, sample_uri: str
) -> None:
    (data,) = ask("kpi_finance/waterfall", month=[MONTH], **filters)
    assert [row["line"][:2] for row in data] == [f"{number:02d}" for number in range(1, 15)]
    row = run_sql(
        sample_uri,
        "select * from marts.margin_waterfall where grain = 'month' and period_start = '2026-11-01' and entity_id = %s",
        (entity_id,),
    )[0]
    by_line = {one["line"][3:]: Decimal(str(one["margin_amount"])) for one in data}
    assert abs(by_line["GMV"] - row["gmv"]) < Decimal("0.005")
    assert abs(by_line["Cost of goods"] + row["cogs"]) < Decimal("0.005")
    assert abs(sum(by_line.values()) - row["contribution_margin"]) < Decimal("0.01")


def test_an_unknown_cost_empties_the_margin_and_not_the_known_lines(ask: Any) -> None:
    (data,) = ask("kpi_finance/waterfall", month=["2026-10"])
    assert {row["margin_amount"] for row in data} == {None}
    assert ask("kpi_finance/contribution", month=["2026-10"])[0][0]["total_contribution"] is None
    assert ask("kpi_finance/net_sales", month=["2026-10"])[0][0]["total_net_sales"] > 0
    lines = {row["line"]: row["line_amount"] for row in ask("kpi_finance/lines_by_month", month=["2026-10"])[0]}
    assert lines["11 Cost of goods"] is None
    assert lines["04 Referral fees"] < 0
    # Aurora's own costs are known.
    aurora = ask("kpi_finance/contribution", month=["2026-10"], account_name=["Aurora US"])[0][0]
    assert aurora["total_contribution"] is not None


def test_fees_say_which_part_is_provisional(ask: Any, sample_uri: str) -> None:
    (share,) = figures(
        sample_uri,
        "select provisional_fees / all_fees from marts.measures_fees "
        "where entity_id = 'company' and grain = 'month' and period_start = '2026-11-01'",
    )
    row = ask("kpi_finance/provisional_share", month=[MONTH])[0][0]
    assert row["provisional_share"] == pytest.approx(float(share), abs=1e-9)
    assert ask("kpi_finance/provisional_share", month=["2026-09"])[0][0]["provisional_share"] == 0
    labels = {row["basis_label"] for row in ask("kpi_finance/accounts", month=[MONTH])[0]}
    assert labels == {"◌ Partly provisional"}


def test_the_reconciliation_lists_what_differs_and_counts_what_can_be_compared(ask: Any) -> None:
    (rows,) = ask("kpi_reconciliation/differences")
    found = [(row["account_name"], row["line_label"], row["state_label"], row["difference"]) for row in rows]
    assert found == [
        ("Cascade US", "Fees", "✕ Missing in ERP", -5000),
        ("Aurora US", "Sales", "▲ Different", 40),
    ]
    assert ask("kpi_reconciliation/lines_missing")[0][0]["lines_missing"] == 1
    # 3 accounts x 4 months x 4 lines can be compared; payouts cannot, and two lines differ.
    assert ask("kpi_reconciliation/agreement")[0][0]["matched_share"] == pytest.approx(46 / 48)


def test_the_score_is_that_of_the_scorecards(ask: Any, sample_uri: str) -> None:
    from superset_kpi_plugin.targets.scorecard import score

    parts = run_sql(
        sample_uri,
        f"select attainment, weight {FROM_STATUS} and entity_kind = 'person' and entity_id = 'person:e003'",
    )
    rows = {row["person_name"]: row for row in ask("kpi_team/people", month=[MONTH])[0]}
    assert rows["Chen Wei"]["score"] == pytest.approx(float(score(parts).score or 0), abs=0.00005)
    assert (rows["Chen Wei"]["targets"], rows["Chen Wei"]["covered"]) == (len(parts), 1)


def test_a_late_stream_is_counted_and_comes_first(ask: Any) -> None:
    assert ask("kpi_data_health/not_fresh")[0][0]["streams_not_fresh"] == 1
    first = ask("kpi_data_health/streams_list")[0][0]
    assert (first["account_name"], first["stream_label"], first["state_label"]) == (
        "Cascade US",
        "sp campaigns",
        "▲ Stale",
    )
