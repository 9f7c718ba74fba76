"""Runs the test suites, each in the environment that it belongs to, and adds up their results.

``python3.11 -m tests.run``: everything; ``--quick``: without the demo and the browser; ``--bench``: the benchmarks;
``--faults``: every kill, hostile file and history of an alert; ``--oracle``: every random business; ``--matrix``: older
Supersets.
Exit code 0 only when every suite ran at least one test and none failed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from demo.console import fail, say
from demo.environments import ROOT, SetupError, ensure_all, ensure_environment, python_of
from demo.postgres import Postgres

RESULTS = ROOT / ".test" / "results"
DEMO = ROOT / ".test" / "demo"
LANES = 3

#: Runs tests, writes what they say into a file, and returns an exit code.
Job = Callable[[IO[str]], int]


@dataclass
class Suite:
    """One pytest run: a name, the environment whose interpreter runs it, and the folders of its tests."""

    name: str
    environment: str
    paths: tuple[str, ...]
    needs_demo: bool = False
    counts: dict[str, int] = field(default_factory=dict)


PLUGIN_PARTS = ("alerts", "assets", "packaging")
SUITES = (
    Suite("sql", "airflow", ("tests/sql",)),
    # The plugin's parts have a Superset of their own each, because what one installs another counts.
    Suite("plugin", "superset", ("tests/plugin", *(f"--ignore=tests/plugin/{name}" for name in PLUGIN_PARTS))),
    Suite("platforms", "airflow", ("tests/platforms", "--ignore=tests/platforms/test_faults.py")),
    Suite("oracle", "airflow", ("tests/oracle",)),
    Suite("demo", "airflow", ("tests/demo",)),
    Suite("sandbox", "airflow", ("tests/sandbox",)),
    Suite("pipeline", "airflow", ("tests/pipeline",)),
    Suite("fault matrix", "airflow", ("tests/platforms/test_faults.py",)),
    Suite("faults", "airflow", ("tests/faults",)),
    Suite("forecast", "airflow", ("tests/forecast",)),
    *(Suite(name, "superset", (f"tests/plugin/{name}",)) for name in PLUGIN_PARTS),
    Suite("end to end", "airflow", ("tests/e2e/data",), needs_demo=True),
    Suite("browser", "superset", ("tests/e2e/browser",), needs_demo=True),
)
#: Older versions of Superset, each in an environment of its own: the dashboards are installed, every chart's query is
#: run; the plugin registers, its routes answer each role as on the newest, and its tables are made.
MATRIX = tuple(
    Suite(
        name.replace("superset-", "Superset "),
        name,
        ("tests/plugin/assets", *(f"tests/plugin/test_{part}.py" for part in ("smoke", "setup", "access_matrix"))),
    )
    for name in ("superset-4.1", "superset-5.0", "superset-6.0")
)
#: Module of each benchmark, and the environment that it runs in.
BENCHMARKS = {
    "tests.benchmarks.bench_loader": "airflow",
    "tests.benchmarks.bench_settlement": "airflow",
    "tests.benchmarks.bench_kpi": "airflow",
    "tests.benchmarks.bench_targets": "superset",
    "tests.benchmarks.bench_reports": "superset",
    "tests.benchmarks.bench_alerts": "superset",
    "tests.benchmarks.bench_dashboards": "superset",
}


#: What needs the running demo, and the environment that it runs in.
DEMO_BENCHMARK = ("tests.benchmarks.bench_delivery", "airflow")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out what needs the running demo")
    parser.add_argument("--bench", action="store_true", help="run the benchmarks instead of the tests")
    parser.add_argument(
        "--faults",
        action="store_true",
        help="all of the kills, hostile files and alerts' histories, of which tests take a sample",
    )
    parser.add_argument(
        "--oracle",
        action="store_true",
        help="all 200 random businesses, the tiny one and the mutations, of which tests take a sample",
    )
    parser.add_argument("--matrix", action="store_true", help="the plugin and its dashboards on older Supersets")
    parser.add_argument("--suite", action="append", help="only this suite (may be repeated)")
    parser.add_argument("--in-demo", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    try:
        ensure_all(RESULTS.parent / "logs")
        for suite in MATRIX if arguments.matrix else ():
            if not arguments.suite or suite.name in arguments.suite:
                ensure_environment(suite.environment, RESULTS.parent / "logs")
    except SetupError as error:
        fail(str(error))
        return 1
    if arguments.bench:
        return _benchmarks()
    if arguments.faults:
        arguments.suite = ["fault matrix", "faults", "alerts"]
        os.environ.update(dict.fromkeys(("KPI_FAULTS", "KPI_CRASHES", "KPI_HISTORIES"), "all"))
    if arguments.oracle:
        arguments.suite, os.environ["KPI_ORACLE"] = ["oracle", "sql", "sandbox"], "all"
    suites = MATRIX if arguments.matrix else SUITES
    wanted = [suite for suite in suites if not arguments.suite or suite.name in arguments.suite]
    if arguments.in_demo:
        codes = [_run(suite, os.environ) for suite in wanted if suite.needs_demo]
        return max(codes, default=0)
    return _everything(wanted, quick=arguments.quick)


def _everything(wanted: list[Suite], quick: bool) -> int:
    RESULTS.mkdir(parents=True, exist_ok=True)
    for old in RESULTS.glob("*.xml"):
        old.unlink()
    with_demo = [] if quick else [suite for suite in wanted if suite.needs_demo]
    server = Postgres(ROOT / ".test" / "unit", durable=False)
    environment = {**os.environ, "KPI_TEST_POSTGRES_URI": server.start()}
    jobs: dict[str, Job] = {"with the demo": lambda output: _with_demo(with_demo, output)} if with_demo else {}
    jobs.update({suite.name: _job(suite, environment) for suite in wanted if not suite.needs_demo})
    if "plugin" in jobs:
        jobs["interface"] = _interface
    try:
        failed = _in_lanes(jobs)
    finally:
        server.stop()
    return _summary([suite for suite in wanted if not (quick and suite.needs_demo)], failed)


def _in_lanes(jobs: Mapping[str, Job]) -> list[str]:
    """Run jobs side by side, each with its output shown when it has ended; the names of those that failed.

    A third of the time is spent waiting for PostgreSQL, a server, a browser or a start-up, so three lanes fill two
    cores. The long jobs come first, so that no lane is left alone with one at the end.
    """

    def run(item: tuple[str, Job]) -> int:
        name, job = item
        output = RESULTS / f"{name.replace(' ', '-')}.log"
        with output.open("w", encoding="utf-8") as file:
            code = job(file)
        sys.stdout.write(output.read_text(encoding="utf-8", errors="replace"))
        sys.stdout.flush()
        return code

    with ThreadPoolExecutor(LANES) as lanes:
        return [name for name, code in zip(jobs, lanes.map(run, jobs.items()), strict=True) if code]


def _job(suite: Suite, environment: Mapping[str, str]) -> Job:
    return lambda output: _run(suite, environment, output)


def _with_demo(suites: list[Suite], output: IO[str]) -> int:
    """The suites that need the demo, one after the other in a fresh one."""
    say(f"tests: the demo starts, then {' and '.join(suite.name for suite in suites)}; to follow it: {output.name}")
    only = [item for suite in suites for item in ("--suite", suite.name)]
    inner = [sys.executable, "-m", "tests.run", "--in-demo", *only]
    demo = [sys.executable, "-m", "demo.run", "--folder", str(DEMO), "--fresh", "--", *inner]
    return _timed("with the demo", demo, output)


def _run(suite: Suite, environment: Mapping[str, str], output: IO[str] | None = None) -> int:
    say(f"tests: {suite.name}")
    report = RESULTS / f"{suite.name.replace(' ', '-')}.xml"
    command = [str(python_of(suite.environment)), "-m", "pytest", "-q", f"--junit-xml={report}", *suite.paths]
    return _timed(suite.name, command, output, environment)


def _timed(
    name: str,
    command: list[str],
    output: IO[str] | None,
    environment: Mapping[str, str] = os.environ,
    folder: Path = ROOT,
) -> int:
    """Run a command into an output, and say how it ended and after how long; its exit code."""
    begun = time.monotonic()
    code = subprocess.run(
        command,
        cwd=folder,
        env=dict(environment),
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        check=False,
    ).returncode
    say(f"tests: {name}: {'passed' if code == 0 else 'FAILED'} in {time.monotonic() - begun:.0f} s")
    return code


def _interface(output: IO[str]) -> int:
    """The user interface's own unit tests, with the Node that built it."""
    say("tests: interface")
    folder = ROOT / "superset_kpi_plugin" / "ui"
    command = [str(python_of("superset")), str(folder / "build.py"), "--print-path"]
    path = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    environment = {**os.environ, "PATH": f"{path}{os.pathsep}{os.environ['PATH']}"}
    return _timed("interface", ["npm", "run", "--silent", "test"], output, environment, folder)


