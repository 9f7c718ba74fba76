"""The true value of every KPI by month and entity, straight from the simulation's records.

This is the judge for the warehouse: plain Python over whole cents and exact decimals, no SQL, no shared formula, and
nothing that a platform serves. A domain is a module (its docstring says what its measures are) with `add`, which
writes measures into the month's book, and `KPIS`.

A ratio with a zero denominator has the value null; an entity without any row of the KPI's sources in a month has no
row. Ratios carry 28 significant digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.kpi_truth import ad_margins, ads, commerce, finance, service, stock
from airflow_dags.sandbox.kpi_truth.book import Book, Kpi, Month, Sums, TruthRow, month_of, rows_of
from airflow_dags.sandbox.kpi_truth.entities import account_entity, ad_group_entities, category_entity

__all__ = [
    "KPIS",
    "TruthRow",
    "account_entity",
    "ad_group_entities",
    "category_entity",
    "kpi_rows",
    "measures_of_month",
    "truth_values",
]

DOMAINS = (commerce, ads, finance, ad_margins, service, stock)
KPIS: dict[str, Kpi] = {kpi_id: kpi for domain in DOMAINS for kpi_id, kpi in domain.KPIS.items()}


def measures_of_month(
    business: Business, first: date, revision: int, through: date | None = None, domains: Sequence[Any] = DOMAINS
) -> Sums:
    """The measures of every entity for the days of the month up to `through`, of some domains or of all."""
    book = Book(business.seed)
    month = month_of(business, first, revision, through)
    for domain in domains:
        domain.add(book, business, month)
    return book.sums


def kpi_rows(sums: Sums, period_start: date) -> Iterator[TruthRow]:
    yield from rows_of(sums, KPIS, period_start)


def truth_values(business: Business, revision: int) -> list[TruthRow]:
    """Every KPI x month x entity of the business at the revision."""
    rows: list[TruthRow] = []
    for first in business.months:
        rows += kpi_rows(measures_of_month(business, first, revision), first)
    today = business.as_of.replace(day=1)
    if today not in business.months:
        # What is known of a month that begins today: snapshots, and contacts of zones where it is later.
        book = Book(business.seed)
        service.add(book, business, Month(today, business.last_day, revision))
        stock.add(book, business, month_of(business, today, revision))
        rows += kpi_rows(book.sums, today)
    return rows
