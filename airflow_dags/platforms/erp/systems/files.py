"""A folder of CSV and Excel files, one named as each stream: the connection's field ``files_dir``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_dags.errors import ConfigurationError

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Contract, Window

SUFFIXES = (".csv", ".xlsx", ".tsv", ".txt", ".json")


def offers(account: Account, contract: Contract) -> bool:
    # Without a folder at all, reading says what is missing.
    return not account.get("files_dir") or _file_of(account, contract) is not None


def cells(account: Account, contract: Contract, window: Window) -> tuple[Any, list[tuple[int, str, str]]]:
    """Read the stream's file; a file holds what it holds, whatever days are asked for."""
    from airflow_dags.documents import Document, read_table

    if not account.get("files_dir"):
        raise ConfigurationError(
            f"connection {account.conn_id or account.account_id} (erp) has neither url and queries.{contract.stream} "
            "nor files_dir; nothing was changed; fill it in"
        )
    path = _file_of(account, contract)
    if path is None:
        raise ConfigurationError(
            f"the ERP's folder has no file {contract.stream} with one of {', '.join(SUFFIXES)}; nothing was changed"
        )
    return read_table(Document.from_file(path))


def _file_of(account: Account, contract: Contract) -> Path | None:
    folder = Path(str(account.get("files_dir")))
    found = (folder / f"{contract.stream}{suffix}" for suffix in SUFFIXES)
    return next((path for path in found if path.is_file()), None)
