"""The rows of the ERP's tables, made of the business's records, in the order of the tables' columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from airflow_dags.sandbox.business import Business, erp_records
from airflow_dags.sandbox.business.calendar import add_months
from airflow_dags.sandbox.business.catalogue import CURRENCY
from airflow_dags.sandbox.business.erp_books import books
from airflow_dags.sandbox.business.erp_fees import booked_fees

Row = tuple[Any, ...]


def money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _products(business: Business, revision: int) -> Iterator[Row]:
    """A SKU that other channels sell too is listed for every account (no account id), the others for their own."""
    elsewhere = {sku for shop in business.shops for sku in business.shop_skus(shop)}
    for sku in business.catalogue.skus:
        owner = sku.cell.owner
        yield (
            sku.sku,
            None if sku in elsewhere else sku.account_id,
            sku.asin,
            sku.name,
            sku.cell.category,
            sku.brand,
            owner.employee_id,
            owner.team_id,
        )


def _unit_costs(business: Business, revision: int) -> Iterator[Row]:
    for sku in business.catalogue.skus:
        for cost in sku.costs:
            yield sku.sku, cost.valid_from, cost.valid_to, money(cost.cents), CURRENCY


def _staff(business: Business, revision: int) -> Iterator[Row]:
    for person in business.catalogue.people:
        yield person.employee_id, person.name, person.team_id, person.team_name, person.role, person.email


def _teams(business: Business, revision: int) -> Iterator[Row]:
    people = business.catalogue.people
    leaders = {person.team_id: person.employee_id for person in people if person.role == "team lead"}
    for team_id, name in sorted({(person.team_id, person.team_name) for person in people}):
        yield team_id, name, None, leaders.get(team_id)


def _landed_costs(business: Business, revision: int) -> Iterator[Row]:
    for cost in erp_records.landed_costs(business):
        yield cost.sku.sku, cost.valid_from, cost.valid_to, money(cost.freight), money(cost.tariff), CURRENCY


def _warehouse_stock(business: Business, revision: int) -> Iterator[Row]:
    for warehouse_id, name, sku, *units in erp_records.warehouse_stock(business):
        yield warehouse_id, name, sku.sku, *units


def _purchase_orders(business: Business, revision: int) -> Iterator[Row]:
    for line in erp_records.purchase_lines(business):
        yield (
            line.purchase_order_id,
            line.line_number,
            line.supplier_id,
            line.sku.sku,
            line.status,
            line.ordered_on,
            line.expected_on,
            line.received_on,
            line.quantity,
            line.quantity if line.received_on else None,
            money(line.unit_cost),
            CURRENCY,
        )


def _sales(business: Business, revision: int) -> Iterator[Row]:
    for line in books(business, revision)[0]:
        yield (
            line.day,
            line.account_id,
            line.order_id,
            line.kind,
            line.line_number,
            line.sku.sku,
            line.quantity,
            money(line.amount),
            money(line.discount),
            line.currency,
        )


def _fees(business: Business, revision: int) -> Iterator[Row]:
    for fee in booked_fees(business, revision)[0]:
        yield fee.day, fee.account_id, fee.fee_type, fee.reference, money(fee.amount), fee.currency


def _fx_rates(business: Business, revision: int) -> Iterator[Row]:
    for day in business.days():
        for currency in erp_records.PAR:
            yield day, currency, CURRENCY, erp_records.fx_rate(business.seed, day, currency)


def _budgets(business: Business, revision: int) -> Iterator[Row]:
    for account_id, first, cents in erp_records.ad_budgets(business):
        yield "ads", "account", f"account:{account_id}", first, _month_end(first), money(cents), CURRENCY


def _scores(business: Business, revision: int) -> Iterator[Row]:
    for day, account_id, *score in erp_records.scores(business):
        yield day, "account", f"account:{account_id}", *score


def _month_end(first: date) -> date:
    return add_months(first, 1) - timedelta(days=1)


ROWS: dict[str, Callable[[Business, int], Iterator[Row]]] = {
    "products": _products,
    "unit_costs": _unit_costs,
    "staff": _staff,
    "teams": _teams,
    "landed_costs": _landed_costs,
    "warehouse_stock": _warehouse_stock,
    "purchase_orders": _purchase_orders,
    "sales": _sales,
    "fees": _fees,
    "fx_rates": _fx_rates,
    "budgets": _budgets,
    "headcount": lambda business, revision: erp_records.headcount(business),
    "promotions": lambda business, revision: erp_records.promotions(business),
    "scores": _scores,
}
