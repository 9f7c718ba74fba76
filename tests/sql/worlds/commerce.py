"""Sales, traffic, refunds and returns of one account a platform, and of shops in a second and a third currency.

Everything lies between March and June of 2026, but for the shop's orders around the end of daylight saving in 2025.
"""

from __future__ import annotations

from decimal import Decimal

from tests.sql.raw_rows import Row, Warehouse, order_line, traffic_row

WINDOW = ("2026-03-01", "2026-06-30")
ERP = "erp_commerce"
AMAZON, SHOP, CANADA, EUROPE, MART, TOK = "com_amz", "com_shop", "com_shop_ca", "com_shop_eu", "com_mart", "com_tok"


def fill(warehouse: Warehouse) -> None:
    warehouse.account(AMAZON)
    warehouse.account(SHOP, "USD", "America/New_York", "shopify")
    warehouse.account(CANADA, "CAD", "America/Toronto", "shopify")
    warehouse.account(EUROPE, "EUR", "Europe/Berlin", "shopify")
    warehouse.account(MART, platform="walmart")
    warehouse.account(TOK, platform="tiktok_shop")
    _books(warehouse)
    _amazon(warehouse)
    _shops(warehouse)
    _walmart(warehouse)
    _tiktok(warehouse)


def _books(warehouse: Warehouse) -> None:
    """CA1 is p1's and costs 4.00; CA2 is p2's and has no cost. A Canadian dollar is 0.75 until the 14th, then 0.80."""
    products = [
        {"sku": "CA1", "category": "lamps", "owner_id": "com_p1", "product_name": "Lamp"},
        {"sku": "CA2", "category": "lamps", "owner_id": "com_p2", "product_name": "Big lamp"},
    ]
    staff = [{"employee_id": f"com_p{n}", "employee_name": f"P{n}", "team_id": "com_team"} for n in (1, 2)]
    costs = [{"sku": "CA1", "valid_from": "2025-01-01", "unit_cost": "4.00", "currency": "USD"}]
    for stream, rows in (("products", products), ("staff", staff), ("unit_costs", costs)):
        dated = [{"snapshot_date": "2026-06-30", **row} for row in rows]
        warehouse.load("erp", stream, ERP, dated, ("2026-06-30", "2026-06-30"))
    rates = [
        {"date": day, "from_currency": "CAD", "to_currency": "USD", "rate": rate}
        for day, rate in (("2026-04-10", "0.75"), ("2026-04-15", "0.80"))
    ]
    warehouse.load("erp", "fx_rates", ERP, rates, WINDOW)


def _amazon(warehouse: Warehouse) -> None:
    orders = [
        order_line("CAM1", 1, "2026-04-10 20:00+00", "CA1", 2, "20.00", item_promotion_discount="-2.00"),
        order_line("CAM1", 2, "2026-04-10 20:00+00", "CA2", 1, "30.00"),
        order_line("CAM2", 1, "2026-04-11 20:00+00", "CA1", 1, "10.00", order_status="Cancelled"),
        # Pending: three units, and nobody knows yet at what price.
        order_line("CAM3", 1, "2026-04-12 20:00+00", "CA1", 3, None, order_status="Pending", item_status=None),
        # The clocks go forward on March 8th at 2 in the morning: that day has 23 hours.
        order_line("CAM4", 1, "2026-03-08 07:59:59+00", "CA1", 1, "11.00"),
        order_line("CAM5", 1, "2026-03-08 08:00:00+00", "CA1", 1, "12.00"),
        order_line("CAM6", 1, "2026-03-09 06:59:59+00", "CA1", 1, "13.00"),
        order_line("CAM7", 1, "2026-03-09 07:00:00+00", "CA1", 1, "14.00"),
    ]
    warehouse.load("amazon_sp", "orders", AMAZON, orders, WINDOW)
    no_view = {**traffic_row("date", "2026-05-10", None, 0, 0, "0", 0), "buy_box_percentage": None}
    traffic = [
        traffic_row("date", "2026-04-10", None, 40, 80, "75", 5),
        traffic_row("asin", "2026-04-10", "CA1", 30, 60, "90", 3),
        no_view,
    ]
    warehouse.load("amazon_sp", "sales_and_traffic", AMAZON, traffic, WINDOW)
    refunded = [_economics("2026-04-20", "CA1", 1, "10.00"), _economics("2026-05-03", "CA2", 1, "30.00")]
    warehouse.load("amazon_sp", "economics", AMAZON, refunded, WINDOW)
    returned = [
        _returned("2026-04-25", "CAM1", "CA1"),
        _returned("2026-05-05", "CAM1", "CA2"),
        # Of an order that nobody knows.
        _returned("2026-05-06", "CAM9", "CA1"),
    ]
    warehouse.load("amazon_sp", "returns", AMAZON, returned, WINDOW)
    requests = [
        {"return_request_date": f"2026-04-{day}", "order_id": "CAM3", "merchant_sku": "CA1", "return_quantity": 1}
        | {"return_request_status": status, "amazon_rma_id": status}
        for day, status in ((28, "Approved"), (29, "Denied"))
    ]
    warehouse.load("amazon_sp", "seller_returns", AMAZON, requests, WINDOW)


