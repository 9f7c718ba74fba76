"""The metrics' SQL, run on a few rows whose sums a person can check by head."""

from __future__ import annotations

from typing import Any

import pytest

from superset_kpi_plugin.assets.metrics import catalogue_metrics
from tests.plugin.conftest import run_sql

KPIS = [
    ("gmv", "money", True, False),
    ("orders", "count", False, False),
    ("acos", "ratio", False, True),
    ("aov", "money", False, True),
]
CATALOGUE = [
    {
        "kpi_id": kpi_id,
        "name_en": kpi_id,
        "description_en": "d",
        "formula_en": "f",
        "unit": unit,
        "is_additive": additive,
        "is_ratio": ratio,
        "entity_kinds": "company, account,category,sku",
        "display_order": 1,
        "number_format": ",d",
    }
    for kpi_id, unit, additive, ratio in KPIS
]
PLAIN = """(values
    ('gmv', 'a', date '2026-11-01', 100.0, cast(null as numeric), 100.0, 'USD'),
    ('gmv', 'b', date '2026-11-01', 50.0, null, 50.0, 'USD'),
    ('gmv', 'c', date '2026-11-01', 30.0, null, 30.0, 'CAD'),
    ('orders', 'a', date '2026-11-01', 7.0, null, 7.0, null),
    ('orders', 'b', date '2026-11-01', 5.0, null, 5.0, null),
    ('acos', 'a', date '2026-11-01', 10.0, 40.0, 0.25, null),
    ('acos', 'b', date '2026-11-01', 30.0, 60.0, 0.5, null),
    ('acos', 'd', date '2026-11-01', 5.0, 0.0, null, null),
    ('aov', 'a', date '2026-11-01', 100.0, 7.0, 14.29, 'USD'),
    ('aov', 'b', date '2026-11-01', 50.0, 5.0, 10.0, 'USD')
) as rows (kpi_id, entity_id, period_start, numerator, denominator, value, currency)"""
LEVELS = """(values
    ('gmv', 5, 'company', null, 300.0, 'USD'),
    ('gmv', 4, 'a', 'one', 200.0, 'USD'), ('gmv', 4, 'b', 'two', 90.0, 'USD'),
    ('gmv', 3, 'a/x', 'one', 150.0, 'USD'), ('gmv', 3, 'b/x', 'two', null, 'USD'),
    ('acos', 5, 'company', null, 30.0, null), ('acos', 4, 'a', 'one', 10.0, null), ('acos', 4, 'b', 'two', null, null)
) as rows (kpi_id, level_rank, entity_id, account, amount, currency)"""


def metric(kpi_id: str, style: str, kinds: tuple[str, ...] = ("company", "account", "category")) -> str:
    found = {one["metric_name"]: one["expression"] for one in catalogue_metrics(CATALOGUE, style, kinds)}
    return str(found[kpi_id])


def ask(uri: str, expression: str, rows: str, where: str = "true") -> Any:
    return run_sql(uri, f"select {expression} as answer from {rows} where {where}")[0]["answer"]


@pytest.mark.parametrize(
    ("kpi_id", "where", "expected"),
    [
        ("gmv", "entity_id in ('a', 'b')", 150),
        ("gmv", "true", None),  # dollars of two countries
        ("orders", "entity_id = 'a'", 7),
        ("orders", "entity_id in ('a', 'b')", None),  # an order may hold goods of both
        ("acos", "entity_id in ('a', 'b')", 0.4),  # 40 / 100, not the mean of 0.25 and 0.5
        ("acos", "entity_id = 'd'", None),  # no sales: no ratio
        ("aov", "true", 12.5),  # 150 / 12
    ],
)
def test_plain_metrics(sample_uri: str, kpi_id: str, where: str, expected: float | None) -> None:
    answer = ask(sample_uri, metric(kpi_id, "plain"), PLAIN, where)
    assert answer == expected if expected is None else float(answer) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("kpi_id", "where", "expected"),
    [
        ("gmv", "true", 300),  # the company's own row
        ("gmv", "account is not null", 290),  # the accounts, without their categories
        ("gmv", "account = 'one'", 200),
        ("gmv", "level_rank = 3 and account = 'one'", 150),
        ("gmv", "level_rank = 3", None),  # one category has no target: no sum of a part
        ("acos", "true", 0.3),
        ("acos", "level_rank = 4", 0.1),  # 10 / 100: the account without a target doesn't count below either
    ],
)
def test_metrics_read_one_level(sample_uri: str, kpi_id: str, where: str, expected: float | None) -> None:
    rows = f"(select rows.*, 100.0 as base, date '2026-11-01' as period_start from {LEVELS}) as based"
    answer = ask(sample_uri, metric(kpi_id, "levels"), rows, where)
    assert answer == expected if expected is None else float(answer) == pytest.approx(expected, abs=1e-12)


def test_a_quote_in_a_kpi_id_stays_text(sample_uri: str) -> None:
    odd = [{**CATALOGUE[0], "kpi_id": "g'mv"}]
    expression = catalogue_metrics(odd, "plain", ["account"])[0]["expression"]
    assert ask(sample_uri, expression, PLAIN) is None
