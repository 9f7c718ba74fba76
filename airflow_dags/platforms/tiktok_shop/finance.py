"""Statements (one a UTC day, with the sums that TikTok settles) and their transactions (orders, adjustments).

Amounts are signed from the seller's side: fees and shipping that the seller pays are negative, so that settlement =
revenue + shipping + fees + adjustment. TikTok's reference writes that formula with minus signs, its examples with
signed amounts; both spellings are read (`signed`), and what fits neither is set aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Contract, Extract, Window
from airflow_dags.errors import PagingBroken
from airflow_dags.platforms.tiktok_shop.base import (
    Row,
    TikTokStream,
    bounds,
    cells,
    column,
    fields,
    instant,
    items,
    local_day,
    mapping,
    table_of,
    without_wrong,
    wrong_id,
    zone_of,
)

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.documents import Document

STATEMENTS_PATH = "/finance/202309/statements"
TRANSACTIONS_PATH = "/finance/202501/statements/{statement_id}/statement_transactions"


def _amount(name: str, *sources: str, required: bool = False) -> Any:
    return column(name, *sources, kind="numeric", required=required, nullable=not required)


STATEMENTS = Contract(
    platform="tiktok_shop",
    stream="statements",
    mode="changes",
    report_name="TikTok Shop's statements",
    key=("statement_id",),
    unique=("statement_id",),
    owned=("statement_id",),
    columns=(
        column("statement_id", "statement.id", "Statement ID", required=True, nullable=False),
        column("statement_time", "statement.statement_time", kind="timestamp"),
        # The shop's day on which the statement was made: 00:00 UTC falls on the day before in America.
        column("statement_date", "Statement date", kind="date", required=True, nullable=False),
        column("currency", "statement.currency", "Currency", required=True),
        _amount("settlement_amount", "statement.settlement_amount", "Total settlement amount", required=True),
        # Net sales in the US: what was sold less seller discounts and refunds.
        _amount("revenue_amount", "Net sales", required=True),
        _amount("shipping_amount", "statement.shipping_cost_amount", "Shipping", required=True),
        _amount("fee_amount", "statement.fee_amount", "Fees", required=True),
        _amount("adjustment_amount", "statement.adjustment_amount", "Adjustment amount", required=True),
        column("payment_status", "statement.payment_status", "Status"),
        column("payment_id", "statement.payment_id", "Payment ID"),
        column("paid_at", "statement.payment_time", kind="timestamp"),
    ),
    ignored=frozenset(["statement.revenue_amount", "statement.net_sales_amount"]),
)

# The parts of a transaction that are stored by name; others that aren't 0 are kept in _extra.
PARTS = {
    "gross_sales": ("revenue_breakdown.subtotal_before_discount_amount", "Gross sales"),
    "gross_sales_refund": ("revenue_breakdown.refund_subtotal_before_discount_amount", "Gross sales refund"),
    "seller_discount": ("revenue_breakdown.seller_discount_amount", "Seller discount"),
    "seller_discount_refund": ("revenue_breakdown.seller_discount_refund_amount", "Seller discount refund"),
    "referral_fee": ("fee.referral_fee_amount", "Referral fee"),
    "transaction_fee": ("fee.transaction_fee_amount", "Transaction fee"),
    "platform_commission": ("fee.platform_commission_amount",),
    "refund_administration_fee": ("fee.refund_administration_fee_amount", "Refund administration fee"),
    "affiliate_commission": ("fee.affiliate_commission_amount", "Affiliate commission"),
    "affiliate_partner_commission": ("fee.affiliate_partner_commission_amount", "Affiliate partner commission"),
    "affiliate_ads_commission": ("fee.affiliate_ads_commission_amount", "Affiliate Shop Ads commission"),
    "actual_shipping_fee": ("shipping_cost_breakdown.actual_shipping_fee_amount", "TikTok Shop shipping fee"),
    "customer_paid_shipping_fee": (
        "shipping_cost_breakdown.customer_paid_shipping_fee_amount",
        "Customer-paid shipping fee",
    ),
    "shipping_fee_discount": ("shipping_cost_breakdown.shipping_fee_discount_amount", "TikTok Shop shipping incentive"),
    "return_shipping_fee": ("shipping_cost_breakdown.return_shipping_fee_amount", "Return shipping fee"),
}

TRANSACTIONS = Contract(
    platform="tiktok_shop",
    stream="statement_transactions",
    mode="changes",
    report_name="TikTok Shop's statement transactions",
    key=("statement_id",),
    unique=("statement_id", "transaction_id"),
    owned=("statement_id",),
    columns=(
        column("statement_id", "Statement ID", required=True, nullable=False),
        column("transaction_id", "transaction.id", required=True, nullable=False),
        column("statement_time", kind="timestamp"),
        column("statement_date", "Statement date", kind="date", required=True, nullable=False),
        column("transaction_type", "transaction.type", "Type", required=True),
        column("order_id", "transaction.order_id"),
        column("adjustment_id", "transaction.adjustment_id"),
        column("adjustment_order_id", "transaction.adjustment_order_id", "Related order ID"),
        column("order_created_at", "transaction.order_create_time", kind="timestamp"),
        column("sku_id", "SKU ID"),
        column("quantity", "Quantity", kind="integer"),
        column("currency", "Currency", required=True),
        _amount("settlement_amount", "transaction.settlement_amount", "Total settlement amount", required=True),
        _amount("revenue_amount", "transaction.revenue_amount", "Net sales", required=True),
        _amount("shipping_amount", "transaction.shipping_cost_amount", "Shipping", required=True),
        _amount("fee_amount", "transaction.fee_tax_amount", "Fees", required=True),
        _amount("adjustment_amount", "transaction.adjustment_amount", "Adjustment amount", required=True),
        *(_amount(name, *sources) for name, sources in PARTS.items()),
        # Held back or released under TikTok's reserve policy; not part of the settlement.
        _amount("reserve_amount", "transaction.reserve_amount"),
    ),
    ignored=frozenset(
        [
            *fields(
                "transaction",
                "revenue_breakdown shipping_cost_breakdown fee_tax_breakdown supplementary_component reserve_id "
                "reserve_status associated_order_id estimated_release_time",
            ),
            "shipping_cost_breakdown.supplementary_component",
            "Order/adjustment ID",
            "Payment ID",
            "Status",
            "Product name",
            "SKU name",
            "Order created date",
            "Order delivery date",
        ]
    ),
)
SIGNED = ("revenue", "shipping", "fee", "adjustment")


def signed(row: Mapping[str, Any], names: Mapping[str, str], what: str) -> tuple[dict[str, Any], str | None]:
    """The row with its costs signed from the seller's side, and what is wrong with it (None: its sum holds).

    ``names`` gives the row's cells for settlement, revenue, shipping, fee and adjustment.
    """
    try:
        amounts = {part: Decimal(str(row[name] if row[name] not in (None, "") else 0)) for part, name in names.items()}
    except (KeyError, InvalidOperation):
        return dict(row), None  # a missing or unreadable amount is the contract's to refuse
    costs = amounts["shipping"] + amounts["fee"] + amounts["adjustment"]
    if amounts["settlement"] == amounts["revenue"] + costs:
        return dict(row), None
    if amounts["settlement"] == amounts["revenue"] - costs:
        turned = {names[part]: f"{-amounts[part]:f}" for part in ("shipping", "fee", "adjustment")}
        return {**row, **turned}, None
    return dict(row), (
        f"{what} settles {amounts['settlement']}, which is not revenue {amounts['revenue']} + shipping "
        f"{amounts['shipping']} + fees {amounts['fee']} + adjustment {amounts['adjustment']}"
    )


def checked(rows: Iterable[Row], names: Mapping[str, str], contract: Contract, has_ids: bool = True) -> Extract:
    """An extract of the rows whose sum holds; ``has_ids``: theirs are TikTok's own, as an export's are not."""
    judged = [signed(row, names, f"{contract.stream[:-1]} {number}") for number, row in enumerate(rows, start=1)]
    reasons = [wrong or (wrong_id(row, contract) if has_ids else None) for row, wrong in judged]
    good, broken = without_wrong([row for row, _ in judged], reasons, contract)
    return Extract(table_of(good, contract, contract.report_name), broken=broken)


class Statements(TikTokStream):
    contract = STATEMENTS
    LIST = "statements"
    OBJECT = ("id", "statement_time", "settlement_amount")
    EXPORT = ("Statement ID", "Payment ID", "Total settlement amount", "Statement date")
    EXPORT_WITHOUT = "Order/adjustment ID"
    NAMES = {
        "settlement": "statement.settlement_amount",
        "revenue": "revenue_amount",
        "shipping": "statement.shipping_cost_amount",
        "fee": "statement.fee_amount",
        "adjustment": "statement.adjustment_amount",
    }

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        return self.extract(statements_of(client, account, window, self.page_size), account)

    def extract(self, values: Iterable[Any], account: Account) -> Extract:
        rows = (row for value in values for row in self.rows(value, account))
        return checked(rows, self.NAMES, STATEMENTS)

    def rows(self, value: Any, account: Account) -> Iterable[dict[str, Any]]:
        row = cells("statement", value, STATEMENTS)
        row["statement_date"] = local_day(mapping(value).get("statement_time"), zone_of(account))
        # Sellers in the US and the UK have net sales, others revenue.
        amounts = [mapping(value).get(name) for name in ("net_sales_amount", "revenue_amount")]
        row["revenue_amount"] = next((amount for amount in amounts if amount not in (None, "")), None)
        yield row

    def read_export(self, document: Document, account: Account) -> Extract:
        from airflow_dags.platforms.tiktok_shop.exports import read_statements

        return read_statements(document, account, STATEMENTS)


class StatementTransactions(TikTokStream):
    contract = TRANSACTIONS
    LIST = "transactions"
    OBJECT = ("id", "type", "settlement_amount", "revenue_amount")
    EXPORT = ("Statement ID", "Order/adjustment ID", "Total settlement amount")
    NAMES = {
        "settlement": "transaction.settlement_amount",
        "revenue": "transaction.revenue_amount",
        "shipping": "transaction.shipping_cost_amount",
        "fee": "transaction.fee_tax_amount",
        "adjustment": "transaction.adjustment_amount",
    }

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        rows: list[dict[str, Any]] = []
        for statement in statements_of(client, account, window, self.page_size):
            rows += self._transactions(client, account, mapping(statement))
        return checked(rows, self.NAMES, TRANSACTIONS)

    def _transactions(self, client: Any, account: Account, statement: Mapping[str, Any]) -> list[dict[str, Any]]:
        """All transactions of one statement, which must add up to what it settles."""
        statement_id = str(statement.get("id", ""))
        transactions = client.rows(
            "getStatementTransactions",
            TRANSACTIONS_PATH.format(statement_id=statement_id),
            {"page_size": self.page_size, "sort_field": "order_create_time", "sort_order": "ASC"},
            rows=self.LIST,
            key="id",
        )
        _check_sum(statement_id, statement, transactions)
        rows = [row for transaction in transactions for row in self.rows(transaction, account)]
        common = {
            "statement_id": statement_id,
            "statement_time": instant(statement.get("statement_time")),
            "statement_date": local_day(statement.get("statement_time"), zone_of(account)),
            "currency": statement.get("currency"),
        }
        return [common | row for row in rows]

    def extract_answer(self, data: Mapping[str, Any], account: Account) -> Extract:
        """The API's answer states the statement beside its transactions."""
        common = {
            "statement_id": data.get("id"),
            "statement_time": instant(data.get("create_time")),
            "statement_date": local_day(data.get("create_time"), zone_of(account)),
            "currency": data.get("currency"),
        }
        rows = (common | row for value in items(data.get(self.LIST)) for row in self.rows(value, account))
        return checked(rows, self.NAMES, TRANSACTIONS)

    def rows(self, value: Any, account: Account) -> Iterator[dict[str, Any]]:
        row = cells("transaction", value, TRANSACTIONS)
        for section in ("revenue_breakdown", "shipping_cost_breakdown"):
            row |= _parts(section, mapping(value).get(section))
        fees = mapping(mapping(value).get("fee_tax_breakdown"))
        yield row | _parts("fee", fees.get("fee")) | _parts("tax", fees.get("tax"))

    def read_export(self, document: Document, account: Account) -> Extract:
        from airflow_dags.platforms.tiktok_shop.exports import read_transactions

        return read_transactions(document, account, TRANSACTIONS)


