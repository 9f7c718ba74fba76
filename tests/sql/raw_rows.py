# ruff: noqa: E501 - tables of rows and SQL read better on one line
"""Puts hand-made rows into the raw tables as the loader would: each load has an id, and a row in the ledger."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg2
from psycopg2.extras import execute_values

from airflow_dags.loader import ensure_schema
from airflow_dags.registry import contracts, platforms

Row = dict[str, Any]


class Warehouse:
    """A database with raw tables. Every call commits."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.connection = psycopg2.connect(uri)
        self.connection.autocommit = True

    def close(self) -> None:
        self.connection.close()

    def execute(self, sql: str, *parameters: Any) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)

    def query(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return cursor.fetchall()

    def one(self, sql: str, *parameters: Any) -> Any:
        """The first column of the only row; None where there is no row."""
        rows = self.query(sql, *parameters)
        assert len(rows) <= 1, rows
        return rows[0][0] if rows else None

    def value(self, kpi_id: str, entity_id: str, period_start: str, grain: str = "month") -> Any:
        return self.one(
            "select value from kpi.kpi_values where kpi_id = %s and entity_id = %s and grain = %s and period_start = %s",
            kpi_id,
            entity_id,
            grain,
            period_start,
        )

    def create_raw_tables(self) -> None:
        """All raw tables, as the loader makes them of the streams' contracts."""
        ensure_schema(self.uri, contracts())

    def account(
        self,
        account_id: str,
        currency: str = "USD",
        time_zone: str = "America/Los_Angeles",
        platform: str = "amazon",
    ) -> None:
        self.execute(
            "insert into raw.accounts (account_id, platform, account_name, currency, time_zone, updated_at) "
            "values (%s, %s, %s, %s, %s, now())",
            account_id,
            platform,
            account_id.replace("_", " ").title(),
            currency,
            time_zone,
        )

    def load(
        self,
        platform: str,
        stream: str,
        account_id: str,
        rows: list[Row],
        window: tuple[str, str] | None = None,
        state: str | None = None,
        finished_at: str = "2026-11-23 10:00:00+00",
        error: str | None = None,
    ) -> None:
        """Insert rows under a load of their own; its mode is that of the stream's contract. Window: first and last day."""
        load_id = str(uuid.uuid4())
        mode = platforms()[platform].streams[stream].contract.mode
        table = f"raw.{platform}__{stream}"
        for row in rows:
            full = {**row, "_account_id": account_id, "_load_id": load_id, "_loaded_at": finished_at}
            columns = ", ".join(full)
            with self.connection.cursor() as cursor:
                execute_values(cursor, f"insert into {table} ({columns}) values %s", [tuple(full.values())])
        self.execute(
            "insert into raw.load_ledger (load_id, platform, stream, account_id, mode, window_start, window_end, rows_loaded, "
            "state, error, started_at, finished_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            load_id,
            platform,
            stream,
            account_id,
            mode,
            *(window or (None, None)),
            len(rows),
            state or ("loaded" if rows else "empty"),
            error,
            finished_at,
            finished_at,
        )

    def stream(self, platform: str, stream: str, settled_days: int = 0, lag_days: int = 0) -> None:
        self.execute("insert into raw.streams values (%s, %s, %s, %s)", platform, stream, settled_days, lag_days)

    def target(
        self, kpi_id: str, entity_id: str, target_value: str, period_start: str = "2026-11-01", **more: Any
    ) -> None:
        row = {
            "target_id": f"{kpi_id} {entity_id} {period_start}",
            "version": 1,
            "kpi_id": kpi_id,
            "entity_kind": entity_id.split(":", maxsplit=1)[0],
            "entity_id": entity_id,
            "grain": "month",
            "period_start": period_start,
            "target_value": target_value,
            **more,
        }
        with self.connection.cursor() as cursor:
            execute_values(cursor, f"insert into kpi.kpi_targets ({', '.join(row)}) values %s", [tuple(row.values())])


def order_line(
    order_id: str, number: int, purchased_at: str, sku: str, quantity: int, price: str | None, **more: Any
) -> Row:
    return {
        "amazon_order_id": order_id,
        "line_number": number,
        "purchase_date": purchased_at,
        "last_updated_date": purchased_at,
        "order_status": "Shipped",
        "sales_channel": "Amazon.com",
        "item_status": "Shipped",
        "sku": sku,
        "quantity": quantity,
        "currency": "USD",
        "item_price": price,
        "item_promotion_discount": "0",
        **more,
    }


def traffic_row(level: str, day: str, sku: str | None, sessions: int, page_views: int, buy_box: str, units: int) -> Row:
    return {
        "row_level": level,
        "period_start": day,
        "period_end": day,
        "sku": sku,
        "sessions": sessions,
        "page_views": page_views,
        "buy_box_percentage": buy_box,
        "units_ordered": units,
        "ordered_product_sales": "0",
        "currency": "USD",
    }


def ad_row(
    day: str, ad_group: str, cost: str, sales: str, clicks: int, impressions: int, sku: str | None = None
) -> Row:
    row = {
        "date": day,
        "campaign_id": "c1",
        "ad_group_id": ad_group,
        "campaign_budget_currency_code": "USD",
        "cost": cost,
        "sales_7d": sales,
        "purchases_7d": 1,
        "clicks": clicks,
        "impressions": impressions,
    }
    return {**row, "ad_id": f"ad-{sku}", "advertised_sku": sku} if sku else {**row, "campaign_status": "ENABLED"}
