"""Asks MetricFlow for every KPI by month and entity and prints JSON; metricflow_judge runs it in a process of its own.

Usage: python metricflow_query.py PROJECT_FOLDER '[[entity kind, [metric, ...], [group, ...]], ...]'; the warehouse is
that of KPI_DBT_*. The first group gives the entity's id (of an account without its prefix); none: the company.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from metricflow.engine.metricflow_engine import MetricFlowQueryRequest


def main(project: str, queries: list[tuple[str, list[str], list[str]]]) -> None:
    configuration = CLIConfiguration()
    configuration.setup(Path(project), Path(project), configure_file_logging=False)
    rows = []
    for kind, metrics, groups in queries:
        request = MetricFlowQueryRequest.create(metric_names=metrics, group_by_names=["metric_time__month", *groups])
        table = configuration.mf.query(request).result_df
        for row in table.rows:
            values = dict(zip(table.column_names, row, strict=True))
            entity = values[groups[0]] if groups else "company"
            if entity is None:
                continue
            entity_id = f"account:{entity}" if kind == "account" else entity
            month = str(values["metric_time__month"])[:10]
            rows += [[m, kind, entity_id, month, None if values[m] is None else str(values[m])] for m in metrics]
    print("ROWS " + json.dumps(rows))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
