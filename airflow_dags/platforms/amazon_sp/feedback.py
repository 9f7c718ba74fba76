"""Buyers' feedback on the seller (GET_SELLER_FEEDBACK_DATA): one row a rating, 1 to 5, by the day it was left.

A buyer may take feedback back later, and the seller's answer comes later too: the days of the last months are reloaded,
and a rating that is gone is gone here. The rater's e-mail address is not stored.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from airflow_dags.contracts import Column, Contract, Extract
from airflow_dags.platforms.amazon_sp.days import DayWindowStream, with_iso_days

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.documents import Document

CONTRACT = Contract(
    platform="amazon_sp",
    stream="feedback",
    mode="window",
    report_name="GET_SELLER_FEEDBACK_DATA",
    window_column="feedback_date",
    unique=("feedback_date", "order_id"),
    owned=("order_id",),
    columns=(
        Column("feedback_date", "date", required=True, nullable=False, sources=("Date",)),
        Column("order_id", required=True, nullable=False, sources=("Order ID",)),
        Column("rating", "integer", required=True, nullable=False, sources=("Rating",)),
        Column("comments", required=True, sources=("Comments",)),
        Column("response", sources=("Your Response", "Response")),
    ),
    ignored=frozenset(["Rater Email", "Rater E-mail", "Email"]),
)


class Feedback(DayWindowStream):
    contract = CONTRACT

    def read(self, document: Document, account: Account, day: date) -> Extract:
        from airflow_dags.documents import read_table

        table, broken = read_table(document)
        return Extract(with_iso_days(table, ("Date",), self.date_order(account)), broken=broken)
