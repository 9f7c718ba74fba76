"""Lays out a new KPI: ``make new-kpi NAME=return_cost DOMAIN=finance``, with MEASURE=x or RATIO=x/y where they differ.

Appends a metric to models/kpis/<domain>.yml with every key that a KPI needs; what is left to fill in says TODO, and the
tests fail until it is filled in: names and descriptions in both languages, formula, playbook, and a value worked out by
hand in tests/sql/worlds/.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from sql.tools.definitions import KPIS, definitions

SIMPLE = "    type: simple\n    type_params: {{measure: {measure}}}\n"
RATIO = "    type: ratio\n    type_params: {{numerator: {numerator}, denominator: {denominator}}}\n"
METRIC = """
  - name: {name}
    label: TODO
    description: TODO
{type}    config:
      meta:
        kpi:
          name_zh: TODO
          description_zh: TODO
          formula_en: {formula}
          formula_zh: TODO
          domain: {domain}
          stage: profit  # traffic, conversion, fulfilment, service, profit
          unit: {unit}  # money, count, ratio, days, hours, score, rank
          direction: higher  # higher, lower, band
          drivers: []  # KPIs that it is made of or moved by
          counter_kpis: []  # KPIs to watch lest this one is reached at their cost
          source: TODO  # streams, in order of precedence
          days_until_settled: 3
          owner_role: operations
          entity_kinds: [company, platform, account, category, sku, team, person]
          display_order: {order}
          number_format: "{format}"
          playbook: TODO
          playbook_zh: TODO
"""


def lay_out(name: str, domain: str, measure: str | None, ratio: str | None, folder: Path = KPIS) -> Path:
    """Append the frame; returns the file. ValueError says what is wrong with the names; nothing is written then."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f"{name!r} is not a lower snake case name; nothing was written")
    known = definitions(folder)
    if name in {one.kpi_id for one in known}:
        raise ValueError(f"there is a KPI {name!r} already; nothing was written")
    path = folder / f"{domain}.yml"
    if not path.is_file():
        domains = ", ".join(sorted(file.stem for file in folder.glob("*.yml")))
        raise ValueError(f"there is no {path.name}; the domains are {domains}; nothing was written")
    if ratio:
        numerator, _, denominator = ratio.partition("/")
        if not denominator:
            raise ValueError(f"RATIO={ratio}: write it as numerator/denominator; nothing was written")
        kind, unit, number_format = RATIO.format(numerator=numerator, denominator=denominator), "ratio", ".1%"
        formula = f"{numerator} / {denominator}"
    else:
        kind, unit, number_format = SIMPLE.format(measure=measure or name), "count", ",.0f"
        formula = f"Sum of {measure or name}"
    order = max((one.meta["display_order"] for one in known), default=0) + 10
    text = METRIC.format(
        name=name, domain=domain, type=kind, unit=unit, format=number_format, formula=formula, order=order
    )
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + "\n" + text, encoding="utf-8")
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("domain")
    parser.add_argument("--measure", default=None, help="the measure of a simple KPI (default: the KPI's name)")
    parser.add_argument("--ratio", default=None, help="numerator/denominator: two metrics")
    given = parser.parse_args()
    try:
        path = lay_out(given.name, given.domain, given.measure or None, given.ratio or None)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(
        f"{given.name} is in {path}: fill in what says TODO, then give it a value by hand in tests/sql/worlds/\n"
        f"and run: make glossary, python3.11 -m tests.run --suite sql\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
