"""The simulated business's own figures, and from when on the running demo can know them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from demo.http import JsonClient
from demo.stack import RECENT_DAYS

# What rests on settlements, held transactions and reports by target, of which the demo loads the last weeks alone
# (demo.stack.RECENT): the months that begin in them are judged. All else is judged in every month.
OF_LATE = (
    "ad_profit",
    "break_even_acos",
    "contribution_margin",
    "contribution_margin_rate",
    "deferred_balance",
    "fee_rate",
    "fulfilment_fees",
    "margin_before_ads",
    "margin_before_ads_rate",
    "other_fees",
    "provisional_fee_share",
    "referral_fees",
    "settlement_deposits",
    "wasted_ad_cost_share",
)


def truth(sandbox: JsonClient) -> list[dict]:
    """The simulated business's own figures, at the revision that the platforms serve now."""
    return _truth(sandbox, sandbox.call("GET", "/sandbox/health")["revision"])


@lru_cache(maxsize=1)  # the sandbox takes minutes to add them up
def _truth(sandbox: JsonClient, revision: int) -> list[dict]:
    return sandbox.call("GET", f"/sandbox/truth/values?revision={revision}", seconds=900)


def judged_since(sandbox: JsonClient) -> dict[str, str]:
    """The first month in which each KPI is judged, where that isn't the first of all."""
    last_day = date.fromisoformat(sandbox.call("GET", "/sandbox/health")["last_day"])
    return dict.fromkeys(OF_LATE, str(last_day - timedelta(days=RECENT_DAYS)))
