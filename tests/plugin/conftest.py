"""A real Superset 6.1 with the plugin, on a real PostgreSQL, with logged-in clients by role and a small warehouse.

The metadata database is copied from a template that `superset db upgrade` and `superset init` made once per server, so
only the first run on a server waits for them.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg2
import pytest

pytest.importorskip("superset", reason="the plugin's tests need the Superset environment (.venv/superset)")

from tests.plugin import contract, reconciliation_sample

PASSWORD = secrets.token_hex(12)
TEMPLATE = "kpi_tests_superset_" + version("apache-superset").replace(".", "_")
#: user name -> roles; every person also has Gamma, Superset's own role for people who look at dashboards.
USERS: dict[str, tuple[str, ...]] = {
    "gamma": ("Gamma",),
    "alpha": ("Alpha",),
    "viewer": ("Gamma", "KPI Viewer"),
    "owner": ("Gamma", "KPI Owner"),
    "public": ("Public",),
    "owner_in": ("Gamma", "KPI Owner"),
    "owner_out": ("Gamma", "KPI Owner"),
    "approver_out": ("Gamma", "KPI Approver"),
    "approver": ("Gamma", "KPI Approver"),
    "admin": ("Gamma", "KPI Admin"),
    "service": ("KPI Admin",),
    "superadmin": ("Admin",),
}
BASE_CONFIG = """
SECRET_KEY = "tests-only-tests-only-tests-only-tests-only"
SQLALCHEMY_DATABASE_URI = {metadata_uri!r}
DATA_DIR = {home!r}
PREVENT_UNSAFE_DB_CONNECTIONS = False
"""
PLUGIN_CONFIG = """
LANGUAGES = {{"en": {{"flag": "us", "name": "English"}}, "zh": {{"flag": "cn", "name": "Chinese"}}}}
RATELIMIT_ENABLED = False
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {{"content_security_policy": {{"script-src": ["'self'"]}},
    "content_security_policy_nonce_in": ["script-src"], "force_https": False, "session_cookie_secure": False}}
KPI_PUBLISHER_URI = {publisher_uri!r}
KPI_CHANNELS = {{"mail": "mailto://user:canary-secret@example.com", "hook": "json://127.0.0.1/hook"}}
KPI_OWNER_REQUIRED = False  # few tests are about owners
from superset_kpi_plugin.plugin import register; register(globals())
"""


def at_database(uri: str, name: str, user: str | None = None) -> str:
    """The same server's URI for another database, as another user where given."""
    base, _, _ = uri.rpartition("/")
    if user:
        base = re.sub(r"//[^@]*@", f"//{user}:{PASSWORD}@", base)
    return f"{base}/{name}"


def run_sql(uri: str, sql: str, params: Any = None) -> list[dict[str, Any]]:
    """Run SQL outside the plugin, in autocommit; the rows as dictionaries where there are any."""
    connection = psycopg2.connect(uri)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            if cursor.description is None:
                return []
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    finally:
        connection.close()


EMPTY = """
do $$
declare
    one regclass;
begin
    set local session_replication_role = replica;
    for one in
        with recursive reached as (
            select unnest(array[{tables}]::regclass[]) as name
            union
            select c.conrelid from pg_constraint as c inner join reached on c.confrelid = reached.name
        )
        select name from reached
    loop
        execute format('delete from %s', one);
        if {restart} and to_regclass(one || '_id_seq') is not null then
            perform setval(to_regclass(one || '_id_seq'), 1, false);
        end if;
    end loop;
end
$$;
"""


def emptying(*tables: str, restart: bool = False) -> str:
    """SQL that deletes all rows of tables and of those that refer to them; with `restart`, ids begin at 1 again.

    With few rows this takes a twentieth of the time of `truncate ... cascade`, which makes new files.
    """
    return EMPTY.format(tables=", ".join(f"'{table}'" for table in tables), restart=str(restart).lower())


