"""``kpi build``: makes the KPI layer of what was loaded, by dbt, in this process.

The dbt project is ``sql/`` of the source tree or the copy in the installed package. Its profile reads the warehouse
from KPI_DBT_*; its target and log folders are in KPI_STATE_DIR, or temporary. One build at a time per warehouse.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

from airflow_dags.dbt_connections import kept_connections
from airflow_dags.errors import BuildFailed, ConfigurationError, WarehouseUnavailable
from airflow_dags.loader import ensure_schema
from airflow_dags.registry import contracts, platforms
from airflow_dags.warehouse import parts_of, row_connection

log = logging.getLogger(__name__)
LOCK = "kpi:build"
WAIT_SECONDS = 1800


def build(
    uri: str, *, select: str | None = None, full_refresh: bool = False, only_if_needed: bool = False
) -> dict[str, Any]:
    """Run ``dbt build`` and return a summary; raises BuildFailed with dbt's first reason.

    ``only_if_needed`` answers state "unchanged" when no load was written since the last good build of the same project.
    """
    started = time.monotonic()
    created = ensure_schema(uri, contracts())
    project = project_folder()
    with _alone(uri) as connection:
        fingerprint, loads = _fingerprint(project), _loads(connection)
        if only_if_needed and _is_current(connection, fingerprint, loads):
            return {"state": "unchanged", "seconds": round(time.monotonic() - started, 1)}
        _remember_streams(connection)
        _analyze(connection)
        started_at = datetime.now(timezone.utc)
        summary = _run_dbt(uri, project, select, full_refresh)
        if not select:
            _record(connection, fingerprint, loads, summary, started_at)
    if summary["state"] == "failed":
        raise BuildFailed(f"the build failed: {summary['error']}; what did not build keeps its last state")
    return {**summary, "tables_created": len(created), "seconds": round(time.monotonic() - started, 1)}


def project_folder() -> Path:
    """Where the dbt project is."""
    given = os.environ.get("KPI_SQL_DIR")
    here = Path(__file__).resolve().parent
    for folder in [Path(given)] if given else [here.parent / "sql", here / "bundled_sql"]:
        if (folder / "dbt_project.yml").is_file():
            return folder
    raise ConfigurationError("the dbt project (sql/) was not found; set KPI_SQL_DIR to its folder")


@contextmanager
def _alone(uri: str) -> Iterator[Any]:
    """Hold the build's advisory lock; a second build waits for the first."""
    with row_connection(uri, autocommit=True) as connection:
        deadline = time.monotonic() + WAIT_SECONDS
        while not connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", (LOCK,)).fetchone()[0]:
            if time.monotonic() > deadline:
                raise WarehouseUnavailable("another build is still running after half an hour; nothing was changed")
            time.sleep(0.5)
        yield connection


def _loads(connection: Any) -> int:
    """How many good loads the ledger has: a count, because a load may commit after one that began later."""
    return int(connection.execute("select count(*) from raw.load_ledger where state <> 'failed'").fetchone()[0])


def _is_current(connection: Any, fingerprint: str, loads: int) -> bool:
    last = connection.execute(
        "select loads_seen, project, state from raw.builds order by started_at desc limit 1"
    ).fetchone()
    return bool(last) and last[2] == "done" and last[1] == fingerprint and int(last[0]) == loads


def _fingerprint(project: Path) -> str:
    digest = hashlib.sha256()
    for folder in ("models", "macros", "seeds"):
        for path in sorted((project / folder).rglob("*")):
            if path.is_file() and path.suffix in (".sql", ".yml", ".yaml", ".csv"):
                digest.update(str(path.relative_to(project)).encode() + b"\0" + path.read_bytes())
    digest.update((project / "dbt_project.yml").read_bytes())
    return digest.hexdigest()


def _remember_streams(connection: Any) -> None:
    """What the platforms' settings say of each stream, for the SQL, which knows no settings."""
    rows = [
        (platform.name, stream.name, stream.settings.settled_days, stream.settings.lag_days)
        for platform in platforms().values()
        for stream in platform.streams.values()
    ]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("delete from raw.streams")
        cursor.executemany(
            "insert into raw.streams (platform, stream, settled_days, lag_days) values (%s, %s, %s, %s)", rows
        )


def _analyze(connection: Any) -> None:
    """Fresh statistics of what loads have just rewritten, before anything is planned on them."""
    stale = connection.execute(
        "select relname from pg_stat_user_tables where schemaname = 'raw' "
        "and (n_mod_since_analyze > 0.05 * n_live_tup + 100 or (last_analyze is null and last_autoanalyze is null))"
    ).fetchall()
    for (table,) in stale:
        connection.execute(f'analyze raw."{table}"')


def _run_dbt(uri: str, project: Path, select: str | None, full_refresh: bool) -> dict[str, Any]:
    from dbt.cli.main import dbtRunner

    arguments = [
        "build",
        "--project-dir",
        str(project),
        "--profiles-dir",
        str(project),
        "--quiet",
        "--log-level",
        "none",
        # Of the SQL, not of the data: they belong to development.
        "--exclude-resource-type",
        "unit_test",
    ]
    if select:
        arguments += ["--select", select]
    if full_refresh:
        arguments.append("--full-refresh")
    with tempfile.TemporaryDirectory(prefix="kpi-build-") as temporary:
        state = Path(os.environ.get("KPI_STATE_DIR") or temporary)
        settings = {f"KPI_DBT_{name.upper()}": value for name, value in parts_of(uri).items()}
        settings |= {
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_TARGET_PATH": str(state / "dbt_target"),
            "DBT_LOG_PATH": str(state / "dbt_logs"),
            "DO_NOT_TRACK": "1",
        }
        with _environment(settings), kept_connections():
            return _summary(dbtRunner().invoke(arguments))


def _summary(outcome: Any) -> dict[str, Any]:
    counts: dict[str, int] = {}
    reasons = []
    for result in getattr(outcome.result, "results", None) or []:
        status = str(getattr(result.status, "value", result.status))
        counts[status] = counts.get(status, 0) + 1
        if status in ("error", "fail", "runtime error"):
            reasons.append(f"{result.node.name}: {' '.join(str(result.message).split())[:300]}")
    if outcome.success:
        return {"state": "done", "results": counts}
    reason = reasons[0] if reasons else " ".join(str(outcome.exception or "dbt gave no reason").split())[:400]
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    return {"state": "failed", "results": counts, "error": reason + more}


def _record(connection: Any, fingerprint: str, loads: int, summary: dict[str, Any], started_at: datetime) -> None:
    connection.execute(
        "insert into raw.builds (build_id, loads_seen, project, state, models, error, started_at, finished_at) "
        "values (%s, %s, %s, %s, %s, %s, %s, now())",
        (
            str(uuid4()),
            loads,
            fingerprint,
            summary["state"],
            sum(summary["results"].values()),
            summary.get("error"),
            started_at,
        ),
    )


@contextmanager
def _environment(settings: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
