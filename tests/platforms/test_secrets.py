"""Secrets stay where they are: every secret of every platform's connection is looked for in all that is told or kept.

The sandbox's real secrets, and the access tokens that it gave for them, are the canaries of good runs; of refused runs
it is a canary in each secret's place, alone and all together. Looked at are logs of every library at the most talkative
level, errors with all that hangs on them, every raw table, and what Airflow keeps of a run.
"""

from __future__ import annotations

import json
import logging
import secrets
import subprocess
import sys
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from airflow_dags.accounts import Account
from airflow_dags.errors import PipelineError
from airflow_dags.ingest import job_of
from airflow_dags.registry import platform_of, platforms
from tests.pipeline.conftest import Warehouse
from tests.pipeline.test_dags import Airflow

pytest.importorskip("flask", reason="the sandbox needs the extra [demo]: secrets are NOT looked for")

from airflow_dags.sandbox.platforms import connections_of

from .fault_bench import attempt, used_tables, windows_of
from .support import accounts_in

DAYS = {"from": "2026-11-19", "to": "2026-11-20"}
RUN_DAGS = """
import json, sys
from airflow.cli import cli_parser
parser = cli_parser.get_parser()
for dag_id, conf in json.loads(sys.argv[1]).items():
    arguments = parser.parse_args(["dags", "test", dag_id, "-c", json.dumps(conf)])
    try:
        arguments.func(arguments)
    except SystemExit as end:
        print(dag_id, "ended with", end.code)
"""


def secrets_of(account: Account) -> dict[str, str]:
    """The secrets but for plain addresses, which tests and gateways need."""
    return {name: value for name, value in account.secrets.items() if value and not value.startswith("http")}


def with_canaries(account: Account, names: list[str]) -> tuple[Account, list[str]]:
    """The account with a distinct canary in the place of these secrets."""
    canaries = {name: f"canary{number}{secrets.token_hex(16)}" for number, name in enumerate(names)}
    return replace(account, secrets={**account.secrets, **canaries}), list(canaries.values())


def told_by(error: BaseException | None) -> str:
    """All that an error says, and all errors that hang on it."""
    found, seen = [], set()
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        found += [str(one), repr(one), repr(one.args), "".join(traceback.format_exception(one))]
        found.append(repr(getattr(one, "context", "")))
        waiting += [one.__cause__, one.__context__]
    return "\n".join(found)


def kept_in(warehouse: Warehouse) -> str:
    """Every row of schema raw."""
    rows = [warehouse.rows(f"select t::text as row from raw.{table} as t") for table in used_tables(warehouse)]
    return "\n".join(row["row"] for found in rows for row in found)


def leaked(wanted: list[str], *places: str) -> list[str]:
    """Which secrets are in one of the places, shown by their first letters only."""
    assert wanted, "nothing was looked for"
    assert all(len(secret) >= 8 for secret in wanted), "too short to be looked for"
    return [f"{secret[:6]}..." for secret in wanted if any(secret in place for place in places)]


