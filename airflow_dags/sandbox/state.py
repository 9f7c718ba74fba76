"""What the sandbox server knows between requests: the business, its revision, options, limits and planned faults."""

from __future__ import annotations

import math
import threading
import time
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import g, has_request_context, request

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.credentials import Credentials
from airflow_dags.sandbox.faults import ALIASES, KINDS, Call, Fault, Faults

__all__ = ["Buckets", "Fault", "Options", "Report", "SandboxState", "clock", "iso", "new_id", "now", "token_clock"]


@dataclass(slots=True)
class Options:
    """How the platforms behave.

    `polls`: the poll on which a report is done; rates are requests a second; `least_pages`: of how many pages a list is
    at least, where it has as many items; `hang_seconds`: how long an answer is held back by the fault `timeout`;
    `is_feed_dead`: every report of the planted dead feed ends FATAL (see `events`).
    """

    polls: int = 2
    rate: float = 200.0
    burst: int = 2000
    token_seconds: int = 3600
    document_seconds: int = 300
    ads_retention_days: int | None = None
    least_pages: int = 1
    hang_seconds: float = 120.0
    is_feed_dead: bool = False


class Buckets:
    """Token buckets by (operation, account), as Amazon keeps them for a pair of application and seller."""

    def __init__(self, rate: float, burst: int) -> None:
        self.default = (rate, burst)
        self.plans: dict[str, tuple[float, int]] = {}
        self._levels: dict[tuple[str, str], tuple[float, float]] = {}
        self._lock = threading.Lock()

    def plan(self, operation: str) -> tuple[float, int]:
        return self.plans.get(operation, self.default)

    def take(self, operation: str, account_id: str) -> int | None:
        """Takes one token. None: granted; else the whole seconds after which to try again."""
        rate, burst = self.plan(operation)
        now = time.monotonic()
        with self._lock:
            level, since = self._levels.get((operation, account_id), (float(burst), now))
            level = min(float(burst), level + (now - since) * rate)
            if level >= 1:
                self._levels[operation, account_id] = (level - 1, now)
                return None
            self._levels[operation, account_id] = (level, now)
        return max(1, math.ceil((1 - level) / rate)) if rate > 0 else 3600

    def set_plan(self, operation: str, rate: float, burst: int) -> None:
        with self._lock:
            self.plans[operation] = (rate, burst)
            self._levels = {key: value for key, value in self._levels.items() if key[0] != operation}


@dataclass(slots=True)
class Report:
    """A requested report of either platform; `request` is the body it was asked for with."""

    report_id: str
    account_id: str
    request: dict[str, Any]
    revision: int
    created_at: datetime
    polls: int = 0
    status: str = ""
    document_id: str | None = None
    finished_at: datetime | None = None
    ends: str | None = None  # a planned end other than done
    content: bytes | None = None
    facts: dict[str, Any] = field(default_factory=dict)


class SandboxState:
    def __init__(self, business: Business, options: Options | None = None) -> None:
        self.business = business
        self.options = options or Options()
        self.credentials = Credentials(business)
        self.revision = 0
        self.erp_database: str | None = None  # filled again when the business is restated
        self.base_url = ""  # set by the server; clients send odd Host headers
        self.buckets = Buckets(self.options.rate, self.options.burst)
        self.faults = Faults()
        self.sp_reports: dict[str, Report] = {}
        self.ads_reports: dict[str, Report] = {}
        # Of the other platforms: whatever they need to remember of jobs that were asked for, by platform and id.
        self.jobs: dict[str, dict[str, Any]] = defaultdict(dict)
        self.lock = threading.RLock()
        self._caches: dict[Any, Any] = {}

    def take_fault(self, operation: str, account_id: str | None, *kinds: str) -> str | None:
        """The kind of a fault planned for this call, used up by asking; for what only a platform itself can spoil."""
        wanted = {ALIASES.get(kind, kind) for kind in kinds}
        platform = (request.blueprint or "") if has_request_context() else ""
        taken = self.faults.take(
            Call(platform, operation, account_id),
            tuple({KINDS[kind].family for kind in wanted}),
            {KINDS[kind].needs for kind in wanted},
            lambda fault: fault.kind in wanted,
        )
        return taken.kind if taken else None

    def cached(self, key: Any, make: Any) -> Any:
        """`make()`, computed once a key."""
        with self.lock:
            if key not in self._caches:
                self._caches[key] = make()
            return self._caches[key]


def new_id() -> str:
    return str(uuid.uuid4())


def now() -> datetime:
    return datetime.now(UTC)


def clock(state: SandboxState, platform: str) -> float:
    """The server's clock (seconds since 1970) by which a signature's time is checked; a planned fault sets it wrong."""
    state.faults.note(platform, "", "clock")
    return time.time() + (float(g.get("clock_offset", 0.0)) if has_request_context() else 0.0)


def token_clock(state: SandboxState, platform: str) -> float:
    """The clock by which an access token's age is checked; a planned fault makes tokens old."""
    state.faults.note(platform, "", "token clock")
    years = 10 if has_request_context() and g.get("are_tokens_old") else 0
    return time.time() + years * 365 * 86400


def iso(instant: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and Z, as both platforms write instants."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"
