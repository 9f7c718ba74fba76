"""The twins in DuckDB: the facts' columns go over as CSV, then each question is asked thrice, in another process."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

import psycopg

from tests.benchmarks.bench_settlement import environment_of_dlt

COLUMNS = {
    "fct_order_lines": "account_id, date_day, sku_key, counted_order_key, units, gmv::float8 as gmv, discounts::float8 as discounts, cogs::float8 as cogs, freight_cost::float8 as freight_cost, tariff_cost::float8 as tariff_cost",  # noqa: E501
    "fct_ad_performance": "account_id, date_day, ad_group_key, impressions, clicks, ad_cost::float8 as ad_cost, ad_sales::float8 as ad_sales",  # noqa: E501
}
SCRIPT = """
import duckdb, json, statistics, sys, time
folder, questions = sys.argv[1], json.loads(sys.argv[2])
db = duckdb.connect(folder + "/facts.duckdb")
db.execute("set threads = 2")
for table in %r:
    db.execute(f"create table {table} as select * from read_csv('{folder}/{table}.csv')")
found = {}
for name, sql in questions.items():
    db.execute(sql).fetchall()
    seconds = []
    for _ in range(3):
        began = time.monotonic()
        db.execute(sql).fetchall()
        seconds.append(time.monotonic() - began)
    found[name] = statistics.median(seconds)
print(json.dumps(found))
"""


def asked(uri: str, questions: dict[str, str]) -> dict[str, float]:
    """Median seconds of each question."""
    python = environment_of_dlt()
    with tempfile.TemporaryDirectory() as folder:
        with psycopg.connect(uri) as connection:
            for table, columns in COLUMNS.items():
                with (
                    Path(folder, f"{table}.csv").open("wb") as file,
                    connection.cursor().copy(
                        f"copy (select {columns} from marts.{table}) to stdout (format csv, header)"
                    ) as copy,
                ):
                    for block in copy:
                        file.write(block)
        script = SCRIPT % (list(COLUMNS),)
        done = subprocess.run(
            [str(python), "-c", script, folder, json.dumps(questions)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise SystemExit(f"DuckDB failed:\n{done.stderr[-2000:]}")
    return dict(json.loads(done.stdout))
