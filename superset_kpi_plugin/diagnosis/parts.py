"""What the bundle holds, part by part, each value chosen by its name.

Nothing here reads a setting's value but those in SHOWN_VALUES and what `_kind` makes of a channel's address: the word
before its colon, where it is one that is known.
"""

from __future__ import annotations

import platform
import sys
from collections import Counter
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app
from superset.extensions import db, security_manager

from superset_kpi_plugin import doctor, migrations
from superset_kpi_plugin.access.sync import held_permissions
from superset_kpi_plugin.access.table import ALL_PERMISSIONS, ROLES
from superset_kpi_plugin.alerts import channels
from superset_kpi_plugin.alerts.models import AlertInstance, AlertRule, OutboxMessage
from superset_kpi_plugin.catalogue import queries
from superset_kpi_plugin.config import SETTINGS, setting
from superset_kpi_plugin.redaction import redact
from superset_kpi_plugin.targets.commands.publish import last_publication
from superset_kpi_plugin.targets.models import Publication, TargetVersion
from superset_kpi_plugin.warehouse import Warehouse, publisher_engine, reader_database

Row = dict[str, Any]
PACKAGES = (
    *("superset-kpi-plugin", "apache-superset", "flask", "flask-appbuilder", "sqlalchemy", "alembic", "marshmallow"),
    *("psycopg2-binary", "apprise", "openpyxl", "reportlab", "pandas", "gunicorn"),
)
#: Settings whose values are told, with what they may be; anything else is told as set or not.
SHOWN_VALUES: dict[str, tuple[type, ...] | frozenset[str]] = {
    "KPI_ALLOW_INTERNAL_WEBHOOKS": (bool,),
    "KPI_STATEMENT_TIMEOUT": (int, float),
    "KPI_UPLOAD_MAX_MB": (int, float),
    "KPI_MAX_ROWS_PER_REQUEST": (int,),
    "KPI_MAX_IMPORT_ROWS": (int,),
    "KPI_FOUR_EYES": (bool,),
    "KPI_OWNER_REQUIRED": (bool,),
    "KPI_DEFAULT_SCOPE": frozenset({"all", "none"}),
}
#: The same of Superset's own.
SUPERSET_VALUES: dict[str, tuple[type, ...] | frozenset[str]] = {
    **dict.fromkeys(("TALISMAN_ENABLED", "WTF_CSRF_ENABLED", "RATELIMIT_ENABLED", "SESSION_COOKIE_SECURE"), (bool,)),
    **dict.fromkeys(("SUPERSET_WEBSERVER_TIMEOUT", "SQLLAB_TIMEOUT", "ROW_LIMIT", "SQL_MAX_ROW"), (int,)),
    "BABEL_DEFAULT_LOCALE": frozenset({"en", "zh"}),
}
CACHE_KINDS = frozenset(
    {"NullCache", "SimpleCache", "RedisCache", "RedisSentinelCache", "FileSystemCache", "MemcachedCache"}
)
#: Kinds of channels by their scheme; an unknown one might be a key itself.
CHANNEL_KINDS = {
    **dict.fromkeys(("mailto", "mailtos"), "mail"),
    **dict.fromkeys(("json", "jsons"), "webhook"),
    **{name: name for name in ("slack", "msteams", "workflows", "dingtalk", "feishu", "lark", "wecombot", "discord")},
    **{"tgram": "telegram", "https": "https", "http": "http"},
}
#: Checks of the doctor whose sentences hold what somebody wrote into a setting: told by their state alone.
STATE_ONLY = frozenset({"public address", "reader", "channels"})
MOST_RULES, MOST_ERRORS = 1_000, 50


def versions() -> Row:
    """Of the plugin, what it stands on, and the databases' kinds."""
    found: Row = {"python": platform.python_version(), "system": platform.system(), "machine": platform.machine()}
    found["packages"] = {name: _version(name) for name in PACKAGES}
    found["is_virtual_environment"] = sys.prefix != sys.base_prefix
    return {**found, "databases": _databases()}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _databases() -> Row:
    """Kind and version of each: numbers and the driver's name, no address."""
    found: Row = {"metadata": _dialect(db.engine)}
    for name, reading in (("reader", _reader_kind), ("publisher", lambda: _dialect(publisher_engine()))):
        try:
            found[name] = reading()
        except Exception as error:
            found[name] = {"error": type(error).__name__}
    return found


