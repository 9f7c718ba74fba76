"""Stock as it is looked at once, on the morning after the last day; ranks, and the seller's own warehouses.

- stock_units: what each platform can sell; at the unit cost of that morning, in the account's currency at the last
  published rate (a quotient has ten decimals). Of one snapshot the mean over days and over 90 days is itself.
- Ages, expected fees, excess and the low-inventory line are Amazon's alone. What it expects: a month's storage of what
  is there, 50 cents for each unit of 271 to 300 days, too many beyond what two times 60 days shipped where something is
  older than 270 days; low below 28 days of the last 30 days' pace (two decimals).
- Pace: units shipped by Amazon, of its orders; elsewhere units sold on the days before, once they are known for long
  enough. Dead: older than 90 days, of what shipped nothing in 90.
- Ranks are a product's, own warehouses the company's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from airflow_dags.sandbox.business import Business, erp_records
from airflow_dags.sandbox.business.calendar import MARKETPLACE_ZONE
from airflow_dags.sandbox.business.catalogue import CURRENCY, Sku, stable_number
from airflow_dags.sandbox.business.fees import storage_fee
from airflow_dags.sandbox.business.ranks import ranks_of
from airflow_dags.sandbox.business.shops import Shop
from airflow_dags.sandbox.business.stock import SkuStock, stock_of
from airflow_dags.sandbox.kpi_truth.book import ONE, Book, Kpi, Month, Numbers, money, of, ratio, summed, zero
from airflow_dags.sandbox.kpi_truth.entities import COMPANY, Entity, account_entity, platform_entity, sku_entities

AGES = (
    ("stock_age_0_90", 0, 90),
    ("stock_age_91_180", 91, 180),
    ("stock_age_181_270", 181, 270),
    ("stock_age_271_365", 271, 365),
    ("stock_age_366_plus", 366, None),
)
TEN_DECIMALS, CENT = Decimal("1e-10"), Decimal("0.01")
AGED_CENTS, LOW_DAYS = 50, 28
INCOMING_AT = ("Main warehouse", "Dépôt Nord")


def _turned(numbers: Numbers) -> Decimal | None:
    return numbers.zero("cogs") if "period_days" in numbers else None


def _supply(numbers: Numbers) -> Decimal | None:
    units = numbers["supply_stock_units"]
    return None if units is None else units * 30


def _value_times_days(numbers: Numbers) -> Decimal | None:
    value, days = numbers["stock_value"], numbers["period_days"]
    return None if value is None or days is None else value * days


KPIS: dict[str, Kpi] = {
    **{
        name: summed(name)
        for name in (
            "stock_units",
            "stock_value",
            "stock_out_days",
            *(name for name, _, _ in AGES),
            "aged_stock_units_181",
            "aged_stock_value",
            "excess_units",
            "inbound_units",
            "low_inventory_skus",
            "estimated_storage_cost",
            "estimated_aged_surcharge",
            "warehouse_stock_units",
            "warehouse_stock_value",
        )
    },
    "average_stock_value": Kpi(("stock_value",), of("stock_value"), lambda numbers: ONE),
    "inventory_turnover": Kpi(("stock_value",), _turned, of("stock_value")),
    "days_inventory": Kpi(("stock_value",), _value_times_days, zero("cogs")),
    "days_of_supply": Kpi(("supply_stock_units", "units_shipped_30"), _supply, of("units_shipped_30")),
    "sell_through": ratio("units_shipped_90", "average_units_90"),
    "stock_out_rate": ratio("stock_out_days", "listed_days"),
    "aged_stock_share_181": ratio("aged_stock_units_181", "aged_base_units"),
    "dead_stock_share": ratio("dead_stock_units", "dead_base_units"),
    "bsr": ratio("main_rank_sum", "main_rank_days"),
    "subcategory_bsr": ratio("subcategory_rank_sum", "subcategory_rank_days"),
}


def looked_at(business: Business, zone: ZoneInfo) -> date:
    """The day of the snapshot of an account in the zone: where it is tomorrow already, it is tomorrow's."""
    now = datetime.now(MARKETPLACE_ZONE)
    return business.as_of + (now.astimezone(zone).date() - now.date())


def add(book: Book, business: Business, month: Month) -> None:
    for shop in business.shops:
        day = looked_at(business, shop.zone)
        if _is_in(day, month):
            _add_shop(book, business, shop, month.revision, day)
    if not _is_in(business.as_of, month):
        return
    for account in business.catalogue.accounts:
        above = (COMPANY, platform_entity("amazon_sp"), account_entity(account.account_id))
        for stock in stock_of(business, account.account_id, month.revision):
            entities = (*above, *sku_entities(stock.sku))
            _hold(book, business, Shelf(stock.sku, entities, CURRENCY, business.as_of), stock.available)
            _add_amazon(book, business, entities, stock)
            _rank(book, business, stock.sku, month.revision)
    for _, _, sku, on_hand, _, _ in erp_records.warehouse_stock(business):
        value = on_hand * money(sku.cost_on(business.as_of))
        book.count((COMPANY,), warehouse_stock_units=on_hand)
        book.pay((COMPANY,), CURRENCY, business.as_of, warehouse_stock_value=value)