def _make_template(postgres_uri: str, folder: Path) -> None:
    """Create the template database if this server lacks it; one at a time."""
    lock = psycopg2.connect(postgres_uri)
    lock.autocommit = True
    with lock.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(hashtext(%s))", (TEMPLATE,))
        cursor.execute("select 1 from pg_database where datname = %s and datistemplate", (TEMPLATE,))
        if cursor.fetchone() is None:
            cursor.execute(f'drop database if exists "{TEMPLATE}" with (force)')
            cursor.execute(f'create database "{TEMPLATE}"')
            config = folder / "template_config.py"
            config.write_text(BASE_CONFIG.format(metadata_uri=at_database(postgres_uri, TEMPLATE), home=str(folder)))
            environment = {**os.environ, "SUPERSET_CONFIG_PATH": str(config), "FLASK_APP": "superset.app:create_app()"}
            for command in (("db", "upgrade"), ("init",)):
                superset = [str(Path(sys.executable).parent / "superset"), *command]
                subprocess.run(superset, env=environment, check=True, capture_output=True, cwd=folder)
            cursor.execute(f'alter database "{TEMPLATE}" with is_template true')
    lock.close()


@pytest.fixture(scope="session")
def metadata_uri(postgres_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Superset metadata database of this run's own, as after `superset db upgrade` and `superset init`."""
    _make_template(postgres_uri, tmp_path_factory.mktemp("superset"))
    name = f"kpi_tests_meta_{secrets.token_hex(6)}"
    run_sql(postgres_uri, f'create database "{name}" template "{TEMPLATE}"')
    yield at_database(postgres_uri, name)
    run_sql(postgres_uri, f'drop database if exists "{name}" with (force)')


@pytest.fixture(scope="session")
def warehouse_uris(postgres_uri: str) -> Iterator[dict[str, str]]:
    """URIs of a warehouse database with the contract: as owner, as reader and as publisher."""
    suffix = secrets.token_hex(6)
    name, reader, publisher = f"kpi_tests_wh_{suffix}", f"kpi_reader_{suffix}", f"kpi_publisher_{suffix}"
    run_sql(postgres_uri, f'create database "{name}"')
    owner = at_database(postgres_uri, name)
    for role in (reader, publisher):
        run_sql(postgres_uri, f"create role {role} login password '{PASSWORD}'")
    run_sql(owner, contract.DDL)
    run_sql(owner, contract.GRANTS.format(reader=reader, publisher=publisher))
    yield {
        "owner": owner,
        "reader": at_database(postgres_uri, name, reader),
        "publisher": at_database(postgres_uri, name, publisher),
    }
    run_sql(postgres_uri, f'drop database if exists "{name}" with (force)')
    for role in (reader, publisher):
        run_sql(postgres_uri, f"drop role if exists {role}")


@pytest.fixture(scope="session")
def app(metadata_uri: str, warehouse_uris: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The running Superset with the plugin registered, upgraded, and bound to the warehouse."""
    home = tmp_path_factory.mktemp("home")
    config = home / "superset_config.py"
    text = BASE_CONFIG.format(metadata_uri=metadata_uri, home=str(home))
    config.write_text(text + PLUGIN_CONFIG.format(publisher_uri=warehouse_uris["publisher"]))
    os.environ["SUPERSET_CONFIG_PATH"] = str(config)
    os.environ["SUPERSET_HOME"] = str(home)
    from superset.app import create_app

    from superset_kpi_plugin.cli import kpi

    app = create_app()
    result = app.test_cli_runner().invoke(kpi, ["upgrade"])
    assert result.exit_code == 0, result.output
    with app.app_context():
        _add_people_and_database(warehouse_uris["reader"])
    return app


def _add_people_and_database(reader_uri: str) -> None:
    from superset.extensions import db, security_manager
    from superset.models.core import Database

    database = Database(database_name="KPI warehouse", expose_in_sqllab=True)
    database.set_sqlalchemy_uri(reader_uri)
    db.session.add(database)
    for name, roles in USERS.items():
        found = [security_manager.find_role(role) for role in roles]
        security_manager.add_user(name, name.title(), "Tester", f"{name}@example.com", found, PASSWORD)
    db.session.commit()


@pytest.fixture
def app_context(app: Any) -> Iterator[Any]:
    """An app context for code that is called without a request."""
    with app.app_context():
        yield app


class Warehouse:
    """The tests' own hand on the warehouse, as its owner."""

    def __init__(self, uris: dict[str, str]) -> None:
        self.uris = uris

    def execute(self, sql: str, params: Any = None) -> list[dict[str, Any]]:
        """Run SQL as the owner."""
        return run_sql(self.uris["owner"], sql, params)

    def targets(self) -> list[dict[str, Any]]:
        """The published targets, in key order."""
        return self.execute("select * from kpi.kpi_targets order by kpi_id, entity_id, grain, period_start")


@pytest.fixture
def warehouse(app: Any, warehouse_uris: dict[str, str]) -> Warehouse:
    """The warehouse with its sample rows and no targets; whatever a test changes is undone before the next."""
    run_sql(warehouse_uris["owner"], contract.SAMPLE)
    return Warehouse(warehouse_uris)


@pytest.fixture
def clean(app: Any, metadata_uri: str, warehouse: Warehouse) -> Warehouse:
    """No target, rule, alert or message anywhere, and the sample rows in the warehouse."""
    tables = run_sql(
        metadata_uri,
        "select tablename from pg_tables where schemaname = 'public' and tablename like 'kpi\\_%%' "
        "and tablename <> 'kpi_alembic_version'",
    )
    run_sql(metadata_uri, emptying(*(row["tablename"] for row in tables), restart=True))
    return warehouse


@pytest.fixture
def differences(clean: Warehouse) -> Iterator[Warehouse]:
    """The warehouse with differences (see `reconciliation_sample`), of which nobody has said anything."""
    reconciliation_sample.plant(clean)
    yield clean
    reconciliation_sample.uproot(clean)


class Client:
    """A browser's session: cookies and the CSRF token. Paths are relative to /api/v1/kpi/ unless they begin with /."""

    def __init__(self, app: Any, user: str | None) -> None:
        self.user = user
        self.raw = app.test_client()
        page = self.raw.get("/login/").get_data(as_text=True)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page, re.S)
        assert found, "the login page has no CSRF token"
        self.token = found.group(1)
        if user:
            form = {"username": user, "password": PASSWORD, "csrf_token": self.token}
            answer = self.raw.post("/login/", data=form)
            assert answer.status_code == 302, answer.get_data(as_text=True)[:300]
            assert "/login" not in answer.headers["Location"], "login refused"

    def request(self, method: str, path: str, body: Any = None, *, csrf: bool = True, **kwargs: Any) -> Any:
        """Send the request; ``body`` becomes JSON."""
        headers = {"X-CSRFToken": self.token} if csrf else {}
        headers.update(kwargs.pop("headers", {}))
        if body is not None:
            kwargs["data"] = body if isinstance(body, str | bytes) else json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        address = path if path.startswith("/") else f"/api/v1/kpi/{path}"
        return self.raw.open(address, method=method, headers=headers, **kwargs)

    def get(self, path: str, **kwargs: Any) -> Any:
        return self.request("GET", path, **kwargs)

    def post(self, path: str, body: Any = None, **kwargs: Any) -> Any:
        return self.request("POST", path, {} if body is None else body, **kwargs)

    def put(self, path: str, body: Any = None, **kwargs: Any) -> Any:
        return self.request("PUT", path, body, **kwargs)

    def delete(self, path: str, body: Any = None, **kwargs: Any) -> Any:
        return self.request("DELETE", path, body, **kwargs)


@pytest.fixture(scope="session")
def clients(app: Any) -> Any:
    """``clients("owner")`` is that user's session, ``clients(None)`` one that isn't logged in."""
    cache: dict[str | None, Client] = {}

    def client(user: str | None) -> Client:
        if user not in cache:
            cache[user] = Client(app, user)
        return cache[user]

    return client


def _client_fixture(user: str | None, name: str) -> Any:
    @pytest.fixture(name=name)
    def fixture(clients: Any) -> Client:
        return clients(user)

    return fixture


anonymous = _client_fixture(None, "anonymous")
gamma = _client_fixture("gamma", "gamma")
viewer = _client_fixture("viewer", "viewer")
owner = _client_fixture("owner", "owner")
approver = _client_fixture("approver", "approver")
admin = _client_fixture("admin", "admin")
superadmin = _client_fixture("superadmin", "superadmin")


def error_of(response: Any, status: int) -> dict[str, Any]:
    """The error of an answer, after checking its status and shape."""
    assert response.status_code == status, f"{response.status_code}: {response.get_data(as_text=True)[:500]}"
    body = response.get_json()
    assert set(body) == {"error"}, body
    assert set(body["error"]) == {"code", "message", "details"}, body
    assert body["error"]["message"], body
    return dict(body["error"])
