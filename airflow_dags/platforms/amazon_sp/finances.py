"""Finances 2024-06-19 (listTransactions): one row a single charge of a transaction's item.

A transaction is read by the day on which it was posted, and its status changes later: a DEFERRED one becomes
DEFERRED_RELEASED, and a RELEASED copy of it is posted with an id of its own. Each pull is complete for the transactions
that it holds; the later knowledge wins. Add up one status at a time: DEFERRED and DEFERRED_RELEASED are not paid out,
their RELEASED copies are.

``amount`` is the charge itself, positive is paid to the seller: only the leaves of the nested breakdowns are rows, so
that the rows of a transaction add up to its total (where the leaves don't, a row `Remainder` does). Instants are UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow_dags.contracts import Column, Contract, Extract
from airflow_dags.errors import ServerUnavailable
from airflow_dags.platforms.amazon_sp.reports import SpStream
from airflow_dags.streams import PullStream

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window

CONTRACT = Contract(
    platform="amazon_sp",
    stream="finances",
    mode="changes",
    key=("transaction_id",),
    unique=("transaction_id", "line_number"),
    owned=("transaction_id",),
    columns=(
        Column("transaction_id", required=True, nullable=False),
        Column("line_number", "integer", required=True, nullable=False),
        Column("transaction_type", required=True),
        Column("transaction_status", required=True, nullable=False),
        Column("description"),
        Column("posted_at", "timestamp", required=True, nullable=False),
        Column("marketplace_id"),
        Column("order_id"),
        Column("shipment_id"),
        Column("refund_id"),
        Column("settlement_id"),
        Column("financial_event_group_id"),
        Column("deferred_transaction_id"),
        Column("release_transaction_id"),
        Column("deferral_reason"),
        Column("matures_at", "timestamp"),
        Column("item_number", "integer"),
        Column("item_id"),
        Column("sku"),
        Column("asin"),
        Column("quantity", "integer"),
        Column("fulfillment_network"),
        # From the outermost group to the charge: "AmazonFees/Commission".
        Column("breakdown_path", required=True, nullable=False),
        Column("amount", "numeric", required=True, nullable=False),
        Column("currency", required=True),
    ),
)
# Names of related identifiers that are columns; others say nothing that a figure needs.
_IDENTIFIERS = (
    "ORDER_ID",
    "SHIPMENT_ID",
    "REFUND_ID",
    "SETTLEMENT_ID",
    "FINANCIAL_EVENT_GROUP_ID",
    "DEFERRED_TRANSACTION_ID",
    "RELEASE_TRANSACTION_ID",
)
REMAINDER = "Remainder"
# Amazon answers for instants that are more than two minutes ago.
_FRESHEST = timedelta(minutes=3)


class Finances(SpStream, PullStream):
    contract = CONTRACT

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        from airflow_dags.documents import table_of_rows

        zone = ZoneInfo(self.time_zone(account))
        latest = datetime.now(timezone.utc) - _FRESHEST
        after = datetime.combine(window.start, time(), zone).astimezone(timezone.utc)
        before = min(datetime.combine(window.end + timedelta(days=1), time(), zone).astimezone(timezone.utc), latest)
        rows: list[dict[str, Any]] = []
        if after < before:
            # No marketplaceId: with it Amazon leaves out orders that the seller shipped (US).
            filters = {"postedAfter": _instant(after), "postedBefore": _instant(before)}
            for transaction in _transactions(client, filters):
                rows += rows_of(transaction)
        return Extract(table_of_rows(rows, [column.name for column in CONTRACT.columns] + _unknown(rows)))


def _transactions(client: Any, filters: dict[str, str]) -> Iterator[dict[str, Any]]:
    from airflow_dags.paging import Page, follow

    def fetch(token: str | None) -> Page:
        # An empty list keeps the library from adding the marketplace in four spellings.
        given = {"marketplaceIds": [], **filters, **({"nextToken": token} if token else {})}
        answer = client.call("Finances", "listTransactions", lambda api: api.list_transactions(**given))
        found = answer.payload.get("transactions")
        if not isinstance(found, list):
            raise ServerUnavailable(f"amazon_sp/{client.account.account_id}: listTransactions answered no list")
        return Page(found, answer.next_token)

    return follow(fetch, "listTransactions", key=lambda one: (one.get("transactionId"), one.get("transactionStatus")))


def rows_of(transaction: dict[str, Any]) -> list[dict[str, Any]]:
    """The transaction's charges under the contract's names; they add up to its total."""
    shared = _shared(transaction)
    rows: list[dict[str, Any]] = []
    items = transaction.get("items") or []
    for number, item in enumerate(items, start=1):
        place = {**shared, "item_number": number, **_product(item)}
        leaves = list(_leaves(item.get("breakdowns"), ""))
        rows += [{**place, "breakdown_path": path, "amount": amount} for path, amount in leaves]
        rest = _amount(item.get("totalAmount")) - sum((amount for _, amount in leaves), Decimal())
        if rest and item.get("totalAmount"):
            rows.append({**place, "breakdown_path": REMAINDER, "amount": rest})
    if not items:
        leaves = list(_leaves(transaction.get("breakdowns"), ""))
        rows = [{**shared, "breakdown_path": path, "amount": amount} for path, amount in leaves]
    rest = _amount(transaction.get("totalAmount")) - sum((row["amount"] for row in rows), Decimal())
    if rest or not rows:
        rows.append({**shared, "breakdown_path": REMAINDER, "amount": rest})
    return [{**row, "line_number": number} for number, row in enumerate(rows, start=1)]


def _shared(transaction: dict[str, Any]) -> dict[str, Any]:
    related = {
        one.get("relatedIdentifierName"): one.get("relatedIdentifierValue")
        for one in transaction.get("relatedIdentifiers") or []
    }
    deferred = _context(transaction, "DeferredContext")
    marketplace = transaction.get("marketplaceDetails") or transaction.get("sellingPartnerMetadata") or {}
    row = {
        "transaction_id": transaction.get("transactionId"),
        "transaction_type": transaction.get("transactionType"),
        "transaction_status": transaction.get("transactionStatus"),
        "description": transaction.get("description"),
        "posted_at": transaction.get("postedDate"),
        "marketplace_id": marketplace.get("marketplaceId"),
        "deferral_reason": deferred.get("deferralReason"),
        "matures_at": deferred.get("maturityDate"),
        "currency": (transaction.get("totalAmount") or {}).get("currencyCode"),
        **{name.lower(): related.get(name) for name in _IDENTIFIERS},
    }
    known = {*_TRANSACTION, "items", "breakdowns", "contexts", "relatedIdentifiers", "totalAmount"}
    return {**row, **{name: value for name, value in transaction.items() if name not in known}}


_TRANSACTION = {
    "transactionId",
    "transactionType",
    "transactionStatus",
    "description",
    "postedDate",
    "marketplaceDetails",
    "sellingPartnerMetadata",
}


def _product(item: dict[str, Any]) -> dict[str, Any]:
    product = _context(item, "ProductContext")
    related = [one.get("itemRelatedIdentifierValue") for one in item.get("relatedIdentifiers") or []]
    return {
        "item_id": related[0] if related else None,
        "sku": product.get("sku"),
        "asin": product.get("asin"),
        "quantity": product.get("quantityShipped"),
        "fulfillment_network": product.get("fulfillmentNetwork"),
    }


def _context(owner: dict[str, Any], kind: str) -> dict[str, Any]:
    return next((one for one in owner.get("contexts") or [] if one.get("contextType") == kind), {})


def _leaves(breakdowns: Any, path: str) -> Iterator[tuple[str, Decimal]]:
    """The innermost charges; the transaction's own list is wrapped once more in Amazon's example."""
    if isinstance(breakdowns, dict):
        breakdowns = breakdowns.get("breakdowns")
    for one in breakdowns or []:
        name = f"{path}/{one.get('breakdownType')}".lstrip("/")
        if one.get("breakdowns"):
            yield from _leaves(one["breakdowns"], name)
        else:
            yield name, _amount(one.get("breakdownAmount"))


def _amount(money: Any) -> Decimal:
    """An amount of the answer; missing is nothing to add."""
    value = (money or {}).get("currencyAmount")
    return Decimal(str(value)) if value is not None else Decimal()


def _unknown(rows: list[dict[str, Any]]) -> list[str]:
    return sorted({name for row in rows for name in row} - set(CONTRACT.by_name))


def _instant(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
