"""The lint of the portable style lets no departure pass, and the project has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from sql.tools.style import findings, main

CLEAN = """
-- A model: it may say now() and a::b in a comment, and 'a::b' in a text.
with rows as (
    select
        orders.day as day,
        cast(orders.cost as double precision) / nullif(orders.sales, 0) as share,
        row_number() over (partition by orders.sku order by orders.day desc nulls last, orders.id asc nulls last) as n,
        {{ marketplace_day('orders.at', 'x') }} as marketplace_day
    from orders
    where orders.id in (
        select changed.id
        from changed
    )
)

select
    rows.*,
    rows.share / 2 as half
from rows
"""


def test_clean_sql_passes() -> None:
    assert list(findings(CLEAN)) == []


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("double-colon", "    rows.day::text as day,"),
        ("lateral", "    x.a as a from t cross join lateral f(t.b) as x"),
        ("within-group", "    percentile_disc(0.5) within group (order by rows.a asc nulls last) as median,"),
        ("distinct-on", "select distinct on (rows.a) rows.b as b"),
        ("filter-clause", "    sum(rows.a) filter (where rows.b) as c,"),
        ("clock", "    current_date as today,"),
        ("clock", "    now() as today,"),
        ("interval", "    rows.day + interval '1 day' as next_day,"),
        ("postgres-only", "    to_char(rows.day, 'YYYY') as year,"),
        ("postgres-only", "    string_agg(rows.a, ',') as list,"),
        ("json-operator", "    rows.extra ->> 'a' as a,"),
        ("regex-operator", "    rows.sku ~ 'x' as is_x,"),
        ("group-by-number", "group by 1, 2"),
        ("using", "inner join other using (day)"),
        ("division", "    rows.cost / rows.sales as acos,"),
        ("null-order", "    row_number() over (order by rows.day desc) as rank,"),
        (
            "null-order",
            "    lag(rows.a) over (partition by rows.b order by rows.c asc nulls last, rows.d) as past,",
        ),
    ],
)
def test_each_departure_is_found_on_its_line(rule: str, line: str) -> None:
    text = CLEAN.replace("    rows.*,\n", f"    rows.*,\n{line}\n")
    at = text.splitlines().index(line) + 1
    assert (at, rule) in {(number, name) for number, name, _ in findings(text)}


def test_a_column_without_its_name_is_found() -> None:
    text = CLEAN.replace("    rows.share / 2 as half\n", "    rows.share / 2\n")
    assert [name for _, name, _ in findings(text)] == ["alias"]


def test_a_mark_with_its_rule_lets_one_line_pass() -> None:
    line = "    to_char(rows.day, 'YYYY') as year,  -- style: postgres-only"
    assert list(findings(CLEAN.replace("    rows.*,\n", f"    rows.*,\n{line}\n"))) == []
    other = line.replace("postgres-only", "division")
    assert len(list(findings(CLEAN.replace("    rows.*,\n", f"    rows.*,\n{other}\n")))) == 1


def test_the_command_says_where_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "model.sql").write_text("select\n    t.a::text as a\nfrom t\n")
    assert main([str(tmp_path / "model.sql")]) == 1
    assert "model.sql:2: double-colon: write cast(x as type)" in capsys.readouterr().out


def test_every_model_is_in_the_style(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0, capsys.readouterr().out
