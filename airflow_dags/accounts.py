"""Accounts are Airflow connections, one per platform and account; this reads them, with Airflow and without.

Without Airflow: AIRFLOW_CONN_<CONN_ID> (JSON or URI), or a file of exported connections named by KPI_CONNECTIONS_FILE.
In Airflow a task can't list connections by type, so the ids come from Airflow's REST API (connection
``kpi_airflow_api``), from AIRFLOW_CONN_*, and from the Variable ``kpi_accounts``; each connection itself is then read
through Airflow. Secrets stay in ``Account.secrets``; its repr, and everything that is logged or stored, has the
account's id only.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from airflow_dags.errors import ConfigurationError

log = logging.getLogger(__name__)
ACCOUNT_ID = re.compile(r"^[a-z][a-z0-9_]{0,62}$")
SECRET_NAMES = ("password", "secret", "token", "key", "url")
API_CONNECTION = "kpi_airflow_api"


@dataclass(frozen=True)
class Account:
    """One account of one platform; ``settings`` are its connection's fields without the secrets."""

    platform: str
    account_id: str
    conn_id: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_connected(self) -> bool:
        """False for an account that is known by name only, which is enough to load a file."""
        return bool(self.conn_id)

    def get(self, name: str, default: Any = None) -> Any:
        value = self.secrets.get(name) or self.settings.get(name)
        return default if value in (None, "") else value

    def need(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise ConfigurationError(
                f"connection {self.conn_id or self.account_id} ({self.platform}) has no {name}; nothing was changed; "
                f"fill it in"
            )
        return str(value)


def account_of(connection: Mapping[str, Any]) -> Account:
    """Make an account of a connection's fields (conn_id, conn_type, host, login, password, port, schema, extra)."""
    extra = connection.get("extra") or {}
    if isinstance(extra, str):
        try:
            extra = json.loads(extra)
        except ValueError:
            raise ConfigurationError(f"connection {connection.get('conn_id')}: its extra is not JSON") from None
    fields = {name: connection.get(name) for name in ("host", "login", "port", "schema") if connection.get(name)}
    if connection.get("password"):
        fields["password"] = connection["password"]
    fields.update(extra)
    platform = str(connection.get("conn_type") or "").replace("-", "_")
    conn_id = str(connection.get("conn_id") or "")
    account_id = str(fields.get("account_id") or conn_id.removeprefix(f"{platform}_"))
    if not ACCOUNT_ID.match(account_id):
        raise ConfigurationError(
            f"connection {conn_id}: account id {account_id!r} must be lower case letters, digits and _"
        )
    secret = {n: str(v) for n, v in fields.items() if v and any(part in n.lower() for part in SECRET_NAMES)}
    settings = {name: value for name, value in fields.items() if name not in secret}
    return Account(platform, account_id, conn_id, settings, secret)


def connections_of_environment(environment: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """All connections that environment variables or KPI_CONNECTIONS_FILE hold."""
    environment = os.environ if environment is None else environment
    found: dict[str, dict[str, Any]] = {}
    if path := environment.get("KPI_CONNECTIONS_FILE"):
        found.update(_connections_of_file(Path(path)))
    for name, value in environment.items():
        if name.startswith("AIRFLOW_CONN_") and value:
            conn_id = name.removeprefix("AIRFLOW_CONN_").lower()
            found[conn_id] = {**_connection_of_text(conn_id, value), "conn_id": conn_id}
    return list(found.values())


def _connections_of_file(path: Path) -> dict[str, dict[str, Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ConfigurationError(f"KPI_CONNECTIONS_FILE {path.name} can't be read as JSON") from None
    return {conn_id: {**fields, "conn_id": conn_id} for conn_id, fields in content.items()}


def _connection_of_text(conn_id: str, text: str) -> dict[str, Any]:
    if text.lstrip().startswith("{"):
        try:
            return dict(json.loads(text))
        except ValueError:
            raise ConfigurationError(f"AIRFLOW_CONN_{conn_id.upper()} is not valid JSON") from None
    parts = urlsplit(text)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    extra = json.loads(query["__extra__"]) if "__extra__" in query else query
    return {
        "conn_type": parts.scheme.replace("-", "_"),
        "host": unquote(parts.hostname or ""),
        "login": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "port": parts.port,
        "schema": unquote(parts.path.lstrip("/")),
        "extra": extra,
    }


def accounts_of_environment(platform: str, environment: Mapping[str, str] | None = None) -> list[Account]:
    matching = [
        c for c in connections_of_environment(environment) if str(c.get("conn_type")).replace("-", "_") == platform
    ]
    return [account_of(connection) for connection in matching]


def find_account(platform: str, account_id: str) -> Account:
    """The account without Airflow; one that has no connection is known by its name only."""
    if not ACCOUNT_ID.match(account_id):
        raise ConfigurationError(f"account id {account_id!r} must be lower case letters, digits and _, as aurora_us")
    for account in accounts_of_environment(platform):
        if account.account_id == account_id:
            return account
    return Account(platform, account_id)


def airflow_connection_ids(platform: str) -> list[str]:
    """Ids of the connections of a platform, inside an Airflow task."""
    found = {
        str(c["conn_id"]) for c in connections_of_environment() if str(c.get("conn_type")).replace("-", "_") == platform
    }
    found.update(_ids_of_api(platform))
    found.update(_ids_of_variable(platform))
    return sorted(found)


def airflow_account(conn_id: str) -> Account:
    """Read one connection through Airflow (database, secrets backend or environment)."""
    from airflow_dags.airflow_compat import get_connection

    connection = get_connection(conn_id)
    names = ("conn_id", "conn_type", "host", "login", "password", "port", "schema", "extra")
    account = account_of({name: getattr(connection, name, None) for name in names})
    _mask(account.secrets.values())
    return account


def _ids_of_api(platform: str) -> Iterable[str]:
    from airflow_dags.airflow_compat import get_connection

    try:
        api = get_connection(API_CONNECTION)
    except Exception:
        return []
    from airflow_dags.http import HttpClient

    scheme = api.schema or "http"
    base = f"{scheme}://{api.host}" + (f":{api.port}" if api.port else "")
    if str(api.host).startswith("http"):
        base = str(api.host).rstrip("/") + (f":{api.port}" if api.port else "")
    client = HttpClient("airflow", secrets=[api.password or ""], patience=30, attempts=3)
    try:
        login = {"username": api.login, "password": api.password}
        token = client.send("login", "POST", f"{base}/auth/token", json=login).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        ids: list[str] = []
        offset = 0
        while True:
            query = {"limit": 100, "offset": offset, "order_by": "connection_id"}
            page = client.send("connections", "GET", f"{base}/api/v2/connections", params=query, headers=headers).json()
            listed = page.get("connections", [])
            ids += [c["connection_id"] for c in listed if str(c.get("conn_type")).replace("-", "_") == platform]
            offset += len(listed)
            if not listed or offset >= page.get("total_entries", 0):
                return ids
    finally:
        client.close()


def _ids_of_variable(platform: str) -> Iterable[str]:
    from airflow_dags.airflow_compat import get_variable

    value = get_variable("kpi_accounts")
    if not value:
        return []
    try:
        listed = json.loads(value)
    except ValueError:
        listed = [part.strip() for part in value.split(",")]
    if isinstance(listed, dict):
        return [str(conn_id) for conn_id in listed.get(platform, [])]
    return [str(conn_id) for conn_id in listed if str(conn_id).startswith(f"{platform}_")]


def _mask(secrets: Iterable[str]) -> None:
    try:
        from airflow.sdk.log import mask_secret
    except ImportError:
        try:
            from airflow.utils.log.secrets_masker import mask_secret  # type: ignore[no-redef]
        except ImportError:
            return
    for secret in secrets:
        mask_secret(secret)
