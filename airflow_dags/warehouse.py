"""Connections to the warehouse (KPI_WAREHOUSE_URI), and its errors in the pipeline's words."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from airflow_dags.errors import ConfigurationError, LoginRefused, PipelineError, TerminalError, WarehouseUnavailable

CONNECT_SECONDS = 10
_LOGIN = ("28P01", "28000")
_GONE = ("57P01", "57P02", "57P03", "08000", "08003", "08006", "53300", "40P01", "40001", "55P03")


def warehouse_uri() -> str:
    uri = os.environ.get("KPI_WAREHOUSE_URI", "")
    if not uri:
        raise ConfigurationError("KPI_WAREHOUSE_URI is not set; set it to the warehouse's postgresql:// address")
    if not uri.startswith(("postgresql://", "postgres://")):
        raise ConfigurationError("KPI_WAREHOUSE_URI must start with postgresql://")
    return uri


def parts_of(uri: str) -> dict[str, str]:
    """Host, port, user, password and database of a ``postgresql://`` URI."""
    parts = urlsplit(uri)
    return {
        "host": parts.hostname or "localhost",
        "port": str(parts.port or 5432),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "dbname": unquote(parts.path.lstrip("/")) or "postgres",
    }


@contextmanager
def load_connection(uri: str) -> Iterator[Any]:
    """A psycopg connection in one transaction: the caller commits, everything else rolls back."""
    import psycopg

    try:
        # Statements aren't prepared: they name temporary tables, which come and go.
        connection = psycopg.connect(uri, connect_timeout=CONNECT_SECONDS, prepare_threshold=None)
    except psycopg.Error as error:
        raise translate(error, uri) from None
    try:
        yield connection
    except psycopg.Error as error:
        raise translate(error, uri) from error
    finally:
        connection.close()


@contextmanager
def row_connection(uri: str, autocommit: bool = False) -> Iterator[Any]:
    """A psycopg connection, for small statements; commits at the end unless an exception passes."""
    import psycopg

    try:
        connection = psycopg.connect(uri, connect_timeout=CONNECT_SECONDS, autocommit=autocommit)
    except psycopg.Error as error:
        raise translate(error, uri) from None
    try:
        with connection:
            yield connection
    except psycopg.Error as error:
        raise translate(error, uri) from error


def translate(error: Exception, uri: str) -> PipelineError:
    """One line that names the server, never its password."""
    parts = parts_of(uri)
    where = f"{parts['host']}:{parts['port']}/{parts['dbname']}"
    text = " ".join(str(error).split())
    code = getattr(error, "sqlstate", None) or (
        match.group(1) if (match := re.search(r"SQLSTATE: (\w{5})", text)) else ""
    )
    if code in _LOGIN or "authentication failed" in text or "no password supplied" in text:
        return LoginRefused(
            f"the warehouse {where} refused user {parts['user']!r}; nothing was changed; check KPI_WAREHOUSE_URI",
            sqlstate=code,
        )
    if "does not exist" in text and "database" in text and not code:
        return ConfigurationError(
            f"the warehouse {where} does not exist; create the database or check KPI_WAREHOUSE_URI"
        )
    if code in _GONE or (not code and _is_connection_loss(text)):
        return WarehouseUnavailable(
            f"the warehouse {where} can't be reached; nothing was changed; start it or check KPI_WAREHOUSE_URI, then "
            f"load again",
            sqlstate=code,
        )
    reason = re.sub(r"^.*?(ERROR|FATAL):\s*", "", text)[:300]
    return TerminalError(f"the warehouse {where} refused a statement: {reason}; nothing was changed", sqlstate=code)


def _is_connection_loss(text: str) -> bool:
    signs = (
        "connect",
        "connection",
        "could not translate host name",
        "server closed",
        "timeout",
        "SSL SYSCALL",
        "no route",
    )
    return any(sign in text for sign in signs)
