"""The first sheet of an Excel workbook; the first row that has a cell holds the names.

A workbook is a zip of XML, so a small file may claim to be a huge one, refer to files of this machine, or expand its
entities without end. Nothing is handed to the reader before its parts were looked through: sizes from the zip's
directory (which the zip reader holds them to), no document types at all, and no more elements, columns or rows than a
person's sheet has.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from typing import Any
from xml.parsers import expat

import pyarrow as pa

from airflow_dags.documents.cells import cell_text, text_column, whole_text
from airflow_dags.documents.content import Document
from airflow_dags.documents.limits import (
    MAX_COLUMNS,
    MAX_PART_BYTES,
    MAX_PARTS,
    MAX_RATIO,
    MAX_WORKBOOK_BYTES,
    MAX_WORKBOOK_CELLS,
    MAX_WORKBOOK_ELEMENTS,
    MIB,
)
from airflow_dags.errors import DocumentBroken

EXCEL_ROWS = 1_048_576
_LARGE_PARTS = ("xl/sharedstrings.xml",)
_SHEETS = "xl/worksheets/"
_COLUMN = re.compile(r"[A-Za-z]{1,4}")


def read_workbook(document: Document) -> pa.Table:
    """Read the first sheet; raises DocumentBroken for what is no workbook, or a larger one than a person fills."""
    from openpyxl import load_workbook

    try:
        _look_through(document)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(document.content), read_only=True, data_only=True, keep_links=False)
            try:
                return _table(document.name, book.worksheets[0])
            finally:
                book.close()
    except DocumentBroken:
        raise
    except Exception as error:
        raise DocumentBroken(
            f"{document.name} can't be read as an Excel workbook ({type(error).__name__}); nothing was changed; save "
            "it again, or as CSV"
        ) from None


def _table(name: str, sheet: Any) -> pa.Table:
    # The sheet's own word on its size may be anything.
    sheet.reset_dimensions()
    names: list[str] = []
    columns: list[list[str | None]] = []
    for row in sheet.iter_rows(values_only=True):
        if not any(cell not in (None, "") for cell in row):
            continue
        if not names:
            names = _names(row)
            columns = [[] for _ in names]
            continue
        for place, cells in enumerate(columns):
            cells.append(cell_text(row[place]) if place < len(row) else None)
    if not names:
        raise DocumentBroken(f"{name} is empty; nothing was changed; check that its first sheet is the table")
    return pa.Table.from_arrays([text_column(cells) for cells in columns], names=names)


def _names(row: tuple[Any, ...]) -> list[str]:
    found: list[str] = []
    for number, cell in enumerate(row, start=1):
        name = whole_text(cell_text(cell) or f"column_{number}")
        found.append(name if name not in found else f"{name}_{number}")
    return found


def _look_through(document: Document) -> None:
    with zipfile.ZipFile(io.BytesIO(document.content)) as parts:
        infos = parts.infolist()
        if len(infos) > MAX_PARTS or sum(info.file_size for info in infos) > MAX_WORKBOOK_BYTES:
            raise _too_large(document, f"unpacked it has more than {MAX_WORKBOOK_BYTES // MIB} MiB")
        for info in infos:
            is_table = info.filename.lower().startswith(_SHEETS) or info.filename.lower() in _LARGE_PARTS
            is_xml = info.filename.lower().endswith((".xml", ".rels"))
            if is_xml and not is_table and info.file_size > MAX_PART_BYTES:
                raise _too_large(document, f"its part {info.filename[:60]} has more than {MAX_PART_BYTES // MIB} MiB")
            if info.file_size > MIB and info.file_size > MAX_RATIO * max(1, info.compress_size):
                raise _too_large(
                    document, f"its part {info.filename[:60]} grows to more than {MAX_RATIO} times its size"
                )
        counts = _Elements(document)
        for info in infos:
            if info.filename.lower().endswith((".xml", ".rels")):
                with parts.open(info) as part:
                    counts.count(part)


class _Elements:
    """Counts the elements of XML parts without building anything of them."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.elements = self.cells = self.row = 0
        self.cells_in_row = 0

    def count(self, part: Any) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.row = 0
        while chunk := part.read(MIB):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)

    def _refuse_doctype(self, *_: Any) -> None:
        raise DocumentBroken(
            f"{self.document.name} declares a document type, which no workbook of Excel's does; nothing was changed; "
            "save it again, or as CSV"
        )

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MAX_WORKBOOK_ELEMENTS:
            raise _too_large(self.document, f"it has more than {MAX_WORKBOOK_ELEMENTS} elements")
        name = tag.rpartition(":")[2]
        if name == "row":
            self.row = self._row(attributes.get("r"))
            self.cells_in_row = 0
        elif name == "c":
            self.cells += 1
            self.cells_in_row += 1
            if self.cells > MAX_WORKBOOK_CELLS:
                raise _too_large(self.document, f"it has more than {MAX_WORKBOOK_CELLS} cells")
            if self.cells_in_row > MAX_COLUMNS or _column(attributes.get("r", "")) > MAX_COLUMNS:
                raise _too_large(self.document, f"it has more than {MAX_COLUMNS} columns")

    def _row(self, text: str | None) -> int:
        number = self.row + 1 if text is None else int(float(text))
        if number > EXCEL_ROWS:
            raise _too_large(self.document, f"it has more than {EXCEL_ROWS} rows")
        return number


def _column(reference: str) -> int:
    letters = _COLUMN.match(reference)
    number = 0
    for letter in letters.group().upper() if letters else "":
        number = number * 26 + ord(letter) - 64
    return number


def _too_large(document: Document, what: str) -> DocumentBroken:
    return DocumentBroken(f"{document.name} is too large a workbook: {what}; nothing was changed; save it as CSV")
