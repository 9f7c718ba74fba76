# ruff: noqa: E501 - tables of rows read better on one line
"""Advertising of one Amazon, one Walmart and one TikTok account in March 2026, with what is expected of it, worked out by hand.

Peers of ads_us's Sponsored Products in March: 13,500 impressions, 174 clicks, 98.00 cost, 12 orders, 270.00 sales. So a click costs
0.5632184 and sells 1.5517241 on average, 0.0689655 orders a click, 0.0128889 clicks an impression.
"""

from __future__ import annotations

from typing import Any

from tests.sql.raw_rows import Row, Warehouse, order_line

US, WALMART, TIKTOK = "ads_us", "ads_walmart", "ads_tiktok"
MARCH, FEBRUARY, WEEK = "2026-03-01", "2026-02-01", "2026-03-09"
DAY, LATER = "2026-03-10", "2026-03-20"
WINDOW = ("2026-02-01", "2026-03-31")
SNAPSHOT = "2026-11-23"


def fill(warehouse: Warehouse) -> None:
    warehouse.account(US)
    warehouse.account(WALMART, platform="walmart")
    warehouse.account(TIKTOK, platform="tiktok_shop")
    products = [
        {"sku": "AD-P1", "account_id": US, "category": "lamps", "owner_id": "ads1", "team_id": "ads"},
        {"sku": "AD-P2", "account_id": US, "category": "lamps", "owner_id": "ads1", "team_id": "ads"},
        {"sku": "AD-P3", "account_id": US, "category": "cables", "owner_id": "ads1", "team_id": "ads"},
        # Walmart's number of the item stands where Amazon's would; the second one is two SKUs', so nobody's.
        {"sku": "AD-W1", "account_id": WALMART, "category": "lamps", "asin": "501"},
        {"sku": "AD-W2", "account_id": WALMART, "category": "lamps", "asin": "502"},
        {"sku": "AD-W3", "account_id": WALMART, "category": "lamps", "asin": "502"},
    ]
    costs = [
        {"sku": "AD-P1", "valid_from": "2025-01-01", "unit_cost": "6.00", "currency": "USD"},
        {"sku": "AD-P2", "valid_from": "2025-01-01", "unit_cost": "15.00", "currency": "USD"},
    ]
    # Nothing is paid for freight and tariff, nothing was refunded, and no fee taken: the margin is sales less unit costs.
    landed = [
        {"sku": sku, "valid_from": "2025-01-01", "freight_per_unit": "0", "tariff_per_unit": "0", "currency": "USD"}
        for sku in ("AD-P1", "AD-P2")
    ]
    warehouse.load("amazon_sp", "economics", US, [], WINDOW)
    for stream, rows in (("products", products), ("unit_costs", costs), ("landed_costs", landed)):
        dated = [{"snapshot_date": SNAPSHOT, **row} for row in rows]
        warehouse.load("erp", stream, "erp_ads", dated, (SNAPSHOT, SNAPSHOT))
    lines = [
        order_line("AD-O1", 1, f"{DAY} 20:00+00", "AD-P1", 10, "200.00"),
        order_line("AD-O2", 1, f"{DAY} 20:00+00", "AD-P2", 4, "100.00"),
        order_line("AD-O3", 1, f"{DAY} 20:00+00", "AD-P3", 1, "10.00"),
    ]
    warehouse.load("amazon_sp", "orders", US, lines, WINDOW)
    _sponsored_products(warehouse)
    _brands_and_display(warehouse)
    _targets(warehouse)
    _budgets(warehouse)
    _other_platforms(warehouse)


def set_targets(warehouse: Warehouse) -> None:
    """Published after the build: the health score takes it at once."""
    warehouse.target("acos", f"account:{US}", "0.30", MARCH)


def _figures(impressions: int, clicks: int, cost: str, purchases: int | None, sales: str | None, **more: Any) -> Row:
    return {
        "impressions": impressions,
        "clicks": clicks,
        "cost": cost,
        "purchases_7d": purchases,
        "sales_7d": sales,
        **more,
    }


def _other(impressions: int, clicks: int, cost: str, **more: Any) -> Row:
    return {"impressions": impressions, "clicks": clicks, "cost": cost, "campaign_budget_currency_code": "usd", **more}


