"""What a platform's folder offers: a Platform with its streams, each a contract and a way to get and read its
documents.

A ``ReportStream`` asks for a report, waits and downloads it; a ``ListedReportStream`` finds reports that the platform
made by itself; a ``PullStream`` answers at once. Reading a document is the same for one that was downloaded by the API
and for one that a person downloaded.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml

from airflow_dags.contracts import normalise
from airflow_dags.errors import ConfigurationError

if TYPE_CHECKING:
    import pyarrow as pa

    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Contract, Extract, Window
    from airflow_dags.documents import Document
    from airflow_dags.http import Limit
    from airflow_dags.loader import AccountProfile

ReportState = Literal["requested", "done", "empty", "failed"]


@dataclass(frozen=True)
class ReportStatus:
    """``document_id`` is what ``download`` needs; it is there only when the state is done. ``known_at`` is the instant
    at which the platform made the report, where it says so."""

    state: ReportState
    document_id: str | None = None
    reason: str | None = None
    known_at: datetime | None = None


@dataclass(frozen=True)
class ListedReport:
    """A report that the platform made by itself; ``window`` is the days that it holds."""

    report_id: str
    document_id: str
    window: Window
    known_at: datetime | None = None


@dataclass(frozen=True)
class StreamSettings:
    """Facts and choices of one stream, from the platform's settings.yml.

    trailing_days: reloaded by every run, because the platform restates that long. initial_days: the first run's reach.
    request_days: the longest window of one report or of one part of a pull. history_days: how far back the platform
    answers at all (None: no limit is known). include_today: the last day is today instead of yesterday (feeds of
    changes). documents_per_load: how many reports one transaction takes. resume_hours: how long a report that was asked
    for is taken up again instead of asking anew. group: streams of one account and group share Airflow's tasks.
    settled_days: after how many days the source no longer restates a day. lag_days: how far behind it is by its nature
    (a settlement is made every two weeks); it is not late within them.
    """

    trailing_days: int = 7
    initial_days: int = 60
    request_days: int = 30
    history_days: int | None = None
    include_today: bool = False
    documents_per_load: int = 1
    resume_hours: int = 6
    threads: int = 4
    settled_days: int = 0
    lag_days: int = 0
    group: str = ""
    options: Mapping[str, Any] | None = None


class Stream(ABC):
    """One stream of a platform."""

    contract: Contract
    settings: StreamSettings

    @property
    def name(self) -> str:
        return self.contract.stream

    @property
    def group(self) -> str:
        return self.settings.group or self.name

    def read(self, document: Document, account: Account, day: date) -> Extract:
        """Read one document, downloaded by a person or from the API; ``day`` is the snapshot's day where the document
        itself has no dates. The default reads CSV, TSV, Excel or a JSON list under the contract's names and sources."""
        from airflow_dags.contracts import Extract
        from airflow_dags.documents import read_table

        table, broken = read_table(document)
        return Extract(table, broken=broken)

    def is_offered(self, account: Account) -> bool:
        """Whether the account's connection has what the stream needs; a run leaves out what isn't offered."""
        return True

    def recognises(self, names: Collection[str]) -> float:
        """How well a file that uses ``names`` (a header's, a JSON object's keys) fits: the share that is known, 0 to 1.

        0 where a required column is missing. A stream whose documents aren't plain tables says what it goes by.
        """
        if not names or self.contract.missing_in(names):
            return 0.0
        known = set(self.contract.by_source) | self.contract.ignored_names
        return sum(normalise(name) in known for name in names) / len(names)

    def finish(self, table: pa.Table) -> pa.Table:
        """Derive the columns that documents don't have; the default derives nothing."""
        return table


class ReportStream(Stream):
    """A stream whose documents are asked for, waited for, and downloaded."""

    @abstractmethod
    def request(self, client: Any, account: Account, window: Window) -> str:
        """Ask for the report of one window and return its id."""

    @abstractmethod
    def check(self, client: Any, report_id: str) -> ReportStatus:
        """Ask how far the report is."""

    @abstractmethod
    def download(self, client: Any, document_id: str) -> Document:
        """Fetch the finished report's content."""

    @property
    def fingerprint(self) -> str:
        """Tells requests that ask for the same thing from others; part of what makes a report resumable."""
        return self.name


class ListedReportStream(ReportStream):
    """A stream whose documents the platform makes by itself, when it likes, and only lists (settlements).

    The core skips those that were loaded before, remembers the others, and loads each in a transaction of its own.
    """

    @abstractmethod
    def list_reports(self, client: Any, account: Account, window: Window) -> list[ListedReport]:
        """The reports that came into being on, or that hold, the days of ``window``."""

    def request(self, client: Any, account: Account, window: Window) -> str:
        raise ConfigurationError(f"{self.contract.title}: its reports are listed, they can't be asked for")

    def check(self, client: Any, report_id: str) -> ReportStatus:
        """A listed report is finished; its document is known from the list."""
        return ReportStatus("done")


class PullStream(Stream):
    """A stream that is read in one go: no report is made of it.

    The core cuts the days that it wants into parts of ``settings.request_days``, newest last, and loads each part in
    one transaction as complete for its days (mode window), or as what changed on them (mode changes).
    """

    @abstractmethod
    def pull(self, client: Any, account: Account, window: Window) -> Extract | Iterable[Extract]:
        """Read the days of ``window``: marketplace days, both inclusive; in mode snapshot the one day that it is.

        ``client`` is what the platform's ``connect`` returned. The snapshot's day is filled in by the core.
        """


@dataclass(frozen=True)
class Platform:
    """A folder under platforms/: everything that the pipeline knows of one platform."""

    name: str
    title: str
    settings: Mapping[str, Any]
    streams: Mapping[str, Stream]
    connect: Callable[[Account, Platform], Any]
    profile: Callable[[Account, Extract | None], AccountProfile | None] = lambda account, extract: None
    time_zone: Callable[[Account], str] = lambda account: str(account.get("time_zone", "UTC"))

    @property
    def limits(self) -> dict[str, Limit]:
        """Documented rates by operation; servers may announce others."""
        from airflow_dags.http import Limit

        return {
            operation: Limit(float(limit["rate"]), int(limit["burst"]))
            for operation, limit in (self.settings.get("operations") or {}).items()
        }

    @property
    def groups(self) -> dict[str, list[str]]:
        """The streams by the group whose tasks they share, in their own order."""
        found: dict[str, list[str]] = {}
        for name, stream in self.streams.items():
            found.setdefault(stream.group, []).append(name)
        return found

    def stream(self, name: str) -> Stream:
        try:
            return self.streams[name]
        except KeyError:
            known = ", ".join(sorted(self.streams))
            raise ConfigurationError(f"platform {self.name} has no stream {name!r}; it has {known}") from None


def read_settings(folder: Path) -> dict[str, Any]:
    """The platform's settings.yml."""
    content = yaml.safe_load((folder / "settings.yml").read_text(encoding="utf-8"))
    return dict(content)


def stream_settings(settings: Mapping[str, Any], stream: str) -> StreamSettings:
    return StreamSettings(**((settings.get("streams") or {}).get(stream) or {}))