def _dialect(engine: Any) -> Row:
    return {"kind": engine.dialect.name, "driver": engine.dialect.driver}


def _reader_kind() -> Row:
    kind = reader_database().backend
    with Warehouse().reading() as reader:
        server = ".".join(map(str, reader.connection.dialect.server_version_info or ()))
    return {"kind": kind, "server": server}


def settings() -> Row:
    """Values of those on the lists; of every other setting of the plugin whether it is set. Channels by their kind."""
    config = current_app.config
    plugin = {known.name: _told(known.name, SHOWN_VALUES, bool(setting(known.name))) for known in SETTINGS}
    superset = {name: _told(name, SUPERSET_VALUES, name in config) for name in SUPERSET_VALUES}
    cache = config.get("CACHE_CONFIG")
    kind = cache.get("CACHE_TYPE") if isinstance(cache, dict) else None
    superset["cache"] = kind if kind in CACHE_KINDS else "other" if kind else None
    folder = setting("KPI_UPLOAD_DIR")
    counted = {name: _length(setting(name)) for name in ("KPI_CHANNELS", "KPI_ROUTES", "KPI_OWNERS")}
    return {
        "plugin": plugin,
        "superset_settings": superset,
        "languages": len(config.get("LANGUAGES") or {}),
        "counted": counted,
        "channels": [_channel(name) for name in channels.names()],
        "upload_folder_exists": bool(folder) and Path(str(folder)).is_dir(),
        "is_default": {known.name: setting(known.name) == known.default for known in SETTINGS},
    }


def _told(name: str, allowed: dict[str, tuple[type, ...] | frozenset[str]], is_set: bool) -> Any:
    wanted = allowed.get(name)
    value = current_app.config.get(name)
    is_told = (
        value in wanted
        if isinstance(wanted, frozenset) and isinstance(value, str)
        else (isinstance(wanted, tuple) and type(value) in wanted)
    )
    return value if is_told else "(set)" if is_set else "(not set)"


def _length(value: Any) -> int | None:
    return len(value) if isinstance(value, dict | list | tuple) else None


def _channel(name: str) -> Row:
    """A channel's name without what is no name, the kinds of its addresses, and how it is told apart."""
    channel = channels.get(name)
    if channel is None:
        return {"name": redact(name)}
    return {
        "name": redact(name),
        "kinds": dict(Counter(_kind(address) for address in channel.addresses)),
        "is_to_owner": channel.is_to_owner,
        "has_locale": channel.locale is not None,
        "has_user": channel.user is not None,
        "has_quiet_hours": channel.quiet is not None,
    }


def _kind(address: str) -> str:
    return CHANNEL_KINDS.get(address.partition("://")[0].lower(), "other")


def migration() -> Row:
    """The tables' revision and the newest one."""
    return {"current": migrations.current_revision(db.engine), "head": migrations.head_revision()}


def examined() -> list[Row]:
    """The doctor's findings."""
    return [
        {
            "check": found.check,
            "state": found.state,
            "detail": None if found.check in STATE_ONLY else redact(found.detail),
        }
        for found in doctor.examine()
    ]


def roles() -> Row:
    """The table of role x permission, what differs from it here, and how many people hold each role."""
    found = {}
    for name, wanted in {**ROLES, "Admin": ALL_PERMISSIONS}.items():
        role = security_manager.find_role(name)
        held = held_permissions(role) if role is not None else set()
        found[name] = {
            "exists": role is not None,
            "users": len(role.user) if role is not None else 0,
            "lacks": sorted(map(list, set(wanted) - held)),
            "has_too_much": sorted(map(list, held - set(wanted))),
        }
    table = {name: sorted(map(list, permissions)) for name, permissions in ROLES.items()}
    return {"table": table, "held": found}


