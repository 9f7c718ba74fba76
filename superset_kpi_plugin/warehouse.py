"""The only reader and writer of the warehouse.

Reading goes through the Superset database connection named by KPI_WAREHOUSE_DATABASE, in a read-only transaction with
a statement timeout and bound parameters. Writing goes through KPI_PUBLISHER_URI and touches kpi.kpi_targets and the two
relations of manual KPIs only.
Errors never carry a password: they name the relation or the cause in words.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import NullPool

from superset_kpi_plugin import bulk
from superset_kpi_plugin.config import setting
from superset_kpi_plugin.errors import KpiError, WarehouseContractBroken, WarehouseUnavailable

logger = logging.getLogger(__name__)
SCHEMA = "kpi"
#: Serialises publishing over all processes (an arbitrary, fixed number of this plugin's own).
PUBLISH_LOCK = 0x4B50495F  # "KPI_"
#: The share of a published table that must have changed before its statistics are drawn anew: autovacuum's own.
WORTH_ANALYSING = 0.1
#: The columns of a published target that statements find it by; its other columns' statistics cost as much again.
FOUND_BY = ("kpi_id", "entity_kind", "entity_id", "grain", "period_start")

_CONTRACT_STATES = ("42P01", "42703", "42501", "3F000")  # undefined table or column, privilege, schema
_TIMEOUT_STATES = ("57014",)

kpi_targets = sa.Table(
    "kpi_targets",
    sa.MetaData(),
    sa.Column("target_id", sa.Text),
    sa.Column("version", sa.Integer),
    sa.Column("kpi_id", sa.Text),
    sa.Column("entity_kind", sa.Text),
    sa.Column("entity_id", sa.Text),
    sa.Column("grain", sa.Text),
    sa.Column("period_start", sa.Date),
    sa.Column("floor_value", sa.Numeric(24, 6)),
    sa.Column("target_value", sa.Numeric(24, 6)),
    sa.Column("stretch_value", sa.Numeric(24, 6)),
    sa.Column("warn_limit", sa.Numeric(24, 6)),
    sa.Column("breach_limit", sa.Numeric(24, 6)),
    sa.Column("tolerance", sa.Numeric(24, 6)),
    sa.Column("weight", sa.Numeric(24, 6)),
    sa.Column("currency", sa.Text),
    sa.Column("owner", sa.Text),
    sa.Column("approved_by", sa.Text),
    sa.Column("approved_at", sa.DateTime(timezone=True)),
    sa.Column("published_at", sa.DateTime(timezone=True)),
    schema=SCHEMA,
)
kpi_manual_kpis = sa.Table(
    "kpi_manual_kpis",
    sa.MetaData(),
    *(sa.Column(name, sa.Text) for name in ("kpi_id", "name_en", "name_zh", "description_en", "description_zh")),
    *(sa.Column(name, sa.Text) for name in ("unit", "direction", "entity_kinds", "grain", "owner", "number_format")),
    sa.Column("is_additive", sa.Boolean),
    sa.Column("published_at", sa.DateTime(timezone=True)),
    schema=SCHEMA,
)
kpi_manual_values = sa.Table(
    "kpi_manual_values",
    sa.MetaData(),
    *(sa.Column(name, sa.Text) for name in ("kpi_id", "entity_kind", "entity_id", "grain")),
    sa.Column("period_start", sa.Date),
    sa.Column("value", sa.Numeric(24, 6)),
    *(sa.Column(name, sa.Text) for name in ("currency", "note", "entered_by")),
    sa.Column("entered_at", sa.DateTime(timezone=True)),
    schema=SCHEMA,
)
#: What the publisher may write.
WRITABLE = ("kpi_targets", "kpi_manual_kpis", "kpi_manual_values")
Rows = Iterable[Mapping[str, Any]]
#: (target_id, version, approved_at)
TargetKey = tuple[Any, ...]
CHUNK = 5_000


class Reader:
    """A read-only transaction on the warehouse."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def read(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """As `Warehouse.read`, within this transaction."""
        result = self.connection.execute(_bound(sql, params or {}), _plain(params or {}))
        return [dict(row) for row in result.mappings()]

    @property
    def is_lost(self) -> bool:
        """Whether the server is gone, and nothing more can be read in this transaction."""
        return bool(self.connection.invalidated)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Statements that may fail for themselves: the transaction goes on as if they had not been.

        :raises WarehouseUnavailable: as `Warehouse.read`, and so WarehouseContractBroken.
        """
        with _clear_errors():
            savepoint = self.connection.begin_nested()
            try:
                yield
            except BaseException:
                savepoint.rollback()
                raise
            savepoint.commit()


