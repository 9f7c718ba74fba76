"""A large settlement is read while it is loaded, which takes half the time and a part of the memory."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from airflow_dags.contracts import ReadAgain
from airflow_dags.documents import Delimited, Document, NotUtf8, read_delimited
from airflow_dags.errors import DocumentBroken, WrongDocument
from airflow_dags.platforms.amazon_sp import settlement_lines as whole
from airflow_dags.platforms.amazon_sp.settlement_lines import cells_of, filled, position_of, replaced

# As delivered; what is smaller is read as a whole before anybody would notice.
LARGE = 1024**2
# Lines of one instant that are waited for; a settlement that has more of them is read as a whole.
MOST_HELD = 250_000
ROWS_OF_A_PIECE = 50_000
Pieces = Iterator[tuple[pa.Table, list[tuple[int, str, str]]]]


class LinesInOrder:
    """The lines of one settlement piece by piece, with the very numbers that `settlement_lines.prepared` gives them.

    The numbers go by instant of posting first. So as long as the total's row comes first and the others in the order of
    their posting, as reports are written, a line's number is known once its instant is over. A document that turns out
    to be anything else (another order, several settlements, lines that don't split or don't add up, amounts that aren't
    plain) is read as a whole after all, by way of ReadAgain; that also says what is wrong with it.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.lines = Delimited(document, is_utf8=True)
        self.is_in_order = True

    @classmethod
    def of(cls, document: Document) -> LinesInOrder | None:
        """None if the document is small, or nothing that could be read so."""
        if len(document.content) < LARGE:
            return None
        try:
            found = cls(document)
        except (NotUtf8, DocumentBroken, WrongDocument):
            return None
        return None if whole.NUMBER in found.column_names else found

    @property
    def column_names(self) -> list[str]:
        return self.lines.column_names

    def __iter__(self) -> Pieces:
        if not self.is_in_order:
            yield from self._as_a_whole()
            return
        try:
            yield from self._as_they_come()
        except (NotUtf8, _OutOfOrderError):
            self.is_in_order = False
            raise ReadAgain from None

    def _as_a_whole(self) -> Pieces:
        table, broken = read_delimited(self.document)
        table = whole.prepared(table, self.document.name)
        for start in range(0, table.num_rows, ROWS_OF_A_PIECE):
            yield table.slice(start, ROWS_OF_A_PIECE), []
        yield table.slice(0, 0), broken

    def _as_they_come(self) -> Pieces:
        settlement = _Settlement()
        for table, broken in self.lines:
            if broken:
                raise _OutOfOrderError
            if table.num_rows and (ready := settlement.take(table)).num_rows:
                yield ready, []
        yield settlement.end(), []


class _OutOfOrderError(Exception):
    """It takes the whole document to say what it is."""


def _expect(condition: Any) -> None:
    if condition is not True:
        raise _OutOfOrderError


class _Settlement:
    """What was seen of the settlement so far."""

    def __init__(self) -> None:
        self.total: dict[str, Any] = {}
        self.held: pa.Table | None = None
        self.count, self.latest = 0, ""
        self.stated = self.sum = Decimal(0)

    def take(self, table: pa.Table) -> pa.Table:
        """The lines that can be numbered with these; those of the last instant are held back."""
        lines = table
        if not self.total:
            [self.total] = whole.totals_of(table.slice(0, 1), "").values()
            self.stated = _amount(self.total["total-amount"])
            lines = table.slice(1)
        self._look_at(lines)
        held = table if self.held is None else pa.concat_tables([self.held, table])
        latest = pc.index(cells_of(held, "posted-date-time"), self.latest).as_py() if self.latest else 0
        self.held = held.slice(latest)
        _expect(self.held.num_rows <= MOST_HELD)
        return self._numbered(held.slice(0, latest))

    def end(self) -> pa.Table:
        _expect(self.held is not None and self.sum == self.stated)
        assert self.held is not None  # noqa: S101 (for the type checker)
        return self._numbered(self.held)

    def _look_at(self, lines: pa.Table) -> None:
        """Lines of the one settlement, posted at these instants or later, with plain amounts."""
        if not lines.num_rows:
            return
        total, posted, amounts = (cells_of(lines, name) for name in ("total-amount", "posted-date-time", "amount"))
        _expect(total.null_count == lines.num_rows and posted.null_count == 0)
        _expect(
            pc.all(pc.equal(cells_of(lines, "settlement-id"), self.total["settlement-id"]), skip_nulls=False).as_py()
        )
        _expect(whole.are_usual(posted) and self.latest <= posted[0].as_py())
        _expect(pc.all(pc.greater_equal(posted.slice(1), posted.slice(0, len(posted) - 1))).as_py())
        self.latest = posted[-1].as_py()
        try:
            self.sum += pc.sum(amounts.cast(whole.MONEY)).as_py() or 0
        except pa.ArrowInvalid:
            raise _OutOfOrderError from None

    def _numbered(self, table: pa.Table) -> pa.Table:
        for column in whole.SHARED:
            if position_of(table, column) is not None:
                table = replaced(table, column, self._shared(cells_of(table, column), column))
        numbers = self.count + whole.places_of(table)
        self.count += table.num_rows
        # The lines of an order share their instant: each is parsed once.
        table = replaced(table, "posted-date-time", cells_of(table, "posted-date-time").dictionary_encode())
        return table.append_column(whole.NUMBER, pa.array(numbers.astype(np.int32)))

    def _shared(self, cells: pa.ChunkedArray, column: str) -> Any:
        value = pa.scalar(self.total[column], pa.string())
        if cells.null_count < len(cells) or not value.is_valid:
            return pc.coalesce(filled(cells), value)
        # One value: it is parsed once.
        return pa.DictionaryArray.from_arrays(np.zeros(len(cells), np.int8), pa.array([value.as_py()]))


def _amount(text: str | None) -> Decimal:
    try:
        found = filled(pa.chunked_array([[text]], pa.string())).cast(whole.MONEY)[0].as_py()
    except pa.ArrowInvalid:
        found = None
    _expect(found is not None)
    return Decimal(found)