def _economics(day: str, sku: str, units: int, amount: str) -> Row:
    row = {"row_level": "product", "start_date": day, "end_date": day, "msku": sku, "currency": "USD"}
    return {**row, "units_refunded": units, "refunded_product_sales": amount}


def _returned(day: str, order_id: str, sku: str) -> Row:
    row = {"return_day": day, "returned_at": f"{day} 20:00+00", "order_id": order_id, "sku": sku, "quantity": 1}
    return {**row, "detailed_disposition": "SELLABLE", "reason": "UNWANTED_ITEM"}


def _shops(warehouse: Warehouse) -> None:
    lines = [
        # 23:30 of the 1st in New York. A gift card is a debt, no sale; an item without a SKU is the shop's alone.
        _shop_line(1, 1, "2026-04-02 03:30+00", "CA1", 2, "20.00", discount_amount="5.00"),
        _shop_line(1, 2, "2026-04-02 03:30+00", "GIFT", 1, "50.00", is_gift_card=True),
        _shop_line(1, 3, "2026-04-02 03:30+00", None, 1, "7.00"),
        _shop_line(2, 1, "2026-04-05 16:00+00", "CA2", 1, "30.00", cancelled_at="2026-04-05 17:00+00"),
        _shop_line(3, 1, "2026-04-05 16:00+00", "CA1", 1, "10.00", is_test=True),
        # 36.00 with 6.00 of tax in it.
        _shop_line(4, 1, "2026-04-06 16:00+00", "CA2", 1, "36.00", tax_amount="6.00", is_tax_included=True),
        # The clocks go back on 2025-11-02: that day has 25 hours.
        _shop_line(5, 1, "2025-11-02 03:59:59+00", "CA1", 1, "1.00"),
        _shop_line(6, 1, "2025-11-02 04:00:00+00", "CA1", 1, "2.00"),
        _shop_line(7, 1, "2025-11-03 04:59:59+00", "CA1", 1, "4.00"),
        _shop_line(8, 1, "2025-11-03 05:00:00+00", "CA1", 1, "8.00"),
    ]
    warehouse.load("shopify", "orders", SHOP, lines, WINDOW)
    sessions = [
        {"day": "2026-04-01", "sessions": 100, "page_views": 300},
        {"day": "2026-04-05", "sessions": 60, "page_views": 90},
    ]
    warehouse.load("shopify", "sessions", SHOP, sessions, WINDOW)
    refunds = [
        _refund(901, "line", 1, "2026-04-20 16:00+00", "CA1", 1, "7.50", restock_type="RETURN"),
        _refund(902, "line", 2, "2026-04-05 17:00+00", "CA2", 1, "30.00", restock_type="CANCEL"),
        _refund(903, "adjustment", 1, "2026-04-21 16:00+00", None, None, "2.00"),
        _refund(904, "shipping", 1, "2026-04-21 16:00+00", None, None, "5.00"),
        # Given back a week before the order.
        _refund(905, "line", 4, "2026-03-30 16:00+00", "CA2", 1, "30.00", restock_type="NO_RESTOCK"),
    ]
    warehouse.load("shopify", "refunds", SHOP, refunds, WINDOW)

    for account, currency in ((CANADA, "CAD"), (EUROPE, "EUR")):
        abroad = [
            _shop_line(11, 1, "2026-04-10 16:00+00", "CA1", 1, "20.00", currency=currency),
            _shop_line(12, 1, "2026-04-20 16:00+00", "CA2", 1, "30.00", currency=currency),
            # There is no rate any more.
            _shop_line(13, 1, "2026-06-20 16:00+00", "CA1", 1, "40.00", currency=currency),
        ]
        if account == EUROPE:  # A third currency without any rate; SKUs of nobody, so that p1 and p2 keep a value.
            abroad = [{**line, "sku": f"EU{line['sku']}"} for line in abroad]
        warehouse.load("shopify", "orders", account, abroad, WINDOW)
        warehouse.load("shopify", "refunds", account, [], WINDOW)


