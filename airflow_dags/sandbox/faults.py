"""Faults as a switch of the sandbox: what to spoil, how often, and what has happened already.

Generic over all platforms: a fault names a platform, an operation (a view function's name), a stream, an account, or
none of them. `fault_answers` spoils the answers, `content` what they hold. Nothing here knows a platform.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any, Literal

Family = Literal["refusal", "answer", "token", "secrets", "clock", "rows", "pages", "report", "business"]


@dataclass(frozen=True, slots=True)
class Kind:
    """``family`` says where it happens; ``needs`` what an operation or a stream must have for it to be possible."""

    name: str
    family: Family
    what: str
    needs: str = ""


_KINDS = (
    Kind("throttle_seconds", "refusal", "429 with Retry-After in seconds"),
    Kind("throttle_date", "refusal", "429 with Retry-After as an HTTP date"),
    Kind("throttle_bare", "refusal", "429 that says nothing about when to come back"),
    Kind("error_500", "refusal", "500 in a JSON error"),
    Kind("error_502", "refusal", "502 with a gateway's HTML page"),
    Kind("error_503", "refusal", "503 with a gateway's HTML page"),
    Kind("error_504", "refusal", "504 with a gateway's HTML page"),
    Kind("missing_role", "refusal", "403: the application has no role for this data", "data"),
    Kind("timeout", "answer", "the request is carried out, no answer comes for longer than anybody waits"),
    Kind("reset", "answer", "the request is carried out, the connection is reset before the answer"),
    Kind("reset_mid_body", "answer", "the connection is reset in the middle of the body"),
    Kind("truncated_gzip", "answer", "a compressed body that ends early"),
    Kind("wrong_length", "answer", "Content-Length promises more than there is"),
    Kind("html_200", "answer", "an HTML page with status 200"),
    Kind("empty_200", "answer", "an empty body with status 200"),
    Kind("invalid_json", "answer", "JSON that is cut off, with status 200", "json"),
    Kind("token_expired", "token", "an access token is no longer good, a new one is", "token"),
    Kind("token_revoked", "secrets", "every secret of the platform's connections was taken back"),
    Kind("clock_skew", "clock", "the server's clock is off by an hour when it checks a signature's time", "clock"),
    Kind("cursor_loop", "pages", "a page leads back to the one before it", "pages"),
    Kind("repeated_page", "pages", "a page holds the rows of the page before it once more", "pages"),
    Kind("skipped_page", "pages", "a page is left out of a list", "pages"),
    Kind("column_added", "rows", "a column that nobody has heard of", "rows"),
    Kind("column_removed", "rows", "a column is gone", "rows"),
    Kind("column_retyped", "rows", "a column's values are of another type", "rows"),
    Kind("rows_shuffled", "rows", "the rows come in another order", "rows"),
    Kind("rows_duplicated", "rows", "every third row comes twice", "rows"),
    Kind("late_restatement", "business", "the business is restated while it is being read"),
    Kind("report_fatal", "report", "a report ends FATAL", "report"),
    Kind("report_cancelled", "report", "a report ends CANCELLED although there are data", "report"),
    Kind("report_never_finishes", "report", "a report is in progress for ever", "report"),
)
KINDS = {kind.name: kind for kind in _KINDS}
# Shorter names, by which faults were planned before there were this many.
ALIASES = {
    "throttle": "throttle_seconds",
    "error": "error_500",
    "html": "error_503",
    "truncate": "truncated_gzip",
    "fatal": "report_fatal",
    "cancelled": "report_cancelled",
}
PLATFORM_ALIASES = {"ads": "amazon_ads", "sp": "amazon_sp"}
LOGIN_OPERATIONS = frozenset(
    {"login", "token", "gettoken", "accesstoken", "getaccesstoken", "refreshtoken", "refreshaccesstoken", "oauthtoken"}
)


@dataclass(slots=True)
class Fault:
    """Spoils the next ``times`` matching calls, after ``after`` good ones.

    Without an operation it is for any, and with ``each`` it counts for every operation apart, so that each of them
    fails ``times`` times. ``column`` is the one that is removed or retyped: the first of several names (a|b) that
    the rows have; default: the first that fits.
    """

    operation: str = ""
    kind: str = ""
    times: int = 1
    account_id: str | None = None
    platform: str | None = None
    stream: str | None = None
    after: int = 0
    each: bool = False
    column: str | None = None
    fired: int = 0
    counted: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.kind = ALIASES.get(self.kind, self.kind)
        prefix, dot, operation = (self.operation or "").rpartition(".")
        self.operation = operation
        if dot:
            self.platform = self.platform or PLATFORM_ALIASES.get(prefix, prefix)

    @property
    def family(self) -> Family:
        return KINDS[self.kind].family

    def as_dict(self) -> dict[str, Any]:
        told = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "counted"}
        return {**told, "left": max(0, self.times - self.fired) if not self.each else None}


@dataclass(frozen=True, slots=True)
class Call:
    """What a request or a document is of; None where it isn't known."""

    platform: str
    operation: str = ""
    account_id: str | None = None
    streams: frozenset[str] = frozenset()


