"""Finances 2024-06-19: listTransactions, in pages, by the instant at which transactions were posted.

A range of more than 180 days answers with nothing, as documented. Amounts are JSON numbers; what a transaction consists
of is nested under its items, down to single charges.
"""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from airflow_dags.sandbox.amazon_sp.calls import invalid, operation
from airflow_dags.sandbox.amazon_sp.kinds import instant
from airflow_dags.sandbox.amazon_sp.pages import Answers
from airflow_dags.sandbox.business.catalogue import CURRENCY, MARKETPLACE_ID
from airflow_dags.sandbox.business.money import Amount, Item, Transaction, transactions
from airflow_dags.sandbox.content import Place, page_of
from airflow_dags.sandbox.state import SandboxState, iso, now

PAGE = 100
LONGEST = timedelta(days=180)
STATUSES = ("DEFERRED", "RELEASED", "DEFERRED_RELEASED")
FILTERS = ("postedAfter", "postedBefore", "marketplaceId", "transactionStatus")
# A settlement line's (amount type, description) as the path of its breakdown.
PATHS = {
    ("ItemPrice", "Principal"): ("ProductCharges", "OurPricePrincipal"),
    ("ItemPrice", "Shipping"): ("Shipping", "ShippingPrincipal"),
    ("ItemPrice", "Tax"): ("Tax", "OurPriceTax"),
    ("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal"): ("Tax", "MarketplaceFacilitatorTax-Principal"),
    ("Promotion", "Principal"): ("PromoRebates", "PromotionMetaDataDefinitionValue"),
    ("ItemFees", "Commission"): ("AmazonFees", "Commission"),
    ("ItemFees", "FBAPerUnitFulfillmentFee"): ("AmazonFees", "FBAPerUnitFulfillmentFee"),
    ("ItemFees", "RefundCommission"): ("AmazonFees", "RefundCommission"),
    ("other-transaction", "Storage Fee"): ("AmazonFees", "FBAStorageFee"),
    ("other-transaction", "Subscription Fee"): ("AmazonFees", "Subscription"),
    ("Cost of Advertising", "TransactionTotalAmount"): ("AmazonFees", "ProductAdsPayment"),
}


def _money(cents: int) -> dict[str, Any]:
    return {"currencyAmount": cents / 100, "currencyCode": CURRENCY}


def _breakdowns(amounts: tuple[Amount, ...]) -> list[dict[str, Any]]:
    """Groups of charges with what they are made of."""
    groups: dict[str, list[tuple[str, int]]] = {}
    for amount in amounts:
        group, leaf = PATHS[amount.amount_type, amount.description]
        groups.setdefault(group, []).append((leaf, amount.cents))
    return [
        {
            "breakdownType": group,
            "breakdownAmount": _money(sum(cents for _, cents in leaves)),
            "breakdowns": [
                {"breakdownType": leaf, "breakdownAmount": _money(cents), "breakdowns": []} for leaf, cents in leaves
            ],
        }
        for group, leaves in groups.items()
    ]


def _item(transaction: Transaction, item: Item) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": item.sku.name if item.sku else transaction.description,
        "totalAmount": _money(item.total),
        "breakdowns": _breakdowns(item.amounts),
    }
    if item.sku is not None and item.code is not None:
        is_merchant = transaction.order is not None and transaction.order.is_merchant_fulfilled
        context = {
            "contextType": "ProductContext",
            "asin": item.sku.asin,
            "sku": item.sku.sku,
            "quantityShipped": item.quantity,
            "fulfillmentNetwork": "MFN" if is_merchant else "AFN",
        }
        identifier = {
            "itemRelatedIdentifierName": "ORDER_ADJUSTMENT_ITEM_ID",
            "itemRelatedIdentifierValue": item.code,
        }
        answer |= {"relatedIdentifiers": [identifier], "contexts": [context]}
    return answer


