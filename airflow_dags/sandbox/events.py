"""What goes wrong in the simulated business, as a list: each planted event with whom it befalls and its figures.

The tests hold the alerts against it. All of it is played from the start, but for the dead feed: that one stops when the
option ``is_feed_dead`` is set, so that a first load is whole, and heals when it is taken back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from airflow_dags.sandbox import kpi_truth, plan
from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.health import PLANTED, RULES, health_of
from airflow_dags.sandbox.content import DEAD_FEED
from airflow_dags.sandbox.kpi_truth import account_entity, stock
from airflow_dags.sandbox.kpi_truth.entities import sku_entities

Event = dict[str, Any]
HEALTH_EVENTS = {"orderDefectRate": ("odr_approach", "odr"), "lateShipmentRate": ("late_parcels", "late_shipment_rate")}
RUNS_OUT_DAYS = 3


def events(business: Business, revision: int) -> list[Event]:
    """Rows with ``event``, ``kpi_id``, ``entity_id`` and, where there is one, ``value``; numbers are strings.

    stock_out: days of supply, below three; odr_approach and late_parcels: the rate, with the platform's ``limit``;
    acos_breach and under_pace: with their month ``period_start``; price_drop: what a unit costs since ``day``, in the
    account's currency, and ``before``; dead_feed: the ``stream`` as platform.stream.
    """
    return [*_stock(business, revision), *_health(business, revision), *_targets(business), *_prices(business), _feed()]


def _stock(business: Business, revision: int) -> Iterator[Event]:
    month = date(business.as_of.year, business.as_of.month, 1)
    for row in kpi_truth.kpi_rows(kpi_truth.measures_of_month(business, month, revision, domains=(stock,)), month):
        is_of_sku = row.kpi_id == "days_of_supply" and row.entity_kind == "sku"
        if is_of_sku and row.value is not None and row.value < RUNS_OUT_DAYS:
            yield _event("stock_out", row.kpi_id, row.entity_id, value=row.value)


def _health(business: Business, revision: int) -> Iterator[Event]:
    for account_id, metric in PLANTED:
        name, kpi_id = HEALTH_EVENTS[metric]
        (found,) = (one for one in health_of(business, account_id, revision) if one.metric == metric)
        yield _event(name, kpi_id, account_entity(account_id)[1], value=found.rate, limit=RULES[metric][0])


def _targets(business: Business) -> Iterator[Event]:
    for row in plan.breaches(business):
        name = {"acos": "acos_breach", "gmv": "under_pace"}[row["kpi_id"]]
        yield _event(name, row["kpi_id"], row["entity_id"], period_start=row["period_start"])


def _prices(business: Business) -> Iterator[Event]:
    for sku in business.catalogue.skus:
        for cut in sku.cuts:
            if cut.first == business.last_day:
                price, before = (Decimal(cents) / 100 for cents in (cut.cents, sku.price))
                entity_id = sku_entities(sku)[0][1]
                yield _event(
                    "price_drop", "average_selling_price", entity_id, value=price, before=before, day=cut.first
                )


def _feed() -> Event:
    stream = f"{DEAD_FEED.platform}.{DEAD_FEED.stream}"
    return _event("dead_feed", "data_freshness", account_entity(DEAD_FEED.account_id)[1], stream=stream)


def _event(name: str, kpi_id: str, entity_id: str, **facts: Decimal | date | str) -> Event:
    return {"event": name, "kpi_id": kpi_id, "entity_id": entity_id, **{key: str(fact) for key, fact in facts.items()}}
