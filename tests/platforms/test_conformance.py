"""What every platform and every stream promises; a new folder under platforms/ is tested by being there.

This part looks at what a folder says of itself, at secrets and at the import; `test_conformance_loads.py` loads every
stream from the sandbox with the real client.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import airflow_dags.platforms as folder
from airflow_dags.accounts import ACCOUNT_ID, SECRET_NAMES
from airflow_dags.contracts import SQL_TYPES
from airflow_dags.errors import PipelineError
from airflow_dags.ingest import Job
from airflow_dags.provider import get_provider_info
from airflow_dags.streams import Platform, PullStream, ReportStream, Stream
from tests.pipeline.conftest import Warehouse

from .support import ALL, every_platform, every_stream, run, short_window

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
TEXT = (".py", ".md", ".yml")
MONEY = ("price", "cost", "sales", "amount", "tax", "discount", "fee", "revenue", "budget")
Jobs = Callable[[str, str], list[Job]]


def home(platform: Platform) -> Path:
    return Path(folder.__path__[0]) / platform.name


# What a folder says of itself


@every_platform
class TestPlatform:
    def test_its_folder_has_its_name(self, platform: Platform) -> None:
        assert home(platform).is_dir()
        assert platform.settings["platform"] == platform.name
        assert platform.title

    def test_nothing_is_left_to_fill_in(self, platform: Platform) -> None:
        """What `make new-platform` left to decide; each line says what."""
        folders = [home(platform), ROOT / "airflow_dags/sandbox" / platform.name, HERE / platform.name]
        files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in TEXT]
        left = [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
            for path in files
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
            if "FILL IN" in line
        ]
        assert not left, "\n".join(["to be decided:", *left])

    def test_its_readme_names_every_stream_and_its_login(self, platform: Platform) -> None:
        text = (home(platform) / "README.md").read_text(encoding="utf-8")
        assert [name for name in platform.streams if f"`{name}`" not in text] == [], "README.md: streams are missing"
        assert "## Connection" in text, "README.md: say how to get the credentials (## Connection)"
        assert "## Sources" in text, "README.md: say where the facts are from (## Sources)"

    def test_its_facts_have_sources_and_dates_or_say_that_nobody_checked(self, platform: Platform) -> None:
        for fact in platform.settings.get("facts", []):
            assert fact["fact"]
            assert str(fact["source"]).startswith("https://"), f"settings.yml: the fact {fact['fact']!r} has no source"
            is_read = isinstance(fact.get("read"), date)
            assert is_read != (fact.get("verified") is False), "a fact was read on a day, or it says that it wasn't"
            assert not is_read or fact["read"] <= date.today()  # noqa: DTZ011

    def test_its_connection_form_has_the_common_fields_and_masks_secrets(self, platform: Platform) -> None:
        types = {kind["connection-type"]: kind for kind in get_provider_info()["connection-types"]}
        fields = types[platform.name]["conn-fields"]
        assert {"account_id", "account_name", "currency", "time_zone"} - set(fields) == set()
        assert "endpoint" in fields or "url" in fields, "tests and gateways need an address"
        for name, field in fields.items():
            is_secret = any(part in name for part in SECRET_NAMES)
            assert (field["schema"].get("format") == "password") == is_secret, name

    def test_its_hook_exists(self, platform: Platform) -> None:
        from airflow_dags import hooks

        [kind] = [k for k in get_provider_info()["connection-types"] if k["connection-type"] == platform.name]
        hook = getattr(hooks, kind["hook-class-name"].rsplit(".", 1)[1])
        assert (hook.conn_type, hook.hook_name) == (platform.name, kind["hook-name"])

    def test_its_code_names_no_other_platform(self, platform: Platform) -> None:
        others = "|".join(re.escape(other.name) for other in ALL if other.name != platform.name)
        pattern = re.compile(rf"airflow_dags\.platforms\.({others})\b|airflow_dags\.sandbox") if others else None
        for path in home(platform).rglob("*.py"):
            assert pattern is None or not pattern.search(path.read_text(encoding="utf-8")), path.name

    def test_the_sandbox_simulates_it_and_its_truth_is_tested(self, platform: Platform) -> None:
        pytest.importorskip("flask", reason="the sandbox needs the extra [demo]: it is NOT looked at")
        from airflow_dags.sandbox.platforms import sandbox_platforms

        assert platform.name in sandbox_platforms(), f"airflow_dags/sandbox/{platform.name} has no PLATFORM"
        measures = ROOT / "tests" / "platforms" / platform.name / "measures.py"
        assert measures.is_file(), f"tests/platforms/{platform.name}/measures.py is missing"


@every_stream
class TestContract:
    def test_its_contract_is_its_own(self, platform: Platform, stream: Stream) -> None:
        assert stream.contract.platform == platform.name
        assert platform.streams[stream.name] is stream
        assert {column.type for column in stream.contract.columns} <= set(SQL_TYPES)
        assert any(column.required for column in stream.contract.columns), "a wrong document could not be told"

    def test_money_is_never_a_float_and_instants_are_not_text(self, platform: Platform, stream: Stream) -> None:
        for column in stream.contract.columns:
            words = column.name.split("_")
            if any(word in words for word in MONEY) and words[-1] not in ("rank", "units", "count", "days"):
                assert column.type in ("numeric", "text", "boolean", "date", "timestamp"), column.name
            if column.name.endswith("_at"):
                assert column.type == "timestamp", column.name

    def test_its_windows_are_positive(self, platform: Platform, stream: Stream) -> None:
        settings = stream.settings
        assert 1 <= settings.request_days <= 400
        assert 1 <= settings.trailing_days <= settings.initial_days
        assert settings.history_days is None or settings.history_days >= settings.trailing_days

    def test_it_is_a_kind_that_the_core_knows(self, platform: Platform, stream: Stream) -> None:
        assert isinstance(stream, ReportStream | PullStream)


# Secrets


@every_platform
def test_secrets_are_in_no_repr_error_ledger_or_log(
    platform: Platform, jobs: Jobs, business: Any, warehouse: Warehouse, caplog: pytest.LogCaptureFixture
) -> None:
    """With every secret replaced by a canary each stream fails, and nothing that is kept or told holds a canary."""
    caplog.set_level("DEBUG")
    told = []
    for stream in platform.streams.values():
        [job, *_] = jobs(platform.name, stream.name)
        secrets = {name: f"canary-{name}-{'x' * 24}" for name in job.account.secrets if "url" not in name}
        if not secrets:
            pytest.skip(f"the sandbox's {platform.name} needs no secret")
        account = replace(job.account, secrets={**job.account.secrets, **secrets})
        told.append(repr(account))
        broken = replace(job, account=account)
        told.append(repr(broken))
        with pytest.raises(PipelineError) as caught:
            run(broken, short_window(business, stream))
        told += [str(caught.value), repr(caught.value), str(caught.value.context)]
        assert not caught.value.is_transient, f"{stream.name}: a wrong login is nothing that heals by itself"
    told += [str(warehouse.ledger()), str(warehouse.rows("select * from raw.report_requests")), caplog.text]
    assert [text for text in told if "canary-" in text] == []


@every_platform
def test_airflows_test_button_tells_a_good_login_from_a_wrong_one(platform: Platform, jobs: Jobs) -> None:
    [job, *_] = jobs(platform.name, next(iter(platform.streams)))
    client = job.client()
    if client is None:
        pytest.skip(f"{platform.name} has no login")
    client.log_in()
    wrong = {name: f"wrong-{name}" for name in job.account.secrets}
    with pytest.raises(PipelineError) as caught:
        replace(job, account=replace(job.account, secrets=wrong)).client().log_in()
    assert not caught.value.is_transient
    assert "wrong-" not in caught.value.message


@every_platform
def test_what_is_pickled_of_an_account_needs_no_secret(platform: Platform, jobs: Jobs) -> None:
    """Tasks hand on ids only: a batch, a connection's id, names of streams."""
    [job, *_] = jobs(platform.name, next(iter(platform.streams)))
    planned = {"conn_id": job.account.conn_id, "group": job.stream.group, "streams": [job.stream.name]}
    kept = pickle.dumps(planned) + json.dumps(planned).encode()
    assert [name for name, secret in job.account.secrets.items() if secret.encode() in kept] == []
    assert ACCOUNT_ID.match(job.account.account_id)
    assert job.account.conn_id == f"{platform.name}_{job.account.account_id}"


# Import

IMPORT = """
import socket, sys, time
def refuse(*arguments, **options):
    raise AssertionError("network at import")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
started = time.process_time()
import importlib
importlib.import_module(sys.argv[1]).PLATFORM
seconds = time.process_time() - started
heavy = [name for name in ("pyarrow", "httpx", "sqlalchemy", "psycopg", "openpyxl", "flask") if name in sys.modules]
print(seconds, *heavy)
"""


@every_platform
def test_importing_it_is_quick_and_needs_neither_network_nor_heavy_libraries(platform: Platform) -> None:
    name = f"airflow_dags.platforms.{platform.name}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", IMPORT, name]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-1000:]
    seconds, *heavy = done.stdout.split()
    assert heavy == [], "import these inside functions: every DAG file is imported again and again"
    assert float(seconds) < 1