def _shop_line(number: int, line: int, at: str, sku: str | None, quantity: int, gross: str, **more: object) -> Row:
    row = {"order_id": number, "line_number": line, "line_id": number * 10 + line, "sku": sku, "quantity": quantity}
    return {**row, "created_at": at, "updated_at": at, "currency": "USD", "gross_amount": gross, **more}


def _refund(
    number: int, kind: str, order: int, at: str, sku: str | None, quantity: int | None, amount: str, **more: object
) -> Row:
    row = {"refund_id": number, "kind": kind, "refund_line_id": number, "order_id": order, "line_id": order * 10 + 1}
    row |= {"refunded_at": at, "updated_at": at, "currency": "USD", "sku": sku, "quantity": quantity, "amount": amount}
    return {**row, **more}


def _walmart(warehouse: Warehouse) -> None:
    orders = [
        _po("PO1", 1, "2026-04-15", "CA1", 2, "18.00"),
        _po("PO1", 2, "2026-04-15", "CA2", 1, "0", status="Cancelled"),
        _po("PO2", 1, "2026-04-16", "CA1", 1, "0", order_type="REPLACEMENT"),
        _po("PO3", 1, "2026-04-17", "CA2", 1, "0", status="Cancelled"),
    ]
    warehouse.load("walmart", "orders", MART, orders, WINDOW)
    returns = [
        _walmart_return("R1", "2026-04-20", "2026-04-22", 1, "9.00"),
        # Refunded, and the buyer keeps it.
        _walmart_return("R2", "2026-04-23", "2026-04-23", 1, "9.00", is_return_expected=False, is_keep_it=True),
        # On its way back, not refunded yet.
        _walmart_return("R3", "2026-04-24", "2026-04-24", 0, "9.00", status="INITIATED"),
        _walmart_return("R4", "2026-04-24", "2026-04-25", 0, "9.00", status="CANCELLED"),
    ]
    warehouse.load("walmart", "returns", MART, returns, WINDOW)


def _po(order_id: str, line: int, day: str, sku: str, quantity: int, amount: str, **more: object) -> Row:
    row = {"purchase_order_id": order_id, "line_number": line, "order_date": day, "ordered_at": f"{day} 20:00+00"}
    row |= {"sku": sku, "status": "Delivered", "quantity": quantity, "currency": "USD", "product_amount": amount}
    return {**row, **more}


def _walmart_return(number: str, asked: str, refunded: str, units: int, amount: str, **more: object) -> Row:
    row = {"return_order_id": number, "return_line_number": 1, "purchase_order_id": "PO1", "purchase_order_line": 1}
    row |= {"return_ordered_at": f"{asked} 20:00+00", "status_at": f"{refunded} 20:00+00", "sku": "CA1", "quantity": 1}
    row |= {"refunded_quantity": units, "refund_amount": amount, "currency": "USD", "status": "COMPLETED"}
    return {**row, "is_return_expected": True, "is_keep_it": False, **more}


