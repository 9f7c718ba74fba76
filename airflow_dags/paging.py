"""Reads lists that come in pages: every cursor loop of every platform goes through `follow`.

A cursor that comes back would loop for ever, a page that is sent twice would double rows, one that is left out would
lose them; each of these is an error or is healed here, once for all platforms.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any

from airflow_dags.errors import PagingBroken

NOTHING_LOST = "nothing was changed; a retry reads the list again"


@dataclass(frozen=True)
class Page:
    """``next`` is the cursor of the page that follows (None or empty: this is the last); ``total`` the number of rows
    of the whole list, where the platform states it."""

    rows: list[Any]
    next: str | None = None
    total: int | None = None


def follow(
    fetch: Callable[[str | None], Page], what: str, key: Callable[[Any], Hashable] | None = None
) -> Iterator[Any]:
    """Yield the rows of all pages; ``fetch`` gets None for the first page.

    ``key`` names a row's identity: a row that is repeated (a page sent twice, or rows that moved while reading) is
    dropped. Raises the transient PagingBroken when a cursor comes back, or when the number of (distinct) rows isn't the
    total that the last page stated.
    """
    cursor: str | None = None
    cursors: set[str] = set()
    seen: set[Hashable] = set()
    count, total = 0, None
    while True:
        page = fetch(cursor)
        total = page.total if page.total is not None else total
        for row in page.rows:
            if key is not None:
                identity = key(row)
                if identity in seen:
                    continue
                seen.add(identity)
            count += 1
            yield row
        cursor = page.next or None
        if cursor is None:
            break
        if cursor in cursors:
            raise PagingBroken(f"{what}: the list of pages came back to a page that was read; {NOTHING_LOST}")
        cursors.add(cursor)
    if total is not None and count != total:
        raise PagingBroken(f"{what}: {count} rows were read, {total} were promised; {NOTHING_LOST}")
