"""Tables of targets as CSV and Excel files, out and in. Knows columns and cells; nothing of the database.

Out: no text begins a formula in any spreadsheet program. In: columns are recognised by their names (ids, English,
Chinese) or mapped by hand; cells become what the API takes, and errors name the row as the program shows it.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from airflow_dags.charsets import GB18030, is_chinese
from superset_kpi_plugin.targets.rules import GRAINS, NUMBER_FIELDS, exact_number

KEYS = ("kpi_id", "entity_id", "grain", "period_start")
#: Fields that a file may set; the others are there to be read.
FIELDS = (*KEYS, *NUMBER_FIELDS, "budget_currency", "owner", "reason")
COLUMNS: tuple[str, ...] = (
    "kpi_id",
    "kpi_name",
    "entity_id",
    "entity_name",
    "grain",
    "period_start",
    *NUMBER_FIELDS,
    "budget_currency",
    "owner",
    "reason",
    "state",
    "actual",
    "currency",
)
LONGEST = {"kpi_id": 64, "entity_id": 255, "grain": 16, "budget_currency": 8, "owner": 255, "reason": 2000}
#: Other names of the fields, as people call them; compared without case, spaces and underscores.
NAMES: dict[str, tuple[str, ...]] = {
    "kpi_id": ("kpi", "指标"),
    "entity_id": ("entity", "对象"),
    "grain": ("period type", "周期类型"),
    "period_start": ("period", "month", "date", "周期", "月份", "日期"),
    "floor_value": ("floor", "保底值", "保底"),
    "target_value": ("target", "goal", "目标值", "目标"),
    "stretch_value": ("stretch", "挑战值", "挑战"),
    "warn_limit": ("warn", "warning", "预警线"),
    "breach_limit": ("breach", "红线"),
    "tolerance": ("容差",),
    "weight": ("权重",),
    "budget": ("预算",),
    "budget_currency": ("预算币种",),
    "headcount": ("people", "人数", "编制"),
    "owner": ("负责人",),
    "reason": ("why", "原因"),
}
#: Characters that open a formula in some program, their full-width and small forms included.
FORMULA = "=+-@|%\t\r\n＝＋－＠｜％﹦﹢﹣﹫﹪"
#: What a program may skip before it looks: spaces of all kinds, zero-width characters, marks of direction, fillers.
SKIPPED = "".join(
    letter for letter in map(chr, range(0x10000)) if unicodedata.category(letter) in ("Zs", "Zl", "Zp", "Cf")
) + "".join(map(chr, [0x034F, 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0]))
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
#: As spreadsheet programs write a date out once they have opened a file, where the year comes first; 11/1/2026 may be
#: January or November, and is refused.
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})(?P<sign>[-/.年])(?P<month>\d{1,2})(?:月|(?:(?P=sign)|月)(?P<day>\d{1,2})日?)?", re.ASCII
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
MOST_BYTES_UNPACKED = 400 * 1024**2
XLSX = b"PK\x03\x04"
NO_TABLE = "The file is neither Excel nor CSV in UTF-8 or GB18030 (GBK)."


class SheetError(ValueError):
    """The file can't be read at all; the text is an English sentence."""


@dataclass
class Sheet:
    """A file's ``rows`` as (row number in the file, values by field), and its heading with the field of each column.

    ``encoding`` is what its text was read as; None of a workbook.
    """

    columns: list[dict[str, str | None]]
    rows: list[tuple[int, dict[str, Any]]]
    encoding: str | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)


# Out


def safe_text(value: str) -> str:
    """The text with an apostrophe before it where a spreadsheet program could take it for a formula."""
    text = _UNPRINTABLE.sub("", value)
    first = text.lstrip(SKIPPED)[:1]
    if not first or _PLAIN_NUMBER.fullmatch(text):
        return text
    return "'" + text if first in FORMULA or text[:1] in "\t\r\n'" else text


def without_guard(text: str) -> str:
    """What `safe_text` was given: an apostrophe that guards a formula, or another apostrophe, is taken off."""
    if text[:1] == "'" and (text[1:].lstrip(SKIPPED)[:1] in tuple(FORMULA + "'") or text[1:2] in tuple("\t\r\n'")):
        return text[1:]
    return text


