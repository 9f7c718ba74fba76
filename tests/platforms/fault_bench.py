"""The bench on which one stream meets one fault after the other.

A stream is loaded without faults before and after the restatement; both states are kept. Each fault then starts from
the first state and the restated business: what a faulty run may leave behind is known row by row.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from airflow_dags import ingest
from airflow_dags.contracts import Window
from airflow_dags.errors import PipelineError
from airflow_dags.groups import Batches, each_stream
from airflow_dags.ingest import Job
from airflow_dags.sandbox.content import ADDED_COLUMN
from airflow_dags.sandbox.faults import KINDS, Fault, Kind
from airflow_dags.streams import ListedReportStream, PullStream
from tests.pipeline.conftest import Warehouse

DAYS, WEEKS = 3, 34
LEAST_PAGES = 3
TIMEOUT_SECONDS, HANG_SECONDS = 0.4, 0.8
FOREVER = 10**6
NOT_APPLICABLE = {
    "pages": "its answers have no pages",
    "report": "it isn't made of reports that are asked for",
    "token": "its login knows no tokens that expire",
    "clock": "its requests carry no signed time",
    "rows": "its answer is no list of rows",
    "json": "its answers aren't JSON",
    "types": "all its columns are text",
    "http": "it isn't read over HTTP",
}
NO_TOTAL = "the protocol states no total: what was left out is found by the next run"
# What nobody can notice while it happens, and why; the next run must heal it.
UNNOTICED = {
    (
        "amazon_sp/orders",
        "rows_duplicated",
    ): "the report has no id of a line: two equal lines of an order are two lines",
    (
        "amazon_sp/fba_ledger_detail",
        "rows_duplicated",
    ): "the report has no id of an event: two equal rows are two events",
    ("amazon_sp/finances", "skipped_page"): NO_TOTAL,
    ("amazon_sp/orders_api", "skipped_page"): NO_TOTAL,
    ("tiktok_shop/statements", "skipped_page"): NO_TOTAL,
    ("zendesk/satisfaction_ratings", "skipped_page"): NO_TOTAL,
    ("zendesk/ticket_metrics", "skipped_page"): NO_TOTAL,
    ("zendesk/tickets", "skipped_page"): NO_TOTAL,
}
# After such a fault a single run can't be right by itself; the next one must be.
LOGIN = ("token_revoked", "missing_role")


@dataclass
class Bench:
    """One stream of one account, its two states, and the sandbox that it is loaded from."""

    state: Any
    warehouse: Warehouse
    job: Job
    window: Window
    first: dict[str, str] = field(default_factory=dict)
    restated: dict[str, str] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)

    @property
    def place(self) -> tuple[str, str]:
        return self.job.platform.name, self.job.stream.name

    def prepare(self) -> bool:
        """Load without faults, keep the state, restate, load again; tells whether there are any rows."""
        clear(self.warehouse)
        self.state.faults.clear()
        self.state.revision = 0
        self.export()
        # What the platform makes by itself is loaded once; its first load is the one that meets the faults.
        if not isinstance(self.job.stream, ListedReportStream):
            self._load_clean()
            self.first = self.rows()
        self._keep()
        self.state.revision = 1
        self.export()
        self._load_clean()
        self.restated = self.rows()
        return bool(self.restated)

    def _load_clean(self) -> None:
        error = attempt(self.job, self.window)
        assert error is None, f"without a fault: {error}"

    def rows(self) -> dict[str, str]:
        """The stream's rows by their key, as text, without the technical columns and the fault's own column."""
        contract = self.job.contract
        key = ", ".join(f"{name}::text" for name in contract.unique)
        technical = "- '_load_id' - '_loaded_at' - '_known_at' - '_extra'"
        # Nested answers name it by its way through them: order.sandbox_surprise.
        kept = f"select jsonb_object_agg(k, v) from jsonb_each(_extra) as e (k, v) where k not like '%{ADDED_COLUMN}'"
        extra = f"jsonb_build_object('_extra', ({kept}))"
        found = self.warehouse.rows(
            f"select jsonb_build_array(_account_id, {key})::text as key, "
            f"((to_jsonb(t) {technical}) || {extra})::text as row from raw.{contract.table} as t"
        )
        rows = {row["key"]: row["row"] for row in found}
        assert len(rows) == len(found), "a key is there twice"
        return rows

    def _keep(self) -> None:
        with psycopg.connect(self.warehouse.uri) as connection:
            connection.execute("drop schema if exists kept cascade; create schema kept")
            self.kept = used_tables(self.warehouse)
            for table in self.kept:
                connection.execute(f"create table kept.{table} as table raw.{table}")

    def restore(self) -> None:
        """Everything as it was after the first load."""
        with psycopg.connect(self.warehouse.uri) as connection:
            connection.execute("; ".join(f"delete from raw.{table}" for table in used_tables(self.warehouse)))
            for table in self.kept:
                connection.execute(f"insert into raw.{table} select * from kept.{table}")

    def export(self) -> None:
        """Let the ERP write its file anew; have what the platform makes by itself made anew."""
        if isinstance(self.job.stream, ListedReportStream):
            self.state.sp_reports.clear()
        folder = self.job.account.get("files_dir")
        if folder:
            from airflow_dags.sandbox.content import Place, rows_of
            from airflow_dags.sandbox.erp import STREAMS, erp_rows

            platform, stream = self.place
            found = erp_rows(self.state.business, stream, self.state.revision)
            rows = [dict(zip(STREAMS[stream], row, strict=True)) for row in found]
            rows = rows_of(self.state, Place(platform, stream, self.job.account.account_id), rows)
            (Path(folder) / f"{stream}.xlsx").unlink(missing_ok=True)
            with (Path(folder) / f"{stream}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)

    def failures(self) -> list[dict[str, Any]]:
        return self.warehouse.rows(
            "select error, window_start from raw.load_ledger where state = 'failed' and platform = %s and stream = %s "
            "order by finished_at",
            *self.place,
        )

    def why_not(self, kind: Kind) -> str | None:
        """Why the fault can't happen to this stream; None: it can."""
        platform, stream = self.place
        if kind.name == "column_retyped" and not self._names(kind.name):
            return NOT_APPLICABLE["types"]
        if not self.state.faults.has(platform, "", "http"):
            return None if kind.family == "rows" else NOT_APPLICABLE["http"]
        if kind.needs in ("pages", "report", "rows", "token", "clock", "json") and not self.state.faults.has(
            platform, stream, kind.needs
        ):
            return NOT_APPLICABLE[kind.needs]
        return None

    def unnoticed(self, kind: str) -> str | None:
        """Why nobody can notice the fault while it happens; None: it must be noticed."""
        if kind == "report_cancelled" and not self.first:
            return "Amazon ends a report of days without data so, and nothing else is known of these days"
        return UNNOTICED.get(("/".join(self.place), kind))

    def fault(self, kind: str, lasting: bool) -> Fault:
        platform, _ = self.place
        family = KINDS[kind].family
        if family in ("refusal", "answer") and not lasting:
            # Each operation of the stream fails once.
            times = FOREVER if kind == "missing_role" else 1
            return Fault("", kind, times, platform=platform, each=True)
        is_once = family in ("pages", "token", "business") or kind == "report_cancelled"
        times = 1 if is_once else FOREVER
        return Fault("", kind, times, platform=platform, column="|".join(self._names(kind)))

    def _names(self, kind: str) -> list[str]:
        """The names of the columns that may be spoilt: a required one is removed, one that isn't text is retyped."""
        contract = self.job.contract
        if kind == "column_removed":
            return [name for column in contract.columns if column.required for name in column.names]
        typed = [c for c in contract.columns if c.type != "text" and c.name != contract.window_column]
        typed.sort(key=lambda column: (column.nullable, not column.required))
        return [name for column in typed for name in column.names]


