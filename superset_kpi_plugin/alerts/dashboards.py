"""Which dashboard an alert is looked into on, and its address with the account chosen.

By the KPI's domain, or by the condition where it is about something else than a KPI. The accounts' filter has one id on
all dashboards; its state stands in the address in Superset's notation (rison). Imports no framework.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

OVERVIEW = "kpi-overview"
BY_DOMAIN = {
    "ads": "kpi-ads",
    "finance": "kpi-finance",
    "inventory": "kpi-inventory",
    "sales": "kpi-sales",
    "traffic": "kpi-sales",
    "service": "kpi-service",
    "account_health": "kpi-health",
    "people": "kpi-team",
}
BY_CONDITION = {"freshness": "kpi-data-health", "reconciliation": "kpi-reconciliation"}
#: The people's dashboard is of no account.
WITHOUT_ACCOUNTS = "kpi-team"
ACCOUNT_FILTER = "NATIVE_FILTER-kpi-account"


def slug_of(domain: str | None, condition: str) -> str:
    """The slug of the dashboard's English edition."""
    return BY_CONDITION.get(condition) or BY_DOMAIN.get(domain or "", OVERVIEW)


def link(public_url: str, payload: Mapping[str, Any], language: str) -> str | None:
    """The dashboard in the reader's language, else in another, filtered by the alert's account where it has one."""
    slugs = payload.get("dashboards") or {}
    slug = slugs.get(language) or next(iter(slugs.values()), None)
    if not public_url or slug is None:
        return None
    address = f"{public_url.rstrip('/')}/superset/dashboard/{slug}/"
    account = None if slug.startswith(WITHOUT_ACCOUNTS) else payload.get("account_name")
    return f"{address}?native_filters={quote(_chosen(account))}" if account else address


def _chosen(account: str) -> str:
    name = "'" + account.replace("!", "!!").replace("'", "!'") + "'"
    only = f"extraFormData:(filters:!((col:account_name,op:IN,val:!({name}))))"
    state = f"filterState:(label:{name},value:!({name})),id:{ACCOUNT_FILTER},ownState:()"
    return f"({ACCOUNT_FILTER}:({only},{state}))"
