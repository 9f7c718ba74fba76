# ruff: noqa: E501 - tables of rows and SQL read better on one line
"""A KPI is defined once, in YAML; a definition that lacks something is refused with a clear line before anything is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sql.dbt_project import copy_project, run_dbt


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that all cases share, so that dbt parses what changed only."""
    return copy_project(tmp_path_factory.mktemp("definitions"))


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
    module_database: str, project: Path, file: str, old: str, new: str, message: str
) -> None:
    path = project / "models" / "kpis" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    try:
        done = run_dbt(module_database, "compile", "--select", "kpi_definitions", project=project, check=False)
    finally:
        path.write_text(text, encoding="utf-8")
    assert done.returncode != 0
    assert message in " ".join(done.stdout.split())
