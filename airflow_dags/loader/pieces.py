"""The pieces of a document on their way into the warehouse: while the statements of one run, the next ones are parsed
by one thread, and placed and turned into blocks for COPY by another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TypeAlias

import pyarrow as pa

from airflow_dags.loader.ahead import read_ahead
from airflow_dags.loader.copying import ROWS_AT_ONCE, Column, blocks_of
from airflow_dags.parsing import Parsed, Pieces

# Some MiB each; as many as make the next pieces ready before their statements run.
BLOCKS_AHEAD = 4


@dataclass(eq=False)
class Piece:
    """Rows that can be placed, with the names of the columns to copy; ``blocks`` gives these columns' rows, once."""

    parsed: Parsed
    names: tuple[str, ...]
    blocks: Iterable[memoryview] = ()

    @property
    def table(self) -> pa.Table:
        return self.parsed.table


Work: TypeAlias = "tuple[Piece, memoryview | None]"


@contextmanager
def pieces_ahead(
    document: Parsed | Pieces,
    place: Callable[[Parsed], Parsed],
    columns_of: Callable[[pa.Table], Mapping[str, Column]],
) -> Iterator[Iterator[Piece]]:
    """Iterate over the document's pieces. ``place`` and ``columns_of`` are called by another thread, and must not use
    the caller's connection."""
    with read_ahead(document if isinstance(document, Pieces) else [document]) as parts:
        work = _work(parts, place, columns_of)
        is_small = isinstance(document, Parsed) and document.table.num_rows <= ROWS_AT_ONCE
        with read_ahead(list(work) if is_small else work, BLOCKS_AHEAD) as ready:
            yield _with_blocks(ready)


def _work(
    parts: Iterable[Parsed],
    place: Callable[[Parsed], Parsed],
    columns_of: Callable[[pa.Table], Mapping[str, Column]],
) -> Iterator[Work]:
    """Each piece, and again with each of its blocks."""
    for parsed in parts:
        placed = place(parsed)
        columns = columns_of(placed.table) if placed.table.num_rows else {}
        piece = Piece(placed, tuple(columns))
        yield piece, None
        for block in blocks_of(columns):
            yield piece, block


def _with_blocks(ready: Iterator[Work]) -> Iterator[Piece]:
    for piece, items in groupby(ready, key=itemgetter(0)):
        piece.blocks = (block for _, block in items if block is not None)
        yield piece
