"""Advertising: cost and attributed sales of all kinds of ads, budgets, and what targets without a sale cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.oracle.books import Books, cell
from tests.oracle.business_ads import PRODUCTS
from tests.oracle.engine import Source
from tests.oracle.facts import Fact
from tests.oracle.kpis import ADS, BUSINESS, Kpi, ratio, simple
from tests.oracle.missing import Exact, Number, exact, minus, total
from tests.oracle.oracle_commerce import ZERO
from tests.oracle.world import Row

MEASURES = ("impressions", "clicks", "ad_purchases", "ad_cost", "ad_sales")
CAMPAIGNS = ("company", "platform", "account", "campaign")


@dataclass(frozen=True)
class AdRow:
    """A row of a report: where it belongs, and its five amounts."""

    account: str
    day: date
    product: str
    campaign: str
    ad_group: str | None
    sku: str | None
    currency: str | None
    amounts: dict[str, Number]

    @property
    def fact(self) -> Fact:
        campaign = self.campaign
        group = None if self.ad_group is None else f"{self.ad_group}"
        return Fact(
            self.account,
            self.day,
            self.amounts,
            currency=self.currency,
            sku=self.sku,
            campaign=campaign,
            ad_group=group,
            extra={"product": self.product},
        )


def _amounts(row: Row, cost: str, sales: Number, purchases: Number) -> dict[str, Number]:
    return {
        "impressions": exact(row["impressions"]),
        "clicks": exact(row["clicks"]),
        "ad_purchases": purchases,
        "ad_cost": exact(row[cost]),
        "ad_sales": sales,
    }


def _attributed(row: Row, product: str) -> tuple[Number, Number]:
    """Sales and purchases in the window that counts: 7 days for Products; after a click for Brands and Display."""
    if product == "sp":
        return exact(row["sales_7d"]), exact(row["purchases_7d"])
    return (
        exact(row["sales"] if row["sales_clicks"] is None else row["sales_clicks"]),
        exact(row["purchases"] if row["purchases_clicks"] is None else row["purchases_clicks"]),
    )


def _report(books: Books, table: str, product: str) -> Iterator[AdRow]:
    for account, row in books.world.rows(table):
        amounts = _amounts(row, "cost", *_attributed(row, product))
        currency = (cell(row["campaign_budget_currency_code"]) or "").upper() or None
        sku, group = cell(row.get("advertised_sku")), row.get("ad_group_id")
        yield AdRow(account, row["date"], product, row["campaign_id"], group, sku, currency, amounts)


def amazon_rows(books: Books, product: str) -> Iterator[AdRow]:
    """The details, and what the campaign report has beyond them."""
    detail, whole = (
        ("sp_advertised_product", "sp_campaigns")
        if product == "sp"
        else (f"{product}_ad_group", f"{product}_campaigns")
    )

    def key(row: AdRow) -> tuple[Any, ...]:
        return row.account, row.day, row.campaign, row.ad_group if product == "sp" else None

    details: dict[tuple[Any, ...], list[AdRow]] = defaultdict(list)
    for row in _report(books, f"amazon_ads__{detail}", product):
        if product != "sp" or row.sku:
            details[key(row)].append(row)
            yield row
    for row in _report(books, f"amazon_ads__{whole}", product):
        stated = {name: total(part.amounts[name] for part in details.get(key(row), [])) for name in MEASURES}
        rest = {name: minus(row.amounts[name], stated[name] or ZERO) for name in MEASURES}
        if any(stated[name] is None or number is None or number for name, number in rest.items()):
            group = row.ad_group if product == "sp" else None
            yield AdRow(row.account, row.day, product, row.campaign, group, None, row.currency, rest)


def _walmart_skus(books: Books) -> dict[tuple[str, str], set[str]]:
    """SKUs by account and item, from each SKU's newest listing of that very account."""
    newest: dict[tuple[str, str], tuple[date, str, Row]] = {}
    for erp, row in books.world.rows("erp__products"):
        account, sku = cell(row["account_id"]), row["sku"].strip()
        if account:
            known = newest.get((account, sku))
            if known is None or row["snapshot_date"] > known[0]:
                newest[account, sku] = row["snapshot_date"], erp, row
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (account, sku), (_, _, row) in newest.items():
        if cell(row.get("asin")):
            found[account, str(cell(row["asin"]))].add(sku)
    return found


