"""The ERP's streams: what a system answers, or a file holds, under the contract of the stream."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from airflow_dags.contracts import Contract, Extract, Window
from airflow_dags.platforms.erp.systems import system_of
from airflow_dags.streams import PullStream, StreamSettings

if TYPE_CHECKING:
    from airflow_dags.accounts import Account
    from airflow_dags.documents import Document


class ErpStream(PullStream):
    """One stream of whatever system the account's connection names (see ``systems``)."""

    def __init__(self, contract: Contract, settings: StreamSettings, facts: Mapping[str, Any]) -> None:
        self.contract, self.settings, self._facts = contract, settings, facts

    def is_offered(self, account: Account) -> bool:
        """An ERP gives what its connection has a query or a file for; who has no budgets needs no empty file."""
        return bool(system_of(account).offers(account, self.contract))

    def read(self, document: Document, account: Account, day: date) -> Extract:
        from airflow_dags.documents import read_table

        table, broken = read_table(document)
        if self.contract.mode == "snapshot":
            return Extract(self._stamped(table, day), window=Window(day, day), broken=broken)
        return Extract(table, broken=broken)

    def pull(self, client: Any, account: Account, window: Window) -> Extract:
        table, broken = system_of(account).cells(account, self.contract, window)
        if self.contract.mode == "snapshot":
            table = self._stamped(table, window.end)
        elif self.contract.mode == "window":
            table = self._within(table, window)
        return Extract(table, window=window, broken=broken)

    @staticmethod
    def _stamped(table: Any, day: date) -> Any:
        """The snapshot's day as its first fact; what a file says of it is not asked."""
        import pyarrow as pa

        if "snapshot_date" in table.column_names:
            table = table.drop(["snapshot_date"])
        return table.append_column("snapshot_date", pa.array([str(day)] * table.num_rows, pa.string()))

    def _within(self, table: Any, window: Window) -> Any:
        """The rows of the wanted days, and those whose day can't be told: the contract has to refuse them."""
        import pyarrow as pa
        import pyarrow.compute as pc

        column = str(self.contract.window_column)
        if column not in table.column_names or not table.num_rows:
            return table
        days = pc.utf8_slice_codeunits(table.column(column), 0, 10)
        is_day = pc.fill_null(pc.match_substring_regex(days, r"^\d{4}-\d{2}-\d{2}$"), False)
        outside = pc.or_(pc.less(days, pa.scalar(str(window.start))), pc.greater(days, pa.scalar(str(window.end))))
        return table.filter(pc.invert(pc.and_(is_day, pc.fill_null(outside, False))))
