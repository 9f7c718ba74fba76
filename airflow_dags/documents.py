"""Reads report documents and hand-made files: gzip, encodings, delimited text, Excel, JSON; cells always as text.

Numbers in JSON and Excel become the digits that a person sees there, so that no amount passes through a float. What
can't be read raises DocumentBroken or WrongDocument with one line; nothing here knows a platform.
"""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv

from airflow_dags.errors import ConfigurationError, DocumentBroken, WrongDocument

MAX_BYTES = 4 * 1024**3
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_CHUNK = 4 * 1024**2


@dataclass(frozen=True)
class Document:
    """The bytes of one report as delivered, with its name for messages and, if the server said so, its character
    set."""

    name: str
    content: bytes
    charset: str | None = None

    @property
    def checksum(self) -> str:
        """Of the content as delivered, uncompressed if it is gzip, so that zipping a file makes no new document of
        it."""
        return "sha256:" + hashlib.sha256(self.plain()).hexdigest()

    def plain(self) -> bytes:
        return gunzip(self.content, self.name) if self.content[:2] == _GZIP else self.content

    @classmethod
    def from_file(cls, path: Path) -> Document:
        try:
            return cls(path.name, path.read_bytes())
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ConfigurationError(f"{path.name} can't be read ({reason}); nothing was changed") from None


def gunzip(content: bytes, name: str, limit: int = MAX_BYTES) -> bytes:
    """Decompress; a stream that ends early is an error here, not a shorter document."""
    output = io.BytesIO()
    rest = content
    while rest:
        unzip = zlib.decompressobj(wbits=31)
        try:
            while rest and not unzip.eof:
                output.write(unzip.decompress(rest, _CHUNK))
                rest = unzip.unconsumed_tail or unzip.unused_data
                if output.tell() > limit:
                    raise DocumentBroken(f"{name} grows beyond {limit} bytes when decompressed; nothing was changed")
            output.write(unzip.flush())
        except zlib.error:
            raise DocumentBroken(f"{name} is damaged (gzip); nothing was changed; download it again") from None
        if not unzip.eof:
            raise DocumentBroken(
                f"{name} is truncated: the gzip stream ends early; nothing was changed; download it again"
            )
        rest = unzip.unused_data.lstrip(b"\x00")
        if rest[:2] != _GZIP:
            break
    return output.getvalue()