def _is_in(day: date, month: Month) -> bool:
    return (day.year, day.month) == (month.first.year, month.first.month)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A SKU in an account on the day of its snapshot, and the entities that it counts for."""

    sku: Sku
    entities: tuple[Entity, ...]
    currency: str
    day: date


def _hold(book: Book, business: Business, shelf: Shelf, units: int) -> None:
    entities, currency, day = shelf.entities, shelf.currency, shelf.day
    rate = book.rate(currency, business.last_day)
    factor = ONE if currency == CURRENCY else (ONE / rate).quantize(TEN_DECIMALS, ROUND_HALF_UP)
    value = units * money(shelf.sku.cost_on(day)) * factor
    book.count(entities, stock_units=units, listed_days=1, stock_out_days=0 if units else 1)
    book.pay(entities, currency, business.last_day, stock_value=value)
    first = day.replace(day=1)
    if business.last_day >= first:  # days of the month that sales cover
        for entity in entities:
            book.sums[entity]["period_days"] = Decimal((business.last_day - first).days + 1)


def _add_amazon(book: Book, business: Business, entities: tuple[Entity, ...], stock: SkuStock) -> None:
    today, units, sku = business.as_of, stock.available, stock.sku
    shipped = {days: stock.shipped_since(today - timedelta(days=days)) for days in (30, 60, 90)}
    ages = {name: stock.units_of_age(today, first, last) for name, first, last in AGES}
    aged = stock.units_of_age(today, 181)
    book.count(
        entities,
        **ages,
        aged_base_units=sum(ages.values()),
        aged_stock_units_181=aged,
        excess_units=max(0, units - 2 * shipped[60]) if stock.units_of_age(today, 271) else 0,
        inbound_units=0,
        supply_stock_units=units,
        units_shipped_30=shipped[30],
        units_shipped_90=shipped[90],
        average_units_90=units,
        dead_base_units=units,
        dead_stock_units=0 if shipped[90] else units - min(units, ages["stock_age_0_90"]),
    )
    if shipped[30]:
        cover = (Decimal(units * 30) / shipped[30]).quantize(CENT)
        book.count(entities, low_inventory_skus=int(cover < LOW_DAYS))
    book.pay(
        entities,
        CURRENCY,
        today,
        aged_stock_value=aged * money(sku.cost_on(today)),
        estimated_storage_cost=money(storage_fee(sku, units)),
        estimated_aged_surcharge=money(stock.units_of_age(today, 271, 300) * AGED_CENTS),
    )


def _rank(book: Book, business: Business, sku: Sku, revision: int) -> None:
    ranks = ranks_of(business, sku, revision)
    if ranks:
        book.count(
            sku_entities(sku)[:1],
            main_rank_sum=ranks.display_group,
            main_rank_days=1,
            subcategory_rank_sum=ranks.classification,
            subcategory_rank_days=1,
        )


def _add_shop(book: Book, business: Business, shop: Shop, revision: int, day: date) -> None:
    above = (COMPANY, platform_entity(shop.platform), account_entity(shop.account_id))
    sold = {days: _sold(business, shop, revision, day - timedelta(days=days)) for days in (30, 90)}
    for sku, there in business.shop_stock(shop, business.last_day).items():
        units = there
        if shop.platform == "tiktok_shop" and revision and _is_reserved(shop, sku):
            units = max(0, there - 1)
        entities = (*above, *sku_entities(sku, shop.account_id))
        _hold(book, business, Shelf(sku, entities, shop.currency, day), units)
        if shop.platform == "shopify":
            names = ((business.seed, shop.account_id, sku.sku, at, "incoming") for at in INCOMING_AT)
            book.count(entities, inbound_units=sum(stable_number(*name) % 20 for name in names))
        month, quarter = sold[30], sold[90]
        if month is not None:
            book.count(entities, supply_stock_units=units, units_shipped_30=month.get(sku, 0))
        if quarter is not None:
            book.count(entities, units_shipped_90=quarter.get(sku, 0), average_units_90=units)


def _sold(business: Business, shop: Shop, revision: int, since: date) -> dict[Sku, int] | None:
    """Units by SKU from the day on; None where nothing was sold that early, so that the time isn't known whole."""
    days = [day for day in business.days() if business.shop_orders(shop, day, revision)]
    if not days or min(days) > since:
        return None
    units: dict[Sku, int] = {}
    for day in (day for day in days if day >= since):
        for order in business.shop_orders(shop, day, revision):
            for line in order.lines if not order.is_cancelled else ():
                units[line.sku] = units.get(line.sku, 0) + line.quantity
    return units


def _is_reserved(shop: Shop, sku: Sku) -> bool:
    """At the second look one unit of every fifth SKU of TikTok's is promised to somebody."""
    return (1_729_000_000_000_000_000 + stable_number(shop.account_id, sku.sku) % 10**17) % 5 == 0
