"""Which columns a click on a chart filters the dashboard's other charts by, and which charts must not try.

Superset ignores a filter where a chart's dataset lacks the column, and can't be told to filter by some of a chart's
columns only: what a chart's click reaches is set for the chart as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping

from superset_kpi_plugin.assets.source import Config, DashboardSource

MIXED = "mixed_timeseries"
#: Of no chart: the place in a layout below which charts are reached.
NOBODY: Config = {"rootPath": [], "excluded": []}


def emitted(chart: Config) -> list[str]:
    """The columns that clicks on a chart filter by: those that it groups by, or each that a table of rows shows."""
    params, kind = chart["params"], chart["viz_type"]
    if kind == "table":
        return list(params["all_columns"] if params["query_mode"] == "raw" else params["groupby"])
    if kind == "pivot_table_v2":
        return [*params["groupbyRows"], *params["groupbyColumns"]]
    if kind == MIXED:
        return [*(params.get("groupby") or []), *(params.get("groupby_b") or [])]
    if kind.startswith("echarts_timeseries"):
        return list(params.get("groupby") or [params["x_axis"]])
    return []


def silence_mixed(metadata: Config, board: DashboardSource, numbers: Mapping[str, int]) -> None:
    """Let clicks on the dashboard's mixed charts reach nobody.

    :param numbers: the charts' numbers in the layout, by uuid.
    """
    metadata["chart_configuration"] = {
        str(numbers[chart["uuid"]]): {
            "id": numbers[chart["uuid"]],
            "crossFilters": {"scope": {**NOBODY}, "chartsInScope": []},
        }
        for chart in board.charts.values()
        if chart["viz_type"] == MIXED and emitted(chart)
    }
