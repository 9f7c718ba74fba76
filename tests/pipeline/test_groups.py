"""Streams of a group, pages, pulls and listed reports: with streams made up for the purpose, and a real warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_dags import ingest
from airflow_dags.accounts import Account
from airflow_dags.contracts import Column, Contract, Extract, Window
from airflow_dags.documents import Document, table_of_rows
from airflow_dags.errors import (
    LoginRefused,
    NetworkFailed,
    PagingBroken,
    TerminalError,
    Throttled,
    TransientError,
    WrongDocument,
)
from airflow_dags.groups import Outcome, each_stream, raise_together
from airflow_dags.ingest import Job
from airflow_dags.loader import AccountProfile
from airflow_dags.paging import Page, follow
from airflow_dags.streams import ListedReport, ListedReportStream, Platform, PullStream, StreamSettings

from .conftest import Warehouse

DAYS = Window(date(2026, 10, 1), date(2026, 10, 10))
MADE = datetime(2026, 10, 11, 8, tzinfo=timezone.utc)


def contract(stream: str, **changes: Any) -> Contract:
    columns = (Column("day", "date", required=True, nullable=False), Column("units", "integer", required=True))
    fields = {"mode": "window", "window_column": "day", "unique": ("day",), "columns": columns, **changes}
    return Contract(platform="made_up", stream=stream, **fields)


class Pulled(PullStream):
    """One unit a day; asked days are remembered, and given days fail."""

    def __init__(self, name: str = "pulled", **settings: Any) -> None:
        self.contract = contract(name)
        self.settings = StreamSettings(**{"trailing_days": 3, "request_days": 4, "group": "sales", **settings})
        self.asked: list[Window] = []
        self.fails: dict[date, Exception] = {}

    def pull(self, client: Any, account: Account, window: Window) -> Extract | Iterator[Extract]:
        self.asked.append(window)
        if error := self.fails.get(window.start):
            raise error
        days = [window.start + timedelta(days=n) for n in range((window.end - window.start).days + 1)]
        return Extract(table_of_rows([{"day": day, "units": 1} for day in days], ["day", "units"]))


class Snapshot(PullStream):
    def __init__(self) -> None:
        self.contract = contract("snapshot", mode="snapshot")
        self.contract = replace(
            self.contract, columns=(Column("day", "date", nullable=False), Column("units", "integer", required=True))
        )
        self.settings = StreamSettings()

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        return Extract(table_of_rows([{"units": 5}], ["units"]))


class Listed(ListedReportStream):
    """Two reports that the platform made by itself."""

    def __init__(self) -> None:
        self.contract = contract(
            "listed",
            mode="changes",
            window_column=None,
            key=("report",),
            unique=("report", "day"),
            columns=(
                Column("report", required=True, nullable=False),
                Column("day", "date", required=True, nullable=False),
                Column("units", "integer", required=True),
            ),
        )
        self.settings = StreamSettings(documents_per_load=9)
        self.listed = ["r1", "r2"]
        self.broken: set[str] = set()
        self.downloads: list[str] = []

    def list_reports(self, client: Any, account: Account, window: Window) -> list[ListedReport]:
        return [ListedReport(name, f"document-{name}", DAYS, MADE) for name in self.listed]

    def download(self, client: Any, document_id: str) -> Document:
        self.downloads.append(document_id)
        name = document_id.removeprefix("document-")
        head = "something,else" if name in self.broken else "report,day,units"
        return Document(name, f"{head}\n{name},2026-10-01,3\n".encode())


Make = Callable[..., Job]


@pytest.fixture
def make(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.setattr("airflow_dags.ingest.jobs.Job.today", lambda self: date(2026, 10, 11))

    def job(stream: Any, **settings: Any) -> Job:
        profile = AccountProfile("shop", "made_up", currency="EUR")
        platform = Platform("made_up", "Made up", {}, {stream.name: stream}, lambda *_: None, lambda *_: profile)
        return Job(platform, stream, Account("made_up", "shop", "made_up_shop", settings), warehouse.uri)

    return job


# Pages


def pages_of(rows: list[Any], size: int, total: int | None = None) -> Callable[[str | None], Page]:
    def fetch(cursor: str | None) -> Page:
        start = int(cursor or 0)
        following = start + size
        return Page(rows[start:following], str(following) if following < len(rows) else None, total)

    return fetch


@given(st.lists(st.integers(), unique=True), st.integers(1, 5))
def test_all_rows_of_all_pages_come_once(rows: list[int], size: int) -> None:
    assert list(follow(pages_of(rows, size, len(rows)), "a list")) == rows


@given(st.lists(st.integers(0, 9)), st.integers(1, 5))
def test_rows_that_are_sent_twice_count_once(rows: list[int], size: int) -> None:
    """Rows that move while the pages are read come twice; the stated total counts each once."""
    distinct = list(dict.fromkeys(rows))
    assert list(follow(pages_of(rows, size, len(distinct)), "a list", key=lambda row: row)) == distinct


def test_a_cursor_that_comes_back_and_a_row_that_is_missing_are_transient_errors() -> None:
    loop = {None: Page([1], "a"), "a": Page([2], "b"), "b": Page([3], "a")}
    with pytest.raises(PagingBroken, match="came back") as caught:
        list(follow(lambda cursor: loop[cursor], "orders"))
    assert caught.value.is_transient
    with pytest.raises(PagingBroken, match="2 rows were read, 3 were promised"):
        list(follow(pages_of([1, 2], 1, 3), "orders"))


# Pulls


def test_a_pull_is_split_and_each_part_is_a_load_of_its_own(make: Make, warehouse: Warehouse) -> None:
    stream = Pulled()
    loads = ingest.pull(make(stream), DAYS)
    assert [str(window) for window in stream.asked] == [
        "2026-10-01..2026-10-04",
        "2026-10-05..2026-10-08",
        "2026-10-09..2026-10-10",
    ]
    assert [load.rows_loaded for load in loads] == [4, 4, 2]
    assert len(warehouse.table("made_up__pulled")) == 10


def test_a_retry_of_the_same_batch_reads_only_what_is_missing(make: Make, warehouse: Warehouse) -> None:
    stream, batch = Pulled(), uuid4()
    stream.fails[date(2026, 10, 5)] = NetworkFailed("no answer")
    with pytest.raises(NetworkFailed):
        ingest.pull(make(stream), DAYS, batch)
    assert [row["state"] for row in warehouse.ledger()] == ["loaded", "failed"]
    assert warehouse.ledger()[1]["window_start"] == date(2026, 10, 5)
    stream.asked, stream.fails = [], {}
    ingest.pull(make(stream), DAYS, batch)
    assert [window.start.day for window in stream.asked] == [5, 9]
    assert len(warehouse.table("made_up__pulled")) == 10


def test_the_next_run_without_days_goes_back_to_what_failed(make: Make) -> None:
    stream = Pulled()
    stream.fails[date(2026, 10, 5)] = NetworkFailed("no answer")
    job = make(stream)
    with pytest.raises(NetworkFailed):
        ingest.pull(job, DAYS)
    ingest.pull(job, Window(date(2026, 10, 9), date(2026, 10, 10)))
    assert ingest.trailing_window(job) == Window(date(2026, 10, 5), date(2026, 10, 10))
    stream.fails = {}
    ingest.pull(job)
    assert ingest.trailing_window(job) == Window(date(2026, 10, 8), date(2026, 10, 10))


def test_a_snapshot_is_of_today_and_the_core_fills_its_day_in(make: Make, warehouse: Warehouse) -> None:
    ingest.pull(make(Snapshot()), DAYS)
    assert warehouse.rows("select day, units from raw.made_up__snapshot") == [{"day": date(2026, 10, 11), "units": 5}]


def test_days_that_were_not_asked_for_are_refused(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Pulled()
    real = stream.pull
    other = Window(date(2026, 9, 1), date(2026, 9, 4))
    monkeypatch.setattr(stream, "pull", lambda *a: replace(real(*a), window=other))  # type: ignore[arg-type]
    with pytest.raises(WrongDocument, match="covers 2026-09-01"):
        ingest.pull(make(stream), DAYS)


# Listed reports


def test_listed_reports_load_once_each_as_of_when_they_were_made(make: Make, warehouse: Warehouse) -> None:
    stream = Listed()
    job = make(stream)
    assert [load.rows_loaded for load in ingest.load_reports(job, ingest.create_reports(job, DAYS))] == [1, 1]
    assert ingest.load_reports(job, ingest.create_reports(job, DAYS)) == []
    assert stream.downloads == ["document-r1", "document-r2"]
    assert {row["_known_at"] for row in warehouse.rows("select _known_at from raw.made_up__listed")} == {MADE}
    stream.listed.append("r3")
    assert len(ingest.load_reports(job, ingest.create_reports(job, DAYS))) == 1


def test_a_listed_report_that_was_broken_is_tried_again(make: Make, warehouse: Warehouse) -> None:
    stream = Listed()
    stream.broken = {"r1"}
    job = make(stream)
    with pytest.raises(WrongDocument):
        ingest.load_reports(job, ingest.create_reports(job, DAYS))
    stream.broken = set()
    ingest.load_reports(job, ingest.create_reports(job, DAYS))
    assert len(warehouse.table("made_up__listed")) == 2


# Groups


def test_a_stream_that_fails_leaves_the_others_of_its_group_alone(make: Make, warehouse: Warehouse) -> None:
    good, bad = Pulled("good"), Pulled("bad")
    bad.fails[DAYS.start] = LoginRefused("made_up: login was refused")
    outcome = each_stream([make(bad), make(good)], lambda job: ingest.pull(job, DAYS))
    assert list(outcome.results) == ["good"]
    assert list(outcome.errors) == ["bad"]
    assert not outcome.is_worth_a_retry
    with pytest.raises(LoginRefused):
        outcome.raise_errors()
    failed = [row for row in warehouse.ledger() if row["state"] == "failed"]
    assert [(row["stream"], row["error"]) for row in failed] == [("bad", "made_up: login was refused")]


def test_what_nobody_foresaw_is_a_failure_of_its_stream_only(make: Make, warehouse: Warehouse) -> None:
    def explode(job: Job) -> None:
        raise KeyError("canary-value")

    outcome: Outcome[None] = each_stream([make(Pulled())], explode)
    assert isinstance(outcome.errors["pulled"], TerminalError)
    assert "canary" not in warehouse.ledger()[0]["error"]


def test_one_error_for_several_is_transient_if_one_of_them_is() -> None:
    with pytest.raises(TransientError, match=r"2 streams failed: a: no answer; b: refused") as caught:
        raise_together({"a": NetworkFailed("no answer"), "b": LoginRefused("refused")})
    assert caught.value.is_transient
    with pytest.raises(TerminalError):
        raise_together({"a": LoginRefused("refused"), "b": LoginRefused("refused")})
    raise_together({})


def test_streams_of_a_group_are_found_in_their_order() -> None:
    streams = {s.name: s for s in (Pulled("one"), Snapshot(), Pulled("two"))}
    platform = Platform("made_up", "Made up", {}, streams, lambda *_: None)
    assert platform.groups == {"sales": ["one", "two"], "snapshot": ["snapshot"]}


# What the ledger and raw.accounts say


def test_a_throttled_run_says_when_it_may_go_on(make: Make, warehouse: Warehouse) -> None:
    stream = Pulled()
    stream.fails[DAYS.start] = Throttled("made_up/shop: orders was throttled", 3600)
    with pytest.raises(Throttled):
        ingest.pull(make(stream), DAYS)
    resumes = datetime.now(timezone.utc) + timedelta(hours=1)
    assert f"resumes at {resumes:%Y-%m-%d %H}" in warehouse.ledger()[0]["error"]


@pytest.mark.parametrize(
    ("field", "variable", "expected"),
    [(None, None, "USD"), (None, "cny", "CNY"), ("eur", "CNY", "EUR")],
)
def test_an_accounts_figures_are_consolidated_in_its_own_or_the_companys_currency(
    make: Make,
    warehouse: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
    field: str | None,
    variable: str | None,
    expected: str,
) -> None:
    monkeypatch.delenv("KPI_CONSOLIDATION_CURRENCY", raising=False)
    if variable:
        monkeypatch.setenv("KPI_CONSOLIDATION_CURRENCY", variable)
    fields = {"consolidation_currency": field} if field else {}
    ingest.pull(make(Pulled(), time_zone="Europe/Berlin", **fields), DAYS)
    [account] = warehouse.rows("select currency, time_zone, consolidation_currency from raw.accounts")
    assert account == {"currency": "EUR", "time_zone": "Europe/Berlin", "consolidation_currency": expected}