def _sponsored_products(warehouse: Warehouse) -> None:
    def place(campaign: str, group: str, day: str = DAY) -> Row:
        return {
            "date": day,
            "campaign_id": campaign,
            "campaign_name": campaign.upper(),
            "ad_group_id": group,
            "ad_group_name": group.upper(),
        }

    budget: Row = {"campaign_status": "enabled", "campaign_budget_amount": "100.00"}
    groups = [
        # A month earlier, without advertised products: all of it is residual, a click cost 0.50.
        {**place("sp1", "g1", "2026-02-10"), **_figures(8000, 80, "40.00", 5, "100.00", campaign_status="ENABLED")},
        {**place("sp1", "g1"), **_figures(10000, 100, "60.00", 8, "160.00", **budget)},
        {**place("sp1", "g2"), **_figures(2000, 20, "15.00", 0, "0", **budget)},
        {**place("sp1", "g3"), **_figures(500, 4, "3.00", 1, "20.00", **budget)},
        {**place("sp2", "g4"), **_figures(1000, 50, "20.00", 3, "90.00", campaign_status="PAUSED")},
    ]
    products = [
        # g1's day has 1000 impressions, 5 clicks and 4.00 beyond its products.
        {**place("sp1", "g1"), "ad_id": "a1", "advertised_sku": "AD-P1", **_figures(6000, 60, "36.00", 6, "120.00")},
        {**place("sp1", "g1"), "ad_id": "a2", "advertised_sku": "AD-P2", **_figures(3000, 35, "20.00", 2, "40.00")},
        {**place("sp1", "g2"), "ad_id": "a3", "advertised_sku": "AD-P3", **_figures(2000, 20, "15.00", 0, "0")},
        {**place("sp1", "g3"), "ad_id": "a4", "advertised_sku": "AD-P1", **_figures(500, 4, "3.00", 1, "20.00")},
        {**place("sp2", "g4"), "ad_id": "a5", "advertised_sku": "AD-P3", **_figures(1000, 50, "20.00", 3, "90.00")},
    ]
    warehouse.load("amazon_ads", "sp_campaigns", US, groups, WINDOW)
    warehouse.load("amazon_ads", "sp_advertised_product", US, products, WINDOW)


def _brands_and_display(warehouse: Warehouse) -> None:
    clicked: Row = {"purchases": 3, "purchases_clicks": 2, "sales": "90.00", "sales_clicks": "60.00"}
    # A document that doesn't tell clicks apart: what it has counts.
    viewed: Row = {"purchases": 1, "sales": "30.00"}
    brands: Row = {"date": DAY, "campaign_id": "sb1", "campaign_name": "Brands", "campaign_budget_amount": "30.00"}
    display: Row = {"date": DAY, "campaign_id": "sd1", "campaign_name": "Display", "campaign_budget_amount": "10.00"}
    # The campaign has 200 impressions, 2 clicks and 2.00 beyond its ad group.
    warehouse.load("amazon_ads", "sb_campaigns", US, [{**brands, **_other(1200, 12, "14.00", **clicked)}], WINDOW)
    warehouse.load(
        "amazon_ads", "sd_campaigns", US, [{**display, "cost_type": "vcpm", **_other(400, 0, "5.00", **viewed)}], WINDOW
    )
    del brands["campaign_budget_amount"], display["campaign_budget_amount"]
    warehouse.load(
        "amazon_ads",
        "sb_ad_group",
        US,
        [{**brands, "ad_group_id": "s1", **_other(1000, 10, "12.00", **clicked)}],
        WINDOW,
    )
    warehouse.load(
        "amazon_ads", "sd_ad_group", US, [{**display, "ad_group_id": "d1", **_other(400, 0, "5.00", **viewed)}], WINDOW
    )


