"""Etags of what is changed as a whole: who sends a stale one (If-Match) changes nothing, and is told both values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from flask import request

from superset_kpi_plugin.api import jsonable
from superset_kpi_plugin.errors import PreconditionFailed


def content_etag(values: Mapping[str, Any]) -> str:
    """The etag of a thing that counts no revisions: the same for the same values."""
    text = json.dumps(jsonable(values), ensure_ascii=False, sort_keys=True)
    return sha256(text.encode()).hexdigest()[:32]


def if_match() -> str | None:
    """The etag in the request's header If-Match, or None (`*` is whatever is stored)."""
    header = request.headers.get("If-Match")
    return None if header is None or header.strip() == "*" else header.strip().removeprefix("W/").strip('"')


def refuse_stale(given: str | None, current: str, sent: Mapping[str, Any], stored: Mapping[str, Any]) -> None:
    """Refuse what was made from another state than the stored one; without an etag the later one overwrites.

    :raises PreconditionFailed: ``details.conflicts`` holds the fields in which ``sent`` (yours) and ``stored`` (theirs)
        differ, and under ``theirs`` the etag to send with a decision.
    """
    if given is None or given == current:
        return
    yours, theirs = jsonable(sent), jsonable(stored)
    names = [name for name in yours if name in theirs and yours[name] != theirs[name]]
    kept = {name: theirs[name] for name in names}
    conflict = {"yours": {name: yours[name] for name in names}, "theirs": {**kept, "etag": current}}
    raise PreconditionFailed(details={"conflicts": [conflict]})
