"""What the DAGs loaded of every platform adds up to what the simulated business did: to the cent, by account and day
(and what a platform keeps for some weeks only, for these)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

import psycopg
import pytest

from demo.airflow import PLATFORMS
from demo.http import JsonClient
from tests.platforms.test_totals import measures_of

Sums = dict[tuple[str, date], Decimal]
# Loaded by the orders' last update and for a few weeks only, so no purchase day of it is whole.
NOT_WHOLE = {("amazon_sp", "orders_api")}


def truth_of(sandbox: JsonClient, platform: str) -> dict[tuple[str, str], Sums]:
    rows = sandbox.call("GET", f"/sandbox/truth/totals?platform={platform}&revision=0")
    found: dict[tuple[str, str], Sums] = defaultdict(dict)
    for row in rows:
        if Decimal(row["value"]):
            key = (row["account_id"], date.fromisoformat(row["day"]))
            found[row["stream"], row["measure"]][key] = Decimal(row["value"])
    return found


def first_whole_days(warehouse: psycopg.Connection, platform: str) -> dict[tuple[str, str], date]:
    """By stream and account, the first day that is loaded whole.

    What is kept for some weeks only has no older days, and a settlement's first period begins within its first day.
    """
    query = """
        select stream, account_id, min(window_start) + case when max(mode) = 'changes' then 1 else 0 end
        from raw.load_ledger where platform = %s and window_start > (select min(window_start) from raw.load_ledger)
        and (stream, account_id) not in (
            select stream, account_id from raw.load_ledger
            where window_start = (select min(window_start) from raw.load_ledger)
        )
        group by stream, account_id having max(mode) <> 'snapshot'
    """
    return {(stream, account): day for stream, account, day in warehouse.execute(query, [platform]).fetchall()}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_loaded_rows_add_up_to_the_truth(platform: str, sandbox: JsonClient, connections: dict) -> None:
    measures, truth = measures_of(platform), truth_of(sandbox, platform)
    assert measures, f"{platform} has no measures"
    wrong: dict[str, list[str]] = {}
    as_of = date.fromisoformat(sandbox.call("GET", "/sandbox/health")["as_of"])
    with psycopg.connect(connections["warehouse"]["url"]) as warehouse:
        whole_from = first_whole_days(warehouse, platform)
        query = "select distinct stream from raw.load_ledger where platform = %s and mode = 'snapshot'"
        snapshots = set(warehouse.execute(query, [platform]).fetchall())
        for (stream, measure), query in measures.items():
            if (platform, stream) in NOT_WHOLE:
                continue
            rows = warehouse.execute(query).fetchall()
            if (stream,) in snapshots:  # taken on the account's own day, which may have begun before the sandbox's
                rows = [(account, as_of, value) for account, day, value in rows if abs((day - as_of).days) <= 1]
            every = {(account, day): Decimal(value) for account, day, value in rows if value}
            loaded, expected = (
                {key: value for key, value in sums.items() if key[1] >= whole_from.get((stream, key[0]), date.min)}
                for sums in (every, truth[stream, measure])
            )
            assert expected, f"the truth of {stream} {measure} is empty"
            if loaded != expected:
                keys = sorted(key for key in loaded.keys() | expected.keys() if loaded.get(key) != expected.get(key))
                wrong[f"{stream} {measure}"] = [
                    f"{key}: {loaded.get(key)}, truth {expected.get(key)}" for key in keys[:4]
                ]
    assert wrong == {}
