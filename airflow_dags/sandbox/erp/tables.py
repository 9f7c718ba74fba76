"""The seller's ERP as CSV and Excel files or as a SQL database: a table a stream, under the contract's names."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.erp.rows import ROWS as _ROWS

ERP_ACCOUNT_ID = "erp_main"
SCHEMA = "erp"

# stream: columns with their PostgreSQL types, in the order of the files.
STREAMS = {
    "products": {
        "sku": "text primary key",
        "account_id": "text",
        "asin": "text",
        "product_name": "text not null",
        "category": "text",
        "brand": "text",
        "owner_id": "text",
        "team_id": "text",
    },
    "unit_costs": {
        "sku": "text not null",
        "valid_from": "date not null",
        "valid_to": "date",
        "unit_cost": "numeric(12, 2) not null",
        "currency": "text not null",
    },
    "staff": {
        "employee_id": "text primary key",
        "employee_name": "text not null",
        "team_id": "text not null",
        "team_name": "text not null",
        "role": "text",
        "email": "text",
    },
    "teams": {
        "team_id": "text primary key",
        "team_name": "text not null",
        "parent_team_id": "text",
        "leader_id": "text",
    },
    "landed_costs": {
        "sku": "text not null",
        "valid_from": "date not null",
        "valid_to": "date",
        "freight_per_unit": "numeric(12, 2) not null",
        "tariff_per_unit": "numeric(12, 2) not null",
        "currency": "text not null",
    },
    "warehouse_stock": {
        "warehouse_id": "text not null",
        "warehouse_name": "text not null",
        "sku": "text not null",
        "on_hand": "integer not null",
        "reserved": "integer not null",
        "in_transit": "integer not null",
    },
    "purchase_orders": {
        "purchase_order_id": "text not null",
        "line_number": "integer not null",
        "supplier_id": "text not null",
        "sku": "text not null",
        "status": "text not null",
        "ordered_on": "date not null",
        "expected_on": "date not null",
        "received_on": "date",
        "quantity_ordered": "integer not null",
        "quantity_received": "integer",
        "unit_cost": "numeric(12, 2) not null",
        "currency": "text not null",
    },
    "sales": {
        "date": "date not null",
        "account_id": "text not null",
        "order_id": "text not null",
        "kind": "text not null",
        "line_number": "integer not null",
        "sku": "text not null",
        "quantity": "integer not null",
        "amount": "numeric(14, 2) not null",
        "discount": "numeric(14, 2) not null",
        "currency": "text not null",
    },
    "fees": {
        "date": "date not null",
        "account_id": "text not null",
        "fee_type": "text not null",
        "reference": "text not null",
        "amount": "numeric(14, 2) not null",
        "currency": "text not null",
    },
    "fx_rates": {
        "date": "date not null",
        "from_currency": "text not null",
        "to_currency": "text not null",
        "rate": "numeric(18, 6) not null",
    },
    "budgets": {
        "budget_type": "text not null",
        "entity_kind": "text not null",
        "entity_id": "text not null",
        "period_start": "date not null",
        "period_end": "date not null",
        "amount": "numeric(14, 2) not null",
        "currency": "text not null",
    },
    "headcount": {
        "team_id": "text not null",
        "month": "date not null",
        "planned": "integer not null",
        "actual": "integer",
    },
    "promotions": {
        "promotion_id": "text primary key",
        "kind": "text not null",
        "promotion_name": "text not null",
        "starts_on": "date not null",
        "ends_on": "date not null",
        "threshold_factor": "numeric(6, 2)",
        "pace_factor": "numeric(6, 2)",
    },
    "scores": {
        "date": "date not null",
        "entity_kind": "text not null",
        "entity_id": "text not null",
        "score": "text not null",
        "value": "numeric(10, 2)",
        "promoters": "integer",
        "detractors": "integer",
        "responses": "integer",
    },
}
# What is booked by day is asked for by day.
BOOKED = ("sales", "fees", "fx_rates")
QUERIES = {
    stream: f"select {', '.join(columns)} from {SCHEMA}.{stream}"  # noqa: S608
    + (" where date between :first_day and :last_day" if stream in BOOKED else "")
    for stream, columns in STREAMS.items()
}


def erp_connections(url: str | None, files_dir: str | None) -> dict[str, dict[str, Any]]:
    """The ERP's connection; it needs to be told where the data are, and without that there is none."""
    if not url and not files_dir:
        return {}
    extra: dict[str, Any] = {"account_id": ERP_ACCOUNT_ID}
    if url:
        extra |= {"url": url, "queries": QUERIES}
    else:
        extra["files_dir"] = files_dir
    return {f"erp_{ERP_ACCOUNT_ID}": {"conn_type": "erp", "extra": extra}}


def erp_rows(business: Business, stream: str, revision: int = 0) -> list[tuple[Any, ...]]:
    """The stream's rows in the order of its columns; raises KeyError for a stream the ERP doesn't have."""
    return list(_ROWS[stream](business, revision))


def erp_csv(business: Business, stream: str, revision: int = 0) -> bytes:
    """UTF-8 with a byte order mark, as Excel writes and needs it for names beyond ASCII."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(STREAMS[stream])
    writer.writerows(erp_rows(business, stream, revision))
    return text.getvalue().encode("utf-8-sig")


def erp_xlsx(business: Business, stream: str, revision: int = 0) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(stream)
    sheet.append(list(STREAMS[stream]))
    for row in erp_rows(business, stream, revision):
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def write_erp_files(business: Business, folder: Path, revision: int = 0) -> list[Path]:
    """Writes a file a stream, unit_costs as Excel and the others as CSV: both kinds of file an ERP exports."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for stream in STREAMS:
        suffix = "xlsx" if stream == "unit_costs" else "csv"
        write = erp_xlsx if suffix == "xlsx" else erp_csv
        path = folder / f"{stream}.{suffix}"
        path.write_bytes(write(business, stream, revision))
        written.append(path)
    return written


def write_erp_database(url: str, business: Business, revision: int = 0) -> dict[str, int]:
    """Fills the tables of schema erp in a PostgreSQL database, in one transaction; rows by table.

    `url` is a SQLAlchemy URL (postgresql+psycopg://...) or any DSN that psycopg takes. The tables are replaced.
    """
    import psycopg

    scheme, separator, rest = url.partition("://")
    dsn = f"{scheme.partition('+')[0]}://{rest}" if separator else url
    counts = {}
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(f"create schema if not exists {SCHEMA}")
        for stream, columns in STREAMS.items():
            definition = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            cursor.execute(f"drop table if exists {SCHEMA}.{stream}")
            cursor.execute(f"create table {SCHEMA}.{stream} ({definition})")
            rows = erp_rows(business, stream, revision)
            with cursor.copy(f"copy {SCHEMA}.{stream} from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
            counts[stream] = len(rows)
    return counts
