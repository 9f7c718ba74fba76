"""The dashboards' files hold together, and fit the contract and Superset's own schemas. No Superset is started."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sql.tools.definitions import PROJECT, documents
from superset_kpi_plugin.assets import bundle, metrics, queries
from superset_kpi_plugin.assets.editions import load
from superset_kpi_plugin.assets.source import Source, asset_uuid, default_folder, parse
from tests.plugin.conftest import run_sql

#: Okabe and Ito's palette and black, white, greys: told apart by people with any of the common colour blindnesses.
COLOUR_BLIND_SAFE = {"#0072B2", "#E69F00", "#D55E00", "#009E73", "#56B4E9", "#CC79A7", "#F0E442", "#7F7F7F"}
NUMBERED = {"datasource", "datasource_id", "slice_id", "chartId", "datasetId", "id", "datasource_name", "dashboards"}
SOURCE = load()
#: The KPIs of the layer, which the catalogue holds.
CATALOGUE = {metric["name"] for content in documents().values() for metric in content.get("metrics", [])}


def walk(node: Any, path: str = "") -> Iterator[tuple[str, str, Any]]:
    """Every (path, key, value) below a node."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield path, str(key), value
        yield from walk(value, f"{path}/{key}")


def files() -> list[Path]:
    return sorted(default_folder().rglob("*.yaml"))


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(default_folder())))
def test_no_numeric_id_is_in_the_files(path: Path) -> None:
    config = parse(path.read_text(encoding="utf-8"))
    for where, key, value in walk(config):
        if key in NUMBERED:
            assert isinstance(value, str), f"{where}/{key} = {value!r}"
            assert not re.fullmatch(r"\d+(__table)?", value), f"{where}/{key} = {value!r}"
    assert "__table" not in path.read_text(encoding="utf-8")


def test_every_id_is_the_uuid5_of_its_path(source: Source) -> None:
    for key, dataset in source.datasets.items():
        assert dataset["uuid"] == asset_uuid(f"dataset/{key}")
    for key, chart in source.charts.items():
        assert chart["uuid"] == asset_uuid(f"chart/{key}")
    for key, board in source.dashboards.items():
        assert board.config["uuid"] == asset_uuid(f"dashboard/{key}")


@pytest.mark.parametrize("key", SOURCE.dashboards)
def test_a_layout_places_each_chart_once_and_at_most_twelve_a_tab(key: str, source: Source) -> None:
    board = source.dashboards[key]
    position = board.config["position"]
    placed = bundle.chart_items(position)
    assert Counter(item["meta"]["uuid"] for item in placed) == Counter(chart["uuid"] for chart in board.charts.values())
    tabs = Counter(next((p for p in item["parents"] if p.startswith("TAB-")), "GRID_ID") for item in placed)
    assert max(tabs.values()) <= 12
    for item in position.values():
        if isinstance(item, dict) and item["type"] == "ROW":
            assert sum(position[child]["meta"]["width"] for child in item["children"]) == 12
            assert all(position[child]["parents"][-1] == item["id"] for child in item["children"])


@pytest.mark.parametrize("key", SOURCE.charts)
def test_a_chart_asks_for_columns_and_metrics_that_its_dataset_has(key: str, source: Source) -> None:
    chart = source.charts[key]
    dataset = next(one for one in source.datasets.values() if one["uuid"] == chart["dataset_uuid"])
    columns = {column["column_name"] for column in dataset["columns"]}
    own = {metric["metric_name"] for metric in dataset["metrics"]}
    from_catalogue = CATALOGUE if dataset["extra"].get("kpi_metrics") else set()
    for query in queries.query_context(chart["params"])["queries"]:
        asked = {item["sqlExpression"] if isinstance(item, dict) else item for item in query["columns"]}
        asked |= {item["col"] for item in query["filters"]}
        assert asked <= columns | own, asked - columns
        assert set(query["metrics"] or []) <= own | from_catalogue
    assert set(chart["params"].get("column_config", {})) <= columns


@pytest.mark.parametrize("key", SOURCE.charts)
def test_a_chart_reads_the_kpis_that_it_shows_alone(key: str, source: Source) -> None:
    """Without a filter on kpi_id the view of all values would be read for all KPIs."""
    chart = source.charts[key]
    dataset = next(one for one in source.datasets.values() if one["uuid"] == chart["dataset_uuid"])
    for query in queries.query_context(chart["params"])["queries"]:
        shown = set(query["metrics"] or []) & CATALOGUE if dataset["extra"].get("kpi_metrics") else set()
        if shown:
            (asked,) = [item["val"] for item in query["filters"] if item["col"] == "kpi_id"]
            assert shown == ({asked} if isinstance(asked, str) else set(asked))


@pytest.mark.parametrize("key", SOURCE.dashboards)
def test_native_filters_name_columns_and_charts_that_exist(key: str, source: Source) -> None:
    board = source.dashboards[key]
    names = {one["uuid"]: {c["column_name"] for c in one["columns"]} for one in source.datasets.values()}
    charts = {chart["uuid"] for chart in board.charts.values()}
    natives = bundle.filters(board.config["metadata"])
    assert natives
    for native in natives:
        assert bundle.is_ours(native)
        assert set(native["scope"]["excluded"]) <= charts
        for target in native["targets"]:
            assert target["column"]["name"] in names[target["datasetUuid"]]
    # A chart in a filter's scope has the filter's column, or the filter would be ignored there without a word.
    for native in natives:
        for chart in board.charts.values():
            if chart["uuid"] not in native["scope"]["excluded"]:
                assert native["targets"][0]["column"]["name"] in names[chart["dataset_uuid"]], chart["slice_name"]


