"""Reads report documents and hand-made files: gzip, encodings, delimited text, Excel, JSON; cells always as text.

Numbers in JSON and Excel become the digits that a person sees there, so that no amount passes through a float. What
can't be read raises DocumentBroken or WrongDocument with one line; nothing here knows a platform. How large a document
may be is in ``limits``.
"""

from __future__ import annotations

import pyarrow as pa

from airflow_dags.documents.cells import cell_text, table_of_objects, table_of_rows
from airflow_dags.documents.content import ZIP, Document, NotUtf8, gunzip
from airflow_dags.documents.delimited import Delimited, read_delimited
from airflow_dags.documents.json_text import read_json, read_rows
from airflow_dags.documents.workbook import read_workbook

__all__ = [
    "Delimited",
    "Document",
    "NotUtf8",
    "cell_text",
    "gunzip",
    "read_delimited",
    "read_json",
    "read_rows",
    "read_table",
    "read_workbook",
    "table_of_objects",
    "table_of_rows",
]


def read_table(document: Document) -> tuple[pa.Table, list[tuple[int, str, str]]]:
    """Read a table from delimited text, Excel or a JSON list of objects, whichever the content is."""
    if document.content[:4] == ZIP:
        return read_workbook(document), []
    if document.start(1) == b"[":
        return read_rows(document), []
    return read_delimited(document)
