"""Creates the demo's databases and their accounts on a PostgreSQL server, embedded or the user's own.

Runs in ``.venv/airflow`` (psycopg): ``python -m demo.warehouse`` reads the server's URI and the passwords as JSON from
standard input, because neither belongs on a command line.
"""

from __future__ import annotations

import json
import sys

DATABASES = {
    "kpi_warehouse": "kpi_owner",
    "kpi_superset": "kpi_superset",
    "kpi_airflow": "kpi_airflow",
    "kpi_erp": "kpi_erp",
}
ROLES = ("kpi_owner", "kpi_superset", "kpi_airflow", "kpi_erp", "kpi_reader", "kpi_publisher")


def prepare(server_uri: str, passwords: dict[str, str]) -> None:
    """Create or update the accounts and databases; a second call changes nothing but the passwords."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(server_uri, autocommit=True) as connection:
        for role in ROLES:
            exists = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
            verb = "alter" if exists else "create"
            statement = sql.SQL(verb + " role {} login password {}")
            connection.execute(statement.format(sql.Identifier(role), sql.Literal(passwords[role])))
        for database, owner in DATABASES.items():
            if not connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
                connection.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(owner)))
                statement = sql.SQL("create database {} owner {} encoding 'UTF8' template template0")
                connection.execute(statement.format(sql.Identifier(database), sql.Identifier(owner)))


if __name__ == "__main__":
    given = json.load(sys.stdin)
    prepare(given["server_uri"], given["passwords"])
