"""Tab, comma or semicolon separated text, as a whole or piece by piece; cells always as text.

Tab separated reports don't quote (a product's name may hold a lone quotation mark), comma separated ones do.
"""

from __future__ import annotations

import csv as lines_of_csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from airflow_dags.documents.content import Document, text_chunks, text_of, utf8_chunks
from airflow_dags.documents.limits import (
    LONGEST_BROKEN_LINE,
    MAX_BROKEN_LINES,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_HEADER_BYTES,
    MIB,
)
from airflow_dags.errors import DocumentBroken, WrongDocument

# Arrow reads a file in blocks, and no line may be longer than one.
BLOCK = 8 * MIB
# Each piece is a COPY of its own; larger ones are no quicker, and take more memory.
PIECE = 4 * MIB
Broken = list[tuple[int, str, str]]


class Delimited:
    """A table of text that is read piece by piece, so that its size doesn't matter; each iteration begins anew.

    Gives (Arrow table of strings, lines that don't split: (row number, reason, text)). ``numbered`` names a further
    column with the number of each row in the document, from 1, for documents whose lines have no name of their own.
    With ``is_utf8`` there is no pass over the document to find out what its text is: NotUtf8 is raised if it is none.
    """

    def __init__(
        self, document: Document, delimiter: str | None = None, numbered: str | None = None, is_utf8: bool = False
    ) -> None:
        self.document, self.numbered = document, numbered
        self.chunks = utf8_chunks if is_utf8 else text_chunks
        header = _first_line(self.chunks(document))
        self.layout = _Layout(document.name, header, delimiter)

    def __iter__(self) -> Iterator[tuple[pa.Table, Broken]]:
        layout, aside = self.layout, _Aside()
        source = pa.PythonFile(_Chunks(self.chunks(self.document)), mode="r")
        rows = 0
        try:
            with csv.open_csv(source, **layout.options(aside, PIECE)) as reader:
                for batch in reader:
                    table = _without_blank_rows(pa.Table.from_batches([batch]))
                    if self.numbered:
                        numbers = np.arange(rows + 1, rows + 1 + table.num_rows, dtype=np.int32)
                        table = table.append_column(self.numbered, pa.array(numbers))
                    rows += table.num_rows
                    yield table, aside.taken()
        except (pa.ArrowInvalid, pa.ArrowCapacityError) as error:
            raise layout.unreadable(error, aside) from None
        if not rows or aside.lines:
            yield self._empty(), aside.taken()

    def _empty(self) -> pa.Table:
        names = [*self.layout.names, *([self.numbered] if self.numbered else [])]
        return pa.table({name: pa.array([], pa.string()) for name in names})

    @property
    def column_names(self) -> list[str]:
        return [*self.layout.names, *([self.numbered] if self.numbered else [])]

    def first(self) -> pa.Table:
        """The first piece, to look at."""
        return next(iter(self))[0]


def read_delimited(document: Document, delimiter: str | None = None) -> tuple[pa.Table, Broken]:
    """Read the whole text; the second value lists lines that don't split: (row number, reason, text)."""
    text = text_of(document)
    layout, aside = _Layout(document.name, _line_of(text), delimiter), _Aside()
    cells = text.count(layout.delimiter.encode()) + text.count(b"\n") + text.count(b"\r")
    if cells > MAX_CELLS:
        raise DocumentBroken(
            f"{document.name} has more than {MAX_CELLS} cells; nothing was changed; ask for fewer days at a time"
        )
    try:
        table = _quickly_read(text, layout)
        if table is None:
            table = csv.read_csv(pa.BufferReader(text), **layout.options(aside, BLOCK))
    except (pa.ArrowInvalid, pa.ArrowCapacityError) as error:
        raise layout.unreadable(error, aside) from None
    return _without_blank_rows(table), aside.lines


def _quickly_read(text: bytes, layout: _Layout) -> pa.Table | None:
    """By several threads, which don't know the numbers of lines that don't split: None if there is one."""
    if len(text) < 2 * BLOCK:
        return None
    options = layout.options(lambda row: "error", BLOCK, use_threads=True)
    try:
        return csv.read_csv(pa.BufferReader(text), **options)
    except pa.ArrowInvalid:
        return None


def _without_blank_rows(table: pa.Table) -> pa.Table:
    """Spreadsheets write rows of nothing but delimiters below their last one."""
    filled = None
    for cells in table.columns:
        if cells.null_count == 0:
            return table
        filled = pc.is_valid(cells) if filled is None else pc.or_(filled, pc.is_valid(cells))
    return table if filled is None or pc.all(filled).as_py() is not False else table.filter(filled)


