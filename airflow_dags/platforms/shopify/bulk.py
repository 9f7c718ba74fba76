"""Bulk operations: Shopify reads a whole query by itself and leaves the objects in a file of JSON lines.

A shop runs a few at a time. What is in the file is checked against the number of objects that the operation counted,
because a file that ends early looks like a shorter one.
"""

from __future__ import annotations

import json
import time
from abc import abstractmethod
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta, timezone
from datetime import time as clock
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow_dags.errors import (
    DocumentBroken,
    NetworkFailed,
    RequestRefused,
    Throttled,
    TransientError,
    WrongDocument,
)
from airflow_dags.streams import ReportStatus, ReportStream, StreamSettings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Contract, Extract, Window
    from airflow_dags.documents import Document

RUN = """
mutation Run($query: String!) {
  bulkOperationRunQuery(query: $query) {
    bulkOperation { id status }
    userErrors { field message code }
  }
}
"""
LOOK = """
query Look($id: ID!) {
  bulkOperation(id: $id) { id status errorCode createdAt objectCount url }
}
"""
BUSY_CODES = frozenset({"OPERATION_IN_PROGRESS", "LIMIT_REACHED"})
BUSY_SECONDS = 900.0  # how long a request waits for a shop that runs as many operations as it may
DOWNLOADS = 3
Object = dict[str, Any]


class BulkStream(ReportStream):
    """A stream whose rows come from one bulk query; ``objects`` of Shopify become rows in `rows_of`."""

    def __init__(self, contract: Contract, settings: StreamSettings, time_zone: Any) -> None:
        self.contract, self.settings, self._time_zone = contract, settings, time_zone

    @abstractmethod
    def query(self, account: Account, window: Window) -> str:
        """The bulk query for the days of ``window``."""

    @abstractmethod
    def rows_of(self, found: Object, children: list[Object]) -> Iterator[dict[str, Any]]:
        """The rows of one object at the root and of those below it."""

    @abstractmethod
    def read_table(self, document: Document) -> Extract:
        """Read the file that a person exports from Shopify's admin."""

    def request(self, client: Any, account: Account, window: Window) -> str:
        """Start the operation; while the shop is busy with others, wait for one of them."""
        waited, pause = 0.0, 0.2
        while True:
            answer = client.query("bulkOperationRunQuery", RUN, {"query": self.query(account, window)})
            payload = answer.get("bulkOperationRunQuery") or {}
            if not (errors := payload.get("userErrors")):
                return str(payload["bulkOperation"]["id"])
            reason = str(errors[0].get("message"))[:200]
            if errors[0].get("code") not in BUSY_CODES and "already in progress" not in reason:
                raise RequestRefused(
                    f"{client.title}: the bulk query of {self.name} was refused ({reason}); nothing was changed"
                )
            if waited + pause > BUSY_SECONDS:
                raise Throttled(f"{client.title}: the shop is busy with other bulk operations", pause)
            time.sleep(pause)
            waited, pause = waited + pause, min(15.0, pause * 1.6)

    def check(self, client: Any, report_id: str) -> ReportStatus:
        found = self._look(client, report_id)
        state, made = found.get("status"), instant(found.get("createdAt"))
        if state == "COMPLETED":
            if found.get("url"):
                return ReportStatus("done", report_id, known_at=made)
            return ReportStatus("empty", known_at=made)
        if state in ("CREATED", "RUNNING", "CANCELING"):
            return ReportStatus("requested")
        # Half of the objects of a failed operation (partialDataUrl) would look like all of them.
        return ReportStatus(
            "failed", reason=f"the bulk operation ended {state} ({found.get('errorCode') or 'no code'})"
        )

    def download(self, client: Any, document_id: str) -> Document:
        """The file of a finished operation; its address is asked for anew, because it ends."""
        from airflow_dags.documents import Document

        for is_last in [False] * (DOWNLOADS - 1) + [True]:
            found = self._look(client, document_id)
            try:
                if not found.get("url"):
                    raise NetworkFailed(f"{client.title}: bulk operation {document_id} has no file; a retry asks again")
                content = client.download("bulkFile", found["url"])
                check_complete(content, int(found.get("objectCount") or 0), f"{client.title}: {self.name}")
            except (TransientError, RequestRefused):
                if is_last:
                    raise
                continue
            return Document(f"{self.name}-{document_id.rpartition('/')[2]}.jsonl", content)
        raise AssertionError("unreachable")

    def read(self, document: Document, account: Account, day: date) -> Extract:
        from airflow_dags.contracts import Extract
        from airflow_dags.documents import table_of_rows

        if document.start(1) != b"{":
            return self.read_table(document)
        rows = [row for found, children in nested(document) for row in self.rows_of(found, children)]
        names = list(dict.fromkeys(name for row in rows for name in row))
        return Extract(table_of_rows(rows, names))

    def recognises(self, names: Collection[str]) -> float:
        """Bulk files go by the names of their first object."""
        wanted = self.marks
        return 1.0 if wanted and wanted <= set(names) else super().recognises(names)

    marks: frozenset[str] = frozenset()

    def _look(self, client: Any, operation_id: str) -> Object:
        found = client.query("bulkOperation", LOOK, {"id": operation_id}).get("bulkOperation")
        if not isinstance(found, dict):
            raise RequestRefused(f"{client.title} doesn't know bulk operation {operation_id}", status=404)
        return found

    def updated_in(self, account: Account, window: Window) -> str:
        """Shopify's search for what was last updated on the shop's days of ``window``."""
        return updated_in(window, ZoneInfo(self._time_zone(account)))


