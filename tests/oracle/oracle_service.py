"""Service: how quickly buyers are answered, what they think of it, and how the platforms judge the account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.oracle.books import DEFAULT_TIME_ZONE, Books, cell
from tests.oracle.engine import Source
from tests.oracle.facts import Fact
from tests.oracle.kpis import ACCOUNTS, Kpi, ratio, simple
from tests.oracle.missing import Exact, Number, exact
from tests.oracle.oracle_commerce import ZERO, lower
from tests.oracle.world import Row

PEOPLE = ("company", "platform", "account", "team", "person")
ONE = Exact(1)
DAY = timedelta(days=1)


class Desks:
    """What rows of helpdesks are joined with: selling accounts, agents and tickets."""

    def __init__(self, books: Books) -> None:
        self.accounts = {name.lower(): name for name in books.world.selling}
        self.emails: dict[str, str] = {}
        self.employees = {row["employee_id"].strip() for _, row in books.latest("erp__staff")}
        for _, row in books.latest("erp__staff"):
            email, person = lower(row.get("email")), row["employee_id"].strip()
            if email:
                self.emails[email] = min(person, self.emails.get(email, person))
        self.tickets = {(desk, row["ticket_id"]): row for desk, row in books.world.rows("zendesk__tickets")}

    def account(self, desk: str, row: Row) -> str:
        return self.accounts.get(lower(row["selling_account"]), desk)

    def person(self, agent: str | None, *, is_name_too: bool = False) -> str | None:
        found = self.emails.get(lower(agent))
        if found is None and is_name_too and cell(agent) in self.employees:
            return cell(agent)
        return found


def covered_until(books: Books, desk: str, stream: str, column: str) -> datetime | None:
    """The midnight that ends the last day that the desk's stream covers."""
    days = [last for account, (_, last) in books.world.windows(stream) if account == desk]
    days += [books.day(desk, row[column]) for account, row in books.world.rows(stream) if account == desk]
    if not days:
        return None
    last = min(max(days), books.day(desk, books.as_of) - DAY)
    zone = ZoneInfo(books.accounts[desk].time_zone or DEFAULT_TIME_ZONE)
    return datetime.combine(last + DAY, time(), zone)


def contacts(books: Books) -> Iterator[Fact]:
    desks = Desks(books)
    metrics = {(desk, row["ticket_id"]): row for desk, row in books.world.rows("zendesk__ticket_metrics")}
    held = set()
    for desk, row in books.world.rows("zendesk__tickets"):
        if lower(row["status"]) == "deleted":
            continue
        account = desks.account(desk, row)
        day, order = books.day(account, row["created_at"]), cell(row["order_id"])
        if order:
            held.add((desk, account, order, day))
        metric = metrics.get((desk, row["ticket_id"]))
        minutes = exact(metric["first_reply_minutes"]) if metric else None
        until = books.once(covered_until, desk, "zendesk__ticket_metrics", "created_at")
        person = desks.person(row["assignee_email"])
        yield _contact(books, (desk, account), day, person, row["created_at"], minutes, until if metric else None)
    for desk, row in books.world.rows("zendesk__messages"):
        account = desks.account(desk, row)
        day, order = books.day(account, row["received_at"]), cell(row["order_id"])
        if order and (desk, account, order, day) in held:
            continue
        minutes = exact(row["first_reply_minutes"])
        if minutes is None and row["first_replied_at"] is not None:
            minutes = Exact(int((row["first_replied_at"] - row["received_at"]).total_seconds())) / 60
        until = books.once(covered_until, desk, "zendesk__messages", "received_at")
        person = desks.person(row["agent"], is_name_too=True)
        yield _contact(books, (desk, account), day, person, row["received_at"], minutes, until)


def _contact(
    books: Books,
    served: tuple[str, str],
    day: date,
    person: str | None,
    at: datetime,
    minutes: Number,
    until: datetime | None,
) -> Fact:
    """``served``: desk and account. ``until``: how far replies are known; None where nothing is known of this one's."""
    if minutes is not None and minutes < 0:
        minutes = None
    due = until is not None and at + DAY <= until
    in_time: Number = ZERO if due else None
    if minutes is not None:
        in_time = Exact(minutes <= 1440)
    measures = {
        "contacts": ONE,
        "answered_in_24h": in_time,
        "response_due": None if in_time is None else ONE,
        "response_hours_p50": None if minutes is None else minutes / 60,
        "response_hours_p90": None if minutes is None else minutes / 60,
    }
    team = books.team_of(person, day) if person else None
    return Fact(served[1], day, measures, person=person, team=team, extra={"desk": served[0]})


