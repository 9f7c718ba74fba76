"""raw.backfills: the windows of history that were wanted of a stream and account, and how far each is.

States: planned, asked (under way, or cut off), done, failed (with the reason; the next run tries again), unreachable
(the platform no longer answers for days that old).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from airflow_dags.contracts import Contract, Window
from airflow_dags.warehouse import row_connection

_STREAM = "platform = %s and stream = %s and account_id = %s"
_WINDOW = f"{_STREAM} and window_start = %s and window_end = %s"


@dataclass(frozen=True)
class Progress:
    """How far the backfill of one stream and account is; ``oldest_day`` is the oldest that was reached without a
    gap from the newest."""

    platform: str
    account_id: str
    stream: str
    windows: int
    done: int
    asked: int
    failed: int
    left: int
    percent: float
    oldest_day: date | None
    last_error: str | None
    updated_at: datetime


class BackfillStore:
    """The windows of one stream and account, over one connection while it is entered; each call is a transaction."""

    def __init__(self, uri: str, contract: Contract, account_id: str) -> None:
        self._uri, self._key = uri, (contract.platform, contract.stream, account_id)

    def __enter__(self) -> BackfillStore:
        self._opened = row_connection(self._uri, autocommit=True)
        self._connection = self._opened.__enter__()
        return self

    def __exit__(self, *failure: Any) -> None:
        self._opened.__exit__(*failure)

    def lock(self) -> bool:
        """Be the only one who fills this stream, for as long as the connection lives."""
        name = "kpi:backfill:" + "/".join(self._key)
        row = self._connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", (name,)).fetchone()
        return bool(row[0])

    def windows(self, *states: str) -> list[tuple[Window, str]]:
        """All windows (or those in the given states), newest first, with their state."""
        rows = self._connection.execute(
            f"select window_start, window_end, state from raw.backfills where {_STREAM} "  # noqa: S608
            "and (cardinality(%s::text[]) = 0 or state = any(%s)) order by window_start desc",
            (*self._key, list(states), list(states)),
        ).fetchall()
        return [(Window(start, end), state) for start, end, state in rows]

    def add(self, windows: list[Window]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(
                "insert into raw.backfills (platform, stream, account_id, window_start, window_end, state, attempts, "
                "updated_at) values (%s, %s, %s, %s, %s, 'planned', 0, now()) on conflict do nothing",
                [(*self._key, window.start, window.end) for window in windows],
            )

    def forget(self, windows: list[Window]) -> None:
        """Drop windows that others, cut differently, take the place of."""
        with self._connection.cursor() as cursor:
            cursor.executemany(
                f"delete from raw.backfills where {_WINDOW}",  # noqa: S608
                [(*self._key, window.start, window.end) for window in windows],
            )

    def mark(self, windows: list[Window], state: str, error: str | None = None) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(
                f"update raw.backfills set state = %s, error = %s, updated_at = now(), "  # noqa: S608
                "attempts = attempts + (%s = 'asked')::int, "
                f"asked_at = case when %s = 'asked' then now() else asked_at end where {_WINDOW}",
                [(state, error, state, state, *self._key, window.start, window.end) for window in windows],
            )

    def finish_loaded(self) -> int:
        """Windows that were loaded before whoever asked for them could write it down are done: the report was marked
        loaded, or the ledger has the part that was pulled. Returns their number."""
        found = self._connection.execute(
            f"update raw.backfills as b set state = 'done', error = null, updated_at = now() where {_STREAM} "  # noqa: S608
            "and state = 'asked' and (exists (select 1 from raw.report_requests as r where r.platform = b.platform "
            "and r.stream = b.stream and r.account_id = b.account_id and r.window_start = b.window_start "
            "and r.window_end = b.window_end and r.state = 'loaded' and r.report_id is not null "
            "and r.updated_at >= b.asked_at) "
            "or exists (select 1 from raw.load_ledger as l where l.platform = b.platform and l.stream = b.stream "
            "and l.account_id = b.account_id and l.window_start = b.window_start and l.window_end = b.window_end "
            "and l.source_document = b.account_id || ' ' || b.window_start || '..' || b.window_end "
            "and l.state in ('loaded', 'empty') and l.finished_at >= b.asked_at))",
            self._key,
        )
        return int(found.rowcount)


def progress(uri: str, platform: str | None = None, account_id: str | None = None) -> list[Progress]:
    """How far all backfills are, by platform, account and stream."""
    with row_connection(uri) as connection:
        rows = connection.execute(
            "with gaps as (select platform, stream, account_id, max(window_start) as newest from raw.backfills "
            "where state in ('planned', 'asked', 'failed') group by 1, 2, 3) "
            "select b.platform, b.account_id, b.stream, count(*), "
            "count(*) filter (where state = 'done'), count(*) filter (where state = 'asked'), "
            "count(*) filter (where state = 'failed'), "
            "count(*) filter (where state in ('planned', 'asked', 'failed')), "
            "round(100.0 * count(*) filter (where state in ('done', 'unreachable')) / count(*), 1)::float, "
            "min(window_start) filter (where state = 'done' and (g.newest is null or window_start > g.newest)), "
            "(array_agg(error order by b.updated_at desc) filter (where error is not null))[1], max(b.updated_at) "
            "from raw.backfills as b left join gaps as g "
            "on g.platform = b.platform and g.stream = b.stream and g.account_id = b.account_id "
            "where (%(platform)s::text is null or b.platform = %(platform)s) "
            "and (%(account)s::text is null or b.account_id = %(account)s) "
            "group by 1, 2, 3 order by 1, 2, 3",
            {"platform": platform, "account": account_id},
        ).fetchall()
    return [Progress(*row) for row in rows]
