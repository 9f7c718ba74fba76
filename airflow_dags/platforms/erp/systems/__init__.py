"""How ERPs are asked: one module a kind of system, chosen by the connection's field ``system``.

A module defines ``offers(account, contract) -> bool`` (whether the connection has what the stream needs) and
``cells(account, contract, window) -> (Arrow table of text under the contract's names, broken lines)``. Snapshots and
purchase orders are read as they are now; bookings may be answered for more days than ``window``: the rest is dropped.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from airflow_dags.accounts import Account
from airflow_dags.errors import ConfigurationError


def system_of(account: Account) -> Any:
    """The module that asks the account's ERP: its field ``system``, else sql where it has a url, else files.

    :raises ConfigurationError: for a name that no module has.
    """
    name = str(account.get("system") or ("sql" if account.get("url") else "files")).lower()
    known = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    if name not in known:
        raise ConfigurationError(
            f"connection {account.conn_id or account.account_id} (erp) has system {name!r}; nothing was changed; it is "
            f"one of {', '.join(known)}"
        )
    return importlib.import_module(f"{__name__}.{name}")
