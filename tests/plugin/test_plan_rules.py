"""Trees, splits and feasibility as arithmetic: nothing is lost to the cent, whatever people do."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from superset_kpi_plugin.targets import tree
from superset_kpi_plugin.targets.feasibility import Forecast, probability, proposal
from superset_kpi_plugin.targets.split import KEEP, PLACE, SplitError, split

D = Decimal
MONEY = st.decimals(D("-1000000"), D("1000000"), places=2)
WEIGHTS = st.dictionaries(
    st.sampled_from("abcdefg"), st.none() | st.decimals(D("-5"), D("1000000"), places=4), min_size=1
)


@given(
    amount=st.decimals(D("-999999999999"), D("999999999999"), places=6),
    weights=WEIGHTS,
    locks=st.dictionaries(st.sampled_from("abcxy"), MONEY),
    residual=st.sampled_from([PLACE, KEEP]),
    decimals=st.integers(0, 6),
)
def test_a_split_loses_nothing_and_touches_no_lock(
    amount: Decimal, weights: dict[str, Decimal | None], locks: dict[str, Decimal], residual: str, decimals: int
) -> None:
    try:
        found = split(amount, weights, locks, residual=residual, decimals=decimals)
    except SplitError:
        rest = amount - sum(locks.values(), D(0))
        assert amount * rest < 0
        return
    assert sum(found.parts.values(), D(0)) + found.residual == amount
    assert {key: found.parts[key] for key in locks} == locks
    free = [key for key in weights if key not in locks]
    if residual == PLACE and free:
        assert found.residual == 0
    if free:
        assert abs(sum(found.shares.values()) - 1) < D("1e-25")
        rest = amount - sum(locks.values(), D(0))
        off_by = sum(1 for key in free if abs(found.parts[key] - rest * found.shares[key]) > D(1).scaleb(-decimals) * 2)
        assert off_by == 0  # no part is further from its share than the unit (and the rest below it)
        assert all(found.parts[key] * rest >= 0 for key in free)
    for key in found.unweighted:
        assert abs(found.parts[key]) <= D(1).scaleb(-decimals)


def test_splits_by_hand() -> None:
    thirds = split(D("100.00"), dict.fromkeys("abc", D(1)))
    assert thirds.parts == {"a": D("33.34"), "b": D("33.33"), "c": D("33.33")}
    kept = split(D("100.00"), dict.fromkeys("abc", D(1)), residual=KEEP)
    assert (kept.parts["a"], kept.residual) == (D("33.33"), D("0.01"))
    last_year = split(D("1000"), {"a": D(300), "b": D(100), "c": None}, {"d": D("200")})
    assert last_year.parts == {"a": D("600.00"), "b": D("200.00"), "c": D("0.00"), "d": D("200")}
    assert last_year.unweighted == ("c",)
    assert split(D(10), {"a": None, "b": None}).fallback
    locked = split(D("10"), {"a": D(1)}, {"a": D("4")})
    assert (locked.parts, locked.residual) == ({"a": D("4")}, D("6"))
    with pytest.raises(SplitError, match="more than the amount"):
        split(D("10"), {"a": D(1), "b": D(1)}, {"b": D("11")})
    with pytest.raises(SplitError, match="nothing to split"):
        split(D("10"), {})


PARENTS = {"company": None, "a": "company", "b": "company", "a1": "a", "a2": "a", "b1": "b"}
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.sampled_from(sorted(PARENTS)), st.decimals(D(0), D(10**6), places=2)),
        st.tuples(
            st.just("split"),
            st.sampled_from(["company", "a", "b"]),
            st.tuples(
                st.sampled_from([PLACE, KEEP]),
                st.dictionaries(st.sampled_from(["a", "b", "a1", "a2", "b1"]), st.decimals(D(0), D(9), places=1)),
            ),
        ),
        st.tuples(st.just("lock"), st.sampled_from(sorted(PARENTS)), st.none()),
        st.tuples(st.just("undo"), st.none(), st.none()),
    ),
    max_size=30,
)


@settings(max_examples=200)
@given(steps=STEPS)
def test_any_sequence_of_edits_splits_locks_and_undo_keeps_the_books(steps: list[Any]) -> None:
    values: dict[str, Decimal | None] = dict.fromkeys(PARENTS)
    locks: set[str] = set()
    past: list[tuple[dict[str, Decimal | None], set[str]]] = []
    children = tree.children_of(PARENTS)
    for action, place, detail in steps:
        if action == "undo":
            if past:
                values, locks = past.pop()
        else:
            before = (dict(values), set(locks))
            if action == "edit" and place not in locks:
                values[place] = detail
            elif action == "lock" and values[place] is not None:
                locks ^= {place}
            elif action == "split" and values[place] is not None:
                _split(values, locks, children[place], values[place], detail)
            past.append(before)
            assert all(values[key] == before[0][key] for key in before[1] & locks), "a locked cell moved"
        for parent in ("company", "a", "b"):
            found = tree.roll_up(values[parent], (values[child] for child in children[parent]))
            known = [values[child] for child in children[parent] if values[child] is not None]
            assert found.missing_children == len(children[parent]) - len(known)
            if values[parent] is not None and known:
                assert values[parent] == sum(known, D(0)) + found.residual


def _split(values: Any, locks: set[str], children: list[str], amount: Decimal, detail: Any) -> None:
    residual, weights = detail
    held = {child: values[child] for child in children if child in locks}
    try:
        found = split(amount, {child: weights.get(child) for child in children}, held, residual=residual)
    except SplitError:
        return
    values.update(found.parts)
    assert tree.roll_up(amount, (values[child] for child in children)).residual == found.residual


def test_a_tree_is_read_depth_first_and_cycles_end() -> None:
    nodes = tree.depth_first(PARENTS)
    assert [(node.entity_id, node.depth) for node in nodes] == [
        ("company", 0),
        ("a", 1),
        ("a1", 2),
        ("a2", 2),
        ("b", 1),
        ("b1", 2),
    ]
    assert [node.entity_id for node in tree.depth_first(PARENTS, "a")] == ["a", "a1", "a2"]
    assert [node.entity_id for node in tree.depth_first(PARENTS, depth=1)] == ["company", "a", "b"]
    assert tree.depth_first({"x": "gone"}) == [tree.Node("x", None, 0)]
    assert [node.entity_id for node in tree.depth_first({"x": "y", "y": "x"}, "x")] == ["x", "y"]
    assert tree.depth_first(PARENTS, "nowhere") == []


def test_ratios_are_weighted_by_denominators() -> None:
    # 0.2 of 1,000 and 0.4 of 3,000 are 1,400 of 4,000.
    assert tree.implied_ratio([D("0.2"), D("0.4"), None], [D(1000), D(3000), D(9)]) == D("0.35")
    assert tree.implied_ratio([D("0.2"), D("0.5")], [D(1000), None]) == D("0.2")
    assert tree.implied_ratio([D("0.2")], [D(0)]) is None


def test_periods() -> None:
    assert tree.last_year("month", date(2026, 2, 1)) == date(2025, 2, 1)
    assert tree.last_year("week", date(2026, 11, 2)) == date(2025, 11, 3)
    assert tree.earlier("quarter", date(2026, 1, 1), 2) == [date(2025, 7, 1), date(2025, 10, 1)]
    assert tree.sub_periods("year", date(2026, 1, 1), "quarter")[-1] == date(2026, 10, 1)
    assert len(tree.sub_periods("month", date(2024, 2, 1), "day")) == 29
    assert tree.periods_between("month", date(2025, 11, 1), date(2026, 2, 1), 3)[-1] == date(2026, 1, 1)


F = Forecast(D(80), D(100), D(150))


@pytest.mark.parametrize(
    ("value", "direction", "expected"),
    [
        (D(80), "higher", "0.8"), (D(100), "higher", "0.5"), (D(150), "higher", "0.2"), (D(80), "lower", "0.2"),
        (D(150), "lower", "0.8"), (D(10**6), "higher", "0.01"), (D(-(10**6)), "higher", "0.99"),
    ],
)  # fmt: skip
def test_probabilities_meet_the_quantiles(value: Decimal, direction: str, expected: str) -> None:
    assert probability(value, direction, F) == D(expected)


def test_proposals_are_mirrored_where_lower_is_better() -> None:
    assert proposal("higher", "money", F) == {"floor": D(80), "target": D(100), "stretch": D(150)}
    assert proposal("lower", "ratio", F) == {"floor": D(150), "target": D(100), "stretch": D(80)}
    assert proposal("band", "count", F) == {"floor": None, "target": D(100), "stretch": None}
    assert proposal("higher", "money", None) == {"floor": None, "target": None, "stretch": None}
    assert probability(None, "higher", F) is None
    assert probability(D(1), "higher", None) is None
    assert probability(D(100), "band", F) is None
    # 95 to 105: half of a normal of spread 23.76 below (0.0833), and of 59.41 above the median (0.0335).
    assert probability(D(100), "band", F, D("0.05")) == D("0.1169")


@given(
    quantiles=st.lists(st.decimals(D(-(10**6)), D(10**6), places=2), min_size=3, max_size=3),
    one=MONEY,
    other=MONEY,
)
def test_a_harder_target_is_never_likelier(quantiles: list[Decimal], one: Decimal, other: Decimal) -> None:
    forecast = Forecast(*sorted(quantiles))
    easy, hard = sorted([one, other])
    assert probability(easy, "higher", forecast) >= probability(hard, "higher", forecast)
    assert probability(easy, "lower", forecast) <= probability(hard, "lower", forecast)
    assert D(0) <= probability(one, "higher", forecast) <= D(1)
