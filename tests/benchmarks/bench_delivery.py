"""From the end of a build to the message in the mailbox, through Airflow: against a running demo.

``python -m tests.benchmarks.bench_delivery [--builds 5]`` in the Airflow environment, with KPI_DEMO_CONNECTIONS (the
file that `make demo` writes). Before each build a few rules are made that find something at once and mail it; what is
measured is the time from the end of kpi_build's run, as Airflow has it, to each mail in the demo's mail server. Exit
code 1 where the 95th of a hundred takes longer than 60 s. The rules are deleted again.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import json
import math
import os
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import demo.airflow
import demo.superset
from demo.airflow import BUILD_DAG
from demo.http import JsonClient
from tests.e2e.chain import none_more, wait_for_chain

BAR = 60.0
RULES, CHANNEL = "/api/v1/kpi/alert_rules/", "operations-mail"
KPIS = ("gmv", "units", "orders", "net_sales")
LONGEST = 900.0
QUIET = 10.0  # so long after the last mail there is none to come


def percentile(values: list[float], share: float) -> float:
    """The nearest rank: at least so large a share of the values is no larger."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def rules(mark: str) -> list[dict[str, Any]]:
    """Rules that fire for every account: what it sells in a whole month is more than nothing."""
    plain = {"entity_kind": "account", "grain": "month", "condition": "limit", "severity": "info"}
    parameters = {"limit": 0, "side": "above"}
    return [
        {**plain, "name": f"{mark} {kpi}", "kpi_id": kpi, "parameters": parameters, "channels": [CHANNEL]}
        for kpi in KPIS
    ]


def build(airflow: JsonClient) -> float:
    """Run a build to its end; the instant of that end, in seconds since 1970."""
    body = {"logical_date": None, "conf": {"force": True}}
    run = airflow.call("POST", f"/api/v2/dags/{BUILD_DAG}/dagRuns", body)["dag_run_id"]
    deadline = time.monotonic() + LONGEST
    while (found := airflow.call("GET", f"/api/v2/dags/{BUILD_DAG}/dagRuns/{run}"))["state"] != "success":
        if found["state"] == "failed" or time.monotonic() > deadline:
            raise RuntimeError(f"the build is {found['state']}")
        time.sleep(1)
    return datetime.fromisoformat(found["end_date"]).timestamp()


def arrivals(folder: Path, mark: str) -> Iterator[float]:
    """When each mail of which the subject holds the mark came, in seconds since 1970."""
    for path in folder.glob("*.eml"):
        if mark in str(email.message_from_bytes(path.read_bytes(), policy=email.policy.default)["Subject"]):
            yield path.stat().st_mtime


def measure(airflow: JsonClient, superset: JsonClient, mails: Path, mark: str) -> list[float]:
    """The seconds that each mail took after the end of one build: one or more of each rule, by the entities' owners."""
    wait_for_chain(airflow, none_more())  # another run of the alerts would tell before the build has ended
    made = [superset.call("POST", RULES, rule)["result"]["id"] for rule in rules(mark)]
    try:
        end, deadline, found = build(airflow), time.monotonic() + LONGEST, []
        while len(found) < len(made) or max(found) > time.time() - QUIET:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{len(found)} mails of {len(made)} rules came")
            time.sleep(1)
            found = list(arrivals(mails, mark))
        if min(found) < end:
            raise RuntimeError("something else evaluated the rules before the build had ended")
        return [at - end for at in found]
    finally:
        for rule_id in made:
            superset.call("DELETE", f"{RULES}{rule_id}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--builds", type=int, default=5)
    path = Path(os.environ["KPI_DEMO_CONNECTIONS"])
    known, builds = json.loads(path.read_text()), parser.parse_args().builds
    airflow = demo.airflow.log_in(known["airflow"]["url"], "admin", known["airflow"]["password"])
    superset = demo.superset.log_in(known["superset"]["url"], "admin", known["superset"]["password"])
    seconds = []
    for number in range(builds):
        mark = f"Bench {int(time.time())}-{number}"
        seconds += measure(airflow, superset, path.parent / "mail", mark)
    p95 = percentile(seconds, 0.95)
    told = {
        "from the end of a build to the mail, s": {
            "builds": builds,
            "mails": len(seconds),
            "median": round(percentile(seconds, 0.5), 1),
            "p95": round(p95, 1),
            "longest": round(max(seconds), 1),
        },
        "missed": [f"p95 {p95:.1f} s, {BAR:.0f} s wanted"] if p95 > BAR else [],
    }
    sys.stdout.write(json.dumps(told, indent=2) + "\n")
    return 1 if told["missed"] else 0


if __name__ == "__main__":
    sys.exit(main())
