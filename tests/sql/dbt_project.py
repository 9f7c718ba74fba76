"""Runs the dbt project of sql/ against a database, in a process that writes nothing into the source tree.

Builds of the project itself share one start of dbt and one parse (dbt_forks.py); other commands and changed copies
start dbt.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.sql.dbt_forks import Forks

PROJECT = Path(__file__).resolve().parents[2] / "sql"
WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


def defined_kpis() -> int:
    """How many KPIs the project defines, by its YAML."""
    texts = [path.read_text(encoding="utf-8") for path in (PROJECT / "models" / "kpis").glob("*.yml")]
    return sum(text.count("        kpi:\n") for text in texts)


def copy_project(folder: Path) -> Path:
    """A copy of the project without what earlier runs left in it."""
    target = folder / "sql"
    shutil.copytree(PROJECT, target, ignore=shutil.ignore_patterns("target", "logs", ".user.yml"))
    return target


@lru_cache(maxsize=1)
def shared_target() -> Path:
    """One target folder for all runs of a test session, so that dbt parses the project once."""
    return Path(tempfile.mkdtemp(prefix="kpi-dbt-"))


@lru_cache(maxsize=1)
def forks() -> Forks:
    """The process that builds of the project itself run in."""
    return Forks(shared_target())


def dbt_environment(uri: str, **more: str) -> dict[str, str]:
    parts = urlsplit(uri)
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("KPI_", "DBT_"))},
        "KPI_DBT_HOST": parts.hostname or "127.0.0.1",
        "KPI_DBT_PORT": str(parts.port or 5432),
        "KPI_DBT_USER": unquote(parts.username or ""),
        "KPI_DBT_PASSWORD": unquote(parts.password or ""),
        "KPI_DBT_DBNAME": parts.path.lstrip("/"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        **more,
    }


def run_dbt(
    uri: str,
    command: str,
    *arguments: str,
    project: Path | None = None,
    variables: dict[str, Any] | None = None,
    check: bool = True,
    seconds: float = 1200,
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """Run one dbt command; with `check`, a failure raises with dbt's words. `run` builds without tests, seeds too."""
    if command == "run":
        command, arguments = "build", ("--exclude-resource-type", "test", *WITHOUT_UNIT_TESTS, *arguments)
    where = str(project or PROJECT)
    arguments = (*arguments, "--project-dir", where, "--profiles-dir", where)
    if variables:
        arguments = (*arguments, "--vars", json.dumps(variables))
    if project is None:
        shared = str(shared_target())
        arguments = (*arguments, "--target-path", shared, "--log-path", f"{shared}/logs")
    if project is None and command in ("build", "seed", "docs"):
        code, said = forks().run([command, *arguments], dbt_environment(uri, **environment), seconds)
        done = subprocess.CompletedProcess([command, *arguments], code, said, "")
    else:
        done = subprocess.run(
            [str(Path(sys.executable).with_name("dbt")), command, *arguments],
            env=dbt_environment(uri, **environment),
            cwd=where,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    if check and done.returncode != 0:
        usual = (" OK ", " PASS ", " START ")
        lines = [line for line in done.stdout.splitlines() if not any(word in line for word in usual)]
        raise AssertionError(f"dbt {command} failed:\n" + "\n".join(lines[-60:]) + done.stderr)
    return done
