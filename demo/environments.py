"""Makes the two Python environments from their lock files, and the user interface, when their inputs changed.

Needs nothing but the interpreter: ``python3.11 -m demo.environments``. Packages come from pip's configured index.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TextIO

from demo.console import fail, say, step

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ("superset", "airflow")
SUPPORTED = ((3, 11), (3, 12))


class SetupError(RuntimeError):
    """A part of the set-up failed; the message says which and what to do."""


def python_of(environment: str) -> Path:
    """The interpreter of ``superset`` or ``airflow``."""
    return ROOT / ".venv" / environment / "bin" / "python"


def program(environment: str, name: str) -> str:
    """A program that is installed in an environment."""
    return str(ROOT / ".venv" / environment / "bin" / name)


def ensure_all(log_folder: Path) -> None:
    """Bring both environments and the compiled user interface up to date."""
    if not SUPPORTED[0] <= sys.version_info[:2] <= SUPPORTED[1]:
        raise SetupError(f"Python 3.11 or 3.12 is needed, this is {sys.version.split()[0]}; run make PYTHON=python3.11")
    log_folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(len(ENVIRONMENTS)) as pool:
        for result in [pool.submit(ensure_environment, name, log_folder) for name in ENVIRONMENTS]:
            result.result()
    build_interface(log_folder)


def ensure_environment(name: str, log_folder: Path) -> None:
    """Install ``constraints/<name>.txt`` and this project (editable) into ``.venv/<name>``."""
    lock = ROOT / "constraints" / f"{name}.txt"
    inputs = lock.read_bytes() + (ROOT / "setup.py").read_bytes() + str(ROOT).encode() + sys.version.encode()
    digest = hashlib.sha256(inputs).hexdigest()
    folder = ROOT / ".venv" / name
    stamp = folder / ".complete"
    if stamp.exists() and stamp.read_text() == digest:
        return
    log = log_folder / f"environment-{name}.log"
    with step(f"environment .venv/{name}"), log.open("w") as output:
        stamp.unlink(missing_ok=True)
        if not python_of(name).exists():
            shutil.rmtree(folder, ignore_errors=True)
            _run([sys.executable, "-m", "venv", str(folder)], output, log)
        _run([str(python_of(name)), "-m", "pip", "install", "--quiet", _pinned("uv", lock)], output, log)
        for arguments in (["-r", str(lock)], ["--no-deps", "-e", str(ROOT)]):
            _install(name, arguments, output, log)
        stamp.write_text(digest)


def build_interface(log_folder: Path) -> None:
    """Compile ``superset_kpi_plugin/ui`` into ``superset_kpi_plugin/static`` (skipped when nothing changed)."""
    log = log_folder / "interface.log"
    with step("user interface"), log.open("w") as output:
        _run([str(python_of("superset")), str(ROOT / "superset_kpi_plugin" / "ui" / "build.py")], output, log)


def _install(name: str, arguments: list[str], output: TextIO, log: Path) -> None:
    """Install with uv, which is quick, or with pip where the index is one that only pip is set up for."""
    uv = [program(name, "uv"), "pip", "install", "--python", str(python_of(name)), *arguments]
    if subprocess.run(uv, stdout=output, stderr=output, cwd=ROOT, check=False).returncode:
        say(f"environment .venv/{name}: uv could not install, trying pip (slower)")
        _run([str(python_of(name)), "-m", "pip", "install", *arguments], output, log)


def _pinned(package: str, lock: Path) -> str:
    found = re.search(rf"^{package}==\S+$", lock.read_text(), re.MULTILINE)
    if not found:
        raise SetupError(f"{lock.relative_to(ROOT)} has no line for {package}; run make lock")
    return found.group(0)


def _run(command: list[str], output: TextIO, log: Path) -> None:
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    if subprocess.run(command, stdout=output, stderr=output, cwd=ROOT, env=environment, check=False).returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise SetupError(f"`{' '.join(command[:6])}` failed; the end of {log}:\n{tail}")


if __name__ == "__main__":
    try:
        ensure_all(ROOT / ".venv" / "logs")
    except SetupError as error:
        fail(str(error))
        sys.exit(1)
