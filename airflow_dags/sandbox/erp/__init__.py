"""The simulated ERP: its tables as files, as a database and behind other systems' APIs, and what it adds up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from flask import Blueprint, Response, jsonify, request

from airflow_dags.sandbox.business import Business, erp_records
from airflow_dags.sandbox.business.erp_books import books
from airflow_dags.sandbox.business.erp_fees import booked_fees
from airflow_dags.sandbox.erp.rows import money
from airflow_dags.sandbox.erp.tables import (
    ERP_ACCOUNT_ID,
    QUERIES,
    STREAMS,
    erp_connections,
    erp_csv,
    erp_rows,
    erp_xlsx,
    write_erp_database,
    write_erp_files,
)
from airflow_dags.sandbox.erp_systems import add_systems
from airflow_dags.sandbox.platforms import SandboxPlatform, Total
from airflow_dags.sandbox.state import SandboxState

__all__ = [
    "ERP_ACCOUNT_ID",
    "PLATFORM",
    "QUERIES",
    "STREAMS",
    "erp_connections",
    "erp_csv",
    "erp_rows",
    "erp_xlsx",
    "write_erp_database",
    "write_erp_files",
]


def blueprint(state: SandboxState) -> Blueprint:
    """The truth about the books: where they differ from the platforms."""
    routes = Blueprint("erp", __name__)

    @routes.get("/sandbox/truth/erp_differences")
    def erp_differences() -> Response:
        revision = request.args.get("revision", state.revision, type=int)
        lines = [
            {
                "stream": "sales",
                "kind": one.kind,
                "day": one.day.isoformat(),
                "account_id": one.account_id,
                "line": {
                    "order_id": one.order_id,
                    "kind": one.booking,
                    "line_number": one.line_number,
                    "sku": one.sku,
                },
                "platform_amount": str(money(one.platform_amount)),
                "erp_amount": str(money(one.erp_amount)),
            }
            for one in books(state.business, revision)[1]
        ]
        fees = [
            {
                "stream": "fees",
                "kind": one.kind,
                "day": one.fee.day.isoformat(),
                "account_id": one.fee.account_id,
                "line": {"fee_type": one.fee.fee_type, "reference": one.fee.reference},
                "platform_amount": str(money(one.fee.amount)),
                "erp_amount": str(money(one.erp_amount)),
            }
            for one in booked_fees(state.business, revision)[1]
        ]
        return jsonify(lines + fees)

    add_systems(routes, state)
    return routes


def _totals(business: Business, revision: int) -> Iterable[Total]:
    """Booked sales and refunds of each selling account (the books themselves are the ERP's one account)."""
    amounts: Counter[tuple[str, date, str]] = Counter()
    units: Counter[tuple[str, date, str]] = Counter()
    fees: Counter[tuple[str, date]] = Counter()
    for line in books(business, revision)[0]:
        amounts[line.account_id, line.day, f"{line.kind}_amount"] += line.amount
        units[line.account_id, line.day, f"{line.kind}_units"] += line.quantity
    for fee in booked_fees(business, revision)[0]:
        fees[fee.account_id, fee.day] += fee.amount
    for day, account_id, score, value, promoters, detractors, responses in erp_records.scores(business):
        figures = {"value": value, "promoters": promoters, "detractors": detractors, "responses": responses}
        for name, figure in figures.items():
            if figure is not None:
                yield Total("scores", account_id, day, f"{score}_{name}", Decimal(figure))
    for (account_id, day), cents in fees.items():
        yield Total("fees", account_id, day, "fees", money(cents))
    for (account_id, day, measure), cents in amounts.items():
        yield Total("sales", account_id, day, measure, money(cents))
    for (account_id, day, measure), count in units.items():
        yield Total("sales", account_id, day, measure, Decimal(count))


PLATFORM = SandboxPlatform("erp", blueprint, lambda state: {}, _totals)
