"""Takes our assets out of Superset, and leaves all that users' own work rests on."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from superset_kpi_plugin.assets import bundle, metrics
from superset_kpi_plugin.assets.source import Source


@dataclass
class Removal:
    """Assets of ours to delete, and those that stay, each with the reason."""

    dashboards: list[Any] = field(default_factory=list)
    charts: list[Any] = field(default_factory=list)
    datasets: list[Any] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """What is deleted, in the order of deletion."""
        return [name_of(model) for model in (*self.dashboards, *self.charts, *self.datasets)]

    def apply(self) -> None:
        """Delete, in one transaction, through Superset's own commands."""
        from superset.commands.chart.delete import DeleteChartCommand
        from superset.commands.dashboard.delete import DeleteDashboardCommand
        from superset.commands.dataset.delete import DeleteDatasetCommand
        from superset.utils.decorators import transaction

        @transaction(on_error=None)
        def run() -> None:
            for command, models in (
                (DeleteDashboardCommand, self.dashboards),
                (DeleteChartCommand, self.charts),
                (DeleteDatasetCommand, self.datasets),
            ):
                if models:
                    command([model.id for model in models]).run()

        run()


def name_of(model: Any) -> str:
    """Kind and name of an asset, as plans show it."""
    kinds = {"tables": "dataset", "slices": "chart", "dashboards": "dashboard"}
    name = getattr(model, "table_name", None) or getattr(model, "slice_name", None) or model.dashboard_title
    return f"{kinds[model.__tablename__]} {name}"


def consider(models: Iterable[Any], source: Source, replaced: Iterable[Any] = ()) -> Removal:
    """Which of these assets of ours can go. A kept dashboard keeps its charts, and a kept chart its dataset.

    :param replaced: dashboards of ours that are about to be imported anew, and so hold none of ``models`` any more.
    """
    by_kind: dict[str, list[Any]] = {"dashboards": [], "slices": [], "tables": []}
    for model in models:
        by_kind[model.__tablename__].append(model)
    found = Removal()
    _sort(by_kind["dashboards"], found.dashboards, lambda board: _why_dashboard(board, by_kind["slices"]), found.kept)
    gone = {board.id for board in (*found.dashboards, *replaced)}
    _sort(by_kind["slices"], found.charts, lambda chart: _why_chart(chart, gone), found.kept)
    charts = {chart.id for chart in found.charts}
    _sort(by_kind["tables"], found.datasets, lambda table: _why_dataset(table, charts, gone, source), found.kept)
    return found


def _sort(models: list[Any], removed: list[Any], why: Any, kept: list[str]) -> None:
    for model in sorted(models, key=lambda one: one.id):
        reason = why(model)
        if reason:
            kept.append(f"{name_of(model)}: {reason}")
        else:
            removed.append(model)


def _why_dashboard(board: Any, ours: list[Any]) -> str | None:
    known = {chart.id for chart in ours}
    added = [chart.slice_name for chart in board.slices if chart.id not in known]
    if added:
        return f"users put charts on it ({_some(added)})"
    natives = bundle.filters(json.loads(board.json_metadata or "{}"))
    mine = [str(native.get("name")) for native in natives if not bundle.is_ours(native)]
    if mine:
        return f"users put filters on it ({_some(mine)})"
    return _reported(dashboard_id=board.id)


def _why_chart(chart: Any, gone: set[int]) -> str | None:
    staying = [board.dashboard_title for board in chart.dashboards if board.id not in gone]
    return f"it is on a dashboard that stays ({_some(staying)})" if staying else _reported(chart_id=chart.id)


def _why_dataset(table: Any, charts: set[int], gone: set[int], source: Source) -> str | None:
    from superset.extensions import db
    from superset.models.dashboard import Dashboard
    from superset.models.slice import Slice

    resting = db.session.query(Slice).filter_by(datasource_id=table.id, datasource_type="table")
    staying = [chart.slice_name for chart in resting if chart.id not in charts]
    if staying:
        return f"charts that stay use it ({_some(staying)})"
    config = next((one for one in source.datasets.values() if one["uuid"] == str(table.uuid)), None)
    ours = {one["metric_name"] for one in config["metrics"]} if config else set()
    made = [one.metric_name for one in table.metrics if one.metric_name not in ours and not _is_from_catalogue(one)]
    made += [one.column_name for one in table.columns if one.expression]
    if made:
        return f"users added metrics or columns to it ({_some(made)})"
    filtering = [
        board.dashboard_title
        for board in db.session.query(Dashboard)
        if board.id not in gone and table.id in _filtered(board)
    ]
    return f"filters of dashboards that stay read it ({_some(filtering)})" if filtering else None


def _is_from_catalogue(metric: Any) -> bool:
    return metrics.is_from_catalogue({"extra": json.loads(metric.extra or "{}")})


def _filtered(board: Any) -> set[int]:
    natives = bundle.filters(json.loads(board.json_metadata or "{}"))
    return {target.get("datasetId") for native in natives for target in native.get("targets") or []}


def _reported(**where: int) -> str | None:
    from superset.extensions import db
    from superset.reports.models import ReportSchedule

    names = [report.name for report in db.session.query(ReportSchedule).filter_by(**where)]
    return f"alerts or reports send it ({_some(names)})" if names else None


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
