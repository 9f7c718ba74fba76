"""The plugin's own tables in Superset's metadata database, under their own alembic version table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

VERSION_TABLE = "kpi_alembic_version"
SUPERSET_VERSION_TABLE = "alembic_version"


def upgrade(engine: Any, revision: str = "head") -> tuple[str | None, str | None]:
    """Bring the tables to ``revision`` in one transaction; returns the revisions before and after.

    :raises SetupError: where `superset db upgrade` has not run yet.
    """
    import sqlalchemy as sa
    from alembic import command

    from superset_kpi_plugin.errors import SetupError

    tables = set(sa.inspect(engine).get_table_names())
    if SUPERSET_VERSION_TABLE not in tables or "ab_user" not in tables:
        raise SetupError("Superset's own tables are missing. Run `superset db upgrade` and `superset init` first.")
    before = current_revision(engine)
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return before, current_revision(engine)


def alembic_config() -> Any:
    """An alembic configuration that finds this folder wherever it's installed."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def current_revision(engine: Any) -> str | None:
    """The revision that the database is at; None before the first upgrade."""
    from alembic.runtime.migration import MigrationContext

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        return context.get_current_revision()


def head_revision() -> str | None:
    """The newest revision in this version of the plugin."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(alembic_config()).get_current_head()
