"""A click on a chart filters the others by columns that they know, or reaches nobody."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from superset_kpi_plugin.assets import bundle, cross_filters, installer
from superset_kpi_plugin.assets.editions import load
from superset_kpi_plugin.assets.source import Config, DashboardSource

SOURCE = load()
COLUMNS = {one["uuid"]: {column["column_name"] for column in one["columns"]} for one in SOURCE.datasets.values()}
#: A click on one of these in a chart of one dataset filters charts of others: it must mean the same in all.
SHARED = {
    *("account_name", "platform", "currency", "month", "category", "sku", "product_name", "line_label", "charge_type"),
    *("ad_group_name", "campaign_name", "owner_name", "team_name", "person_name", "entity_name", "state_label"),
}


def site(mixed_charts_filter: bool) -> bundle.Site:
    return bundle.Site({}, {}, [], {}, mixed_charts_filter)


def is_mixed_by_dimension(chart: Config) -> bool:
    params = chart["params"]
    return chart["viz_type"] == "mixed_timeseries" and bool(params.get("groupby") or params.get("groupby_b"))


@pytest.mark.parametrize("board", SOURCE.dashboards.values(), ids=SOURCE.dashboards)
def test_a_chart_filters_by_columns_of_its_own_dataset(board: DashboardSource) -> None:
    assert board.config["metadata"]["cross_filters_enabled"] is True
    for name, chart in board.charts.items():
        assert set(cross_filters.emitted(chart)) <= COLUMNS[chart["dataset_uuid"]], name


@pytest.mark.parametrize("board", SOURCE.dashboards.values(), ids=SOURCE.dashboards)
def test_what_a_chart_groups_by_means_the_same_in_every_dataset_that_has_it(board: DashboardSource) -> None:
    """Cells of tables of rows are left out: whoever clicks an amount asks for the rows of that amount."""
    for name, chart in board.charts.items():
        if chart["params"].get("query_mode") == "raw" or is_mixed_by_dimension(chart):
            continue
        others = {one["dataset_uuid"] for one in board.charts.values()} - {chart["dataset_uuid"]}
        spread = {column for column in cross_filters.emitted(chart) for other in others if column in COLUMNS[other]}
        assert spread <= SHARED, f"{name} filters charts of other datasets by {spread - SHARED}"


@pytest.mark.parametrize("board", SOURCE.dashboards.values(), ids=SOURCE.dashboards)
def test_where_superset_loses_what_was_clicked_mixed_charts_reach_nobody(board: DashboardSource) -> None:
    done = bundle.complete_dashboard(board, site(mixed_charts_filter=False))
    numbers = {item["meta"]["uuid"]: item["meta"]["chartId"] for item in bundle.chart_items(done["position"])}
    silent = {numbers[chart["uuid"]] for chart in board.charts.values() if is_mixed_by_dimension(chart)}
    reached = done["metadata"]["chart_configuration"]
    assert {int(key) for key in reached} == silent == {one["id"] for one in reached.values()}
    for one in reached.values():
        assert one["crossFilters"] == {"scope": {"rootPath": [], "excluded": []}, "chartsInScope": []}
    assert "chart_configuration" not in bundle.complete_dashboard(board, site(mixed_charts_filter=True))["metadata"]


def test_installed_the_mixed_charts_are_known_by_superset_s_own_numbers(
    overview: Any, installed: Any, models: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reached() -> set[str]:
        models.db.session.expire_all()
        board = models.db.session.query(models.Dashboard).filter_by(slug="kpi-overview").one()
        return set(json.loads(board.json_metadata).get("chart_configuration", {}))

    uuid = SOURCE.charts["kpi_overview/gmv_by_day"]["uuid"]
    number = models.db.session.query(models.Chart).filter_by(uuid=UUID(uuid)).one().id
    monkeypatch.setattr(installer.compat, "mixed_charts_filter", lambda: False)
    installer.install(installed.database, languages=["en"])
    assert reached() == {str(number)}
    assert installer.install(installed.database, languages=["en"]).is_empty