def ads(books: Books) -> Iterator[Fact]:
    for product in PRODUCTS:
        yield from (row.fact for row in amazon_rows(books, product))
    skus = _walmart_skus(books)
    for account, row in books.world.rows("walmart_connect__ads"):
        amounts = _amounts(
            row, "ad_spend", exact(row["attributed_sales_14days"]), exact(row["attributed_orders_14days"])
        )
        known = skus.get((account, row["item_id"]), set())
        sku = next(iter(known)) if len(known) == 1 else None
        yield AdRow(account, row["date"], "walmart", row["campaign_id"], row["ad_group_id"], sku, None, amounts).fact
    for account, row in books.world.rows("tiktok_ads__ad_groups"):
        sales = total((exact(row["shop_purchase_value"]), exact(row["website_purchase_value"])))
        purchases = total((exact(row["shop_purchases"]), exact(row["website_purchases"])))
        currency = (cell(row["currency"]) or "").upper() or None
        campaign = cell(row["campaign_id"]) or "unknown"
        amounts = _amounts(row, "spend", sales, purchases)
        yield AdRow(account, row["date"], "tiktok", campaign, row["ad_group_id"], None, currency, amounts).fact


def budgets(books: Books) -> Iterator[Fact]:
    """A campaign's daily budget beside its cost, on days on which Amazon reported that kind of ads."""
    listed: dict[tuple[str, date, str], dict[str, Row]] = defaultdict(dict)
    for account, row in books.world.rows("amazon_ads__budgets"):
        listed[account, row["snapshot_date"], row["ad_product"]][row["campaign_id"]] = row
    for product, name in PRODUCTS.items():
        reported: dict[tuple[str, date], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for account, row in books.world.rows(f"amazon_ads__{product}_campaigns"):
            reported[account, row["date"]][row["campaign_id"]].append(row)
        for (account, day), campaigns in reported.items():
            known = listed.get((account, day, name), {})
            for campaign in {*campaigns, *known}:
                rows = campaigns.get(campaign, [])
                budget = _budget(product, day, known.get(campaign), rows)
                if budget is None or budget <= 0:
                    continue
                codes = [
                    str(cell(row["campaign_budget_currency_code"])).upper()
                    for row in rows
                    if cell(row["campaign_budget_currency_code"])
                ]
                measures = {
                    "campaign_budget": budget,
                    "budgeted_ad_cost": sum((exact(row["cost"]) or ZERO for row in rows), ZERO),
                }
                yield Fact(account, day, measures, currency=max(codes, default=None), campaign=campaign)


def _budget(product: str, day: date, listed: Row | None, rows: list[Row]) -> Number:
    if listed:
        if listed["budget_type"] == "LIFETIME":
            return None
        begun = listed["start_date"] is None or listed["start_date"] <= day
        runs = begun and (listed["end_date"] is None or listed["end_date"] >= day)
        return exact(listed["budget"]) if rows or (listed["state"] == "ENABLED" and runs) else None
    if product == "sb":
        return None
    return max(
        (Exact(row["campaign_budget_amount"]) for row in rows if row["campaign_budget_amount"] is not None),
        default=None,
    )


SOURCES = (
    Source(
        "ads",
        ads,
        {name: "money" if name in ("ad_cost", "ad_sales") else "sum" for name in MEASURES},
        (
            "amazon_ads__sp_campaigns",
            "amazon_ads__sb_campaigns",
            "amazon_ads__sd_campaigns",
            "walmart_connect__ads",
            "tiktok_ads__ad_groups",
            # Shopify sells no ads, so nothing of them is missing where its orders are loaded.
            "shopify__orders",
        ),
    ),
    Source("ad_budgets", budgets, {"campaign_budget": "money", "budgeted_ad_cost": "money"}),
)
KPIS = (
    simple("ad_cost", ADS, "ad_cost", money=True),
    simple("ad_sales", ADS, "ad_sales", money=True),
    simple("ad_purchases", ADS, "ad_purchases"),
    simple("impressions", ADS, "impressions"),
    simple("clicks", ADS, "clicks"),
    ratio("acos", ADS, "ad_cost", "ad_sales"),
    ratio("roas", ADS, "ad_sales", "ad_cost"),
    ratio("ctr", ADS, "clicks", "impressions"),
    ratio("cpc", ADS, "ad_cost", "clicks", money=True),
    Kpi(
        "cpm",
        ADS,
        ("ad_cost", "impressions"),
        lambda m: m["ad_cost"],
        lambda m: None if m["impressions"] is None else m["impressions"] / 1000,
        True,
    ),
    ratio("ad_conversion_rate", ADS, "ad_purchases", "clicks"),
    ratio("tacos", BUSINESS, "ad_cost", "gmv"),
    ratio("ad_sales_share", BUSINESS, "ad_sales", "gmv"),
    ratio("ad_budget_use", CAMPAIGNS, "budgeted_ad_cost", "campaign_budget"),
)