def updated_in(window: Window, zone: ZoneInfo) -> str:
    start = day_start(window.start, zone)
    return f"updated_at:>='{start}' AND updated_at:<'{day_start(window.end + timedelta(days=1), zone)}'"


def day_start(day: date, zone: ZoneInfo) -> str:
    return datetime.combine(day, clock(), zone).astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None


def check_complete(content: bytes, promised: int, what: str) -> None:
    """Raise the transient NetworkFailed unless the file holds as many objects as were counted; an object that comes
    twice counts once."""
    lines = [line for line in content.split(b"\n") if line.strip()]
    if len(lines) == promised and lines[-1:] and lines[-1].rstrip().endswith(b"}"):
        return
    try:
        objects = [json.loads(line) for line in lines]
        count = len({(item.get("id"), item.get("__parentId")) for item in objects})
    except (ValueError, AttributeError):
        count = -1
    if count != promised:
        read = f"{count} objects" if count >= 0 else "a broken line"
        raise NetworkFailed(f"{what}: the file has {read}, {promised} were promised; nothing was changed")


def objects_in(document: Document) -> Iterator[Object]:
    """The objects of a file of JSON lines, numbers as the text of their digits."""
    from airflow_dags.documents.content import text_of

    for number, line in enumerate(text_of(document).split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line, parse_float=str, parse_int=str)
        except (ValueError, RecursionError):
            raise DocumentBroken(
                f"{document.name}: line {number} is not valid JSON; nothing was changed; download it again"
            ) from None
        if not isinstance(found, dict):
            raise WrongDocument(f"{document.name}: line {number} is no object; nothing was changed")
        yield found


def nested(document: Document) -> list[tuple[Object, list[Object]]]:
    """The objects at the root, each with those whose parent it is; the order of lines and repeated ones don't
    matter."""
    roots: dict[str, Object] = {}
    children: dict[str, dict[str, Object]] = {}
    for found in objects_in(document):
        key = found.get("id")
        if not isinstance(key, str):
            raise WrongDocument(
                f"{document.name} lacks the id of an object; nothing was changed; check that it is a bulk file"
            )
        parent = found.pop("__parentId", None)
        if parent is None:
            roots.setdefault(key, found)
        else:
            children.setdefault(str(parent), {}).setdefault(key, found)
    if lost := children.keys() - roots.keys():
        raise DocumentBroken(
            f"{document.name} holds parts of {len(lost)} objects that aren't in it; nothing was changed; "
            f"download it again"
        )
    return [(found, sorted(children.get(key, {}).values(), key=_in_order)) for key, found in roots.items()]


def _in_order(found: Object) -> tuple[int, str]:
    """By the number of the id: older parts first, whatever the order of the lines."""
    text = number_of(found.get("id"))
    return (int(text), "") if text and text.isdigit() else (0, str(text))


def number_of(gid: Any) -> str | None:
    """The number of gid://shopify/Order/123; what looks otherwise is left for the contract to judge."""
    if gid is None:
        return None
    text = str(gid)
    return text.rpartition("/")[2].partition("?")[0] if text.startswith("gid://shopify/") else text


def inner(value: Any, *names: str) -> Any:
    """A nested value, or None where a part of the way is missing."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def shop_money(bag: Any) -> Any:
    """The amount of a money bag in the shop's own currency, as text."""
    return inner(bag, "shopMoney", "amount")