def freshness() -> list[Row]:
    """Each stream's reach and state; an error as `queries.freshness` has it, without secrets."""
    return queries.freshness(Warehouse())


def errors() -> Row:
    """The last errors: of loads, publications and messages."""
    loads = [
        {name: row[name] for name in ("platform", "account_id", "stream", "state", "last_error")}
        for row in queries.freshness(Warehouse())
        if row["last_error"]
    ]
    failed = db.session.query(Publication).filter(Publication.error.isnot(None)).order_by(Publication.id.desc())
    publications = [{"at": row.finished_at, "state": row.state, "error": redact(row.error)} for row in failed.limit(10)]
    wanted = sa.select(OutboxMessage.channel, OutboxMessage.state, OutboxMessage.last_error, sa.func.count()).where(
        OutboxMessage.last_error.isnot(None)
    )
    grouped = wanted.group_by(OutboxMessage.channel, OutboxMessage.state, OutboxMessage.last_error).limit(MOST_ERRORS)
    messages = [
        {"channel": redact(channel), "state": state, "error": redact(error), "count": count}
        for channel, state, error, count in db.session.execute(grouped)
    ]
    last = last_publication()
    return {
        "loads": loads,
        "publications": publications,
        "last_publication": {"state": last.state, "at": last.finished_at} if last else None,
        "messages": messages,
    }


RULE_FIELDS = (
    *("id", "kpi_id", "entity_kind", "grain", "condition", "tolerance", "hysteresis", "include_provisional"),
    *("for_minutes", "keep_firing_minutes", "severity", "is_enabled", "last_evaluated_at"),
)


def rules() -> list[Row]:
    """Alert rules: what they watch; whom they tell only by number."""
    wanted = sa.select(AlertRule).where(AlertRule.deleted_at.is_(None)).order_by(AlertRule.id).limit(MOST_RULES)
    return [
        {
            **{name: getattr(rule, name) for name in RULE_FIELDS},
            "name": redact(rule.name),
            "source": redact(rule.source),
            "parameters": {str(key): _plain(value) for key, value in (rule.parameters or {}).items()},
            "entities": _length(rule.entity_ids),
            "is_within": rule.within is not None,
            "channels": _length(rule.channels),
            "escalation_steps": _length(rule.escalation),
            "has_owner": rule.owner is not None,
            "has_playbook": rule.playbook_en is not None or rule.playbook_zh is not None,
        }
        for rule in db.session.execute(wanted).scalars()
    ]


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | float) or value is None else redact(str(value))


def counts() -> Row:
    """Rows of the plugin's tables; targets and alerts by state; KPIs and entities of the contract."""
    names = sorted(name for name in sa.inspect(db.engine).get_table_names() if name.startswith("kpi_"))
    tables = {
        name: db.session.execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar_one() for name in names
    }

    def by(column: Any) -> Row:
        return {
            str(state): count
            for state, count in db.session.execute(sa.select(column, sa.func.count()).group_by(column))
        }

    return {
        "tables": tables,
        "target_versions": by(TargetVersion.state),
        "alerts": by(AlertInstance.state),
        "messages": by(OutboxMessage.state),
        "contract": _contract_counts(),
    }


def _contract_counts() -> Row:
    try:
        with Warehouse().reading() as reader:
            kinds = reader.read("select entity_kind, count(*) as entities from kpi.kpi_entities group by entity_kind")
            [kpis] = reader.read("select count(*) as kpis from kpi.kpi_catalogue")
    except Exception as error:
        return {"error": type(error).__name__}
    return {"kpis": kpis["kpis"], "entities": {row["entity_kind"]: row["entities"] for row in kinds}}


PARTS: dict[str, Callable[[], Any]] = {
    "versions": versions,
    "settings": settings,
    "migrations": migration,
    "doctor": examined,
    "roles": roles,
    "freshness": freshness,
    "errors": errors,
    "rules": rules,
    "counts": counts,
}
