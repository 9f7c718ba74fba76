"""Brings the dashboards into the running Superset through Superset's own import. The only module here that knows it.

The customer's database connection is used as it is: the bundle repeats its present row, and the row is put back as it
was after the import. What users made stays: their charts and datasets are not in the bundle; their metrics and
calculated columns on our datasets, and their charts and filters on our dashboards, are merged in. Changes to our own
charts are replaced, so a chart to be changed is saved under a name of its own first.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import yaml

from superset_kpi_plugin.access.table import ROLES
from superset_kpi_plugin.assets import bundle, plan
from superset_kpi_plugin.assets.plan import InstallPlan
from superset_kpi_plugin.assets.source import Config, Source, load
from superset_kpi_plugin.errors import KpiError, SetupError, WarehouseContractBroken

logger = logging.getLogger(__name__)
_PASSED_ON = {"encrypted_extra", "masked_encrypted_extra", "ssh_tunnel"}


def install(database_name: str | None = None, dry_run: bool = False) -> InstallPlan:
    """Install or update every dashboard; a second run finds nothing to do. Runs inside the app context.

    :param database_name: name or uuid of the Superset database connection; KPI_WAREHOUSE_DATABASE unless given.
    :param dry_run: only say what would be done.
    :raises SetupError: no such connection, no Admin user, or the import was refused; nothing was changed.
    :raises WarehouseContractBroken: the warehouse lacks a part of the contract; nothing was changed.
    """
    from superset.utils.core import override_user

    source = load()
    database = _database(database_name)
    with override_user(_admin()):
        models = _existing(source)
        _refuse_strangers(source, database, models)
        site = bundle.Site(
            database=_database_config(database),
            columns={key: _real_columns(database, key, config) for key, config in source.datasets.items()},
            catalogue=_catalogue(database),
            existing={uuid: _export(model) for uuid, model in models.items()},
        )
        files = _complete(source, site)
        result = InstallPlan(database.database_name, dry_run)
        plan.compare(files, site.existing, result)
        result.grants = _missing_grants(source)
        if not dry_run and not result.is_empty:
            _apply(files, source, database, result)
    return result


def _complete(source: Source, site: bundle.Site) -> dict[str, Config]:
    try:
        return bundle.build(source, site)
    except bundle.ContractMismatchError as error:
        raise WarehouseContractBroken(
            "The dashboards don't fit the warehouse ({reason}). Nothing was changed; run the build first.",
            reason=str(error),
        ) from error


def _apply(files: dict[str, Config], source: Source, database: Any, result: InstallPlan) -> None:
    """Import and grant in one transaction."""
    from superset.extensions import db
    from superset.utils.decorators import transaction

    @transaction(on_error=None)
    def run() -> None:
        if result.create or result.update:
            _move_datasets(source, database)
            with _kept_connection(database), _kept_additions(source):
                _import(files)
        _grant(source)
        db.session.flush()

    run()


def _move_datasets(source: Source, database: Any) -> None:
    """Bind our datasets to ``database``: Superset's import can't move one that it finds on another connection."""
    from superset.extensions import db

    for model in _existing(source).values():
        if model.__tablename__ == "tables" and model.database_id != database.id:
            model.database = database
    db.session.flush()


def _import(files: dict[str, Config]) -> None:
    from superset.commands.exceptions import CommandException, CommandInvalidError
    from superset.commands.importers.v1.assets import ImportAssetsCommand

    contents = {path: yaml.safe_dump(config, sort_keys=False, allow_unicode=True) for path, config in files.items()}
    try:
        ImportAssetsCommand(contents).run()
    except CommandInvalidError as error:
        raise _refused(json.dumps(error.normalized_messages(), default=str)) from error
    except CommandException as error:
        raise _refused(str(error.__cause__ or error)) from error


def _refused(reason: str) -> KpiError:
    return SetupError("Superset refused the dashboards: {reason} Nothing was changed.", reason=f"{reason[:500]}.")


# What is there


def _database(name: str | None) -> Any:
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


def _admin() -> Any:
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


def _existing(source: Source) -> dict[str, Any]:
    """Our assets that this Superset already has, by uuid."""
    from superset.extensions import db

    found = {}
    for model, uuids in _assets(source).values():
        rows = db.session.query(model).filter(model.uuid.in_([UUID(uuid) for uuid in uuids]))
        found.update({str(row.uuid): row for row in rows})
    return found


def _refuse_strangers(source: Source, database: Any, models: dict[str, Any]) -> None:
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


def _export(model: Any) -> Config:
    from superset.commands.chart.export import ExportChartsCommand
    from superset.commands.dashboard.export import ExportDashboardsCommand
    from superset.commands.dataset.export import ExportDatasetsCommand

    exporters = {
        "tables": ExportDatasetsCommand,
        "slices": ExportChartsCommand,
        "dashboards": ExportDashboardsCommand,
    }
    config: Config = yaml.safe_load(exporters[model.__tablename__]._file_content(model))
    return config


def _database_config(database: Any) -> Config:
    """The connection as it is now, without its secrets: the import keeps those that it isn't given."""
    from superset.commands.database.export import ExportDatabasesCommand
    from superset.databases.schemas import ImportV1DatabaseExtraSchema

    config: Config = yaml.safe_load(ExportDatabasesCommand._file_content(database))
    config["extra"] = {
        key: value for key, value in (config.get("extra") or {}).items() if key in ImportV1DatabaseExtraSchema().fields
    }
    return {key: value for key, value in config.items() if key not in _PASSED_ON}


