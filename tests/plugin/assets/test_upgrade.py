"""From the first release's dashboards to the present ones, and all the way out again, with a user's work in between."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from superset_kpi_plugin.assets import bundle, install, uninstall
from superset_kpi_plugin.assets import source as files
from superset_kpi_plugin.assets.source import Source, asset_uuid
from tests.plugin.assets.conftest import DATABASE
from tests.plugin.assets.test_install import counts, find, ids, place
from tests.plugin.conftest import run_sql

READ = files.load
FIRST_RELEASE = Path(__file__).parent / "first_release"


@pytest.fixture(autouse=True)
def source(overview: Source) -> Source:
    """One dashboard is enough."""
    return overview


@pytest.fixture
def bare(connected: str, models: Any) -> Iterator[None]:
    """No dashboard of ours before and after the test."""
    from superset.reports.models import ReportSchedule

    def clear() -> None:
        models.db.session.rollback()
        models.db.session.query(ReportSchedule).delete()
        for kind in (models.Dashboard, models.Chart, models.Dataset):
            for row in models.db.session.query(kind):
                models.db.session.delete(row)
            models.db.session.flush()
        models.db.session.commit()

    clear()
    yield
    clear()


@pytest.fixture
def first_release(bare: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dashboards as the repository's first commit with any had them, installed in English as then."""
    with monkeypatch.context() as patched:
        first = READ(FIRST_RELEASE)
        patched.setattr(files, "load", lambda folder=None: first)
        plan = install(DATABASE, languages=["en"])
    assert len(plan.create) == 7 + 12 + 1


def add_users_work(models: Any) -> Any:
    """A metric, a calculated column, a chart on a dataset of ours and on our dashboard, and a filter there."""
    dataset = find(models.Dataset, table_name="KPI daily by SKU")
    dataset.metrics.append(models.Metric(metric_name="my_peak", expression="max(value)"))
    dataset.columns.append(models.Column(column_name="my_band", expression="case when value > 9 then 1 end"))
    chart = models.Chart(
        slice_name="My chart",
        viz_type="table",
        datasource_id=dataset.id,
        datasource_type="table",
        params=json.dumps({"datasource": f"{dataset.id}__table", "metrics": ["my_peak"]}),
    )
    models.db.session.add(chart)
    models.db.session.flush()
    board = find(models.Dashboard, slug="kpi-overview")
    position = json.loads(board.position_json)
    place(position, chart)
    board.position_json = json.dumps(position)
    board.slices.append(chart)
    metadata = json.loads(board.json_metadata)
    target = {"datasetId": dataset.id, "column": {"name": "brand"}}
    metadata["native_filter_configuration"].append(
        {
            "id": "NATIVE_FILTER-mine",
            "name": "Brand",
            "targets": [target],
            "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
        }
    )
    board.json_metadata = json.dumps(metadata)
    models.db.session.commit()
    return SimpleNamespace(chart=chart.id, dataset=dataset.id, params=chart.params)


def assert_users_work_is_there(models: Any, mine: Any) -> None:
    models.db.session.expire_all()
    chart = find(models.Chart, id=mine.chart)
    assert (chart.slice_name, chart.datasource_id, chart.params) == ("My chart", mine.dataset, mine.params)
    dataset = find(models.Dataset, id=mine.dataset)
    assert "my_peak" in {one.metric_name for one in dataset.metrics}
    assert "my_band" in {one.column_name for one in dataset.columns}
    board = find(models.Dashboard, slug="kpi-overview")
    assert mine.chart in {one.id for one in board.slices}
    placed = bundle.chart_items(json.loads(board.position_json))
    assert mine.chart in {item["meta"]["chartId"] for item in placed}
    natives = bundle.filters(json.loads(board.json_metadata))
    assert "NATIVE_FILTER-mine" in {native["id"] for native in natives}


