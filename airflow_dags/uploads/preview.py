"""What a file would do, found out without writing anything: its stream, its days, its rows and each row's errors.

``python -m airflow_dags.uploads.preview --account A [--platform P --stream S] FILE`` prints it as one JSON object; the
upload page runs it so, in a process of its own with limits on memory and time, because a hostile file must not take a
web server along.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from airflow_dags.accounts import ACCOUNT_ID, Account
from airflow_dags.contracts import Contract, Window
from airflow_dags.documents import Document
from airflow_dags.documents.content import ZIP
from airflow_dags.errors import ConfigurationError, PipelineError, WrongDocument
from airflow_dags.parsing import Parsed
from airflow_dags.registry import platform_of
from airflow_dags.streams import Platform
from airflow_dags.uploads.recognise import Candidate, candidates, the_one

SAMPLE_ROWS = 20
MOST_ERRORS = 200


@dataclass(frozen=True)
class Preview:
    """``rows_refused`` above zero means that the file will not be loaded: it is all or nothing. ``encoding`` is what
    the file's text was read as; None of a workbook."""

    platform: str
    stream: str
    account_id: str
    report_name: str
    mode: str
    rows_read: int
    rows_good: int
    rows_refused: int
    window: Window | None
    encoding: str | None
    columns: list[str]
    sample: list[list[str | None]]
    errors: list[dict[str, Any]]
    unknown_columns: list[str]
    candidates: list[Candidate] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {
            **{name: getattr(self, name) for name in self.__dataclass_fields__ if name not in ("window", "candidates")},
            "window": [str(self.window.start), str(self.window.end)] if self.window else None,
            "candidates": [vars(one) for one in self.candidates],
        }


def preview(document: Document, account: str | Account, platform: str = "", stream: str = "") -> Preview:
    """Read ``document`` as it would be loaded for the account; platform and stream are recognised where not given.

    :raises PipelineError: when the file can't be read, is of no known report, or lacks columns.
    """
    found: list[Candidate] = []
    if not (platform and stream):
        found = [one for one in candidates(document) if platform in ("", one.platform)]
        chosen = the_one(document, found)
        platform, stream = chosen.platform, chosen.stream
    home = platform_of(platform)
    contract = home.stream(stream).contract
    parsed, window = read(document, home, stream, _account(platform, account))
    errors = [
        {"row": item.row_number, "reason": item.reason, "cells": item.row} for item in parsed.rejected[:MOST_ERRORS]
    ]
    names = [column.name for column in contract.columns]
    return Preview(
        platform=platform,
        stream=stream,
        account_id=account if isinstance(account, str) else account.account_id,
        report_name=contract.report_name or contract.title,
        mode=contract.mode,
        rows_read=parsed.rows_read,
        rows_good=parsed.table.num_rows,
        rows_refused=len(parsed.rejected),
        window=window,
        encoding=None if document.content[:4] == ZIP else document.looked_through.encoding,
        columns=names,
        sample=_sample(parsed, names),
        errors=errors,
        unknown_columns=parsed.unknown_columns,
        candidates=found[:6],
    )


def read(document: Document, platform: Platform, stream: str, account: Account) -> tuple[Parsed, Window | None]:
    """The file's rows under the stream's contract, double keys set aside, and the days that they cover."""
    from airflow_dags.assemble import assemble
    from airflow_dags.loader.duplicates import without_duplicates

    chosen = platform.stream(stream)
    today = datetime.now(ZoneInfo(platform.time_zone(account))).date()
    extract = chosen.read(document, account, today)
    content, _, window = assemble(chosen, [extract], extract.window, document.name)
    parsed = content.whole
    if not parsed.rows_read:
        raise WrongDocument(f"{document.name} has no rows; nothing was changed")
    return (
        without_duplicates(parsed, chosen.contract) if _has_double_keys(parsed, chosen.contract) else parsed
    ), window


def _has_double_keys(parsed: Parsed, contract: Contract) -> bool:
    """A feed of changes may hold several states of a key; elsewhere a key stands for one row."""
    if contract.mode == "changes" or not parsed.table.num_rows:
        return False
    keys = parsed.table.select(list(contract.unique)).group_by(list(contract.unique)).aggregate([])
    return bool(keys.num_rows < parsed.table.num_rows)


def _sample(parsed: Parsed, names: list[str]) -> list[list[str | None]]:
    rows = parsed.table.slice(0, SAMPLE_ROWS).to_pylist()
    return [[None if row[name] is None else str(row[name]) for name in names] for row in rows]


def _account(platform: str, account: str | Account) -> Account:
    if isinstance(account, Account):
        return account
    if not ACCOUNT_ID.match(account):
        raise ConfigurationError(f"account id {account!r} must be lower case letters, digits and _, as aurora_us")
    return Account(platform, account)


def main(argv: list[str] | None = None) -> int:
    """Print the preview, or {"error": one line}; exit code 0 or 1."""
    parser = argparse.ArgumentParser(prog="python -m airflow_dags.uploads.preview", description=__doc__)
    parser.add_argument("--account", required=True)
    parser.add_argument("--platform", default="")
    parser.add_argument("--stream", default="")
    parser.add_argument("--name", help="the name that the person knows the file by")
    parser.add_argument("file", type=Path)
    options = parser.parse_args(argv)
    try:
        document = Document.from_file(options.file)
        if options.name:
            document = Document(options.name, document.content)
        answer = preview(document, options.account, options.platform, options.stream).as_dict()
    except PipelineError as error:
        answer = {"error": error.message}
    except MemoryError:
        answer = {"error": "the file needs more memory than an upload may; nothing was changed; load it with kpi load"}
    sys.stdout.write(json.dumps(answer, ensure_ascii=False))
    return 1 if "error" in answer else 0


if __name__ == "__main__":
    raise SystemExit(main())
