"""Loads a sandbox business into a warehouse through the real clients and the real loader."""

from __future__ import annotations

import json
import urllib.request
from contextlib import AbstractContextManager
from pathlib import Path

from airflow_dags import ingest
from airflow_dags.accounts import Account, account_of
from airflow_dags.contracts import Window
from airflow_dags.registry import platforms
from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.erp import write_erp_files
from airflow_dags.sandbox.state import Options, SandboxState
from airflow_dags.streams import PullStream
from tests.sandboxes import serving


def sandbox(business: Business) -> AbstractContextManager[SandboxState]:
    """A sandbox server for the business while the block runs; the state's `revision` is the business clock."""
    return serving(business, Options(polls=1, rate=5000.0, burst=5000))


def load_everything(uri: str, state: SandboxState, folder: Path, days: int | None = None) -> None:
    """Load every stream of every account: all days of the business, or the last `days` before as_of."""
    business = state.business
    write_erp_files(business, folder, state.revision)
    with urllib.request.urlopen(f"{state.base_url}/sandbox/connections?erp_files_dir={folder}", timeout=30) as answer:
        connections = json.loads(answer.read())
    first = business.first_day if days is None else max(business.first_day, business.days()[-days:][0])
    for conn_id, connection in connections.items():
        account = account_of({**connection, "conn_id": conn_id})
        if account.platform in platforms():
            _load_account(uri, account, Window(first, business.last_day))


def _load_account(uri: str, account: Account, window: Window) -> None:
    platform = platforms()[account.platform]
    for name, stream in platform.streams.items():
        job = ingest.job_of(platform, name, account, uri)
        if isinstance(stream, PullStream):
            ingest.pull(job)
            continue
        batch = ingest.create_reports(job, window)
        while not ingest.poll_reports(job, batch):
            pass
        ingest.load_reports(job, batch)
