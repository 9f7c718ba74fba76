"""Many rows into a table at once: COPY where the driver is psycopg2, else the engine's own INSERT of many rows.

Drawing up the parameters of an INSERT takes longer than writing the rows; COPY needs none. The privileges are those of
an INSERT, and so is the transaction.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

#: Below this an INSERT is as quick.
FEW = 100
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert(connection: Connection, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns, within the connection's transaction.

    :raises sqlalchemy.exc.DBAPIError: of the kind that an INSERT would raise.
    """
    if not rows:
        return
    names = list(rows[0])
    if len(rows) < FEW or connection.dialect.driver != "psycopg2" or _needs_the_engine(table, names):
        connection.execute(sa.insert(table), list(rows))
        return
    columns = [_copied_column([row[name] for row in rows]) for name in names]
    text = io.StringIO("".join(["\t".join(cells) + "\n" for cells in zip(*columns, strict=True)]))
    prepare = connection.dialect.identifier_preparer
    listed = ", ".join(prepare.quote(name) for name in names)
    statement = f"copy {prepare.format_table(table)} ({listed}) from stdin"
    driver = connection.dialect.dbapi
    try:
        with connection.connection.cursor() as cursor:
            cursor.copy_expert(statement, text)
    except driver.Error as error:
        raise sa.exc.DBAPIError.instance(statement, None, error, driver.Error, dialect=connection.dialect) from error


def copied(value: Any) -> str:
    """A value in COPY's text format: null, numbers, dates, instants, booleans and texts."""
    return "\\N" if value is None else str(value).translate(_ESCAPED)


def _copied_column(values: list[Any]) -> list[str]:
    """A column's values, which are all of one type; most columns hold few different ones, so each is written once."""
    texts = {value: copied(value) for value in set(values)}
    return [texts[value] for value in values]


def _needs_the_engine(table: Any, names: Sequence[str]) -> bool:
    """Whether a column has a type or a default that only the engine knows how to write."""
    left_out = [column for column in table.columns if column.name not in names]
    has_default = any(column.default is not None and not column.primary_key for column in left_out)
    return has_default or any(isinstance(table.columns[name].type, sa.JSON) for name in names)
