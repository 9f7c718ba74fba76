"""Looks through an uploaded file in a process of its own, with limits on memory and time.

The pipeline's own code reads the file (``airflow_dags.uploads.preview``), so that page, folder and command line judge
it alike; a hostile file ends that process, not the web server. The process gets no secrets: neither environment nor
configuration of Superset.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from superset_kpi_plugin.errors import ValidationFailed

MEMORY_BYTES = 2 * 1024**3
SECONDS = 30
PACKAGES = Path(__file__).resolve().parents[2]
_KEPT = ("PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "TZ")


def inspect(content: bytes, name: str, *, account: str, platform: str, stream: str) -> dict[str, Any]:
    """What the file would do, as ``airflow_dags.uploads.preview.Preview.as_dict`` describes it.

    :raises ValidationFailed: the file is refused; the message says why and what to do.
    """
    with tempfile.NamedTemporaryFile(prefix="kpi_upload_") as file:
        file.write(content)
        file.flush()
        command = [sys.executable, "-m", "airflow_dags.uploads.preview", "--account", account, f"--name={name}"]
        command += ["--platform", platform, "--stream", stream, "--", file.name]
        environment = {key: os.environ[key] for key in _KEPT if key in os.environ}
        environment["PYTHONPATH"] = str(PACKAGES)
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                timeout=SECONDS,
                env=environment,
                cwd=tempfile.gettempdir(),
                preexec_fn=_limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ValidationFailed(
                "The file takes longer than {seconds} s to read; nothing was changed. Split it.", seconds=SECONDS
            ) from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise ValidationFailed("The file can't be read: reading it failed; nothing was changed.") from None
    if "error" in answer:
        raise ValidationFailed("The file is refused: {reason}", reason=answer["error"])
    return dict(answer)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
