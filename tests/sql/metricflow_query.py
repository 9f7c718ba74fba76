"""Asks MetricFlow for every KPI by month and entity and prints JSON; metricflow_judge runs it in a process of its own.

Usage: python metricflow_query.py PROJECT_FOLDER '{entity kind: [metric, ...]}'; the warehouse is that of KPI_DBT_*.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

# How MetricFlow groups by a kind of entity; each gives the entity's id but the account, whose id has no prefix there.
GROUPS = {
    "company": [],
    "account": ["account"],
    "category": ["sku__category_key"],
    "sku": ["sku"],
    "team": ["sku__team"],
    "person": ["sku__owner"],
    "campaign": ["campaign"],
    "ad_group": ["ad_group"],
}


def main(project: str, kinds: dict[str, list[str]]) -> None:
    configuration = CLIConfiguration()
    configuration.setup(Path(project), Path(project), configure_file_logging=False)
    rows = []
    for kind, metrics in kinds.items():
        request = MetricFlowQueryRequest.create(
            metric_names=metrics, group_by_names=["metric_time__month", *GROUPS[kind]]
        )
        table = configuration.mf.query(request).result_df
        for row in table.rows:
            values = dict(zip(table.column_names, row, strict=True))
            entity = values[GROUPS[kind][0]] if GROUPS[kind] else "company"
            if entity is None:
                continue
            entity_id = f"account:{entity}" if kind == "account" else entity
            month = str(values["metric_time__month"])[:10]
            rows += [[m, kind, entity_id, month, None if values[m] is None else str(values[m])] for m in metrics]
    print("ROWS " + json.dumps(rows))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
