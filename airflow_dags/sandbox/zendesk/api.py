"""Zendesk's API of the one desk: incremental tickets with their metrics, satisfaction ratings, agents, an export."""

from __future__ import annotations

import base64
import binascii
import time
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from airflow_dags.sandbox.business.support import Ticket, tickets
from airflow_dags.sandbox.content import Place, note, page_of, rows_of
from airflow_dags.sandbox.state import SandboxState
from airflow_dags.sandbox.zendesk import auth, objects
from airflow_dags.sandbox.zendesk.auth import PLATFORM, ZendeskError

INCREMENTAL_SIZE, LIST_SIZE = 1000, 100
RECENT_SECONDS = 60


class Desk:
    """The answers of all operations."""

    def __init__(self, state: SandboxState) -> None:
        self.state = state

    @property
    def base_url(self) -> str:
        return f"{self.state.base_url}/{PLATFORM}"

    def tickets(self) -> tuple[Ticket, ...]:
        return tickets(self.state.business, self.state.revision)

    def place(self, stream: str) -> Place:
        return Place(PLATFORM, stream, g.account_id)

    def incremental(self) -> Response:
        """Tickets in the order of their last change, from an instant on."""
        with_metrics = "metric_sets" in request.args.get("include", "").split(",")
        place = self.place("ticket_metrics" if with_metrics else "tickets")
        note(self.state, place)
        start, offset = self._start()
        found = sorted(
            (ticket for ticket in self.tickets() if ticket.updated_at.timestamp() >= start),
            key=lambda ticket: (ticket.updated_at, ticket.number),
        )
        items = [objects.ticket_object(ticket, self.base_url, with_metrics) for ticket in found]
        size = _size("per_page", INCREMENTAL_SIZE, INCREMENTAL_SIZE)
        rows, following = page_of(self.state, place, items, offset, size)
        # At the end of the stream there is a cursor too: by it one goes on another day.
        after = _cursor(f"{start}|{len(items) if following is None else following}")
        return jsonify(
            {
                "tickets": rows,
                "after_url": f"{self.base_url}/api/v2/incremental/tickets/cursor.json?cursor={after}",
                "after_cursor": after,
                "before_url": None,
                "before_cursor": None,
                "end_of_stream": following is None,
            }
        )

    def _start(self) -> tuple[int, int]:
        if cursor := request.args.get("cursor"):
            start, _, offset = _text(cursor).partition("|")
            if not (start.isdigit() and offset.isdigit()):
                raise ZendeskError(400, "InvalidPaginationParameter", "Invalid cursor")
            return int(start), int(offset)
        text = request.args.get("start_time", "")
        if not text.isdigit():
            raise ZendeskError(400, "InvalidParameter", "start_time must be a Unix epoch time")
        if int(text) > time.time() - RECENT_SECONDS:
            raise ZendeskError(422, "InvalidValue", "Too recent start_time. Use a start_time older than 60 seconds")
        return int(text), 0

    def ratings(self) -> Response:
        place = self.place("satisfaction_ratings")
        note(self.state, place)
        start, end = (_epoch(name) for name in ("start_time", "end_time"))
        found = [
            ticket
            for ticket in self.tickets()
            if ticket.rating
            and (start is None or ticket.rating.offered_at >= start)
            and (end is None or ticket.rating.offered_at <= end)
        ]
        rows = [objects.rating_object(ticket, self.base_url) for ticket in found]
        return self._listed("satisfaction_ratings", rows, place)

    def users(self) -> Response:
        wanted = request.args.getlist("role[]")
        rows = objects.agents(self.state.business) if not wanted or "agent" in wanted else []
        return self._listed("users", rows, None)

    def _listed(self, name: str, items: list[dict[str, Any]], place: Place | None) -> Response:
        """A list by cursor pagination."""
        cursor = request.args.get("page[after]")
        offset = _text(cursor) if cursor else "0"
        if not offset.isdigit():
            raise ZendeskError(400, "InvalidPaginationParameter", "page[after] is not valid")
        size = _size("page[size]", LIST_SIZE, LIST_SIZE)
        if place is None:
            rows, following = items[int(offset) : int(offset) + size], None
        else:
            rows, following = page_of(self.state, place, items, int(offset), size)
        after = _cursor(str(len(items) if following is None else following))
        meta = {"has_more": following is not None, "after_cursor": after, "before_cursor": _cursor(offset)}
        return jsonify({name: rows, "meta": meta, "links": {"prev": None, "next": None}})

    def messages(self) -> Response:
        rows = rows_of(self.state, self.place("messages"), [objects.message_row(one) for one in self.tickets()])
        return jsonify(rows)


def _size(name: str, default: int, largest: int) -> int:
    text = request.args.get(name, str(default))
    if not text.isdigit() or not 1 <= int(text) <= largest:
        raise ZendeskError(400, "InvalidPaginationParameter", f"{name} is not valid")
    return int(text)


def _epoch(name: str) -> datetime | None:
    text = request.args.get(name, "")
    return datetime.fromtimestamp(int(text), UTC) if text.isdigit() else None


def _cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _text(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def blueprint(state: SandboxState) -> Blueprint:
    routes = Blueprint(PLATFORM, __name__, url_prefix=f"/{PLATFORM}")
    desk = Desk(state)

    @routes.errorhandler(ZendeskError)
    def problem(error: ZendeskError) -> Response:
        return error.response()

    @routes.before_request
    def admit() -> None:
        """Who asks, and whether they ask too often."""
        auth.log_in(state)
        wait = state.buckets.take(str(request.endpoint), g.account_id)
        if wait is not None:
            raise ZendeskError(429, "TooManyRequests", "Rate limit exceeded", retry_after=wait)

    @routes.get("/api/v2/incremental/tickets/cursor.json")
    def incremental_tickets() -> Response:
        return desk.incremental()

    @routes.get("/api/v2/satisfaction_ratings")
    def satisfaction_ratings() -> Response:
        return desk.ratings()

    @routes.get("/api/v2/users")
    def users() -> Response:
        return desk.users()

    @routes.get("/exports/messages.json")
    def message_export() -> Response:
        return desk.messages()

    return routes
