"""`make lock`: resolves the files of constraints/ from the extras in setup.py: of the two environments, and of one for
each older Superset that `make test-matrix` tests.

The files hold names and versions only: no address of an index, so that each site installs from its own.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Versions that the extras leave open for customers, and that the demo and the tests hold fixed.
PINS = {
    "superset": ["apache-superset==6.1.0"],
    "airflow": ["apache-airflow==3.3.2"],
    "superset-6.0": ["apache-superset==6.0.0", "uv"],
    # These two don't start with what they let in.
    "superset-5.0": ["apache-superset==5.0.0", "uv", "marshmallow<4"],
    "superset-4.1": ["apache-superset==4.1.4", "uv", "setuptools<81"],
}
EXTRAS = {
    "superset": ["superset", "test", "browser", "ui"],
    "airflow": ["airflow", "demo", "test", "bench", "lint"],
    **{name: ["superset", "test"] for name in PINS if name.startswith("superset-")},
}


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "uv"], check=True)
        for name, extras in EXTRAS.items():
            pins = Path(folder) / f"{name}.in"
            pins.write_text("\n".join(PINS[name]) + "\n")
            command = [str(Path(folder) / "bin" / "uv"), "pip", "compile", "--quiet", "--upgrade", "--universal"]
            command += ["--python-version", "3.11", "--no-header", "--no-annotate", "--no-emit-index-url"]
            command += [item for extra in extras for item in ("--extra", extra)]
            command += ["setup.py", str(pins), "--output-file", f"constraints/{name}.txt"]
            subprocess.run(command, cwd=ROOT, check=True)
            sys.stdout.write(f"constraints/{name}.txt\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
