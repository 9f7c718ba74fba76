"""The seller's ERP: products, costs, stock and purchasing, people, budgets, and what it booked of sales and fees."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from airflow_dags.platforms.erp.contracts import CONTRACTS
from airflow_dags.platforms.erp.streams import ErpStream
from airflow_dags.streams import Platform, read_settings, stream_settings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account

SETTINGS = read_settings(Path(__file__).parent)


def _time_zone(account: Account) -> str:
    return str(account.get("time_zone", SETTINGS["time_zone"]))


PLATFORM = Platform(
    name="erp",
    title=SETTINGS["title"],
    settings=SETTINGS,
    streams={
        contract.stream: ErpStream(contract, stream_settings(SETTINGS, contract.stream), SETTINGS)
        for contract in CONTRACTS
    },
    connect=lambda account, platform: None,
    time_zone=_time_zone,
)
