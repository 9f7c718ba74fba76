"""JSON; every number becomes the text of its digits, so that no amount passes through a float."""

from __future__ import annotations

import json
import re
from typing import Any

import pyarrow as pa

from airflow_dags.documents.cells import table_of_rows
from airflow_dags.documents.content import Document, text_of
from airflow_dags.documents.limits import JSON_BYTES, MAX_COLUMNS, MAX_JSON_DEPTH, MAX_JSON_MEMORY, MIB
from airflow_dags.errors import DocumentBroken, WrongDocument

ROWS_AT_ONCE = 5000
_SPACE = re.compile(r"[ \t\r\n]*")


def read_json(document: Document) -> Any:
    """Parse a document as a whole; for long lists of rows ``read_rows`` takes far less memory."""
    text = text_of(document)
    if sum(text.count(mark) * size for mark, size in JSON_BYTES.items()) > MAX_JSON_MEMORY:
        raise DocumentBroken(
            f"{document.name} has more values than {MAX_JSON_MEMORY // MIB} MiB of memory hold; nothing was changed; "
            "ask for fewer days at a time"
        )
    try:
        found = _DECODER.decode(text.decode())
    except RecursionError:
        raise _too_deep(document) from None
    except ValueError:
        raise _not_json(document, text[:20].decode(errors="replace")) from None
    if isinstance(found, list) and not all(isinstance(item, dict | list) for item in found):
        raise WrongDocument(
            f"{document.name} is a list of bare values; nothing was changed; check that it is this report"
        )
    if _is_deeper(found, MAX_JSON_DEPTH):
        raise _too_deep(document)
    return found


def read_rows(document: Document) -> pa.Table:
    """A table from a JSON list of flat objects, read some thousands at a time."""
    text = text_of(document).decode()
    place = _skip(text, 0)
    if text[place : place + 1] != "[":
        raise WrongDocument(f"{document.name} is not a list of rows; nothing was changed; check that it is this report")
    place, rows, names, parts = _skip(text, place + 1), [], dict[str, None](), []
    is_over = text[place : place + 1] == "]"
    try:
        while not is_over:
            row, place = _DECODER.raw_decode(text, place)
            if not isinstance(row, dict):
                raise WrongDocument(
                    f"{document.name} is not a list of rows; nothing was changed; check that it is this report"
                )
            rows.append(row)
            names.update(dict.fromkeys(row))
            if len(names) > MAX_COLUMNS:
                raise WrongDocument(
                    f"{document.name} has more than {MAX_COLUMNS} columns; nothing was changed; check that it is this "
                    "report"
                )
            place = _skip(text, place)
            is_over = text[place : place + 1] == "]"
            if not is_over and text[place : place + 1] != ",":
                raise ValueError(place)
            place = _skip(text, place + 1)
            if len(rows) >= ROWS_AT_ONCE or is_over:
                parts.append(table_of_rows(rows, list(names)))
                rows = []
    except RecursionError:
        raise _too_deep(document) from None
    except ValueError:
        raise _not_json(document, text[:20]) from None
    if _skip(text, place) < len(text) and parts:
        raise _not_json(document, text[:20])
    return pa.concat_tables(parts, promote_options="default") if parts else pa.table({})


def _skip(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _is_deeper(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(part for part in item.values() if isinstance(part, dict | list))
            elif isinstance(item, list):
                inner.extend(part for part in item if isinstance(part, dict | list))
        if not inner:
            return False
        level = inner
    return True


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_refuse_constant)


def _too_deep(document: Document) -> DocumentBroken:
    return DocumentBroken(f"{document.name} is nested too deeply; nothing was changed; check that it is this report")


def _not_json(document: Document, start: str) -> DocumentBroken:
    return DocumentBroken(
        f"{document.name} is not valid JSON (it starts with {start!r}); nothing was changed; download it again"
    )
