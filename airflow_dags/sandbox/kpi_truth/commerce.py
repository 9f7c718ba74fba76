"""Sales, traffic, refunds and returns of all platforms.

- gmv: price of the lines that aren't cancelled, before the seller's discounts (Walmart states it after them); a part of
  TikTok's discounts is TikTok's own and no discount of the seller. Units, orders and costs of the same lines;
  placed_orders with the cancelled ones. An entity's orders are those that hold a line of it.
- cogs, freight and tariff: of a unit as valid on the day; from US dollars into another currency at the day's rate and
  rounded to cents.
- sessions: on Amazon the account's day for company, platform and account, and the listed SKU rows for all else; on
  Shopify those of the store; on TikTok the day's visitors. Units are those that the platform counts with them.
- refunds by the day on which the money went back, goods alone; returned units by the day of the return (Amazon's
  warehouse, else the day on which the buyer asked, Shopify: the refund's), and by the day of their order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from airflow_dags.sandbox.business import Business, erp_records
from airflow_dags.sandbox.business.calendar import marketplace_day
from airflow_dags.sandbox.business.catalogue import CURRENCY, Sku
from airflow_dags.sandbox.business.proceeds import kept, refunds
from airflow_dags.sandbox.business.returns import CustomerReturn, customer_returns, requested_returns
from airflow_dags.sandbox.business.shops import Shop, ShopOrder, ShopRefund
from airflow_dags.sandbox.business.tiktok_money import seller_discount
from airflow_dags.sandbox.kpi_truth.book import Book, Kpi, Month, Numbers, money, of, ratio, summed, zero
from airflow_dags.sandbox.kpi_truth.entities import COMPANY, Entity, account_entity, platform_entity, sku_entities

SALES = ("gmv", "discounts", "refunded_sales")
CENT = Decimal("0.01")
LATEST_REFUND = timedelta(days=100)  # after the order; no shop's refund comes later


def net_sales(numbers: Numbers) -> Decimal:
    return numbers.zero("gmv") - numbers.zero("discounts") - numbers.zero("refunded_sales")


def _cancelled(numbers: Numbers) -> Decimal | None:
    return numbers.less("placed_orders", "orders")


KPIS: dict[str, Kpi] = {
    **{name: summed(name) for name in ("gmv", "discounts", "units", "orders", "sessions", "page_views")},
    "refunds": summed("refunded_sales"),
    "returned_units": summed("returned_units"),
    "net_sales": Kpi(SALES, net_sales),
    "discount_rate": ratio("discounts", "gmv"),
    "aov": ratio("gmv", "orders"),
    "average_selling_price": ratio("gmv", "units"),
    "units_per_order": ratio("units", "orders"),
    "cancelled_order_rate": Kpi(("placed_orders",), _cancelled, of("placed_orders")),
    "conversion_rate": ratio("traffic_units", "sessions"),
    "buy_box_share": ratio("buy_box_views", "buy_box_base"),
    "refund_rate": Kpi(("refunded_units", "units"), zero("refunded_units"), of("units")),
    "refund_value_rate": Kpi(("refunded_sales", "gmv"), zero("refunded_sales"), of("gmv")),
    "return_rate": Kpi(("cohort_returned_units", "units"), zero("cohort_returned_units"), of("units")),
}


def add(book: Book, business: Business, month: Month) -> None:
    _add_amazon_orders(book, business, month)
    for account in business.catalogue.accounts:
        above = _above(account.account_id, "amazon_sp")
        _add_amazon_traffic(book, business, account.account_id, above, month)
        _add_amazon_returns(book, business, account.account_id, above, month)
        for refund in refunds(business, account.account_id, month.revision):
            if month.holds(refund.day):
                entities = (*above, *sku_entities(refund.line.sku))
                book.count(entities, refunded_units=refund.quantity)
                book.pay(entities, CURRENCY, refund.day, refunded_sales=money(refund.principal))
    for shop in business.shops:
        _add_shop(book, business, shop, month)


def _above(account_id: str, platform: str) -> tuple[Entity, ...]:
    return COMPANY, platform_entity(platform), account_entity(account_id)


# -- Amazon --------------------------------------------------------------------------------------------------------


def _add_amazon_orders(book: Book, business: Business, month: Month) -> None:
    entities_of = {sku: (*_above(sku.account_id, "amazon_sp"), *sku_entities(sku)) for sku in business.catalogue.skus}
    by_sku: dict[Sku, list[int]] = defaultdict(lambda: [0] * 6)
    placed: Counter[Entity] = Counter()
    orders: Counter[Entity] = Counter()
    for order in business.orders(month.first, month.revision):
        if order.day > month.last:
            continue
        sold = order.sold_lines()
        for line in sold:
            freight, tariff = landed_on(business, line.sku, order.day)
            costs = (line.sku.cost_on(order.day), freight, tariff)
            values = (line.price or 0, line.promotion, line.quantity, *(line.quantity * cost for cost in costs))
            by_sku[line.sku] = [a + b for a, b in zip(by_sku[line.sku], values, strict=True)]
        # An order counts once for everything that one of its lines belongs to.
        orders.update({entity for line in sold for entity in entities_of[line.sku]})
        for line in order.lines:
            by_sku[line.sku]
        placed.update({entity for line in order.lines for entity in entities_of[line.sku]})
    for sku, (price, promotion, units, cost, freight, tariff) in by_sku.items():
        amounts = {"gmv": price, "discounts": promotion, "cogs": cost, "freight_cost": freight, "tariff_cost": tariff}
        exact = {name: money(cents) for name, cents in amounts.items()}
        book.pay(entities_of[sku], CURRENCY, month.first, **exact)
        book.count(entities_of[sku], units=units)
    _count_orders(book, placed, orders)


def _count_orders(book: Book, placed: Counter[Entity], orders: Counter[Entity]) -> None:
    for entity, count in placed.items():
        book.count((entity,), placed_orders=count, orders=orders[entity])


def landed_on(business: Business, sku: Sku, day: date) -> tuple[int, int]:
    """Freight and tariff of a unit in US cents, valid on the day."""
    found = kept(business, ("landed", "", 0), lambda: [_landed(business)])[0]
    return next((freight, tariff) for since, freight, tariff in reversed(found[sku]) if since <= day)


def _landed(business: Business) -> dict[Sku, list[tuple[date, int, int]]]:
    by_sku: dict[Sku, list[tuple[date, int, int]]] = defaultdict(list)
    for cost in erp_records.landed_costs(business):
        by_sku[cost.sku].append((cost.valid_from, cost.freight, cost.tariff))
    return by_sku


def _add_amazon_traffic(
    book: Book, business: Business, account_id: str, above: tuple[Entity, ...], month: Month
) -> None:
    for day in month.days:
        traffic = business.traffic(account_id, day, month.revision)
        if traffic is None:
            continue
        for row in traffic.rows:
            if row.is_listed:
                _visit(book, sku_entities(row.sku), (row.sessions, row.page_views, row.units), row.buy_box)
        sessions = sum(row.sessions for row in traffic.rows) + traffic.other_sessions
        views = sum(row.page_views for row in traffic.rows) + traffic.other_page_views
        _visit(book, above, (sessions, views, sum(row.units for row in traffic.rows)), traffic.buy_box)


def _visit(book: Book, entities: Iterable[Entity], counted: tuple[int, int, int], buy_box: int | None = None) -> None:
    """`counted`: sessions, page views, units; `buy_box` is hundredths of a per cent."""
    sessions, views, units = counted
    counts: dict[str, int | Decimal] = {"sessions": sessions, "page_views": views, "traffic_units": units}
    if buy_box is not None:
        counts |= {"buy_box_views": Decimal(views * buy_box).scaleb(-4), "buy_box_base": views}
    book.count(entities, **counts)


def _add_amazon_returns(
    book: Book, business: Business, account_id: str, above: tuple[Entity, ...], month: Month
) -> None:
    known = [
        (one.day, one)
        for day in business.days()
        for one in customer_returns(business, account_id, day, month.revision)
        if one.is_fba
    ]
    known += [(asked_on(one), one) for one in requested_returns(business, account_id, month.revision)]
    for day, one in known:
        entities = (*above, *sku_entities(one.line.sku))
        if month.holds(day):
            book.count(entities, returned_units=one.quantity)
        if month.holds(one.order.day) and day <= business.last_day:
            book.count(entities, cohort_returned_units=one.quantity)


def asked_on(one: CustomerReturn) -> date:
    """The day on which the buyer asked to send it back."""
    return marketplace_day(one.requested_at)


# -- shops ---------------------------------------------------------------------------------------------------------


def _add_shop(book: Book, business: Business, shop: Shop, month: Month) -> None:
    above = _above(shop.account_id, shop.platform)
    placed: Counter[Entity] = Counter()
    orders: Counter[Entity] = Counter()
    for day in business.days():
        if not month.first - LATEST_REFUND <= day <= month.last:
            continue
        found = business.shop_orders(shop, day, month.revision)
        for order in found:
            for refund in order.refunds:
                _add_shop_refund(book, order, refund, above, month)
        if not month.holds(day):
            continue
        for order in found:
            _add_shop_lines(book, business, order, above)
            mine = {e for line in order.lines for e in (*above, *sku_entities(line.sku, shop.account_id))}
            placed.update(mine)
            orders.update(set() if order.is_cancelled else mine)
        _add_shop_traffic(book, business, shop, day, found=found, revision=month.revision)
    _count_orders(book, placed, orders)


def _add_shop_lines(book: Book, business: Business, order: ShopOrder, above: tuple[Entity, ...]) -> None:
    shop, day = order.shop, order.day
    rate = book.rate(shop.currency, day)
    for line in order.lines:
        entities = (*above, *sku_entities(line.sku, shop.account_id))
        sold = 0 if order.is_cancelled else 1
        price, discount = {
            "walmart": (line.price - line.discount, 0),
            "tiktok_shop": (line.price, seller_discount(line)),
        }.get(shop.platform, (line.price, line.discount))
        costs = (line.sku.cost_on(day), *landed_on(business, line.sku, day))
        cogs, freight, tariff = (
            (money(line.quantity * cost) / rate).quantize(CENT, ROUND_HALF_UP) if sold else Decimal(0) for cost in costs
        )
        book.pay(
            entities,
            shop.currency,
            day,
            gmv=money(price * sold),
            discounts=money(discount * sold),
            cogs=cogs,
            freight_cost=freight,
            tariff_cost=tariff,
        )
        book.count(entities, units=line.quantity * sold)


def _add_shop_traffic(
    book: Book, business: Business, shop: Shop, day: date, *, found: list[ShopOrder], revision: int
) -> None:
    traffic = business.shop_traffic(shop, day, revision)
    if traffic is None or shop.platform == "walmart":
        return
    above = _above(shop.account_id, shop.platform)
    if shop.platform == "tiktok_shop":  # which counts visitors, and units that were cancelled later
        units = sum(line.quantity for order in found for line in order.lines)
        _visit(book, above, (traffic.visitors, traffic.page_views, units))
    else:
        units = sum(line.quantity for order in found if not order.is_cancelled for line in order.lines)
        _visit(book, above, (traffic.sessions, traffic.page_views, units))


def _add_shop_refund(book: Book, order: ShopOrder, refund: ShopRefund, above: tuple[Entity, ...], month: Month) -> None:
    shop = order.shop
    line = next(line for line in order.lines if line.number == refund.line_number)
    entities = (*above, *sku_entities(line.sku, shop.account_id))
    day = refund.at.astimezone(shop.zone).date()
    if month.holds(day):
        book.count(entities, refunded_units=refund.quantity)
        book.pay(entities, shop.currency, day, refunded_sales=money(refund.amount))
    if not refund.is_return:
        return
    if month.holds(_returned_on(shop, refund)):
        book.count(entities, returned_units=refund.quantity)
    if month.holds(order.day):
        book.count(entities, cohort_returned_units=refund.quantity)


def _returned_on(shop: Shop, refund: ShopRefund) -> date:
    """The day that the platform states for the return: Walmart's begins two days before the goods are back, TikTok's
    four days before the refund; Shopify has the refund's."""
    at = refund.at
    if shop.platform == "walmart" and refund.received_at:
        at = refund.received_at - timedelta(days=2)
    elif shop.platform == "tiktok_shop":
        at -= timedelta(days=4)
    return at.astimezone(shop.zone).date()
