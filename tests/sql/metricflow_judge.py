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

from sql.tools.definitions import definitions, documents
from tests.sql.dbt_project import copy_project, dbt_environment, run_dbt
from tests.sql.metricflow_rates import in_reporting_currency

JUDGED_KINDS = ("company", "account", "category", "sku", "team", "person", "campaign", "ad_group")
# Their money is in the reporting currency, the others' in their account's.
CONSOLIDATED_KINDS = ("company", "team", "person")
# How MetricFlow groups by a kind of entity.
GROUPS: dict[str, list[str]] = {
    "company": [],
    "account": ["account"],
    "category": ["sku__category_key"],
    "sku": ["sku"],
    "team": ["sku__team"],
    "person": ["sku__owner"],
    "campaign": ["campaign"],
    "ad_group": ["ad_group"],
}
# A contact's or a rating's person is its agent; which team the agent was in on the day MetricFlow isn't told.
AGENT_GROUPS: dict[str, list[str] | None] = {"person": ["person"], "team": None}
AGENT_KPIS = {"contacts", "response_24h_rate", "first_response_p50", "first_response_p90", "csat"}
# What is stated for entities of its own (plans, scores, the ERP's warehouses), not for accounts.
STATED_KPIS = {"budget_use", "headcount", "gmv_per_head", "margin_per_head", "ipi", "nps"}
Key = tuple[str, str, str]
Query = tuple[str, list[str], list[str]]  # kind of entity, metrics, groups


def differences_from_metricflow(uri: str, kinds: tuple[str, ...] = JUDGED_KINDS) -> list[str]:
    """One line per KPI x month x entity where kpi_values and MetricFlow differ by more than 1e-9; empty if they agree.

    The warehouse at `uri` must be built. Entity kinds are those the KPI has in the catalogue.
    """
    with psycopg2.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute("select kpi_id, entity_kinds from kpi.kpi_catalogue order by kpi_id")
        kpis = {kpi: kinds_of.split(",") for kpi, kinds_of in cursor.fetchall()}
        cursor.execute(
            "select kpi_id, entity_id, period_start::text, value, entity_kind from kpi.kpi_values "
            "where grain = 'month' and entity_kind = any(%s)",
            (list(kinds),),
        )
        values = cursor.fetchall()
    connection.close()
    # What a model of its own computes is no expression of measures, so MetricFlow can't know it.
    for one in definitions():
        if one.meta.get("relation"):
            kpis.pop(one.kpi_id, None)
    asked = [query for kind in kinds for query in queries(kind, [kpi for kpi, has in kpis.items() if kind in has])]
    pairs = {(kpi, kind) for kind, metrics, _ in asked for kpi in metrics}
    ours = {(row[0], row[1], row[2]): row[3] for row in values if (row[0], row[4]) in pairs}
    own = [query for query in asked if query[0] not in CONSOLIDATED_KINDS]
    consolidated = [query for query in asked if query[0] in CONSOLIDATED_KINDS]
    theirs = _ask(uri, own) | _ask(uri, consolidated, is_converted=True)
    if not theirs:
        return ["MetricFlow answered with no rows"]
    # It knows of no coverage: events that nobody loaded count as zero there, and are no value here.
    filled = kpis_with_covered_zeros()
    found = []
    for key in sorted(ours.keys() | theirs.keys()):
        a, b = ours.get(key), theirs.get(key)
        if a is None and key[0] in filled:
            continue
        if not _same(a, b):
            found.append(f"{key}: {a} in kpi_values, {b} by MetricFlow")
    return found


def kpis_with_covered_zeros() -> set[str]:
    """KPIs that read, directly or through others, an input which is zero where nothing happened."""
    by_name = {
        metric["name"]: metric["type_params"]
        for content in documents().values()
        for metric in content.get("metrics") or []
    }

    def reads(name: str) -> bool:
        about = by_name[name]
        measure = about.get("measure")
        if isinstance(measure, dict):
            return measure.get("fill_nulls_with") is not None
        inputs = [about.get("numerator"), about.get("denominator"), *(about.get("metrics") or [])]
        return any(reads(one["name"] if isinstance(one, dict) else one) for one in inputs if one)

    return {name for name in by_name if reads(name)}


def queries(kind: str, kpis: list[str]) -> list[Query]:
    """What to ask of a kind of entity; a request takes metrics that can be grouped alike."""
    agents = [kpi for kpi in kpis if kind in AGENT_GROUPS and kpi in AGENT_KPIS]
    others = [kpi for kpi in kpis if kpi not in agents and kpi not in STATED_KPIS]
    groups = AGENT_GROUPS.get(kind)
    found: list[Query] = [(kind, agents, groups)] if agents and groups else []
    return [*found, (kind, others, GROUPS[kind])] if others else found


def _same(a: Decimal | None, b: Decimal | None) -> bool:
    if a is None or b is None:
        return a is b
    return abs(a - b) <= Decimal("1e-9") * max(1, abs(b))


def _ask(uri: str, asked: list[Query], is_converted: bool = False) -> dict[Key, Decimal | None]:
    if not asked:
        return {}
    with tempfile.TemporaryDirectory(prefix="kpi-metricflow-") as folder:
        project = copy_project(Path(folder))
        with in_reporting_currency(uri, project) if is_converted else nullcontext():
            run_dbt(uri, "parse", project=project)
            script = Path(__file__).with_name("metricflow_query.py")
            done = subprocess.run(
                [sys.executable, str(script), str(project), json.dumps(asked)],
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
