"""One way to bring a settlement file into PostgreSQL, in a process of its own that reports what it took.

``python -m tests.benchmarks.settlement_ways loader|TABLE URI FILE``, where TABLE is what COPY goes into, prints a line
of JSON: seconds, CPU seconds, peak resident memory (MiB). Imports are not counted, the reading of the file is.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path


def with_loader(uri: str, path: Path) -> None:
    """The pipeline's own way, as `kpi load` goes: read, check the total, parse, replace, ledger; committed."""
    job = job_of(platform_of("amazon_sp"), "settlement", Account("amazon_sp", "bench_us"), uri)
    result = load_file(job, Document.from_file(path))
    if result.rows_quarantined:
        raise SystemExit(f"{result.rows_quarantined} rows were set aside")


def with_copy(uri: str, path: Path) -> None:
    """PostgreSQL's COPY of the same text, as it is."""
    with psycopg.connect(uri) as connection, connection.cursor() as cursor:
        names = ", ".join(name.replace("-", "_") for name in COLUMNS)
        statement = f"copy {sys.argv[1]} ({names}) from stdin (format csv, header, delimiter E'\\t', quote E'\\x01')"
        with cursor.copy(statement) as copy:
            for chunk in _gunzipped(path):
                copy.write(chunk)


def _gunzipped(path: Path) -> Iterator[bytes]:
    unzip = zlib.decompressobj(wbits=31)
    with path.open("rb") as file:
        while chunk := file.read(1024 * 1024):
            yield unzip.decompress(chunk)
    yield unzip.flush()


def peak_mib() -> float:
    """This process's own peak (ru_maxrss would be that of the process which started it, if that is larger)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def report(way: Callable[[str, Path], None], uri: str, path: Path) -> None:
    """Run it and print what it took."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    begun = time.perf_counter()
    way(uri, path)
    seconds = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    sys.stdout.write(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak_mib()}) + "\n")


if __name__ == "__main__":
    if sys.argv[1] == "loader":
        # Everything that a worker has loaded before it begins; the first array makes Arrow import pandas.
        import pyarrow.csv

        from airflow_dags import assemble  # noqa: F401
        from airflow_dags.accounts import Account
        from airflow_dags.documents import Document
        from airflow_dags.ingest import job_of, load_file
        from airflow_dags.registry import platform_of
        from airflow_dags.warehouse import load_connection

        pyarrow.array(["warm"])
        platform_of("amazon_sp")
        with load_connection(sys.argv[2]):
            pass
        report(with_loader, sys.argv[2], Path(sys.argv[3]))
    else:
        import psycopg

        from tests.benchmarks.settlement_file import COLUMNS

        report(with_copy, sys.argv[2], Path(sys.argv[3]))
