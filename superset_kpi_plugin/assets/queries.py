"""The query of a chart out of its form data, for the chart types that the dashboards use.

Superset's browser code makes this query whenever a chart is opened; saved beside the chart it also serves where no
browser is: native reports as text or CSV, cache warm-up, the chart-data API, and the tests that run every chart.
"""

from __future__ import annotations

import json
from typing import Any

Form = dict[str, Any]
Query = dict[str, Any]


def query_context(form: Form) -> dict[str, Any]:
    """The query context without its datasource, which the import fills in.

    :raises KeyError: for a chart type that has no builder here; add one beside the others.
    """
    return {
        "datasource": {"id": 0, "type": "table"},
        "force": False,
        "queries": _BUILDERS[form["viz_type"]](form),
        "form_data": form,
        "result_format": "json",
        "result_type": "full",
    }


def _query(form: Form, columns: list[Any], metrics: list[Any], suffix: str = "") -> Query:
    filters, where = _filters(form.get(f"adhoc_filters{suffix}") or [])
    return {
        "filters": filters,
        "extras": {"having": "", "where": where},
        "columns": columns,
        "metrics": metrics,
        "orderby": [],
        "row_limit": form.get(f"row_limit{suffix}") or 1000,
        "time_range": form.get("time_range", "No filter"),
        "annotation_layers": [],
        "series_limit": 0,
        "order_desc": True,
        "url_params": {},
        "custom_params": {},
        "custom_form_data": {},
    }


def _filters(adhoc: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], str]:
    simple = [
        {"col": item["subject"], "op": item["operator"], "val": item["comparator"]}
        for item in adhoc
        if item["expressionType"] == "SIMPLE"
    ]
    clauses = [f"({item['sqlExpression']})" for item in adhoc if item["expressionType"] == "SQL"]
    return simple, " AND ".join(clauses)


def _axis(form: Form) -> dict[str, Any]:
    column = form["x_axis"]
    axis = {"columnType": "BASE_AXIS", "sqlExpression": column, "label": column, "expressionType": "SQL"}
    return {**axis, "timeGrain": form["time_grain_sqla"]} if form.get("time_grain_sqla") else axis


def _table(form: Form) -> list[Query]:
    if form.get("query_mode") == "aggregate":
        query = _query(form, list(form["groupby"]), list(form["metrics"]))
        by = form.get("timeseries_limit_metric") or next(iter(form["metrics"]), None)
        query["orderby"] = [[by, not form.get("order_desc", True)]] if by else []
        return [query]
    query = _query(form, list(form["all_columns"]), [])
    query["metrics"] = None
    query["orderby"] = [json.loads(item) for item in form.get("order_by_cols") or []]
    return [query]


def _big_number(form: Form) -> list[Query]:
    return [_query(form, [_axis(form)], [form["metric"]])]


def _big_number_total(form: Form) -> list[Query]:
    return [_query(form, [], [form["metric"]])]


def _pivot(form: Form) -> list[Query]:
    return [_query(form, [*form["groupbyColumns"], *form["groupbyRows"]], list(form["metrics"]))]


def _waterfall(form: Form) -> list[Query]:
    columns = [_axis(form), *form.get("groupby", [])]
    query = _query(form, columns, [form["metric"]])
    query["orderby"] = [[column, True] for column in columns]
    return [query]


def _series(form: Form) -> list[Query]:
    return [_query(form, [_axis(form), *form.get("groupby", [])], list(form["metrics"]))]


def _mixed(form: Form) -> list[Query]:
    return [
        _query(form, [_axis(form), *form.get("groupby", [])], list(form["metrics"])),
        _query(form, [_axis(form), *form.get("groupby_b", [])], list(form["metrics_b"]), "_b"),
    ]


_BUILDERS = {
    "table": _table,
    "big_number": _big_number,
    "big_number_total": _big_number_total,
    "pivot_table_v2": _pivot,
    "waterfall": _waterfall,
    "echarts_timeseries_bar": _series,
    "echarts_timeseries_line": _series,
    "mixed_timeseries": _mixed,
}
