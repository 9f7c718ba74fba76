"""Statements and their transactions as TikTok's finance API writes them: signed amounts as text."""

from __future__ import annotations

from typing import Any

from airflow_dags.sandbox.business.shops import Shop
from airflow_dags.sandbox.business.tiktok_money import PAID_AFTER, TiktokStatement, TiktokTransaction, order_id
from airflow_dags.sandbox.tiktok_shop.documents import epoch, money

# Kinds of amounts that TikTok lists although they are always nothing here.
ALWAYS_ZERO = ("transaction_fee_amount", "affiliate_partner_commission_amount", "affiliate_ads_commission_amount")


def statement_json(shop: Shop, statement: TiktokStatement) -> dict[str, Any]:
    revenue = money(statement.total("revenue"))
    return {
        "id": statement.statement_id,
        "statement_time": epoch(statement.made_at),
        "currency": shop.currency,
        "settlement_amount": money(statement.total("settlement")),
        "revenue_amount": revenue,
        "net_sales_amount": revenue,
        "shipping_cost_amount": money(statement.total("shipping")),
        "fee_amount": money(statement.total("fees")),
        "adjustment_amount": money(statement.total("adjustment")),
        "payment_status": "PAID" if statement.is_paid else "PROCESSING",
        "payment_id": str(3_458_000_000_000_000_000 + int(statement.statement_id) % 10**15),
        "payment_time": epoch(statement.made_at + PAID_AFTER) if statement.is_paid else 0,
    }


def header_json(shop: Shop, statement: TiktokStatement) -> dict[str, Any]:
    """What the list of transactions says of their statement."""
    settlement = money(statement.total("settlement"))
    return {
        "id": statement.statement_id,
        "create_time": epoch(statement.made_at),
        "status": "SETTLED",
        "currency": shop.currency,
        "payable_amount": settlement,
        "total_reserve_amount": "0.00",
        "total_settlement_amount": settlement,
        "total_settlement_breakdown": {
            "total_revenue_amount": money(statement.total("revenue")),
            "total_shipping_cost_amount": money(statement.total("shipping")),
            "total_fee_tax_amount": money(statement.total("fees")),
            "total_adjustment_amount": money(statement.total("adjustment")),
        },
    }


def transaction_json(transaction: TiktokTransaction) -> dict[str, Any]:
    order, is_order = transaction.order, transaction.kind == "ORDER"
    return {
        "id": transaction.transaction_id,
        "type": transaction.kind,
        "order_id": order_id(order) if is_order else "",
        "order_create_time": epoch(order.purchased_at) if is_order else 0,
        "adjustment_id": "" if is_order else transaction.transaction_id,
        "adjustment_order_id": "" if is_order else order_id(order),
        "adjustment_amount": money(transaction.adjustment),
        "settlement_amount": money(transaction.settlement),
        "revenue_amount": money(transaction.revenue),
        "revenue_breakdown": {
            "subtotal_before_discount_amount": money(transaction.gross_sales),
            "refund_subtotal_before_discount_amount": money(transaction.gross_sales_refund),
            "seller_discount_amount": money(transaction.seller_discount),
            "seller_discount_refund_amount": money(transaction.seller_discount_refund),
        },
        "shipping_cost_amount": money(transaction.shipping),
        "shipping_cost_breakdown": {
            "actual_shipping_fee_amount": money(transaction.actual_shipping_fee),
            "customer_paid_shipping_fee_amount": money(transaction.customer_paid_shipping_fee),
            "shipping_fee_discount_amount": money(transaction.shipping_fee_discount),
            "return_shipping_fee_amount": money(transaction.return_shipping_fee),
            "supplementary_component": {"shipping_fee_subsidy_amount": "0.00"},
        },
        "fee_tax_amount": money(transaction.fees),
        "fee_tax_breakdown": {
            "fee": {
                "referral_fee_amount": money(transaction.referral_fee),
                "refund_administration_fee_amount": money(transaction.refund_administration_fee),
                "affiliate_commission_amount": money(transaction.affiliate_commission),
                **dict.fromkeys(ALWAYS_ZERO, "0.00"),
            },
            "tax": {"vat_amount": "0.00"},
        },
        "supplementary_component": {"customer_payment_amount": "0.00"},
        "reserve_amount": "0.00",
    }
