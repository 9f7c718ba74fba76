"""The same settlement file through dlt's Arrow path; runs in an environment of its own (.venv/bench), with dlt only.

``python settlement_dlt.py URI FILE FOLDER`` prints a line of JSON: seconds, CPU seconds, peak resident memory (MiB) and
the format of the files that dlt loaded. The load replaces all rows of a settlement, as the pipeline's does: write
disposition merge by settlement_id, rows told apart by it and their line. Reading is streamed and typed by Arrow.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

os.environ |= {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    # No look at the network for a newer version or a workspace.
    "DLT_PROJECT_DIR": sys.argv[3],
    "DLT_DATA_DIR": sys.argv[3],
}

import dlt
import pyarrow as pa
import pyarrow.compute
from dlt.destinations import postgres
from pyarrow import csv

AMOUNTS = ("total-amount", "amount")
INSTANTS = ("settlement-start-date", "settlement-end-date", "deposit-date", "posted-date-time")
BLOCK = 8 * 1024**2


def read(path: Path) -> Iterator[pa.Table]:
    """Typed batches with the number of each line."""
    with pa.input_stream(str(path), compression="gzip") as head:
        names = head.read(4096).split(b"\n", 1)[0].decode().split("\t")
    types: dict[str, pa.DataType] = dict.fromkeys(names, pa.string())
    types |= dict.fromkeys(AMOUNTS, pa.decimal128(38, 2))
    types |= {"posted-date": pa.date32(), "quantity-purchased": pa.int32()}
    rows = 0
    reader = csv.open_csv(
        pa.input_stream(str(path), compression="gzip"),
        read_options=csv.ReadOptions(block_size=BLOCK),
        parse_options=csv.ParseOptions(delimiter="\t", quote_char=False),
        convert_options=csv.ConvertOptions(
            column_types=types, strings_can_be_null=True, null_values=[""], include_columns=names
        ),
    )
    for batch in reader:
        table = pa.Table.from_batches([batch])
        for name in INSTANTS:
            place = table.column_names.index(name)
            text = pa.compute.replace_substring(table.column(name), " UTC", "Z")
            table = table.set_column(place, name, text.cast(pa.timestamp("us", tz="UTC")))
        numbers = pa.array(range(rows + 1, rows + 1 + table.num_rows), pa.int32())
        rows += table.num_rows
        yield table.append_column("line-number", numbers).rename_columns(
            [name.replace("-", "_") for name in [*names, "line-number"]]
        )


def peak_mib() -> float:
    """This process's own peak resident memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def main() -> None:
    uri, path, folder = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    before, begun = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    pipeline = dlt.pipeline(
        "settlement", destination=postgres(uri), dataset_name="with_dlt", pipelines_dir=folder, progress=None
    )
    resource_of_rows = dlt.resource(
        read(path),
        name="settlement",
        write_disposition={"disposition": "merge", "strategy": "delete-insert"},
        merge_key="settlement_id",
        primary_key=("settlement_id", "line_number"),
    )
    info = pipeline.run(resource_of_rows, loader_file_format=sys.argv[4] if len(sys.argv) > 4 else None)
    seconds = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_SELF)
    info.raise_on_failed_jobs()
    formats = {
        job.job_file_info.file_format for package in info.load_packages for job in package.jobs["completed_jobs"]
    }
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    taken = {"seconds": seconds, "cpu": cpu, "peak": peak_mib(), "formats": sorted(formats)}
    sys.stdout.write(json.dumps(taken) + "\n")


if __name__ == "__main__":
    main()
