"""The seller's ERP: products, unit costs with validity dates and staff, as CSV and Excel files or as a SQL database."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.catalogue import CURRENCY

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
}
QUERIES = {stream: f"select {', '.join(columns)} from {SCHEMA}.{stream}" for stream, columns in STREAMS.items()}  # noqa: S608


def erp_connections(url: str | None, files_dir: str | None) -> dict[str, dict[str, Any]]:
    """The ERP's connection; it needs to be told where the data are, and without that there is none."""
    if not url and not files_dir:
        return {}
    extra: dict[str, Any] = {"account_id": ERP_ACCOUNT_ID}
    extra |= {"url": url, "queries": QUERIES} if url else {"files_dir": files_dir}
    return {f"erp_{ERP_ACCOUNT_ID}": {"conn_type": "erp", "extra": extra}}


def erp_rows(business: Business, stream: str) -> list[tuple[Any, ...]]:
    """The stream's rows in the order of its columns; raises KeyError for a stream the ERP doesn't have."""
    catalogue = business.catalogue
    if stream == "products":
        return [
            (
                sku.sku,
                sku.account_id,
                sku.asin,
                sku.name,
                sku.cell.category,
                sku.brand,
                sku.cell.owner.employee_id,
                sku.cell.owner.team_id,
            )
            for sku in catalogue.skus
        ]
    if stream == "unit_costs":
        return [
            (sku.sku, cost.valid_from, cost.valid_to, Decimal(cost.cents).scaleb(-2), CURRENCY)
            for sku in catalogue.skus
            for cost in sku.costs
        ]
    if stream == "staff":
        return [(p.employee_id, p.name, p.team_id, p.team_name, p.role, p.email) for p in catalogue.people]
    raise KeyError(stream)


def erp_csv(business: Business, stream: str) -> bytes:
    """UTF-8 with a byte order mark, as Excel writes and needs it for names beyond ASCII."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(STREAMS[stream])
    writer.writerows(erp_rows(business, stream))
    return text.getvalue().encode("utf-8-sig")


def erp_xlsx(business: Business, stream: str) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(stream)
    sheet.append(list(STREAMS[stream]))
    for row in erp_rows(business, stream):
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def write_erp_files(business: Business, folder: Path) -> list[Path]:
    """Writes products.csv, unit_costs.xlsx and staff.csv: both kinds of file an ERP exports."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for stream, suffix in (("products", "csv"), ("unit_costs", "xlsx"), ("staff", "csv")):
        content = erp_csv(business, stream) if suffix == "csv" else erp_xlsx(business, stream)
        path = folder / f"{stream}.{suffix}"
        path.write_bytes(content)
        written.append(path)
    return written


def write_erp_database(url: str, business: Business) -> dict[str, int]:
    """Fills erp.products, erp.unit_costs and erp.staff in a PostgreSQL database, in one transaction; rows by table.

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
            rows = erp_rows(business, stream)
            with cursor.copy(f"copy {SCHEMA}.{stream} from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
            counts[stream] = len(rows)
    return counts