def assert_no_stale_id(models: Any) -> None:
    """Every number in charts and dashboards is that of an asset that exists."""
    charts = {row.id: row for row in models.db.session.query(models.Chart)}
    datasets = {row.id for row in models.db.session.query(models.Dataset)}
    for chart in charts.values():
        assert chart.datasource_id in datasets
        assert json.loads(chart.params)["datasource"] == f"{chart.datasource_id}__table"
        if chart.query_context:
            assert json.loads(chart.query_context)["datasource"]["id"] == chart.datasource_id
    for board in models.db.session.query(models.Dashboard):
        on_it = {chart.id for chart in board.slices}
        for item in bundle.chart_items(json.loads(board.position_json)):
            assert item["meta"]["chartId"] in on_it
            assert str(charts[item["meta"]["chartId"]].uuid) == item["meta"]["uuid"]
        for native in bundle.filters(json.loads(board.json_metadata or "{}")):
            assert {target["datasetId"] for target in native["targets"]} <= datasets
            assert set(native["scope"]["excluded"]) <= on_it


def test_from_the_first_release_nothing_is_lost_doubled_or_stale(
    first_release: None,
    models: Any,
    metadata_uri: str,
    source: Source,
) -> None:
    before = {row["uuid"]: row["id"] for row in ids(metadata_uri)}
    mine = add_users_work(models)
    plan = install(DATABASE)
    assert plan.update
    assert (plan.remove, plan.keep) == ([], [])
    assert_users_work_is_there(models, mine)
    assert_no_stale_id(models)
    after = {row["uuid"]: row["id"] for row in ids(metadata_uri)}
    assert {uuid: after[uuid] for uuid in before} == before
    numbers = counts(metadata_uri)
    wanted = (len(source.datasets), len(source.charts) + 1, len(source.dashboards))
    assert (numbers["tables"], numbers["slices"], numbers["dashboards"]) == wanted
    twice = "select count(*) - count(distinct ({})) as n from {}"
    assert run_sql(metadata_uri, twice.format("table_id, metric_name", "sql_metrics"))[0]["n"] == 0
    assert run_sql(metadata_uri, twice.format("table_id, column_name", "table_columns"))[0]["n"] == 0
    assert install(DATABASE).is_empty
    assert counts(metadata_uri) == numbers
    assert_users_work_is_there(models, mine)


