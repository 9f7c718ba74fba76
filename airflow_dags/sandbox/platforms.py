"""Finds the simulated platforms: every folder beside this module that defines PLATFORM. Nothing here names one."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Blueprint

    from airflow_dags.sandbox.business import Business
    from airflow_dags.sandbox.state import SandboxState


@dataclass(frozen=True, slots=True)
class Total:
    """What a stream's rows must add up to: one measure of one account on one day of its marketplace.

    ``value`` is money in the account's currency (two decimals) or a count. Days without anything have no row.
    """

    stream: str
    account_id: str
    day: date
    measure: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class SandboxPlatform:
    """A simulated platform: its routes, the Airflow connections that reach it, and the truth behind its streams.

    ``connections(state)`` gives the format of `airflow connections import`; ``totals(business, revision)`` works the
    truth out from the business's records, never from the documents that the platform serves.
    """

    name: str
    blueprint: Callable[[SandboxState], Blueprint]
    connections: Callable[[SandboxState], dict[str, dict[str, Any]]]
    totals: Callable[[Business, int], Iterable[Total]]


@lru_cache(maxsize=1)
def sandbox_platforms() -> dict[str, SandboxPlatform]:
    """All simulated platforms by name."""
    package = importlib.import_module("airflow_dags.sandbox")
    found = {}
    for module in pkgutil.iter_modules(package.__path__):
        if module.ispkg:
            platform = getattr(importlib.import_module(f"{package.__name__}.{module.name}"), "PLATFORM", None)
            if platform is not None:
                found[platform.name] = platform
    return dict(sorted(found.items()))


def connections_of(state: SandboxState) -> dict[str, dict[str, Any]]:
    """The Airflow connections of all simulated platforms but the ERP, which needs to be told where its data are."""
    found: dict[str, dict[str, Any]] = {}
    for platform in sandbox_platforms().values():
        found |= platform.connections(state)
    return found
