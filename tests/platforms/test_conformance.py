"""What every platform and every stream promises; a new folder under platforms/ is tested by being there.

The first part looks at what a folder says of itself, the second loads every stream from the sandbox with the real
client. A promise that can't hold by the kind of a stream (a snapshot has no empty window) leaves the stream out.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import airflow_dags.platforms as folder
from airflow_dags.accounts import ACCOUNT_ID, SECRET_NAMES
from airflow_dags.contracts import SQL_TYPES, Extract, Window
from airflow_dags.documents import Document
from airflow_dags.errors import AllRowsRefused, PipelineError, WrongDocument
from airflow_dags.ingest import Job, load_file
from airflow_dags.provider import get_provider_info
from airflow_dags.registry import platforms
from airflow_dags.streams import ListedReportStream, Platform, PullStream, ReportStream, Stream
from tests.pipeline.conftest import Warehouse

from .support import run, short_window, with_uri

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
TEXT = (".py", ".md", ".yml")
ALL = list(platforms().values())
STREAMS = [(platform, stream) for platform in ALL for stream in platform.streams.values()]
MONEY = ("price", "cost", "sales", "amount", "tax", "discount", "fee", "revenue", "budget")
Jobs = Callable[[str, str], list[Job]]


def home(platform: Platform) -> Path:
    return Path(folder.__path__[0]) / platform.name


def name_of(item: Any) -> str:
    return str(getattr(item, "name", ""))


def every(*streams: tuple[Platform, Stream]) -> Any:
    ids = [f"{platform.name}-{stream.name}" for platform, stream in streams]
    return pytest.mark.parametrize(("platform", "stream"), streams, ids=ids)


every_platform = pytest.mark.parametrize("platform", ALL, ids=name_of)
every_stream = every(*STREAMS)
# Can a person download the stream's report? Those without a name are the API's only.
every_file = every(*[(p, s) for p, s in STREAMS if s.contract.report_name])
every_windowed = every(*[(p, s) for p, s in STREAMS if s.contract.mode != "snapshot"])


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
            if any(word in words for word in MONEY):
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


# What loading it does


def first_loaded(jobs: Jobs, platform: Platform, stream: Stream, business: Any) -> tuple[Job, Window]:
    """Load the stream for the first account that has rows; the job and the window that were loaded."""
    window = short_window(business, stream)
    for job in jobs(platform.name, stream.name):
        loads = run(job, window)
        if any(load.rows_loaded for load in loads):
            return job, window
    pytest.fail(f"the sandbox has no rows of {stream.contract.title} in {window} for any account")


@every_stream
def test_it_loads_whole_and_twice_is_once(
    platform: Platform, stream: Stream, jobs: Jobs, business: Any, warehouse: Warehouse
) -> None:
    job, window = first_loaded(jobs, platform, stream, business)
    once = warehouse.table(stream.contract.table)
    ledger = warehouse.ledger()
    assert {row["state"] for row in ledger} <= {"loaded", "empty"}
    assert {tuple(row["unknown_columns"] or ()) for row in ledger} == {()}, "name them in the contract or ignore them"
    assert warehouse.rows("select reason, row from raw.quarantine limit 3") == []
    run(job, window)
    assert warehouse.table(stream.contract.table) == once
    account = warehouse.rows("select * from raw.accounts where account_id = %s", job.account.account_id)
    assert len(account) == (platform.profile(job.account, None) is not None)


@every_stream
def test_loading_replaces_what_was_there(
    platform: Platform, stream: Stream, jobs: Jobs, business: Any, warehouse: Warehouse
) -> None:
    """Rows that the source no longer has go (modes window and snapshot), changed ones are changed back."""
    if isinstance(stream, ListedReportStream):
        pytest.skip("what the platform lists is loaded once: a report never changes")
    job, window = first_loaded(jobs, platform, stream, business)
    contract, truth = stream.contract, warehouse.table(stream.contract.table)
    spoil(warehouse, contract)
    assert warehouse.table(contract.table) != truth
    run(job, window)
    assert warehouse.table(contract.table) == truth


def spoil(warehouse: Warehouse, contract: Any) -> None:
    """Change stored rows as if they had been wrong: empty a column, and add a row where the mode would remove it."""
    import psycopg

    kept = {*contract.unique, *contract.key, contract.version, contract.window_column}
    spare = [column.name for column in contract.columns if column.name not in kept]
    texts = [
        c.name
        for c in contract.columns
        if c.name in contract.unique and c.type == "text" and c.name not in {contract.window_column, *contract.key}
    ]
    with psycopg.connect(warehouse.uri) as connection:
        for name in spare[-3:]:
            connection.execute(f"update raw.{contract.table} set {name} = null")
        if contract.mode != "changes" and texts:
            names = [*(c.name for c in contract.columns), "_account_id", "_load_id", "_loaded_at", "_known_at"]
            cells = [f"{n} || ' stray'" if n == texts[-1] else n for n in names]
            connection.execute(
                f"insert into raw.{contract.table} ({', '.join(names)}) select {', '.join(cells)} "
                f"from raw.{contract.table} where {texts[-1]} is not null limit 1"
            )


@every_stream
def test_a_restatement_leaves_what_a_first_load_of_it_leaves(
    platform: Platform,
    stream: Stream,
    jobs: Jobs,
    business: Any,
    sandbox: Any,
    warehouse: Warehouse,
    make_warehouse: Callable[[], Warehouse],
) -> None:
    job, window = first_loaded(jobs, platform, stream, business)
    sandbox.revision = 1
    run(job, window)
    fresh = make_warehouse()
    run(with_uri(job, fresh.uri), window)
    table = stream.contract.table
    own = [row for row in warehouse.table(table) if json.loads(row)["_account_id"] == job.account.account_id]
    assert own == fresh.table(table)


@every_windowed
def test_days_without_anything_are_an_empty_window(
    platform: Platform, stream: Stream, jobs: Jobs, business: Any, warehouse: Warehouse
) -> None:
    job, _ = first_loaded(jobs, platform, stream, business)
    before, loads_before = warehouse.table(stream.contract.table), len(warehouse.ledger())
    day = business.first_day - timedelta(days=3650)
    loads = run(job, Window(day, day))
    assert [load.state for load in loads] in ([], ["empty"])
    assert loads or isinstance(stream, ListedReportStream), "a day that was asked for is in the ledger"
    assert len(warehouse.ledger()) == loads_before + len(loads)
    assert warehouse.table(stream.contract.table) == before


class Changed:
    """A stream whose documents arrive changed: ``change`` gets each table of cells."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, stream: Stream, change: Callable[[Any], Any]) -> None:
        method = "pull" if isinstance(stream, PullStream) else "read"
        real = getattr(stream, method)

        def changed(*arguments: Any) -> Any:
            answer = real(*arguments)
            extracts = [answer] if isinstance(answer, Extract) else list(answer)
            for extract in extracts:
                extract.table = change(whole(extract))
            return extracts[0] if isinstance(answer, Extract) else extracts

        monkeypatch.setattr(stream, method, changed)


