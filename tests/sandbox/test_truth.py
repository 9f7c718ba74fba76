"""The truth equals what anyone can work out from the documents that the server hands out, at both revisions."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from airflow_dags.sandbox.amazon_ads.documents import ads_document
from airflow_dags.sandbox.amazon_sp.documents import orders_document, traffic_document
from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.calendar import day_start
from airflow_dags.sandbox.erp import erp_csv
from airflow_dags.sandbox.kpi_truth import KPIS, TruthRow, truth_values

from .clients import SKU_BY_DAY, ads_request

Sums = dict[tuple[str, str], dict[str, Decimal]]


def month_of(day: str) -> str:
    return f"{day[:7]}-01"


def money(text: str) -> Decimal:
    return Decimal(text or "0")


# Each report with its column of sales after a click in the ad product's window.
ADS_REPORTS = {
    "spCampaigns": "sales7d",
    "spAdvertisedProduct": "sales7d",
    "sbAdGroup": "salesClicks",
    "sdAdGroup": "salesClicks",
}
AD_PRODUCTS = {"sbAdGroup": "SPONSORED_BRANDS", "sdAdGroup": "SPONSORED_DISPLAY"}
OTHER_ADS = {
    "groupBy": ["adGroup"],
    "columns": ["date", "campaignId", "adGroupId", "impressions", "clicks", "cost", "salesClicks"],
}


class FromDocuments:
    """KPI numerators by (entity, month), from the reports and ERP files alone, as a reader of them would do it."""

    def __init__(self, business: Business, revision: int) -> None:
        self.business, self.revision = business, revision
        products = csv.DictReader(io.StringIO(erp_csv(business, "products").decode("utf-8-sig")))
        self.products = {row["sku"]: row for row in products}
        costs = csv.DictReader(io.StringIO(erp_csv(business, "unit_costs").decode("utf-8-sig")))
        self.costs = defaultdict(list)
        for row in costs:
            self.costs[row["sku"]].append(row)
        self.sums: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self.orders: dict[tuple[str, str], set[str]] = defaultdict(set)
        for account in business.catalogue.accounts:
            self._read_orders(account.account_id)
            self._read_traffic(account.account_id)
            self._read_ads(account.account_id)
        for key, orders in self.orders.items():
            self.sums[key]["orders"] = Decimal(len(orders))

    def _below_account(self, account: str, sku: str) -> list[str]:
        product = self.products[sku]
        return [f"sku:{account}/{sku}", f"category:{account}/{product['category']}"]

    def _add(self, entities: list[str], month: str, **values: Decimal) -> None:
        for entity in entities:
            for name, value in values.items():
                self.sums[entity, month][name] += value

    def _unit_cost(self, sku: str, day: str) -> Decimal:
        (cost,) = [
            row["unit_cost"]
            for row in self.costs[sku]
            if row["valid_from"] <= day and (not row["valid_to"] or day < row["valid_to"])
        ]
        return Decimal(cost)

    def _read_orders(self, account: str) -> None:
        start, end = day_start(self.business.first_day), day_start(self.business.as_of)
        document = orders_document(self.business, account, start, end, self.revision)
        assert document is not None
        for row in csv.DictReader(io.StringIO(document.decode("cp1252")), delimiter="\t"):
            if "Cancelled" in (row["order-status"], row["item-status"]):
                continue
            bought = datetime.fromisoformat(row["purchase-date"])
            day = bought.astimezone(ZoneInfo("America/Los_Angeles")).date().isoformat()
            entities = [f"account:{account}", *self._below_account(account, row["sku"])]
            units, price = Decimal(row["quantity"]), Decimal(row["item-price"])
            discount = money(row["item-promotion-discount"])
            cogs = units * self._unit_cost(row["sku"], day)
            self._add(entities, month_of(day), gmv=price, discounts=discount, units=units, cogs=cogs)
            for entity in entities:
                self.orders[entity, month_of(day)].add(row["amazon-order-id"])

    def _read_traffic(self, account: str) -> None:
        for day in self.business.days():
            text = day.isoformat()
            request = {"dataStartTime": text, "dataEndTime": text, "reportOptions": SKU_BY_DAY}
            document = traffic_document(self.business, account, request, self.revision)
            assert document is not None
            report = json.loads(document, parse_float=Decimal)
            (total,) = report["salesAndTrafficByDate"]
            self._add_traffic([f"account:{account}"], text, total["salesByDate"], total["trafficByDate"])
            for row in report["salesAndTrafficByAsin"]:
                entities = self._below_account(account, row["sku"])
                self._add_traffic(entities, text, row["salesByAsin"], row["trafficByAsin"])

    def _add_traffic(self, entities: list[str], day: str, sales: dict, traffic: dict) -> None:
        views = Decimal(traffic["pageViews"])
        self._add(
            entities,
            month_of(day),
            sessions=Decimal(traffic["sessions"]),
            units_ordered=Decimal(sales["unitsOrdered"]),
            page_views=views,
            buy_box_views=views * traffic["buyBoxPercentage"] / 100,
        )

    def _read_ads(self, account: str) -> None:
        for first in self.business.months:
            last = min(self.business.last_day, first + timedelta(days=30))
            for kind, sales in ADS_REPORTS.items():
                changes = {} if sales == "sales7d" else OTHER_ADS | {"adProduct": AD_PRODUCTS[kind]}
                request = ads_request(first.isoformat(), last.isoformat(), kind, **changes)
                rows = json.loads(
                    json.dumps(ads_document(self.business, account, request, self.revision)), parse_float=Decimal
                )
                for row in rows:
                    if not row["date"].startswith(first.isoformat()[:7]):
                        continue
                    self._add(
                        self._ad_entities(kind, account, row),
                        month_of(row["date"]),
                        ad_cost=Decimal(row["cost"]),
                        ad_sales=Decimal(row[sales]),
                        clicks=Decimal(row["clicks"]),
                        impressions=Decimal(row["impressions"]),
                    )

    def _ad_entities(self, kind: str, account: str, row: dict) -> list[str]:
        if kind == "spAdvertisedProduct":
            return self._below_account(account, row["advertisedSku"])
        campaign, group = f"campaign:{account}/{row['campaignId']}", f"ad_group:{account}/{row['adGroupId']}"
        return [f"account:{account}", campaign, group]


FORMULAS = {
    "gmv": ("gmv", None),
    "discounts": ("discounts", None),
    "discount_rate": ("discounts", "gmv"),
    "units": ("units", None),
    "orders": ("orders", None),
    "aov": ("gmv", "orders"),
    "sessions": ("sessions", None),
    "page_views": ("page_views", None),
    "conversion_rate": ("units_ordered", "sessions"),
    "buy_box_share": ("buy_box_views", "page_views"),
    "ad_cost": ("ad_cost", None),
    "ad_sales": ("ad_sales", None),
    "acos": ("ad_cost", "ad_sales"),
    "tacos": ("ad_cost", "gmv"),
    "roas": ("ad_sales", "ad_cost"),
    "ctr": ("clicks", "impressions"),
    "cpc": ("ad_cost", "clicks"),
}


@pytest.mark.parametrize("revision", [0, 1])
def test_truth_equals_what_the_documents_say(business: Business, revision: int) -> None:
    """What Amazon's documents say of its accounts and what lies in them; test_totals holds the shops to theirs."""
    documents = FromDocuments(business, revision)
    truth = {(row.kpi_id, row.entity_id, row.period_start.isoformat()): row for row in truth_values(business, revision)}
    compared = 0
    for (entity, month), sums in documents.sums.items():
        for kpi, (numerator, denominator) in FORMULAS.items():
            if numerator in sums and (denominator is None or denominator in sums):
                row = truth[kpi, entity, month]
                wanted = (sums[numerator], sums[denominator] if denominator else None)
                assert (row.numerator, row.denominator) == wanted, (kpi, entity, month)
                compared += 1
    assert compared > 500
    sold = {
        (row.entity_id, row.period_start.isoformat()) for row in truth.values() if row.kpi_id == "gmv" and row.value
    }
    accounts = {account.account_id for account in business.catalogue.accounts}
    ours = {key for key in sold if _account_of(key[0]) in accounts}
    assert ours <= set(documents.sums)


