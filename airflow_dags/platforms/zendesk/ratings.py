"""Satisfaction ratings: one row a rating that was offered, with what the buyer answered, if anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow_dags.contracts import Column, Contract, Extract
from airflow_dags.platforms.zendesk.tickets import epoch
from airflow_dags.streams import PullStream, StreamSettings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window

CONTRACT = Contract(
    platform="zendesk",
    stream="satisfaction_ratings",
    mode="changes",
    report_name="Zendesk satisfaction ratings (a table with these columns)",
    key=("rating_id",),
    version="updated_at",
    unique=("rating_id",),
    columns=(
        Column("rating_id", "bigint", required=True, nullable=False, sources=("rating_id", "id")),
        Column("ticket_id", "bigint", required=True, nullable=False),
        # offered (no answer yet), unoffered, good, bad
        Column("score", required=True, nullable=False),
        Column("reason"),
        Column("reason_code"),
        Column("assignee_id", "bigint"),
        Column("group_id", "bigint"),
        Column("requester_id", "bigint"),
        Column("created_at", "timestamp", required=True, nullable=False),
        Column("updated_at", "timestamp", required=True, nullable=False),
    ),
    # A comment is the buyer's own words, and may say who they are.
    ignored=frozenset(["url", "comment", "reason_id"]),
)


class Ratings(PullStream):
    """Ratings that were offered on the days of a window. An answer may come weeks later, so these are read again."""

    def __init__(self, settings: StreamSettings, time_zone: Callable[[Account], str]) -> None:
        self.contract, self.settings, self._time_zone = CONTRACT, settings, time_zone

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        from airflow_dags.documents import table_of_rows

        zone = ZoneInfo(self._time_zone(account))
        # The end counts in; a rating of the following day's first second changes nothing by coming twice.
        query = {"start_time": epoch(window.start, zone), "end_time": epoch(window.end + timedelta(days=1), zone)}
        rows = list(client.listed("satisfactionRatings", "/api/v2/satisfaction_ratings", "satisfaction_ratings", query))
        kept = [{name: value for name, value in row.items() if name not in CONTRACT.ignored} for row in rows]
        names = list(dict.fromkeys(name for row in kept for name in row))
        return Extract(table_of_rows(kept, names or [column.names[0] for column in CONTRACT.columns]))