def _summary(suites: list[Suite], failed: list[str]) -> int:
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    for suite in suites:
        report = RESULTS / f"{suite.name.replace(' ', '-')}.xml"
        counts = _counts(report)
        if counts["passed"] == 0 and suite.name not in failed:
            failed.append(suite.name)
            say(f"tests: {suite.name}: no test ran")
        for key, value in counts.items():
            totals[key] += value
    if failed:
        fail(f"failed: {', '.join(failed)}")
    skipped = f", {totals['skipped']} skipped" if totals["skipped"] else ""
    bad = max(totals["failed"], len(failed))  # a suite that could not even start counts too
    sys.stdout.write(f"\ntests: {totals['passed']} passed, {bad} failed{skipped}\n")
    return 1 if failed else 0


def _counts(report: Path) -> dict[str, int]:
    if not report.exists():
        return {"passed": 0, "failed": 0, "skipped": 0}
    attributes = [suite.attrib for suite in ElementTree.parse(report).iter("testsuite")]
    total, bad, skipped = (
        sum(int(item.get(name, 0)) for item in attributes for name in names)
        for names in (("tests",), ("failures", "errors"), ("skipped",))
    )
    return {"passed": total - bad - skipped, "failed": bad, "skipped": skipped}


def _benchmarks() -> int:
    server = Postgres(ROOT / ".test" / "unit")
    environment = {**os.environ, "KPI_TEST_POSTGRES_URI": server.start()}
    try:
        codes = [
            subprocess.run([str(python_of(name)), "-m", path], cwd=ROOT, env=environment, check=False).returncode
            for path, name in BENCHMARKS.items()
        ]
    finally:
        server.stop()
    return max(*codes, _demo_benchmark())


def _demo_benchmark() -> int:
    """The benchmark of the whole chain, on a demo of its own or on the one that KPI_DEMO_CONNECTIONS names."""
    path, name = DEMO_BENCHMARK
    command = [str(python_of(name)), "-m", path]
    if not os.environ.get("KPI_DEMO_CONNECTIONS"):
        command = [sys.executable, "-m", "demo.run", "--folder", str(DEMO), "--fresh", "--", *command]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
