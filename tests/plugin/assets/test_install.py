"""Installation into a real Superset: repeatable, gentle to what users made, readable for the KPI roles."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from superset_kpi_plugin.assets import bundle, install
from superset_kpi_plugin.assets.source import Source
from superset_kpi_plugin.errors import SetupError, WarehouseContractBroken
from tests.plugin.assets.conftest import DATABASE
from tests.plugin.conftest import run_sql

COUNTED = ("tables", "table_columns", "sql_metrics", "slices", "dashboards", "dashboard_slices", "dbs")


@pytest.fixture(autouse=True)
def source(overview: Source) -> Source:
    """One dashboard is enough to install again and again."""
    return overview


def counts(metadata_uri: str) -> dict[str, Any]:
    return {name: run_sql(metadata_uri, f"select count(*) as n from {name}")[0]["n"] for name in COUNTED}


def ids(metadata_uri: str) -> list[dict[str, Any]]:
    return run_sql(
        metadata_uri,
        "select 'dataset' as kind, id, uuid from tables union all select 'chart', id, uuid from slices "
        "union all select 'dashboard', id, uuid from dashboards order by 1, 2",
    )


def row_of(metadata_uri: str, name: str) -> dict[str, Any]:
    return run_sql(metadata_uri, "select * from dbs where database_name = %s", (name,))[0]


def find(model: Any, **where: Any) -> Any:
    from superset.extensions import db

    return db.session.query(model).filter_by(**where).one()


def disturb(models: Any) -> None:
    """Change one of our charts, so that the next installation has something to do."""
    find(models.Chart, slice_name="Ad cost").description = "changed by hand"
    models.db.session.commit()


def test_a_dry_run_shows_the_plan_and_writes_nothing(
    app_context: Any, connected: str, metadata_uri: str, source: Source
) -> None:
    before = counts(metadata_uri)
    plan = install(connected, dry_run=True)
    assert counts(metadata_uri) == before
    assert len(plan.create) + len(plan.update) + len(plan.unchanged) == sum(
        len(assets) for assets in (source.datasets, source.charts, source.dashboards)
    )
    assert str(plan).startswith(f"Would install on database '{connected}'")


def test_installing_twice_changes_nothing(installed: Any, models: Any, metadata_uri: str) -> None:
    before, connection = counts(metadata_uri), row_of(metadata_uri, DATABASE)
    first = ids(metadata_uri)
    plan = install(DATABASE)
    assert plan.is_empty
    assert "0 new, 0 changed" in str(plan)
    disturb(models)
    plan = install(DATABASE)
    assert (plan.create, plan.update) == ([], ["chart Ad cost"])
    assert counts(metadata_uri) == before
    assert ids(metadata_uri) == first
    assert row_of(metadata_uri, DATABASE) == connection
    assert find(models.Chart, slice_name="Ad cost").description != "changed by hand"


def test_the_customers_connection_stays_as_it_is(
    installed: Any, models: Any, metadata_uri: str, sample_uri: str
) -> None:
    database = find(models.Database, database_name=DATABASE)
    database.extra = json.dumps(
        {"engine_params": {}, "a_key_of_the_future": 1, "schemas_allowed_for_file_upload": ["x"]}
    )
    database.expose_in_sqllab, database.allow_file_upload, database.cache_timeout = False, False, 77
    disturb(models)
    before = row_of(metadata_uri, DATABASE)
    assert install(DATABASE).update
    assert row_of(metadata_uri, DATABASE) == before
    models.db.session.expire_all()
    database = find(models.Database, database_name=DATABASE)
    assert database.sqlalchemy_uri_decrypted == sample_uri


def test_what_users_added_stays(installed: Any, models: Any) -> None:
    dataset = find(models.Dataset, table_name="KPI daily by SKU")
    dataset.metrics.append(
        models.Metric(metric_name="my_peak", expression="max(value)", extra='{"warning_markdown": "x"}')
    )
    dataset.columns.append(models.Column(column_name="my_price_band", expression="case when value > 9 then 1 end"))
    models.db.session.flush()
    chart = models.Chart(
        slice_name="My chart", viz_type="table", datasource_id=dataset.id, datasource_type="table", params="{}"
    )
    loose = models.Chart(
        slice_name="My loose chart", viz_type="table", datasource_id=dataset.id, datasource_type="table", params="{}"
    )
    models.db.session.add_all([chart, loose])
    models.db.session.flush()
    board = find(models.Dashboard, slug="kpi-overview")
    position = json.loads(board.position_json)
    place(position, chart)
    board.position_json = json.dumps(position)
    board.slices += [chart, loose]
    metadata = json.loads(board.json_metadata)
    mine = {
        "id": "NATIVE_FILTER-mine",
        "name": "Brand",
        "targets": [{"datasetId": dataset.id, "column": {"name": "brand"}}],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": [chart.id]},
    }
    metadata["native_filter_configuration"].append(mine)
    board.json_metadata = json.dumps(metadata)
    disturb(models)
    chart_id, loose_id = chart.id, loose.id

    for _ in range(2):
        assert install(DATABASE).update == ["chart Ad cost"]
        models.db.session.expire_all()
        dataset = find(models.Dataset, table_name="KPI daily by SKU")
        peak = next(one for one in dataset.metrics if one.metric_name == "my_peak")
        assert (peak.expression, json.loads(peak.extra)) == ("max(value)", {"warning_markdown": "x"})
        band = next(one for one in dataset.columns if one.column_name == "my_price_band")
        assert band.expression == "case when value > 9 then 1 end"
        board = find(models.Dashboard, slug="kpi-overview")
        assert {chart_id, loose_id} <= {one.id for one in board.slices}
        assert len(board.slices) == 14
        position = json.loads(board.position_json)
        item = next(one for one in position.values() if isinstance(one, dict) and one["id"] == "CHART-mine")
        assert item["meta"]["chartId"] == chart_id
        assert position[item["parents"][-1]]["children"] == ["CHART-mine"]
        assert item["parents"][-1] in position["GRID_ID"]["children"]
        assert mine in json.loads(board.json_metadata)["native_filter_configuration"]
        disturb(models)


def place(position: dict[str, Any], chart: Any) -> None:
    """Put a chart into a row of its own at the top, as a user would by dragging it there."""
    position["ROW-mine"] = {
        "id": "ROW-mine",
        "type": "ROW",
        "children": ["CHART-mine"],
        "parents": ["ROOT_ID", "GRID_ID"],
        "meta": {},
    }
    position["CHART-mine"] = {
        "id": "CHART-mine",
        "type": "CHART",
        "children": [],
        "parents": ["ROOT_ID", "GRID_ID", "ROW-mine"],
        "meta": {"chartId": chart.id, "uuid": str(chart.uuid), "sliceName": chart.slice_name, "width": 6, "height": 30},
    }
    position["GRID_ID"]["children"].append("ROW-mine")


def test_a_kpi_that_leaves_the_catalogue_leaves_the_metrics(installed: Any, models: Any, sample_uri: str) -> None:
    names = lambda: {one.metric_name for one in find(models.Dataset, table_name="KPI daily by account").metrics}  # noqa: E731
    assert "aov" in names()
    run_sql(sample_uri, "update kpi.kpi_catalogue set kpi_id = 'aov_new' where kpi_id = 'aov'")
    try:
        assert "dataset KPI daily by account" in install(DATABASE).update
        models.db.session.expire_all()
        assert "aov" not in names()
        assert "aov_new" in names()
    finally:
        run_sql(sample_uri, "update kpi.kpi_catalogue set kpi_id = 'aov' where kpi_id = 'aov_new'")
        install(DATABASE)


def test_the_dashboard_is_published_and_certified(installed: Any, models: Any) -> None:
    board = find(models.Dashboard, slug="kpi-overview")
    assert (board.published, board.certified_by, board.dashboard_title) == (True, "KPI plugin", "KPI overview")
    assert [role.name for role in board.roles] == []
    placed = bundle.chart_items(json.loads(board.position_json))
    assert {item["meta"]["chartId"] for item in placed} <= {one.id for one in board.slices}


def test_all_kpi_roles_may_read_every_dataset(installed: Any, models: Any, source: Source) -> None:
    from superset import security_manager

    perms = {find(models.Dataset, uuid=config["uuid"]).perm for config in source.datasets.values()}
    for name in ("KPI Viewer", "KPI Owner", "KPI Approver", "KPI Admin"):
        role = security_manager.find_role(name)
        held = {p.view_menu.name for p in role.permissions if p.permission.name == "datasource_access"}
        assert perms <= held, name
    gamma = security_manager.find_role("Gamma")
    assert not perms & {p.view_menu.name for p in gamma.permissions if p.permission.name == "datasource_access"}


def test_an_unknown_connection_is_named(app_context: Any) -> None:
    with pytest.raises(SetupError, match="no database connection named 'Nowhere'"):
        install("Nowhere")


def test_a_warehouse_without_the_contract_changes_nothing(
    app_context: Any, models: Any, fresh_database: str, metadata_uri: str
) -> None:
    database = models.Database(database_name="Empty warehouse")
    database.set_sqlalchemy_uri(fresh_database)
    models.db.session.add(database)
    models.db.session.commit()
    before = counts(metadata_uri)
    try:
        with pytest.raises(WarehouseContractBroken, match="Nothing was changed"):
            install("Empty warehouse")
        assert counts(metadata_uri) == before
    finally:
        models.db.session.delete(database)
        models.db.session.commit()


def test_another_dashboard_with_the_slug_is_not_taken_over(connected: str, models: Any, metadata_uri: str) -> None:
    install(connected)
    board = find(models.Dashboard, slug="kpi-overview")
    board.slug = None
    stranger = models.Dashboard(dashboard_title="Mine", slug="kpi-overview", position_json="{}")
    models.db.session.flush()
    models.db.session.add(stranger)
    models.db.session.commit()
    try:
        with pytest.raises(SetupError, match=r"Another dashboard \(Mine\)"):
            install(connected)
    finally:
        models.db.session.delete(stranger)
        models.db.session.commit()
    assert install(connected).update == ["dashboard KPI overview"]


def test_the_datasets_follow_to_another_connection(
    installed: Any, models: Any, sample_uri: str, metadata_uri: str, source: Source
) -> None:
    other = models.Database(database_name="Moved warehouse")
    other.set_sqlalchemy_uri(sample_uri)
    models.db.session.add(other)
    models.db.session.commit()
    first = ids(metadata_uri)
    try:
        assert len(install("Moved warehouse").update) == len(source.datasets)
        assert ids(metadata_uri) == first
        assert find(models.Dataset, table_name="Data freshness").database_id == other.id
    finally:
        install(DATABASE)
        models.db.session.execute(sa.delete(models.Database).where(models.Database.id == other.id))
        models.db.session.commit()