def _real_columns(database: Any, key: str, config: Config) -> list[bundle.RealColumn]:
    from superset.connectors.sqla.utils import get_columns_description

    nothing = f"select * from (\n{config['sql'].strip()}\n) as described where 1 = 0"  # noqa: S608 (the plugin's own SQL)
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


def _catalogue(database: Any) -> list[dict[str, Any]]:
    with database.get_sqla_engine() as engine, engine.connect() as connection:
        rows = connection.execute(sa.text("select * from kpi.kpi_catalogue")).mappings()
        return [dict(row) for row in rows]


# What stays


@contextmanager
def _kept_connection(database: Any) -> Iterator[None]:
    """Put every column of the connection's row back as it was: the import rewrites some of them."""
    names = [attribute.key for attribute in sa.inspect(type(database)).column_attrs]
    before = {name: getattr(database, name) for name in names}
    yield
    for name, value in before.items():
        if getattr(database, name) != value:
            setattr(database, name, value)


@contextmanager
def _kept_additions(source: Source) -> Iterator[None]:
    """Put the charts and native filters that users added to our dashboards back after the import has replaced them."""
    ours = {chart["uuid"] for chart in source.charts.values()}
    before = {}
    for board in _boards(source):
        before[str(board.uuid)] = (
            bundle.foreign_charts(json.loads(board.position_json or "{}"), ours),
            [
                native
                for native in bundle.filters(json.loads(board.json_metadata or "{}"))
                if not bundle.is_ours(native)
            ],
            [chart for chart in board.slices if str(chart.uuid) not in ours],
        )
    yield
    from superset.extensions import db

    db.session.flush()
    for board in _boards(source):
        charts, natives, slices = before.get(str(board.uuid), ([], [], []))
        if charts:
            board.position_json = json.dumps(bundle.append_charts(json.loads(board.position_json), charts))
        if natives:
            metadata = json.loads(board.json_metadata)
            metadata["native_filter_configuration"] = bundle.filters(metadata) + natives
            board.json_metadata = json.dumps(metadata)
        db.session.expire(board, ["slices"])
        board.slices.extend(chart for chart in slices if chart not in board.slices)


def _boards(source: Source) -> list[Any]:
    from superset.extensions import db

    model, uuids = _assets(source)["dashboard"]
    return list(db.session.query(model).filter(model.uuid.in_([UUID(uuid) for uuid in uuids])))


# Who may read it


def _missing_grants(source: Source) -> list[str]:
    """Role and dataset of each access that a KPI role lacks; new datasets are counted too."""
    roles = _kpi_roles()
    models = _existing(source)
    missing = []
    for config in source.datasets.values():
        perm = models[config["uuid"]].perm if config["uuid"] in models else None
        missing += [f"{role.name}: {config['table_name']}" for role in roles if perm not in _accesses(role)]
    return missing


def _grant(source: Source) -> None:
    from superset import security_manager
    from superset.extensions import db

    db.session.flush()
    names = [model.perm for model in _existing(source).values() if model.__tablename__ == "tables"]
    # Adding a permission commits, which empties the roles' lists: first all permissions, then the roles.
    permissions = {name: security_manager.add_permission_view_menu("datasource_access", name) for name in names}
    for role in _kpi_roles():
        held = _accesses(role)
        role.permissions.extend(permissions[name] for name in names if name not in held)


def _accesses(role: Any) -> set[str]:
    return {
        held.view_menu.name
        for held in role.permissions
        if held.permission and held.view_menu and held.permission.name == "datasource_access"
    }


def _kpi_roles() -> list[Any]:
    """The plugin's roles, as far as `superset kpi upgrade` has made them."""
    from superset import security_manager

    return [role for name in ROLES if (role := security_manager.find_role(name)) is not None]
