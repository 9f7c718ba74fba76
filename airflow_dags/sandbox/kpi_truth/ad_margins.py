"""What an ad may cost, by the margin before ads of what it sells: after all costs of the month are in the book.

- break_even_acos: margin before ads by net sales; of an ad group or campaign that of the SKUs it advertises, weighted
  by what their ads sold; none where nothing was sold.
- ad_profit: ad sales times that, less the ads' cost, in whole cents.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.catalogue import CURRENCY
from airflow_dags.sandbox.kpi_truth import finance
from airflow_dags.sandbox.kpi_truth.book import Book, Kpi, Month, Numbers, money
from airflow_dags.sandbox.kpi_truth.commerce import net_sales
from airflow_dags.sandbox.kpi_truth.entities import Entity, ad_group_entities, sku_entities

CENT = Decimal("0.01")
MARGIN = finance.KPIS["margin_before_ads"]


def _break_even(numbers: Numbers) -> tuple[Decimal | None, Decimal | None]:
    """Margin and sales that it is a share of: the SKUs' that an ad group advertises, else the entity's own."""
    if "advertised_skus" in numbers:
        return numbers["margin_of_ad_sales"], numbers["weighted_ad_sales"]
    net = net_sales(numbers)
    return (MARGIN.numerator(numbers), net) if net > 0 else (None, None)


def _ad_profit(numbers: Numbers) -> Decimal | None:
    margin, base = _break_even(numbers)
    sales, cost = numbers["ad_sales"], numbers["ad_cost"]
    if margin is None or not base or sales is None or cost is None:
        return None
    return (sales * margin / base - cost).quantize(CENT, ROUND_HALF_UP)


KPIS: dict[str, Kpi] = {
    "break_even_acos": Kpi(
        ("advertised_skus", *MARGIN.inputs),
        lambda numbers: _break_even(numbers)[0],
        lambda numbers: _break_even(numbers)[1],
    ),
    "ad_profit": Kpi(("ad_cost",), _ad_profit),
}


def add(book: Book, business: Business, month: Month) -> None:
    """An SKU's margin is that of all its sales of the month."""
    sold: dict[tuple[Entity, Entity], int] = defaultdict(int)
    for account in business.catalogue.accounts:
        for day in month.days:
            for row in business.ads(account.account_id, day, month.revision):
                for entity in ad_group_entities(row.ad_group)[:2]:
                    sold[entity, sku_entities(row.sku)[0]] += row.sales
    for (entity, sku), cents in sold.items():
        book.count((entity,), advertised_skus=1)
        numbers = Numbers(book.sums.get(sku, {}))
        net, margin = net_sales(numbers), MARGIN.numerator(numbers)
        if cents and net > 0 and margin is not None:
            part = money(cents) * margin / net
            book.pay((entity,), CURRENCY, month.first, margin_of_ad_sales=part, weighted_ad_sales=money(cents))
