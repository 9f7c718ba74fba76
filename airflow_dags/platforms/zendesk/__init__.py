"""Zendesk: tickets, how quickly they are answered and how satisfied buyers are; messages of other places by file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_dags.platforms.zendesk import tickets
from airflow_dags.platforms.zendesk.messages import Messages
from airflow_dags.platforms.zendesk.ratings import Ratings
from airflow_dags.streams import Platform, read_settings, stream_settings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Extract
    from airflow_dags.loader import AccountProfile

SETTINGS = read_settings(Path(__file__).parent)


def _connect(account: Account, platform: Platform) -> Any:
    from airflow_dags.platforms.zendesk.client import Desk

    return Desk(account, platform)


def _profile(account: Account, extract: Extract | None) -> AccountProfile:
    """The desk as its connection describes it; it sells nothing, so its currency is of no consequence."""
    from airflow_dags.loader import AccountProfile

    return AccountProfile(
        account_id=account.account_id,
        platform="zendesk",
        account_name=account.get("account_name"),
        marketplace_id=account.get("subdomain"),
        currency=account.get("currency") or SETTINGS["currency"],
        time_zone=_time_zone(account),
    )


def _time_zone(account: Account) -> str:
    return str(account.get("time_zone", SETTINGS["time_zone"]))


PLATFORM = Platform(
    name="zendesk",
    title=SETTINGS["title"],
    settings=SETTINGS,
    streams={
        "tickets": tickets.Incremental(tickets.TICKETS, stream_settings(SETTINGS, "tickets"), _time_zone),
        "ticket_metrics": tickets.Incremental(tickets.METRICS, stream_settings(SETTINGS, "ticket_metrics"), _time_zone),
        "satisfaction_ratings": Ratings(stream_settings(SETTINGS, "satisfaction_ratings"), _time_zone),
        "messages": Messages(stream_settings(SETTINGS, "messages"), _time_zone),
    },
    connect=_connect,
    profile=_profile,
    time_zone=_time_zone,
)
