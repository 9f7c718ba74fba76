"""raw.report_requests: which reports were asked for, so that a retry resumes them instead of asking again.

A batch is what one run asks for of one stream and account; its id is all that travels between tasks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from airflow_dags.contracts import Contract, Window
from airflow_dags.warehouse import row_connection


@dataclass(frozen=True)
class ReportRequest:
    request_id: UUID
    window: Window
    report_id: str
    state: str
    document_id: str | None = None
    error: str | None = None


class RequestStore:
    """The requests of one warehouse, over one connection while it is entered; each call is a transaction of its own.

    psycopg serialises the calls of several threads on the connection.
    """

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def __enter__(self) -> RequestStore:
        self._opened = row_connection(self._uri, autocommit=True)
        self._connection = self._opened.__enter__()
        return self

    def __exit__(self, *failure: Any) -> None:
        self._opened.__exit__(*failure)

    def resume(
        self,
        batch_id: UUID,
        contract: Contract,
        account_id: str,
        *,
        fingerprint: str,
        windows: list[Window],
        hours: int,
    ) -> None:
        """Take the unfinished and the not yet loaded requests for these windows into the batch."""
        self._connection.execute(
            "update raw.report_requests as r set batch_id = %s, updated_at = now() from ("
            "select distinct on (window_start, window_end) request_id from raw.report_requests "
            "where platform = %s and stream = %s and account_id = %s and fingerprint = %s "
            "and state in ('requested', 'done') and requested_at > now() - make_interval(hours => %s) "
            "and (window_start, window_end) in (select * from unnest(%s::date[], %s::date[])) "
            "order by window_start, window_end, requested_at desc) as found "
            "where r.request_id = found.request_id",
            (
                str(batch_id),
                contract.platform,
                contract.stream,
                account_id,
                fingerprint,
                hours,
                [w.start for w in windows],
                [w.end for w in windows],
            ),
        )

    def forget_failed(self, batch_id: UUID) -> None:
        """Take the failed requests out of the batch: they keep their reason, and others take their place."""
        self._connection.execute(
            "update raw.report_requests set batch_id = gen_random_uuid() where batch_id = %s and state = 'failed'",
            (str(batch_id),),
        )

    def add(
        self, batch_id: UUID, contract: Contract, account_id: str, *, fingerprint: str, window: Window, report_id: str
    ) -> None:
        """Remember a report as soon as the platform named it."""
        self._connection.execute(
            "insert into raw.report_requests (request_id, batch_id, platform, stream, account_id, window_start, "
            "window_end, "
            "fingerprint, report_id, state, requested_at, updated_at) "
            "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'requested', now(), now())",
            (
                str(uuid4()),
                str(batch_id),
                contract.platform,
                contract.stream,
                account_id,
                window.start,
                window.end,
                fingerprint,
                report_id,
            ),
        )

    def of_batch(self, batch_id: UUID, states: Iterable[str] = ()) -> list[ReportRequest]:
        rows = self._connection.execute(
            "select request_id, window_start, window_end, report_id, state, document_id, error from "
            "raw.report_requests "
            "where batch_id = %s and (cardinality(%s::text[]) = 0 or state = any(%s)) order by window_start, "
            "window_end",
            (str(batch_id), list(states), list(states)),
        ).fetchall()
        return [ReportRequest(row[0], Window(row[1], row[2]), row[3], row[4], row[5], row[6]) for row in rows]

    def mark(self, changes: list[tuple[UUID, str, str | None, str | None]]) -> None:
        """Write new states: (request id, state, document id, error)."""
        if not changes:
            return
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.executemany(
                "update raw.report_requests set state = %s, document_id = coalesce(%s, document_id), error = %s, "
                "updated_at = now() "
                "where request_id = %s",
                [(state, document_id, error, str(request_id)) for request_id, state, document_id, error in changes],
            )