def _account_of(entity_id: str) -> str:
    return entity_id.partition(":")[2].partition("/")[0]


def test_a_ratio_is_its_numerator_over_its_denominator_and_nothing_over_zero(business: Business) -> None:
    rows = truth_values(business, 0)
    ratios = [row for row in rows if row.denominator is not None]
    assert ratios
    for row in ratios:
        if row.denominator == 0 or row.numerator is None:
            assert row.value is None
        else:
            assert abs(row.value * row.denominator - row.numerator) < 1e-9
    assert all(row.value == row.numerator for row in rows if KPIS[row.kpi_id].denominator is None)


def by_entity(rows: list[TruthRow], kpi: str) -> dict[tuple[str, date], Decimal]:
    return {(row.entity_id, row.period_start): row.value for row in rows if row.kpi_id == kpi}


def test_parts_add_up_to_the_whole(business: Business) -> None:
    rows = truth_values(business, 0)
    for kpi in ("gmv", "net_sales", "refunds"):
        found = by_entity(rows, kpi)
        for first in business.months:
            for kind in ("platform", "team", "person"):
                assert _sum(found, kind, first) == found["company", first]
            for kind in ("category", "sku"):  # in the accounts' own currencies
                assert _sum(found, kind, first) == _sum(found, "account", first)
    sessions = by_entity(rows, "sessions")
    amazon = [account.account_id for account in business.catalogue.accounts]
    for first in business.months:
        of_accounts = sum(sessions[f"account:{account}", first] for account in amazon)
        of_skus = _sum(sessions, "sku", first)
        assert of_skus < of_accounts < of_skus * Decimal("1.1")  # visits that no SKU row holds


def _sum(values: dict[tuple[str, date], Decimal], kind: str, first: date) -> Decimal:
    return sum(
        (value for (entity, month), value in values.items() if month == first and entity.startswith(kind)), Decimal(0)
    )


def test_the_restatement_moves_every_source(business: Business) -> None:
    before, after = truth_values(business, 0), truth_values(business, 1)
    first = business.months[-1]
    for kpi in ("gmv", "sessions", "ad_sales"):
        assert by_entity(before, kpi)["company", first] != by_entity(after, kpi)["company", first]
    # Sales that come late lift ad sales; cost only falls, by the one day that became empty.
    assert by_entity(after, "ad_sales")["company", first] > by_entity(before, "ad_sales")["company", first]
    emptied = f"ad_group:aurora_us/{business.emptied_ad_group().ad_group_id}"
    cost_before, cost_after = by_entity(before, "ad_cost"), by_entity(after, "ad_cost")
    assert {entity for entity, _ in cost_before if cost_before[entity, _] != cost_after[entity, _]} >= {emptied}
