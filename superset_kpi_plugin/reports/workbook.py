"""A report as an Excel workbook: a sheet a section, figures as numbers; no text in it can become a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from superset_kpi_plugin.reports.tables import Cell, Section, sections
from superset_kpi_plugin.reports.words import Wording
from superset_kpi_plugin.targets.sheets import safe_text

LONGEST_TITLE = 31
#: What Excel refuses in a sheet's name.
_REFUSED = re.compile(r"[\\/*?:\[\]]")


def make(content: Mapping[str, Any], locale: str, commentary: str | None = None) -> bytes:
    """The workbook's bytes."""
    from openpyxl import Workbook

    w = Wording(locale)
    book = Workbook(write_only=True)
    first = book.create_sheet(_title(w.word("summary"), set()))
    first.column_dimensions["A"].width = 110
    for line in (w.title(content), w.span(content), ""):
        first.append([safe_text(line)])
    used = {w.word("summary").lower()}
    for section in sections(content, w, commentary):
        if section.lines:
            for line in (section.title, *section.lines, ""):
                first.append([safe_text(line)])
        if section.rows:
            _add(book.create_sheet(_title(section.title, used)), section)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _add(sheet: Any, section: Section) -> None:
    sheet.freeze_panes = "A2"
    for place, _ in enumerate(section.columns, start=1):
        sheet.column_dimensions[chr(64 + place)].width = 34 if place <= 2 else 18
    sheet.append([safe_text(title) for title in section.columns])
    for row in section.rows:
        sheet.append([_plain(cell) for cell in row])


def _plain(cell: str | Cell) -> Any:
    if isinstance(cell, Cell):
        return None if cell.number is None else Decimal(cell.number)
    return safe_text(cell)


def _title(text: str, used: set[str]) -> str:
    plain = _REFUSED.sub(" ", text).strip("' ")[:LONGEST_TITLE] or "-"
    found, number = plain, 2
    while found.lower() in used:
        found, number = f"{plain[: LONGEST_TITLE - 3]} {number}", number + 1
    used.add(found.lower())
    return found
