"""The oracle: every value that kpi_values should hold of a world."""

from __future__ import annotations

from datetime import datetime

from tests.oracle import (
    oracle_ad_health,
    oracle_ad_margin,
    oracle_ads,
    oracle_commerce,
    oracle_money,
    oracle_plans,
    oracle_refunds,
    oracle_service,
    oracle_stock,
)
from tests.oracle.books import Books
from tests.oracle.coverage import Coverage
from tests.oracle.engine import measure
from tests.oracle.kpis import Expected, Key, expected_values
from tests.oracle.maker import AS_OF
from tests.oracle.world import World

DOMAINS = (oracle_commerce, oracle_refunds, oracle_ads, oracle_money, oracle_stock, oracle_service, oracle_plans)
SOURCES = tuple(source for domain in DOMAINS for source in domain.SOURCES)
KPIS = tuple(kpi for domain in DOMAINS for kpi in domain.KPIS)


def expect(world: World) -> dict[Key, Expected]:
    books = Books(world, datetime.fromisoformat(AS_OF))
    sums = measure(books, SOURCES)
    found = expected_values(sums, SOURCES, KPIS, Coverage(books, SOURCES))
    found |= oracle_ad_margin.values_of(books, sums, found)
    return found | oracle_ad_health.Scores(books, sums, found, {}).expected()