def _tiktok(warehouse: Warehouse) -> None:
    orders = [
        _tok_item("T1", "i1", "DELIVERED"),
        _tok_item("T1", "i2", "DELIVERED"),
        _tok_item("T2", "i3", "UNPAID"),
        _tok_item("T3", "i4", "DELIVERED", is_sample_order=True),
        _tok_item("T4", "i5", "CANCELLED"),
    ]
    warehouse.load("tiktok_shop", "orders", TOK, orders, WINDOW)
    days = [
        {"date": "2026-04-18", "gmv": "20", "visitors": 50, "product_page_views": 120, "units_sold": 3},
        # Nobody counted the visitors of the 19th.
        {"date": "2026-04-19", "gmv": "10", "visitors": None, "product_page_views": 10, "units_sold": 1},
    ]
    warehouse.load("tiktok_shop", "shop_performance", TOK, days, WINDOW)
    complete = "RETURN_OR_REFUND_REQUEST_COMPLETE"
    returns = [
        _tok_return("RT1", "RETURN_AND_REFUND", complete, "2026-04-20", "2026-04-24"),
        _tok_return("RT2", "REFUND", complete, "2026-04-25", "2026-04-25"),
        _tok_return("RT3", "RETURN_AND_REFUND", "REFUND_OR_RETURN_REQUEST_REJECT", "2026-04-25", "2026-04-26"),
        _tok_return("RT4", "REPLACEMENT", "REPLACEMENT_REQUEST_COMPLETE", "2026-04-26", "2026-04-28"),
    ]
    warehouse.load("tiktok_shop", "returns", TOK, returns, WINDOW)


def _tok_item(order_id: str, item: str, status: str, **more: object) -> Row:
    at = "2026-04-18 20:00+00"
    row = {"order_id": order_id, "line_item_id": item, "created_at": at, "updated_at": at, "order_status": status}
    row |= {"seller_sku": "CA1", "quantity": 1, "currency": "USD", "original_price": "10.00", "sale_price": "8.50"}
    return {**row, "seller_discount": "1.00", "platform_discount": "0.50", **more}


def _tok_return(number: str, kind: str, status: str, asked: str, updated: str) -> Row:
    row = {"return_id": number, "return_line_item_id": number, "order_id": "T1", "return_type": kind}
    row |= {"return_status": status, "created_at": f"{asked} 20:00+00", "updated_at": f"{updated} 20:00+00"}
    return {**row, "seller_sku": "CA1", "currency": "USD", "refund_subtotal": "8.50"}


MARCH, APRIL, MAY, JUNE = "2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01"


def _month(entity_id: str, month: str, **values: str | None) -> list[tuple[str, str, str, str, str | None]]:
    return [(kpi_id, entity_id, "month", month, value) for kpi_id, value in values.items()]


def _day(account: str, day: str, gmv: str) -> tuple[str, str, str, str, str | None]:
    return ("gmv", f"account:{account}", "day", day, gmv)


