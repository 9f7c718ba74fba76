"""Tickets and their metrics, both from the incremental export by last change. Who wrote is kept as an id only.

The selling account, the order and the topic are custom fields of the ticket; the connection names their ids.
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow_dags.contracts import Column, Contract, Extract
from airflow_dags.errors import ServerUnavailable
from airflow_dags.paging import Page, follow
from airflow_dags.streams import PullStream, StreamSettings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window

PATH = "/api/v2/incremental/tickets/cursor.json"
# Zendesk refuses a start within the last minute.
RECENT_SECONDS = 90
# What the buyer wrote and who they are, and what no figure needs.
_IGNORED = [
    "url",
    "external_id",
    "via",
    "subject",
    "raw_subject",
    "description",
    "recipient",
    "submitter_id",
    "organization_id",
    "collaborator_ids",
    "follower_ids",
    "email_cc_ids",
    "forum_topic_id",
    "problem_id",
    "has_incidents",
    "is_public",
    "due_at",
    "custom_fields",
    "fields",
    "sharing_agreement_ids",
    "custom_status_id",
    "encoded_id",
    "followup_ids",
    "ticket_form_id",
    "allow_channelback",
    "allow_attachments",
    "attachments",
    "from_messaging_channel",
    "generated_timestamp",
    "satisfaction_rating",
    "metric_set",
    "result_type",
    "support_type",
    "requester",
    "organisation",
    "Requester",
    "Subject",
]

TICKETS = Contract(
    platform="zendesk",
    stream="tickets",
    mode="changes",
    report_name="Zendesk tickets (incremental export, or a view's export with these columns)",
    key=("ticket_id",),
    version="updated_at",
    unique=("ticket_id",),
    columns=(
        Column("ticket_id", "bigint", required=True, nullable=False, sources=("ticket_id", "id", "Ticket ID")),
        Column("created_at", "timestamp", required=True, nullable=False, sources=("created_at", "Created at")),
        Column("updated_at", "timestamp", required=True, nullable=False, sources=("updated_at", "Updated at")),
        # new, open, pending, hold, solved, closed, deleted
        Column("status", required=True, sources=("status", "Ticket status")),
        Column("priority"),
        Column("type", sources=("type", "Ticket type")),
        Column("channel", sources=("channel", "Ticket channel")),
        Column("requester_id", "bigint"),
        Column("assignee_id", "bigint"),
        Column("assignee_email", sources=("assignee_email", "Assignee email")),
        Column("group_id", "bigint"),
        Column("brand_id", "bigint"),
        # Of the custom fields that the connection names.
        Column("selling_account", sources=("selling_account", "Selling account")),
        Column("order_id", sources=("order_id", "Order ID")),
        Column("topic", sources=("topic", "Topic")),
        # offered, unoffered, good or bad, as last known; ratings have their own stream.
        Column("satisfaction_score", sources=("satisfaction_score", "Satisfaction score")),
        Column("tags", sources=("tags", "Ticket tags")),
    ),
    ignored=frozenset(_IGNORED),
)
_PLAIN = (
    "created_at",
    "updated_at",
    "status",
    "priority",
    "type",
    "requester_id",
    "assignee_id",
    "group_id",
    "brand_id",
)
_FIELDS = {"selling_account": "account_field_id", "order_id": "order_field_id", "topic": "topic_field_id"}


def _minutes(name: str) -> tuple[Column, Column]:
    return Column(f"{name}_minutes", "integer"), Column(f"{name}_business_minutes", "integer")


DURATIONS = {
    "reply_time_in_minutes": "first_reply",
    "first_resolution_time_in_minutes": "first_resolution",
    "full_resolution_time_in_minutes": "full_resolution",
    "agent_wait_time_in_minutes": "agent_wait",
    "requester_wait_time_in_minutes": "requester_wait",
    "on_hold_time_in_minutes": "on_hold",
}
METRICS = Contract(
    platform="zendesk",
    stream="ticket_metrics",
    mode="changes",
    report_name="Zendesk ticket metrics (a table with these columns)",
    key=("ticket_id",),
    version="updated_at",
    unique=("ticket_id",),
    columns=(
        Column("ticket_id", "bigint", required=True, nullable=False),
        Column("metric_id", "bigint"),
        Column("created_at", "timestamp", required=True, nullable=False),
        Column("updated_at", "timestamp", required=True, nullable=False),
        # By the calendar and by the desk's business hours; empty: it hasn't happened.
        *(column for name in DURATIONS.values() for column in _minutes(name)),
        Column("replies", "integer", required=True),
        Column("reopens", "integer", required=True),
        Column("group_stations", "integer"),
        Column("assignee_stations", "integer"),
        Column("initially_assigned_at", "timestamp"),
        Column("assigned_at", "timestamp"),
        Column("solved_at", "timestamp"),
        Column("latest_comment_added_at", "timestamp"),
    ),
    ignored=frozenset(
        [
            "url",
            "assignee_updated_at",
            "requester_updated_at",
            "status_updated_at",
            "custom_status_updated_at",
            "reply_time_in_seconds",
        ]
    ),
)
_METRIC_CELLS = tuple(
    column.name for column in METRICS.columns if not column.name.endswith("_minutes") and column.name != "metric_id"
)


class Incremental(PullStream):
    """Rows of the tickets that changed on the days of a window."""

    def __init__(self, contract: Contract, settings: StreamSettings, time_zone: Callable[[Account], str]) -> None:
        self.contract, self.settings, self._time_zone = contract, settings, time_zone

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        from airflow_dags.documents import table_of_rows

        include = {"include": "metric_sets"} if self.contract is METRICS else {}
        zone = ZoneInfo(self._time_zone(account))
        start, end = epoch(window.start, zone), epoch(window.end + timedelta(days=1), zone)
        changed = changed_tickets(client, start, end, include)
        rows = [row for ticket in changed for row in self.rows_of(client, account, ticket)]
        names = list(dict.fromkeys(name for row in rows for name in row))
        return Extract(table_of_rows(rows, names or [column.names[0] for column in self.contract.columns]))

    def rows_of(self, client: Any, account: Account, ticket: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if self.contract is METRICS:
            metrics = ticket.get("metric_set")
            return iter([metric_row(metrics)] if isinstance(metrics, dict) else [])
        return iter([ticket_row(client, account, ticket)])


def epoch(day: date, zone: ZoneInfo) -> int:
    """The instant at which the desk's day begins, in seconds since 1970."""
    return int(datetime.combine(day, time(), zone).timestamp())


