"""Loads what lies in the watched folder, each file whole or not at all; one that is refused doesn't keep the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from airflow_dags.accounts import Account
from airflow_dags.documents import Document
from airflow_dags.errors import AllRowsRefused, ConfigurationError, PipelineError
from airflow_dags.ingest import job_of, load_file
from airflow_dags.loader import LoadResult, ensure_schema, record_failure
from airflow_dags.registry import platform_of
from airflow_dags.uploads.folder import UploadFolder, Waiting
from airflow_dags.uploads.preview import MOST_ERRORS, preview
from airflow_dags.uploads.recognise import candidates, the_one

log = logging.getLogger(__name__)
FindAccount = Callable[[str, str], Account]
ListAccounts = Callable[[str], Iterable[str]]


def process(
    folder: UploadFolder, uri: str, find_account: FindAccount, list_accounts: ListAccounts
) -> list[dict[str, Any]]:
    """Load every file that waits, and return each one's result.

    ``find_account(platform, account id)`` gives the account with its connection's settings, ``list_accounts(platform)``
    the ids of those that are connected: a file at the top is the one account's, if there is only one.
    A warehouse that can't be reached raises, and the files wait for the next run.
    """
    results = []
    for item in folder.waiting():
        claimed = folder.claim(item)
        if claimed is None:
            continue
        result = _load(claimed, uri, find_account, list_accounts)
        place = folder.finish(claimed, result)
        log.info("%s: %s (%s)", claimed.name, result["state"], result.get("reason") or place.parent.name)
        results.append(result)
    return results


def _load(item: Waiting, uri: str, find_account: FindAccount, list_accounts: ListAccounts) -> dict[str, Any]:
    told = {
        "upload_id": item.meta.get("upload_id"),
        "file": item.name,
        "by": item.meta.get("by"),
        "submitted_at": item.meta.get("submitted_at"),
        "account_id": item.account_id or None,
        "platform": item.platform or None,
        "stream": item.stream or None,
    }
    try:
        content = Document.from_file(item.path)
        document = Document(item.name, content.content)
        platform, stream = _stream_of(document, item)
        told |= {"platform": platform, "stream": stream}
        account_id = item.account_id or _only_account(platform, list_accounts)
        told["account_id"] = account_id
        account = find_account(platform, account_id)
        result = load_whole(document, account, platform, stream, uri=uri)
    except PipelineError as error:
        if error.is_transient:
            raise
        rejected = error.context.get("rejected", [])
        errors = [{"row": one.row_number, "reason": one.reason} for one in rejected[:MOST_ERRORS]]
        return {**told, "state": "refused", "reason": error.message, "rows_refused": len(rejected), "errors": errors}
    counts = {name: getattr(result, name) for name in ("rows_read", "rows_loaded", "rows_unchanged")}
    return {**told, "state": "loaded", "load_id": str(result.load_id), **counts}


def load_whole(document: Document, account: Account, platform: str, stream: str, *, uri: str) -> LoadResult:
    """Load a file if not one of its rows breaks the contract.

    :raises AllRowsRefused: naming the first broken row; its ``rejected`` has all of them; the ledger and the quarantine
        keep them, and nothing else was changed.
    """
    job = job_of(platform_of(platform), stream, account, uri)
    seen = preview(document, account, platform, stream)
    if not seen.rows_refused:
        return load_file(job, document)
    from airflow_dags.uploads.preview import read

    parsed, window = read(document, job.platform, stream, account)
    first = parsed.rejected[0]
    error = AllRowsRefused(
        f"{len(parsed.rejected)} of {parsed.rows_read} rows of {document.name} break the contract of "
        f"{job.contract.title} (row {first.row_number}: {first.reason}); nothing was changed; mend them and upload the "
        "file again",
        rejected=parsed.rejected,
    )
    ensure_schema(uri, [job.contract])
    record_failure(uri, job.contract, account.account_id, error, window=window, source_document=document.name[:500])
    raise error


def _stream_of(document: Document, item: Waiting) -> tuple[str, str]:
    if item.platform and item.stream:
        platform_of(item.platform).stream(item.stream)
        return item.platform, item.stream
    found = [one for one in candidates(document) if item.platform in ("", one.platform)]
    chosen = the_one(document, found)
    return chosen.platform, chosen.stream


def _only_account(platform: str, list_accounts: ListAccounts) -> str:
    found = sorted(set(list_accounts(platform)))
    if len(found) != 1:
        known = f"there are {', '.join(found)}" if found else "there is none"
        raise ConfigurationError(
            f"the file doesn't say whose it is ({known} on {platform}); nothing was changed; put it into a folder that "
            "is named as the account"
        )
    return found[0]