EXPECTED: list[tuple[str, str, str, str, str | None]] = [
    # Amazon: CAM1 20 + 30, less 2; CAM3's three units have no price; CAM2 is cancelled, one of three orders.
    *_month(
        f"account:{AMAZON}",
        APRIL,
        gmv="50.00",
        discounts="2.00",
        discount_rate="0.04",
        units="6",
        orders="2",
        aov="25",
        units_per_order="3",
        cancelled_order_rate=str(Decimal(1) / 3),
        # 50 for the three units that have a price.
        average_selling_price=str(Decimal(50) / 3),
        # One CA1 was given back: 50 - 2 - 10.
        refunds="10.00",
        net_sales="38.00",
        refund_rate=str(Decimal(1) / 6),
        refund_value_rate="0.2",
        # One at Amazon, one that the seller takes back; in May one more came back of April's orders.
        returned_units="2",
        return_rate="0.5",
        sessions="40",
        page_views="80",
        conversion_rate="0.125",
        buy_box_share="0.75",
    ),
    *_month(
        f"sku:{AMAZON}/CA1",
        APRIL,
        units="5",
        orders="2",
        cancelled_order_rate=str(Decimal(1) / 3),
        conversion_rate="0.1",
    ),
    # No refund of CA2 in April, and the economics cover it: zero, not unknown.
    *_month(f"sku:{AMAZON}/CA2", APRIL, refund_rate="0", net_sales="30.00", cancelled_order_rate="0", return_rate="1"),
    # In May CA2 is given back and nothing is sold; nobody looked.
    *_month(
        f"account:{AMAZON}",
        MAY,
        gmv=None,
        net_sales="-30.00",
        refunds="30.00",
        refund_rate=None,
        refund_value_rate=None,
        returned_units="2",
        return_rate=None,
        sessions="0",
        conversion_rate=None,
        buy_box_share=None,
        aov=None,
        discount_rate=None,
        units_per_order=None,
        cancelled_order_rate=None,
        average_selling_price=None,
    ),
    *_month(f"sku:{AMAZON}/CA2", MAY, net_sales="-30.00"),
    _day(AMAZON, "2026-03-07", "11.00"),
    _day(AMAZON, "2026-03-08", "25.00"),
    _day(AMAZON, "2026-03-09", "14.00"),
    # Shopify: 20 + 7 + 30 (36 less its tax) less 5; order 2 is cancelled, 3 a test, the gift card no sale.
    *_month(
        f"account:{SHOP}",
        APRIL,
        gmv="57.00",
        discounts="5.00",
        units="4",
        orders="2",
        cancelled_order_rate=str(Decimal(1) / 3),
        aov="28.5",
        # 7.50 and an adjustment of 2.00; shipping isn't the goods', and order 2 never was a sale.
        refunds="9.50",
        net_sales="42.50",
        refund_rate="0.25",
        returned_units="1",
        return_rate="0.25",
        # The units of the 1st (3) and the 5th (a cancelled one: 0); the 6th has no sessions.
        sessions="160",
        page_views="390",
        conversion_rate=str(Decimal(3) / 160),
        buy_box_share=None,
    ),
    *_month(f"sku:{SHOP}/CA1", APRIL, gmv="20.00", refunds="7.50", net_sales="7.50", sessions=None),
    # Given back before it was ordered.
    *_month(f"account:{SHOP}", MARCH, refunds="30.00", net_sales="-30.00", gmv=None, refund_rate=None),
    _day(SHOP, "2026-04-01", "27.00"),
    _day(SHOP, "2025-11-01", "1.00"),
    _day(SHOP, "2025-11-02", "6.00"),
    _day(SHOP, "2025-11-03", "8.00"),
    # The refunds of 2025 were never loaded: no net sales.
    *_month(f"account:{SHOP}", "2025-11-01", gmv="15.00", net_sales=None, refund_rate=None, return_rate=None),
    # Walmart: one order of two; PO2 replaces goods; prices are after discounts.
    *_month(
        f"account:{MART}",
        APRIL,
        gmv="18.00",
        discounts="0",
        discount_rate="0",
        units="2",
        orders="1",
        cancelled_order_rate="0.5",
        average_selling_price="9",
        # R1 and R2 are refunded; R1 and R3 come back.
        refunds="18.00",
        net_sales="0",
        refund_rate="1",
        refund_value_rate="1",
        returned_units="2",
        return_rate="1",
        sessions=None,
        conversion_rate=None,
    ),
    # TikTok: two units at 10, of which the seller gave 1 each and TikTok the rest; unpaid and samples are no sales.
    *_month(
        f"account:{TOK}",
        APRIL,
        gmv="20.00",
        discounts="2.00",
        units="2",
        orders="1",
        cancelled_order_rate="0.5",
        refunds="17.00",
        net_sales="1.00",
        refund_rate="1",
        returned_units="2",
        return_rate="1",
        sessions="50",
        page_views="130",
        conversion_rate="0.06",
    ),
    # Accounts keep their currency. 4.00 US dollars are 5.33 Canadian ones at 0.75.
    *_month(f"account:{CANADA}", APRIL, gmv="50.00", net_sales="50.00", average_selling_price="25"),
    *_month(f"sku:{CANADA}/CA1", APRIL, gross_margin="14.67"),
    *_month(f"account:{CANADA}", JUNE, gmv="40.00"),
    *_month(f"account:{EUROPE}", APRIL, gmv="50.00"),
    # CA1 of all accounts: 20 + 20 + 18 + 20 + 20 x 0.75; discounts 2 + 5 + 2; refunds 10 + 7.50 + 18 + 17.
    *_month(
        "person:com_p1",
        APRIL,
        gmv="93.00",
        discounts="9.00",
        refunds="52.50",
        net_sales="31.50",
        units="12",
        orders="6",
    ),
    # CA2: 30 + 30 + 0 + 30 x 0.80.
    *_month("person:com_p2", APRIL, gmv="84.00"),
    *_month("team:com_team", APRIL, gmv="177.00"),
    # Canadian dollars without a rate: no value, and no net sales of 0 either.
    *_month("person:com_p1", JUNE, gmv=None, net_sales=None, units="1", discount_rate=None, average_selling_price=None),
]


