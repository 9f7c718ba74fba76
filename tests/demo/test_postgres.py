"""The embedded server: reachable by password over TCP only, quick to start again, gone after stop."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

import psycopg
import pytest

from demo.postgres import Postgres, free_port
from demo.warehouse import DATABASES, ROLES, prepare


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    server = Postgres(tmp_path_factory.mktemp("embedded"))
    server.start()
    yield server
    server.remove()
    assert not server.data.exists()


def test_answers_over_tcp_with_its_password(server: Postgres) -> None:
    with psycopg.connect(server.uri("postgres")) as connection:
        address, version = connection.execute("select host(inet_server_addr()), version()").fetchone()
    assert address == "127.0.0.1"
    assert version.startswith("PostgreSQL 18")


def test_refuses_a_wrong_password(server: Postgres) -> None:
    wrong = server.uri("postgres").replace(f":{server._password()}@", ":guess@")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_password_file_is_private(server: Postgres) -> None:
    assert (server.folder / "postgres.password").stat().st_mode & 0o777 == 0o600


def test_keeps_its_data_over_a_restart(tmp_path: Path) -> None:
    server = Postgres(tmp_path)
    with psycopg.connect(server.start(), autocommit=True) as connection:
        connection.execute("create table kept (value int)")
        connection.execute("insert into kept values (42)")
    server.stop()
    assert not server.is_running()
    with psycopg.connect(server.start()) as connection:
        assert connection.execute("select value from kept").fetchone() == (42,)
    server.remove()
    assert not server.data.parent.exists()


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can become another account to try it; others run as themselves"
)
def test_runs_for_an_ordinary_account_too(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    for parent in (folder, *folder.parents[:3]):
        if parent != Path("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o055)
    os.chown(folder, 65534, 65534)
    assert _as_account(65534, folder) == 0
    assert (folder / "postgres" / "data" / "PG_VERSION").stat().st_uid == 65534


def _as_account(account: int, folder: Path) -> int:
    """Start and stop a server in a forked child that has become ``account``; return its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        os.setgroups([])
        os.setgid(account)
        os.setuid(account)
        server = Postgres(folder)
        with psycopg.connect(server.start()) as connection:
            connection.execute("select 1")
        server.stop()
        os._exit(1 if server.is_running() else 0)
    except BaseException:
        traceback.print_exc()
        os._exit(2)


def test_preparing_twice_changes_nothing_but_passwords(server: Postgres) -> None:
    for password in ("first", "second"):
        prepare(server.uri("postgres"), dict.fromkeys(ROLES, password))
    place = server.uri("postgres").split("@")[1].rsplit("/", 1)[0]
    for database, owner in DATABASES.items():
        with psycopg.connect(f"postgresql://{owner}:second@{place}/{database}") as connection:
            query = "select pg_get_userbyid(datdba) from pg_database where datname = current_database()"
            assert connection.execute(query).fetchone() == (owner,)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(f"postgresql://{owner}:first@{place}/{database}")


def test_a_taken_port_is_replaced_by_a_free_one(server: Postgres) -> None:
    taken = int((server.folder / "postgres.port").read_text())
    assert free_port(taken) != taken
