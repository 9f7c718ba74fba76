"""Lets dbt's connections serve one node of a build after the other.

dbt closes a node's connection and opens one for the next, whose first statements read PostgreSQL's catalogue anew: of a
build that changes little, that is more than half of the server's time. A connection that is kept is what a new one
would be: `discard all` drops its temporary tables, settings and locks.
"""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


@contextmanager
def kept_connections() -> Iterator[None]:
    """dbt's PostgreSQL connections of this process are kept while the block runs, and closed at its end."""
    import psycopg2
    from dbt.adapters.contracts.connection import ConnectionState
    from dbt.adapters.postgres.connections import PostgresConnectionManager as Manager

    idle: queue.LifoQueue[Any] = queue.LifoQueue()
    own = {name: Manager.__dict__.get(name) for name in ("open", "_close_handle")}
    open_anew = Manager.open

    def open_or_take(connection: Any) -> Any:
        if connection.state == ConnectionState.OPEN:
            return connection
        while not idle.empty():
            with suppress(queue.Empty, psycopg2.Error):  # another thread took it, or the server has ended it
                handle = idle.get_nowait()
                _execute(handle, "select 1")
                connection.handle, connection.state = handle, ConnectionState.OPEN
                return connection
        return open_anew(connection)

    def keep(connection: Any) -> None:
        if connection.credentials.role:  # it was set once, for this node
            connection.handle.close()
            return
        try:
            connection.handle.rollback()
            _execute(connection.handle, "discard all")
        except psycopg2.Error:
            connection.handle.close()
        else:
            idle.put(connection.handle)

    for name, function in {"open": open_or_take, "_close_handle": keep}.items():
        setattr(Manager, name, staticmethod(function))
    try:
        yield
    finally:
        for name, method in own.items():
            if method is None:
                delattr(Manager, name)
            else:
                setattr(Manager, name, method)
        while not idle.empty():
            idle.get_nowait().close()


def _execute(handle: Any, statement: str) -> None:
    """Run a statement by itself, outside of a transaction."""
    handle.autocommit = True
    with handle.cursor() as cursor:
        cursor.execute(statement)
    handle.autocommit = False
