# ruff: noqa: E501 - statements read better on one line
"""A generated seller in the raw tables, made by the server itself: 20 accounts, 20,000 SKUs, three years.

Everything follows from row numbers through the server's hash functions, so that two runs make the same seller. Orders
and ads carry the asked number of rows; fees come by SKU and month, stock by SKU and week of
the last half year, returns for one line in fifty.
A tenth of the rows is the same seller with fewer orders a day and fewer ads: as many accounts, SKUs and days.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

import psycopg2

from airflow_dags.loader import ensure_schema
from airflow_dags.registry import contracts, platforms

ACCOUNTS, SKUS_EACH, DAYS = 20, 1000, 1096
LAST_DAY = date(2026, 11, 21)  # the history's end; the refresh brings the next one
FIRST_DAY = LAST_DAY - timedelta(days=DAYS - 1)
NEW_DAY = LAST_DAY + timedelta(days=1)
RESTATED_DAYS = 31
AS_OF = f"{NEW_DAY + timedelta(days=1)} 12:00:00-08"
DETAIL_SHARE = 0.88  # of the ad rows, those by advertised SKU; the rest are the campaign report's
ADS_A_GROUP = 8
SNAPSHOT = f"date '{NEW_DAY}'"


@dataclass(frozen=True)
class Size:
    """Rows of the history: order lines, and rows of ad reports."""

    lines: int
    ad_rows: int

    @property
    def lines_a_day(self) -> int:
        return self.lines // DAYS

    @property
    def ads(self) -> int:
        """Advertised SKUs, each with a row on each day."""
        return int(self.ad_rows * DETAIL_SHARE) // DAYS


def generate(uri: str, size: Size) -> None:
    """Fill the raw tables of an empty database with the history, one load a stream and account."""
    ensure_schema(uri, contracts())
    connection = psycopg2.connect(uri)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = off")
        _accounts(cursor)
        for table in ("amazon_sp__orders", "amazon_ads__sp_campaigns", "amazon_ads__sp_advertised_product"):
            _without_key(cursor, table)
        _master_data(cursor)
        for stream in ("orders", "sp_campaigns", "sp_advertised_product"):
            load_days(cursor, size, stream, FIRST_DAY, LAST_DAY, restated=False)
        _fees_stock_returns(cursor, size)
        for contract in contracts():
            if contract.table in ("amazon_sp__orders", "amazon_ads__sp_campaigns", "amazon_ads__sp_advertised_product"):
                columns = ", ".join(contract.index)
                cursor.execute(
                    f"create unique index {contract.table}_key on raw.{contract.table} ({columns}) nulls not distinct"
                )
                cursor.execute(f"analyze raw.{contract.table}")
    connection.close()


def restate(uri: str, size: Size) -> None:
    """A day's work of the pipeline: the new day, and the last 31 days again with other figures."""
    connection = psycopg2.connect(uri)
    connection.autocommit = True
    first = NEW_DAY - timedelta(days=RESTATED_DAYS)
    with connection.cursor() as cursor:
        for stream in ("orders", "sp_campaigns", "sp_advertised_product"):
            table = _table(stream)
            day = "date" if stream != "orders" else "(purchase_date at time zone 'America/Los_Angeles')::date"
            bound = (
                f"and purchase_date >= timestamptz '{first - timedelta(days=1)} 00:00+00'" if stream == "orders" else ""
            )
            cursor.execute(f"delete from raw.{table} where {day} >= date '{first}' {bound}")
            load_days(cursor, size, stream, first, NEW_DAY, restated=True)
    connection.close()


def load_days(
    cursor: psycopg2.extensions.cursor, size: Size, stream: str, first: date, last: date, restated: bool
) -> None:
    """Rows of the days in loads of their own, one an account, with their lines in the ledger."""
    platform = "amazon_sp" if stream == "orders" else "amazon_ads"
    mode = platforms()[platform].streams[stream].contract.mode
    loads = [str(uuid.uuid4()) for _ in range(ACCOUNTS)]
    array = "array[" + ", ".join(f"'{load}'::uuid" for load in loads) + "]"
    more = 1 if restated else 0
    rows = {"orders": _orders, "sp_campaigns": _campaigns, "sp_advertised_product": _products}[stream]
    # A month at a time, so that no statement runs for hours.
    start = first
    while start <= last:
        end = min(last, start + timedelta(days=30))
        cursor.execute(rows(size, start, end, array, more))
        start = end + timedelta(days=1)
    for number, load in enumerate(loads):
        _ledger(cursor, load, platform, stream, f"seller_{number:02d}", mode, first, last)


