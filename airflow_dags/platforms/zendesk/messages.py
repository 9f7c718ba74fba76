"""Buyers' messages of any helpdesk or marketplace, from the file that it exports: one row a message or conversation.

Amazon's buyer-seller messages, Walmart's and TikTok's have no API that a seller may use for this, so their exports
are loaded by hand or from the upload folder. Times without an offset are taken in the account's own zone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow_dags.contracts import Column, Contract, Extract, normalise
from airflow_dags.streams import PullStream, StreamSettings

if TYPE_CHECKING:
    import pyarrow as pa

    from airflow_dags.accounts import Account
    from airflow_dags.contracts import Window
    from airflow_dags.documents import Document

CONTRACT = Contract(
    platform="zendesk",
    stream="messages",
    mode="changes",
    report_name="an export of buyers' messages",
    key=("message_id",),
    unique=("message_id",),
    columns=(
        Column(
            "message_id",
            required=True,
            nullable=False,
            sources=(
                "message_id",
                "Message ID",
                "Conversation ID",
                "Thread ID",
                "Case ID",
                "Chat ID",
                "消息ID",
                "会话ID",
            ),
        ),
        Column(
            "selling_account",
            sources=(
                "selling_account",
                "Account",
                "Store",
                "Shop",
                "Store name",
                "Shop name",
                "Seller account",
                "店铺",
            ),
        ),
        Column(
            "order_id", sources=("order_id", "Order ID", "Order number", "Order", "Amazon order ID", "PO#", "订单号")
        ),
        Column(
            "received_at",
            "timestamp",
            required=True,
            nullable=False,
            sources=(
                "received_at",
                "Received at",
                "Received",
                "Received time",
                "Date received",
                "Message time",
                "接收时间",
            ),
        ),
        # Empty: not answered yet, or no answer was needed.
        Column(
            "first_replied_at",
            "timestamp",
            sources=(
                "first_replied_at",
                "First replied at",
                "First reply at",
                "First response at",
                "Replied at",
                "Reply time",
                "首次回复时间",
            ),
        ),
        # Where an export has no time of the reply.
        Column(
            "first_reply_minutes",
            "integer",
            sources=("First reply minutes", "first_reply_minutes", "First reply time (minutes)", "首次响应时长(分钟)"),
        ),
        Column("channel", sources=("channel", "Marketplace", "Platform", "渠道")),
        Column("agent", sources=("agent", "Agent email", "Assignee email", "Replied by", "客服")),
        Column("topic", sources=("topic", "Category", "Contact reason", "主题")),
    ),
    # Who wrote and what.
    ignored=frozenset(
        [
            "Buyer",
            "Buyer name",
            "Buyer email",
            "Customer",
            "Customer name",
            "Customer email",
            "From",
            "To",
            "Subject",
            "Message",
            "Body",
            "Text",
            "Content",
        ]
    ),
)
_INSTANTS = frozenset(
    normalise(source) for name in ("received_at", "first_replied_at") for source in CONTRACT.by_name[name].names
)
# Of exports that write neither ISO 8601 nor an offset; day before month can't be told from month before day, and isn't.
_FORMS = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%Y/%m/%d %H:%M:%S")


class Messages(PullStream):
    """Messages from files; where the connection names one on the desk's own address, a run reads that."""

    def __init__(self, settings: StreamSettings, time_zone: Callable[[Account], str]) -> None:
        self.contract, self.settings, self._time_zone = CONTRACT, settings, time_zone

    def is_offered(self, account: Account) -> bool:
        return bool(account.get("messages_path"))

    def pull(self, client: Any, account: Account, window: Window) -> list[Extract]:
        path = account.get("messages_path")
        if not path:
            return []
        document = client.file("messageExport", str(path))
        found = self.read(document, account, window.end)
        found.table = self._changed_in(found.table, account, window)
        return [found]

    def read(self, document: Document, account: Account, day: date) -> Extract:
        import pyarrow as pa

        from airflow_dags.documents import read_table

        zone = ZoneInfo(self._time_zone(account))
        table, broken = read_table(document)
        for position, name in enumerate(table.column_names):
            if normalise(name) in _INSTANTS:
                cells = [instant_text(cell, zone) for cell in table.column(position).to_pylist()]
                table = table.set_column(position, name, pa.array(cells, pa.string()))
        return Extract(table, broken=broken)

    def _changed_in(self, table: pa.Table, account: Account, window: Window) -> pa.Table:
        """The rows that came in or were answered in the window; rows without a time are left to the contract."""
        import pyarrow as pa

        zone = ZoneInfo(self._time_zone(account))
        columns = [
            table.column(position).to_pylist()
            for position, name in enumerate(table.column_names)
            if normalise(name) in _INSTANTS
        ]
        if not columns:
            return table
        keep = [
            any(_is_in(cell, window, zone) for cell in cells if cell) or not any(cells)
            for cells in zip(*columns, strict=True)
        ]
        return table.filter(pa.array(keep, pa.bool_()))


def _is_in(cell: str, window: Window, zone: ZoneInfo) -> bool:
    """Whether an instant lies in the window; one that can't be read does, so that it is set aside and told."""
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        return True
    return window.start <= moment.astimezone(zone).date() <= window.end


def instant_text(cell: str | None, zone: ZoneInfo) -> str | None:
    """An instant as ISO 8601 with its offset; what can't be read stays as it is, and the contract refuses it."""
    text = (cell or "").strip()
    if not text:
        return None
    moment = _moment(text)
    if moment is None:
        return text
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00").replace(" UTC", "+00:00"))
    except ValueError:
        pass
    for form in _FORMS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 (the zone is the account's)
        except ValueError:
            continue
    return None