def transaction_answer(transaction: Transaction, seller_id: str) -> dict[str, Any]:
    """One transaction as the API shows it."""
    related = []
    if transaction.order is not None:
        related.append(("ORDER_ID", transaction.order.order_id))
    if transaction.related_id is not None:
        is_release = transaction.status == "RELEASED"
        related.append(("DEFERRED_TRANSACTION_ID" if is_release else "RELEASE_TRANSACTION_ID", transaction.related_id))
    answer: dict[str, Any] = {
        "transactionId": transaction.transaction_id,
        "sellingPartnerMetadata": {
            "sellingPartnerId": seller_id,
            "accountType": "Standard Orders",
            "marketplaceId": MARKETPLACE_ID,
        },
        "relatedIdentifiers": [
            {"relatedIdentifierName": name, "relatedIdentifierValue": value} for name, value in related
        ],
        "transactionType": transaction.kind,
        "transactionStatus": transaction.status,
        "description": transaction.description,
        "postedDate": iso(transaction.posted_at),
        "totalAmount": _money(transaction.total),
        "marketplaceDetails": {"marketplaceId": MARKETPLACE_ID, "marketplaceName": "Amazon.com"},
        "items": [_item(transaction, item) for item in transaction.items],
        "breakdowns": _breakdowns(tuple(amount for item in transaction.items for amount in item.amounts)),
    }
    if transaction.matures_at is not None and transaction.status != "RELEASED":
        maturity = {
            "contextType": "DeferredContext",
            "deferralReason": "DD7",
            "maturityDate": iso(transaction.matures_at),
        }
        answer["contexts"] = [maturity]
    return answer


def _filters() -> tuple[dict[str, Any], int]:
    """The call's filters, checked, and where it goes on; the token must come with the filters that made it."""
    given = {name: request.args.get(name) for name in FILTERS}
    if not given["postedAfter"]:
        raise invalid("Start date cannot be null")
    if given["transactionStatus"] not in (None, *STATUSES):
        raise invalid(f"transactionStatus {given['transactionStatus']!r} is not valid")
    if given["marketplaceId"] not in (None, MARKETPLACE_ID):
        raise invalid(f"marketplaceId {given['marketplaceId']!r}: the seller sells in {MARKETPLACE_ID} only")
    latest = now() - timedelta(minutes=2)
    try:
        after = instant(given["postedAfter"])
        before = instant(given["postedBefore"]) if given["postedBefore"] else latest
    except ValueError:
        raise invalid("postedAfter and postedBefore must be ISO 8601 date times") from None
    if max(after, before) > latest:
        raise invalid("postedAfter and postedBefore must be more than two minutes ago")
    if after >= before:
        raise invalid("postedBefore must be later than postedAfter")
    if "nextToken" not in request.args:
        return {**given, "after": after, "before": before}, 0
    try:
        token = json.loads(base64.urlsafe_b64decode(request.args["nextToken"]))
        if token["filters"] != given:
            raise invalid("nextToken must come with the parameters of the call that gave it")
        return {**given, "after": after, "before": before}, int(token["offset"])
    except (ValueError, KeyError, TypeError):
        raise invalid("nextToken is not valid") from None


def add_routes(routes: Blueprint, state: SandboxState) -> None:
    @routes.get("/finances/2024-06-19/transactions")
    @operation(state, "listTransactions")
    def list_transactions(account_id: str) -> Response:
        wanted, offset = _filters()
        found = [
            one
            for one in transactions(state.business, account_id, state.revision)
            if wanted["after"] <= one.posted_at < wanted["before"] and wanted["transactionStatus"] in (None, one.status)
        ]
        if wanted["before"] - wanted["after"] > LONGEST:
            found = []
        seller_id = state.credentials.seller_id(account_id)
        answers = Answers(found, lambda one: transaction_answer(one, seller_id))
        page, following = page_of(state, Place("amazon_sp", "finances", account_id), answers, offset, PAGE)
        payload: dict[str, Any] = {"transactions": page}
        if following is not None:
            token = {"filters": {name: wanted[name] for name in FILTERS}, "offset": following}
            payload["nextToken"] = base64.urlsafe_b64encode(json.dumps(token).encode()).decode()
        return jsonify({"payload": payload})