def _table(stream: str) -> str:
    return ("amazon_sp__" if stream == "orders" else "amazon_ads__") + stream


def _ledger(
    cursor: psycopg2.extensions.cursor,
    load: str,
    platform: str,
    stream: str,
    account: str,
    mode: str,
    first: date,
    last: date,
) -> None:
    cursor.execute(
        "insert into raw.load_ledger (load_id, platform, stream, account_id, mode, window_start, window_end, rows_loaded, state, "
        "started_at, finished_at) values (%s, %s, %s, %s, %s, %s, %s, 1, 'loaded', %s, %s)",
        (load, platform, stream, account, mode, first, last, AS_OF, AS_OF),
    )


def _without_key(cursor: psycopg2.extensions.cursor, table: str) -> None:
    cursor.execute(f"drop index raw.{table}_key")


def _accounts(cursor: psycopg2.extensions.cursor) -> None:
    cursor.execute(
        "insert into raw.accounts (account_id, platform, account_name, currency, time_zone, updated_at) "
        f"select 'seller_' || lpad(n::text, 2, '0'), 'amazon', 'Seller ' || n, 'USD', 'America/Los_Angeles', now() from generate_series(0, {ACCOUNTS - 1}) as n"
    )
    for platform in platforms().values():
        for stream in platform.streams.values():
            cursor.execute(
                "insert into raw.streams values (%s, %s, %s, %s)",
                (platform.name, stream.name, stream.settings.settled_days, stream.settings.lag_days),
            )


_SKUS = f"generate_series(0, {ACCOUNTS * SKUS_EACH - 1}) as s"
_SKU = "'SKU-' || lpad(s::text, 5, '0')"
_ACCOUNT_OF_SKU = f"'seller_' || lpad((s / {SKUS_EACH})::text, 2, '0')"


def _insert(
    cursor: psycopg2.extensions.cursor, table: str, stream: str, account: str, columns: str, select: str
) -> None:
    """One load of one account's rows."""
    load = str(uuid.uuid4())
    cursor.execute(
        f"insert into raw.{table} ({columns}, _account_id, _load_id, _loaded_at) "
        f"select rows.*, '{account}', '{load}'::uuid, timestamptz '{AS_OF}' from ({select}) as rows"
    )
    platform = table.split("__", maxsplit=1)[0]
    mode = platforms()[platform].streams[stream].contract.mode
    snapshot = mode == "snapshot" and platform == "erp"
    _ledger(
        cursor,
        load,
        platform,
        stream,
        account,
        mode,
        NEW_DAY if snapshot else FIRST_DAY,
        NEW_DAY if snapshot else LAST_DAY,
    )


def _master_data(cursor: psycopg2.extensions.cursor) -> None:
    people = (
        f"select {SNAPSHOT}, 'e' || n, 'Person ' || n, 't' || n % 6, 'Team ' || n % 6 from generate_series(0, 59) as n"
    )
    _insert(
        cursor,
        "erp__staff",
        "staff",
        "erp_main",
        "snapshot_date, employee_id, employee_name, team_id, team_name",
        people,
    )
    products = f"select {SNAPSHOT}, {_SKU}, {_ACCOUNT_OF_SKU}, 'Product ' || s, 'category_' || s % 12, 'e' || s % 60 from {_SKUS}"
    _insert(
        cursor,
        "erp__products",
        "products",
        "erp_main",
        "snapshot_date, sku, account_id, product_name, category, owner_id",
        products,
    )
    costs = f"select {SNAPSHOT}, {_SKU}, date '2020-01-01', round((4 + s % 30)::numeric * 0.9, 2), 'USD' from {_SKUS}"
    _insert(
        cursor,
        "erp__unit_costs",
        "unit_costs",
        "erp_main",
        "snapshot_date, sku, valid_from, unit_cost, currency",
        costs,
    )
    landed = f"select {SNAPSHOT}, {_SKU}, date '2020-01-01', 0.80::numeric, 0.45::numeric, 'USD' from {_SKUS}"
    _insert(
        cursor, "erp__landed_costs", "landed_costs", "erp_main",
        "snapshot_date, sku, valid_from, freight_per_unit, tariff_per_unit, currency", landed,
    )  # fmt: skip


