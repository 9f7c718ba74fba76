"""What a running Superset and its warehouse already hold of ours. Reads only."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from superset_kpi_plugin.assets import bundle, editions
from superset_kpi_plugin.assets.source import CERTIFIED_BY, Config, Source, parse
from superset_kpi_plugin.errors import SetupError, WarehouseContractBroken

_PASSED_ON = {"encrypted_extra", "masked_encrypted_extra", "ssh_tunnel"}


def find_database(name: str | None) -> Any:
    """Superset's connection of that name or uuid.

    :raises SetupError: there is none.
    """
    from superset.extensions import db
    from superset.models.core import Database

    from superset_kpi_plugin.config import setting

    wanted = str(name or setting("KPI_WAREHOUSE_DATABASE") or "")
    condition = Database.database_name == wanted
    with suppress(ValueError):
        condition = sa.or_(condition, Database.uuid == UUID(wanted))
    found = db.session.query(Database).filter(condition).first()
    if found is None:
        raise SetupError(
            "Superset has no database connection named {name}. Create it first, or name another: "
            "`superset kpi install --database NAME`.",
            name=repr(wanted),
        )
    return found


def admin() -> Any:
    """The user in whose name assets are written: the first active one with the Admin role."""
    from flask import current_app
    from superset import security_manager

    role = security_manager.find_role(current_app.config["AUTH_ROLE_ADMIN"])
    users = sorted((user for user in (role.user if role else []) if user.is_active), key=lambda user: user.id)
    if not users:
        raise SetupError("Superset has no active user with the Admin role. Create one: `superset fab create-admin`.")
    return users[0]


def _assets(source: Source) -> dict[str, tuple[Any, list[str]]]:
    """Superset's model and our uuids, by kind."""
    from superset.connectors.sqla.models import SqlaTable
    from superset.models.dashboard import Dashboard
    from superset.models.slice import Slice

    return {
        "dataset": (SqlaTable, [config["uuid"] for config in source.datasets.values()]),
        "chart": (Slice, [config["uuid"] for config in source.charts.values()]),
        "dashboard": (Dashboard, [board.config["uuid"] for board in source.dashboards.values()]),
    }


def existing(source: Source) -> dict[str, Any]:
    """Our assets that this Superset already has, by uuid."""
    from superset.extensions import db

    found = {}
    for model, uuids in _assets(source).values():
        rows = db.session.query(model).filter(model.uuid.in_([UUID(uuid) for uuid in uuids]))
        found.update({str(row.uuid): row for row in rows})
    return found


def refuse_strangers(source: Source, database: Any, models: dict[str, Any]) -> None:
    """Superset's import would take over a dashboard of the same slug or a dataset of the same name; refuse instead."""
    from superset.connectors.sqla.models import SqlaTable
    from superset.extensions import db
    from superset.models.dashboard import Dashboard

    for board in source.dashboards.values():
        slug = board.config["slug"]
        other = db.session.query(Dashboard).filter_by(slug=slug).first()
        if other is not None and str(other.uuid) != board.config["uuid"]:
            raise SetupError(
                "Another dashboard ({title}) already has the slug {slug}. Nothing was changed; give it another slug.",
                title=other.dashboard_title,
                slug=slug,
            )
    for config in source.datasets.values():
        others = db.session.query(SqlaTable).filter_by(
            database_id=database.id, schema=config["schema"], table_name=config["table_name"]
        )
        if config["uuid"] not in models and others.first() is not None:
            raise SetupError(
                "Another dataset on this database is already called {name}. Nothing was changed; rename it.",
                name=repr(config["table_name"]),
            )


def export(model: Any) -> Config:
    """Superset's own YAML of an asset."""
    from superset.commands.chart.export import ExportChartsCommand
    from superset.commands.dashboard.export import ExportDashboardsCommand
    from superset.commands.dataset.export import ExportDatasetsCommand

    exporters = {
        "tables": ExportDatasetsCommand,
        "slices": ExportChartsCommand,
        "dashboards": ExportDashboardsCommand,
    }
    return parse(exporters[model.__tablename__]._file_content(model))


def database_config(database: Any) -> Config:
    """The connection as it is now, without its secrets: the import keeps those that it isn't given."""
    from superset.commands.database.export import ExportDatabasesCommand
    from superset.databases.schemas import ImportV1DatabaseExtraSchema

    config = parse(ExportDatabasesCommand._file_content(database))
    config["extra"] = {
        key: value for key, value in (config.get("extra") or {}).items() if key in ImportV1DatabaseExtraSchema().fields
    }
    return {key: value for key, value in config.items() if key not in _PASSED_ON}


def real_columns(database: Any, config: Config) -> list[bundle.RealColumn]:
    """The columns that a dataset's statement gives.

    :raises WarehouseContractBroken: the warehouse can't answer it.
    """
    from superset.connectors.sqla.utils import get_columns_description

    # One row of nothing: Superset 4.1 sees no columns where there is no row.
    own = config["sql"].strip()
    nothing = f"select described.* from (select 1 as one) as a_row left join (\n{own}\n) as described on 1 = 0"  # noqa: S608
    try:
        described = get_columns_description(database, None, config["schema"], nothing)
    except Exception as error:
        raise WarehouseContractBroken(
            "The warehouse can't answer the dataset {name}: {reason}. Nothing was changed; run the build, and check "
            "that the connection's account may read the schemas kpi and marts.",
            name=repr(config["table_name"]),
            reason=str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__,
        ) from error
    return [bundle.RealColumn(column["column_name"], column["type"], bool(column["is_dttm"])) for column in described]


def catalogue(database: Any) -> list[dict[str, Any]]:
    """The rows of kpi_catalogue."""
    with database.get_sqla_engine() as engine, engine.connect() as connection:
        rows = connection.execute(sa.text("select * from kpi.kpi_catalogue")).mappings()
        return [dict(row) for row in rows]


def boards(source: Source) -> list[Any]:
    """Our dashboards that this Superset has."""
    from superset.extensions import db

    model, uuids = _assets(source)["dashboard"]
    return list(db.session.query(model).filter(model.uuid.in_([UUID(uuid) for uuid in uuids])))


def retired(source: Source) -> list[Any]:
    """Assets that an earlier version of the plugin installed and that ``source`` no longer holds.

    Ours carry the plugin's certificate and a uuid5; whatever Superset makes for a user has a random uuid.
    """
    from superset.extensions import db

    found = []
    for model, uuids in _assets(source).values():
        found += [
            row
            for row in db.session.query(model)
            if str(row.uuid) not in uuids and _certified_by(row) == CERTIFIED_BY and row.uuid.version == 5
        ]
    return found


def _certified_by(row: Any) -> str | None:
    if row.__tablename__ != "tables":
        name: str | None = row.certified_by
        return name
    certification = json.loads(row.extra or "{}").get("certification")
    return certification.get("certified_by") if isinstance(certification, dict) else None


def languages() -> list[str]:
    """English, the languages that this Superset offers, and those of the editions that are installed already."""
    from flask import current_app

    offered = [*(current_app.config.get("LANGUAGES") or {}), current_app.config.get("BABEL_DEFAULT_LOCALE") or ""]
    known = {name.split("_")[0].lower() for name in offered}
    return [
        language
        for language in editions.LANGUAGES
        if language == editions.ENGLISH or language in known or boards(editions.load(language))
    ]
