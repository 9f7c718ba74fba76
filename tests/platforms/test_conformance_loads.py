"""What loading does, of every stream of every platform: with the real client, from the sandbox.

A promise that can't hold by the kind of a stream (a snapshot has no empty window) leaves the stream out.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest

from airflow_dags.contracts import Extract, Window
from airflow_dags.documents import Document
from airflow_dags.errors import AllRowsRefused, WrongDocument
from airflow_dags.ingest import Job, load_file
from airflow_dags.streams import ListedReportStream, Platform, PullStream, ReportStream, Stream
from tests.pipeline.conftest import Warehouse

from .support import every_file, every_stream, every_windowed, run, short_window, with_uri

Jobs = Callable[[str, str], list[Job]]


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
    [job] = [one for one in jobs(platform.name, stream.name) if one.account == job.account]
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
    # Long before anything, but within what the platform answers about at all.
    day = business.first_day - timedelta(days=min(3650, (stream.settings.history_days or 7300) // 2))
    loads = run(job, Window(day, day))
    # A feed may tell of more than was asked for (a file has no window); it tells nothing that wasn't known.
    assert [load.state for load in loads] in ([], ["empty"]) or stream.contract.mode == "changes"
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
