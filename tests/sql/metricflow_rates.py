"""MetricFlow knows no currencies. For what is consolidated it judges the facts with their money at the day's rates.

A copy of the project gets a view on each fact with money, which holds the day's rate (schema `judged`); its semantic
models read these views, every money measure multiplied by the rate. The views go when the block ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import yaml

from sql.tools.definitions import documents
from tests.sql.dbt_project import run_dbt

_MODEL = """{{{{ config(materialized='view', schema='judged') }}}}
select
    facts.*,
    case when facts.currency = '{{{{ reporting_currency() }}}}' then 1 else rates.rate end as judged_rate
from {{{{ ref('{fact}') }}}} as facts
left outer join {{{{ ref('dim_fx_rates') }}}} as rates
    on facts.currency = rates.currency and facts.date_day = rates.date_day
"""


@contextmanager
def in_reporting_currency(uri: str, project: Path) -> Iterator[None]:
    """Rewrites the copy of the project, and has the views while the block runs."""
    folder = project / "models" / "judged"
    folder.mkdir()
    for path, document in documents(project / "models" / "kpis").items():
        for model in document.get("semantic_models") or []:
            _convert(model, folder)
        path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    run_dbt(uri, "run", "--select", "path:models/judged", project=project)
    try:
        yield
    finally:
        with psycopg2.connect(uri) as connection, connection.cursor() as cursor:
            cursor.execute("drop schema if exists judged cascade")
        connection.close()


def _convert(model: dict[str, Any], folder: Path) -> None:
    money = [m for m in model.get("measures") or [] if (m.get("config") or {}).get("meta", {}).get("unit") == "money"]
    found = re.search(r"ref\('(\w+)'\)", model["model"])
    if not money or found is None:
        return
    for measure in money:
        measure["expr"] = f"({measure.get('expr', measure['name'])}) * judged_rate"
    model["model"] = f"ref('judged_{found[1]}')"
    (folder / f"judged_{found[1]}.sql").write_text(_MODEL.format(fact=found[1]), encoding="utf-8")