def used_tables(warehouse: Warehouse) -> list[str]:
    """The tables of schema raw that may have rows: the service tables and those of streams that were loaded."""
    found = warehouse.rows(
        "select relname from pg_class where relnamespace = 'raw'::regnamespace and relkind = 'r' order by 1"
    )
    return [row["relname"] for row in found]


def clear(warehouse: Warehouse) -> None:
    with psycopg.connect(warehouse.uri) as connection:
        connection.execute("; ".join(f"truncate raw.{table}" for table in used_tables(warehouse)))


def drop_streams(warehouse: Warehouse) -> None:
    """Leave no stream's table: the loader's driver reads the whole catalogue each time that it connects."""
    from airflow_dags.loader import schema

    with psycopg.connect(warehouse.uri) as connection:
        for table in (name for name in used_tables(warehouse) if "__" in name):
            connection.execute(f"drop table raw.{table}")
    schema._ready.clear()


def windows_of(job: Job, business: Any) -> list[Window]:
    """The last days; where there is nothing of them, and for reports that the platform makes by itself, some weeks."""
    is_feed = job.contract.mode == "changes" or isinstance(job.stream, ListedReportStream)
    end = business.as_of if is_feed else business.last_day
    few = [] if isinstance(job.stream, ListedReportStream) else [DAYS]
    return [Window(business.as_of - timedelta(days=days), end) for days in (*few, WEEKS)]


