"""kpi_values says what the oracle says, for random small businesses: money to the cent and beyond, ratios to 1e-9.

Sixteen to thirty businesses share a warehouse (and add up to one company); some have one alone. ``make test`` takes a
sample; with KPI_ORACLE=all there are 200 businesses.
"""

from __future__ import annotations

import os
import sys

import pytest

from sql.tools.definitions import definitions
from tests.oracle.businesses import world_of
from tests.oracle.compare import Comparison
from tests.oracle.exempt import EXEMPT
from tests.oracle.judge import judged, judged_in_waves

EVERYTHING = os.environ.get("KPI_ORACLE") == "all"
BATCH = 24
BATCHES = 8 if EVERYTHING else 1
ALONE = range(192, 200) if EVERYTHING else range(192, 193)
IN_WAVES = range(0, 200, 8) if EVERYTHING else range(0, 16, 8)


def check(name: str, result: Comparison) -> None:
    sys.stderr.write(f"\noracle: {name}: {result}\n")
    examples = "\n".join(
        " ".join(map(str, (*key, what, "expected", wanted, "found", found)))
        for key, what, wanted, found in result.differences[:20]
    )
    assert not result.differences, f"{len(result.differences)} differences: {dict(result.by_kpi)}\n{examples}"
    assert result.compared > 0


@pytest.mark.parametrize("batch", range(BATCHES))
def test_many_businesses_in_one_warehouse(postgres_uri: str, batch: int) -> None:
    seeds = range(batch * BATCH, (batch + 1) * BATCH)
    result = judged(postgres_uri, world_of(f"batch {batch}", seeds))
    for kpi, reason in EXEMPT.items():
        sys.stderr.write(f"\noracle: {kpi} is exempt: {reason}\n")
    catalogue = {one.kpi_id for one in definitions()}
    assert catalogue - result.kpis == EXEMPT.keys(), "every KPI needs values that the oracle judges, or an exemption"
    check(f"businesses {seeds.start} to {seeds.stop - 1}", result)


@pytest.mark.parametrize("seed", ALONE)
def test_one_business_alone(postgres_uri: str, seed: int) -> None:
    check(f"business {seed}", judged(postgres_uri, world_of(f"business {seed}", [seed])))


def test_restated_in_waves(postgres_uri: str) -> None:
    """Built after each of three waves of loads that correct what was loaded before."""
    world = world_of("in waves", list(IN_WAVES))
    check("in waves", judged_in_waves(postgres_uri, world, 7))
