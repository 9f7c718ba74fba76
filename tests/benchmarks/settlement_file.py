"""A large settlement report (flat file V2) as Amazon writes it: one settlement, its details one a line, gzipped."""

from __future__ import annotations

import gzip
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from airflow_dags.contracts import Column, Contract

SETTLEMENT_ID = "19876543210"
_TEXTS = [
    "transaction-type",
    "order-id",
    "merchant-order-id",
    "adjustment-id",
    "shipment-id",
    "marketplace-name",
    "amount-type",
    "amount-description",
]


def _column(name: str, kind: str = "text", required: bool = False) -> Column:
    nullable = name not in ("settlement-id", "line-number")
    return Column(name.replace("-", "_"), kind, required, nullable, sources=(name,))  # type: ignore[arg-type]


CONTRACT = Contract(
    platform="bench",
    stream="settlement",
    mode="changes",
    report_name="GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
    key=("settlement_id",),
    unique=("settlement_id", "line_number"),
    columns=(
        _column("settlement-id", required=True),
        _column("line-number", "integer"),
        _column("settlement-start-date", "timestamp"),
        _column("settlement-end-date", "timestamp"),
        _column("deposit-date", "timestamp"),
        _column("total-amount", "numeric"),
        _column("currency"),
        *(_column(name) for name in _TEXTS),
        _column("amount", "numeric", required=True),
        _column("fulfillment-id"),
        _column("posted-date", "date"),
        _column("posted-date-time", "timestamp"),
        _column("order-item-code"),
        _column("merchant-order-item-id"),
        _column("merchant-adjustment-item-id"),
        _column("sku"),
        _column("quantity-purchased", "integer"),
        _column("promotion-id"),
    ),
)
FILE_COLUMNS = [column.names[0] for column in CONTRACT.columns if column.name != "line_number"]


def write_settlement(path: Path, count: int) -> int:
    """Write ``count`` details; returns the size of the text in bytes."""
    numbers, dice = np.arange(count), np.random.default_rng(7)
    moments = np.datetime64("2026-11-01T00:00:00") + (numbers * 1_200_000 // count).astype("timedelta64[s]")
    days, times = np.datetime_as_string(moments, "D"), np.datetime_as_string(moments, "s")
    orders = numbers // 6
    empty = np.full(count, "")
    cents = dice.integers(-3000, 9000, count)
    columns = {
        "settlement-id": np.full(count, SETTLEMENT_ID),
        "settlement-start-date": np.full(count, "2026-11-01 00:00:00 UTC"),
        "settlement-end-date": np.full(count, "2026-11-15 00:00:00 UTC"),
        "deposit-date": np.full(count, "2026-11-17 00:00:00 UTC"),
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
    table = pa.table({name: pa.array(columns[name]) for name in FILE_COLUMNS})
    text = pa.BufferOutputStream()
    options = csv.WriteOptions(delimiter="\t", quoting_style="none", quoting_header="none")
    csv.write_csv(table, text, options)
    content = text.getvalue()
    with gzip.GzipFile(path, "wb", compresslevel=6, mtime=0) as file:
        file.write(content)
    return int(content.size)


def expected_total(count: int) -> str:
    """The sum of the amounts, worked out from the cents that were drawn."""
    cents = int(np.random.default_rng(7).integers(-3000, 9000, count).sum())
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"


KNOWN_AT = datetime(2026, 11, 17, tzinfo=timezone.utc)