def to_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = COLUMNS) -> bytes:
    """CSV in UTF-8 with a byte order mark, which Excel needs for Chinese."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_csv_cell(row.get(name)) for name in columns])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def to_xlsx(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = COLUMNS) -> bytes:
    """An Excel workbook with one sheet; numbers are numbers, everything else is text."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Targets")
    sheet.freeze_panes = "A2"
    sheet.append(list(columns))
    for row in rows:
        sheet.append([_xlsx_cell(row.get(name)) for name in columns])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _csv_cell(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    return safe_text(value) if isinstance(value, str) else value


def _xlsx_cell(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()  # as text: a spreadsheet's dates have a time and no zone
    return safe_text(value) if isinstance(value, str) else value


# In


def read(content: bytes, mapping: Mapping[str, str] | None, most_rows: int) -> Sheet:
    """Read a file; whether it is Excel or CSV is seen by its first bytes.

    :param mapping: field by the file's own column name; columns that it doesn't name are recognised by themselves.
    :raises SheetError: no such format, no heading, a needed column is missing, or more rows than ``most_rows``.
    """
    encoding = None if content.startswith(XLSX) else _encoding(content)
    table = _xlsx_rows(content) if encoding is None else _csv_rows(content, encoding)
    heading = next(table, None)
    if heading is None:
        raise SheetError("The file is empty.")
    columns = _columns(heading, mapping or {})
    places = [(place, str(column["field"])) for place, column in enumerate(columns) if column["field"] is not None]
    missing = [name for name in KEYS if name not in {found for _, found in places}]
    sheet = Sheet(columns, [], encoding)
    if missing:
        sheet.errors = [{"row": 1, "column": name, "message": "This column is missing."} for name in missing]
        return sheet
    known: dict[tuple[str, Any], Any] = {}
    for number, cells in enumerate(table, start=2):
        if not any(cell not in (None, "") for cell in cells):
            continue
        if len(sheet.rows) >= most_rows:
            raise SheetError("The file has too many rows.")
        sheet.rows.append((number, _row(number, cells, places, sheet.errors, known)))
    return sheet


def _columns(heading: Sequence[Any], mapping: Mapping[str, str]) -> list[dict[str, str | None]]:
    taken: set[str] = set()
    columns: list[dict[str, str | None]] = []
    for cell in heading:
        name = without_guard(str(cell or "").strip().lstrip("\ufeff"))
        found = mapping.get(name) if name in mapping else _recognised(name)
        if found not in FIELDS or found in taken:
            found = None
        if found:
            taken.add(found)
        columns.append({"name": name, "field": found})
    return columns


def _recognised(name: str) -> str | None:
    plain = _plain(name)
    for found in FIELDS:
        if plain in {_plain(found), *(_plain(other) for other in NAMES[found])}:
            return found
    return None


def _plain(name: str) -> str:
    return re.sub(r"[\s_]+", "", name).lower()


def _row(
    number: int,
    cells: Sequence[Any],
    places: Sequence[tuple[int, str]],
    errors: list[Any],
    known: dict[tuple[str, Any], Any],
) -> dict[str, Any]:
    """A row's values by field; ``known`` keeps what a text stands for, since most stand in many rows."""
    values: dict[str, Any] = {}
    for place, name in places:
        cell = cells[place] if place < len(cells) else None
        is_kept = isinstance(cell, str) and name not in NUMBER_FIELDS
        if is_kept and (name, cell) in known:
            values[name] = known[name, cell]
            continue
        try:
            values[name] = _value(name, cell)
            if is_kept:
                known[name, cell] = values[name]
        except ValueError as error:
            errors.append({"row": number, "column": name, "message": str(error)})
    if values.get("reason") is None:
        values.pop("reason", None)
    return values


def _value(name: str, cell: Any) -> Any:
    """A cell as the API's own type.

    :raises ValueError: with an English sentence.
    """
    if name in NUMBER_FIELDS:
        if isinstance(cell, float):
            cell = Decimal(repr(cell))
        return exact_number(cell)
    if name == "period_start":
        return _date(cell)
    text = without_guard(cell).strip() if isinstance(cell, str) else ("" if cell is None else str(cell))
    if not text:
        if name in KEYS:
            raise ValueError("Required.")
        return None
    if len(text) > LONGEST[name]:
        raise ValueError("Is too long.")
    if name != "reason" and _CONTROL.search(text):
        raise ValueError("Must not hold control characters.")
    if name == "grain" and text not in GRAINS:
        raise ValueError("Must be day, week, month, quarter or year.")
    return text


def _date(cell: Any) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = str(cell or "").strip()
    found = _YEAR_FIRST.fullmatch(text)
    try:
        if found is None:
            return date.fromisoformat(text)
        return date(int(found["year"]), int(found["month"]), int(found["day"] or 1))
    except ValueError:
        raise ValueError("Must be a date such as 2026-11-01.") from None


def _encoding(content: bytes) -> str:
    """UTF-8, or GB18030 as Chinese Excel saves CSV.

    :raises SheetError: it's neither, or no text.
    """
    for encoding in ("utf-8", GB18030):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text and (encoding == "utf-8" or is_chinese(text)):
            return encoding
    raise SheetError(NO_TABLE)


def _csv_rows(content: bytes, encoding: str) -> Iterator[list[str]]:
    text = content.decode(encoding).removeprefix("\ufeff")
    line = text.partition("\n")[0]
    delimiter = max(",;\t", key=line.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error:
        raise SheetError(NO_TABLE) from None


def _xlsx_rows(content: bytes) -> Iterator[tuple[Any, ...]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MOST_BYTES_UNPACKED:
                raise SheetError("The file is too large once it is unpacked.")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        yield from sheet.iter_rows(values_only=True)
    except SheetError:
        raise
    except Exception:
        # Whatever a broken workbook makes openpyxl raise: it is the file's fault, and its text would help nobody.
        raise SheetError("The Excel file can't be read: it is damaged or protected.") from None