class Warehouse:
    """The warehouse behind the plugin. Cheap to make; holds no connection between calls."""

    def read(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Run one SELECT on the reader and return its rows as dictionaries.

        ``params`` are bound by name (``where kpi_id = :kpi_id``); a list, tuple or set fits ``in :ids`` (an empty one
        matches nothing). The transaction is read-only and limited by KPI_STATEMENT_TIMEOUT.

        :raises WarehouseUnavailable: not configured, not reachable, or too slow.
        :raises WarehouseContractBroken: a relation or column is missing or not granted.
        """
        with self.reading() as reader:
            return reader.read(sql, params)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """One read-only transaction on the reader, for several statements over one connection."""
        database = reader_database()
        with _clear_errors(), database.get_sqla_engine() as engine, engine.connect() as connection:
            transaction = connection.begin()
            try:
                _limit(connection, read_only=True)
                yield Reader(connection)
            finally:
                transaction.rollback()

    def replace_targets(self, rows: Rows | Callable[[], Rows]) -> int:
        """Make kpi.kpi_targets equal to ``rows``, in one transaction; readers see the old rows or the new, never half.

        Publishers run one after the other; a callable is asked for its rows only once it's this one's turn, so the
        last to publish publishes the latest state.

        :returns: the number of rows published.
        :raises WarehouseUnavailable: not configured, not reachable or too slow; the table is unchanged.
        """
        with self.publishing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text("select pg_advisory_xact_lock(:lock)"), {"lock": PUBLISH_LOCK})
            listed = [dict(row) for row in (rows() if callable(rows) else rows)]
            connection.execute(kpi_targets.delete())
            bulk.insert(connection, kpi_targets, listed)
        self._analyse(kpi_targets)
        return len(listed)

    def update_targets(self, keys: Callable[[], set[TargetKey]], rows: Callable[[set[TargetKey]], Rows]) -> int:
        """The same as `replace_targets`, with only the rows that differ written.

        An approved version never changes, so that target, version and instant of approval name a row with all that it
        says.

        :param keys: (target_id, version, approved_at) of every row as it is to be; asked for when it is this
            publisher's turn.
        :param rows: the rows of some of these keys.
        :returns: the number of rows that are published now.
        """
        with self.publishing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text("select pg_advisory_xact_lock(:lock)"), {"lock": PUBLISH_LOCK})
            wanted = keys()
            columns = (kpi_targets.c.target_id, kpi_targets.c.version, kpi_targets.c.approved_at)
            found = connection.execute(sa.select(*columns)).all()
            held = {tuple(row) for row in found}
            if len(held) < len(found) or any(None in row for row in held):
                held = set()  # rows that nobody published: start afresh
                connection.execute(kpi_targets.delete())
            gone = {row[0] for row in held - wanted}
            listed_gone = sorted(gone)
            for start in range(0, len(gone), CHUNK):
                chunk = listed_gone[start : start + CHUNK]
                connection.execute(kpi_targets.delete().where(kpi_targets.c.target_id.in_(chunk)))
            listed = [dict(row) for row in rows({key for key in wanted if key not in held or key[0] in gone})]
            bulk.insert(connection, kpi_targets, listed)
        if len(gone) + len(listed) > len(wanted) * WORTH_ANALYSING:
            self._analyse(kpi_targets)
        return len(wanted)

    def replace_manual(self, kpis: Callable[[], Rows], values: Callable[[], Rows]) -> int:
        """Make kpi_manual_kpis and kpi_manual_values equal to these rows, in one transaction, asked for in turn.

        :returns: the number of values published.
        :raises WarehouseContractBroken: the tables are missing: no build has run since manual KPIs came.
        """
        with self.publishing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text("select pg_advisory_xact_lock(:lock)"), {"lock": PUBLISH_LOCK})
            count = 0
            for table, rows in ((kpi_manual_kpis, kpis), (kpi_manual_values, values)):
                listed = [dict(row) for row in rows()]
                connection.execute(table.delete())
                bulk.insert(connection, table, listed)
                count = len(listed)
        self._analyse(kpi_manual_kpis, kpi_manual_values)
        return count

    def _analyse(self, *tables: sa.Table) -> None:
        """Statistics of what was just published, so that the first statement that reads it is planned with them.

        What is published is published: a failure is no more than a slower first reading. A publisher that neither owns
        the tables nor may maintain them (PostgreSQL 17 and newer) is passed over by the server.
        """
        with suppress(KpiError), self.publishing() as connection:
            if connection.dialect.name == "postgresql":
                for table in tables:
                    columns = f" ({', '.join(FOUND_BY)})" if table is kpi_targets else ""
                    connection.execute(sa.text(f"analyze {table.fullname}{columns}"))

    @contextmanager
    def publishing(self) -> Iterator[Connection]:
        """A transaction of the publisher."""
        engine = publisher_engine()
        with _clear_errors(), engine.begin() as connection:
            _limit(connection, read_only=False)
            yield connection


def reader_database() -> Any:
    """The Superset Database that KPI_WAREHOUSE_DATABASE names, by uuid or by name.

    :raises WarehouseUnavailable: when there is none.
    """
    from superset.extensions import db
    from superset.models.core import Database

    wanted = str(setting("KPI_WAREHOUSE_DATABASE") or "")
    query = db.session.query(Database)
    found = None
    with suppress(ValueError):
        found = query.filter(Database.uuid == UUID(wanted)).one_or_none()
    found = found or query.filter(Database.database_name == wanted).one_or_none()
    if found is None:
        raise WarehouseUnavailable(
            "Superset has no database connection named {name}. Create it, or set KPI_WAREHOUSE_DATABASE.",
            name=repr(wanted),
        )
    return found


def publisher_engine() -> Engine:
    """An engine on KPI_PUBLISHER_URI without a pool: publishing is rare, and an idle connection costs the warehouse.

    :raises WarehouseUnavailable: when the setting is missing or no URI.
    """
    uri = setting("KPI_PUBLISHER_URI")
    if not uri:
        raise WarehouseUnavailable("Publishing is not set up: KPI_PUBLISHER_URI is missing in superset_config.py.")
    try:
        url = sa.engine.make_url(uri)
        arguments = {"connect_timeout": 10} if url.get_backend_name() == "postgresql" else {}
        return sa.create_engine(url, poolclass=NullPool, connect_args=arguments, hide_parameters=True)
    except (SQLAlchemyError, ImportError, ValueError) as error:
        logger.warning("KPI_PUBLISHER_URI can't be used: %s", type(error).__name__)
        raise WarehouseUnavailable("Publishing is not set up: KPI_PUBLISHER_URI is not a usable address.") from None


def _limit(connection: Connection, *, read_only: bool) -> None:
    """Bound what a transaction may do and for how long, where the engine can."""
    if connection.dialect.name != "postgresql":
        return
    if read_only:
        connection.execute(sa.text("set transaction read only"))
    milliseconds = int(float(setting("KPI_STATEMENT_TIMEOUT")) * 1000)
    connection.execute(sa.text(f"set local statement_timeout = {milliseconds}"))


def _bound(sql: str, params: Mapping[str, Any]) -> Any:
    """The statement with its list parameters made expanding."""
    lists = [name for name, value in params.items() if isinstance(value, list | tuple | set | frozenset)]
    return sa.text(sql).bindparams(*(sa.bindparam(name, expanding=True) for name in lists))


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    # An empty list becomes `in (null)`: SQLAlchemy's own empty set is a number, which no text column compares with.
    return {
        name: (list(value) or [None]) if isinstance(value, list | tuple | set | frozenset) else value
        for name, value in params.items()
    }


@contextmanager
def _clear_errors() -> Iterator[None]:
    """Turn the driver's errors into the plugin's, in words and without addresses or credentials."""
    try:
        yield
    except (DBAPIError, DisconnectionError, PoolTimeout) as error:
        raise _in_words(error) from None
    except Exception as error:
        # Superset maps some driver errors to its own classes before they get here.
        if type(error).__module__.startswith(("superset.", "psycopg2")):
            raise WarehouseUnavailable() from None
        raise


def _in_words(error: SQLAlchemyError) -> WarehouseUnavailable | WarehouseContractBroken:
    original = getattr(error, "orig", None)
    state = getattr(original, "pgcode", None) or ""
    logger.warning("Warehouse error %s %s", type(original or error).__name__, state)
    if state in _TIMEOUT_STATES:
        return WarehouseUnavailable("The warehouse did not answer in time. Nothing was lost; try again later.")
    if state in _CONTRACT_STATES:
        return WarehouseContractBroken(
            "The warehouse refused a part of the KPI contract: {reason}. Run the build, then `superset kpi doctor`.",
            reason=_first_line(original),
        )
    if isinstance(error, DBAPIError) and state.startswith("28"):
        return WarehouseUnavailable("The warehouse refused the user or the password of its connection.")
    if original is not None and "authentication failed" in str(original):
        return WarehouseUnavailable("The warehouse refused the user or the password of its connection.")
    return WarehouseUnavailable()


def _first_line(error: Any) -> str:
    """The server's first line without a trailing dot; it names relations, never credentials."""
    line = str(error).strip().splitlines()[0] if str(error).strip() else "unknown"
    return re.sub(r"\s+", " ", line).rstrip(".")[:200]
