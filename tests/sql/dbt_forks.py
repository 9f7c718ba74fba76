"""A process that has dbt imported and the project parsed, and that forks for each command.

Much of a small build's time is spent before its first statement: dbt's import, and the parse of the whole project,
which dbt does anew for every database and every set of variables. Here both are done once; each command runs in a child
of its own, with its own environment, on the parsed project as it was, told which database to build. Nothing of the
project asks for a variable while it is parsed.

``python -m tests.sql.dbt_forks TARGET`` reads one JSON object a line (arguments, environment, output: the file for
what dbt says) and answers each with dbt's exit code. It has one thread, so that it may fork.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
import traceback
from functools import lru_cache
from pathlib import Path
from typing import Any

from airflow_dags.dbt_connections import kept_connections

ROOT = Path(__file__).resolve().parents[2]


class Forks:
    """The process as its user sees it: started with the first command, ended with the user."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def run(self, arguments: list[str], environment: dict[str, str], seconds: float) -> tuple[int, str]:
        """dbt's exit code and what it said; subprocess.TimeoutExpired when it takes longer."""
        with self._lock:
            process = self._started()
            output = self.target / "said.log"
            request = {"arguments": arguments, "environment": environment, "output": str(output)}
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], seconds)
            if not ready:
                self.stop()
                raise subprocess.TimeoutExpired(arguments, seconds)
            answer = process.stdout.readline()
            if not answer:
                self._process = None
                raise AssertionError(f"the process that runs dbt ended by itself: {process.wait()}")
            return int(answer), output.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """End it, and the command that it runs."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.sql.dbt_forks", str(self.target)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            atexit.register(self.stop)
        return self._process


@lru_cache(maxsize=1)
def parsed(project_arguments: tuple[str, ...]) -> Any:
    """The project's manifest, of whatever database and variables the first command has; None if it can't be parsed."""
    from dbt.cli.main import dbtRunner

    return dbtRunner().invoke(["--no-write-json", "parse", *project_arguments]).result


def moved(manifest: Any, database: str) -> Any:
    """The manifest for another database, in place: a node's database stands in the node and in its quoted name."""
    for node in [*manifest.nodes.values(), *manifest.sources.values()]:
        before, node.database = node.database, database
        if getattr(node, "relation_name", None):
            node.relation_name = node.relation_name.replace(f'"{before}".', f'"{database}".', 1)
        if hasattr(node.config, "database") and node.config.database == before:
            node.config.database = database
    return manifest


def _child(manifest: Any, arguments: list[str], database: str) -> int:
    from dbt.adapters.factory import reset_adapters
    from dbt.cli.main import dbtRunner

    reset_adapters()
    if arguments[0] == "docs":  # what dbt writes when it parsed itself
        manifest.write(str(Path(arguments[arguments.index("--target-path") + 1]) / "manifest.json"))
    with kept_connections():
        done = dbtRunner(manifest=moved(manifest, database)).invoke(
            ["--log-level", "none", "--log-level-file", "none", *arguments]
        )
    if done.exception is not None:
        sys.stdout.write(f"{done.exception}\n")
    for result in getattr(done.result, "results", None) or []:
        if result.status not in ("success", "pass"):
            sys.stdout.write(f"{result.status} {result.node.name}: {result.message}\n")
    sys.stdout.flush()
    return 0 if done.success else 1


def _redirect(output: str) -> None:
    """What this process says goes to a file; the pipe to the user keeps its place for the answers."""
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)


def serve(target: str) -> None:
    """Answer requests until the user is gone."""
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        request = json.loads(line)
        _redirect(request["output"])
        os.environ.clear()
        os.environ.update(request["environment"])
        arguments = request["arguments"]
        folders = tuple(
            word
            for name in ("--project-dir", "--profiles-dir")
            for word in (name, arguments[arguments.index(name) + 1])
        )
        manifest = parsed((*folders, "--target-path", target, "--log-path", target))
        if manifest is None:
            parsed.cache_clear()
            code = 2
        else:
            code = _forked(manifest, arguments)
        answers.write(f"{code}\n")
        answers.flush()


def _forked(manifest: Any, arguments: list[str]) -> int:
    child = os.fork()
    if child == 0:
        code = 70
        try:
            code = _child(manifest, arguments, os.environ["KPI_DBT_DBNAME"])
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    serve(sys.argv[1])
