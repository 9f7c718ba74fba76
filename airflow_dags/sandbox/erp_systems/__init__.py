"""The seller's books behind the APIs of ERPs that companies have: the same rows under each system's own names.

Served under /erp/<system>, with each system's own login, signature, pages and refusals. `erp_system_connections` gives
what reaches them; they aren't among the sandbox's connections, because a company has one ERP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_dags.sandbox.erp_systems import erpnext, kingdee, lingxing, mabang, odoo

if TYPE_CHECKING:
    from flask import Blueprint

    from airflow_dags.sandbox.state import SandboxState

SYSTEMS = {"erpnext": erpnext, "odoo": odoo, "kingdee": kingdee, "mabang": mabang, "lingxing": lingxing}


def add_systems(routes: Blueprint, state: SandboxState) -> None:
    """The routes of all systems, to the ERP's blueprint."""
    for system in SYSTEMS.values():
        system.add(routes, state)


def erp_system_connections(state: SandboxState) -> dict[str, dict[str, Any]]:
    """One connection a system, with what its company calls otherwise than the system as it comes."""
    return {
        f"erp_{name}": {
            "conn_type": "erp",
            "extra": {
                "account_id": name,
                "system": name,
                "endpoint": f"{state.base_url}/erp/{name}",
                **system.connection(state),
            },
        }
        for name, system in SYSTEMS.items()
    }
