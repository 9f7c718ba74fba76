"""Files by hand, on the running demo: the folder's DAG loads them, and what is broken comes back with its reason."""

from __future__ import annotations

import json
import time
from pathlib import Path

import psycopg

from demo.airflow import UPLOADS_DAG
from demo.http import JsonClient

RATES = "date,from_currency,to_currency,rate\n2024-01-02,CHF,USD,1.1765\n2024-01-03,CHF,USD,{rate}\n"


def put(folder: Path, name: str, text: str) -> None:
    place = folder / "uploads" / "erp_main"
    place.mkdir(parents=True, exist_ok=True)
    unfinished = place / f"{name}.part"
    unfinished.write_text(text)
    unfinished.rename(place / name)


def test_a_file_in_the_folder_is_loaded_and_a_broken_one_is_told_why(
    airflow: JsonClient, connections: dict, demo_folder: Path
) -> None:
    put(demo_folder, "chf.csv", RATES.format(rate="1.1712"))
    put(demo_folder, "broken.csv", RATES.format(rate="one"))
    time.sleep(4)  # a file that has just been written is left alone
    run = airflow.call("POST", f"/api/v2/dags/{UPLOADS_DAG}/dagRuns", {"logical_date": None})["dag_run_id"]
    deadline = time.monotonic() + 180
    while (state := airflow.call("GET", f"/api/v2/dags/{UPLOADS_DAG}/dagRuns/{run}")["state"]) != "success":
        assert state != "failed"
        assert time.monotonic() < deadline, f"still {state}"
        time.sleep(1)
    uploads = demo_folder / "uploads"
    done = json.loads(next(uploads.glob("done/*/chf.csv.result.json")).read_text())
    assert (done["platform"], done["stream"], done["account_id"], done["rows_loaded"]) == (
        "erp",
        "fx_rates",
        "erp_main",
        2,
    )
    refused = json.loads(next(uploads.glob("refused/*/broken.csv.result.json")).read_text())
    assert refused["errors"] == [{"row": 2, "reason": "rate: 'one' is not an amount"}]
    assert "nothing was changed" in refused["reason"]
    with psycopg.connect(connections["warehouse"]["url"]) as warehouse:
        query = "select date::text, rate::text from raw.erp__fx_rates where from_currency = 'CHF' order by 1"
        found = warehouse.execute(query).fetchall()
        ledger = warehouse.execute(
            "select state, error from raw.load_ledger where source_document in ('chf.csv', 'broken.csv') order by state"
        ).fetchall()
    assert [(day, rate.rstrip("0")) for day, rate in found] == [("2024-01-02", "1.1765"), ("2024-01-03", "1.1712")]
    assert [state for state, _ in ledger] == ["failed", "loaded"]
