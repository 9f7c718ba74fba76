"""What the desk's streams must add up to by day of its zone, from the records of support."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.support import DESK_ID, DESK_ZONE, tickets
from airflow_dags.sandbox.platforms import Total

DAY_MINUTES = 24 * 60


def totals(business: Business, revision: int) -> Iterator[Total]:
    """Tickets and first replies by the day of the buyer's message, ratings by the day on which they were offered."""
    counts: Counter[tuple[str, date, str]] = Counter()
    for ticket in tickets(business, revision):
        day = _day(ticket.created_at)
        counts["tickets", day, "tickets"] += 1
        counts["messages", day, "messages"] += 1
        minutes = ticket.first_reply_minutes
        if minutes is not None:
            counts["ticket_metrics", day, "replied"] += 1
            counts["ticket_metrics", day, "first_reply_minutes"] += minutes
            if minutes <= DAY_MINUTES:
                counts["ticket_metrics", day, "replied_within_24h"] += 1
                counts["messages", day, "replied_within_24h"] += 1
        if ticket.solved_at:
            counts["tickets", day, "solved"] += 1
        if ticket.rating:
            counts["satisfaction_ratings", _day(ticket.rating.offered_at), ticket.rating.score] += 1
    for (stream, day, measure), count in sorted(counts.items()):
        yield Total(stream, DESK_ID, day, measure, Decimal(count))


def _day(instant: datetime) -> date:
    return instant.astimezone(DESK_ZONE).date()
