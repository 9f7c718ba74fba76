"""The HTTP client under every platform: timeouts, retries with jitter, Retry-After, a token bucket per account and
operation.

Libraries of the platforms send through it, because several of them take a 503 with HTML, or a 429, for an answer.
Messages and logs hold the operation and the platform's own reason, never headers, bodies or addresses with signatures.
"""

from __future__ import annotations

import email.utils
import json
import logging
import random
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

import httpx

from airflow_dags.errors import (
    LoginRefused,
    NetworkFailed,
    PipelineError,
    RequestRefused,
    ServerUnavailable,
    Throttled,
    TransientError,
)

log = logging.getLogger(__name__)
TIMEOUT = httpx.Timeout(60.0, connect=10.0)
RATE_HEADER = "x-amzn-RateLimit-Limit"
_TRANSIENT_4XX = frozenset({408, 425})


@dataclass(frozen=True)
class Limit:
    """Requests a second in the long run, and how many may come at once."""

    rate: float
    burst: int


class TokenBucket:
    """Spaces calls out to ``limit``; a rate that the server announces replaces the documented one."""

    def __init__(
        self,
        limit: Limit,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate, self._burst, self._clock = limit.rate, limit.burst, clock
        self._tokens, self._at = float(limit.burst), clock()
        self._lock = threading.Lock()

    def reserve(self) -> float:
        """Take a token and return the seconds to wait before using it."""
        with self._lock:
            self._refill()
            self._tokens -= 1
            return 0.0 if self._tokens >= 0 else -self._tokens / self._rate

    def give_back(self) -> None:
        with self._lock:
            self._tokens = min(self._burst, self._tokens + 1)

    def adapt(self, rate: float) -> None:
        with self._lock:
            self._refill()
            if rate > 0:
                self._rate = rate

    def drain(self) -> None:
        """The server found us too quick: it knows of calls that this process does not."""
        with self._lock:
            self._refill()
            self._tokens = min(self._tokens, 0.0)

    def _refill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now


_buckets: dict[tuple[str, str], TokenBucket] = {}
_buckets_lock = threading.Lock()


def bucket_of(owner: str, operation: str, limit: Limit) -> TokenBucket:
    """The one bucket of this process for an owner (platform and account) and operation."""
    with _buckets_lock:
        return _buckets.setdefault((owner, operation), TokenBucket(limit))


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a Retry-After header asks for, in either of its forms; None where there is none."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return max(0.0, (moment - (now or datetime.now(timezone.utc))).total_seconds())


@lru_cache(maxsize=1)
def trusted_certificates() -> ssl.SSLContext:
    """The certificates to trust, read once: reading them takes longer than a request."""
    return httpx.create_ssl_context()


class HttpClient:
    """Sends one account's requests to one platform.

    ``patience`` bounds the seconds that one call may spend waiting; beyond it the last transient error is raised and
    the caller (Airflow's retry, the next poll) comes back later. ``secrets`` are blotted out of every message.
    """

    def __init__(
        self,
        owner: str,
        limits: Mapping[str, Limit] | None = None,
        *,
        secrets: Iterable[str] = (),
        attempts: int = 6,
        patience: float = 300.0,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self.owner = owner
        self._limits = dict(limits or {})
        self._secrets = [secret for secret in secrets if secret]
        self._attempts, self._patience, self._sleep = attempts, patience, sleep
        self._http = httpx.Client(
            timeout=TIMEOUT, transport=transport, follow_redirects=False, verify=trusted_certificates()
        )

    def close(self) -> None:
        self._http.close()

    def send(
        self,
        operation: str,
        method: str,
        url: str,
        *,
        expect_json: bool = True,
        answers: Collection[int] = (),
        **request: Any,
    ) -> httpx.Response:
        """Return a good answer; raises TransientError after the last attempt, TerminalError at once.

        ``answers`` are the statuses beside 2xx that say something to the caller and are returned too.
        """
        waited, attempt = 0.0, 0
        while True:
            attempt += 1
            bucket = self._bucket(operation)
            pause = bucket.reserve() if bucket else 0.0
            if waited + pause > self._patience:
                if bucket:
                    bucket.give_back()
                raise Throttled(
                    f"{self.owner}: {operation} is over its rate for {pause:.0f} s more", pause, operation=operation
                )
            if pause:
                self._sleep(pause)
                waited += pause
            try:
                return self._once(
                    operation, method, url, expect_json=expect_json, answers=answers, bucket=bucket, **request
                )
            except TransientError as error:
                pause = self._pause_before_retry(error, attempt)
                if attempt >= self._attempts or waited + pause > self._patience:
                    raise
                log.info(
                    "%s: attempt %d of %s failed (%s), next in %.1f s", self.owner, attempt, operation, error, pause
                )
                self._sleep(pause)
                waited += pause

    def _once(
        self,
        operation: str,
        method: str,
        url: str,
        *,
        expect_json: bool,
        answers: Collection[int],
        bucket: TokenBucket | None,
        **request: Any,
    ) -> httpx.Response:
        try:
            response = self._http.request(method, url, **request)
        except httpx.HTTPError as error:
            raise NetworkFailed(
                f"{self.owner}: no answer to {operation} ({type(error).__name__})", operation=operation
            ) from None
        rate = response.headers.get(RATE_HEADER)
        if bucket and rate and response.is_success:
            bucket.adapt(_number(rate))
        if response.status_code == 429 and bucket:
            bucket.drain()
        is_answer = response.status_code in answers and _is_json(response)
        if not is_answer and (problem := self._problem(operation, response, expect_json)):
            raise problem
        return response

    def _problem(self, operation: str, response: httpx.Response, expect_json: bool) -> PipelineError | None:
        status = response.status_code
        context = {"operation": operation, "status": status}
        prefix = f"{self.owner}: {operation}"
        if 200 <= status < 300:
            if expect_json and not _is_json(response):
                return ServerUnavailable(f"{prefix} answered {status} with something that is not JSON", **context)
            return None
        reason = self._reason(response)
        wait = retry_after(response.headers.get("Retry-After"))
        if status == 429:
            return Throttled(f"{prefix} was throttled{reason}", wait, **context)
        if status >= 500 or status in _TRANSIENT_4XX:
            return ServerUnavailable(f"{prefix} failed with {status}{reason}", retry_after=wait, **context)
        if status in (401, 403):
            return LoginRefused(
                f"{prefix} was refused ({status}{reason}); nothing was changed; check the connection", **context
            )
        return RequestRefused(f"{prefix} was refused ({status}{reason}); nothing was changed", **context)

    def _reason(self, response: httpx.Response) -> str:
        """The platform's own words, short and without secrets."""
        try:
            body = response.json()
        except ValueError:
            return ""
        found = _message_in(body)
        for secret in self._secrets:
            found = found.replace(secret, "***")
        return f": {found[:200]}" if found else ""

    def _pause_before_retry(self, error: TransientError, attempt: int) -> float:
        asked = error.context.get("retry_after")
        if asked is not None:
            # A little more than asked: servers that count in whole seconds refuse who is exactly on time.
            return float(asked) + random.uniform(0, 0.2)  # noqa: S311 (jitter, no secret)
        return random.uniform(0.5, 1.0) * min(60.0, 0.5 * 2**attempt)  # noqa: S311

    def _bucket(self, operation: str) -> TokenBucket | None:
        limit = self._limits.get(operation)
        return bucket_of(self.owner, operation, limit) if limit else None


def _is_json(response: httpx.Response) -> bool:
    try:
        response.json()
    except ValueError:
        return False
    return True


def _message_in(body: Any) -> str:
    if isinstance(body, list):
        body = body[0] if body else {}
    if not isinstance(body, dict):
        return ""
    errors = body.get("errors") or body.get("error")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return str(errors[0].get("message") or errors[0].get("description") or errors[0].get("code") or "")
    for name in ("error_description", "message", "detail", "details", "error", "code"):
        value = body.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, dict):
            return json.dumps(value)
    return ""


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
