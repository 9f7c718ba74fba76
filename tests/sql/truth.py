"""Compares kpi.kpi_values with true values (the sandbox's /sandbox/truth/values), row by row and both ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import psycopg2

Key = tuple[str, str, str]


def differences_from_truth(
    uri: str, truth: Iterable[Mapping[str, Any]], since: Mapping[str, str] | None = None
) -> list[str]:
    """One line per month value that differs: sums by anything at all (money is exact), ratios by more than 1e-9.

    `truth` has rows {kpi_id, entity_kind, entity_id, grain: 'month', period_start, numerator, denominator, value} with
    numbers as text; null is no value. A value that only one side has is a difference too. KPIs that the truth doesn't
    speak of aren't compared, nor months of a KPI before the one that `since` gives for it (YYYY-MM-DD).
    """
    first = since or {}
    true_rows = {_key(row): row for row in truth if str(row["period_start"]) >= first.get(row["kpi_id"], "")}
    judged = sorted({kpi_id for kpi_id, _, _ in true_rows})
    with psycopg2.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select kpi_id, entity_id, period_start::text, numerator, denominator, value from kpi.kpi_values "
            "where grain = 'month' and kpi_id = any(%s)",
            (judged,),
        )
        measured = {(row[0], row[1], row[2]): row[3:] for row in cursor.fetchall() if row[2] >= first.get(row[0], "")}
    connection.close()
    found = [
        f"{key}: the warehouse has no row" for key in true_rows if key not in measured and _has_value(true_rows[key])
    ]
    for key, (numerator, denominator, value) in measured.items():
        row = true_rows.get(key)
        if row is None:
            if value is not None and numerator != 0:
                found.append(f"{key}: {value}, and the truth has no row")
            continue
        for name, ours in (("numerator", numerator), ("denominator", denominator), ("value", value)):
            theirs = None if row[name] is None else Decimal(row[name])
            if not _same(ours, theirs, exact=row["denominator"] is None):
                found.append(f"{key} {name}: {ours}, truly {theirs}")
    return found


def breach_differences(uri: str, planted: Iterable[Mapping[str, Any]]) -> list[str]:
    """Breaches that nobody planted, and planted ones {kpi_id, entity_id, grain, period_start} that are missing.

    A planted one may still be provisional: early in a month its sources are not settled.
    """
    columns = "select kpi_id, entity_id, grain, period_start::text from kpi.kpi_status where status = %s"
    with psycopg2.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute(columns, ["breach"])
        found = set(cursor.fetchall())
        cursor.execute(columns, ["provisional"])
        undecided = set(cursor.fetchall())
    connection.close()
    wanted = {(row["kpi_id"], row["entity_id"], row["grain"], str(row["period_start"])) for row in planted}
    return [f"not planted: {key}" for key in sorted(found - wanted)] + [
        f"not found: {key}" for key in sorted(wanted - found - undecided)
    ]


def book_differences(uri: str, planted: Iterable[Mapping[str, Any]]) -> list[str]:
    """Differences between platform and ERP that nobody planted, and planted ones that weren't found.

    `planted` is the sandbox's /sandbox/truth/erp_differences: day, account, order and SKU or fee and settlement.
    """
    with psycopg2.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select line, account_id, period_start::text, reference, coalesce(sku, charge_type), platform_amount, "
            "coalesce(erp_amount, 0) from kpi.kpi_reconciliation_items "
            "where grain = 'day' and state <> 'within_tolerance'"
        )
        found = set(cursor.fetchall())
        cursor.execute(
            "select coalesce(sum(different_items), 0) from kpi.kpi_reconciliation where is_current group by grain"
        )
        counted = [row[0] for row in cursor.fetchall()]
    connection.close()
    wanted = {
        (
            {"sale": "sales", "refund": "refunds"}.get(row["line"].get("kind"), "fees"),
            row["account_id"],
            str(row["day"]),
            row["line"].get("order_id") or row["line"]["reference"],
            row["line"].get("sku") or row["line"]["fee_type"],
            Decimal(row["platform_amount"]),
            Decimal(row["erp_amount"]),
        )
        for row in planted
    }
    wrong = [f"not planted: {item}" for item in sorted(found - wanted, key=str)]
    wrong += [f"not found: {item}" for item in sorted(wanted - found, key=str)]
    return wrong + [f"{count} items in kpi_reconciliation" for count in counted if count != len(wanted)]


def _key(row: Mapping[str, Any]) -> Key:
    return row["kpi_id"], row["entity_id"], str(row["period_start"])


def _has_value(row: Mapping[str, Any]) -> bool:
    return row["value"] is not None


def _same(ours: Decimal | None, theirs: Decimal | None, exact: bool) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    if exact:
        # Hours are quotients of minutes; nothing else comes near the last digit.
        return abs(ours - theirs) <= Decimal("1e-12")
    return abs(ours - theirs) <= Decimal("1e-9") * max(1, abs(theirs))
