"""Puts the documents of one load together: typed rows, what they are complete for, and the rows that break the
contract. A single large document whose rows can be finished one by one is parsed piece by piece while it is loaded."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from airflow_dags.contracts import Contract, Extract, Scope, Window
from airflow_dags.parsing import Key, Parsed, Pieces, Rejected, all_of, join_parsed, parse
from airflow_dags.streams import Stream

LONGEST_LINE = 2000
# So many that a COPY of each costs nothing, so few that parsing one and copying another fit into memory at once.
ROWS_OF_A_PIECE = 50_000


def assemble(
    stream: Stream, extracts: list[Extract], window: Window | None, name: str
) -> tuple[Parsed | Pieces, list[Scope], Window | None]:
    """Parse and join ``extracts``; the window of a file that doesn't state it is that of its rows."""
    contract = stream.contract
    scopes = [scope for extract in extracts for scope in _scopes(extract, contract)]
    if len(extracts) == 1 and _stays_in_pieces(stream, extracts[0], window):
        return _in_pieces(stream, extracts[0], name), scopes, window
    joined = join_parsed([_parsed(extract, contract, name) for extract in extracts])
    before = joined.table.num_rows
    joined.table = stream.finish(joined.table)
    _account_for(joined, before)
    if window is None:
        window = _window_of(joined.table, contract)
    return joined, scopes, window


def _account_for(parsed: Parsed, before: int) -> None:
    """Rows that a stream merged or split stay accounted for."""
    after = parsed.table.num_rows
    parsed.repeated += max(0, before - after)
    parsed.rows_read += max(0, after - before)


def _stays_in_pieces(stream: Stream, extract: Extract, window: Window | None) -> bool:
    """Whether each row can be finished by itself, and what the document is complete for is known beforehand."""
    is_large = not isinstance(extract.table, pa.Table) or extract.table.num_rows > ROWS_OF_A_PIECE
    alone = type(stream).finish is Stream.finish or getattr(stream, "finishes_rows_alone", False)
    return is_large and alone and (stream.contract.mode == "changes" or window is not None)


def _pieces_of(extract: Extract) -> Iterator[tuple[pa.Table, list[tuple[int, str, str]]]]:
    if not isinstance(extract.table, pa.Table):
        yield from extract.table
    else:
        for start in range(0, extract.table.num_rows, ROWS_OF_A_PIECE):
            yield extract.table.slice(start, ROWS_OF_A_PIECE), []
    if extract.broken and isinstance(extract.table, pa.Table):
        yield extract.table.slice(0, 0), extract.broken


def _in_pieces(stream: Stream, extract: Extract, name: str) -> Pieces:
    def read(bad_keys: frozenset[Key]) -> Iterator[Parsed]:
        rows = 0
        for cells, broken in _pieces_of(extract):
            parsed = parse(cells, stream.contract, name, rows_before=rows, bad_keys=bad_keys)
            _add_broken(parsed, broken)
            before = parsed.table.num_rows
            parsed.table = stream.finish(parsed.table)
            _account_for(parsed, before)
            rows += cells.num_rows
            yield parsed

    return Pieces(read, stream.contract)


def _parsed(extract: Extract, contract: Contract, name: str) -> Parsed:
    if isinstance(extract.table, pa.Table):
        parsed = parse(extract.table, contract, name)
    else:
        pieces = all_of(extract.table)
        extract.table = pa.concat_tables([cells for cells, _ in pieces])
        parsed = parse(extract.table, contract, name)
        for _, broken in pieces:
            _add_broken(parsed, broken)
    _add_broken(parsed, extract.broken)
    return parsed


def _add_broken(parsed: Parsed, broken: list[tuple[int, str, str]]) -> None:
    for number, reason, text in broken:
        parsed.rejected.append(Rejected(number, reason, {"line": text[:LONGEST_LINE]}))
    parsed.rows_read += len(broken)


def _scopes(extract: Extract, contract: Contract) -> list[Scope]:
    if contract.mode == "changes":
        return []
    if extract.scopes:
        return extract.scopes
    return [Scope(extract.window)] if extract.window else []


def _window_of(table: pa.Table, contract: Contract) -> Window | None:
    """First to last day of the rows: of the window column, or of the days on which the rows last changed (in UTC)."""
    column = contract.window_column or contract.version
    if column is None or not table.num_rows:
        return None
    found = pc.min_max(table.column(column)).as_py()
    if found["min"] is None:
        return None
    start, end = (value.date() if hasattr(value, "date") else value for value in (found["min"], found["max"]))
    return Window(start, end)
