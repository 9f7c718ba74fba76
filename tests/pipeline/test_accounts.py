"""Accounts are connections: found in the environment, in a file, through Airflow's API; secrets never show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from airflow_dags import accounts, airflow_compat
from airflow_dags import http as pipeline_http
from airflow_dags.accounts import account_of, accounts_of_environment, find_account
from airflow_dags.errors import ConfigurationError

CONNECTION = {
    "conn_type": "amazon_sp",
    "password": "canary-secret",
    "extra": {"account_id": "aurora_us", "client_id": "client", "refresh_token": "canary-token", "currency": "USD"},
}


def test_connections_come_from_the_environment_in_both_forms() -> None:
    environment = {
        "AIRFLOW_CONN_AMAZON_SP_AURORA_US": json.dumps(CONNECTION),
        "AIRFLOW_CONN_AMAZON_SP_HARBOR_US": "amazon-sp://:p%40ss@host:8443/?refresh_token=abc&account_id=harbor_us",
        "AIRFLOW_CONN_ERP_MAIN": json.dumps({"conn_type": "erp", "extra": json.dumps({"files_dir": "/erp"})}),
        "OTHER": "x",
    }
    found = {account.account_id: account for account in accounts_of_environment("amazon_sp", environment)}
    assert sorted(found) == ["aurora_us", "harbor_us"]
    assert found["aurora_us"].need("refresh_token") == "canary-token"
    assert found["aurora_us"].need("password") == "canary-secret"
    assert found["harbor_us"].need("password") == "p@ss"
    assert found["harbor_us"].conn_id == "amazon_sp_harbor_us"
    assert [account.account_id for account in accounts_of_environment("erp", environment)] == ["main"]


def test_connections_come_from_an_exported_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "connections.json"
    path.write_text(json.dumps({"amazon_sp_aurora_us": CONNECTION}))
    monkeypatch.setenv("KPI_CONNECTIONS_FILE", str(path))
    assert find_account("amazon_sp", "aurora_us").conn_id == "amazon_sp_aurora_us"
    assert not find_account("amazon_sp", "cascade_us").is_connected


def test_secrets_do_not_show_in_an_account() -> None:
    account = account_of({**CONNECTION, "conn_id": "amazon_sp_aurora_us"})
    assert "canary" not in repr(account) + str(account)
    assert "canary" not in str(dict(account.settings))
    assert set(account.secrets.values()) == {"canary-secret", "canary-token"}


def test_what_a_connection_lacks_is_named() -> None:
    account = account_of({"conn_id": "amazon_sp_x", "conn_type": "amazon_sp", "extra": {}})
    with pytest.raises(ConfigurationError, match=r"connection amazon_sp_x \(amazon_sp\) has no refresh_token"):
        account.need("refresh_token")
    with pytest.raises(ConfigurationError, match="its extra is not JSON"):
        account_of({"conn_id": "x", "conn_type": "erp", "extra": "{"})
    with pytest.raises(ConfigurationError, match="account id 'Aurora US'"):
        account_of({"conn_id": "x", "conn_type": "erp", "extra": {"account_id": "Aurora US"}})


class FakeConnection:
    """What Airflow gives for ``kpi_airflow_api``."""

    host, schema, port, login, password = "airflow.example", "https", 8080, "kpi", "canary"


def test_airflows_api_lists_a_platforms_connections_over_all_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [{"connection_id": f"amazon_sp_a{number}", "conn_type": "amazon_sp"} for number in range(130)]
    listed += [{"connection_id": "amazon_ads_a1", "conn_type": "amazon_ads"}, {"connection_id": "x", "conn_type": None}]

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "airflow.example"
        if request.url.path == "/auth/token":
            assert json.loads(request.content) == {"username": "kpi", "password": "canary"}
            return httpx.Response(201, json={"access_token": "token"})
        assert request.headers["Authorization"] == "Bearer token"
        offset = int(request.url.params["offset"])
        page = listed[offset : offset + int(request.url.params["limit"])]
        return httpx.Response(200, json={"connections": page, "total_entries": len(listed)})

    original = pipeline_http.HttpClient.__init__

    def patched(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **{**kwargs, "transport": httpx.MockTransport(answer)})

    monkeypatch.setattr(pipeline_http.HttpClient, "__init__", patched)
    monkeypatch.setattr(airflow_compat, "get_connection", lambda conn_id: FakeConnection())
    monkeypatch.setattr(airflow_compat, "get_variable", lambda name: '["amazon_sp_from_variable", "erp_main"]')
    found = accounts.airflow_connection_ids("amazon_sp")
    assert len(found) == 131
    assert "amazon_sp_from_variable" in found
    assert "amazon_ads_a1" not in found
