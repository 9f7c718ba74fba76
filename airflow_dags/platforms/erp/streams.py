"""Reads the ERP from CSV and Excel files, or from any SQL database by a SQLAlchemy URL and one query a stream."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from airflow_dags.contracts import Contract, Extract, Window
from airflow_dags.errors import ConfigurationError, LoginRefused, NetworkFailed, TerminalError
from airflow_dags.streams import PullStream, StreamSettings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.documents import Document

SUFFIXES = (".csv", ".xlsx", ".tsv", ".txt", ".json")


class ErpStream(PullStream):
    """One stream; its connection has ``url`` and ``queries`` (stream -> SQL), or ``files_dir`` (a file named as the
    stream)."""

    def __init__(self, contract: Contract, settings: StreamSettings, facts: Mapping[str, Any]) -> None:
        self.contract, self.settings, self._facts = contract, settings, facts

    def read(self, document: Document, account: Account, day: date) -> Extract:
        from airflow_dags.documents import read_table

        table, broken = read_table(document)
        return self._extract(table, day, broken)

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        day = window.end
        query = (account.get("queries") or {}).get(self.name)
        if account.get("url") and query:
            return self._extract(self._select(account, query), day, [])
        if folder := account.get("files_dir"):
            from airflow_dags.documents import Document

            return self.read(Document.from_file(self._file_in(Path(str(folder)))), account, day)
        raise ConfigurationError(
            f"connection {account.conn_id or account.account_id} (erp) has neither url and queries.{self.name} nor "
            f"files_dir; "
            "nothing was changed; fill it in"
        )

    def _extract(self, table: Any, day: date, broken: list[tuple[int, str, str]]) -> Extract:
        import pyarrow as pa

        if "snapshot_date" in table.column_names:
            table = table.drop(["snapshot_date"])
        table = table.append_column("snapshot_date", pa.array([str(day)] * table.num_rows, pa.string()))
        return Extract(table, window=Window(day, day), broken=broken)

    def _file_in(self, folder: Path) -> Path:
        for suffix in SUFFIXES:
            if (path := folder / f"{self.name}{suffix}").is_file():
                return path
        raise ConfigurationError(
            f"the ERP's folder has no file {self.name} with one of {', '.join(SUFFIXES)}; nothing was changed"
        )

    def _select(self, account: Account, query: str) -> Any:
        """Run the stream's query and return its rows as text; the ERP is only read."""
        import sqlalchemy as sa

        from airflow_dags.documents import table_of_rows

        try:
            engine = sa.create_engine(account.need("url"), poolclass=sa.pool.NullPool)
            with engine.connect() as connection:
                result = connection.execute(sa.text(query))
                names = list(result.keys())
                rows = [dict(zip(names, row, strict=True)) for row in result]
        except sa.exc.ArgumentError:
            raise ConfigurationError(
                f"connection {account.conn_id}: its url is no SQLAlchemy URL; nothing was changed"
            ) from None
        except sa.exc.SQLAlchemyError as error:
            raise _translated(error, account, self.name) from None
        return table_of_rows(rows, names)


def _translated(error: Exception, account: Account, stream: str) -> Exception:
    """The driver's reason without the address, which may hold a password."""
    reason = " ".join(str(getattr(error, "orig", None) or type(error).__name__).split())[:200]
    for secret in [*account.secrets.values(), unquote(urlsplit(account.need("url")).password or "")]:
        reason = reason.replace(secret, "***") if secret else reason
    text = f"the ERP {account.account_id} failed at stream {stream}: {reason}; nothing was changed"
    if any(sign in reason.lower() for sign in ("password", "access denied", "authentication")):
        return LoginRefused(f"{text}; check the connection's url")
    if any(sign in reason.lower() for sign in ("could not connect", "connection refused", "timeout", "can't connect")):
        return NetworkFailed(text)
    return TerminalError(text)
