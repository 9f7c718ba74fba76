"""One stream of one account with its warehouse, and the days that a run of it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow_dags.accounts import Account
from airflow_dags.contracts import Contract, Window
from airflow_dags.loader import ensure_schema
from airflow_dags.streams import ListedReportStream, Platform, Stream
from airflow_dags.warehouse import row_connection


@dataclass(frozen=True)
class Job:
    """One stream of one account, with the warehouse that it goes to."""

    platform: Platform
    stream: Stream
    account: Account
    uri: str

    @property
    def contract(self) -> Contract:
        return self.stream.contract

    @property
    def title(self) -> str:
        return f"{self.contract.title} for {self.account.account_id}"

    @property
    def is_snapshot(self) -> bool:
        return self.contract.mode == "snapshot"

    def today(self) -> date:
        """The day that it is where the account sells."""
        return datetime.now(ZoneInfo(self.platform.time_zone(self.account))).date()

    def last_day(self) -> date:
        """The newest day that a run asks for: the last complete one, or today where the stream includes it."""
        includes_today = self.stream.settings.include_today or self.is_snapshot
        includes_today = includes_today or isinstance(self.stream, ListedReportStream)
        return self.today() if includes_today else self.today() - timedelta(days=1)

    def client(self) -> Any:
        return self.platform.connect(self.account, self.platform)


def job_of(platform: Platform, stream: str, account: Account, uri: str) -> Job:
    return Job(platform, platform.stream(stream), account, uri)


def trailing_window(job: Job) -> Window:
    """What a run without given days reloads: the days that the platform restates, or back to the first day that is
    missing (within the first run's reach), or back to the last load if that is longer."""
    settings, end = job.stream.settings, job.last_day()
    if job.is_snapshot:
        return Window(end, end)
    trailing = end - timedelta(days=settings.trailing_days - 1)
    initial = end - timedelta(days=settings.initial_days - 1)
    loaded, failed = _known_windows(job)
    if not loaded:
        return within_history(job, Window(initial, end)) or Window(end, end)
    last = max(window.end for window in loaded)
    starts = [trailing, end, last]
    if not isinstance(job.stream, ListedReportStream):
        starts += _missing_days(loaded, failed, Window(initial, end))
    return within_history(job, Window(min(starts), end)) or Window(end, end)


def within_history(job: Job, window: Window) -> Window | None:
    """The part of ``window`` that the platform still answers for; None where there is none."""
    stated = str(job.account.get("history_days") or "")  # a connection may know better than the settings
    days = int(stated) if stated.isdigit() else job.stream.settings.history_days
    if days is None:
        return window
    oldest = job.today() - timedelta(days=days - 1)
    return Window(max(window.start, oldest), window.end) if window.end >= oldest else None


def _missing_days(loaded: list[Window], failed: list[Window], reach: Window) -> list[date]:
    """The first day within ``reach`` that was tried in vain, or that lies between loaded ones, and isn't loaded."""
    first = min(window.start for window in [*loaded, *failed])
    day = max(first, reach.start)
    covered = sorted(loaded, key=lambda window: window.start)
    for window in covered:
        if window.start > day:
            break
        day = max(day, window.end + timedelta(days=1))
    return [day] if day <= reach.end else []


def _known_windows(job: Job) -> tuple[list[Window], list[Window]]:
    """The windows of the ledger's loads: those that succeeded, and those that failed."""
    ensure_schema(job.uri, [job.contract])
    with row_connection(job.uri) as connection:
        rows = connection.execute(
            "select state, window_start, window_end from raw.load_ledger where platform = %s and stream = %s "
            "and account_id = %s and window_start is not null and window_end is not null group by 1, 2, 3",
            (job.contract.platform, job.contract.stream, job.account.account_id),
        ).fetchall()
    loaded = [Window(start, end) for state, start, end in rows if state != "failed"]
    return loaded, [Window(start, end) for state, start, end in rows if state == "failed"]
