"""Backfills: newest first, resumable at any moment, never asking twice, and patient where the platform wants it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from airflow_dags import backfill
from airflow_dags.backfill_store import BackfillStore, progress
from airflow_dags.cli import main
from airflow_dags.contracts import Window
from airflow_dags.errors import RequestRefused, Throttled
from airflow_dags.ingest import Job

from .conftest import AS_OF, Warehouse

ROOT = Path(__file__).resolve().parents[2]
JobOf = Callable[..., Job]
DAYS = Window(date(2026, 9, 1), AS_OF - timedelta(days=1))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("airflow_dags.http.HttpClient._pause_before_retry", lambda self, error, attempt: 0.01)
    monkeypatch.setattr("airflow_dags.http.TokenBucket.reserve", lambda self: 0.0)


def asked(sandbox: Any) -> list[Window]:
    """The days of the Ads reports that were asked for, in their order."""
    requests = [report.request for report in sandbox.ads_reports.values()]
    return [Window(date.fromisoformat(r["startDate"]), date.fromisoformat(r["endDate"])) for r in requests]


def covered(windows: list[Window]) -> list[date]:
    return sorted(
        day for w in windows for day in (w.start + timedelta(days=n) for n in range((w.end - w.start).days + 1))
    )


def all_days(window: Window) -> list[date]:
    return covered([window])


def test_the_grid_does_not_move_with_the_days_that_are_wanted() -> None:
    """By hand: with windows of 10 days the cells begin at ordinals that 10 divides."""
    parts = backfill.grid(Window(date(2026, 1, 1), date(2026, 2, 1)), 10)
    assert parts[0].end == date(2026, 2, 1)
    assert parts[-1].start == date(2026, 1, 1)
    assert all(part.start.toordinal() % 10 == 0 for part in parts[:-1])
    assert covered(parts) == all_days(Window(date(2026, 1, 1), date(2026, 2, 1)))
    later = backfill.grid(Window(date(2026, 1, 1), date(2026, 2, 9)), 10)
    assert set(parts[1:]) <= set(later)


def test_two_years_are_split_by_the_longest_window_and_clipped_to_the_platforms_memory(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = warehouse.job("amazon_ads", "sp_campaigns")
    monkeypatch.setattr("airflow_dags.ingest.jobs.Job.today", lambda self: date(2026, 11, 3))
    window = backfill.wanted_window(job, None, None)
    assert window is not None
    assert (window.start, window.end) in ((date(2024, 11, 1), date(2026, 11, 2)), (window.start, date(2026, 11, 2)))
    settings = job.stream.settings
    monkeypatch.setattr(job.stream, "settings", type(settings)(trailing_days=7, history_days=95, request_days=31))
    clipped = backfill.wanted_window(job, None, None)
    assert clipped == Window(date(2026, 11, 3) - timedelta(days=94), date(2026, 11, 2))
    assert backfill.wanted_window(job, date(2024, 1, 1), date(2024, 2, 1)) is None
    assert backfill.wanted_window(warehouse.job("erp", "products"), None, None) is None


def test_a_backfill_asks_newest_first_and_a_second_one_asks_for_nothing(
    sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = sandbox_job("amazon_ads", "sp_campaigns")
    monkeypatch.setattr(job.stream, "settings", _singly(job))
    assert backfill.run(job, DAYS).state == "done"
    windows = asked(sandbox)
    assert covered(windows) == all_days(DAYS)
    assert windows[0].end == DAYS.end
    rows = warehouse.table("amazon_ads__sp_campaigns")
    assert rows
    [told] = progress(warehouse.uri)
    assert (told.done, told.left, told.percent, told.oldest_day) == (len(windows), 0, 100.0, DAYS.start)
    assert backfill.run(job, DAYS).state == "done"
    assert asked(sandbox) == windows
    # Two more days: only they are asked for.
    more = Window(DAYS.start - timedelta(days=2), DAYS.end)
    assert backfill.run(job, more).state == "done"
    assert covered(asked(sandbox)[len(windows) :]) == all_days(Window(more.start, DAYS.start - timedelta(days=1)))


def test_a_long_throttle_pauses_and_the_next_run_resumes(
    sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = sandbox_job("amazon_ads", "sp_campaigns")
    real, calls = job.stream.request, []  # type: ignore[attr-defined]

    def request(client: Any, account: Any, window: Window) -> str:
        calls.append(window)
        if len(calls) > 1:
            raise Throttled("createReport is over its rate", 3600)
        return str(real(client, account, window))

    monkeypatch.setattr(job.stream, "request", request)
    result = backfill.run(job, DAYS)
    assert (result.state, result.errors) == ("paused", [])
    assert result.resumes_at is not None
    monkeypatch.setattr(job.stream, "request", real)
    assert backfill.run(job, DAYS).state == "done"
    assert covered(asked(sandbox)) == all_days(DAYS), "nothing was asked for twice"


def test_a_window_that_fails_leaves_the_others_and_is_tried_again(
    sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = sandbox_job("amazon_ads", "sp_campaigns")
    real = job.stream.request  # type: ignore[attr-defined]
    bad = backfill.grid(DAYS, job.stream.settings.request_days)[1]

    def request(client: Any, account: Any, window: Window) -> str:
        if window == bad:
            raise RequestRefused("startDate is not good", status=400)
        return str(real(client, account, window))

    monkeypatch.setattr(job.stream, "request", request)
    monkeypatch.setattr(job.stream, "settings", _singly(job))
    assert backfill.run(job, DAYS).state == "failed"
    [told] = progress(warehouse.uri)
    assert (told.failed, told.left) == (1, 1)
    assert told.last_error is not None
    assert "startDate is not good" in told.last_error
    assert told.oldest_day == bad.end + timedelta(days=1), "the oldest day that is reached without a gap"
    monkeypatch.setattr(job.stream, "request", real)
    assert backfill.run(job, DAYS).state == "done"
    assert covered(asked(sandbox)) == all_days(DAYS)


def test_days_that_the_platform_refuses_because_of_their_age_end_the_backfill_as_done(
    sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the oldest windows are refused, in a row: that is the platform's memory, not a failure of the stream."""
    job = sandbox_job("amazon_ads", "sp_campaigns")
    real = job.stream.request  # type: ignore[attr-defined]
    oldest = date(2026, 10, 1)

    def request(client: Any, account: Any, window: Window) -> str:
        if window.start < oldest:
            raise RequestRefused("startDate is before the retention", status=400)
        return str(real(client, account, window))

    monkeypatch.setattr(job.stream, "request", request)
    monkeypatch.setattr(job.stream, "settings", _singly(job))
    result = backfill.run(job, DAYS)
    assert result.state == "done"
    assert result.reason is not None
    assert "startDate is before the retention" in result.reason
    [told] = progress(warehouse.uri)
    assert (told.left, told.percent) == (0, 100.0)
    assert told.oldest_day is not None
    assert told.oldest_day >= oldest
    assert {row["state"] for row in warehouse.ledger()} == {"loaded"}


