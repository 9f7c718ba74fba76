# ruff: noqa: E501 - tables of rows and SQL read better on one line
"""A KPI is defined once, in YAML; a definition that lacks something is refused with a clear line before anything is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sql.dbt_project import PROJECT, copy_project, run_dbt


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("sales.yml", "          name_zh: 销量（件）\n", "", "KPI 'units': config.meta.kpi lacks 'name_zh'"),
        (
            "sales.yml",
            "drivers: [orders, aov]",
            "drivers: [orders, footfall]",
            "KPI 'gmv': names the unknown KPI 'footfall'",
        ),
        ("ads.yml", "entity_kinds: [company, ", "entity_kinds: [planet, ", "names the unknown entity kind 'planet'"),
    ],
)
def test_incomplete_definitions_are_refused(
    world: object, module_database: str, tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    project = copy_project(tmp_path)
    path = project / "models" / "kpis" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    done = run_dbt(module_database, "compile", "--select", "kpi_catalogue", project=project, check=False)
    assert done.returncode != 0
    assert message in " ".join(done.stdout.split())


def test_every_kpi_says_what_to_do_with_it() -> None:
    """Each KPI's YAML is one metric; no metric is without its place."""
    texts = [path.read_text(encoding="utf-8") for path in (PROJECT / "models" / "kpis").glob("*.yml")]
    assert sum(text.count("        kpi:\n") for text in texts) == 17
