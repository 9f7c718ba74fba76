"""Brings the dashboards into the running Superset through Superset's own import, and takes them out again.

The customer's database connection is used as it is: the bundle repeats its present row, and the row is put back as it
was after the import. What users made stays: their charts and datasets are not in the bundle; their metrics and
calculated columns on our datasets, and their charts and filters on our dashboards, are merged in. Changes to our own
charts are replaced, so a chart to be changed is saved under a name of its own first.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from superset_kpi_plugin import compat
from superset_kpi_plugin.access.table import ROLES
from superset_kpi_plugin.assets import bundle, plan, present, removal
from superset_kpi_plugin.assets.editions import load
from superset_kpi_plugin.assets.plan import InstallPlan
from superset_kpi_plugin.assets.source import Config, Source
from superset_kpi_plugin.errors import KpiError, SetupError, WarehouseContractBroken

logger = logging.getLogger(__name__)


def install(
    database_name: str | None = None, dry_run: bool = False, languages: Sequence[str] | None = None
) -> InstallPlan:
    """Install or update every dashboard; a second run finds nothing to do. Runs inside the app context.

    What an earlier version installed and this one no longer holds is removed, unless a user still uses it.

    :param database_name: name or uuid of the Superset database connection; KPI_WAREHOUSE_DATABASE unless given.
    :param dry_run: only say what would be done.
    :param languages: editions to install; unless given, those of :func:`present.languages`.
    :raises SetupError: no such connection, no Admin user, or the import was refused; nothing was changed.
    :raises WarehouseContractBroken: the warehouse lacks a part of the contract; nothing was changed.
    """
    from superset.utils.core import override_user

    source = load(*(languages or present.languages()))
    database = present.find_database(database_name)
    with override_user(present.admin()):
        models = present.existing(source)
        present.refuse_strangers(source, database, models)
        site = bundle.Site(
            database=present.database_config(database),
            columns={key: present.real_columns(database, config) for key, config in source.datasets.items()},
            catalogue=present.catalogue(database),
            existing={uuid: present.export(model) for uuid, model in models.items()},
            mixed_charts_filter=compat.mixed_charts_filter(),
        )
        files = _complete(source, site)
        result = InstallPlan(database.database_name, dry_run)
        plan.compare(files, site.existing, result)
        old = _retired(source)
        result.remove, result.keep = old.names, old.kept
        result.grants = _missing_grants(source)
        if not dry_run and not result.is_empty:
            _apply(files, source, database, result)
    return result


def uninstall(dry_run: bool = False) -> InstallPlan:
    """Remove what the plugin installed, in every language and of every version, and nothing that users made.

    What users' charts, dashboards or reports still rest on stays, and is named with the reason.
    """
    from superset.utils.core import override_user

    source = load()
    with override_user(present.admin()):
        found = removal.consider([*present.existing(source).values(), *present.retired(source)], source)
        result = InstallPlan("", dry_run, remove=found.names, keep=found.kept)
        if not dry_run:
            found.apply()
    return result


def _retired(source: Source) -> removal.Removal:
    """What an earlier version installed and no edition holds any more."""
    whole = load()
    return removal.consider(present.retired(whole), whole, replaced=present.boards(source))


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
        if result.remove:
            db.session.flush()
            db.session.expire_all()  # the import writes which charts a dashboard holds past the session
            _retired(source).apply()
        _grant(source)
        db.session.flush()

    run()


def _move_datasets(source: Source, database: Any) -> None:
    """Bind our datasets to ``database``: Superset's import can't move one that it finds on another connection."""
    from superset.extensions import db

    for model in present.existing(source).values():
        if model.__tablename__ == "tables" and model.database_id != database.id:
            model.database = database
    db.session.flush()


def _import(files: dict[str, Config]) -> None:
    from superset.commands.exceptions import CommandException, CommandInvalidError
    from superset.commands.importers.v1.assets import ImportAssetsCommand

    # JSON is YAML too, and much faster to write.
    contents = {path: json.dumps(config, default=str) for path, config in files.items()}
    try:
        ImportAssetsCommand(contents).run()
    except CommandInvalidError as error:
        raise _refused(json.dumps(error.normalized_messages(), default=str)) from error
    except CommandException as error:
        raise _refused(str(error.__cause__ or error)) from error


def _refused(reason: str) -> KpiError:
    return SetupError("Superset refused the dashboards: {reason} Nothing was changed.", reason=f"{reason[:500]}.")


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
    ours |= {str(model.uuid) for model in present.retired(load())}
    before = {}
    for board in present.boards(source):
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
    for board in present.boards(source):
        charts, natives, slices = before.get(str(board.uuid), ([], [], []))
        if charts:
            board.position_json = json.dumps(bundle.append_charts(json.loads(board.position_json), charts))
        if natives:
            metadata = json.loads(board.json_metadata)
            metadata["native_filter_configuration"] = bundle.filters(metadata) + natives
            board.json_metadata = json.dumps(metadata)
        db.session.expire(board, ["slices"])
        board.slices.extend(chart for chart in slices if chart not in board.slices)


# Who may read it


def _missing_grants(source: Source) -> list[str]:
    """Role and dataset of each access that a KPI role lacks; new datasets are counted too."""
    roles = _kpi_roles()
    models = present.existing(source)
    missing = []
    for config in source.datasets.values():
        perm = models[config["uuid"]].perm if config["uuid"] in models else None
        missing += [f"{role.name}: {config['table_name']}" for role in roles if perm not in _accesses(role)]
    return missing


def _grant(source: Source) -> None:
    from superset import security_manager
    from superset.extensions import db

    db.session.flush()
    names = [model.perm for model in present.existing(source).values() if model.__tablename__ == "tables"]
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