@pytest.fixture
def talkative(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Every logger at its most talkative."""
    caplog.set_level(logging.DEBUG)
    for name in ("airflow_dags", "httpcore", "sqlalchemy", "psycopg"):
        caplog.set_level(logging.DEBUG, name)
    return caplog


@pytest.mark.parametrize("platform", platforms())
def test_no_secret_of_a_good_run_is_told_or_kept(
    platform: str, sandbox: Any, warehouse: Warehouse, tmp_path: Path, talkative: pytest.LogCaptureFixture
) -> None:
    account = accounts_in(sandbox, platform, tmp_path)[0]
    wanted = list(secrets_of(account).values())
    errors = []
    for stream in platform_of(platform).streams:
        job = job_of(platform_of(platform), stream, account, warehouse.uri)
        errors.append(attempt(job, windows_of(job, sandbox.business)[0]))
    assert [str(error) for error in errors if error] == []
    tokens = [token.removeprefix("Bearer ") for token in sandbox.faults.token_accounts]
    if not wanted and not tokens:
        pytest.skip(f"the sandbox's {platform} needs no secret")
    assert leaked([*wanted, *tokens], talkative.text, kept_in(warehouse), repr(account), repr(job)) == []


@pytest.mark.parametrize("platform", platforms())
def test_no_secret_of_a_refused_run_is_told_or_kept(
    platform: str, sandbox: Any, warehouse: Warehouse, tmp_path: Path, talkative: pytest.LogCaptureFixture
) -> None:
    account = accounts_in(sandbox, platform, tmp_path)[0]
    names = list(secrets_of(account))
    if not names:
        pytest.skip(f"the sandbox's {platform} needs no secret")
    stream = next(iter(platform_of(platform).streams))
    for wrong in [names, *([[name] for name in names] if len(names) > 1 else [])]:
        spoilt, canaries = with_canaries(account, wrong)
        job = job_of(platform_of(platform), stream, spoilt, warehouse.uri)
        error = attempt(job, windows_of(job, sandbox.business)[0])
        assert isinstance(error, PipelineError), f"a wrong {', '.join(wrong)} was taken"
        assert not error.is_transient, f"a wrong {', '.join(wrong)} was taken for something that passes: {error}"
        wanted = [*canaries, *secrets_of(account).values()]
        places = (talkative.text, told_by(error), kept_in(warehouse), repr(spoilt), repr(job))
        assert leaked(wanted, *places) == [], wrong
        assert warehouse.ledger()[-1]["error"] == error.message


@pytest.fixture
def airflow(tmp_path: Path, sandbox: Any, warehouse: Warehouse, postgres_uri: str) -> Iterator[tuple[Airflow, Any]]:
    """An Airflow with one good and one refused account of every platform; with the secrets that it was given."""
    variables, wanted = {}, []
    for platform in platforms():
        good = accounts_in(sandbox, platform, tmp_path / "erp")[0]
        bad, canaries = with_canaries(replace(good, account_id=f"{good.account_id}_x"), list(secrets_of(good)))
        wanted += [*secrets_of(good).values(), *canaries]
        for account in (good, bad) if canaries else (good,):
            variables[f"AIRFLOW_CONN_{platform.upper()}_{account.account_id.upper()}"] = connection_of(account)
    name = f"test_secrets_{secrets.token_hex(6)}"
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    made = Airflow(
        tmp_path / "airflow",
        f"{postgres_uri.rsplit('/', 1)[0]}/{name}",
        KPI_WAREHOUSE_URI=warehouse.uri,
        AIRFLOW__LOGGING__LOGGING_LEVEL="DEBUG",
        **variables,
    )
    made.run("db", "migrate")
    yield made, wanted
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


def connection_of(account: Account) -> str:
    extra = {**account.settings, **account.secrets, "account_id": account.account_id}
    return json.dumps({"conn_type": account.platform, "password": extra.pop("password", None), "extra": extra})


def test_no_secret_is_in_what_airflow_keeps_of_any_platforms_run(
    airflow: tuple[Airflow, Any], sandbox: Any, warehouse: Warehouse
) -> None:
    made, wanted = airflow
    runs = {
        f"kpi_ingest_{name}": {**DAYS, "streams": [next(iter(platform.streams))]}
        for name, platform in platforms().items()
    }
    result = subprocess.run(
        [sys.executable, "-c", RUN_DAGS, json.dumps(runs)],
        env=made.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    told = result.stdout + result.stderr
    assert result.returncode == 0, told[-3000:]
    assert set(made.states()) == set(runs), told[-3000:]
    states = {(row["platform"], row["account_id"].endswith("_x"), row["state"]) for row in warehouse.ledger()}
    refused = {name for name in platforms() if any(is_bad for one, is_bad, _ in states if one == name)}
    for name in platforms():
        assert (name, False, "loaded") in states or (name, False, "empty") in states, told[-3000:]
    assert {(name, True, "failed") for name in refused} == {row for row in states if row[1]}
    assert len(refused) >= len(connections_of(sandbox)) // 3
    tokens = [token.removeprefix("Bearer ") for token in sandbox.faults.token_accounts]
    # At DEBUG Airflow's own in-process supervisor, which only `airflow dags test` has, prints what it is asked to mask.
    ours = "\n".join(line for line in told.splitlines() if not ("supervisor.py" in line and "MaskSecret(" in line))
    assert leaked([*wanted, *tokens], ours, made.stored(), kept_in(warehouse)) == []
