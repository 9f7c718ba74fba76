"""An account without a last year, for the calendar: its pace comes from seasons and promotions.

It sold in November 2026 only. Its ERP knows a promotion of its own, on the 11th and 12th; the day before it knew
another one.
"""

from __future__ import annotations

from tests.sql.raw_rows import Warehouse, order_line

ACCOUNT = "season_us"
FLASH = {"promotion_id": "flash", "kind": "Promotion", "promotion_name": "Flash sale 闪购", "account_id": ACCOUNT}


def fill(warehouse: Warehouse) -> None:
    warehouse.account(ACCOUNT)
    lines = [order_line(f"C{n}", 1, f"2026-11-{n:02} 20:00+00", "S", 1, "2.00") for n in range(1, 23)]
    warehouse.load("amazon_sp", "orders", ACCOUNT, lines, ("2026-11-01", "2026-11-22"))
    days = {"starts_on": "2026-11-11", "ends_on": "2026-11-12"}
    early = [
        {**FLASH, **days, "snapshot_date": "2026-11-22", "threshold_factor": "9", "pace_factor": "9"},
        {**FLASH, **days, "snapshot_date": "2026-11-22", "promotion_id": "gone", "pace_factor": "9"},
    ]
    late = [
        {**FLASH, **days, "threshold_factor": "1.50", "pace_factor": "3.0"},
        {**FLASH, "promotion_id": "plain", "starts_on": "2026-11-15", "ends_on": "2026-11-16"},
        # Ends before it starts.
        {**FLASH, "promotion_id": "never", "starts_on": "2026-11-16", "ends_on": "2026-11-15", "pace_factor": "9"},
        {**FLASH, **days, "promotion_id": "others", "platform": "walmart", "account_id": None, "pace_factor": "9"},
    ]
    for day, rows in (("2026-11-22", early), ("2026-11-23", late)):
        warehouse.load("erp", "promotions", "erp_calendar", [{**row, "snapshot_date": day} for row in rows], (day, day))


# (KPI, entity, grain, first day of the period, value or None for no value)
EXPECTED: list[tuple[str, str, str, str, str | None]] = [
    # 22 days of one unit at 2.00.
    ("gmv", "account:season_us", "month", "2026-11-01", "44.00"),
]
