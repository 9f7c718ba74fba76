"""What the desk's raw tables add up to, to hold against the truth: SQL that gives (account_id, day, value)."""

from __future__ import annotations

_ZONE = "(select time_zone from raw.accounts as a where a.account_id = t._account_id and a.platform = 'zendesk')"
_REPLY_MINUTES = "floor(extract(epoch from t.first_replied_at - t.received_at) / 60)"


def _count(stream: str, instant: str, value: str = "count(*)", where: str = "true") -> str:
    return f"""
        select t._account_id as account_id, (t.{instant} at time zone {_ZONE})::date as day, {value} as value
        from raw.zendesk__{stream} as t
        where {where}
        group by 1, 2
    """


MEASURES: dict[tuple[str, str], str] = {
    ("tickets", "tickets"): _count("tickets", "created_at"),
    ("tickets", "solved"): _count("tickets", "created_at", where="t.status = 'solved'"),
    ("ticket_metrics", "replied"): _count("ticket_metrics", "created_at", "count(t.first_reply_minutes)"),
    ("ticket_metrics", "first_reply_minutes"): _count("ticket_metrics", "created_at", "sum(t.first_reply_minutes)"),
    ("ticket_metrics", "replied_within_24h"): _count(
        "ticket_metrics", "created_at", where="t.first_reply_minutes <= 1440"
    ),
    ("messages", "messages"): _count("messages", "received_at"),
    ("messages", "replied_within_24h"): _count("messages", "received_at", where=f"{_REPLY_MINUTES} <= 1440"),
    **{
        ("satisfaction_ratings", score): _count("satisfaction_ratings", "created_at", where=f"t.score = '{score}'")
        for score in ("offered", "good", "bad")
    },
}