def test_colours_are_told_apart_by_colour_blind_people(source: Source) -> None:
    configs = [*source.charts.values(), *(board.config for board in source.dashboards.values())]
    used = {colour.upper() for config in configs for colour in re.findall(r"#[0-9a-fA-F]{6}\b", json.dumps(config))}
    assert used
    assert used <= COLOUR_BLIND_SAFE


def test_everything_is_described_and_certified(source: Source) -> None:
    for dataset in source.datasets.values():
        assert dataset["description"]
        assert dataset["extra"]["certification"]["certified_by"]
        assert all(column["verbose_name"] for column in dataset["columns"])
        assert all(metric["description"] and metric["d3format"] for metric in dataset["metrics"])
    for chart in source.charts.values():
        assert chart["description"]
        assert chart["certified_by"]


def test_superset_accepts_the_files(app_context: Any, source: Source, sample_uri: str) -> None:
    from superset.commands.importers.v1.assets import ImportAssetsCommand

    for path, config in built(source, sample_uri).items():
        schema = ImportAssetsCommand.schemas.get(path.split("/")[0] + "/")
        if schema and not path.startswith("databases/"):
            schema.load(config)


def test_a_dataset_has_exactly_the_columns_of_its_relation(source: Source, sample_uri: str) -> None:
    for key, dataset in source.datasets.items():
        real = columns_of(sample_uri, dataset["sql"])
        assert [column["column_name"] for column in dataset["columns"]] == real, key


def test_a_missing_column_is_named(source: Source, sample_uri: str) -> None:
    with pytest.raises(bundle.ContractMismatchError, match=r"data_freshness.*last_error"):
        built(source, sample_uri, leave_out="last_error")


def columns_of(uri: str, sql: str) -> list[str]:
    """The columns of a statement, in order."""
    name = "kpi_tests_columns"
    statement = f"create or replace temporary view {name} as {sql}"
    look_up = f"select attname from pg_attribute where attrelid = '{name}'::regclass and attnum > 0 order by attnum"
    rows = run_sql(uri, f"{statement}; {look_up}")
    return [row["attname"] for row in rows]


def built(source: Source, uri: str, leave_out: str = "") -> dict[str, Any]:
    """The bundle for the sample warehouse, without a Superset."""
    columns = {
        key: [bundle.RealColumn(name, "TEXT", False) for name in columns_of(uri, config["sql"]) if name != leave_out]
        for key, config in source.datasets.items()
    }
    catalogue = run_sql(uri, "select * from kpi.kpi_catalogue")
    database = {"uuid": asset_uuid("database/any")}
    return bundle.build(source, bundle.Site(database, columns, catalogue, {}))


def test_a_kpi_becomes_a_metric_where_its_entity_kind_is(source: Source, sample_uri: str) -> None:
    files = built(source, sample_uri)
    names = {key: {m["metric_name"] for m in files[f"datasets/{key}.yaml"]["metrics"]} for key in source.datasets}
    assert {"acos", "ad_cost", "ad_sales"} == names["kpi_daily_ad_group"]
    assert "aov" in names["kpi_daily_account"]
    assert "aov" not in names["kpi_daily_sku"]
    gmv = next(m for m in files["datasets/kpi_daily_sku.yaml"]["metrics"] if m["metric_name"] == "gmv")
    assert (gmv["verbose_name"], gmv["d3format"]) == ("GMV", "$,.0f")
    assert gmv["description"] == "GMV, as the business counts it. = sum of item prices."
    assert metrics.is_from_catalogue(gmv)


@pytest.mark.parametrize(
    ("key", "parents"),
    [
        ("kpi_overview", ["ROOT_ID", "GRID_ID"]),
        ("kpi_finance", ["ROOT_ID", "TABS-main", "TAB-margin"]),
    ],
)
def test_users_charts_are_put_back_where_they_are_seen(key: str, parents: list[str], source: Source) -> None:
    position = source.dashboards[key].config["position"]
    chart = {"id": "CHART-mine", "type": "CHART", "children": [], "meta": {"chartId": 7, "uuid": "u", "width": 6}}
    done = bundle.append_charts(position, [chart])
    row = done[parents[-1]]["children"][-1]
    assert done[row]["children"] == ["CHART-mine"]
    assert done["CHART-mine"]["parents"] == [*parents, row]
    assert done["ROOT_ID"] == position["ROOT_ID"]


@pytest.mark.parametrize("key", SOURCE.charts)
def test_no_chart_takes_a_name_for_html(key: str, source: Source) -> None:
    """Tables render what looks like HTML unless they are told not to."""
    chart = source.charts[key]
    if chart["viz_type"] in ("table", "pivot_table_v2"):
        assert chart["params"].get("allow_render_html") is False


def test_a_dataset_s_month_is_the_text_that_the_layer_s_tables_are_indexed_by(source: Source) -> None:
    macro = (PROJECT / "macros" / "calendar.sql").read_text(encoding="utf-8")
    body = macro.split("macro month_text(day) -%}")[1].split("{%- endmacro")[0].strip()
    indexed = re.escape(body.replace("{{ dbt.type_string() }}", "text")).replace(re.escape("{{ day }}"), r"\w+\.\w+")
    for key, dataset in source.datasets.items():
        made = re.findall(r"^\s*(.+) as month,$", dataset["sql"], re.MULTILINE)
        assert all(re.fullmatch(indexed, one) for one in made), f"{key}: {made}"
        assert bool(made) == any(column["column_name"] == "month" for column in dataset["columns"]), key