def _targets(warehouse: Warehouse) -> None:
    def keyword(group: str, name: str, day: str = DAY) -> Row:
        return {"date": day, "campaign_id": "sp1", "ad_group_id": group, "keyword_id": name, "targeting": name}

    keywords = [
        # k1 sells in another week of the month, k2 and k4 never, k3 isn't clicked.
        {**keyword("g1", "k1"), **_figures(6000, 60, "40.00", 0, "0")},
        {**keyword("g1", "k1", LATER), **_figures(1000, 10, "5.00", 1, "20.00")},
        {**keyword("g1", "k2"), **_figures(1000, 10, "6.00", 0, "0")},
        {**keyword("g1", "k3"), **_figures(100, 0, "0", 0, "0")},
        {**keyword("g2", "k4"), **_figures(2000, 20, "15.00", 0, "0")},
    ]
    terms = [{**keyword("g1", "k1"), "search_term": "lamp", **_figures(300, 3, "2.00", 0, "0")}]
    brands = {"date": DAY, "campaign_id": "sb1", "ad_group_id": "s1", "keyword_id": "kb", "keyword_text": "brand"}
    display = {"date": DAY, "campaign_id": "sd1", "ad_group_id": "d1", "targeting_id": "t1", "targeting_text": "views"}
    warehouse.load("amazon_ads", "sp_targeting", US, keywords, WINDOW)
    warehouse.load("amazon_ads", "sp_search_term", US, terms, WINDOW)
    # Nothing is said of its sales: it can't be judged.
    warehouse.load("amazon_ads", "sb_targeting", US, [{**brands, **_other(1200, 12, "14.00")}], WINDOW)
    warehouse.load(
        "amazon_ads", "sd_targeting", US, [{**display, **_other(400, 0, "5.00", purchases=1, sales="30.00")}], WINDOW
    )


def _budgets(warehouse: Warehouse) -> None:
    def budget(campaign: str, amount: str, **more: Any) -> Row:
        product = {"sb": "SPONSORED_BRANDS", "sp": "SPONSORED_PRODUCTS"}[campaign[:2]]
        return {
            "snapshot_date": DAY,
            "ad_product": product,
            "campaign_id": campaign,
            "campaign_name": campaign,
            "state": "ENABLED",
            "budget": amount,
            "budget_type": "DAILY",
            **more,
        }

    rows = [
        budget("sp2", "25.00", state="PAUSED"),  # paused by the evening, but it was shown
        budget("sb1", "500.00", budget_type="LIFETIME"),
        budget("sp9", "40.00"),  # never shown: nothing of 40.00 was used
        budget("sp8", "40.00", state="PAUSED"),
        budget("sp7", "40.00", end_date="2026-03-01"),
        budget("sp2", "25.00", snapshot_date="2026-03-11"),  # no campaign report of the day
    ]
    warehouse.load("amazon_ads", "budgets", US, rows, WINDOW)


def _other_platforms(warehouse: Warehouse) -> None:
    def item(number: str, clicks: int, spend: str, orders: int, sales: str) -> Row:
        return {
            "date": DAY,
            "campaign_id": "w1",
            "ad_group_id": "wg1",
            "item_id": number,
            "impressions": 1000,
            "clicks": clicks,
            "ad_spend": spend,
            "attributed_orders_14days": orders,
            "attributed_sales_14days": sales,
            "attributed_sales_30days": "999.00",
        }

    items = [item("501", 10, "8.00", 2, "40.00"), item("502", 5, "4.00", 1, "20.00"), item("503", 0, "0", 0, "0")]
    warehouse.load("walmart_connect", "ads", WALMART, items, WINDOW)
    groups = [
        # Sold in the shop and on a website; then without a campaign, and nothing known of its sales.
        {
            "date": DAY,
            "campaign_id": "t1",
            "ad_group_id": "tg1",
            "currency": "USD",
            "spend": "30.00",
            "impressions": 5000,
            "clicks": 60,
            "conversions": 99,
            "shop_purchases": 3,
            "shop_purchase_value": "100.00",
            "website_purchases": 1,
            "website_purchase_value": "20.00",
        },
        {
            "date": DAY,
            "campaign_id": None,
            "ad_group_id": "tg2",
            "currency": "USD",
            "spend": "10.00",
            "impressions": 1000,
            "clicks": 0,
        },
    ]
    warehouse.load("tiktok_ads", "ad_groups", TIKTOK, groups, WINDOW)


ACCOUNT, SP1, SP2, G1, G2, G3, G4 = (
    f"account:{US}",
    f"campaign:{US}/sp1",
    f"campaign:{US}/sp2",
    f"ad_group:{US}/g1",
    f"ad_group:{US}/g2",
    f"ad_group:{US}/g3",
    f"ad_group:{US}/g4",
)
SB1, SD1, S1, D1 = f"campaign:{US}/sb1", f"campaign:{US}/sd1", f"ad_group:{US}/s1", f"ad_group:{US}/d1"
P1, P2, P3 = f"sku:{US}/AD-P1", f"sku:{US}/AD-P2", f"sku:{US}/AD-P3"
W1, T1 = f"sku:{WALMART}/AD-W1", f"account:{TIKTOK}"

