"""Every dashboard of a large seller, tab by tab, as a browser asks Superset for it: cold, and out of the cache.

``python -m tests.benchmarks.bench_dashboards [--lines 100000] [--ad-rows 160000] [--targets 20000] [--rounds 3]`` in
the Superset environment, with KPI_TEST_POSTGRES_URI. The seller is bench_kpi's (kpi_scale/seller.py: 20 accounts,
20,000 SKUs, three years); the pipeline's environment fills and builds it. ``--warehouse URI`` takes one instead.

The dashboards are installed in a real Superset with a data cache. Each chart's own query goes to Superset's chart data
API with the values that the dashboard's filters open with, six at a time as a browser does, to one process on two
cores. The time of a tab is that from the first request to the last answer. Two people look: one who may see all, and
one whom row level security binds to half of the accounts, so that every figure is added up from those. ``cold`` goes
past Superset's cache, ``cached`` is the same again. Exit code 1 where a bar is missed: 12 charts a tab; p95 of a tab
over its rounds 3 s cold, 1 s cached.
"""

from __future__ import annotations

import argparse
import copy
import json
import logging
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from demo.environments import ROOT, python_of
from superset_kpi_plugin.assets import bundle
from superset_kpi_plugin.assets.editions import load
from superset_kpi_plugin.assets.source import Config, DashboardSource, Source
from tests.benchmarks import superset_site
from tests.plugin import conftest

IN_PARALLEL = 6
MOST_CHARTS, COLD_BAR, CACHED_BAR = 12, 3.0, 1.0
CACHE = '\nDATA_CACHE_CONFIG = {"CACHE_TYPE": "SimpleCache", "CACHE_THRESHOLD": 5000, "CACHE_DEFAULT_TIMEOUT": 86400}\n'
#: Who looks, and the accounts that row level security leaves them; None: all.
PEOPLE: dict[str, int | None] = {"owner": None, "viewer": 10}


@dataclass
class Tab:
    """One tab (or a dashboard without tabs): its charts by name, and the seconds that each person waited for it."""

    name: str
    charts: dict[str, Config]
    cold: list[float] = field(default_factory=list)
    cached: list[float] = field(default_factory=list)
    #: Seconds of each chart asked for alone, past the cache.
    alone: dict[str, float] = field(default_factory=dict)


def tabs_of(board: DashboardSource) -> Iterator[Tab]:
    """The tabs in the layout's order, each with its charts."""
    position = board.config["position"]
    by_uuid = {chart["uuid"]: name for name, chart in board.charts.items()}
    by_tab: dict[str, dict[str, Config]] = {}
    for item in bundle.chart_items(position):
        tab = next((parent for parent in item["parents"] if parent.startswith("TAB-")), "")
        name = by_uuid[item["meta"]["uuid"]]
        by_tab.setdefault(tab, {})[name] = board.charts[name]
    for tab, charts in by_tab.items():
        title = position[tab]["meta"]["text"] if tab else board.config["dashboard_title"]
        yield Tab(f"{board.key}: {title}", charts)


class Asker:
    """Asks the charts' queries as one person, from several sessions at once."""

    def __init__(self, app: Any, user: str, source: Source) -> None:
        self._app = app
        self._source = source
        self._sessions = [conftest.Client(app, user) for _ in range(IN_PARALLEL)]
        self._opening: dict[str, list[tuple[Config, list[Any]]]] = {}
        self.contexts = self._contexts()

    def _contexts(self) -> dict[str, Config]:
        """Each chart's query as it is stored in Superset, by uuid."""
        from superset.extensions import db
        from superset.models.slice import Slice

        with self._app.app_context():
            wanted = {chart["uuid"] for chart in self._source.charts.values()}
            found = {str(chart.uuid): chart.query_context for chart in db.session.query(Slice)}
        return {uuid: json.loads(found[uuid]) for uuid in wanted}

    def open(self, board: DashboardSource) -> None:
        """Find the values that the dashboard's filters open with: the first of those that take it by themselves."""
        found = []
        for native in bundle.filters(board.config["metadata"]):
            if native["controlValues"].get("defaultToFirstItem"):
                found.append((native, self._first(native)))
        self._opening[board.key] = found

    def _first(self, native: Config) -> list[Any]:
        target = native["targets"][0]
        column = target["column"]["name"]
        charts = self._source.charts.values()
        like = next(chart for chart in charts if chart["dataset_uuid"] == target["datasetUuid"])
        context = copy.deepcopy(self.contexts[like["uuid"]])
        query = {"columns": [column], "metrics": [], "filters": _simple(native), "row_limit": 1000}
        context["queries"] = [{**query, "orderby": [[column, bool(native["controlValues"].get("sortAscending"))]]}]
        (result,) = _answer(self._sessions[0], context)
        return [row[column] for row in result["data"][:1]]

    def ask(self, board: DashboardSource, chart: Config, force: bool, session: int = 0) -> None:
        """One chart; fails where Superset answers with an error."""
        context = copy.deepcopy(self.contexts[chart["uuid"]])
        context["force"] = force
        columns = self._columns(chart)
        for native, values in self._opening[board.key]:
            name = native["targets"][0]["column"]["name"]
            if values and name in columns and chart["uuid"] not in native["scope"]["excluded"]:
                for query in context["queries"]:
                    query["filters"] = [*query["filters"], {"col": name, "op": "IN", "val": values}]
        _answer(self._sessions[session], context)

    def _columns(self, chart: Config) -> set[str]:
        datasets = self._source.datasets.values()
        dataset = next(one for one in datasets if one["uuid"] == chart["dataset_uuid"])
        return {column["column_name"] for column in dataset["columns"]}

    def ask_all(self, board: DashboardSource, tab: Tab, force: bool) -> float:
        """Seconds until the last of the tab's charts has answered, six under way at a time."""
        free = list(range(IN_PARALLEL))

        def one(chart: Config) -> None:
            session = free.pop()
            try:
                self.ask(board, chart, force, session)
            finally:
                free.append(session)

        def run() -> None:
            with ThreadPoolExecutor(IN_PARALLEL) as pool:
                list(pool.map(one, tab.charts.values()))

        return superset_site.timed(run)