class Faults:
    """The planned faults, and what each platform and stream was seen to have (pages, reports, a login)."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []
        self._lock = threading.RLock()
        self._natures: dict[tuple[str, str], set[str]] = {}
        self.expired_tokens: set[str] = set()
        self.token_accounts: dict[str, str] = {}  # whose token it is, once it was accepted
        self.released = threading.Event()  # set when the faults are cleared: hanging answers end

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._planned))

    def __len__(self) -> int:
        return len(self._planned)

    def append(self, fault: Fault) -> None:
        if fault.kind not in KINDS:
            raise ValueError(f"{fault.kind!r} is no kind of fault; there are {', '.join([*KINDS, *ALIASES])}")
        with self._lock:
            self.released.clear()
            self._planned.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()
            self.expired_tokens.clear()
            self.released.set()

    def take(
        self,
        call: Call,
        families: tuple[str, ...],
        has: frozenset[str] | set[str] = frozenset(),
        only: Callable[[Fault], bool] = lambda fault: True,
    ) -> Fault | None:
        """The planned fault that happens to this call, used up by asking.

        ``has`` is what the call has of ``needs``; faults that aren't among the ``only`` ones are left alone.
        """
        with self._lock:
            for fault in self._planned:
                kind = KINDS[fault.kind]
                is_possible = kind.family in families and (not kind.needs or kind.needs in has)
                if is_possible and only(fault) and _matches(fault, call) and _is_due(fault, call):
                    fault.fired += 1
                    return fault
        return None

    def note(self, platform: str, stream: str, nature: str) -> None:
        """Remember what a stream of a platform has; the stream is empty where it's the whole platform's."""
        with self._lock:
            self._natures.setdefault((platform, stream), set()).add(nature)

    def has(self, platform: str, stream: str, nature: str) -> bool:
        return nature in self._natures.get((platform, stream), ()) or nature in self._natures.get((platform, ""), ())

    def natures(self) -> dict[str, list[str]]:
        with self._lock:
            return {f"{platform}/{stream}": sorted(found) for (platform, stream), found in self._natures.items()}


def fold(operation: str) -> str:
    """An operation's name whatever its spelling: createReport and create_report are the same."""
    return re.sub(r"[^a-z0-9]", "", operation.lower())


def is_login(operation: str) -> bool:
    return fold(operation) in LOGIN_OPERATIONS


def _matches(fault: Fault, call: Call) -> bool:
    if fault.operation and call.operation and fold(fault.operation) != fold(call.operation):
        both_log_in = is_login(fault.operation) and is_login(call.operation)
        if not both_log_in:
            return False
    return (
        fault.platform in (None, call.platform)
        and fault.account_id in (None, call.account_id)
        and (fault.stream is None or fault.stream in call.streams)
    )


def _is_due(fault: Fault, call: Call) -> bool:
    """Counts the call; true while it is after the good ones and not yet as often as wanted."""
    key = call.operation if fault.each else ""
    seen = fault.counted[key] = fault.counted.get(key, 0) + 1
    return fault.after < seen <= fault.after + fault.times