EXPECTED = [
    # Cost of Products 78 + 20, Brands 14, Display 5; sales 180 + 90, 60 after a click, 30.
    ("ad_cost", ACCOUNT, "month", MARCH, "117.00"),
    ("ad_sales", ACCOUNT, "month", MARCH, "360.00"),
    ("ad_purchases", ACCOUNT, "month", MARCH, "15"),
    ("impressions", ACCOUNT, "month", MARCH, "15100"),
    ("clicks", ACCOUNT, "month", MARCH, "186"),
    ("acos", ACCOUNT, "month", MARCH, "0.325"),
    ("roas", ACCOUNT, "month", MARCH, str(360 / 117)),
    ("ctr", ACCOUNT, "month", MARCH, str(186 / 15100)),
    ("cpc", ACCOUNT, "month", MARCH, str(117 / 186)),
    ("cpm", ACCOUNT, "month", MARCH, str(117 / 15.1)),
    ("ad_conversion_rate", ACCOUNT, "month", MARCH, str(15 / 186)),
    # GMV 200 + 100 + 10.
    ("tacos", ACCOUNT, "month", MARCH, str(117 / 310)),
    ("ad_sales_share", ACCOUNT, "month", MARCH, str(360 / 310)),
    ("tacos", ACCOUNT, "month", FEBRUARY, None),
    # Ad groups of Brands lack what only the campaign has; SKUs have what names them: g1's 36 and g3's 3.
    ("ad_cost", SB1, "month", MARCH, "14.00"),
    ("ad_cost", S1, "month", MARCH, "12.00"),
    ("ad_sales", SB1, "month", MARCH, "60.00"),
    ("ad_sales", SD1, "month", MARCH, "30.00"),
    ("ad_cost", G1, "month", MARCH, "60.00"),
    ("ad_cost", P1, "month", MARCH, "39.00"),
    ("ad_sales", P1, "month", MARCH, "140.00"),
    ("ad_cost", "person:ads1", "month", MARCH, "94.00"),
    ("ad_cost", G1, "month", FEBRUARY, "40.00"),
    # Zero denominators.
    ("acos", G2, "month", MARCH, None),
    ("roas", G2, "month", MARCH, "0"),
    ("ad_conversion_rate", D1, "month", MARCH, None),
    ("cpc", D1, "month", MARCH, None),
    # Walmart 8 + 4 of 60; only item 501 is one SKU's. TikTok: (100 + 20) in shop and website; 30 + 10.
    ("acos", f"account:{WALMART}", "month", MARCH, "0.2"),
    ("ad_sales", W1, "month", MARCH, "40.00"),
    ("ad_cost", f"sku:{WALMART}/AD-W2", "month", MARCH, None),
    ("ad_sales", T1, "month", MARCH, "120.00"),
    ("ad_purchases", T1, "month", MARCH, "4"),
    ("ad_cost", T1, "month", MARCH, "40.00"),
    ("ad_sales", f"ad_group:{TIKTOK}/tg2", "month", MARCH, None),
    ("ad_cost", f"campaign:{TIKTOK}/unknown", "month", MARCH, "10.00"),
    # Margins: P1 (200 - 60) / 200 = 0.7, P2 (100 - 60) / 100 = 0.4; P3 has no cost.
    ("break_even_acos", P1, "month", MARCH, "0.7"),
    ("break_even_acos", P2, "day", DAY, "0.4"),
    ("break_even_acos", ACCOUNT, "month", MARCH, None),
    # (120 x 0.7 + 40 x 0.4) / 160; the same of a day; over the campaign (140 x 0.7 + 40 x 0.4) / 180.
    ("break_even_acos", G1, "month", MARCH, "0.625"),
    ("break_even_acos", G1, "day", DAY, "0.625"),
    ("break_even_acos", G1, "year", "2026-01-01", "0.625"),
    ("break_even_acos", SP1, "month", MARCH, str(114 / 180)),
    # P3 sold nothing by g2's ads; by g4's it did, and its margin isn't known. Brands name no SKU.
    ("break_even_acos", G2, "month", MARCH, None),
    ("break_even_acos", G4, "month", MARCH, None),
    ("break_even_acos", S1, "month", MARCH, None),
    # 160 x 0.625 - 60; 180 x 114 / 180 - 78; 140 x 0.7 - 39.
    ("ad_profit", G1, "month", MARCH, "40.00"),
    ("ad_profit", SP1, "month", MARCH, "36.00"),
    ("ad_profit", P1, "month", MARCH, "59.00"),
    ("ad_profit", ACCOUNT, "month", MARCH, None),
    # 78 of 100; 20 of 25; 5 of 10; never shown; Brands for its lifetime. In all 103 of 175.
    ("ad_budget_use", SP1, "month", MARCH, "0.78"),
    ("ad_budget_use", SP2, "month", MARCH, "0.8"),
    ("ad_budget_use", SD1, "month", MARCH, "0.5"),
    ("ad_budget_use", f"campaign:{US}/sp9", "month", MARCH, "0"),
    ("ad_budget_use", f"campaign:{US}/sp8", "month", MARCH, None),
    ("ad_budget_use", f"campaign:{US}/sp7", "month", MARCH, None),
    ("ad_budget_use", SB1, "month", MARCH, None),
    ("ad_budget_use", ACCOUNT, "month", MARCH, str(103 / 175)),
    # k2's 6 of 51, as k1 sold on the 20th; in the week of the 9th it hadn't. k4 is all of g2. 6 + 15 of 51 + 15; Display's 5 beside it.
    ("wasted_ad_cost_share", G1, "month", MARCH, str(6 / 51)),
    ("wasted_ad_cost_share", G1, "week", WEEK, "1"),
    ("wasted_ad_cost_share", G1, "week", "2026-03-16", "0"),
    ("wasted_ad_cost_share", G1, "day", DAY, None),
    ("wasted_ad_cost_share", G2, "month", MARCH, "1"),
    ("wasted_ad_cost_share", SP1, "month", MARCH, str(21 / 66)),
    ("wasted_ad_cost_share", SB1, "month", MARCH, None),
    ("wasted_ad_cost_share", ACCOUNT, "month", MARCH, str(21 / 71)),
    # g3, 4 clicks: ACoS (3 + 28.16092) / (20 + 77.586207) = 0.319317 against 0.30: 93.561052 of 25 points; against 0.7: all of 20;
    # conversion (1 + 3.448276) / 54 = 0.0823755, over the mean 1.194444, of 1.25: 95.555556 of 15; clicks (4 + 64.444444) / 5500 over the
    # mean 0.965517: 77.241379 of 10; budget 0.78: all of 5. No trend and no targets, so of 75: lost 1.609737 + 0.666667 + 2.275862 = 4.552266
    # of 75 = 6.069688.
    ("ad_health_score", G3, "month", MARCH, "93.930312"),
    # g1: ACoS 88.16092 / 237.586207 = 0.371069: 76.310273 against 0.30, 90.628931 against 0.625; conversion 88.533333; clicks 68.045977;
    # CPC (60 + 25) / 150 = 0.566667, 13.3333 % over 0.50: 73.333333; budget all; waste (6 + 8.960293) / (51 + 28.16092) = 0.188986: 52.753541.
    # Lost 5.922432 + 1.874214 + 1.72 + 3.195402 + 2.666667 + 7.086969.
    ("ad_health_score", G1, "month", MARCH, "77.534316"),
    # g2, no sale: ACoS (15 + 28.16092) / 77.586207 = 0.556296: 14.567901; no break-even of its own or the account's; conversion
    # 3.448276 / 70: 57.142857; clicks 74.876847; waste (15 + 8.960293) / 43.16092 = 0.555139: 0. Lost of 70: 21.358025 + 6.428571 + 2.512315 + 15.
    ("ad_health_score", G2, "month", MARCH, "35.287269"),
    # g4: ACoS 48.16092 / 167.586207 = 0.28738, under 0.30; conversion 6.448276 / 100 = 0.935 of the mean: 74.8; clicks over it. 15 x 0.252 of 55.
    ("ad_health_score", G4, "month", MARCH, "93.127273"),
    ("ad_health_score", SP1, "month", MARCH, "66.162388"),
    ("ad_health_score", G1, "day", DAY, None),
]
