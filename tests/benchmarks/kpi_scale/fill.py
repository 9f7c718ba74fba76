# ruff: noqa: T201 (it prints its result)
"""Fills an empty database with the generated seller and builds the KPI layer, for benchmarks of other environments.

``python -m tests.benchmarks.kpi_scale.fill URI LINES AD_ROWS TARGETS`` in the pipeline's environment.
"""

from __future__ import annotations

import sys
import time

import psycopg

from tests.benchmarks.bench_kpi import build, sized
from tests.benchmarks.kpi_scale.questions import targets_sql
from tests.benchmarks.kpi_scale.seller import AS_OF, Size, generate
from tests.sql.dbt_project import run_dbt


def main(uri: str, lines: int, ad_rows: int, targets: int) -> None:
    began = time.monotonic()
    sized(uri)
    generate(uri, Size(lines, ad_rows))
    build(uri)
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(targets_sql(targets))
        run_dbt(uri, "run", "--select", "entity_pace", variables={"as_of": AS_OF}, seconds=3600)
        connection.execute("vacuum analyze")
    seconds = time.monotonic() - began
    print(f"{lines:,} order lines and {ad_rows:,} ad rows: generated and built in {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