def decode(content: bytes, charset: str | None = None) -> bytes:
    """Return ``content`` as UTF-8 without a byte order mark and without NUL.

    Flat files come as UTF-8 or Cp1252 and often don't say which: valid UTF-8 is taken as such, because text in Cp1252
    that happens to be valid UTF-8 is practically always ASCII. A charset that the server names is tried next.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace").encode().replace(b"\x00", b"")
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\x00" in content:
        content = content.replace(b"\x00", b"")
    for candidate in ("utf-8", charset, "cp1252"):
        if candidate is None:
            continue
        try:
            text = content.decode(candidate)
        except (UnicodeDecodeError, LookupError):
            continue
        return content if candidate == "utf-8" else text.encode()
    return content.decode("latin-1").encode()


def read_delimited(document: Document, delimiter: str | None = None) -> tuple[pa.Table, list[tuple[int, str, str]]]:
    """Read tab or comma separated text; the second value lists lines that don't split: (row number, reason, text).

    Tab separated reports don't quote (a product's name may hold a lone quotation mark), comma separated ones do.
    """
    text = decode(document.plain(), document.charset)
    header = text[: text.find(b"\n")] if b"\n" in text else text
    if not header.strip():
        raise DocumentBroken(f"{document.name} is empty; nothing was changed")
    if header.lstrip()[:1] in (b"<", b"{", b"["):
        raise WrongDocument(
            f"{document.name} is not a table of text (it starts with {header[:20]!r}); nothing was changed"
        )
    if delimiter is None:
        delimiter = "\t" if b"\t" in header else (";" if header.count(b";") > header.count(b",") else ",")
    quoted = delimiter != "\t"
    names = _header(header, delimiter, quoted)
    broken: list[tuple[int, str, str]] = []

    def set_aside(row: csv.InvalidRow) -> str:
        reason = f"{row.actual_columns} cells where the header has {row.expected_columns}"
        broken.append(((row.number or 1) - 1, reason, row.text or ""))
        return "skip"

    try:
        table = csv.read_csv(
            pa.BufferReader(text),
            # One thread: only then does the reader know the numbers of the lines that it sets aside.
            read_options=csv.ReadOptions(use_threads=False, block_size=8 * 1024**2, column_names=names, skip_rows=1),
            parse_options=csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if quoted else False,
                newlines_in_values=quoted,
                invalid_row_handler=set_aside,
            ),
            convert_options=csv.ConvertOptions(
                column_types={name: pa.string() for name in names}, strings_can_be_null=True, null_values=[""]
            ),
        )
    except pa.ArrowInvalid as error:
        raise DocumentBroken(
            f"{document.name} can't be read as a table ({str(error)[:120]}); nothing was changed"
        ) from None
    return table, broken


def _header(header: bytes, delimiter: str, quoted: bool) -> list[str]:
    names = [name.strip() for name in header.decode().rstrip("\r\n").split(delimiter)]
    if quoted:
        names = [name.strip('"') for name in names]
    seen: dict[str, int] = {}
    unique = []
    for position, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if name and seen[name] == 1 else f"{name or 'column'}_{position + 1}")
    return unique


def read_json(document: Document) -> Any:
    """Parse JSON; every number becomes the text of its digits."""
    text = decode(document.plain(), document.charset)
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=_refuse_constant)
    except RecursionError:
        raise DocumentBroken(f"{document.name} is nested too deeply; nothing was changed") from None
    except ValueError:
        start = text[:20].decode(errors="replace")
        raise DocumentBroken(
            f"{document.name} is not valid JSON (it starts with {start!r}); nothing was changed; download it again"
        ) from None


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def read_workbook(document: Document) -> pa.Table:
    """Read the first sheet of an Excel workbook; the first row that has a cell holds the names."""
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(document.content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = [row for row in sheet.iter_rows(values_only=True) if any(cell not in (None, "") for cell in row)]
    except Exception as error:
        raise DocumentBroken(
            f"{document.name} can't be read as an Excel workbook ({type(error).__name__}); nothing was changed"
        ) from None
    if not rows:
        raise DocumentBroken(f"{document.name} is empty; nothing was changed")
    names = [cell_text(cell) or f"column_{number}" for number, cell in enumerate(rows[0], start=1)]
    return table_of_rows([dict(zip(names, row, strict=False)) for row in rows[1:]], names)


def read_table(document: Document) -> tuple[pa.Table, list[tuple[int, str, str]]]:
    """Read a table from delimited text, Excel or a JSON list of objects, whichever the content is."""
    if document.content[:4] == _ZIP:
        return read_workbook(document), []
    if document.plain().lstrip()[:1] == b"[":
        return table_of_objects(read_json(document), document.name), []
    return read_delimited(document)


def table_of_objects(objects: Any, name: str) -> pa.Table:
    """A table from a JSON list of flat objects; raises WrongDocument for anything else."""
    if not isinstance(objects, list) or not all(isinstance(item, dict) for item in objects):
        raise WrongDocument(f"{name} is not a list of rows; nothing was changed; check that it is this report")
    names = list(dict.fromkeys(key for item in objects for key in item))
    return table_of_rows(objects, names)


def table_of_rows(rows: list[dict[str, Any]], names: list[str]) -> pa.Table:
    """A table of text from dictionaries with values of any type."""
    return pa.table({name: pa.array([cell_text(row.get(name)) for row in rows], pa.string()) for name in names})


def cell_text(value: Any) -> str | None:
    """The text of one value as a person would write it; a float gives the 15 digits that a spreadsheet shows."""
    if value is None or isinstance(value, str):
        return value
    for kinds, write in _WRITERS:
        if isinstance(value, kinds):
            return write(value)
    return str(value)


def _moment(value: datetime) -> str:
    return value.date().isoformat() if value.time() == time() else value.isoformat()


# In this order: a bool is an int, a datetime is a date.
_WRITERS: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (bool, lambda value: "true" if value else "false"),
    (float, lambda value: format(Decimal(format(value, ".15g")), "f")),
    (Decimal, lambda value: format(value, "f")),
    (datetime, _moment),
    (date, lambda value: str(value.isoformat())),
    ((dict, list), lambda value: json.dumps(value, ensure_ascii=False)),
)
