"""Refuses rows that belong to another account: a file is easily loaded under the wrong name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from airflow_dags.errors import WrongAccount
from airflow_dags.loader import replace
from airflow_dags.loader.copying import stage

if TYPE_CHECKING:
    from airflow_dags.loader.load import LoadRequest


class Owners:
    """The looks at one document's rows, before they are written."""

    def __init__(self, cursor: Any, request: LoadRequest) -> None:
        self.cursor, self.request, self.contract = cursor, request, request.contract
        self.remedy = (
            "nothing was changed; load it with --account of the account that it was downloaded for, not "
            f"{request.account_id}"
        )
        self.is_first = True
        self.seen: dict[str, pa.Array] = {}

    def check(self, table: pa.Table) -> None:
        """Raise WrongAccount if the rows betray another account."""
        if not table.num_rows:
            return
        if self.is_first and isinstance(self.request.checksum, str):
            self._refuse_same_document(self.request.checksum)
        # A platform's API answers for the login's own account, so the costlier looks, which no index helps, are for
        # files only.
        for column in self.contract.owned if self.request.is_file else self.contract.unique[:1]:
            if column in self.contract.owned:
                self._refuse_owned(table, column)
        if self.is_first and self.request.is_file:
            for column in self.contract.seller_ids:
                self._refuse_names(table, column)
        self.is_first = False

    def check_at_last(self) -> None:
        """The look that takes having read the document; nothing is committed before it."""
        if not self.is_first and callable(self.request.checksum):
            self._refuse_same_document(self.request.checksum())

    def _refuse_same_document(self, checksum: str) -> None:
        self.cursor.execute(replace.same_document(self.contract, self.request.account_id, checksum))
        if found := self.cursor.fetchone():
            raise WrongAccount(
                f"this very document was already loaded for account {found[0]}; {self.remedy}", account=found[0]
            )

    def _refuse_owned(self, table: pa.Table, column: str) -> None:
        ids = pc.unique(table.column(column)).drop_null()
        if column in self.seen:
            ids = ids.filter(pc.invert(pc.is_in(ids, value_set=self.seen[column])))
            self.seen[column] = pa.concat_arrays([self.seen[column], ids])
        else:
            self.seen[column] = ids
        if not len(ids):
            return
        self._stage(column, ids)
        self.cursor.execute(replace.stored_elsewhere(self.contract, self.request.account_id, column))
        if found := self.cursor.fetchone():
            raise WrongAccount(f"{column} {found[0]} belongs to account {found[1]}; {self.remedy}", account=found[1])

    def _refuse_names(self, table: pa.Table, column: str) -> None:
        self._stage(column, pc.unique(table.column(column)).drop_null())
        self.cursor.execute(replace.names_of_others(self.contract, self.request.account_id, column))
        names, own, has_rows, others, other = self.cursor.fetchone()
        if has_rows and names and not own and others * 2 >= names:
            raise WrongAccount(
                f"{others} of its {names} {column}s are account {other}'s and none is {self.request.account_id}'s; "
                f"{self.remedy}",
                account=other,
            )

    def _stage(self, column: str, ids: pa.Array) -> None:
        """Put the distinct values of one column beside the stored ones, to be compared."""
        stage(self.cursor, replace.ids_of(column), pa.table({column: ids}))
