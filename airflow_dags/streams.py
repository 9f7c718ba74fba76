"""What a platform's folder offers: a Platform with its streams, each a contract and a way to get and read its
documents.

A ``ReportStream`` asks for a report, waits and downloads it; a ``PullStream`` answers at once. Reading a document is
the same for one that was downloaded by the API and for one that a person downloaded.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml

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
    """``document_id`` is what ``download`` needs; it is there only when the state is done."""

    state: ReportState
    document_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class StreamSettings:
    """Facts and choices of one stream, from the platform's settings.yml.

    trailing_days: reloaded by every run, because the platform restates that long. initial_days: the first run's reach.
    request_days: the longest window of one report. documents_per_load: how many reports one transaction takes.
    resume_hours: how long a report that was asked for is taken up again instead of asking anew.
    """

    trailing_days: int = 7
    initial_days: int = 60
    request_days: int = 30
    documents_per_load: int = 1
    resume_hours: int = 6
    threads: int = 4
    options: Mapping[str, Any] | None = None


class Stream(ABC):
    """One stream of a platform."""

    contract: Contract
    settings: StreamSettings

    @property
    def name(self) -> str:
        return self.contract.stream

    @abstractmethod
    def read(self, document: Document, account: Account, day: date) -> Extract:
        """Read one document; ``day`` is the snapshot's day where the document itself has no dates."""

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


class PullStream(Stream):
    """A stream that is read in one go."""

    @abstractmethod
    def pull(self, account: Account, day: date) -> Extract:
        """Read the source's present state."""


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
