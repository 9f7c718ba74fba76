"""Files made to break the readers: no crash, at most 512 MiB and 10 s (CPU) each, and a clear refusal.

``make test`` reads 2,000 of them, ``make test-faults`` all 100,000.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALL = os.environ.get("KPI_FAULTS") == "all"
FILES = 100_000 if ALL else 2000
WORKERS = 2
MOST_MIB, MOST_SECONDS = 512, 10
# One thread and the plain allocator: what is counted is what the file costs.
ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "system", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


@pytest.mark.timeout(4 * 3600)
def test_no_file_breaks_a_reader(tmp_path: Path) -> None:
    workers = []
    for place in range(WORKERS):
        command = [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "tests.faults.fuzz_worker",
            str(place),
            str(FILES),
            str(WORKERS),
        ]
        progress = tmp_path / f"worker {place}"
        process = subprocess.Popen(
            [*command, str(progress)],
            cwd=ROOT,
            env={**os.environ, **ENVIRONMENT},
            stdout=subprocess.PIPE,
            stderr=(tmp_path / f"errors {place}").open("w"),
            text=True,
        )
        workers.append((process, progress, tmp_path / f"errors {place}"))
    results: list[dict[str, Any]] = []
    for process, progress, errors in workers:
        output, _ = process.communicate(timeout=4 * 3600)
        at = progress.read_text().strip() if progress.exists() else "none"
        assert process.returncode == 0, (
            f"a reader died at file {at} (exit code {process.returncode}): {errors.read_text()[-1500:]}"
        )
        results.append(json.loads(output.splitlines()[-1]))
    counts: Counter[str] = sum((Counter(result["counts"]) for result in results), Counter())
    sys.stderr.write(
        f"\n{FILES} hostile files: {dict(counts)}, at most {max(r['peak'] for r in results):.0f} MiB and "
        f"{max(r['slowest'] for r in results):.1f} s\n"
    )
    wrong = [line for result in results for line in result["wrong"]]
    assert not wrong, "\n".join(wrong)
    assert counts["read"] + counts["refused"] == FILES
    assert max(result["peak"] for result in results) <= MOST_MIB
    assert max(result["slowest"] for result in results) <= MOST_SECONDS
    # A fuzzer that is refused at the door tests nothing, nor does one that is let through.
    assert counts["read"] > FILES / 20
    assert counts["refused"] > FILES / 5
