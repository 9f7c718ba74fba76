"""The ad health score explains itself: whatever goes in, the points that its parts lost are exactly what it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extras import RealDictCursor, execute_values

from tests.sql.raw_rows import Warehouse

WEIGHTS = {"acos_target": 25, "acos_break_even": 20, "conversion": 15, "ctr": 10, "cpc": 10, "budget": 5, "waste": 15}
PERIOD = "2031-05-01"
GROUP = "ad_group:property/{}"
LINES = ("account:property", "campaign:property/c", "month", PERIOD)

_ratio = st.none() | st.decimals("0", "5", places=4)
_row = st.fixed_dictionaries(
    {
        "acos": _ratio,
        "is_without_sales": st.booleans(),
        "break_even_acos": st.none() | st.decimals("-1", "1", places=3),
        "has_click_peers": st.booleans(),
        "conversion_rate": _ratio,
        "peer_conversion_rate": _ratio,
        "has_impression_peers": st.booleans(),
        "ctr": _ratio,
        "peer_ctr": _ratio,
        "cpc_change": st.none() | st.decimals("-1", "2", places=3),
        "budget_use": st.none() | st.decimals("0", "2", places=3),
        "waste_share": st.none() | st.decimals("0", "1", places=3),
        "target": st.none() | st.decimals("0.01", "1", places=2),
    }
)


@pytest.fixture
def cursor(world: Warehouse) -> Iterator[Any]:
    """A transaction that is rolled back: the world stays as it was."""
    connection = psycopg2.connect(world.uri)
    with connection.cursor(cursor_factory=RealDictCursor) as opened:
        yield opened
    connection.rollback()
    connection.close()


def _insert(cursor: Any, rows: list[dict[str, Any]]) -> None:
    cursor.connection.rollback()
    names = [name for name in rows[0] if name != "target"]
    fixed = "entity_kind, entity_id, grain, period_start, account_key, campaign_key, target_grain, target_period_start"
    values = [
        (*("ad_group", GROUP.format(n), "month", PERIOD), *LINES, *(row[name] for name in names))
        for n, row in enumerate(rows)
    ]
    execute_values(cursor, f"insert into marts.ad_health_inputs ({fixed}, {', '.join(names)}) values %s", values)
    targets = [
        (f"t{n}", 1, "acos", "ad_group", GROUP.format(n), "month", PERIOD, row["target"])
        for n, row in enumerate(rows)
        if row["target"] is not None
    ]
    if targets:
        columns = "target_id, version, kpi_id, entity_kind, entity_id, grain, period_start, target_value"
        execute_values(cursor, f"insert into kpi.kpi_targets ({columns}) values %s", targets)


def _kept(row: dict[str, Any]) -> dict[str, Fraction | None]:
    """The share of each part's points that stays, 0 to 1, in exact arithmetic."""
    given = {name: Fraction(value) if isinstance(value, Decimal) else value for name, value in row.items()}
    acos, target, even, use = given["acos"], given["target"], given["break_even_acos"], given["budget_use"]

    def against(line: Fraction | None, start: Fraction) -> Fraction | None:
        if line is None or (acos is None and not given["is_without_sales"]):
            return None
        return Fraction(0) if given["is_without_sales"] or line <= 0 or acos is None else start - acos / line

    def to_peers(name: str, has_peers: bool) -> Fraction | None:
        own, mean = given[name], given[f"peer_{name}"]
        return own / mean / Fraction(5, 4) if has_peers and own is not None and mean else None

    def within_budget() -> Fraction | None:
        if use is None:
            return None
        if use < Fraction(6, 10):
            return use / Fraction(6, 10)
        return Fraction(1) if use <= Fraction(95, 100) else (Fraction(12, 10) - use) * 4

    change, waste = given["cpc_change"], given["waste_share"]
    shares = {
        "acos_target": against(target, Fraction(2)),
        "acos_break_even": against(even, Fraction(3, 2)),
        "conversion": to_peers("conversion_rate", given["has_click_peers"]),
        "ctr": to_peers("ctr", given["has_impression_peers"]),
        "cpc": None if change is None else 1 - change * 2,
        "budget": within_budget(),
        "waste": None if waste is None else 1 - waste / Fraction(4, 10),
    }
    return {
        name: None if share is None else min(Fraction(1), max(Fraction(0), share)) for name, share in shares.items()
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_row, min_size=1, max_size=60))
def test_points_lost_add_up_to_what_the_score_lacks(cursor: Any, rows: list[dict[str, Any]]) -> None:
    _insert(cursor, rows)
    cursor.execute("select * from kpi.kpi_ad_health where period_start = %s", (PERIOD,))
    found = {row["entity_id"]: row for row in cursor.fetchall()}
    for number, row in enumerate(rows):
        health, kept = found[GROUP.format(number)], _kept(row)
        missing = [part for part in WEIGHTS if kept[part] is None]
        assert health["missing_parts"] == (",".join(missing) or None)
        for part in WEIGHTS:
            of_part = [health[f"{part}_{name}"] for name in ("score", "weight", "points_lost")]
            assert [value is None for value in of_part] == [part in missing] * 3
        if len(missing) == len(WEIGHTS):
            assert health["score"] is None
            continue
        lost = {part: health[f"{part}_points_lost"] or 0 for part in WEIGHTS}
        assert sum(lost.values()) == 100 - health["score"]
        assert sum(health[f"{part}_weight"] or 0 for part in WEIGHTS) == 100
        assert 0 <= health["score"] <= 100
        weights = sum(weight for part, weight in WEIGHTS.items() if part not in missing)
        for part, share in kept.items():
            assert lost[part] >= 0
            if share is not None:
                exact = float(WEIGHTS[part] * 100 * (1 - share) / weights)
                assert float(lost[part]) == pytest.approx(exact, abs=2e-6)
                assert float(health[f"{part}_score"]) == pytest.approx(float(100 * share), abs=1e-6)


def test_a_published_target_counts_at_once(cursor: Any) -> None:
    """Without a build: the line of an ad group is its own target, else its campaign's, else its account's."""
    row = dict.fromkeys(
        ("break_even_acos", "conversion_rate", "peer_conversion_rate", "ctr", "peer_ctr", "cpc_change", "waste_share")
    )
    row |= {"acos": Decimal("0.45"), "budget_use": None, "target": None}
    row |= dict.fromkeys(("is_without_sales", "has_click_peers", "has_impression_peers"), False)
    _insert(cursor, [row])

    def publish(entity: str, target: str) -> tuple[Any, ...]:
        cursor.execute(
            "insert into kpi.kpi_targets "
            "(target_id, version, kpi_id, entity_kind, entity_id, grain, period_start, target_value) "
            "values (%s, 1, 'acos', 'x', %s, 'month', %s, %s)",
            (entity, entity, PERIOD, target),
        )
        cursor.execute(
            "select score, target_source from kpi.kpi_ad_health where entity_id = %s and period_start = %s",
            (GROUP.format(0), PERIOD),
        )
        health = cursor.fetchone()
        return float(health["score"]), health["target_source"]

    # 2 - 0.45 / 0.30 = 0.5; 2 - 0.45 / 0.25 = 0.2; 0.45 is within 0.50.
    assert publish("account:property", "0.30") == (50, "account")
    assert publish("campaign:property/c", "0.25") == (20, "campaign")
    assert publish(GROUP.format(0), "0.50") == (100, "ad_group")
