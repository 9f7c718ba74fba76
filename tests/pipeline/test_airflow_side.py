"""What runs inside Airflow, without Airflow: windows of runs, waiting, the plugin's API, errors in Airflow's words."""

from __future__ import annotations

import asyncio
import json
from datetime import date, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from airflow_dags import ingest, runs, triggers
from airflow_dags.contracts import Window
from airflow_dags.errors import ConfigurationError, LoginRefused, Throttled
from airflow_dags.http import HttpClient
from airflow_dags.registry import platform_of
from airflow_dags.superset import PluginClient

from .conftest import Warehouse
from .samples import ad_row, ads_file

MANUAL = SimpleNamespace(run_type="manual")


def yesterday(job: Any) -> date:
    return job.today() - timedelta(days=1)


def test_a_first_run_reaches_back_far_and_later_ones_reload_what_is_restated(warehouse: Warehouse) -> None:
    job = warehouse.job("amazon_ads", "sp_campaigns")
    end = yesterday(job)
    assert runs.window_of_run(job, {}, MANUAL) == Window(end - timedelta(days=59), end)
    window = Window(end - timedelta(days=1), end)
    warehouse.load("amazon_ads", "sp_campaigns", ads_file([ad_row(str(end))]), window=window)
    assert runs.window_of_run(job, {}, MANUAL) == Window(end - timedelta(days=41), end)


def test_after_a_long_pause_the_gap_is_closed(warehouse: Warehouse) -> None:
    job = warehouse.job("amazon_sp", "sales_and_traffic")
    end = yesterday(job)
    assert ingest.trailing_window(job).end == end
    old = Window(end - timedelta(days=40), end - timedelta(days=30))
    other = warehouse.job("amazon_ads", "sp_campaigns")
    warehouse.load("amazon_ads", "sp_campaigns", ads_file([ad_row(str(old.end))]), window=old)
    assert ingest.trailing_window(other).start == end - timedelta(days=41)
    import psycopg

    with psycopg.connect(warehouse.uri) as connection:
        ago = end - timedelta(days=90)  # Amazon Ads answers for 95 days
        connection.execute("update raw.load_ledger set window_start = %s, window_end = %s", (ago, ago))
    assert ingest.trailing_window(other) == Window(end - timedelta(days=90), end)


def test_given_days_and_backfills_name_their_window(warehouse: Warehouse) -> None:
    job = warehouse.job("amazon_sp", "orders")
    given = {"from": "2025-09-01", "to": "2026-11-22"}
    assert runs.window_of_run(job, given, MANUAL) == Window(date(2025, 9, 1), date(2026, 11, 22))
    backfill = SimpleNamespace(
        run_type="backfill",
        data_interval_start=datetime(2026, 11, 1, 9, 30, tzinfo=timezone.utc),
        data_interval_end=datetime(2026, 11, 2, 9, 30, tzinfo=timezone.utc),
    )
    assert runs.window_of_run(job, {}, backfill) == Window(date(2026, 11, 1), date(2026, 11, 1))
    with pytest.raises(ConfigurationError, match="is not a day"):
        runs.window_of_run(job, {"from": "yesterday"}, MANUAL)
    with pytest.raises(ConfigurationError, match=r"end \(2026-11-01\) before they start \(2026-11-02\)"):
        runs.window_of_run(job, {"from": "2026-11-02", "to": "2026-11-01"}, MANUAL)


def test_a_plan_has_ids_only_and_can_be_narrowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "airflow_connection_ids", lambda platform: ["amazon_sp_aurora_us", "amazon_sp_harbor_us"])
    everything = runs.plan("amazon_sp", {})
    assert {tuple(sorted(job)) for job in everything} == {("conn_id", "group", "streams")}
    planned = [(job["conn_id"], stream) for job in everything for stream in job["streams"]]
    accounts = ("amazon_sp_aurora_us", "amazon_sp_harbor_us")
    streams = platform_of("amazon_sp").streams
    assert sorted(planned) == sorted((account, stream) for account in accounts for stream in streams)
    assert runs.plan("amazon_sp", {"accounts": ["harbor_us"], "streams": ["orders"]}) == [
        {"conn_id": "amazon_sp_harbor_us", "group": streams["orders"].group, "streams": ["orders"]}
    ]
    with pytest.raises(ConfigurationError, match="has no stream 'ordres'"):
        runs.plan("amazon_sp", {"streams": ["ordres"]})


