"""A load that is killed (-9) at any moment leaves the state before it, or the one after it; a rerun leaves the
latter."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import statistics
import threading
import time
from datetime import date
from typing import Any

import psycopg

from airflow_dags.contracts import Window
from airflow_dags.documents import Document
from airflow_dags.ingest import load_file

from .conftest import Warehouse
from .samples import ad_row, ads_file, order, orders_file

MOMENTS = 50
ROWS = 1500
WINDOW = Window(date(2026, 11, 1), date(2026, 11, 1))


class Reader(threading.Thread):
    """Looks at both tables all the time and remembers every state that it saw."""

    QUERY = (
        "select (select array_agg(distinct cost) from raw.amazon_ads__sp_campaigns), "
        "(select count(*) from raw.amazon_ads__sp_campaigns), (select count(distinct _load_id) from "
        "raw.amazon_ads__sp_campaigns), "
        "(select array_agg(distinct order_status) from raw.amazon_sp__orders), (select count(*) from "
        "raw.amazon_sp__orders)"
    )

    def __init__(self, uri: str) -> None:
        super().__init__(daemon=True)
        self.uri, self.stop, self.seen = uri, threading.Event(), []
        self.looks = 0

    def run(self) -> None:
        with psycopg.connect(self.uri, autocommit=True) as connection:
            while not self.stop.is_set():
                row = connection.execute(self.QUERY).fetchone()
                self.looks += 1
                if row not in self.seen:
                    self.seen.append(row)
                time.sleep(0.005)


def documents(number: int) -> dict[tuple[str, str], bytes]:
    """The number-th state: as many ad groups as orders, all with a cost and a status that tell the number."""
    ads = [ad_row("2026-11-01", ad_group=str(1000 + n), cost=f"{number}.50") for n in range(ROWS + number)]
    stamp = f"2026-11-01T{number // 60:02}:{number % 60:02}:00Z"
    orders = [order(str(n), last_updated_date=stamp, order_status=f"state {number}") for n in range(ROWS)]
    return {("amazon_ads", "sp_campaigns"): ads_file(ads), ("amazon_sp", "orders"): orders_file(orders)}


def load(warehouse: Warehouse, stream: tuple[str, str], content: bytes) -> None:
    window = WINDOW if stream[0] == "amazon_ads" else None
    load_file(warehouse.job(*stream), Document("report", content), window)


def in_child(warehouse: Warehouse, stream: tuple[str, str], content: bytes, begun: Any) -> None:
    begun.set()
    load(warehouse, stream, content)
    os._exit(0)


def test_fifty_kills_and_reruns_equal_an_uninterrupted_run(warehouse: Warehouse) -> None:
    forking = multiprocessing.get_context("fork")
    dice = random.Random(20261123)
    durations = []
    for number in (1, 2):
        for stream, content in documents(number).items():
            started = time.monotonic()
            load(warehouse, stream, content)
            durations.append(time.monotonic() - started)
    usual = statistics.median(durations)
    reader = Reader(warehouse.uri)
    reader.start()
    outcomes = {"before": 0, "after": 0}
    for moment in range(MOMENTS):
        number = 3 + moment
        stream = [("amazon_ads", "sp_campaigns"), ("amazon_sp", "orders")][moment % 2]
        table = "__".join(stream)
        content = documents(number)[stream]
        before = warehouse.table(table)
        begun = forking.Event()
        child = forking.Process(target=in_child, args=(warehouse, stream, content, begun))
        child.start()
        begun.wait(30)
        time.sleep(dice.uniform(0, 1.2 * usual))
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        killed = warehouse.table(table)
        load(warehouse, stream, content)
        after = warehouse.table(table)
        assert killed in (before, after), f"half a load was left at moment {moment}"
        outcomes["before" if killed == before else "after"] += 1
        assert_is_state(warehouse, stream, number)
    reader.stop.set()
    reader.join()
    assert_never_half(reader)
    # Kills that all came too early or too late would prove nothing.
    assert outcomes["before"] >= 5, outcomes
    assert_nothing_is_left(warehouse)


def assert_is_state(warehouse: Warehouse, stream: tuple[str, str], number: int) -> None:
    """What an uninterrupted run of the number-th document leaves, worked out from how the document was made."""
    if stream[0] == "amazon_ads":
        found = warehouse.rows(
            "select count(*) as n, min(cost) as low, max(cost) as high from raw.amazon_ads__sp_campaigns"
        )[0]
        assert (found["n"], str(found["low"]), str(found["high"])) == (ROWS + number, f"{number}.5", f"{number}.5")
    else:
        found = warehouse.rows(
            "select count(*) as n, min(order_status) as low, max(order_status) as high from raw.amazon_sp__orders"
        )[0]
        assert (found["n"], found["low"], found["high"]) == (ROWS, f"state {number}", f"state {number}")


def assert_never_half(reader: Reader) -> None:
    """Each look found one state of each table: one cost with its very number of rows, one status with all orders."""
    assert reader.looks > MOMENTS
    for costs, ads, loads, statuses, orders in reader.seen:
        assert len(costs) == 1, reader.seen
        assert loads == 1
        assert ads == ROWS + int(costs[0])
        assert len(statuses) == 1
        assert orders == ROWS


def assert_nothing_is_left(warehouse: Warehouse) -> None:
    """No stage table and no open transaction survives its process."""
    query = (
        "select (select count(*) from pg_class where relname like 'kpi_stage%%'), (select count(*) from "
        "pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%%')"
    )
    deadline = time.monotonic() + 10
    with psycopg.connect(warehouse.uri, autocommit=True) as connection:
        while (left := connection.execute(query, ()).fetchone()) != (0, 0):
            assert time.monotonic() < deadline, left
            time.sleep(0.1)