def _orders(size: Size, first: date, last: date, loads: str, more: int) -> str:
    """Five lines for four orders; which SKU sells is skewed, as it is."""
    n = size.lines_a_day
    return f"""
    insert into raw.amazon_sp__orders (
        amazon_order_id, line_number, purchase_date, last_updated_date, order_status, item_status, fulfillment_channel, sales_channel,
        sku, asin, quantity, currency, item_price, item_promotion_discount, ship_country, _account_id, _load_id, _loaded_at
    )
    select
        'A-' || order_no, case when line % 5 = 4 then 2 else 1 end, bought, bought + interval '2 days',
        case when status % 50 = {more} then 'Cancelled' else 'Shipped' end,
        case when status % 50 = {more} then 'Cancelled' else 'Shipped' end, 'Amazon', 'Amazon.com',
        'SKU-' || lpad((account * {SKUS_EACH} + sku_no)::text, 5, '0'), 'B' || lpad((account * {SKUS_EACH} + sku_no)::text, 9, '0'),
        1 + (status % 11 = 0)::int, 'USD', (1 + (status % 11 = 0)::int) * (9.99 + sku_no % 90), case when status % 9 = 0 then 1.50 else 0 end, 'US',
        'seller_' || lpad(account::text, 2, '0'), ({loads})[account + 1], timestamptz '{AS_OF}'
    from (
        select
            numbered.line as line,
            numbered.order_no as order_no,
            (abs(hashint8(numbered.order_no)) % {ACCOUNTS})::int as account,
            floor({SKUS_EACH} * power((abs(hashint8(numbered.line * 7 + 3)) % 16777216) / 16777216.0, 3))::int as sku_no,
            abs(hashint8(numbered.line * 13 + 5)) % 1000 as status,
            (numbered.day + time '00:30') at time zone 'America/Los_Angeles' + (abs(hashint8(numbered.order_no)) % 82000) * interval '1 second' as bought
        from (
            select
                g as line,
                g - (g + 1) / 5 as order_no,
                timestamp '{FIRST_DAY}' + ((g - (g + 1) / 5) / {max(1, n * 4 // 5)}) * interval '1 day' as day
            from generate_series(
                {(first - FIRST_DAY).days}::bigint * {max(1, n * 4 // 5)} * 5 / 4,
                {(last - FIRST_DAY).days + 1}::bigint * {max(1, n * 4 // 5)} * 5 / 4 - 1
            ) as g
        ) as numbered
        where numbered.day between timestamp '{first}' and timestamp '{last}'
    ) as lines
    """


def _ads_of_days(size: Size, first: date, last: date) -> str:
    return f"""
        select
            day::date as day,
            ad as ad,
            ad / {ADS_A_GROUP} as ad_group,
            (ad / {ADS_A_GROUP}) % {ACCOUNTS} as account,
            abs(hashint8(ad * 31 + extract(epoch from day)::bigint)) % 1000 as luck
        from generate_series(timestamp '{first}', timestamp '{last}', interval '1 day') as day
        cross join generate_series(0, {size.ads - 1}) as ad
    """


def _products(size: Size, first: date, last: date, loads: str, more: int) -> str:
    return f"""
    insert into raw.amazon_ads__sp_advertised_product (
        date, campaign_id, ad_group_id, ad_id, advertised_sku, advertised_asin, campaign_budget_currency_code,
        impressions, clicks, cost, purchases_7d, sales_7d, _account_id, _load_id, _loaded_at
    )
    select
        day, 'c' || ad_group / 5, 'g' || ad_group, 'ad' || ad, 'SKU-' || lpad((account * {SKUS_EACH} + ad % {SKUS_EACH})::text, 5, '0'),
        'B' || lpad((account * {SKUS_EACH} + ad % {SKUS_EACH})::text, 9, '0'), 'USD', 200 + luck * 5, luck % 17, (luck % 17) * 0.75,
        (luck % 13 = 0)::int + {more} * (luck % 97 = 0)::int, ((luck % 13 = 0)::int + {more} * (luck % 97 = 0)::int) * 29.99,
        'seller_' || lpad(account::text, 2, '0'), ({loads})[account + 1], timestamptz '{AS_OF}'
    from ({_ads_of_days(size, first, last)}) as rows
    """