def ratings(books: Books) -> Iterator[Fact]:
    for account, row in books.world.rows("amazon_sp__feedback"):
        if 1 <= row["rating"] <= 5:
            measures = {
                "stars": exact(row["rating"]),
                "seller_ratings": ONE,
                "negative_ratings": Exact(row["rating"] <= 2),
            }
            yield Fact(account, row["feedback_date"], measures)
    desks = Desks(books)
    agents: dict[tuple[str, int], tuple[datetime, int, str]] = {}
    for desk, row in books.world.rows("zendesk__tickets"):
        if row["assignee_id"] is not None and cell(row["assignee_email"]):
            key, found = (desk, row["assignee_id"]), (row["updated_at"], row["ticket_id"], row["assignee_email"])
            agents[key] = max(found, agents.get(key, found))
    for desk, row in books.world.rows("zendesk__satisfaction_ratings"):
        score = lower(row["score"])
        if score not in ("good", "bad"):
            continue
        ticket = desks.tickets.get((desk, row["ticket_id"]))
        account = desks.account(desk, ticket) if ticket else desk
        if row["assignee_id"] is not None:
            agent = agents.get((desk, row["assignee_id"]))
            email = agent[2] if agent else None
        else:
            email = ticket["assignee_email"] if ticket else None
        person, day = desks.person(email), books.day(account, row["updated_at"])
        measures = {"csat_ratings": ONE, "csat_good": Exact(score == "good")}
        yield Fact(account, day, measures, person=person, team=books.team_of(person, day) if person else None)


HEALTH = {
    "odr": ("orderDefectRate", None),
    "late_shipment_rate": ("lateShipmentRate", "lateShipment"),
    "cancel_rate": ("preFulfillmentCancellationRate", "cancellations"),
    "valid_tracking_rate": ("validTrackingRate", "vtr"),
    "on_time_delivery_rate": ("onTimeDeliveryRate", "otd"),
    "seller_response_rate": (None, "srr"),
    "platform_refund_rate": (None, "refunds"),
}


def _health(kpi: str) -> Source:
    amazon, walmart = HEALTH[kpi]

    def facts(books: Books) -> Iterator[Fact]:
        rates: dict[tuple[str, date], list[Exact]] = defaultdict(list)
        for account, row in books.world.rows("amazon_sp__account_health"):
            if row["metric"] == amazon and row["rate"] is not None:
                rates[account, row["snapshot_date"]].append(Exact(row["rate"]))
        for (account, day), found in rates.items():
            yield Fact(account, day, {kpi: max(found)})
        judged: dict[tuple[str, date], list[tuple[bool, int, Exact]]] = defaultdict(list)
        for account, row in books.world.rows("walmart__performance"):
            own = row["rate"] if row["seller_accountable_rate"] is None else row["seller_accountable_rate"]
            if row["metric"] == walmart and own is not None:
                days = row["report_days"]
                usual = days == (60 if walmart == "refunds" else 30)
                judged[account, row["snapshot_date"]].append((usual, days, Exact(own) / 100))
        for (account, day), windows in judged.items():
            yield Fact(account, day, {kpi: max(windows)[2]})

    return Source(f"health {kpi}", facts, {kpi: "level"})


SOURCES = (
    Source(
        "contacts",
        contacts,
        {
            **dict.fromkeys(("contacts", "answered_in_24h", "response_due"), "sum"),
            "response_hours_p50": "p50",
            "response_hours_p90": "p90",
        },
        ("zendesk__ticket_metrics", "zendesk__messages"),
    ),
    Source(
        "ratings",
        ratings,
        dict.fromkeys(("stars", "seller_ratings", "negative_ratings", "csat_ratings", "csat_good"), "sum"),
    ),
    *(_health(kpi) for kpi in HEALTH),
)
KPIS = (
    simple("contacts", PEOPLE, "contacts"),
    ratio("response_24h_rate", PEOPLE, "answered_in_24h", "response_due"),
    simple("first_response_p50", PEOPLE, "response_hours_p50"),
    simple("first_response_p90", PEOPLE, "response_hours_p90"),
    Kpi("contact_rate", ACCOUNTS, ("contacts", "orders"), lambda m: m.zero("contacts"), lambda m: m["orders"]),
    ratio("csat", PEOPLE, "csat_good", "csat_ratings"),
    ratio("seller_rating", ACCOUNTS, "stars", "seller_ratings"),
    ratio("negative_feedback_rate", ACCOUNTS, "negative_ratings", "seller_ratings"),
    *(simple(kpi, ("account",), kpi) for kpi in HEALTH),
)
