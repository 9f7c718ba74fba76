"""A large settlement report (flat file V2) as Amazon writes it, gzipped: one settlement, its total's row first."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

SETTLEMENT_ID = "19876543210"
# The report's columns and what PostgreSQL holds them as.
COLUMNS = {
    "settlement-id": "text",
    "settlement-start-date": "timestamptz",
    "settlement-end-date": "timestamptz",
    "deposit-date": "timestamptz",
    "total-amount": "numeric",
    "currency": "text",
    "transaction-type": "text",
    "order-id": "text",
    "merchant-order-id": "text",
    "adjustment-id": "text",
    "shipment-id": "text",
    "marketplace-name": "text",
    "amount-type": "text",
    "amount-description": "text",
    "amount": "numeric",
    "fulfillment-id": "text",
    "posted-date": "date",
    "posted-date-time": "timestamptz",
    "order-item-code": "text",
    "merchant-order-item-id": "text",
    "merchant-adjustment-item-id": "text",
    "sku": "text",
    "quantity-purchased": "integer",
    "promotion-id": "text",
}
TOTAL = {
    "settlement-id": SETTLEMENT_ID,
    "settlement-start-date": "2026-11-01 00:00:00 UTC",
    "settlement-end-date": "2026-11-15 00:00:00 UTC",
    "deposit-date": "2026-11-17 00:00:00 UTC",
    "currency": "USD",
}


def write_settlement(path: Path, count: int, shuffled: bool = False) -> int:
    """Write ``count`` rows, the total's among them, in the order of posting unless they are shuffled; returns the size
    of the text in bytes."""
    total = {**TOTAL, "total-amount": expected_total(count)}
    first = "\t".join(total.get(name, "") for name in COLUMNS)
    count -= 1
    numbers, dice = np.arange(count), np.random.default_rng(7)
    # An order's lines are posted at one instant.
    orders = numbers // 6
    seconds = orders * 6 * 1_200_000 // count
    moments = np.datetime64("2026-11-01T00:00:00") + seconds.astype("timedelta64[s]")
    days, times = np.datetime_as_string(moments, "D"), np.datetime_as_string(moments, "s")
    empty = np.full(count, "")
    cents = dice.integers(-3000, 9000, count)
    columns = {
        "settlement-id": np.full(count, SETTLEMENT_ID),
        "settlement-start-date": empty,
        "settlement-end-date": empty,
        "deposit-date": empty,
        "total-amount": empty,
        "currency": empty,
        "transaction-type": np.where(orders % 20 == 0, "Refund", "Order"),
        "order-id": np.char.mod("113-%07d", orders * 7919 % 10_000_000) + np.char.mod("-%07d", orders),
        "merchant-order-id": empty,
        "adjustment-id": empty,
        "shipment-id": np.char.mod("D%08dx", orders),
        "marketplace-name": np.full(count, "Amazon.com"),
        "amount-type": np.choose(numbers % 3, ["ItemPrice", "ItemFees", "Promotion"]),
        "amount-description": np.choose(numbers % 4, ["Principal", "Commission", "FBAPerUnitFulfillmentFee", "Tax"]),
        "amount": np.char.mod("%.2f", cents / 100),
        "fulfillment-id": np.full(count, "AFN"),
        "posted-date": days,
        "posted-date-time": np.char.replace(times, "T", " ") + " UTC",
        "order-item-code": np.char.mod("%014d", numbers * 31),
        "merchant-order-item-id": empty,
        "merchant-adjustment-item-id": empty,
        "sku": np.char.mod("LMP-%05d-US", numbers % 4000),
        "quantity-purchased": np.where(numbers % 4 == 0, "1", ""),
        "promotion-id": empty,
    }
    table = pa.table({name: pa.array(columns[name]) for name in COLUMNS})
    if shuffled:
        table = table.take(dice.permutation(count))
    lines = pa.BufferOutputStream()
    options = csv.WriteOptions(include_header=False, delimiter="\t", quoting_style="none")
    csv.write_csv(table, lines, options)
    content = lines.getvalue()
    size = int(content.size)
    head = "\t".join(COLUMNS) + "\n" + first + "\n"
    with gzip.GzipFile(path, "wb", compresslevel=6, mtime=0) as file:
        file.write(head.encode())
        file.write(content)
    return len(head) + size


def expected_total(count: int) -> str:
    """The sum of the amounts, worked out from the cents that were drawn."""
    cents = int(np.random.default_rng(7).integers(-3000, 9000, count - 1).sum())
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"
