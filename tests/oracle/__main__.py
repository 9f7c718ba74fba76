# ruff: noqa: T201 - a tool for the terminal
"""Judges the businesses of some seeds by hand: ``python -m tests.oracle 0 25 [--keep]``."""

from __future__ import annotations

import argparse
import os
import sys
import time
from decimal import Decimal
from pathlib import Path

from demo.postgres import Postgres
from tests.conftest import ROOT
from tests.oracle import warehouse
from tests.oracle.businesses import world_of
from tests.oracle.compare import compare
from tests.oracle.maker import AS_OF
from tests.oracle.oracle import expect


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=int)
    parser.add_argument("after", type=int)
    parser.add_argument("--kpi", action="append", default=[], help="only these KPIs")
    parser.add_argument("--table", action="append", default=[], help="only loads of tables with this in their name")
    parser.add_argument("--without", action="append", default=[], help="no loads of tables with this in their name")
    parser.add_argument("--project", type=Path, help="another copy of the dbt project")
    parser.add_argument("--show", type=int, default=3)
    arguments = parser.parse_args()
    server = os.environ.get("KPI_TEST_POSTGRES_URI") or Postgres(ROOT / ".test" / "unit").start()
    began = time.monotonic()
    world = world_of("by hand", range(arguments.first, arguments.after))
    if arguments.table:
        world.loads = [load for load in world.loads if any(name in load.table for name in arguments.table)]
    for name in arguments.without:
        world.loads = [load for load in world.loads if name not in load.table]
    expected = expect(world)
    print(f"{world.size} raw rows, {len(expected)} values, {time.monotonic() - began:.1f} s")
    with warehouse.database(server) as uri:
        warehouse.fill(uri, world)
        warehouse.build(uri, AS_OF, project=arguments.project, only_models=True)
        print(f"built {time.monotonic() - began:.1f} s")
        found = warehouse.values(uri)
        catalogue = {str(row[0]) for row in warehouse.query(uri, "select kpi_id from kpi.kpi_catalogue")}
    known = {key[0] for key in expected} & catalogue
    print("no oracle:", sorted(catalogue - known), "no KPI:", sorted({key[0] for key in expected} - catalogue))
    known &= set(arguments.kpi or known)
    result = compare(
        {key: value for key, value in expected.items() if key[0] in known},
        {key: value for key, value in found.items() if key[0] in known},
    )
    print(result, f"{time.monotonic() - began:.1f} s")
    for (kpi, what), count in sorted(result.by_kpi.items()):
        print(f"  {kpi} {what}: {count}")
        for difference in [d for d in result.differences if d[0][0] == kpi and d[1] == what][: arguments.show]:
            print(
                "     ", *map(_short, difference[0]), "expected", _short(difference[2]), "found", _short(difference[3])
            )
    return bool(result.differences)


def _short(value: object) -> str:
    """Numbers with as many digits as one can read."""
    if isinstance(value, Decimal):
        return f"{value:.12g}"
    if isinstance(value, tuple):
        return f"({', '.join(map(_short, value))})"
    return str(value)


if __name__ == "__main__":
    sys.exit(main())
