"""raw.report_requests: which reports were asked for, so that a retry resumes them instead of asking again.

A batch is what one run asks for of one stream and account; its id is all that travels between tasks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from airflow_dags.contracts import Contract, Window
from airflow_dags.loader.schema import ensure_schema
from airflow_dags.warehouse import row_connection

if TYPE_CHECKING:
    from airflow_dags.streams import ListedReport


@dataclass(frozen=True)
class ReportRequest:
    """One report, as it was last seen; ``known_at`` is when the platform made it, where it says so."""

    request_id: UUID
    window: Window
    report_id: str
    state: str
    requested_at: datetime
    document_id: str | None = None
    error: str | None = None
    known_at: datetime | None = None

    @property
    def as_of(self) -> datetime:
        """What the report holds was known then: when it was made, or at least when it was asked for."""
        return self.known_at or self.requested_at


@dataclass(frozen=True)
class StateChange:
    """A new state of a request; what is None keeps what is stored."""

    request_id: UUID
    state: str
    document_id: str | None = None
    error: str | None = None
    known_at: datetime | None = None


class RequestStore:
    """The requests of one warehouse, over one connection while it is entered; each call is a transaction of its own.

    psycopg serialises the calls of several threads on the connection.
    """

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def __enter__(self) -> RequestStore:
        ensure_schema(self._uri, [])  # the first thing that a new warehouse is asked may be this
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

    def put_aside(self, request_id: UUID, reason: str) -> None:
        """Take one request out of its batch, as failed; another one takes its place."""
        self._connection.execute(
            "update raw.report_requests set batch_id = gen_random_uuid(), state = 'failed', error = %s, "
            "updated_at = now() where request_id = %s",
            (reason, str(request_id)),
        )

    def was_put_aside(
        self, contract: Contract, account_id: str, fingerprint: str, window: Window, *, reason: str, hours: int
    ) -> bool:
        """Whether a request for the same was put aside for this reason within the last hours."""
        found = self._connection.execute(
            "select exists (select from raw.report_requests where platform = %s and stream = %s and account_id = %s "
            "and fingerprint = %s and window_start = %s and window_end = %s and error = %s "
            "and updated_at > now() - make_interval(hours => %s))",
            (contract.platform, contract.stream, account_id, fingerprint, window.start, window.end, reason, hours),
        ).fetchone()
        return bool(found and found[0])

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

    def add_loaded(self, batch_id: UUID, contract: Contract, account_id: str, *, window: Window) -> None:
        """Remember that a part of a pull, which has no report, was loaded."""
        self._connection.execute(
            "insert into raw.report_requests (request_id, batch_id, platform, stream, account_id, window_start, "
            "window_end, fingerprint, state, requested_at, updated_at) "
            "values (%s, %s, %s, %s, %s, %s, %s, %s, 'loaded', now(), now())",
            (
                str(uuid4()),
                str(batch_id),
                contract.platform,
                contract.stream,
                account_id,
                window.start,
                window.end,
                contract.stream,
            ),
        )

    def add_listed(
        self, batch_id: UUID, contract: Contract, account_id: str, fingerprint: str, reports: list[ListedReport]
    ) -> int:
        """Take listed reports into the batch but for those that were loaded before; returns how many are left."""
        stream = (contract.platform, contract.stream, account_id)
        with self._connection.transaction():
            rows = self._connection.execute(
                "select report_id, (array_agg(request_id order by updated_at desc))[1], bool_or(state = 'loaded') "
                "from raw.report_requests where platform = %s and stream = %s and account_id = %s "
                "and report_id = any(%s) group by report_id",
                (*stream, [report.report_id for report in reports]),
            ).fetchall()
            known = {report_id: request_id for report_id, request_id, _ in rows}
            loaded = {report_id for report_id, _, is_loaded in rows if is_loaded}
            new = [report for report in reports if report.report_id not in loaded]
            for report in new:
                stated = (str(batch_id), report.window.start, report.window.end, report.document_id, report.known_at)
                if report.report_id in known:
                    self._connection.execute(
                        "update raw.report_requests set batch_id = %s, window_start = %s, window_end = %s, "
                        "document_id = %s, known_at = %s, state = 'done', error = null, updated_at = now() "
                        "where request_id = %s",
                        (*stated, known[report.report_id]),
                    )
                    continue
                self._connection.execute(
                    "insert into raw.report_requests (batch_id, window_start, window_end, document_id, known_at, "
                    "request_id, platform, stream, account_id, fingerprint, report_id, state, requested_at, updated_at)"
                    " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'done', now(), now())",
                    (*stated, str(uuid4()), *stream, fingerprint, report.report_id),
                )
        return len(new)

    def of_batch(self, batch_id: UUID, states: Iterable[str] = ()) -> list[ReportRequest]:
        rows = self._connection.execute(
            "select request_id, window_start, window_end, report_id, state, requested_at, document_id, error, known_at "
            "from raw.report_requests "
            "where batch_id = %s and (cardinality(%s::text[]) = 0 or state = any(%s)) order by window_start, "
            "window_end",
            (str(batch_id), list(states), list(states)),
        ).fetchall()
        return [ReportRequest(row[0], Window(row[1], row[2]), *row[3:]) for row in rows]

    def mark(self, changes: list[StateChange]) -> None:
        """Write new states."""
        if not changes:
            return
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.executemany(
                "update raw.report_requests set state = %s, document_id = coalesce(%s, document_id), error = %s, "
                "known_at = coalesce(%s, known_at), updated_at = now() "
                "where request_id = %s",
                [(c.state, c.document_id, c.error, c.known_at, str(c.request_id)) for c in changes],
            )
