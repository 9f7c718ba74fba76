"""Refunds: one row a refunded line, refunded shipping, or adjustment, in the shop's own currency, instants in UTC.

A bulk operation refuses a list of pages within a list (an order's refunds and their lines), so refunds are read page by
page, of the refunded orders that changed. A refund's rows come together; gross less discounts less the amounts of rows
of kind ``line`` is what the goods brought.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow_dags.contracts import Column, Contract, Extract
from airflow_dags.paging import Page, follow
from airflow_dags.platforms.shopify.bulk import Object, inner, number_of, shop_money, updated_in
from airflow_dags.platforms.shopify.cells import Mapped, cells, same
from airflow_dags.streams import PullStream, StreamSettings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window

_MONEY = "{ shopMoney { amount } }"
_LINES = f"""
  nodes {{ id quantity restockType lineItem {{ id sku }} subtotalSet {_MONEY} totalTaxSet {_MONEY} }}
  pageInfo {{ hasNextPage endCursor }}
"""
_SHIPPING = f"nodes {{ id subtotalAmountSet {_MONEY} taxAmountSet {_MONEY} }} pageInfo {{ hasNextPage endCursor }}"
_ADJUSTMENTS = f"nodes {{ id reason amountSet {_MONEY} taxAmountSet {_MONEY} }} pageInfo {{ hasNextPage endCursor }}"
PARTS = {"refundLineItems": _LINES, "refundShippingLines": _SHIPPING, "orderAdjustments": _ADJUSTMENTS}
COUNT = "query Count($query: String!) { ordersCount(query: $query, limit: null) { count precision } }"
LIST = f"""
query Refunds($query: String!, $orders: Int!, $lines: Int!, $after: String) {{
  orders(first: $orders, after: $after, query: $query, sortKey: UPDATED_AT) {{
    nodes {{
      id name currencyCode
      refunds {{
        id createdAt updatedAt note return {{ id }}
        refundLineItems(first: $lines) {{ {_LINES} }}
        refundShippingLines(first: 2) {{ {_SHIPPING} }}
        orderAdjustments(first: 2) {{ {_ADJUSTMENTS} }}
      }}
    }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
IS_REFUNDED = "(financial_status:refunded OR financial_status:partially_refunded)"

CONTRACT = Contract(
    platform="shopify",
    stream="refunds",
    mode="changes",
    key=("refund_id",),
    version="updated_at",
    unique=("refund_id", "kind", "refund_line_id"),
    owned=("refund_id",),
    seller_ids=("sku",),
    columns=(
        Column("refund_id", "bigint", required=True, nullable=False),
        # line, shipping or adjustment (money given back that belongs to no line).
        Column("kind", required=True, nullable=False),
        Column("refund_line_id", "bigint", nullable=False),
        Column("order_id", "bigint", required=True, nullable=False),
        Column("order_name"),
        # When the refund was made: its day is the shop's own.
        Column("refunded_at", "timestamp", required=True, nullable=False),
        Column("updated_at", "timestamp", required=True, nullable=False),
        Column("currency", required=True, nullable=False),
        Column("line_id", "bigint"),
        Column("sku"),
        Column("quantity", "integer"),
        # Without tax; the sign is that of Shopify: positive is money given back.
        Column("amount", "numeric", required=True),
        Column("tax_amount", "numeric"),
        Column("restock_type"),
        Column("reason"),
        Column("return_id", "bigint"),
    ),
    ignored=frozenset(["note"]),
)
REFUND: Mapped = {
    "id": ("refund_id", number_of),
    "createdAt": ("refunded_at", same),
    "updatedAt": ("updated_at", same),
    "return": ("return_id", lambda value: number_of(inner(value, "id"))),
}
ORDER: Mapped = {"id": ("order_id", number_of), "name": ("order_name", same), "currencyCode": ("currency", same)}
ROWS: dict[str, tuple[str, Mapped]] = {
    "refundLineItems": (
        "line",
        {
            "id": ("refund_line_id", number_of),
            "quantity": ("quantity", same),
            "restockType": ("restock_type", same),
            "subtotalSet": ("amount", shop_money),
            "totalTaxSet": ("tax_amount", shop_money),
        },
    ),
    "refundShippingLines": (
        "shipping",
        {
            "id": ("refund_line_id", number_of),
            "subtotalAmountSet": ("amount", shop_money),
            "taxAmountSet": ("tax_amount", shop_money),
        },
    ),
    "orderAdjustments": (
        "adjustment",
        {
            "id": ("refund_line_id", number_of),
            "reason": ("reason", same),
            "amountSet": ("amount", shop_money),
            "taxAmountSet": ("tax_amount", shop_money),
        },
    ),
}


class Refunds(PullStream):
    """Refunds of the orders that were last updated in the window."""

    def __init__(self, settings: StreamSettings, time_zone: Any) -> None:
        self.contract, self.settings, self._time_zone = CONTRACT, settings, time_zone

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        from airflow_dags.documents import table_of_rows

        rows = [
            row
            for order in self._orders(client, account, window)
            for refund in order.get("refunds") or []
            for row in self._rows(client, order, refund)
        ]
        names = [column.name for column in CONTRACT.columns if not rows and column.required]
        return Extract(table_of_rows(rows, list(dict.fromkeys([*names, *(name for row in rows for name in row)]))))

    def _orders(self, client: Any, account: Account, window: Window) -> Iterator[Object]:
        search = f"{updated_in(window, ZoneInfo(self._time_zone(account)))} AND {IS_REFUNDED}"
        options = self.settings.options or {}
        variables = {"query": search, "orders": options["orders_per_page"], "lines": options["lines_per_refund"]}
        promised = client.query("ordersCount", COUNT, {"query": search}).get("ordersCount") or {}
        exact = promised.get("precision") == "EXACT" and str(promised.get("count")).isdigit()
        count = int(promised["count"]) if exact else None

        def fetch(cursor: str | None) -> Page:
            found = client.query("refunds", LIST, {**variables, "after": cursor}).get("orders") or {}
            return Page(found.get("nodes") or [], next_of(found), count)

        yield from follow(fetch, f"{client.title}: refunds", key=lambda order: order.get("id") or id(order))

    def _rows(self, client: Any, order: Object, refund: Object) -> Iterator[dict[str, Any]]:
        whole = {
            **cells(order, ORDER, structure=["refunds"]),
            **cells(refund, REFUND, structure=[*PARTS, "note"]),
        }
        for part, (kind, mapping) in ROWS.items():
            for found in parts_of(client, refund, part):
                row = {**whole, "kind": kind, **cells(found, mapping, structure=["lineItem"])}
                if kind == "line":
                    row["line_id"] = number_of(inner(found, "lineItem", "id"))
                    row["sku"] = inner(found, "lineItem", "sku")
                    row["reason"] = refund.get("note")
                yield row


def parts_of(client: Any, refund: Object, part: str) -> Iterator[Object]:
    """A refund's lines: those that came with it, and the further pages."""

    def fetch(cursor: str | None) -> Page:
        found = refund.get(part) or {}
        if cursor is not None:
            text = (
                "query More($id: ID!, $after: String) "
                f"{{ refund(id: $id) {{ {part}(first: 50, after: $after) {{ {PARTS[part]} }} }} }}"
            )
            answer = client.query("refund", text, {"id": refund.get("id"), "after": cursor})
            found = (answer.get("refund") or {}).get(part) or {}
        return Page(found.get("nodes") or [], next_of(found))

    yield from follow(fetch, f"{client.title}: {part}", key=lambda found: found.get("id") or id(found))


def next_of(connection: Object) -> str | None:
    info = connection.get("pageInfo") or {}
    return info.get("endCursor") if info.get("hasNextPage") else None