def test_a_chart_that_left_the_plugin_leaves_superset(
    bare: None,
    models: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, less = files.load(), copy.deepcopy(files.load())
    gone = less.dashboards["kpi_overview"].charts.pop("ad_groups_over_acos")
    position = less.dashboards["kpi_overview"].config["position"]
    for name in ("CHART-ad_groups_over_acos", "ROW-detail"):
        del position[name]
    position["GRID_ID"]["children"].remove("ROW-detail")
    for native in bundle.filters(less.dashboards["kpi_overview"].config["metadata"]):
        native["scope"]["excluded"] = [uuid for uuid in native["scope"]["excluded"] if uuid != gone["uuid"]]
    assert gone["uuid"] in {chart["uuid"] for chart in whole.charts.values()}
    install(DATABASE, languages=["en"])
    monkeypatch.setattr(files, "load", lambda folder=None: less)
    plan = install(DATABASE, dry_run=True, languages=["en"])
    assert plan.remove == ["chart Ad groups over their ACoS line"]
    assert find(models.Chart, uuid=gone["uuid"])
    assert install(DATABASE, languages=["en"]).remove == plan.remove
    models.db.session.expire_all()
    board = find(models.Dashboard, slug="kpi-overview")
    assert str(gone["uuid"]) not in {str(chart.uuid) for chart in board.slices}
    assert models.db.session.query(models.Chart).filter_by(uuid=gone["uuid"]).count() == 0
    assert "ad_groups" not in board.position_json
    assert install(DATABASE, languages=["en"]).is_empty


def test_uninstalling_leaves_nothing_of_ours(bare: None, models: Any, metadata_uri: str, source: Source) -> None:
    before = counts(metadata_uri)
    permissions = "select count(*) as n from ab_view_menu where name like '[' || %s || '].[%%](id:%%'"
    install(DATABASE)
    installed = counts(metadata_uri)
    plan = uninstall(dry_run=True)
    assert counts(metadata_uri) == installed
    assert len(plan.remove) == len(source.datasets) + len(source.charts) + len(source.dashboards)
    assert str(plan).startswith(f"Would remove {len(plan.remove)}, kept 0.")
    assert uninstall().remove == plan.remove
    assert counts(metadata_uri) == before
    assert run_sql(metadata_uri, permissions, (DATABASE,))[0]["n"] == 0
    assert uninstall().is_empty
    assert len(install(DATABASE).create) == len(plan.remove)


def test_uninstalling_keeps_what_users_made_and_what_it_rests_on(bare: None, models: Any) -> None:
    install(DATABASE)
    mine = add_users_work(models)
    own = models.Dashboard(dashboard_title="My board", position_json="{}")
    own.slices.append(find(models.Chart, uuid=asset_uuid("chart/kpi_overview_zh/orders")))
    models.db.session.add(own)
    models.db.session.commit()
    plan = uninstall()
    reasons = dict(line.split(": ", 1) for line in plan.keep)
    assert reasons["dashboard KPI overview"] == "users put charts on it (My chart)"
    assert reasons["chart 订单数"] == "it is on a dashboard that stays (My board)"
    assert reasons["dataset KPI 按月对比目标"] == "charts that stay use it (订单数)"
    assert reasons["dataset KPI daily by SKU"] == "charts that stay use it (My chart)"
    assert "dashboard KPI 总览" in plan.remove
    assert "dataset 数据更新" in plan.remove
    assert_users_work_is_there(models, mine)
    assert_no_stale_id(models)
    assert len(find(models.Dashboard, dashboard_title="My board").slices) == 1
    # Once the users' own is gone, so is the rest.
    for row in (find(models.Chart, id=mine.chart), find(models.Dashboard, dashboard_title="My board")):
        models.db.session.delete(row)
    board = find(models.Dashboard, slug="kpi-overview")
    metadata = json.loads(board.json_metadata)
    metadata["native_filter_configuration"] = [one for one in bundle.filters(metadata) if bundle.is_ours(one)]
    board.json_metadata = json.dumps(metadata)
    models.db.session.commit()
    plan = uninstall()
    assert plan.keep == ["dataset KPI daily by SKU: users added metrics or columns to it (my_peak, my_band)"]


def test_uninstalling_keeps_what_a_report_sends(bare: None, models: Any) -> None:
    from superset.reports.models import ReportSchedule, ReportScheduleType

    install(DATABASE, languages=["en"])
    board = find(models.Dashboard, slug="kpi-overview")
    report = ReportSchedule(
        type=ReportScheduleType.REPORT, name="Weekly", crontab="0 8 * * 1", dashboard_id=board.id, active=True
    )
    models.db.session.add(report)
    models.db.session.commit()
    plan = uninstall()
    assert "dashboard KPI overview: alerts or reports send it (Weekly)" in plan.keep
    assert find(models.Dashboard, slug="kpi-overview")


def test_only_the_language_that_was_asked_for_is_installed(bare: None, models: Any) -> None:
    install(DATABASE, languages=["en"])
    slugs = lambda: {slug for (slug,) in models.db.session.query(models.Dashboard.slug)}  # noqa: E731
    assert "kpi-overview" in slugs()
    assert "kpi-overview-zh" not in slugs()
    # The tests' Superset offers Chinese.
    install(DATABASE)
    assert "kpi-overview-zh" in slugs()
    assert install(DATABASE, languages=["en"]).is_empty
    assert "kpi-overview-zh" in slugs()