def changed_tickets(client: Any, start: int, end: int, include: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The tickets that last changed in [start, end): the export has no end of its own, and is in order of change."""
    start = min(start, int(clock.time()) - RECENT_SECONDS)

    def fetch(cursor: str | None) -> Page:
        query = {**include, "per_page": "1000", **({"cursor": cursor} if cursor else {"start_time": str(start)})}
        found = client.get("incrementalTickets", PATH, query)
        rows = found.get("tickets")
        if not isinstance(rows, list):
            raise ServerUnavailable(f"{client.title}: the export of tickets answered without tickets")
        with_metrics(rows, found.get("metric_sets"))
        is_last = str(found.get("end_of_stream")).lower() == "true" or (rows and changed_at(rows[-1]) >= end)
        if not is_last and not found.get("after_cursor"):
            raise ServerUnavailable(f"{client.title}: the export of tickets goes on without a cursor")
        return Page(rows, None if is_last else str(found["after_cursor"]))

    def identity(ticket: dict[str, Any]) -> Any:
        return (ticket.get("id"), ticket.get("updated_at")) if ticket.get("id") else id(ticket)

    latest: dict[Any, dict[str, Any]] = {}
    for ticket in follow(fetch, f"{client.title}: tickets", key=identity):
        # A ticket that changes while the export is read comes again; the last time is the truth.
        if changed_at(ticket) < end:
            latest[ticket.get("id") or id(ticket)] = ticket
    return iter(latest.values())


def with_metrics(tickets: list[dict[str, Any]], metric_sets: Any) -> None:
    """Metrics come within their tickets, or beside them."""
    by_ticket = {str(item.get("ticket_id")): item for item in metric_sets or [] if isinstance(item, dict)}
    for ticket in tickets:
        if "metric_set" not in ticket and (found := by_ticket.get(str(ticket.get("id")))):
            ticket["metric_set"] = found


def changed_at(ticket: dict[str, Any]) -> float:
    """When the export counts a ticket as changed: system changes too, that leave updated_at as it is."""
    try:
        return float(ticket["generated_timestamp"])
    except (KeyError, TypeError, ValueError):
        return 0.0


def ticket_row(client: Any, account: Account, ticket: dict[str, Any]) -> dict[str, Any]:
    row = {"ticket_id": ticket.get("id")} if "id" in ticket else {}
    row |= {name: ticket[name] for name in _PLAIN if name in ticket}
    row["channel"] = _inner(ticket, "via", "channel")
    row["assignee_email"] = client.agents.get(str(ticket.get("assignee_id")), {}).get("email")
    row["satisfaction_score"] = _inner(ticket, "satisfaction_rating", "score")
    row["tags"] = " ".join(str(tag) for tag in ticket.get("tags") or []) or None
    values = {
        str(field.get("id")): field.get("value")
        for field in ticket.get("custom_fields") or []
        if isinstance(field, dict)
    }
    row |= {column: values.get(str(account.get(setting, ""))) for column, setting in _FIELDS.items()}
    known = TICKETS.ignored | {"id", "tags"} | set(_PLAIN)
    return row | {name: value for name, value in ticket.items() if name not in known and name not in row}


def metric_row(metrics: dict[str, Any]) -> dict[str, Any]:
    row = {"metric_id": metrics.get("id")}
    row |= {name: metrics[name] for name in _METRIC_CELLS if name in metrics}
    for source, name in DURATIONS.items():
        row[f"{name}_minutes"] = _inner(metrics, source, "calendar")
        row[f"{name}_business_minutes"] = _inner(metrics, source, "business")
    known = METRICS.ignored | {"id", *DURATIONS} | set(_METRIC_CELLS)
    return row | {name: value for name, value in metrics.items() if name not in known}


def _inner(value: dict[str, Any], *names: str) -> Any:
    found: Any = value
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found
