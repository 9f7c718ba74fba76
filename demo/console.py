"""Progress on the terminal: one line a step, with the seconds since the start."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_started = time.monotonic()
_lock = threading.Lock()


def say(text: str) -> None:
    """Print one line with the time since the start; safe from several threads."""
    elapsed = int(time.monotonic() - _started)
    with _lock:
        print(f"[{elapsed // 60:2d}:{elapsed % 60:02d}] {text}", flush=True)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Announce a step, and say how long it took or that it failed."""
    say(f"{name} ...")
    begun = time.monotonic()
    try:
        yield
    except BaseException:
        say(f"{name}: FAILED after {time.monotonic() - begun:.0f} s")
        raise
    say(f"{name}: done in {time.monotonic() - begun:.0f} s")


def fail(text: str) -> None:
    """Print an error on standard error."""
    with _lock:
        print(f"\nError: {text}", file=sys.stderr, flush=True)
