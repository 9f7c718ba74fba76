# ruff: noqa: S608 (names come from contracts, which check them; values are quoted by ledger.literal)
"""How each mode replaces stored rows by a document's: begun once, given the rows piece by piece, ended once; all in the
caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from airflow_dags.contracts import Contract, Scope
from airflow_dags.loader import known, replace
from airflow_dags.loader.copying import Column, copy_blocks, copy_into, stage
from airflow_dags.loader.pieces import Piece
from airflow_dags.loader.rows import complete_rows, in_key_order
from airflow_dags.parsing import EXTRA

FEW_KEYS = 1000


@dataclass
class Replacement:
    """One document on its way into one account's rows; subclasses are the modes."""

    cursor: Any
    contract: Contract
    account_id: str
    load_id: UUID
    known_at: datetime
    scopes: Sequence[Scope] = ()
    days_skipped: int = 0

    def begin(self) -> None:
        """Make room."""

    def columns_of(self, table: pa.Table) -> Mapping[str, Column]:
        """What is copied of these rows; made ahead of `take`, so nothing in the warehouse has a say in it."""
        return complete_rows(table, self.contract, self.account_id, self.load_id, self.known_at)

    def take(self, piece: Piece) -> int:
        """Bring in some rows; returns how many are known to stay."""
        raise NotImplementedError

    def end(self) -> int:
        """What could only be decided with all rows at hand; returns how many came in by it."""
        return 0

    def _copy(self, piece: Piece, staying: pa.Table) -> int:
        """Copy the rows of a piece that are to stay; where it is all of them, they are turned already."""
        if staying is piece.table:
            if staying.num_rows:
                copy_blocks(self.cursor, f"raw.{self.contract.table}", piece.names, piece.blocks)
        elif staying.num_rows:
            copy_into(self.cursor, f"raw.{self.contract.table}", self.columns_of(staying))
        return int(staying.num_rows)


@dataclass
class CompleteDays(Replacement):
    """Modes window and snapshot: the document's scopes are emptied, but for what is known from later, and filled."""

    regions: Sequence[known.Region] = ()
    begun: bool = False

    def begin(self) -> None:
        # A snapshot without rows is a source that failed quietly, not a business without products: the last one stays.
        if self.scopes and self.contract.mode == "window":
            self._empty()

    def take(self, piece: Piece) -> int:
        if piece.table.num_rows and not self.begun:
            self._empty()
        return self._copy(piece, known.outside(piece.table, self.contract, self.regions))

    def _empty(self) -> None:
        self.begun = True
        contract, account_id, scopes = self.contract, self.account_id, self.scopes
        self.regions = known.later_regions(self.cursor, contract, account_id, scopes, self.known_at)
        self.days_skipped = len({day for region in self.regions for day in region.days})
        self.cursor.execute(replace.delete_scopes(contract, account_id, scopes, self.regions))
        self.cursor.execute(known.remember(contract, account_id, scopes, self.known_at, self.load_id))


@dataclass
class CompleteKeys(Replacement):
    """Mode changes without a version: each key that the document holds is replaced, unless it is known from later."""

    stale: pa.Table | None = None
    met: set[tuple[Any, ...]] = field(default_factory=set)

    def begin(self) -> None:
        for statement in replace.create_keys(self.contract):
            self.cursor.execute(statement)

    def take(self, piece: Piece) -> int:
        names, table = list(self.contract.key), piece.table
        keys = _distinct(table.select(names))
        if not self._all_met(keys):
            self._stage_keys(keys)
        if self.stale is not None and self.stale.num_rows:
            table = table.join(self.stale, keys=names, join_type="left anti")
        return self._copy(piece, table)

    def _all_met(self, keys: pa.Table) -> bool:
        """Most documents hold few keys: those are remembered here too, which saves asking for every piece."""
        if keys.num_rows > FEW_KEYS:
            return False
        found = set(zip(*(column.to_pylist() for column in keys.columns), strict=True))
        if found <= self.met:
            return True
        if len(self.met) <= FEW_KEYS:
            self.met |= found
        return False

    def _stage_keys(self, keys: pa.Table) -> None:
        stage(self.cursor, replace.NEW_KEYS, keys)
        self.cursor.execute(replace.unmet_keys(self.contract))
        if self.cursor.fetchone()[0]:
            self._take_keys(keys.schema)

    def _take_keys(self, schema: pa.Schema) -> None:
        for statement in replace.take_keys(self.contract, self.account_id, self.load_id, self.known_at):
            self.cursor.execute(statement)
        self.cursor.execute(f"select {', '.join(schema.names)} from {replace.STALE_KEYS}")
        rows = self.cursor.fetchall()
        self.stale = pa.table(
            [pa.array([row[at] for row in rows], kind) for at, kind in enumerate(schema.types)], schema
        )


@dataclass
class NewerVersions(Replacement):
    """Mode changes with a version: staged first, because which rows win is only known beside all others."""

    def begin(self) -> None:
        self.cursor.execute(replace.create_stage(self.contract))

    def columns_of(self, table: pa.Table) -> Mapping[str, Column]:
        if EXTRA in table.column_names and table.column(EXTRA).null_count == table.num_rows:
            table = table.drop([EXTRA])
        rows = in_key_order(table, self.contract)
        return dict(zip(rows.column_names, rows.columns, strict=True))

    def take(self, piece: Piece) -> int:
        if piece.table.num_rows:
            copy_blocks(self.cursor, f"pg_temp.{replace.STAGE}", piece.names, piece.blocks)
        return 0

    def end(self) -> int:
        for statement in replace.newer_keys(self.contract, self.account_id, self.known_at):
            self.cursor.execute(statement)
        self.cursor.execute(replace.insert_staged(self.contract, self.account_id, self.load_id, self.known_at))
        return int(self.cursor.fetchone()[0])


def _distinct(keys: pa.Table) -> pa.Table:
    """Each key once. Most are one column, which does without Arrow's engine for queries: loading that takes longer than
    parsing the first piece."""
    if keys.num_columns == 1:
        return pa.table([pc.unique(keys.column(0))], keys.schema)
    return keys.group_by(keys.column_names).aggregate([])


def replacement_of(contract: Contract) -> type[Replacement]:
    if contract.mode != "changes":
        return CompleteDays
    return NewerVersions if contract.version else CompleteKeys
