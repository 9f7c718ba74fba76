"""Every platform's loaded rows add up to what the simulated business really did: to the cent, by account and day of the
marketplace, across both clock changes, before and after the restatement.

A platform takes part by having a folder in the sandbox with ``totals`` and a ``measures.py`` in its folder here: one
query for each measure of the truth. The truth is worked out from the business's records, never from documents.
"""

from __future__ import annotations

import importlib
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from airflow_dags.ingest import Job
from airflow_dags.registry import platforms
from tests.pipeline.conftest import Warehouse

from .conftest import BOTH
from .support import run, whole_window

Sums = dict[tuple[str, date], Decimal]
HERE = Path(__file__).parent


def measures_of(platform: str) -> dict[tuple[str, str], str]:
    """The platform's queries by stream and measure."""
    if not (HERE / platform / "measures.py").is_file():
        return {}
    module = importlib.import_module(f"tests.platforms.{platform}.measures")
    return dict(module.MEASURES)


def truth_of(platform: str, business: Any, revision: int) -> dict[tuple[str, str], Sums]:
    from airflow_dags.sandbox.platforms import sandbox_platforms

    found: dict[tuple[str, str], Sums] = defaultdict(dict)
    simulated = sandbox_platforms().get(platform)
    for total in simulated.totals(business, revision) if simulated else ():
        sums = found[total.stream, total.measure]
        assert (total.account_id, total.day) not in sums, f"the truth has {total} twice"
        if total.value:
            sums[total.account_id, total.day] = Decimal(total.value)
    return found


def loaded(warehouse: Warehouse, query: str) -> Sums:
    rows = warehouse.rows(query)
    return {(row["account_id"], row["day"]): Decimal(row["value"]) for row in rows if row["value"]}


def differences(found: Sums, expected: Sums) -> list[str]:
    keys = sorted(found.keys() | expected.keys())
    return [
        f"{account} {day}: loaded {found.get((account, day))}, truth {expected.get((account, day))}"
        for account, day in keys
        if found.get((account, day)) != expected.get((account, day))
    ]


@BOTH
@pytest.mark.parametrize("platform", platforms())
def test_the_loaded_rows_add_up_to_the_truth_before_and_after_the_restatement(
    platform: str, business: Any, sandbox: Any, warehouse: Warehouse, jobs: Callable[[str, str], list[Job]]
) -> None:
    measures = measures_of(platform)
    truths = [truth_of(platform, business, revision) for revision in (0, 1)]
    if not measures and not any(truths):
        pytest.skip(f"{platform} states no truth (sandbox totals and tests/platforms/{platform}/measures.py)")
    for truth in truths:
        assert set(truth) == set(measures), "each measure of the truth has its query and each query its truth"
    streams = {stream for stream, _ in measures}
    for revision, truth in enumerate(truths):
        sandbox.revision = revision
        for stream in sorted(streams):
            for job in jobs(platform, stream):
                run(job, whole_window(business, job.stream))
        wrong = {
            f"revision {revision} {stream} {measure}": found[:5]
            for (stream, measure), query in measures.items()
            if (found := differences(loaded(warehouse, query), truth[stream, measure]))
        }
        assert wrong == {}
        assert all(truth.values()), "a measure that is always zero shows nothing"
