"""Faults lose nothing: every kind of fault against every stream of every platform, with the real clients.

After a run under a fault the table is as it would be without, or what was known is still there, the ledger says why in
a line that a person understands, and the next run heals it. KPI_FAULTS=all runs the whole matrix and writes the
results to KPI_FAULTS_REPORT; without it every stream meets a few kinds, and every kind a few streams.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from airflow_dags.loader import ensure_schema
from airflow_dags.registry import platforms
from tests.pipeline.conftest import Warehouse

pytest.importorskip("flask", reason="the sandbox needs the extra [demo]: faults are NOT tested")

from airflow_dags.sandbox.faults import KINDS

from .conftest import business_at
from .fault_bench import LEAST_PAGES, Bench, drop_streams, rotation, verdict, windows_of
from .support import AUTUMN, accounts_in, jobs_of, serving

IS_WHOLE = os.environ.get("KPI_FAULTS") == "all"
STREAMS = [(platform, stream) for platform, found in platforms().items() for stream in found.streams]
LASTING = [name for name, kind in KINDS.items() if kind.family in ("refusal", "answer") and name != "missing_role"]
NAMES = [f"{platform}/{stream}" for platform, stream in STREAMS]
SAMPLE = rotation(NAMES, sorted(KINDS), 2)
LASTING_FOR = rotation(NAMES, LASTING, 4 if IS_WHOLE else 1)
RESULTS: dict[str, dict[str, str]] = {}


@pytest.fixture(scope="module")
def warehouse(postgres_uri: str) -> Iterator[Warehouse]:
    name = f"test_faults_{secrets.token_hex(6)}"
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    uri = f"{postgres_uri.rsplit('/', 1)[0]}/{name}"
    ensure_schema(uri, [])
    yield Warehouse(uri)
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def state() -> Iterator[Any]:
    with serving(business_at(AUTUMN)) as found:
        found.options.least_pages = LEAST_PAGES
        yield found


@pytest.fixture
def quick_clients(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three attempts of a request are as good as six."""
    from airflow_dags.http import HttpClient

    monkeypatch.setitem(HttpClient.__init__.__kwdefaults__, "attempts", 3)  # type: ignore[attr-defined]
    monkeypatch.setattr("airflow_dags.ingest.jobs.Job.today", lambda self: business_at(AUTUMN).as_of)


@pytest.fixture(autouse=True)
def report() -> Iterator[None]:
    """The results so far, and as a table, for who wants to read them."""
    yield
    if path := os.environ.get("KPI_FAULTS_REPORT"):
        Path(path).write_text(json.dumps(RESULTS, indent=1, sort_keys=True), encoding="utf-8")
        Path(path).with_suffix(".md").write_text(table_of(RESULTS), encoding="utf-8")


def table_of(results: dict[str, dict[str, str]]) -> str:
    """Kinds by platforms: how many streams were healed (h), refused clearly (r), healed by the next run (n), went
    wrong (WRONG), or can't have the fault (-)."""
    signs = {"healed by": "n", "healed": "h", "refused": "r", "not applicable": "-"}
    names = [name for name in platforms() if any(place.startswith(f"{name}/") for place in results)]
    lines = [f"| kind | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}"]
    for kind in sorted({kind for found in results.values() for kind in found}):
        cells = []
        for name in names:
            found = [told[kind] for place, told in results.items() if place.startswith(f"{name}/") and kind in told]
            kinds = [next((sign for start, sign in signs.items() if text.startswith(start)), "WRONG") for text in found]
            cells.append(" ".join(f"{kinds.count(sign)}{sign}" for sign in dict.fromkeys(kinds)))
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def bench_of(state: Any, warehouse: Warehouse, folder: Path, platform: str, stream: str) -> Bench:
    """The stream's first account that has rows."""
    business = state.business
    for job in jobs_of(platform, stream, accounts_in(state, platform, folder), warehouse.uri):
        for window in windows_of(job, business):
            bench = Bench(state, warehouse, job, window)
            if bench.prepare():
                return bench
    pytest.fail(f"the sandbox has no rows of {platform}/{stream}")


def kinds_for(bench: Bench) -> list[str]:
    """The kinds that this stream meets; its platform's first stream meets all that need something special."""
    platform, stream = bench.place
    if IS_WHOLE:
        return list(KINDS)
    special = [name for name, kind in KINDS.items() if kind.needs in ("pages", "report", "token", "clock")]
    is_first = next(iter(platforms()[platform].streams)) == stream
    return list(dict.fromkeys([*SAMPLE[f"{platform}/{stream}"], *(special if is_first else [])]))


def lasting_for(bench: Bench) -> list[str]:
    """The kinds that don't pass by themselves this time, a few for every stream."""
    platform, stream = bench.place
    is_possible = bench.why_not(KINDS["reset"]) is None
    return LASTING_FOR[f"{platform}/{stream}"] if is_possible else []


@pytest.mark.usefixtures("quick_clients")
@pytest.mark.parametrize(("platform", "stream"), STREAMS, ids=list(map("-".join, STREAMS)))
def test_no_fault_loses_or_doubles_a_row(
    platform: str, stream: str, state: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    drop_streams(warehouse)
    bench = bench_of(state, warehouse, tmp_path, platform, stream)
    results = RESULTS.setdefault(f"{platform}/{stream}", {})
    wrong = {}
    for kind in kinds_for(bench):
        if reason := bench.why_not(KINDS[kind]):
            results[kind] = f"not applicable: {reason}"
            continue
        results[kind], problem = verdict(bench, kind)
        if problem:
            wrong[kind] = problem
    for kind in lasting_for(bench):
        name = f"{kind} (lasting)"
        results[name], problem = verdict(bench, kind, lasting=True)
        if problem or results[name] == "healed":
            wrong[name] = problem or "nobody noticed a fault that never ended"
    results.update({kind: f"WRONG: {problem}" for kind, problem in wrong.items()})
    assert wrong == {}
