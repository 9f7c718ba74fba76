"""Where the platforms' answers pass by before they are written, so that planned faults can spoil what they hold.

Every document's rows go through `rows_of`, every page of a list through `page_of`. Without a planned fault both change
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from airflow_dags.sandbox.state import SandboxState


class Place(NamedTuple):
    """Whose answer it is, in the pipeline's names."""

    platform: str
    stream: str
    account_id: str


def rows_of(state: SandboxState, place: Place, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of one document: dictionaries under the document's own column names, in its order."""
    return rows


def page_of(
    state: SandboxState, place: Place, items: Sequence[Any], offset: int, size: int
) -> tuple[list[Any], int | None]:
    """The items of the page that starts at ``offset``, and the offset of the next page (None: this was the last)."""
    following = offset + size
    return list(items[offset:following]), (following if following < len(items) else None)