def _campaigns(size: Size, first: date, last: date, loads: str, more: int) -> str:
    return f"""
    insert into raw.amazon_ads__sp_campaigns (
        date, campaign_id, campaign_name, campaign_status, campaign_budget_amount, campaign_budget_currency_code, ad_group_id, ad_group_name,
        impressions, clicks, cost, purchases_7d, sales_7d, _account_id, _load_id, _loaded_at
    )
    select
        day, 'c' || ad_group / 5, 'Campaign ' || ad_group / 5, 'ENABLED', 50, 'USD', 'g' || ad_group, 'Ad group ' || ad_group,
        sum(200 + luck * 5), sum(luck % 17), sum((luck % 17) * 0.75),
        sum((luck % 13 = 0)::int + {more} * (luck % 97 = 0)::int), sum(((luck % 13 = 0)::int + {more} * (luck % 97 = 0)::int) * 29.99),
        'seller_' || lpad(account::text, 2, '0'), ({loads})[account + 1], timestamptz '{AS_OF}'
    from ({_ads_of_days(size, first, last)}) as rows
    group by day, ad_group, account
    """


def _fees_stock_returns(cursor: psycopg2.extensions.cursor, size: Size) -> None:
    months = f"generate_series(date '{FIRST_DAY.replace(day=1)}' + interval '1 month', date '{LAST_DAY}', interval '1 month') as m"
    weeks = (
        f"generate_series(timestamp '{LAST_DAY}' - interval '182 days', timestamp '{LAST_DAY}', interval '7 days') as w"
    )
    for number in range(ACCOUNTS):
        account = f"seller_{number:02d}"
        skus = f"generate_series({number * SKUS_EACH}, {(number + 1) * SKUS_EACH - 1}) as s"
        charges = "(values ('FBA fulfillment fees', 3.2), ('Referral fees', 2.1), ('FBA storage fees', 0.4)) as charge (kind, amount)"
        _insert(
            cursor, "amazon_sp__economics", "economics", account,
            "row_level, start_date, end_date, marketplace_id, msku, charge_type, amount, total_amount, currency",
            f"select 'fee', m::date, m::date, 'ATVPDKIKX0DER', {_SKU}, kind, amount * (1 + s % 40), amount * (1 + s % 40), 'USD' from {months} cross join {skus} cross join {charges}",
        )  # fmt: skip
        _insert(
            cursor, "amazon_sp__fba_stock_and_age", "fba_stock_and_age", account,
            "snapshot_date, sku, fnsku, condition, available, inv_age_0_to_90_days, inv_age_91_to_180_days, inv_age_181_to_270_days, inv_age_271_to_365_days, currency",
            f"select w::date, {_SKU}, 'X' || s, 'New', 40 + s % 60, 20 + s % 40, 10, 5, 5 + s % 20, 'USD' from {weeks} cross join {skus}",
        )  # fmt: skip
    # One line in fifty comes back after ten days.
    cursor.execute(
        f"""
        with returned as (
            select orders._account_id as account_id, (orders.purchase_date + interval '10 days') as at, orders.*
            from raw.amazon_sp__orders as orders
            where abs(hashtext(orders.amazon_order_id)) % 50 = 0 and orders.purchase_date < timestamptz '{LAST_DAY}' - interval '11 days'
        ),
        loads as (select account_id, gen_random_uuid() as load_id from raw.accounts where platform = 'amazon'),
        written as (
            insert into raw.amazon_sp__returns (
                return_day, returned_at, order_id, sku, asin, quantity, reason, license_plate_number, _account_id, _load_id, _loaded_at
            )
            select at::date, at, amazon_order_id, sku, asin, quantity, 'DEFECTIVE', 'L' || amazon_order_id || line_number,
                returned.account_id, loads.load_id, timestamptz '{AS_OF}'
            from returned inner join loads on returned.account_id = loads.account_id
        )
        insert into raw.load_ledger (load_id, platform, stream, account_id, mode, window_start, window_end, rows_loaded, state, started_at, finished_at)
        select load_id, 'amazon_sp', 'returns', account_id, 'window', date '{FIRST_DAY}', date '{LAST_DAY}', 1, 'loaded', timestamptz '{AS_OF}', timestamptz '{AS_OF}'
        from loads
        """
    )
