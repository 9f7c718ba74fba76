"""Stock of a random business: snapshots with missing days, SKUs that vanish, oversold and uncosted ones, ranks."""

from __future__ import annotations

from datetime import date, timedelta

from tests.oracle.businesses import Business
from tests.oracle.world import Account, Row

SPANS = (
    "0_to_30",
    "31_to_60",
    "61_to_90",
    "0_to_90",
    "91_to_180",
    "181_to_270",
    "271_to_365",
    "181_to_330",
    "331_to_365",
    "365_plus",
    "366_to_455",
    "456_plus",
)
AGES = tuple(f"inv_age_{span}_days" for span in SPANS)
SURCHARGES = (
    "estimated_ais_181_210_days",
    "estimated_ais_211_240_days",
    "estimated_ltsf_next_charge",
    "projected_ltsf_11_mo",
)
SUPPLY = ("historical_days_of_supply", "short_term_historical_days_of_supply", "long_term_historical_days_of_supply")


def fill(found: Business) -> None:
    for account in found.of("amazon_sp"):
        _amazon(found, account)
        _ranks(found, account)
    for account in found.of("shopify"):
        _shopify(found, account)
    for account in found.of("walmart"):
        _walmart(found, account)
    for account in found.of("tiktok_shop"):
        _tiktok(found, account)
    _warehouse(found)


def _days(found: Business) -> list[date]:
    """Snapshots on a stretch of days in a row, and some others."""
    make = found.make
    begin = make.day()
    stretch = [begin + timedelta(days=n) for n in range(make.whole(1, 5))]
    return sorted({day for day in (*stretch, *make.any_days(1, 5)) if day <= make.days[-1]})


def _amazon(found: Business, account: Account) -> None:
    make = found.make
    for day in _days(found):
        rows: list[Row] = []
        for sku in make.some(found.skus):
            for condition in make.one((("New",), ("New",), ("New", "Used"))):
                row: Row = {
                    "snapshot_date": day,
                    "sku": sku,
                    "fnsku": f"X{sku}",
                    "asin": f"ASIN-{sku}",
                    "condition": condition,
                    "available": make.whole(-2, 30) if make.chance(0.8) else 0,
                    "reserved_quantity": make.count(0, 5),
                    "inbound_quantity": make.count(0, 9, null=0.5),
                    "inbound_working": make.count(0, 9, null=0.2),
                    "inbound_shipped": make.count(0, 9, null=0.1),
                    "inbound_received": make.count(0, 9, null=0.1),
                    "unfulfillable_quantity": make.count(0, 3),
                    "currency": make.one((account.currency, account.currency, None, "EUR")),
                    "estimated_excess_quantity": make.count(0, 9),
                    "estimated_storage_cost_next_month": make.unkind(0, 9),
                    **{f"units_shipped_t{days}": make.count(0, days, zero=0.2) for days in (7, 30, 60, 90)},
                    **{name: make.unkind(0, 5, null=0.5) for name in SURCHARGES},
                    **{name: make.unkind(0, 60, null=0.3) for name in SUPPLY},
                }
                wanted = make.one((AGES, AGES[3:7] + AGES[10:], AGES[:3] + AGES[4:5] + AGES[7:10], AGES[:2]))
                row |= {name: make.count(0, 12, null=0.05) for name in wanted}
                rows.append(row)
        if rows:
            found.world.load("amazon_sp__fba_stock_and_age", account.account_id, rows, (day, day))


def _ranks(found: Business, account: Account) -> None:
    make = found.make
    for day in make.any_days(2, 6):
        rows: list[Row] = [
            {
                "snapshot_date": day,
                "asin": make.one((f"ITEM-{sku}", f"ASIN-{sku}")),
                "rank_kind": kind,
                "category_id": str(number),
                "rank": make.whole(1, 90000),
            }
            for sku in make.some(found.skus)
            for kind in ("display_group", "classification")
            for number in range(make.whole(0, 2))
        ]
        unique = {(row["asin"], row["rank_kind"], row["category_id"]): row for row in rows}
        if unique:
            found.world.load("amazon_sp__rank", account.account_id, list(unique.values()), (day, day))


def _shopify(found: Business, account: Account) -> None:
    make = found.make
    for day in _days(found):
        rows: list[Row] = [
            {
                "snapshot_date": day,
                "inventory_item_id": make.big_serial(),
                "sku": make.one((sku,) * 9 + (None,)),
                "location_name": f"Dock {n}",
                "is_tracked": make.one((True, True, True, False, None)),
                "available": make.one((make.whole(-3, 30), make.count(-2, 9))),
                "on_hand": make.count(0, 30),
                "committed": make.count(0, 5),
                "incoming": make.count(0, 9),
            }
            for sku in make.some(found.skus, 1)
            for n in range(make.whole(1, 2))
        ]
        found.world.load("shopify__inventory_levels", account.account_id, rows, (day, day))


def _walmart(found: Business, account: Account) -> None:
    make, days = found.make, _days(found)
    for day in days:
        if make.chance(0.85):
            rows: list[Row] = [
                {
                    "snapshot_date": day,
                    "sku": sku,
                    "ship_node": f"N{n}",
                    "input_quantity": 9,
                    "available_quantity": make.count(0, 20),
                    "reserved_quantity": make.count(0, 4),
                }
                for sku in make.some(found.skus, 1)
                for n in range(make.whole(1, 2))
            ]
            found.world.load("walmart__inventory", account.account_id, rows, (day, day))
    if make.chance(0.6):
        for day in make.some(days):
            rows = [
                {
                    "snapshot_date": day,
                    "sku": sku,
                    "ship_node_type": "WFSFulfilled",
                    "available_quantity": make.count(0, 20),
                    "on_hand_quantity": make.count(20, 30),
                }
                for sku in make.some(found.skus, 1)
            ]
            found.world.load("walmart__wfs_inventory", account.account_id, rows, (day, day))


def _tiktok(found: Business, account: Account) -> None:
    make = found.make
    for day in _days(found):
        rows: list[Row] = [
            {
                "snapshot_date": day,
                "sku_id": f"{sku}-id",
                "warehouse_id": f"W{n}",
                "seller_sku": make.one((sku,) * 9 + ("",)),
                "product_status": make.one(
                    ("ACTIVATE", "ACTIVATE", "LIVE", None, "DRAFT", "DELETED", "SELLER_DEACTIVATED")
                ),
                "sku_status": make.one((None, "NORMAL", "ACTIVATE", "PAUSED")),
                "stock": make.count(-1, 25),
                "currency": account.currency,
            }
            for sku in make.some(found.skus, 1)
            for n in range(make.whole(1, 2))
        ]
        found.world.load("tiktok_shop__products", account.account_id, rows, (day, day))


def _warehouse(found: Business) -> None:
    make = found.make
    for day in make.any_days(0, 4):
        rows: list[Row] = [
            {
                "snapshot_date": day,
                "warehouse_id": f"WH{n}",
                "sku": sku,
                "on_hand": make.whole(-3, 40),
                "reserved": make.count(0, 3),
                "in_transit": make.count(0, 9),
            }
            for sku in make.some(found.skus, 1)
            for n in range(make.whole(1, 2))
        ]
        found.world.load("erp__warehouse_stock", found.erp, rows, (day, day))
