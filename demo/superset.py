"""Superset in the demo: its environment, its server and the calls that a person would make in its pages."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from demo.environments import ROOT, program, python_of
from demo.http import JsonClient
from demo.processes import Processes

# One account per role of the plugin; the service account is the alerts DAG's.
USERS = {
    "admin": {"name": "Ada Admin", "roles": "Admin", "email": "admin@example.org"},
    "manager": {"name": "Mei Manager", "roles": "Gamma,KPI Approver", "email": "manager@example.org"},
    "owner": {"name": "Olli Owner", "roles": "Gamma,KPI Owner", "email": "owner@example.org"},
    "viewer": {"name": "Vera Viewer", "roles": "Gamma,KPI Viewer", "email": "viewer@example.org"},
    "kpi_service": {"name": "Alerts Service", "roles": "KPI Admin", "email": "service@example.org"},
}
TARGET_FIELDS = (
    *("kpi_id", "entity_id", "grain", "period_start", "target_value", "floor_value", "stretch_value"),
    *("warn_limit", "breach_limit", "tolerance", "weight", "owner"),
)
PACKS = ROOT / "superset_kpi_plugin" / "alerts" / "packs"
CHANNELS = ("operations-mail", "operations-webhook")


class Superset:
    """One Superset under ``folder`` with the plugin, as a customer would run it."""

    def __init__(self, folder: Path, port: int, secrets: Mapping[str, str], uris: Mapping[str, str]) -> None:
        self.folder = folder / "superset"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._secrets = secrets
        self._uris = uris

    def environment(self) -> dict[str, str]:
        """The process environment of Superset; secrets reach the configuration through it."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("SUPERSET", "KPI_", "PYTHON"))}
        users = {name: {**user, "password": self._secrets[f"superset_{name}"]} for name, user in USERS.items()}
        return {
            **kept,
            "FLASK_APP": "superset.app:create_app()",
            "SUPERSET_CONFIG_PATH": str(ROOT / "demo" / "superset_config.py"),
            "SUPERSET_HOME": str(self.folder),
            "KPI_DEMO_SECRET_KEY": self._secrets["superset_key"],
            "KPI_DEMO_SUPERSET_URI": self._uris["superset"],
            "KPI_DEMO_SUPERSET_PORT": str(self.port),
            "KPI_DEMO_SUPERSET_URL": self.url,
            "KPI_DEMO_READER_URI": self._uris["reader"],
            "KPI_DEMO_PUBLISHER_URI": self._uris["publisher"],
            "KPI_DEMO_MAIL_CHANNEL": self._uris["mail"],
            "KPI_DEMO_WEBHOOK_CHANNEL": self._uris["webhook"],
            "KPI_DEMO_UPLOAD_DIR": self._uris["uploads"],
            "KPI_DEMO_USERS": json.dumps(users),
        }

    def prepare(self, processes: Processes) -> None:
        """Migrations, roles, users and the warehouse connection."""
        command = [str(python_of("superset")), "-m", "demo.superset_setup"]
        processes.run("superset-setup", command, self.environment(), ROOT)

    def start(self, processes: Processes) -> None:
        """Start the web server and block until it answers."""
        command = [program("superset", "gunicorn"), "--bind", f"127.0.0.1:{self.port}", "--workers", "1"]
        command += ["--worker-class", "gthread", "--threads", "12", "--timeout", "120", "superset.app:create_app()"]
        processes.start("superset", command, self.environment(), self.folder)
        processes.wait_for("superset", f"{self.url}/health", 300)

    def command(self, processes: Processes, *arguments: str) -> str:
        """Run ``superset kpi ...`` and return what it printed."""
        command = [program("superset", "superset"), "kpi", *arguments]
        return processes.run(f"superset-kpi-{arguments[0]}", command, self.environment(), self.folder)

    def login(self, user: str) -> JsonClient:
        """A client that is logged in as ``user``, with the CSRF token that every write needs."""
        return log_in(self.url, user, self._secrets[f"superset_{user}"])


def log_in(url: str, user: str, password: str) -> JsonClient:
    """A client of the Superset at ``url`` that is logged in as ``user`` and may write: token and CSRF token."""
    client = JsonClient(url)
    body = {"username": user, "password": password, "provider": "db", "refresh": False}
    token = client.call("POST", "/api/v1/security/login", body)["access_token"]
    client.headers |= {"Authorization": f"Bearer {token}", "Referer": url}
    client.headers["X-CSRFToken"] = client.call("GET", "/api/v1/security/csrf_token/")["result"]
    return client


def set_targets(superset: Superset, plan: list[dict[str, Any]]) -> int:
    """Propose the plan's targets as their owner, approve them as the manager, and return how many were published."""
    rows = [{field: row[field] for field in TARGET_FIELDS if row.get(field) is not None} for row in plan]
    superset.login("owner").call("PUT", "/api/v1/kpi/targets/", {"targets": rows})
    manager = superset.login("manager")
    ids = []
    for grain, period in sorted({(row["grain"], row["period_start"]) for row in rows}):
        path = f"/api/v1/kpi/targets/?grain={grain}&period_start={period}&page_size=1000"
        ids += [row["id"] for row in manager.call("GET", path)["result"] if row["draft"]]
    answer = manager.call("POST", "/api/v1/kpi/targets/approve", {"ids": ids})
    if answer["publication"]["state"] != "done":
        raise RuntimeError(f"the targets were approved but not published: {answer['publication']}")
    return int(answer["approved"])


def set_rules(superset: Superset, processes: Processes) -> int:
    """Switch on every rule pack that comes with the plugin, told by mail and webhook; returns how many packs."""
    names = sorted(file.stem for file in PACKS.glob("*.yaml"))
    channels = [part for name in CHANNELS for part in ("--channel", name)]
    superset.command(processes, "rules", "packs", *names, *channels)
    return len(names)


def set_reports(superset: Superset) -> None:
    """Plan the demo's two reports, unless they are planned: one that goes by itself, one that somebody reads before."""
    admin = superset.login("admin")
    existing = {plan["name"] for plan in admin.call("GET", "/api/v1/kpi/report_plans/")["result"]}
    common = {"entity_id": "company", "cadence": "weekly", "channels": ["operations-mail"]}
    plans = [
        {"name": "Company by week", "locale": "en", "needs_release": False},
        {"name": "公司周报", "locale": "zh", "needs_release": True},
    ]
    for plan in plans:
        if plan["name"] not in existing:
            admin.call("POST", "/api/v1/kpi/report_plans/", {**common, **plan})
