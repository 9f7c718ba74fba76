"""Service, account health, people and plans of March 2024: figures worked out by hand beside each expectation.

Accounts `care_us` (Amazon US), `care_uk` (Amazon UK), `care_wm` (Walmart), the desk `care_desk` and the ERP `care_erp`.
The month has the start of summer time in Los Angeles (the 10th) and in London (the 31st).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.sql.raw_rows import Row, Warehouse, ad_row, order_line

DESK, ERP = "care_desk", "care_erp"
FEBRUARY, MARCH, APRIL = "2024-02-01", "2024-03-01", "2024-04-01"
US, UK, WM = "account:care_us", "account:care_uk", "account:care_wm"


def fill(warehouse: Warehouse) -> None:
    warehouse.account("care_us")
    warehouse.account("care_uk", "GBP", "Europe/London")
    for account_id, platform in (("care_wm", "walmart"), (DESK, "zendesk")):
        warehouse.account(account_id)
        warehouse.execute("update raw.accounts set platform = %s where account_id = %s", platform, account_id)
    _people(warehouse)
    _sales(warehouse)
    _contacts(warehouse)
    _ratings(warehouse)
    _health(warehouse)
    _plans(warehouse)
    _scores(warehouse)


def _snapshot(warehouse: Warehouse, stream: str, day: str, rows: list[Row]) -> None:
    warehouse.load("erp", stream, ERP, [{"snapshot_date": day, **row} for row in rows], (day, day))


def _people(warehouse: Warehouse) -> None:
    staff = [("c1", "Ann", "care", "Ann@Care.example "), ("c2", "Bob", "wares", "bob@care.example")]
    names = ("employee_id", "employee_name", "team_id", "email")
    _snapshot(warehouse, "staff", "2024-01-01", [dict(zip(names, row, strict=True)) for row in staff])
    teams = [("care", "Customer care", "ops"), ("wares", "Goods", "ops"), ("ops", "Operations", None)]
    # Two that lead each other: both stand below the company.
    teams += [("ring_a", "Ring A", "ring_b"), ("ring_b", "Ring B", "ring_a")]
    names = ("team_id", "team_name", "parent_team_id")
    _snapshot(warehouse, "teams", "2024-01-01", [dict(zip(names, row, strict=True)) for row in teams])


def _sales(warehouse: Warehouse) -> None:
    product = {"sku": "CS1", "account_id": "care_us", "product_name": "Mug", "category": "mugs", "owner_id": "c1"}
    _snapshot(warehouse, "products", "2024-01-01", [product])
    cost = {"sku": "CS1", "valid_from": "2024-01-01", "unit_cost": "4.00", "currency": "USD"}
    _snapshot(warehouse, "unit_costs", "2024-01-01", [cost])
    days = ("2024-02-15", "2024-03-05", "2024-03-06", "2024-03-07", "2024-03-08")
    lines = [order_line(f"C{n}", 1, f"{day} 20:00+00", "CS1", 1, "10.00") for n, day in enumerate(days)]
    warehouse.load("amazon_sp", "orders", "care_us", lines, ("2024-02-01", "2024-04-02"))
    # Covered, and nothing was refunded: a margin is known.
    warehouse.load("amazon_sp", "economics", "care_us", [], ("2024-02-01", "2024-04-02"))
    window = ("2024-03-01", "2024-03-31")
    warehouse.load("amazon_ads", "sp_campaigns", "care_us", [ad_row("2024-03-05", "g", "25.00", "9", 5, 50)], window)
    products = [ad_row("2024-03-05", "g", "20.00", "9", 5, 50, "CS1")]
    warehouse.load("amazon_ads", "sp_advertised_product", "care_us", products, window)


def _contacts(warehouse: Warehouse) -> None:
    ann, bob = "ann@care.example", "Bob@care.example"
    # (ticket, created, selling account, order, agent, agent's number, minutes to the first reply; "": without metrics)
    tickets: list[tuple[Any, ...]] = [
        (1, "2024-03-05 18:00+00", "care_us", "A-1", ann, 501, 60),
        # 01:30 and 03:30 of the day on which the clocks go forward; exactly 24 hours, and a minute more.
        (2, "2024-03-10 09:30+00", "care_us", "A-2", ann, 501, 1440),
        (3, "2024-03-10 10:30+00", "care_us", "A-3", bob, 502, 1441),
        # 23:30 of March 31st; nobody answered, and the desk is known to the end of April 2nd.
        (4, "2024-04-01 06:30+00", "care_us", "A-4", None, None, None),
        # Had only half a day by then.
        (5, "2024-04-02 20:00+00", "care_us", "A-5", None, None, None),
        (6, "2024-03-12 20:00+00", "care_us", "A-6", ann, 501, 5),
        (7, "2024-03-20 20:00+00", " CARE_US", "A-7", None, None, ""),
        # 00:30 of March 31st in London; 00:30 of April 1st, as the clocks have gone forward in between.
        (8, "2024-03-31 00:30+00", "care_uk", "B-1", None, None, 90),
        (9, "2024-03-31 23:30+00", "care_uk", "B-2", None, None, 30),
    ]
    window = ("2024-02-01", "2024-04-02")
    rows = [
        {
            "ticket_id": number,
            "created_at": at,
            "updated_at": at,
            "status": "deleted" if number == 6 else "solved",
            "selling_account": account,
            "order_id": order,
            "assignee_email": agent,
            "assignee_id": agent_number,
        }
        for number, at, account, order, agent, agent_number, _ in tickets
    ]
    warehouse.load("zendesk", "tickets", DESK, rows, window)
    metrics = [
        {"ticket_id": number, "created_at": at, "updated_at": at, "first_reply_minutes": minutes}
        for number, at, *_, minutes in tickets
        if minutes != ""
    ]
    warehouse.load("zendesk", "ticket_metrics", DESK, metrics, window)
    names = (
        "message_id",
        "selling_account",
        "order_id",
        "received_at",
        "first_replied_at",
        "first_reply_minutes",
        "agent",
    )
    messages = [
        # The same order on the same day as ticket 1: the ticket holds it. A day later it is a contact of its own.
        ("M1", "care_us", "A-1", "2024-03-05 19:00+00", "2024-03-05 20:00+00", None, ann),
        ("M2", "care_us", "A-1", "2024-03-06 17:00+00", "2024-03-06 17:45:30+00", None, "C1"),
        # Of an account that nobody knows: the company's and the agent's only.
        ("M3", "somewhere", None, "2024-03-15 12:00+00", None, 120, bob),
        # Answered before it came: not answered.
        ("M4", "care_us", None, "2024-03-16 12:00+00", "2024-03-16 11:00+00", None, None),
        # The last message of the file: it had less than 24 hours.
        ("M5", "care_us", None, "2024-03-20 18:00+00", None, None, None),
    ]
    warehouse.load("zendesk", "messages", DESK, [dict(zip(names, row, strict=True)) for row in messages])


def _ratings(warehouse: Warehouse) -> None:
    stars = [
        ("2024-03-02", 5),
        ("2024-03-02", 4),
        ("2024-03-09", 1),
        ("2024-03-09", 2),
        ("2024-03-09", 3),
        ("2024-03-09", 0),
    ]
    feedback = [{"feedback_date": day, "order_id": f"F{n}", "rating": rating} for n, (day, rating) in enumerate(stars)]
    warehouse.load("amazon_sp", "feedback", "care_us", feedback, ("2024-03-01", "2024-03-31"))
    names = ("rating_id", "ticket_id", "score", "assignee_id", "created_at", "updated_at")
    ratings = [
        (1, 1, "good", 501, "2024-02-28 18:00+00", "2024-03-07 18:00+00"),
        (2, 2, "offered", 501, "2024-03-12 18:00+00", "2024-03-12 18:00+00"),
        # 23:00 of March 31st.
        (3, 3, "bad", 502, "2024-03-12 18:00+00", "2024-04-01 06:00+00"),
        (4, 4, "good", None, "2024-03-19 18:00+00", "2024-03-20 18:00+00"),
        # Of a ticket that nobody knows.
        (5, 99, "good", None, "2024-03-07 18:00+00", "2024-03-08 18:00+00"),
    ]
    rows = [dict(zip(names, row, strict=True)) for row in ratings]
    warehouse.load("zendesk", "satisfaction_ratings", DESK, rows, ("2024-02-01", "2024-04-02"))


def _health(warehouse: Warehouse) -> None:
    def amazon(day: str, *metrics: tuple[str, str | None, str | None]) -> None:
        # Amazon's counts don't give its rates.
        figures = {"status": "GOOD", "target_value": "0.01", "numerator": 1, "denominator": 3}
        rows = [
            {"snapshot_date": day, "metric": metric, "fulfillment_type": part, "rate": rate, **figures}
            for metric, part, rate in metrics
        ]
        warehouse.load("amazon_sp", "account_health", "care_us", rows, (day, day))

    amazon(
        "2024-03-01",
        ("orderDefectRate", "afn", "0.0031"),
        ("orderDefectRate", "mfn", "0.0002"),
        ("lateShipmentRate", None, "0.02"),
    )
    amazon(
        "2024-03-30",
        ("orderDefectRate", "afn", "0.0004"),
        ("orderDefectRate", "mfn", "0.0095"),
        ("orderDefectRate/claims", "mfn", "0.5"),
        ("lateShipmentRate", None, "0.0312"),
        ("preFulfillmentCancellationRate", None, "0.0052"),
        ("validTrackingRate", None, "0.9843"),
        ("onTimeDeliveryRate", None, "0.9612"),
    )
    # A snapshot that states no rate says nothing.
    amazon("2024-03-31", ("orderDefectRate", "afn", None), ("lateShipmentRate", None, None))
    names = ("metric", "report_days", "rate", "seller_accountable_rate")
    walmart = [
        ("otd", 30, "91.5", "93.25"),
        ("otd", 14, "80", "80"),
        ("cancellations", 30, "1.2", None),
        ("vtr", 30, "99.4", "99.4"),
        ("srr", 30, "97", "97"),
        ("lateShipment", 90, "3.0", None),
        ("refunds", 30, "9", None),
        ("refunds", 60, "4.5", None),
    ]
    rows = [{"snapshot_date": "2024-03-15", **dict(zip(names, row, strict=True))} for row in walmart]
    warehouse.load("walmart", "performance", "care_wm", rows, ("2024-03-15", "2024-03-15"))


def _plans(warehouse: Warehouse) -> None:
    def budget(kind: str, entity_kind: str, entity_id: str, amount: str) -> Row:
        days = {"period_start": "2024-03-01", "period_end": "2024-03-31"}
        entity = {"entity_kind": entity_kind, "entity_id": entity_id}
        return {"budget_type": kind, **entity, **days, "amount": amount, "currency": "USD"}

    # Replaced by the next snapshot.
    _snapshot(warehouse, "budgets", "2024-02-01", [budget("ads", "account", US, "999.00")])
    budgets = [
        budget("ads", "account", US, "100.00"),
        budget("purchasing", "account", US, "500.00"),
        budget("Ads", "team", "care", "50.00"),
        budget("ads", "person", "person:c1", "0.00"),
    ]
    _snapshot(warehouse, "budgets", "2024-03-01", budgets)
    heads = [("care", MARCH, 2, 2), ("care", APRIL, 3, 3), ("care", "2024-05-01", 4, None), ("wares", MARCH, 1, "1.5")]
    names = ("team_id", "month", "planned", "actual")
    _snapshot(warehouse, "headcount", "2024-03-01", [dict(zip(names, row, strict=True)) for row in heads])


def _scores(warehouse: Warehouse) -> None:
    names = ("date", "entity_kind", "entity_id", "score", "value", "promoters", "detractors", "responses")
    scores = [
        ("2024-03-04", "account", US, "IPI", 512, None, None, None),
        ("2024-03-25", "account", "care_us", "ipi", 430, None, None, None),
        ("2024-03-31", "account", US, "nps", None, 30, 10, 50),
        ("2024-03-31", "account", WM, "nps", None, 5, 10, 20),
        ("2024-03-31", "account", UK, "nps", None, 0, 0, 0),
        # Nobody counted the detractors.
        ("2024-03-30", "account", US, "nps", None, 30, None, 50),
        # The company's own survey is believed before its accounts'.
        ("2024-04-30", "account", US, "nps", None, 20, 5, 30),
        ("2024-04-30", "company", "company", "nps", None, 10, 0, 40),
    ]
    warehouse.load("erp", "scores", ERP, [dict(zip(names, row, strict=True)) for row in scores])


def _text(value: Decimal) -> str:
    return f"{value}"


D = Decimal
EXPECTED: list[tuple[str, str, str, str, str | None]] = [
    # Tickets 1, 2, 3, 4, 7 and messages M2, M4, M5; ticket 6 is deleted, M1 is ticket 1's, M3 of no account.
    ("contacts", US, "month", MARCH, "8"),
    ("contacts", US, "day", "2024-03-10", "2"),
    ("contacts", US, "month", APRIL, "1"),
    ("contacts", UK, "month", MARCH, "1"),
    ("contacts", UK, "month", APRIL, "1"),
    # The US's 8, the UK's 1, and M3.
    ("contacts", "company", "month", MARCH, "10"),
    ("contacts", "platform:amazon", "month", MARCH, "9"),
    # Ann: tickets 1 and 2, M2 by her employee id. Bob: ticket 3, M3.
    ("contacts", "person:c1", "month", MARCH, "3"),
    ("contacts", "team:care", "month", MARCH, "3"),
    ("contacts", "person:c2", "month", MARCH, "2"),
    # 8 of 4 orders; none of the one of February, which the desk covers; the UK has no orders.
    ("contact_rate", US, "month", MARCH, "2"),
    ("contact_rate", US, "month", FEBRUARY, "0"),
    ("contact_rate", UK, "month", MARCH, None),
    # In time: 1, 2, M2. Due: these, 3 (a minute late), 4 and M4 (not answered); not 7 (unknown) and M5 (too early).
    ("response_24h_rate", US, "month", MARCH, "0.5"),
    ("response_24h_rate", US, "month", APRIL, None),
    ("response_24h_rate", "person:c1", "month", MARCH, "1"),
    ("response_24h_rate", "person:c2", "month", MARCH, "0.5"),
    # With M3 and ticket 8: 5 of 8.
    ("response_24h_rate", "company", "month", MARCH, "0.625"),
    # Hours 45.5/60, 1, 24, 24 + 1/60: the median is halfway between 1 and 24, the 90th at 2.7 steps of 3.
    ("first_response_p50", US, "month", MARCH, "12.5"),
    ("first_response_p90", US, "month", MARCH, _text(24 + D("0.7") / 60)),
    ("first_response_p50", US, "day", "2024-03-10", _text(24 + D("0.5") / 60)),
    ("first_response_p90", US, "day", "2024-03-05", "1"),
    ("first_response_p50", UK, "month", APRIL, "0.5"),
    ("first_response_p50", US, "month", APRIL, None),
    # Bob: 24 + 1/60 and 2.
    ("first_response_p50", "person:c2", "month", MARCH, _text((26 + D(1) / 60) / 2)),
    # Ratings 1 and 4 good, 3 bad; 5 is of no account; 2 wasn't answered.
    ("csat", US, "month", MARCH, _text(D(2) / 3)),
    ("csat", "company", "month", MARCH, "0.75"),
    ("csat", "person:c1", "month", MARCH, "1"),
    ("csat", "person:c2", "month", MARCH, "0"),
    ("csat", US, "month", APRIL, None),
    # 5, 4, 1, 2, 3 (0 is no rating): 15 of 5; 1 and 2 are negative.
    ("seller_rating", US, "month", MARCH, "3"),
    ("seller_rating", US, "day", "2024-03-02", "4.5"),
    ("negative_feedback_rate", US, "month", MARCH, "0.4"),
    ("negative_feedback_rate", US, "day", "2024-03-02", "0"),
    # The last snapshot with rates, the worse fulfilment.
    ("odr", US, "month", MARCH, "0.0095"),
    ("odr", US, "day", "2024-03-01", "0.0031"),
    ("odr", US, "day", "2024-03-31", None),
    ("odr", "company", "month", MARCH, None),
    ("late_shipment_rate", US, "month", MARCH, "0.0312"),
    ("cancel_rate", US, "month", MARCH, "0.0052"),
    ("valid_tracking_rate", US, "month", MARCH, "0.9843"),
    ("on_time_delivery_rate", US, "month", MARCH, "0.9612"),
    # Per cent; what the seller answers for; 30 days, refunds 60, else the longest window.
    ("on_time_delivery_rate", WM, "month", MARCH, "0.9325"),
    ("cancel_rate", WM, "month", MARCH, "0.012"),
    ("valid_tracking_rate", WM, "month", MARCH, "0.994"),
    ("seller_response_rate", WM, "month", MARCH, "0.97"),
    ("late_shipment_rate", WM, "quarter", "2024-01-01", "0.03"),
    ("platform_refund_rate", WM, "month", MARCH, "0.045"),
    # 25.00 of 100.00; of the 5th's share, floor(50000 / 31) - floor(40000 / 31) = 1612 - 1290 cents.
    ("budget_use", US, "month", MARCH, "0.25"),
    ("budget_use", US, "day", "2024-03-05", _text(D(25) / D("3.22"))),
    # 20.00 on a mug of Ann's.
    ("budget_use", "team:care", "month", MARCH, "0.4"),
    ("budget_use", "person:c1", "month", MARCH, None),
    ("headcount", "team:care", "month", MARCH, "2"),
    ("headcount", "team:care", "year", "2024-01-01", "3"),
    ("headcount", "team:care", "month", "2024-05-01", None),
    ("headcount", "company", "month", MARCH, "3.5"),
    # Four mugs at 10.00 that cost 4.00, two heads.
    ("gmv_per_head", "team:care", "month", MARCH, "20"),
    ("margin_per_head", "team:care", "month", MARCH, "12"),
    ("gmv_per_head", "team:wares", "month", MARCH, None),
    ("ipi", US, "month", MARCH, "430"),
    ("ipi", US, "week", "2024-03-04", "512"),
    ("ipi", WM, "month", MARCH, None),
    # (30 - 10) / 50; (5 - 10) / 20; together (35 - 20) / 70; the company's own (10 - 0) / 40.
    ("nps", US, "month", MARCH, "40"),
    ("nps", WM, "month", MARCH, "-25"),
    ("nps", UK, "month", MARCH, None),
    ("nps", "company", "month", MARCH, _text(D(1500) / 70)),
    ("nps", "company", "month", APRIL, "25"),
    ("nps", "platform:amazon", "month", APRIL, "50"),
]
