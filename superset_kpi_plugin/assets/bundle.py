"""Completes the dashboards' files for one site, and merges in what its users added. Pure functions on dictionaries."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from superset_kpi_plugin.assets import cross_filters, glossary, metrics, queries
from superset_kpi_plugin.assets.source import Config, DashboardSource, Source

VERSION = "1.0.0"
#: Native filters with this prefix are the plugin's; others on its dashboards were added by users and stay.
FILTER_PREFIX = "NATIVE_FILTER-kpi-"


class ContractMismatchError(ValueError):
    """A dataset names a column that the warehouse doesn't give."""


@dataclass(frozen=True)
class RealColumn:
    """A column as the warehouse describes it."""

    name: str
    type: str | None
    is_temporal: bool


@dataclass
class Site:
    """What the files leave out, as found in one Superset and its warehouse."""

    database: Config
    #: The relation's columns by dataset key.
    columns: Mapping[str, list[RealColumn]]
    catalogue: Sequence[Mapping[str, Any]]
    #: Superset's own export of the assets that exist already, by uuid.
    existing: Mapping[str, Config]
    #: Whether a click on a mixed chart filters by what was clicked (``compat.mixed_charts_filter``).
    mixed_charts_filter: bool = True


def build(source: Source, site: Site) -> dict[str, Config]:
    """The files of an assets bundle by path, ready for Superset's import."""
    files: dict[str, Config] = {
        "metadata.yaml": {"version": VERSION, "type": "assets"},
        "databases/warehouse.yaml": site.database,
    }
    for key, dataset in source.datasets.items():
        files[f"datasets/{key}.yaml"] = complete_dataset(key, dataset, site)
    for key, chart in source.charts.items():
        files[f"charts/{key}.yaml"] = complete_chart(chart)
    for board in source.dashboards.values():
        files[f"dashboards/{board.key}.yaml"] = complete_dashboard(board, site)
    return files


def complete_dataset(key: str, dataset: Config, site: Site) -> Config:
    """Add database, real columns and the catalogue's metrics; keep the metrics and calculated columns of users."""
    done = copy.deepcopy(dataset)
    current = site.existing.get(done["uuid"], {})
    done["database_uuid"] = site.database["uuid"]
    wish = done["extra"].pop("kpi_metrics", None)
    if wish:
        done["metrics"] += metrics.catalogue_metrics(
            site.catalogue, wish["style"], wish["entity_kinds"], wish.get("language", "en")
        )
    done["metrics"] += _users_metrics(done["metrics"], current.get("metrics") or [])
    done["columns"] = _columns(key, done["columns"], site.columns[key], current.get("columns") or [])
    return done


def _users_metrics(ours: Iterable[Config], current: Iterable[Config]) -> list[Config]:
    names = {metric["metric_name"] for metric in ours}
    return [
        copy.deepcopy(dict(metric))
        for metric in current
        if metric["metric_name"] not in names and not metrics.is_from_catalogue(metric)
    ]


def _columns(key: str, ours: list[Config], real: list[RealColumn], current: list[Config]) -> list[Config]:
    """The relation's columns, each with what a user set on it, overlaid with the file; then users' calculated ones."""
    described = {column["column_name"]: column for column in ours}
    missing = sorted(set(described) - {column.name for column in real})
    if missing:
        raise ContractMismatchError(f"dataset {key}: the warehouse gives no column {', '.join(missing)}")
    known = {column["column_name"]: column for column in current}
    done = []
    for column in real:
        fresh = {"is_active": True, "groupby": True, "filterable": True, "is_dttm": column.is_temporal}
        own = {"column_name": column.name, "type": column.type, "expression": None}
        done.append({**fresh, **known.pop(column.name, {}), **own, **described.get(column.name, {})})
    return done + [copy.deepcopy(dict(column)) for column in known.values() if column.get("expression")]


def complete_chart(chart: Config) -> Config:
    """Add the query, so that the chart also answers where no browser makes one."""
    done = copy.deepcopy(chart)
    done["query_context"] = json.dumps(queries.query_context(copy.deepcopy(done["params"])))
    return done


def complete_dashboard(board: DashboardSource, site: Site) -> Config:
    """Add the links to the glossary, and number the charts; the import translates the numbers to the site's own ids."""
    done = copy.deepcopy(board.config)
    glossary.add_links(done, board, site.catalogue)
    numbers = {chart["uuid"]: number for number, chart in enumerate(board.charts.values(), start=1)}
    for item in chart_items(done["position"]):
        item["meta"]["chartId"] = numbers[item["meta"]["uuid"]]
    for native in filters(done["metadata"]):
        native["scope"]["excluded"] = [numbers[chart] for chart in native["scope"]["excluded"]]
    if not site.mixed_charts_filter:
        cross_filters.silence_mixed(done["metadata"], board, numbers)
    return done


def filters(metadata: Config | None) -> list[Config]:
    """The native filters in a dashboard's metadata."""
    found: list[Config] = (metadata or {}).get("native_filter_configuration") or []
    return found


def is_ours(native: Config) -> bool:
    """True for a native filter of the plugin's, False for one that a user added."""
    return str(native.get("id", "")).startswith(FILTER_PREFIX)


def chart_items(position: Config | None) -> list[Config]:
    """The charts in a layout."""
    return [item for item in (position or {}).values() if isinstance(item, dict) and item.get("type") == "CHART"]


def foreign_charts(position: Config, ours: set[str]) -> list[Config]:
    """The charts that users put on one of our dashboards, in the order of the layout's keys."""
    return [copy.deepcopy(item) for item in chart_items(position) if item["meta"].get("uuid") not in ours]


def append_charts(position: Config, charts: list[Config]) -> Config:
    """Put ``charts`` in rows of their own at the end of a layout (of its first tab, if any), three to a row."""
    done = copy.deepcopy(position)
    parents = ["ROOT_ID", *done["ROOT_ID"]["children"][:1]]
    while done[parents[-1]]["type"] == "TABS":
        parents.append(done[parents[-1]]["children"][0])
    for start in range(0, len(charts), 3):
        row = f"ROW-added-{start // 3}"
        members = copy.deepcopy(charts[start : start + 3])
        for chart in members:
            chart["meta"]["width"] = 4
            done[chart["id"]] = {**chart, "parents": [*parents, row]}
        done[row] = {
            "id": row,
            "type": "ROW",
            "children": [chart["id"] for chart in members],
            "parents": parents,
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        done[parents[-1]]["children"].append(row)
    return done
