"""The true value of every KPI by month and entity, straight from the simulation's records.

This is the judge for the warehouse: plain Python over whole cents, no SQL, no shared formula. Definitions:

- gmv: item price of the lines that aren't cancelled (neither the line nor its order); net_sales: gmv less the item
  promotion discount; units and orders of the same lines (an entity's orders are those that hold a line of it);
  aov: gmv / orders.
- sessions, conversion_rate (units ordered / sessions) and buy_box_share (page views weighted) come from Sales and
  Traffic: account and company from the date rows, all else from the SKU rows that are listed.
- ad_cost, ad_sales (7 days), acos, roas, ctr, cpc: company, account, campaign and ad group from the campaign report;
  SKU, category, person and team from the advertised products. tacos: ad_cost / gmv.
- gross_margin: net_sales less units times the unit cost valid on the marketplace day of purchase.

A ratio with a zero denominator has the value null; an entity without any row of the KPI's source in a month has no
row. Money is in dollars with two decimals; ratios carry 28 significant digits.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.ads import residual
from airflow_dags.sandbox.business.calendar import days_of_month
from airflow_dags.sandbox.business.catalogue import AdGroup, Sku

TRAFFIC_MEASURES = ("sessions", "units_ordered", "page_views", "buy_box_views")
AD_MEASURES = ("ad_cost", "ad_sales", "impressions", "clicks")
CENTS = {"gmv", "promotion", "cost", "ad_cost", "ad_sales"}

# KPI: (numerator, denominator or None); "net_sales" and "gross_margin" are derived below.
KPIS = {
    "gmv": ("gmv", None),
    "net_sales": ("net_sales", None),
    "units": ("units", None),
    "orders": ("orders", None),
    "aov": ("gmv", "orders"),
    "sessions": ("sessions", None),
    "conversion_rate": ("units_ordered", "sessions"),
    "buy_box_share": ("buy_box_views", "page_views"),
    "ad_cost": ("ad_cost", None),
    "ad_sales": ("ad_sales", None),
    "acos": ("ad_cost", "ad_sales"),
    "tacos": ("ad_cost", "gmv"),
    "roas": ("ad_sales", "ad_cost"),
    "ctr": ("clicks", "impressions"),
    "cpc": ("ad_cost", "clicks"),
    "gross_margin": ("gross_margin", None),
    "gross_margin_rate": ("gross_margin", "net_sales"),
}

Entity = tuple[str, str]  # kind, id
Sums = dict[Entity, dict[str, int]]
COMPANY: Entity = ("company", "company")


def account_entity(account_id: str) -> Entity:
    return "account", f"account:{account_id}"


def category_entity(account_id: str, category: str) -> Entity:
    return "category", f"category:{account_id}/{category}"


def sku_entities(sku: Sku) -> tuple[Entity, ...]:
    """The entities below the account that a SKU counts for."""
    owner = sku.cell.owner
    return (
        ("sku", f"sku:{sku.account_id}/{sku.sku}"),
        category_entity(sku.account_id, sku.cell.category),
        ("person", f"person:{owner.employee_id}"),
        ("team", f"team:{owner.team_id}"),
    )


def ad_group_entities(group: AdGroup) -> tuple[Entity, ...]:
    account_id = group.campaign.account.account_id
    return (
        ("ad_group", f"ad_group:{account_id}/{group.ad_group_id}"),
        ("campaign", f"campaign:{account_id}/{group.campaign.campaign_id}"),
        account_entity(account_id),
        COMPANY,
    )


@dataclass(frozen=True, slots=True)
class TruthRow:
    kpi_id: str
    entity_kind: str
    entity_id: str
    period_start: date
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None

    def as_dict(self) -> dict[str, str | None]:
        numbers = {"numerator": self.numerator, "denominator": self.denominator, "value": self.value}
        return {
            "kpi_id": self.kpi_id,
            "entity_kind": self.entity_kind,
            "entity_id": self.entity_id,
            "grain": "month",
            "period_start": self.period_start.isoformat(),
            **{name: None if number is None else f"{number:f}" for name, number in numbers.items()},
        }


def measures_of_month(business: Business, first: date, revision: int, through: date | None = None) -> Sums:
    """Additive measures by entity for the days of the month up to `through`; money in cents."""
    sums: Sums = defaultdict(dict)
    last = through or business.last_day
    _add_orders(business, first, revision, last, sums)
    for day in days_of_month(first):
        if day <= last:
            for account in business.catalogue.accounts:
                _add_traffic(business, account.account_id, day, revision, sums)
                _add_ads(business, account.account_id, day, revision, sums)
    return sums


def _add(sums: Sums, entities: Iterable[Entity], names: tuple[str, ...], values: tuple[int, ...]) -> None:
    for entity in entities:
        measures = sums[entity]
        for name, value in zip(names, values, strict=True):
            measures[name] = measures.get(name, 0) + value


def _add_orders(business: Business, first: date, revision: int, last: date, sums: Sums) -> None:
    entities_of = {
        sku: (COMPANY, account_entity(sku.account_id), *sku_entities(sku)) for sku in business.catalogue.skus
    }
    by_sku: dict[Sku, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    orders: Counter[Entity] = Counter()
    for order in business.orders(first, revision):
        if order.day > last:
            continue
        lines = order.sold_lines()
        for line in lines:
            totals = by_sku[line.sku]
            totals[0] += line.price or 0
            totals[1] += line.promotion
            totals[2] += line.quantity
            totals[3] += line.quantity * line.sku.cost_on(order.day)
        # An order counts once for everything that one of its lines belongs to.
        orders.update({entity for line in lines for entity in entities_of[line.sku]})
    for sku, totals in by_sku.items():
        _add(sums, entities_of[sku], ("gmv", "promotion", "units", "cost"), tuple(totals))
    for entity, count in orders.items():
        _add(sums, (entity,), ("orders",), (count,))


def _add_traffic(business: Business, account_id: str, day: date, revision: int, sums: Sums) -> None:
    traffic = business.traffic(account_id, day, revision)
    if traffic is None:
        return
    total = [0, 0, 0]
    for row in traffic.rows:
        total = [a + b for a, b in zip(total, (row.sessions, row.units, row.page_views), strict=True)]
        if row.is_listed:
            values = (row.sessions, row.units, row.page_views, row.page_views * row.buy_box)
            _add(sums, sku_entities(row.sku), TRAFFIC_MEASURES, values)
    views = total[2] + traffic.other_page_views
    values = (total[0] + traffic.other_sessions, total[1], views, views * traffic.buy_box)
    _add(sums, (COMPANY, account_entity(account_id)), TRAFFIC_MEASURES, values)


def _add_ads(business: Business, account_id: str, day: date, revision: int, sums: Sums) -> None:
    groups: set[AdGroup] = set()
    for row in business.ads(account_id, day, revision):
        values = (row.cost, row.sales, row.impressions, row.clicks)
        _add(sums, (*sku_entities(row.sku), *ad_group_entities(row.ad_group)), AD_MEASURES, values)
        groups.add(row.ad_group)
    for group in groups:
        impressions, cost = residual(group, day)
        _add(sums, ad_group_entities(group), AD_MEASURES, (cost, 0, impressions, 0))


def kpi_rows(sums: Sums, period_start: date) -> Iterator[TruthRow]:
    for (kind, entity_id), measures in sums.items():
        numbers = _numbers(measures)
        for kpi_id, (numerator_name, denominator_name) in KPIS.items():
            numerator = numbers.get(numerator_name)
            if numerator is None or (denominator_name and denominator_name not in numbers):
                continue
            denominator = numbers[denominator_name] if denominator_name else None
            value = numerator if denominator is None else (numerator / denominator if denominator else None)
            yield TruthRow(kpi_id, kind, entity_id, period_start, numerator, denominator, value)


def _numbers(measures: dict[str, int]) -> dict[str, Decimal]:
    numbers = {name: Decimal(value).scaleb(-2) if name in CENTS else Decimal(value) for name, value in measures.items()}
    if "buy_box_views" in numbers:  # page views x hundredths of a per cent
        numbers["buy_box_views"] = numbers["buy_box_views"].scaleb(-4)
    if "gmv" in numbers:
        numbers["net_sales"] = numbers["gmv"] - numbers["promotion"]
        numbers["gross_margin"] = numbers["net_sales"] - numbers["cost"]
    return numbers


def truth_values(business: Business, revision: int) -> list[TruthRow]:
    """Every KPI x month x entity of the business at the revision."""
    rows: list[TruthRow] = []
    for first in business.months:
        rows += kpi_rows(measures_of_month(business, first, revision), first)
    return rows