def whole(extract: Extract) -> Any:
    """The cells of an extract as one table, also of one that comes in pieces."""
    import pyarrow as pa

    if isinstance(extract.table, pa.Table):
        return extract.table
    return pa.concat_tables([cells for cells, _ in extract.table])


@every_stream
def test_an_added_column_is_kept_and_told(
    platform: Platform,
    stream: Stream,
    jobs: Jobs,
    business: Any,
    warehouse: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import pyarrow as pa

    def add(table: Any) -> Any:
        return table.append_column("surprise_column", pa.array(["kept"] * table.num_rows, pa.string()))

    Changed(monkeypatch, stream, add)
    first_loaded(jobs, platform, stream, business)
    found = warehouse.rows(f"select distinct _extra ->> 'surprise_column' as kept from raw.{stream.contract.table}")
    assert found == [{"kept": "kept"}]
    assert ["surprise_column"] in [row["unknown_columns"] for row in warehouse.ledger()]


@every_stream
def test_a_removed_required_column_is_refused_and_the_rows_before_stay(
    platform: Platform,
    stream: Stream,
    jobs: Jobs,
    business: Any,
    warehouse: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job, window = first_loaded(jobs, platform, stream, business)
    before = warehouse.table(stream.contract.table)
    forget_listed(warehouse)
    required = [c for c in stream.contract.columns if c.required and c.name != stream.contract.window_column]
    required = required or [c for c in stream.contract.columns if c.required]
    names = {source.lower() for source in required[0].names}

    def remove(table: Any) -> Any:
        return table.drop([name for name in table.column_names if name.lower() in names])

    Changed(monkeypatch, stream, remove)
    with pytest.raises(WrongDocument) as caught:
        run(job, window)
    assert any(source in caught.value.message for source in required[0].names)
    assert warehouse.table(stream.contract.table) == before
    [failed] = [row for row in warehouse.ledger() if row["state"] == "failed"]
    assert failed["error"] == caught.value.message


@every_stream
def test_a_retyped_column_sets_rows_aside_and_never_guesses(
    platform: Platform,
    stream: Stream,
    jobs: Jobs,
    business: Any,
    warehouse: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One cell of the first typed column becomes words: its row is in the quarantine, the load is accounted for."""
    import pyarrow as pa

    job, window = first_loaded(jobs, platform, stream, business)
    forget_listed(warehouse)
    typed = {
        source.lower()
        for column in stream.contract.columns
        if column.type in ("integer", "bigint", "numeric") and column.name not in stream.contract.unique
        for source in column.names
    }
    spoiled: list[str] = []

    def retype(table: Any) -> Any:
        for position, name in enumerate(table.column_names):
            cells = table.column(position).to_pylist()
            if name.lower() in typed and any(cells) and not spoiled:
                row = next(number for number, cell in enumerate(cells) if cell)
                cells[row] = "twelve and a bit"
                spoiled.append(name)
                return table.set_column(position, name, pa.array(cells, pa.string()))
        return table

    Changed(monkeypatch, stream, retype)
    with suppress(AllRowsRefused):  # it was the only row
        run(job, window)
    if not spoiled:
        pytest.skip("the stream has no figures outside of its key")
    reasons = [row["reason"] for row in warehouse.rows("select reason from raw.quarantine")]
    assert reasons
    assert any("twelve and a bit" in reason for reason in reasons)


def forget_listed(warehouse: Warehouse) -> None:
    """Let listed reports be loaded once more."""
    import psycopg

    with psycopg.connect(warehouse.uri) as connection:
        connection.execute("delete from raw.report_requests")


@every_file
def test_the_same_rows_come_from_a_file(
    platform: Platform,
    stream: Stream,
    jobs: Jobs,
    business: Any,
    warehouse: Warehouse,
    make_warehouse: Callable[[], Warehouse],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the API answered, written to a file and loaded by hand, gives the rows that the API's load gave."""
    caught: list[tuple[Any, Window]] = []
    catch(monkeypatch, stream, caught)
    job, _ = first_loaded(jobs, platform, stream, business)
    own = [row for row in warehouse.table(stream.contract.table) if account_of_row(row) == job.account.account_id]
    by_hand = make_warehouse()
    file_job = with_uri(job, by_hand.uri)
    monkeypatch.undo()
    for document, window in caught:
        load_file(file_job, document, window if isinstance(stream, PullStream) or job.is_snapshot else None)
    assert by_hand.table(stream.contract.table) == own


def account_of_row(row: str) -> str:
    return str(json.loads(row)["_account_id"])


def catch(monkeypatch: pytest.MonkeyPatch, stream: Stream, caught: list[tuple[Any, Window]]) -> None:
    """Keep what arrives, as the files that a person would have."""
    from pyarrow import csv

    if isinstance(stream, PullStream):
        real_pull = stream.pull

        def pull(client: Any, account: Any, window: Window) -> Any:
            answer = real_pull(client, account, window)
            extracts = [answer] if isinstance(answer, Extract) else list(answer)
            for extract in extracts:
                sink = io.BytesIO()
                csv.write_csv(whole(extract), sink)
                caught.append((Document("export.csv", sink.getvalue()), extract.window or window))
            return extracts

        monkeypatch.setattr(stream, "pull", pull)
        return
    assert isinstance(stream, ReportStream)
    real_read = stream.read

    def read(document: Document, account: Any, day: date) -> Extract:
        extract = real_read(document, account, day)
        caught.append((document, Window(day, day)))
        return extract

    monkeypatch.setattr(stream, "read", read)


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
