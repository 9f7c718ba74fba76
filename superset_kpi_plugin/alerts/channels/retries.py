"""When a message is sent again: one table over every kind of failure, shared by all channels. Imports no framework."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

MAX_ATTEMPTS = 12
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=6)
# Client errors that pass by themselves: timeout, conflict, too early, too many requests.
PASSING_CLIENT_ERRORS = frozenset({408, 409, 421, 423, 425, 429})


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt. ``error`` is one line for people and holds no address and no secret."""

    is_sent: bool
    is_transient: bool = False
    error: str | None = None
    retry_after: timedelta | None = None


SENT = Outcome(is_sent=True)


def of_http_status(status: int, retry_after: timedelta | None = None) -> Outcome:
    """2xx is sent; 5xx and a few of 4xx pass by themselves; redirects are not followed; the rest is final."""
    if 200 <= status < 300:
        return SENT
    if 300 <= status < 400:
        return Outcome(False, False, f"The receiver answered with a redirect (HTTP {status}), which is not followed.")
    is_transient = status >= 500 or status in PASSING_CLIENT_ERRORS
    return Outcome(False, is_transient, f"The receiver answered HTTP {status}.", retry_after if is_transient else None)


def wait_before(attempts: int, retry_after: timedelta | None = None, jitter: float | None = None) -> timedelta:
    """How long to wait after ``attempts`` failures: exponential, capped, with up to a fifth of jitter on top.

    A receiver's Retry-After is respected where it is longer, up to the cap.
    """
    share = random.random() if jitter is None else jitter  # noqa: S311 (no secret depends on it)
    doublings: int = 1 << min(max(attempts - 1, 0), 20)
    doubled = min(FIRST_WAIT * doublings, LONGEST_WAIT)
    wanted = max(doubled * (1 + share / 5), retry_after or timedelta(0))
    return min(wanted, LONGEST_WAIT)


def is_final(outcome: Outcome, attempts: int) -> bool:
    """Whether a failed message is given up after ``attempts`` attempts."""
    return not outcome.is_sent and (not outcome.is_transient or attempts >= MAX_ATTEMPTS)
