"""MetricFlow as an independent judge: it compiles the same YAML by itself, over the facts themselves."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path

import psycopg2

from sql.tools.definitions import definitions
from tests.sql.dbt_project import copy_project, dbt_environment, run_dbt
from tests.sql.metricflow_rates import in_reporting_currency

JUDGED_KINDS = ("company", "account", "category", "sku", "team", "person", "campaign", "ad_group")
# Their money is in the reporting currency, the others' in their account's.
CONSOLIDATED_KINDS = ("company", "team", "person")
# Computed by models of their own: no expression of measures that MetricFlow could compile.
RELATIONS = {one.kpi_id for one in definitions() if one.meta.get("relation")}
Key = tuple[str, str, str]


def differences_from_metricflow(uri: str, kinds: tuple[str, ...] = JUDGED_KINDS) -> list[str]:
    """One line per KPI x month x entity where kpi_values and MetricFlow differ by more than 1e-9; empty if they agree.

    The warehouse at `uri` must be built. Entity kinds are those the KPI has in the catalogue.
    """
    with psycopg2.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute("select kpi_id, entity_kinds from kpi.kpi_catalogue order by kpi_id")
        kpis = {kpi: kinds_of.split(",") for kpi, kinds_of in cursor.fetchall() if kpi not in RELATIONS}
        cursor.execute(
            "select kpi_id, entity_id, period_start::text, value from kpi.kpi_values "
            "where grain = 'month' and entity_kind = any(%s)",
            (list(kinds),),
        )
        ours = {(row[0], row[1], row[2]): row[3] for row in cursor.fetchall() if row[0] in kpis}
    connection.close()
    metrics = {kind: [kpi for kpi, has in kpis.items() if kind in has] for kind in kinds}
    own = {kind: names for kind, names in metrics.items() if kind not in CONSOLIDATED_KINDS}
    consolidated = {kind: names for kind, names in metrics.items() if kind in CONSOLIDATED_KINDS}
    theirs = _ask(uri, own) | _ask(uri, consolidated, is_converted=True)
    if not theirs:
        return ["MetricFlow answered with no rows"]
    found = []
    for key in sorted(ours.keys() | theirs.keys()):
        a, b = ours.get(key), theirs.get(key)
        if not _same(a, b):
            found.append(f"{key}: {a} in kpi_values, {b} by MetricFlow")
    return found


def _same(a: Decimal | None, b: Decimal | None) -> bool:
    if a is None or b is None:
        return a is b
    return abs(a - b) <= Decimal("1e-9") * max(1, abs(b))


def _ask(uri: str, metrics: dict[str, list[str]], is_converted: bool = False) -> dict[Key, Decimal | None]:
    if not metrics:
        return {}
    with tempfile.TemporaryDirectory(prefix="kpi-metricflow-") as folder:
        project = copy_project(Path(folder))
        with in_reporting_currency(uri, project) if is_converted else nullcontext():
            run_dbt(uri, "parse", project=project)
            script = Path(__file__).with_name("metricflow_query.py")
            done = subprocess.run(
                [sys.executable, str(script), str(project), json.dumps(metrics)],
                env=dbt_environment(uri),
                cwd=project,
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
    line = next((line for line in done.stdout.splitlines() if line.startswith("ROWS ")), None)
    if line is None:
        raise AssertionError(f"MetricFlow gave no answer: {(done.stderr or done.stdout)[-2000:]}")
    return {
        (metric, entity, month): None if value is None else Decimal(value)
        for metric, _, entity, month, value in json.loads(line[5:])
    }
