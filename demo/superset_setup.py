"""Prepares Superset's metadata database in one process: migrations, roles, the plugin's tables, users, the warehouse.

Runs in ``.venv/superset``; the same as ``superset db upgrade``, ``superset init``, ``superset kpi upgrade``,
``superset fab create-user`` ... in a row, without paying each time for the start of Superset.
"""

from __future__ import annotations

import json
import os
import sys


def main() -> int:
    from superset.app import create_app
    from superset.cli.main import superset

    app = create_app()
    runner = app.test_cli_runner()
    for arguments in (["db", "upgrade"], ["init"], ["kpi", "upgrade"]):
        result = runner.invoke(superset, arguments)
        if result.exit_code:
            sys.stdout.write(f"superset {' '.join(arguments)} failed:\n{result.output}\n{result.exception!r}\n")
            return 1
    with app.app_context():
        _create_users(json.loads(os.environ["KPI_DEMO_USERS"]))
        _bind_warehouse(os.environ["KPI_DEMO_READER_URI"])
    return 0


def _create_users(users: dict[str, dict[str, str]]) -> None:
    from superset.extensions import appbuilder

    manager = appbuilder.sm
    for name, user in users.items():
        roles = [manager.find_role(role) for role in user["roles"].split(",")]
        if manager.find_user(username=name) is None:
            first, last = user["name"].split(" ", 1)
            manager.add_user(name, first, last, user["email"], roles, password=user["password"])
        else:
            manager.reset_password(manager.find_user(username=name).id, user["password"])


def _bind_warehouse(uri: str) -> None:
    from superset.extensions import db
    from superset.models.core import Database

    database = db.session.query(Database).filter_by(database_name="KPI warehouse").one_or_none()
    if database is None:
        database = Database(database_name="KPI warehouse", expose_in_sqllab=True)
        db.session.add(database)
    database.set_sqlalchemy_uri(uri)
    db.session.commit()


if __name__ == "__main__":
    raise SystemExit(main())