class _Layout:
    """A header's names, and how the lines below it are split."""

    def __init__(self, name: str, header: bytes, delimiter: str | None) -> None:
        self.name = name
        if not header.strip():
            raise DocumentBroken(f"{name} is empty; nothing was changed; download it again")
        if header.lstrip()[:1] in (b"<", b"{", b"["):
            raise WrongDocument(
                f"{name} is not a table of text (it starts with {header[:20]!r}); nothing was changed; check that it "
                "is this report"
            )
        if delimiter is None:
            delimiter = "\t" if b"\t" in header else (";" if header.count(b";") > header.count(b",") else ",")
        self.delimiter, self.quoted = delimiter, delimiter != "\t"
        if len(header) > MAX_HEADER_BYTES or header.count(delimiter.encode()) >= MAX_COLUMNS:
            raise WrongDocument(
                f"{name} has more than {MAX_COLUMNS} columns or a first line without end; nothing was changed; check "
                "that it is this report"
            )
        self.names = _names(header.decode("utf-8", "replace"), delimiter, self.quoted)

    def options(self, aside: Callable[[csv.InvalidRow], str], block: int, use_threads: bool = False) -> dict[str, Any]:
        """With one thread only, the reader knows the numbers of the lines that it sets aside."""
        return {
            "read_options": csv.ReadOptions(
                use_threads=use_threads, block_size=block, column_names=self.names, skip_rows=1
            ),
            "parse_options": csv.ParseOptions(
                delimiter=self.delimiter,
                quote_char='"' if self.quoted else False,
                newlines_in_values=self.quoted,
                invalid_row_handler=aside,
            ),
            # The text is known to be UTF-8.
            "convert_options": csv.ConvertOptions(
                column_types={name: pa.string() for name in self.names},
                strings_can_be_null=True,
                null_values=[""],
                check_utf8=False,
            ),
        }

    def unreadable(self, error: Exception, aside: _Aside) -> Exception:
        if aside.is_full:
            return WrongDocument(
                f"{self.name} has more than {MAX_BROKEN_LINES} lines that don't have the header's "
                f"{len(self.names)} cells; nothing was changed; check that it is this report"
            )
        reason = " ".join(str(error).split())[:120]
        return DocumentBroken(
            f"{self.name} can't be read as a table ({reason}); nothing was changed; download it again"
        )


class _Aside:
    """Collects the lines that don't split, up to a bound."""

    def __init__(self) -> None:
        self.lines: Broken = []
        self.count = 0

    @property
    def is_full(self) -> bool:
        return self.count > MAX_BROKEN_LINES

    def __call__(self, row: csv.InvalidRow) -> str:
        self.count += 1
        if self.is_full:
            return "error"
        reason = f"{row.actual_columns} cells where the header has {row.expected_columns}"
        self.lines.append(((row.number or 1) - 1, reason, (row.text or "")[:LONGEST_BROKEN_LINE]))
        return "skip"

    def taken(self) -> Broken:
        lines, self.lines = self.lines, []
        return lines


class _Chunks(io.RawIOBase):
    """Chunks of bytes as a file, for Arrow."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self.chunks, self.rest = chunks, memoryview(b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """As much as was asked for, unless it is the end: Arrow makes its batches of what it gets."""
        parts, missing = [], size
        while size < 0 or missing > 0:
            if not self.rest:
                self.rest = memoryview(next(self.chunks, b""))
                if not self.rest:
                    break
            part = self.rest if size < 0 else self.rest[:missing]
            self.rest = self.rest[len(part) :]
            missing -= len(part)
            parts.append(part)
        return b"".join(parts)


def _first_line(chunks: Iterator[bytes]) -> bytes:
    begun = b""
    for chunk in chunks:
        begun += chunk
        if b"\n" in begun or b"\r" in begun or len(begun) > MAX_HEADER_BYTES:
            break
    return _line_of(begun)


def _line_of(text: bytes) -> bytes:
    ends = [place for place in (text.find(b"\n"), text.find(b"\r")) if place >= 0]
    return text[: min(ends, default=len(text))]


def _names(header: str, delimiter: str, quoted: bool) -> list[str]:
    names = header.split(delimiter)
    if quoted and '"' in header:
        names = next(lines_of_csv.reader([header], delimiter=delimiter), names)
    seen: dict[str, int] = {}
    unique = []
    for position, text in enumerate(names):
        name = text.strip().strip('"') if quoted else text.strip()
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if name and seen[name] == 1 else f"{name or 'column'}_{position + 1}")
    return unique
