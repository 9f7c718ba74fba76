"""Sandbox servers for tests, each as if it were new.

Making the routes of all platforms takes longer than many a test, so a server whose test has ended serves the next one,
with a state of its own: faults, limits, tokens, jobs and the revision don't leak.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from werkzeug.local import LocalProxy

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.server import make_sandbox_server
from airflow_dags.sandbox.state import Options, SandboxState


class _Server:
    """A server of one business on a port of its own; what it knows is exchanged between tests."""

    def __init__(self, state: SandboxState) -> None:
        self.state = state
        self._server = make_sandbox_server(cast(SandboxState, LocalProxy(lambda: self.state)))
        self.url = state.base_url
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


_idle: dict[Business, list[_Server]] = defaultdict(list)


@contextmanager
def serving(business: Business, options: Options | None = None) -> Iterator[SandboxState]:
    """A sandbox of the business while the block runs; yields its state."""
    state = SandboxState(business, options)
    if _idle[business]:
        server = _idle[business].pop()
        server.state, state.base_url = state, server.url
    else:
        server = _Server(state)
    try:
        yield state
    finally:
        if len(state.faults):  # an answer may still hang
            server.stop()
        else:
            _idle[business].append(server)
