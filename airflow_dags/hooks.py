"""Hook classes of the connection types: one a platform, made from the registry, and one for the plugin in Superset."""

from __future__ import annotations

from typing import Any

from airflow_dags.accounts import Account, airflow_account
from airflow_dags.airflow_compat import BaseHook
from airflow_dags.errors import PipelineError
from airflow_dags.provider import hook_name
from airflow_dags.registry import platforms
from airflow_dags.superset import CONNECTION, plugin_in_airflow


class AccountHook(BaseHook):
    """An account of a platform; subclasses differ in their connection type only."""

    conn_name_attr = "account_conn_id"
    conn_type = ""
    hook_name = ""
    default_conn_name = ""

    def __init__(self, account_conn_id: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.account_conn_id = account_conn_id or self.default_conn_name

    def get_conn(self) -> Any:
        """The platform's client for this account."""
        platform = platforms()[self.conn_type]
        return platform.connect(self.account(), platform)

    def account(self) -> Account:
        return airflow_account(self.account_conn_id)

    def test_connection(self) -> tuple[bool, str]:
        """Airflow's Test button: logs in where the platform has a login."""
        try:
            client = self.get_conn()
            if client is not None:
                client.log_in()
        except PipelineError as error:
            return False, error.message
        return True, "the login works" if client is not None else "the connection is well formed"


class SupersetKpiHook(BaseHook):
    """The plugin's API in Superset."""

    conn_name_attr = "superset_conn_id"
    conn_type = "superset_kpi"
    hook_name = "Superset KPI plugin"
    default_conn_name = CONNECTION

    def get_conn(self) -> Any:
        return plugin_in_airflow()


for _platform in platforms().values():
    _name = hook_name(_platform.name)
    globals()[_name] = type(
        _name,
        (AccountHook,),
        {
            "__doc__": f"An account of {_platform.title}.",
            "__module__": __name__,
            "conn_type": _platform.name,
            "hook_name": _platform.title,
            "default_conn_name": f"{_platform.name}_default",
        },
    )
