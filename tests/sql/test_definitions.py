# ruff: noqa: E501 - tables of rows and SQL read better on one line
"""A KPI is defined once, in YAML; definitions that lack something are refused before anything is built, each with a clear line."""

from __future__ import annotations

from pathlib import Path

from tests.sql.dbt_project import copy_project, run_dbt

BROKEN = (
    ("sales.yml", "          name_zh: 销量（件）\n", "", "KPI 'units': config.meta.kpi lacks 'name_zh'"),
    (
        "sales.yml",
        "drivers: [orders, aov]",
        "drivers: [orders, footfall]",
        "KPI 'gmv': names the unknown KPI 'footfall'",
    ),
    ("ads.yml", "entity_kinds: [company, ", "entity_kinds: [planet, ", "names the unknown entity kind 'planet'"),
)


def test_incomplete_definitions_are_refused_and_all_are_named(module_database: str, tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    for file, old, new, _ in BROKEN:
        path = project / "models" / "kpis" / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    done = run_dbt(module_database, "compile", "--select", "kpi_definitions", project=project, check=False)
    assert done.returncode != 0
    said = " ".join(done.stdout.split())
    assert [message for *_, message in BROKEN if message not in said] == []
    assert "Nothing was built from it" in said
