"""What buyers of all accounts write to the one desk, and what becomes of it: first replies, solutions, ratings.

A ticket follows from an order: about one in thirty. The owner of the first line's product answers. Everything follows
from the seed and the order; instants are UTC, days the desk's own. Revision 1 shows what happened in the last 20
minutes of the last day: late first replies, and ratings that buyers gave at last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from airflow_dags.sandbox.business.catalogue import Person, stable_share

if TYPE_CHECKING:
    from airflow_dags.sandbox.business.simulation import Business

DESK_ID, DESK_NAME, DESK_TIME_ZONE = "northlight_desk", "Northlight desk", "America/Los_Angeles"
DESK_ZONE = ZoneInfo(DESK_TIME_ZONE)
TOPICS = ("where is my order", "damaged on arrival", "wrong item", "return or refund", "question about the product")
BAD_REASONS = ("The issue took too long to resolve", "The issue was not resolved", "The agent's attitude was unhelpful")
TICKET_SHARE, LATE_SHARE, UNANSWERED_SHARE = 0.033, 0.09, 0.02
SMALL_TICKET_SHARE = 0.16  # a small business would have too few to look at
FIRST_TICKET = 10_001
Score = Literal["offered", "good", "bad"]


@dataclass(frozen=True, slots=True)
class Rating:
    """A buyer was asked on ``offered_at``; ``updated_at`` is when the answer came, if it did."""

    score: Score
    offered_at: datetime
    updated_at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """``account_id`` is the selling account that the order is of; ``channel`` where the buyer wrote."""

    number: int
    account_id: str
    channel: str
    order_ref: str
    topic: str
    agent: Person
    created_at: datetime
    updated_at: datetime
    first_reply_at: datetime | None = None
    solved_at: datetime | None = None
    replies: int = 0
    reopens: int = 0
    rating: Rating | None = None

    @property
    def first_reply_minutes(self) -> int | None:
        """Whole minutes from the buyer's message to the first reply."""
        if self.first_reply_at is None:
            return None
        return int((self.first_reply_at - self.created_at).total_seconds() // 60)

    @property
    def status(self) -> str:
        if self.solved_at:
            return "solved"
        return "open" if self.first_reply_at else "new"


@dataclass(frozen=True, slots=True)
class _Order:
    """What a ticket needs to know of an order of any channel."""

    account_id: str
    channel: str
    ref: str
    purchased_at: datetime
    agent: Person


@lru_cache(maxsize=4)
def tickets(business: Business, revision: int) -> tuple[Ticket, ...]:
    """All tickets as the revision shows them, oldest first."""
    if revision:
        return tuple(_restated(business, ticket) for ticket in tickets(business, 0))
    found = [ticket for order in _orders(business) if (ticket := _ticket(business, order))]
    found.sort(key=lambda ticket: (ticket.created_at, ticket.account_id, ticket.order_ref))
    return tuple(replace(ticket, number=FIRST_TICKET + at) for at, ticket in enumerate(found))


def _orders(business: Business) -> Iterator[_Order]:
    for first in business.months:
        for order in business.orders(first, 0):
            owner = order.lines[0].sku.cell.owner
            yield _Order(order.account.account_id, "amazon", order.order_id, order.purchased_at, owner)
    for shop in business.shops:
        for day in business.days():
            for placed in business.shop_orders(shop, day, 0):
                ref = f"#{placed.number}" if shop.platform == "shopify" else str(placed.number)
                owner = placed.lines[0].sku.cell.owner
                yield _Order(shop.account_id, shop.platform, ref, placed.purchased_at, owner)


def _ticket(business: Business, order: _Order) -> Ticket | None:
    def share(what: str) -> float:
        return stable_share(business.seed, order.account_id, order.ref, "support", what)

    closed = business.closed_at
    if share("asks") >= (SMALL_TICKET_SHARE if business.small else TICKET_SHARE):
        return None
    created = (order.purchased_at + timedelta(hours=3 + share("when") * 200)).replace(microsecond=0)
    if created >= closed - timedelta(minutes=30):
        return None
    draw = share("late")
    hours = 25 + share("hours") * 45 if draw < LATE_SHARE else 0.1 + share("hours") ** 2 * 22
    replied = (created + timedelta(hours=hours)).replace(microsecond=0)
    ticket = Ticket(
        number=0,
        account_id=order.account_id,
        channel=order.channel,
        order_ref=order.ref,
        topic=TOPICS[int(share("topic") * len(TOPICS))],
        agent=order.agent,
        created_at=created,
        updated_at=created,
    )
    if share("answered") < UNANSWERED_SHARE or replied >= closed - timedelta(minutes=25):
        return ticket
    solved = replied + timedelta(hours=1 + int(share("solved") * 60))
    ticket = replace(ticket, first_reply_at=replied, replies=1 + int(share("replies") * 3), updated_at=replied)
    if solved >= closed - timedelta(minutes=25):
        return ticket
    reopens = 1 if share("reopens") < 0.06 else 0
    ticket = replace(ticket, solved_at=solved, reopens=reopens, updated_at=solved)
    rating = _rating(solved, closed, share)
    return replace(ticket, rating=rating, updated_at=rating.updated_at) if rating else ticket


def _rating(solved: datetime, closed: datetime, share: Callable[[str], float]) -> Rating | None:
    """A day after the solution the buyer is asked; two in five answer, one in six of these says bad."""
    offered = solved + timedelta(hours=24)
    if offered >= closed - timedelta(minutes=25):
        return None
    rated = (offered + timedelta(hours=1 + share("rated") * 40)).replace(microsecond=0)
    if share("rates") >= 0.4 or rated >= closed - timedelta(minutes=25):
        return Rating("offered", offered, offered)
    is_bad = share("bad") < 0.16
    reason = BAD_REASONS[int(share("why") * len(BAD_REASONS))] if is_bad else None
    return Rating("bad" if is_bad else "good", offered, rated, reason)


def _restated(business: Business, ticket: Ticket) -> Ticket:
    draw = stable_share(business.seed, ticket.account_id, ticket.order_ref, "support", "restated")
    at = business.closed_at - timedelta(seconds=1 + int(draw * 9973) % 1199)
    age = business.closed_at - ticket.created_at
    if ticket.first_reply_at is None and age < timedelta(days=5) and draw < 0.6:
        return replace(ticket, first_reply_at=at, replies=1, updated_at=at)
    rating = ticket.rating
    is_waiting = rating is not None and rating.score == "offered"
    if rating and is_waiting and draw < 0.2 and business.closed_at - rating.offered_at < timedelta(days=14):
        given: Score = "good" if draw < 0.14 else "bad"
        reason = BAD_REASONS[0] if given == "bad" else None
        return replace(ticket, rating=replace(rating, score=given, updated_at=at, reason=reason), updated_at=at)
    return ticket