def statements_of(client: Any, account: Account, window: Window, page_size: int) -> list[Any]:
    """The statements that were made on the window's days.

    TikTok doesn't say how many there are, so the list is read forwards and backwards: a page that is left out of one
    shows in the other.
    """
    start, end = bounds(account, window)
    query = {"statement_time_ge": start, "statement_time_lt": end, "sort_field": "statement_time"}
    forwards, backwards = (
        client.rows(
            "getStatements",
            STATEMENTS_PATH,
            {**query, "sort_order": order, "page_size": page_size},
            rows="statements",
            key="id",
        )
        for order in ("ASC", "DESC")
    )
    if sorted(map(str, forwards)) != sorted(map(str, backwards)):
        raise PagingBroken(
            f"the statements of {window} changed while they were read: {len(forwards)} forwards, {len(backwards)} "
            f"backwards; nothing was changed; a retry reads them again"
        )
    return forwards  # type: ignore[no-any-return]


def _parts(section: str, value: Any) -> dict[str, Any]:
    """The amounts of a breakdown; TikTok lists some hundred kinds, of which nearly all are 0."""
    return {
        name: amount
        for name, amount in cells(section, value, TRANSACTIONS).items()
        if not isinstance(amount, (dict, list)) and (name in KNOWN_PARTS or str(amount or "").strip("0.-"))
    }


KNOWN_PARTS = frozenset(sources[0] for sources in PARTS.values())


def _check_sum(statement_id: str, statement: Mapping[str, Any], transactions: list[Any]) -> None:
    """Refuse transactions that don't add up to their statement: some are missing, or it changed while it was read."""
    try:
        settled = Decimal(str(statement["settlement_amount"]))
        total = sum((Decimal(str(mapping(t).get("settlement_amount") or 0)) for t in transactions), Decimal(0))
    except (KeyError, InvalidOperation):
        return  # unreadable amounts are the contract's to refuse
    if settled != total:
        raise PagingBroken(
            f"statement {statement_id} settles {settled}, its {len(transactions)} transactions {total}; nothing was "
            f"changed; a retry reads them again"
        )