def _simple(native: Config) -> list[Config]:
    return [
        {"col": item["subject"], "op": item["operator"], "val": item["comparator"]}
        for item in native.get("adhoc_filters") or []
    ]


def _answer(client: Any, context: Config) -> list[Config]:
    answer = client.post("/api/v1/chart/data", context)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:800]
    results: list[Config] = answer.get_json()["result"]
    assert not [result["error"] for result in results if result["error"]], results
    return results


def measure(app: Any, user: str, rounds: int, source: Source) -> list[Tab]:
    """Every tab of every dashboard, as one person."""
    asker, found = Asker(app, user, source), []
    for board in source.dashboards.values():
        asker.open(board)
        for tab in tabs_of(board):
            for name, chart in tab.charts.items():
                tab.alone[name] = superset_site.timed(lambda chart=chart, board=board: asker.ask(board, chart, True))
            tab.cold = [asker.ask_all(board, tab, force=True) for _ in range(rounds)]
            tab.cached = [asker.ask_all(board, tab, force=False) for _ in range(rounds)]
            found.append(tab)
            waited = f"{_p95(tab.cold):6.2f} {_p95(tab.cached):6.2f}"
            _say(f"  {user:7} {waited}  {len(tab.charts):2}  {tab.name:45} {_dear(tab)}")
    return found


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 20 else max(seconds)


def _dear(tab: Tab, count: int = 3) -> str:
    dearest = sorted(tab.alone.items(), key=lambda item: -item[1])[:count]
    return ", ".join(f"{name} {seconds:.2f}" for name, seconds in dearest)


def misses(user: str, tabs: list[Tab]) -> list[str]:
    """What is beyond a bar."""
    bad = [f"{tab.name}: {len(tab.charts)} charts" for tab in tabs if len(tab.charts) > MOST_CHARTS]
    for tab in tabs:
        for kind, seconds, bar in (("cold", tab.cold, COLD_BAR), ("cached", tab.cached, CACHED_BAR)):
            if _p95(seconds) > bar:
                bad.append(f"{tab.name}, {user}: {_p95(seconds):.2f} s {kind}, the bar is {bar:.0f}")
    return bad


@contextmanager
def warehouse(uri: str | None, sizes: list[int]) -> Iterator[str]:
    """A warehouse with the seller: the given one, or one of this run's own."""
    if uri:
        yield uri
        return
    server = os.environ["KPI_TEST_POSTGRES_URI"]
    name = f"kpi_bench_seller_{os.getpid()}"
    conftest.run_sql(server, f'create database "{name}"')
    try:
        own = conftest.at_database(server, name)
        fill = [str(python_of("airflow")), "-m", "tests.benchmarks.kpi_scale.fill", own, *map(str, sizes)]
        subprocess.run(fill, cwd=ROOT, check=True)
        yield own
    finally:
        conftest.run_sql(server, f'drop database if exists "{name}" with (force)')


def _bind(app: Any, accounts: dict[str, int | None], uri: str) -> None:
    """Scopes of the people, and the row level security that follows from them."""
    from superset.extensions import db, security_manager

    from superset_kpi_plugin.access.models import Scope
    from superset_kpi_plugin.access.rls import sync_rules

    known = conftest.run_sql(uri, "select entity_id from kpi.kpi_entities where entity_kind = 'account' order by 1")
    with app.app_context():
        for user, count in accounts.items():
            for row in known[: count or 0]:
                scope = Scope(subject_kind="user", subject=user, entity_id=row["entity_id"], created_by="benchmark")
                db.session.add(scope)
        sync_rules(security_manager, db.session)
        db.session.commit()


def _install(app: Any) -> None:
    from superset_kpi_plugin.assets import install

    with app.app_context():
        install(languages=["en"])


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--ad-rows", type=int, default=160_000)
    parser.add_argument("--targets", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--warehouse", help="URI of a warehouse that holds the seller already")
    parser.add_argument("--dashboard", action="append", help="only this one (may be repeated)")
    arguments = parser.parse_args()
    source = load("en")
    if arguments.dashboard:
        source.dashboards = {key: source.dashboards[key] for key in arguments.dashboard}
    bad: list[str] = []
    sizes = [arguments.lines, arguments.ad_rows, arguments.targets]
    with warehouse(arguments.warehouse, sizes) as uri, superset_site.site_on(uri, CACHE) as app:
        logging.disable(logging.WARNING)  # Superset tells of every query
        _install(app)
        _bind(app, PEOPLE, uri)
        _say("  person    cold cached  charts, tab (p95 in seconds), its dearest charts alone and cold")
        for user in PEOPLE:
            bad += misses(user, measure(app, user, arguments.rounds, source))
    for line in bad:
        _say(f"MISSED: {line}")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
