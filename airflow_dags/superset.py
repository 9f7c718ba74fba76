"""A session with the plugin's API in Superset: login, CSRF token, session cookie. Connection ``superset_kpi``."""

from __future__ import annotations

from typing import Any

from airflow_dags.errors import ConfigurationError
from airflow_dags.http import HttpClient

CONNECTION = "superset_kpi"


class PluginClient:
    """Posts to the plugin as one Superset user."""

    def __init__(self, base: str, username: str, password: str) -> None:
        self._base = base.rstrip("/")
        self._http = HttpClient("superset", secrets=[password], patience=120)
        self._credentials = {"username": username, "password": password, "provider": "db", "refresh": False}
        self._headers: dict[str, str] | None = None

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        headers = self._log_in()
        answer = self._http.send(
            path.rsplit("/", 1)[-1], "POST", f"{self._base}{path}", json=body or {}, headers=headers
        )
        return dict(answer.json())

    def _log_in(self) -> dict[str, str]:
        if self._headers is None:
            login = self._http.send(
                "login", "POST", f"{self._base}/api/v1/security/login", json=self._credentials
            ).json()
            headers = {"Authorization": f"Bearer {login['access_token']}"}
            # The cookie that comes with the token is kept by the client: Superset compares the two.
            token = self._http.send("csrf", "GET", f"{self._base}/api/v1/security/csrf_token/", headers=headers).json()
            self._headers = {**headers, "X-CSRFToken": token["result"], "Referer": self._base}
        return self._headers


def plugin_in_airflow() -> PluginClient:
    """The client of the Airflow connection ``superset_kpi`` (host, port, schema, login, password)."""
    from airflow_dags.airflow_compat import get_connection

    try:
        connection = get_connection(CONNECTION)
    except Exception:
        raise ConfigurationError(
            f"the connection {CONNECTION} is missing; add it with host, login and password of a user who may evaluate "
            f"alerts"
        ) from None
    host = str(connection.host or "")
    base = host if host.startswith("http") else f"{connection.schema or 'http'}://{host}"
    if connection.port:
        base = f"{base}:{connection.port}"
    return PluginClient(base, str(connection.login or ""), str(connection.password or ""))
