"""Airflow in the demo: its environment, its four processes and the calls of its REST API."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from demo.environments import ROOT, program
from demo.http import HttpError, JsonClient
from demo.processes import Processes

COMPONENTS = ("scheduler", "dag-processor", "triggerer", "api-server")
PLATFORMS = sorted(path.parent.name for path in (ROOT / "airflow_dags" / "platforms").glob("*/settings.yml"))
INGEST_DAGS = tuple(f"kpi_ingest_{name}" for name in PLATFORMS)
BUILD_DAG, ALERTS_DAG, REPORTS_DAG, UPLOADS_DAG = "kpi_build", "kpi_alerts", "kpi_reports", "kpi_uploads"
FORECAST_DAG = "kpi_forecast"


class DagRunError(RuntimeError):
    """A DAG run ended in another state than success, or did not end in time."""


class Airflow:
    """One Airflow installation under ``folder`` whose metadata is in ``database_uri``."""

    def __init__(self, folder: Path, port: int, database_uri: str, secrets: Mapping[str, str]) -> None:
        self.folder = folder / "airflow"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._database_uri = database_uri
        self._secrets = secrets
        self._client: JsonClient | None = None

    def environment(self, **extra: str) -> dict[str, str]:
        """The process environment of every Airflow component."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW", "KPI_", "PYTHON"))}
        key = base64.urlsafe_b64encode(hashlib.sha256(self._secrets["airflow_key"].encode()).digest()).decode()
        uri = self._database_uri.replace("postgresql://", "postgresql+psycopg2://")
        return {
            **kept,
            "PATH": f"{Path(program('airflow', 'airflow')).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "AIRFLOW_HOME": str(self.folder),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": uri,
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": uri.replace("+psycopg2", "+asyncpg"),
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "airflow_dags" / "dags"),
            "AIRFLOW__CORE__FERNET_KEY": key,
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.folder / "passwords.json"),
            "AIRFLOW__API_AUTH__JWT_SECRET": self._secrets["airflow_jwt"],
            "AIRFLOW__API__SECRET_KEY": self._secrets["airflow_key"],
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
            "AIRFLOW__SCHEDULER__JOB_HEARTBEAT_SEC": "2",
            "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
            "DO_NOT_TRACK": "1",
            **extra,
        }

    def prepare(self, processes: Processes, environment: Mapping[str, str], connections: dict[str, Any]) -> None:
        """Migrate the metadata database, write the admin's password and import the connections."""
        passwords = self.folder / "passwords.json"
        passwords.touch(mode=0o600)
        passwords.write_text(json.dumps({"admin": self._secrets["airflow_admin"]}))
        airflow = program("airflow", "airflow")
        processes.run("airflow-migrate", [airflow, "db", "migrate"], environment, self.folder)
        file = self.folder / "connections.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps(connections))
        try:
            command = [airflow, "connections", "import", "--overwrite", str(file)]
            processes.run("airflow-connections", command, environment, self.folder)
        finally:
            file.unlink()

    def start(self, processes: Processes, environment: Mapping[str, str]) -> None:
        """Start the four components; ``wait`` tells when the API answers."""
        for component in COMPONENTS:
            processes.start(
                f"airflow-{component}", [program("airflow", "airflow"), component], environment, self.folder
            )

    def wait(self, processes: Processes, seconds: float = 300) -> None:
        """Block until the API answers and every DAG of the project is known to it."""
        processes.wait_for("airflow-api-server", f"{self.url}/api/v2/monitor/health", seconds)
        wanted = {*INGEST_DAGS, BUILD_DAG, ALERTS_DAG, REPORTS_DAG, UPLOADS_DAG, FORECAST_DAG}
        deadline = time.monotonic() + seconds
        while True:
            found = {dag["dag_id"] for dag in self.api("GET", "/api/v2/dags?limit=100")["dags"]}
            if wanted <= found:
                return
            if time.monotonic() > deadline:
                errors = self.api("GET", "/api/v2/importErrors")
                raise DagRunError(f"Airflow does not show {sorted(wanted - found)}; import errors: {errors}")
            time.sleep(1)

    def unpause(self, *dag_ids: str) -> None:
        for dag_id in dag_ids:
            self.api("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None) -> str:
        """Start a run and return its id."""
        body = {"logical_date": None, "conf": conf or {}}
        return str(self.api("POST", f"/api/v2/dags/{dag_id}/dagRuns", body)["dag_run_id"])

    def wait_for_run(self, dag_id: str, run_id: str, seconds: float) -> None:
        """Block until the run succeeded; raise when it failed or the time is over."""
        deadline = time.monotonic() + seconds
        while True:
            state = self.api("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"]
            if state == "success":
                return
            if state == "failed" or time.monotonic() > deadline:
                path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances?limit=200"
                tasks = self.api("GET", path)["task_instances"]
                bad = [f"{task['task_id']}[{task['map_index']}] {task['state']}" for task in tasks]
                raise DagRunError(
                    f"DAG {dag_id}, run {run_id}, is {state}: {', '.join(bad)} (task logs: {self.folder}/logs)"
                )
            time.sleep(0.5)

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Call Airflow's REST API as admin, with a new token when the old one has expired."""
        if self._client is None:
            self._client = self._login()
        try:
            return self._client.call(method, path, body)
        except HttpError as error:
            if error.status != 401:
                raise
            self._client = self._login()
            return self._client.call(method, path, body)

    def _login(self) -> JsonClient:
        return log_in(self.url, "admin", self._secrets["airflow_admin"])


def log_in(url: str, user: str, password: str) -> JsonClient:
    """A client of the Airflow REST API at ``url``, with a token."""
    client = JsonClient(url)
    token = client.call("POST", "/auth/token", {"username": user, "password": password})["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client
