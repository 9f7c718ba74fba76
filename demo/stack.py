"""The whole product on one machine: databases, sandbox, Airflow's DAGs, the KPI layer, Superset with the plugin."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from demo.airflow import ALERTS_DAG, BUILD_DAG, FORECAST_DAG, INGEST_DAGS, REPORTS_DAG, UPLOADS_DAG, Airflow
from demo.console import say, step
from demo.environments import ROOT, program, python_of
from demo.http import JsonClient
from demo.postgres import Postgres, free_port
from demo.processes import Processes
from demo.superset import USERS, Superset, set_reports, set_rules, set_targets
from demo.warehouse import ROLES

# What is large, or comes in small pages, and repeats in more detail what other streams say: the last weeks will do.
RECENT_DAYS = 28
RECENT = {
    "amazon_sp": ("finances", "orders_api", "settlement", "fba_ledger_summary", "fba_ledger_detail"),
    "amazon_ads": ("sp_targeting", "sp_search_term", "sb_targeting", "sd_targeting"),
}
PORTS = {"superset": 8088, "airflow": 8080, "sandbox": 8099, "mail": 2525, "webhook": 8098}


class Stack:
    """Everything that runs for one demo; its state is ``folder``, so that a second start is quick."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        self.uploads = self.folder / "uploads"
        self.uploads.mkdir(exist_ok=True)
        self.processes = Processes(self.folder / "logs")
        self._postgres: Postgres | None = None
        self._secrets = self._load_secrets()
        # Asked for before anything starts, so that no two servers are given the same port.
        self.ports = {name: free_port(preferred) for name, preferred in PORTS.items()}

    def up(self) -> dict[str, dict[str, str]]:
        """Start everything and bring it to a running business; return the connections."""
        with step("databases"):
            uris = self._start_databases()
        self.superset = Superset(self.folder, self.ports["superset"], self._secrets, uris)
        self.airflow = Airflow(self.folder, self.ports["airflow"], uris["airflow"], self._secrets)
        self._start_sinks()
        sandbox = self._start_sandbox(uris)
        done = self._state()
        as_of = sandbox.call("GET", "/sandbox/health")["as_of"]
        is_new = done.get("as_of") != as_of
        self._together(
            self._start_superset,
            lambda: self._load_business(uris, sandbox) if is_new else self._start_airflow(uris, sandbox),
        )
        if is_new:
            self._use_product(sandbox)
            self._write("state.json", {"as_of": as_of})
        connections = self._connections_for_people(uris)
        self._write("connections.json", connections)
        return connections

    def _connections_for_people(self, uris: dict[str, str]) -> dict[str, dict[str, str]]:
        def entry(url: str, user: str, secret: str) -> dict[str, str]:
            return {"url": url, "user": user, "password": self._secrets[secret]}

        others = [name for name in USERS if name != "admin"]
        return {
            "superset": entry(self.superset.url, "admin", "superset_admin"),
            "airflow": entry(self.airflow.url, "admin", "airflow_admin"),
            "warehouse": entry(uris["warehouse"], "kpi_owner", "kpi_owner"),
            **{f"superset_{name}": entry(self.superset.url, name, f"superset_{name}") for name in others},
            "sandbox": {"url": f"http://127.0.0.1:{self.ports['sandbox']}", "user": "-", "password": "-"},
        }

    def down(self) -> None:
        """Stop all that ``up`` started."""
        self.processes.stop()
        if self._postgres is not None:
            self._postgres.stop()

    # -- the parts -----------------------------------------------------------------------------------------------

    def _start_databases(self) -> dict[str, str]:
        server = os.environ.get("KPI_DATABASE_URI")
        if not server:
            self._postgres = Postgres(self.folder)
            server = self._postgres.start()
        passwords = {role: self._secrets[role] for role in ROLES}
        result = subprocess.run(
            [str(python_of("airflow")), "-m", "demo.warehouse"],
            input=json.dumps({"server_uri": server, "passwords": passwords}),
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        if result.returncode:
            raise RuntimeError(f"the databases could not be created: {result.stderr.strip().splitlines()[-1]}")

        def uri(role: str, database: str) -> str:
            parts = urlsplit(server)
            place = f"{role}:{passwords[role]}@{parts.hostname}:{parts.port or 5432}"
            return urlunsplit(("postgresql", place, f"/{database}", parts.query, ""))

        return {
            "warehouse": uri("kpi_owner", "kpi_warehouse"),
            "reader": uri("kpi_reader", "kpi_warehouse"),
            "publisher": uri("kpi_publisher", "kpi_warehouse"),
            "superset": uri("kpi_superset", "kpi_superset"),
            "airflow": uri("kpi_airflow", "kpi_airflow"),
            "erp": uri("kpi_erp", "kpi_erp"),
            "mail": f"mailto://127.0.0.1:{self.ports['mail']}/?from=kpi@example.org&to=operations@example.org&mode=insecure",
            "uploads": str(self.uploads),
            "webhook": f"json://127.0.0.1:{self.ports['webhook']}/alerts",
        }

    def _start_sinks(self) -> None:
        python = str(python_of("airflow"))
        for kind in ("mail", "webhook"):
            target = ["--port", str(self.ports[kind]), "--folder", str(self.folder / kind)]
            self.processes.start(f"{kind}-sink", [python, "-m", f"demo.{kind}_sink", *target], os.environ, ROOT)

    def _start_sandbox(self, uris: dict[str, str]) -> JsonClient:
        with step("sandbox of the platforms"):
            url = f"http://127.0.0.1:{self.ports['sandbox']}"
            command = [program("airflow", "kpi"), "sandbox", "--port", str(self.ports["sandbox"])]
            environment = {**os.environ, "KPI_SANDBOX_ERP_DATABASE": uris["erp"]}
            self.processes.start("sandbox", command, environment, self.folder)
            self.processes.wait_for("sandbox", f"{url}/sandbox/health", 90)
            return JsonClient(url)

    def _start_superset(self) -> None:
        with step("Superset: metadata, roles, the plugin"):
            self.superset.prepare(self.processes)
        with step("Superset: web server"):
            self.superset.start(self.processes)

    def _start_airflow(self, uris: dict[str, str], sandbox: JsonClient) -> None:
        environment = self.airflow.environment(
            KPI_WAREHOUSE_URI=uris["warehouse"],
            KPI_READER_ROLE="kpi_reader",
            KPI_PUBLISHER_ROLE="kpi_publisher",
            KPI_STATE_DIR=str(self.folder / "pipeline"),
            KPI_UPLOAD_DIR=str(self.uploads),
        )
        with step("Airflow: metadata and connections"):
            self.airflow.prepare(self.processes, environment, self._connections(uris, sandbox))
        with step("Airflow: scheduler, triggerer, DAG processor, API"):
            self.airflow.start(self.processes, environment)
            self.airflow.wait(self.processes)

    def _connections(self, uris: dict[str, str], sandbox: JsonClient) -> dict[str, Any]:
        service = {"login": "kpi_service", "password": self._secrets["superset_kpi_service"]}
        own = {"login": "admin", "password": self._secrets["airflow_admin"]}
        return {
            **sandbox.call("GET", f"/sandbox/connections?{urlencode({'erp_url': uris['erp']})}"),
            "superset_kpi": {"conn_type": "superset_kpi", "host": self.superset.url, **service},
            "kpi_airflow_api": {"conn_type": "http", "host": self.airflow.url, **own},
        }

    def _load_business(self, uris: dict[str, str], sandbox: JsonClient) -> None:
        """Load the whole history through the DAGs, and build the KPI layer."""
        self._start_airflow(uris, sandbox)
        health = sandbox.call("GET", "/sandbox/health")
        window = {"from": health["first_day"], "to": health["last_day"]}
        recent = str(date.fromisoformat(health["last_day"]) - timedelta(days=RECENT_DAYS))
        with step(f"Airflow: history {window['from']} to {window['to']} of every account"):
            self.airflow.unpause(*INGEST_DAGS)
            runs = []
            for dag in INGEST_DAGS:
                streams = RECENT.get(dag.removeprefix("kpi_ingest_"), ())
                conf = {**window, "from_by_stream": dict.fromkeys(streams, recent)}
                runs.append((dag, self.airflow.trigger(dag, conf)))
            for dag, run in runs:
                self.airflow.wait_for_run(dag, run, 1800)
        with step("Airflow: KPI layer"):
            self.airflow.unpause(BUILD_DAG)
            self.airflow.wait_for_run(BUILD_DAG, self.airflow.trigger(BUILD_DAG), 600)

    def _use_product(self, sandbox: JsonClient) -> None:
        """Do what the seller's people do next: dashboards, targets, rules, and a first evaluation."""
        with step("Superset: dashboards"):
            self.superset.command(self.processes, "install")
        with step("targets: proposed, approved, published"):
            say(f"{set_targets(self.superset, sandbox.call('GET', '/sandbox/truth/targets'))} targets are in force")
            set_reports(self.superset)
        with step("alerts: the rule packs"):
            say(f"{set_rules(self.superset, self.processes)} packs are on")
        with step("Airflow: alerts and reports made and delivered"):
            self.airflow.unpause(ALERTS_DAG, REPORTS_DAG)
            # The reports tell of the alerts, so they come after them.
            for dag in (ALERTS_DAG, REPORTS_DAG):
                self.airflow.wait_for_run(dag, self.airflow.trigger(dag), 300)
        self.airflow.unpause(UPLOADS_DAG)

    def forecast(self) -> None:
        """Let Airflow forecast the KPIs, as after every build of a day; nothing waits for it."""
        self.airflow.unpause(FORECAST_DAG)
        self.airflow.trigger(FORECAST_DAG)

    # -- state ---------------------------------------------------------------------------------------------------

    def _together(self, *tasks: Callable[[], None]) -> None:
        """Run tasks at the same time; the first error is raised when all have ended."""
        pool = ThreadPoolExecutor(len(tasks))
        try:
            futures = [pool.submit(task) for task in tasks]
            for future in wait(futures, return_when=FIRST_EXCEPTION).done:
                future.result()
        except BaseException:
            self.processes.stop()  # so that the other tasks end soon, and with them the wait below
            raise
        finally:
            pool.shutdown(wait=True)

    def _load_secrets(self) -> dict[str, str]:
        path = self.folder / "secrets.json"
        known = json.loads(path.read_text()) if path.exists() else {}
        names = [
            *ROLES,
            *(f"superset_{user}" for user in USERS),
            "superset_key",
            "airflow_admin",
            "airflow_key",
            "airflow_jwt",
        ]
        values = {name: known.get(name) or secrets.token_urlsafe(16 if "key" not in name else 42) for name in names}
        self._write("secrets.json", values)
        return values

    def _state(self) -> dict[str, str]:
        path = self.folder / "state.json"
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def _write(self, name: str, content: dict[str, Any]) -> None:
        """Write a JSON file that only this user can read, whole or not at all."""
        part = self.folder / f"{name}.part"
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(content, file, indent=2)
        part.replace(self.folder / name)
