"""Advertising of a random business: campaign totals and their details that don't fit, budgets, targets."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.oracle.businesses import Business
from tests.oracle.world import Account, Row

PRODUCTS = {"sp": "SPONSORED_PRODUCTS", "sb": "SPONSORED_BRANDS", "sd": "SPONSORED_DISPLAY"}


def fill(found: Business) -> None:
    for account in found.of("amazon_sp"):
        if found.make.chance(0.85):
            _sponsored_products(found, account)
        for kind in found.make.some(("sb", "sd")):
            _brands_or_display(found, account, kind)
        _load_budgets(found, account)
    for account in found.of("walmart"):
        _walmart_connect(found, account)
    for account in found.of("tiktok_shop"):
        _tiktok_ads(found, account)


def _counts(found: Business) -> Row:
    make = found.make
    return {"impressions": make.count(0, 900), "clicks": make.count(0, 30, zero=0.2), "cost": make.unkind(0, 30)}


def _clicked(found: Business) -> Row:
    """Attributed sales in four windows, of which one counts."""
    make, row = found.make, {}
    for days in (1, 7, 14, 30):
        row[f"sales_{days}d"] = make.unkind(0, 90, zero=0.3)
        row[f"purchases_{days}d"] = make.count(0, 3, zero=0.4)
    return row


def _sponsored_products(found: Business, account: Account) -> None:
    make = found.make
    groups = [
        (f"{make.name}-c{n % 2}{account.account_id[-1]}", f"{make.name}-g{n}{account.account_id[-1]}") for n in range(3)
    ]
    totals: list[Row] = []
    details: list[Row] = []
    targets: list[Row] = []
    days = make.any_days(5, 12)
    for day in days:
        for campaign, group in make.some(groups):
            shared = {
                "date": day,
                "campaign_id": campaign,
                "ad_group_id": group,
                "campaign_budget_currency_code": make.one((account.currency,) * 9 + (None,)),
            }
            skus = make.some(found.skus)[:2]
            parts = [
                {**shared, "ad_id": f"{group}-{sku}", "advertised_sku": sku, **_counts(found), **_clicked(found)}
                for sku in (*skus, *make.one(((), (), (None,))))
            ]
            details += parts
            if make.chance(0.85):
                whole = {**shared, **_counts(found), **_clicked(found), "campaign_status": "ENABLED"}
                if make.chance(0.3) and parts:  # the details add up to the total
                    for name in ("impressions", "clicks", "cost", "sales_7d", "purchases_7d"):
                        whole[name] = sum((part[name] or 0 for part in parts if part["advertised_sku"]), Decimal(0))
                        whole[name] = whole[name] if name in ("cost", "sales_7d") else int(whole[name])
                totals.append({**whole, "campaign_budget_amount": make.unkind(1, 50, null=0.2)})
            targets += _targets(found, shared, "sp")
    found.load("amazon_ads__sp_campaigns", account, totals)
    found.load("amazon_ads__sp_advertised_product", account, details)
    found.load("amazon_ads__sp_targeting", account, targets)
    _budgets(found, account, "sp", days, sorted({campaign for campaign, _ in groups}))


def _targets(found: Business, shared: Row, kind: str) -> list[Row]:
    make = found.make
    rows: list[Row] = []
    for n in range(make.whole(0, 2)):
        row: Row = {**shared, **_counts(found)}
        if kind == "sp":
            row |= {"keyword_id": f"k{n}", "targeting": make.one(("red shoe", "blue shoe")), **_clicked(found)}
            if make.chance(0.3):
                row |= dict.fromkeys(("sales_7d", "purchases_7d"))
        else:
            row |= {"targeting_id": f"t{n}", "targeting_text": "shoes", **_viewed(found)}
            if kind == "sb":
                row["keyword_id"] = make.one((f"k{n}", None))
        rows.append(row)
    unique = {(row.get("keyword_id"), row.get("targeting"), row.get("targeting_id")): row for row in rows}
    return list(unique.values())


def _viewed(found: Business) -> Row:
    make = found.make
    return {
        "purchases": make.count(0, 3, zero=0.4),
        "purchases_clicks": make.count(0, 2, zero=0.4, null=0.2),
        "sales": make.unkind(0, 90, zero=0.3),
        "sales_clicks": make.unkind(0, 70, zero=0.3, null=0.2),
    }


def _brands_or_display(found: Business, account: Account, kind: str) -> None:
    make = found.make
    campaigns = [f"{make.name}-{kind}{n}{account.account_id[-1]}" for n in range(2)]
    totals: list[Row] = []
    details: list[Row] = []
    targets: list[Row] = []
    days = make.any_days(4, 9)
    for day in days:
        for campaign in make.some(campaigns):
            shared = {"date": day, "campaign_id": campaign, "campaign_budget_currency_code": account.currency}
            for n in range(make.whole(0, 2)):
                group = {**shared, "ad_group_id": f"{campaign}-g{n}"}
                details.append({**group, **_counts(found), **_viewed(found)})
                targets += _targets(found, group, kind)
            if make.chance(0.85):
                budget = make.unkind(1, 50, null=0.2)
                totals.append({**shared, **_counts(found), **_viewed(found), "campaign_budget_amount": budget})
    found.load(f"amazon_ads__{kind}_campaigns", account, totals)
    found.load(f"amazon_ads__{kind}_ad_group", account, details)
    found.load(f"amazon_ads__{kind}_targeting", account, targets)
    _budgets(found, account, kind, days, campaigns)


def _budgets(found: Business, account: Account, kind: str, days: list[date], campaigns: list[str]) -> None:
    make = found.make
    for day in make.some(days):
        rows: list[Row] = [
            {
                "snapshot_date": day,
                "ad_product": PRODUCTS[kind],
                "campaign_id": campaign,
                "state": make.one(("ENABLED", "ENABLED", "PAUSED")),
                "budget": make.unkind(1, 60, null=0.1),
                "budget_type": make.one(("DAILY", "DAILY", "LIFETIME", None)),
                "start_date": make.one((None, make.day())),
                "end_date": make.one((None, None, make.day())),
            }
            for campaign in make.some(campaigns, 1)
        ]
        found.keep("budgets", account, rows)


def _load_budgets(found: Business, account: Account) -> None:
    """One snapshot a day, of all kinds of ads."""
    by_day: dict[date, list[Row]] = {}
    for row in found.kept("budgets", account):
        by_day.setdefault(row["snapshot_date"], []).append(row)
    for day, rows in by_day.items():
        found.world.load("amazon_ads__budgets", account.account_id, rows, (day, day))


def _walmart_connect(found: Business, account: Account) -> None:
    make = found.make
    rows: list[Row] = []
    for day in make.any_days(4, 10):
        for n in range(make.whole(1, 3)):
            counts = _counts(found)
            rows.append(
                {
                    "date": day,
                    "campaign_id": f"{make.name}-w{n % 2}",
                    "ad_group_id": f"{make.name}-wg{n}",
                    "item_id": make.one((f"ITEM-{found.sku()}", "77")),
                    "impressions": counts["impressions"],
                    "clicks": counts["clicks"],
                    "ad_spend": counts["cost"],
                    "attributed_orders_14days": make.count(0, 3),
                    "attributed_sales_14days": make.unkind(0, 90),
                    "attributed_sales_30days": make.unkind(0, 120),
                }
            )
    found.load("walmart_connect__ads", account, rows)


def _tiktok_ads(found: Business, account: Account) -> None:
    make = found.make
    rows: list[Row] = []
    for day in make.any_days(4, 10):
        for n in range(make.whole(1, 3)):
            counts = _counts(found)
            rows.append(
                {
                    "date": day,
                    "campaign_id": make.one((f"{make.name}-k{n % 2}",) * 5 + (None,)),
                    "ad_group_id": f"{make.name}-kg{n}",
                    "currency": found.foreign(account, 0.1),
                    "spend": counts["cost"],
                    "impressions": counts["impressions"],
                    "clicks": counts["clicks"],
                    "conversions": make.count(0, 5),
                    "shop_purchases": make.count(0, 3, null=0.2),
                    "shop_purchase_value": make.unkind(0, 60, null=0.2),
                    "website_purchases": make.count(0, 3, null=0.3),
                    "website_purchase_value": make.unkind(0, 60, null=0.3),
                }
            )
    found.load("tiktok_ads__ad_groups", account, rows)
