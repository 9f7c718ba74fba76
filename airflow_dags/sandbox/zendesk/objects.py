"""The desk's records as Zendesk's objects: tickets with their custom fields and metrics, ratings, agents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.catalogue import Person, stable_number
from airflow_dags.sandbox.business.support import Ticket

ACCOUNT_FIELD, ORDER_FIELD, TOPIC_FIELD = 360_000_000_101, 360_000_000_102, 360_000_000_103
GROUP_ID, BRAND_ID = 360_000_000_001, 360_000_000_002
CHANNELS = {"amazon": "email", "shopify": "web", "walmart": "api", "tiktok_shop": "api"}
EXPORT_CHANNELS = {"amazon": "Amazon", "shopify": "Shopify", "walmart": "Walmart", "tiktok_shop": "TikTok Shop"}
FIRST_HOUR, LAST_HOUR = 9, 17


def iso(instant: datetime | None) -> str | None:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if instant else None


def agent_id(person: Person) -> int:
    return 370_000_000_000 + stable_number(person.employee_id, "agent") % 10**9


def requester_id(ticket: Ticket) -> int:
    return 380_000_000_000 + stable_number(ticket.account_id, ticket.order_ref, "requester") % 10**9


def agents(business: Business) -> list[dict[str, Any]]:
    return [
        {"id": agent_id(person), "name": person.name, "email": person.email, "role": "agent", "active": True}
        for person in business.catalogue.people
    ]


def ticket_object(ticket: Ticket, base_url: str, with_metrics: bool) -> dict[str, Any]:
    topic = ticket.topic.replace(" ", "_")
    fields = [
        {"id": ACCOUNT_FIELD, "value": ticket.account_id},
        {"id": ORDER_FIELD, "value": ticket.order_ref},
        {"id": TOPIC_FIELD, "value": topic},
    ]
    rating = ticket.rating
    found = {
        "id": ticket.number,
        "url": f"{base_url}/api/v2/tickets/{ticket.number}.json",
        "external_id": None,
        "via": {"channel": CHANNELS[ticket.channel], "source": {"from": {}, "to": {}, "rel": None}},
        "created_at": iso(ticket.created_at),
        "updated_at": iso(ticket.updated_at),
        "generated_timestamp": int(ticket.updated_at.timestamp()),
        "type": "question",
        "subject": f"{ticket.topic.capitalize()} ({ticket.order_ref})",
        "raw_subject": f"{ticket.topic.capitalize()} ({ticket.order_ref})",
        "description": f"Hello, this is buyer {requester_id(ticket)}.",
        "priority": "normal",
        "status": ticket.status,
        "recipient": None,
        "requester_id": requester_id(ticket),
        "submitter_id": requester_id(ticket),
        "assignee_id": agent_id(ticket.agent),
        "organization_id": None,
        "group_id": GROUP_ID,
        "collaborator_ids": [],
        "follower_ids": [],
        "email_cc_ids": [],
        "has_incidents": False,
        "is_public": True,
        "due_at": None,
        "tags": [ticket.account_id, f"channel_{ticket.channel}", topic],
        "custom_fields": fields,
        "fields": fields,
        "satisfaction_rating": {"score": rating.score if rating else "unoffered"},
        "brand_id": BRAND_ID,
        "allow_channelback": False,
        "allow_attachments": True,
        "from_messaging_channel": False,
    }
    if with_metrics:
        found["metric_set"] = metrics_object(ticket, base_url)
    return found


def metrics_object(ticket: Ticket, base_url: str) -> dict[str, Any]:
    number = 500_000_000_000 + ticket.number

    def since_created(moment: datetime | None) -> dict[str, int | None]:
        return {"calendar": _minutes(ticket.created_at, moment), "business": _office(ticket.created_at, moment)}

    return {
        "id": number,
        "url": f"{base_url}/api/v2/ticket_metrics/{number}.json",
        "ticket_id": ticket.number,
        "created_at": iso(ticket.created_at),
        "updated_at": iso(ticket.updated_at),
        "group_stations": 1,
        "assignee_stations": 1,
        "reopens": ticket.reopens,
        "replies": ticket.replies,
        "assignee_updated_at": iso(ticket.first_reply_at),
        "requester_updated_at": iso(ticket.created_at),
        "status_updated_at": iso(ticket.updated_at),
        "initially_assigned_at": iso(ticket.created_at),
        "assigned_at": iso(ticket.created_at),
        "solved_at": iso(ticket.solved_at),
        "latest_comment_added_at": iso(ticket.first_reply_at or ticket.created_at),
        "reply_time_in_minutes": since_created(ticket.first_reply_at),
        "first_resolution_time_in_minutes": since_created(ticket.solved_at),
        "full_resolution_time_in_minutes": since_created(ticket.solved_at),
        "agent_wait_time_in_minutes": since_created(None),
        "requester_wait_time_in_minutes": since_created(ticket.solved_at),
        "on_hold_time_in_minutes": {"calendar": 0, "business": 0},
        "reply_time_in_seconds": {"calendar": None},
    }


def _minutes(start: datetime, end: datetime | None) -> int | None:
    return None if end is None else int((end - start).total_seconds() // 60)


def _office(start: datetime, end: datetime | None) -> int | None:
    """Minutes within office hours (in UTC, every day), counted by the hour: near enough for a schedule."""
    if end is None:
        return None
    minutes, at = 0, start
    while at < end:
        following = min(end, (at + timedelta(hours=1)).replace(minute=0, second=0))
        if FIRST_HOUR <= at.hour < LAST_HOUR:
            minutes += int((following - at).total_seconds() // 60)
        at = following
    return minutes


def rating_object(ticket: Ticket, base_url: str) -> dict[str, Any]:
    rating, number = ticket.rating, 600_000_000_000 + ticket.number
    if rating is None:
        raise LookupError(f"ticket {ticket.number} has no rating")
    return {
        "id": number,
        "url": f"{base_url}/api/v2/satisfaction_ratings/{number}.json",
        "assignee_id": agent_id(ticket.agent),
        "group_id": GROUP_ID,
        "requester_id": requester_id(ticket),
        "ticket_id": ticket.number,
        "score": rating.score,
        "created_at": iso(rating.offered_at),
        "updated_at": iso(rating.updated_at),
        "comment": "Thanks, Jane Doe" if rating.score == "good" else None,
        "reason": rating.reason,
        "reason_code": None if rating.reason is None else 7,
    }


def message_row(ticket: Ticket) -> dict[str, Any]:
    """A row of the marketplaces' messages as an app of the desk exports them."""
    return {
        "Message ID": f"M{ticket.number}",
        "Account": ticket.account_id,
        "Order ID": ticket.order_ref,
        "Received at": iso(ticket.created_at),
        "First replied at": iso(ticket.first_reply_at),
        "First reply minutes": ticket.first_reply_minutes,
        "Channel": EXPORT_CHANNELS[ticket.channel],
        "Agent": ticket.agent.email,
        "Topic": ticket.topic,
    }
