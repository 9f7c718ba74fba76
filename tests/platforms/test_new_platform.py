"""`make new-platform`: what it lays out works, and fails only where something has to be decided, saying what."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from airflow_dags.new_platform import lay_out, main

ROOT = Path(__file__).resolve().parents[2]
NAME = "sample_shop"
SKIPPED = shutil.ignore_patterns("__pycache__", "node_modules", "*.pyc")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what the pipeline and its conformance suite need."""
    shutil.copytree(ROOT / "airflow_dags", tmp_path / "airflow_dags", ignore=SKIPPED)
    for name in ("__init__.py", "conftest.py", "sandboxes.py", "pipeline/__init__.py", "pipeline/conftest.py"):
        (tmp_path / "tests" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "tests" / name, tmp_path / "tests" / name)
    (tmp_path / "tests/platforms").mkdir()
    for path in (ROOT / "tests/platforms").glob("*.py"):
        shutil.copy(path, tmp_path / "tests/platforms" / path.name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def conformance(project: Path, postgres_uri: str) -> tuple[int, set[str], str]:
    """Passed tests, failed ones, and what was told."""
    suites = ("test_conformance.py", "test_conformance_loads.py", "test_totals.py", NAME)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-k", NAME, *(f"tests/platforms/{suite}" for suite in suites)],
        cwd=project,
        env={**os.environ, "KPI_TEST_POSTGRES_URI": postgres_uri, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    told = done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", told)
    failed = set(re.findall(r"^(?:FAILED|ERROR) \S*::(\w+)", told, re.MULTILINE))
    return int(passed.group(1)) if passed else 0, failed, told


def test_a_new_platform_fails_only_where_it_must_be_filled_in(project: Path, postgres_uri: str) -> None:
    written = lay_out(NAME, project)
    passed, failed, told = conformance(project, postgres_uri)
    assert failed == {
        "test_nothing_is_left_to_fill_in",
        "test_its_facts_have_sources_and_dates_or_say_that_nobody_checked",
    }, told[-3000:]
    assert passed > 20
    assert f"airflow_dags/platforms/{NAME}/client.py" in told
    assert "how the platform wants to be logged in to" in told
    for path in written:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("source: FILL IN", "source: https://example.com").replace("FILL IN: ", ""))
    passed, failed, told = conformance(project, postgres_uri)
    assert failed == set(), told[-3000:]
    assert passed > 22


@pytest.mark.parametrize("name", ["Etsy", "2checkout", "a-b", "", "x/../y"])
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    assert main([name, "--root", str(tmp_path)]) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_platform_that_exists_is_not_touched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_out(NAME, tmp_path)
    settings = tmp_path / "airflow_dags/platforms" / NAME / "settings.yml"
    settings.write_text("mine")
    assert main([NAME, "--root", str(tmp_path)]) == 1
    assert "exists already; nothing was written" in capsys.readouterr().err
    assert settings.read_text() == "mine"
