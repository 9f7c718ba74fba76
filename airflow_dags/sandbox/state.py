"""What the sandbox server knows between requests: the business, its revision, options, limits and planned faults."""

from __future__ import annotations

import math
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.credentials import Credentials


@dataclass(slots=True)
class Options:
    """How the platforms behave. `polls`: the poll on which a report is done; rates are requests a second."""

    polls: int = 2
    rate: float = 200.0
    burst: int = 2000
    token_seconds: int = 3600
    document_seconds: int = 300
    ads_retention_days: int | None = None


@dataclass(slots=True)
class Fault:
    """Makes the next `times` calls of an operation fail: throttle, error, html, fatal, cancelled or truncate."""

    operation: str
    kind: str
    times: int = 1
    account_id: str | None = None


FAULT_KINDS = ("throttle", "error", "html", "fatal", "cancelled", "truncate")


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
        self.base_url = ""  # set by the server; clients send odd Host headers
        self.buckets = Buckets(self.options.rate, self.options.burst)
        self.faults: list[Fault] = []
        self.sp_reports: dict[str, Report] = {}
        self.ads_reports: dict[str, Report] = {}
        self.lock = threading.RLock()
        self._caches: dict[Any, Any] = {}

    def take_fault(self, operation: str, account_id: str, *kinds: str) -> str | None:
        """The kind of a fault planned for this call, used up by asking."""
        with self.lock:
            for fault in self.faults:
                matches = fault.operation == operation and fault.account_id in (None, account_id)
                if matches and fault.kind in kinds and fault.times > 0:
                    fault.times -= 1
                    self.faults = [planned for planned in self.faults if planned.times > 0]
                    return fault.kind
        return None

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


def iso(instant: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and Z, as both platforms write instants."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"