def attempt(job: Job, window: Window) -> PipelineError | None:
    """One run with the functions that the DAG's tasks call; the error that it ends with."""
    forget_tokens()
    if isinstance(job.stream, PullStream):
        return each_stream([job], lambda one: ingest.pull(one, window, uuid4())).errors.get(job.stream.name)
    created = each_stream([job], lambda one: str(ingest.create_reports(one, window)))
    if created.errors:
        return created.errors[job.stream.name]
    batches = Batches([job], created.results)
    batches.wait(0.5, sleep=lambda seconds: None)
    return batches.load().errors.get(job.stream.name)


def forget_tokens() -> None:
    """Two client libraries keep tokens for the whole process."""
    for name in ("sp_api.auth.access_token_client", "ad_api.auth.access_token_client"):
        if name in sys.modules:
            sys.modules[name].cache.clear()


@contextmanager
def short_timeouts(state: Any) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("airflow_dags.http.TIMEOUT", httpx.Timeout(TIMEOUT_SECONDS))
        patch.setattr(state.options, "hang_seconds", HANG_SECONDS)
        yield


def readable(message: str) -> str | None:
    """What is wrong with a reason that a person is to read; None: nothing."""
    if "failed unexpectedly" in message:
        return f"the reason names no cause: {message}"
    if len(message.split()) < 4 or "\n" in message or "Traceback" in message:
        return f"the reason isn't one readable line: {message}"
    return None


def verdict(bench: Bench, kind: str, lasting: bool = False) -> tuple[str, str | None]:
    """Meet one fault, then run once more without it: what came of it, and what was wrong with that (None: nothing).

    A run that left the right state already needs no other; that a second load changes nothing is tested elsewhere.
    """
    state, fault = bench.state, bench.fault(kind, lasting)
    bench.restore()
    state.revision = 0 if kind == "late_restatement" else 1
    known = len(bench.failures())
    state.faults.append(fault)
    bench.export()
    try:
        with short_timeouts(state) if kind == "timeout" else _nothing():
            error = attempt(bench.job, bench.window)
    finally:
        state.faults.clear()
        state.revision = 1
        bench.export()
    if not fault.fired:
        return "never happened", "the fault was possible and never happened"
    found = bench.rows()
    unnoticed = bench.unnoticed(kind) if error is None else None
    wrong = None if unnoticed else _wrong_after(bench, kind, error, found, known)
    if wrong is None and (error is not None or found != bench.restated):
        healed = attempt(bench.job, bench.window)
        if healed is not None:
            wrong = f"the run after it failed too: {healed}"
        else:
            wrong = compare(bench.rows(), bench.restated, "after the next run")
    if unnoticed and found != bench.restated:
        return f"healed by the next run: {unnoticed}", wrong
    return ("healed" if error is None else f"refused: {type(error).__name__}"), wrong


def _wrong_after(bench: Bench, kind: str, error: PipelineError | None, found: dict[str, str], known: int) -> str | None:
    """What is wrong with the state that the faulty run left behind."""
    if wrong := lost_or_doubled(bench, found):
        return wrong
    failures = bench.failures()[known:]
    if error is None:
        if kind == "late_restatement":
            return None
        if kind in LOGIN:
            return "the run didn't notice that it was refused"
        return compare(found, bench.restated, "after the run")
    if not failures:
        return f"the ledger has no failure for: {error.message}"
    return readable(str(failures[-1]["error"]))


def lost_or_doubled(bench: Bench, found: dict[str, str]) -> str | None:
    """Each row is as it was before or after the restatement, and none that is in both states is gone."""
    if lost := sorted((bench.first.keys() & bench.restated.keys()) - found.keys()):
        return f"{len(lost)} rows were lost, as {lost[0]}"
    for key, row in found.items():
        if row not in (bench.first.get(key), bench.restated.get(key)):
            return f"a row that never was: {row[:300]}"
    return None


def compare(found: dict[str, str], expected: dict[str, str], when: str) -> str | None:
    if found == expected:
        return None
    lost, new = sorted(expected.keys() - found.keys()), sorted(found.keys() - expected.keys())
    changed = [key for key in expected.keys() & found.keys() if expected[key] != found[key]]
    example = (lost + new + changed)[0]
    return f"{when}: {len(lost)} rows missing, {len(new)} too many, {len(changed)} different, as {example}"


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def rotation(streams: list[str], kinds: list[str], each: int) -> dict[str, list[str]]:
    """``each`` kinds for every stream, so that all kinds come round as often as there is room for."""
    starts = [number * each for number in range(len(streams) + 1)]
    return {
        stream: [kinds[place % len(kinds)] for place in range(start, end)]
        for stream, (start, end) in zip(streams, pairwise(starts), strict=True)
    }