def test_terminal_errors_end_a_task_and_transient_ones_are_retried() -> None:
    from airflow_dags.airflow_compat import AirflowFailException

    with pytest.raises(AirflowFailException, match="the login was refused"), runs.airflow_errors():
        raise LoginRefused("the login was refused")
    with pytest.raises(Throttled, match="too quick"), runs.airflow_errors():
        raise Throttled("too quick", 7)


BATCHES = {"orders": "00000000-0000-0000-0000-000000000001"}


def events(monkeypatch: pytest.MonkeyPatch, answers: list[Any], seconds: float = 60) -> tuple[list[Any], list[float]]:
    """What the trigger fires when polling answers like this, and the pauses that it makes."""
    queue, pauses = iter(answers), []

    def poll() -> bool:
        found = next(queue)
        if isinstance(found, Exception):
            raise found
        return bool(found)

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(triggers, "batches_in_airflow", lambda *names: SimpleNamespace(poll=poll))
    monkeypatch.setattr(triggers.asyncio, "sleep", sleep)
    trigger = triggers.ReportsTrigger("amazon_sp", "amazon_sp_aurora_us", BATCHES, seconds)

    async def collect() -> list[Any]:
        return [event.payload async for event in trigger.run()]

    return asyncio.run(collect()), pauses


def test_the_trigger_polls_ever_more_slowly_until_all_are_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    found, pauses = events(monkeypatch, [False] * 5 + [True])
    assert found == [{"state": "done"}]
    assert pauses == sorted(pauses)
    assert pauses[0] == 0.2


def test_the_trigger_tells_of_failure_and_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    failed, _ = events(monkeypatch, [LoginRefused("no; nothing was changed")])
    assert failed == [{"state": "failed", "message": "no; nothing was changed", "is_transient": False}]
    late, _ = events(monkeypatch, [False] * 100, seconds=0.1)
    assert late == [{"state": "timeout"}]


def test_the_trigger_survives_serialisation() -> None:
    trigger = triggers.ReportsTrigger("amazon_sp", "c", BATCHES, 5.0)
    path, fields = trigger.serialize()
    assert path == "airflow_dags.triggers.ReportsTrigger"
    assert vars(triggers.ReportsTrigger(**fields)).items() >= fields.items()


def test_the_plugins_api_is_called_with_token_cookie_and_csrf(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(f"{request.method} {request.url.path}")
        if request.url.path == "/api/v1/security/login":
            assert json.loads(request.content)["username"] == "kpi"
            return httpx.Response(200, json={"access_token": "token"})
        assert request.headers["Authorization"] == "Bearer token"
        if request.url.path == "/api/v1/security/csrf_token/":
            return httpx.Response(200, json={"result": "csrf"}, headers={"Set-Cookie": "session=abc; Path=/"})
        assert request.headers["X-CSRFToken"] == "csrf"
        assert request.headers["Cookie"] == "session=abc"
        return httpx.Response(200, json={"sent": 1})

    client = PluginClient("http://superset.example/", "kpi", "canary")
    client._http = HttpClient("superset", transport=httpx.MockTransport(answer))
    assert client.post("/api/v1/kpi/alerts/evaluate") == {"sent": 1}
    assert client.post("/api/v1/kpi/alerts/deliver") == {"sent": 1}
    assert seen == [
        "POST /api/v1/security/login",
        "GET /api/v1/security/csrf_token/",
        "POST /api/v1/kpi/alerts/evaluate",
        "POST /api/v1/kpi/alerts/deliver",
    ]
