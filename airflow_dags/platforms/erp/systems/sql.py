"""Any SQL database: a SQLAlchemy URL and one query a stream.

The connection has ``url`` and ``queries`` (stream -> SQL). A query may use ``:first_day`` and ``:last_day`` (dates,
both inclusive) to be asked for less.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from airflow_dags.errors import ConfigurationError, LoginRefused, NetworkFailed, TerminalError

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Contract, Window

_DAYS = re.compile(r":(first_day|last_day)\b")
_LOGIN = ("password", "access denied", "authentication")
_NETWORK = ("could not connect", "connection refused", "timeout", "can't connect")


def offers(account: Account, contract: Contract) -> bool:
    return bool((account.get("queries") or {}).get(contract.stream))


def cells(account: Account, contract: Contract, window: Window) -> tuple[Any, list[tuple[int, str, str]]]:
    """Run the stream's query and return its rows as text; the ERP is only read."""
    import sqlalchemy as sa

    from airflow_dags.documents import table_of_rows

    query = (account.get("queries") or {}).get(contract.stream)
    if not query:
        raise ConfigurationError(
            f"connection {account.conn_id or account.account_id} (erp) has no query queries.{contract.stream}; nothing "
            "was changed; fill it in"
        )
    days = {"first_day": window.start, "last_day": window.end}
    wanted = {name: days[name] for name in set(_DAYS.findall(query))}
    try:
        engine = sa.create_engine(account.need("url"), poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            result = connection.execute(sa.text(query), wanted)
            names = list(result.keys())
            rows = [dict(zip(names, row, strict=True)) for row in result]
    except sa.exc.ArgumentError:
        raise ConfigurationError(
            f"connection {account.conn_id}: its url is no SQLAlchemy URL; nothing was changed"
        ) from None
    except sa.exc.SQLAlchemyError as error:
        raise _translated(error, account, contract.stream) from None
    return table_of_rows(rows, names), []


def _translated(error: Exception, account: Account, stream: str) -> Exception:
    """The driver's reason without the address, which may hold a password."""
    reason = " ".join(str(getattr(error, "orig", None) or type(error).__name__).split())[:200]
    for secret in [*account.secrets.values(), unquote(urlsplit(account.need("url")).password or "")]:
        reason = reason.replace(secret, "***") if secret else reason
    text = f"the ERP {account.account_id} failed at stream {stream}: {reason}; nothing was changed"
    if any(sign in reason.lower() for sign in _LOGIN):
        return LoginRefused(f"{text}; check the connection's url")
    if any(sign in reason.lower() for sign in _NETWORK):
        return NetworkFailed(text)
    return TerminalError(text)