def _singly(job: Job) -> Any:
    from dataclasses import replace

    return replace(job.stream.settings, documents_per_load=1)


def test_two_backfills_of_one_stream_do_not_run_at_once(sandbox_job: JobOf, sandbox: Any, warehouse: Warehouse) -> None:
    job = sandbox_job("amazon_ads", "sp_campaigns")
    with BackfillStore(job.uri, job.contract, job.account.account_id) as other:
        assert other.lock()
        result = backfill.run(job, DAYS)
    assert result.state == "skipped"
    assert sandbox.ads_reports == {}


def environment_of(sandbox: Any, warehouse: Warehouse, *names: str) -> dict[str, str]:
    from airflow_dags.sandbox.platforms import connections_of

    connections = connections_of(sandbox)
    accounts = {f"AIRFLOW_CONN_{name.upper()}": json.dumps(connections[name]) for name in names}
    return {"KPI_WAREHOUSE_URI": warehouse.uri, "PYTHONPATH": str(ROOT), **accounts}


COMMAND = ["backfill", "--platform", "amazon_ads", "--from", str(DAYS.start), "--to", str(DAYS.end)]


def test_the_command_line_tells_each_load_and_the_progress(
    sandbox: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("amazon_ads_aurora_us", "amazon_ads_harbor_us")
    for name, value in environment_of(sandbox, warehouse, *names).items():
        monkeypatch.setenv(name, value)
    assert main([*COMMAND, "--stream", "sp_campaigns"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    ends = [line for line in told if "loads" in line]
    assert [(line["account"], line["state"]) for line in ends] == [("aurora_us", "done"), ("harbor_us", "done")]
    assert sum(line.get("rows_loaded", 0) for line in told if "load_id" in line) == sum(e["rows_loaded"] for e in ends)
    assert main(["backfill", "--status"]) == 0
    status = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(s["account_id"], s["percent"], s["oldest_day"]) for s in status] == [
        ("aurora_us", 100.0, str(DAYS.start)),
        ("harbor_us", 100.0, str(DAYS.start)),
    ]
    monkeypatch.setattr(backfill, "run", lambda *arguments: backfill.Result("paused", reason="throttled"))
    assert main(COMMAND) == 3


def test_killed_at_random_moments_it_ends_as_if_uninterrupted(
    sandbox: Any, sandbox_job: JobOf, warehouse: Warehouse
) -> None:
    """SIGKILL a few times while it works on 63 reports; the run after that asks only for what was never asked for."""
    environment = {**os.environ, **environment_of(sandbox, warehouse, "amazon_sp_aurora_us")}
    days = ["--from", str(DAYS.start), "--to", str(DAYS.end), "--stream", "sales_and_traffic"]
    command = [sys.executable, "-m", "airflow_dags.cli", "backfill", "--platform", "amazon_sp", *days]
    dice = random.Random(os.environ.get("KPI_TEST_SEED", "7"))
    killed = 0
    for _ in range(5):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(dice.uniform(0.5, 2.0))
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            killed += 1
        process.wait()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    wanted = [report.request["dataStartTime"][:10] for report in sandbox.sp_reports.values()]
    assert sorted(set(wanted)) == [str(day) for day in all_days(DAYS)]
    # Only an answer that was killed on its way to being written down is asked for again: one a thread and kill.
    threads = sandbox_job("amazon_sp", "sales_and_traffic").stream.settings.threads
    assert len(wanted) - len(set(wanted)) <= killed * threads
    [told] = progress(warehouse.uri)
    assert (told.left, told.percent, told.oldest_day) == (0, 100.0, DAYS.start)
    resumed = warehouse.table("amazon_sp__sales_and_traffic")
    with psycopg.connect(warehouse.uri) as connection:
        for table in ("backfills", "report_requests", "load_ledger", "known_days", "amazon_sp__sales_and_traffic"):
            connection.execute(f"delete from raw.{table}")
    assert backfill.run(sandbox_job("amazon_sp", "sales_and_traffic"), DAYS).state == "done"
    assert warehouse.table("amazon_sp__sales_and_traffic") == resumed
