"""Finance: what is left of the sales. Costs are those of the sold units, laid down with the sales (commerce)."""

from __future__ import annotations

from decimal import Decimal

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.kpi_truth.book import Book, Kpi, Month, Numbers
from airflow_dags.sandbox.kpi_truth.commerce import SALES, net_sales


def _gross_margin(numbers: Numbers) -> Decimal | None:
    cogs = numbers["cogs"]
    return None if cogs is None else net_sales(numbers) - cogs


KPIS: dict[str, Kpi] = {
    "gross_margin": Kpi(("cogs", *SALES), _gross_margin),
    "gross_margin_rate": Kpi(("cogs", *SALES), _gross_margin, net_sales),
}


def add(book: Book, business: Business, month: Month) -> None:
    """Nothing beside what the sales hold."""