def restate(warehouse: Warehouse) -> None:
    """What later loads bring: each changes a day that its own document doesn't lie on, or takes something away."""
    # Shopify's order 4 is cancelled: its refund of March is none any more.
    warehouse.execute("delete from raw.shopify__orders where _account_id = %s and order_id = 4", SHOP)
    order = _shop_line(4, 1, "2026-04-06 16:00+00", "CA2", 1, "36.00", cancelled_at="2026-06-01 16:00+00")
    warehouse.load("shopify", "orders", SHOP, [order], ("2026-06-01", "2026-06-01"))
    # The order of the return that nobody knew; and a day of returns that has none any more.
    late = order_line("CAM9", 1, "2026-04-13 20:00+00", "CA1", 4, "40.00")
    warehouse.load("amazon_sp", "orders", AMAZON, [late], ("2026-06-02", "2026-06-02"))
    warehouse.execute("delete from raw.amazon_sp__returns where return_day = '2026-04-25'")
    warehouse.load("amazon_sp", "returns", AMAZON, [], ("2026-04-25", "2026-04-25"))
    warehouse.execute("delete from raw.amazon_sp__economics where start_date = '2026-04-20'")
    warehouse.load("amazon_sp", "economics", AMAZON, [], ("2026-04-20", "2026-04-20"))
    # Walmart's R3 is called off; TikTok's RT1 was paid back on another day than it said.
    warehouse.execute("delete from raw.walmart__returns where return_order_id = 'R3'")
    called_off = _walmart_return("R3", "2026-04-24", "2026-04-24", 0, "9.00", status="CANCELLED")
    warehouse.load("walmart", "returns", MART, [called_off], ("2026-06-03", "2026-06-03"))
    warehouse.execute("delete from raw.tiktok_shop__returns where return_id = 'RT1'")
    complete = "RETURN_OR_REFUND_REQUEST_COMPLETE"
    paid_later = _tok_return("RT1", "RETURN_AND_REFUND", complete, "2026-04-20", "2026-05-02")
    warehouse.load("tiktok_shop", "returns", TOK, [paid_later], ("2026-06-03", "2026-06-03"))
    # What the Canadian dollar was worth in June, and what it costs to bring a lamp.
    rate = {"date": "2026-06-18", "from_currency": "CAD", "to_currency": "USD", "rate": "0.50"}
    warehouse.load("erp", "fx_rates", ERP, [rate], ("2026-06-18", "2026-06-18"))
    landed = {"snapshot_date": "2026-06-30", "sku": "CA1", "valid_from": "2025-01-01", "currency": "USD"}
    landed |= {"freight_per_unit": "0.50", "tariff_per_unit": "0.25"}
    warehouse.load("erp", "landed_costs", ERP, [landed], ("2026-06-30", "2026-06-30"))


EXPECTED_RESTATED: list[tuple[str, str, str, str, str | None]] = [
    *_month(f"account:{SHOP}", MARCH, refunds=None),
    # 20 + 7 less 5 and 9.50.
    *_month(f"account:{SHOP}", APRIL, gmv="27.00", net_sales="12.50", conversion_rate=str(3 / 160)),
    # 50 + 40; no refund any more. Of ten units CAM1's CA2 came back, CAM3's and CAM9's CA1.
    *_month(f"account:{AMAZON}", APRIL, gmv="90.00", net_sales="88.00", returned_units="1", return_rate="0.3"),
    *_month(f"account:{MART}", APRIL, returned_units="1", return_rate="0.5", refunds="18.00"),
    *_month(f"account:{TOK}", APRIL, refunds="8.50", net_sales="9.50"),
    *_month(f"account:{TOK}", MAY, refunds="8.50", net_sales="-8.50"),
    # 40 Canadian dollars at 0.50; the lamp's 4.00 are 8.00 of them.
    *_month("person:com_p1", JUNE, gmv="20.00", net_sales="20.00"),
    *_month(f"sku:{CANADA}/CA1", JUNE, gross_margin="32.00"),
]
