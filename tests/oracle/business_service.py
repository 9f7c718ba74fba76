"""Buyers' messages, ratings, account health, plans and hand-entered scores of a random business."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from tests.oracle.business_commerce import ORDERS
from tests.oracle.businesses import Business
from tests.oracle.world import Account, Row

HEALTH = (
    "orderDefectRate",
    "lateShipmentRate",
    "preFulfillmentCancellationRate",
    "validTrackingRate",
    "onTimeDeliveryRate",
    "policyViolations",
)
PERFORMANCE = ("otd", "cancellations", "vtr", "srr", "lateShipment", "refunds", "returns")


def fill(found: Business) -> None:
    make = found.make
    if make.chance(0.8):
        desk = Account(f"{make.name}_desk", "zendesk", None, make.one(("America/Los_Angeles", "Europe/Berlin", None)))
        found.world.accounts.append(desk)
        _tickets(found, desk)
        _messages(found, desk)
    for account in found.of("amazon_sp"):
        _feedback(found, account)
        _amazon_health(found, account)
    for account in found.of("walmart"):
        _walmart_health(found, account)
    _budgets(found)
    _headcount(found)
    _scores(found)


def _selling(found: Business) -> tuple[str | None, str]:
    """What a row says of its account and order; both may be missing, unknown or spelled otherwise."""
    make = found.make
    account = make.one(list(found.world.selling.values()))
    lines = found.kept(ORDERS, account)
    order = str(make.one(lines)[0]) if lines else "none"
    name = account.account_id
    return make.one((name, name, name, name.upper(), f" {name} ", None, "", "nobody")), order


def _agent(found: Business) -> str | None:
    make = found.make
    person = make.one(found.people)
    return make.one(
        (f"{person}@desk.example", f"{person}@desk.example", f" {person.upper()}@Desk.example", None, "x@y.z")
    )


def _tickets(found: Business, desk: Account) -> None:
    make, zone = found.make, "America/Los_Angeles"
    tickets: list[Row] = []
    metrics: list[Row] = []
    ratings: list[Row] = []
    for _ in range(make.whole(4, 20)):
        number, at = make.big_serial(), make.instant(make.day(), zone)
        account, order = _selling(found)
        if make.chance(0.05):  # close to the end of what is covered
            at = make.instant(make.days[-1], zone)
        assignee = make.whole(1, 3)
        found.keep("tickets", desk, [(account, order, at)])
        tickets.append(
            {
                "ticket_id": number,
                "created_at": at,
                "updated_at": at + timedelta(hours=make.whole(0, 90)),
                "status": make.one(("open", "solved", "closed", "Deleted", None)),
                "assignee_id": assignee,
                "assignee_email": _agent(found),
                "selling_account": account,
                "order_id": make.one((order, order, None, "")),
            }
        )
        if make.chance(0.85):
            minutes = make.one((None, None, 0, 1440, 1441, -5, make.whole(0, 4000), make.whole(0, 1500)))
            metrics.append(
                {
                    "ticket_id": number,
                    "created_at": at,
                    "updated_at": at,
                    "first_reply_minutes": minutes,
                    "first_reply_business_minutes": 1,
                }
            )
        if make.chance(0.4):
            answered = at + timedelta(hours=make.whole(1, 300))
            ratings.append(
                {
                    "rating_id": make.big_serial(),
                    "ticket_id": make.one((number, number, number, make.big_serial())),
                    "score": make.one(("good", "Good", "bad", "offered", "unoffered")),
                    "assignee_id": make.one((assignee, assignee, None, 9)),
                    "created_at": at,
                    "updated_at": answered,
                }
            )
    found.load("zendesk__tickets", desk, tickets)
    found.load("zendesk__ticket_metrics", desk, metrics)
    found.load("zendesk__satisfaction_ratings", desk, ratings)


def _messages(found: Business, desk: Account) -> None:
    make, zone = found.make, "America/Los_Angeles"
    rows: list[Row] = []
    for _ in range(make.whole(0, 12)):
        account, order = _selling(found)
        at = make.instant(make.day(), zone)
        if make.chance(0.4) and found.kept("tickets", desk):  # one that a ticket holds, or nearly
            account, order, at = make.one(found.kept("tickets", desk))
            at += timedelta(hours=make.whole(-4, 4))
        replied = at + timedelta(seconds=make.whole(-100, 200_000)) if make.chance(0.6) else None
        rows.append(
            {
                "message_id": f"{make.name}-m{make.serial()}",
                "selling_account": account,
                "order_id": make.one((order, order, order, None, "")),
                "received_at": at,
                "first_replied_at": replied,
                "first_reply_minutes": make.one((None, None, make.whole(0, 3000))),
                "channel": "Amazon",
                "agent": make.one((_agent(found), make.one(found.people))),
            }
        )
    found.load("zendesk__messages", desk, rows)


def _feedback(found: Business, account: Account) -> None:
    make = found.make
    rows: list[Row] = [
        {"feedback_date": make.day(), "order_id": f"{make.name}-fb{make.serial()}", "rating": make.whole(0, 6)}
        for _ in range(make.whole(0, 12))
    ]
    found.load("amazon_sp__feedback", account, rows)


def _amazon_health(found: Business, account: Account) -> None:
    make = found.make
    for day in make.any_days(1, 5):
        rows: list[Row] = []
        for metric in make.some(HEALTH):
            kinds = ("AFN", "MFN") if metric == "orderDefectRate" else ("MFN",)
            for kind in kinds:
                rate = None if make.chance(0.2) else make.money(0, 1, digits=4)
                rows.append(
                    {
                        "snapshot_date": day,
                        "metric": metric,
                        "fulfillment_type": kind,
                        "rate": rate,
                        "target_value": Decimal("0.01"),
                        "numerator": 1,
                        "denominator": 3,
                    }
                )
        if rows:
            found.world.load("amazon_sp__account_health", account.account_id, rows, (day, day))


def _walmart_health(found: Business, account: Account) -> None:
    make = found.make
    for day in make.any_days(1, 5):
        rows: list[Row] = [
            {
                "snapshot_date": day,
                "metric": metric,
                "report_days": days,
                "rate": None if make.chance(0.2) else make.money(0, 100),
                "seller_accountable_rate": None if make.chance(0.6) else make.money(0, 100),
            }
            for metric in make.some(PERFORMANCE)
            for days in make.some((14, 30, 60, 90))
        ]
        if rows:
            found.world.load("walmart__performance", account.account_id, rows, (day, day))


def _planned(found: Business) -> tuple[str, str]:
    """An entity that a plan is made for: its kind and id, with the kind before it or without."""
    make = found.make
    account = make.one(list(found.world.selling))
    kind, name = make.one(
        (
            ("account", account),
            ("category", f"{account}/audio"),
            ("team", make.one(found.teams)),
            ("person", make.one(found.people)),
        )
    )
    return kind, make.one((name, f"{kind}:{name}"))


def _budgets(found: Business) -> None:
    make = found.make
    rows: dict[tuple[object, ...], Row] = {}
    for _ in range(make.whole(0, 5)):
        kind, name = _planned(found)
        start = make.day()
        start = make.one((start, start.replace(day=1)))
        end = start + timedelta(days=make.one((0, 6, 27, 30, 89, -1)))
        row = {
            "budget_type": make.one(("ads", "ads", "Ads", "purchasing")),
            "entity_kind": kind,
            "entity_id": name,
            "period_start": start,
            "period_end": end,
            "amount": make.money(0, 900),
            "currency": make.one(("USD", "USD", "EUR")),
        }
        rows[row["budget_type"].lower(), name.split(":")[-1], start, end] = row
    day = make.days[-1]
    if rows:
        old = make.days[0]
        found.world.load(
            "erp__budgets", found.erp, [{**row, "snapshot_date": day} for row in rows.values()], (day, day)
        )
        changed = [{**row, "snapshot_date": old, "amount": Decimal(7)} for row in rows.values()]
        found.world.load("erp__budgets", found.erp, changed, (old, old))


def _headcount(found: Business) -> None:
    make = found.make
    months = {make.day() if make.chance(0.3) else make.day().replace(day=1) for _ in range(make.whole(0, 3))}
    by_month = {(day.year, day.month): day for day in months}
    rows: list[Row] = [
        {
            "snapshot_date": make.days[-1],
            "team_id": team,
            "month": month,
            "planned": Decimal(3),
            "actual": make.one((None, Decimal(0), Decimal("2.5"), Decimal(4))),
        }
        for month in by_month.values()
        for team in make.some(found.teams, 1)
    ]
    if rows:
        found.world.load("erp__headcount", found.erp, rows, (make.days[-1], make.days[-1]))


def _scores(found: Business) -> None:
    make = found.make
    rows: dict[tuple[object, ...], Row] = {}
    for _ in range(make.whole(0, 8)):
        kind, name = make.one((("account", make.one(list(found.world.selling))), _planned(found)))
        if kind == "category":
            continue
        score, day = make.one(("ipi", "nps", " NPS ", "own")), make.day()
        row = {
            "date": day,
            "entity_kind": kind,
            "entity_id": name,
            "score": score,
            "value": make.one((None, Decimal(make.whole(0, 1000)))),
            "promoters": make.count(0, 20),
            "detractors": make.count(0, 20),
            "responses": make.count(0, 50),
        }
        rows[day, name.split(":")[-1], score.strip().lower()] = row
    if rows:
        found.world.load("erp__scores", found.erp, list(rows.values()), None)
