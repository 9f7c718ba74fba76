"""What requests are held to: texts that can be kept, ids that a row can have, days that a calendar reckons with.

PostgreSQL keeps no NUL, and half of a surrogate pair is no character that UTF-8 could write. JSON, addresses and forms
can carry both, so they are refused here, once, with the field's name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, TypeGuard

from flask import request

from superset_kpi_plugin.errors import BadRequest, NotFound

LARGEST_ID = 2**31 - 1
#: Days that a request may name: last year and the next period of each are days too.
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2199, 12, 31)
NO_SUCH_DAY = "Must be a day from 1990-01-01 to 2199-12-31."
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")


def refuse_unreadable_request() -> None:
    """Look through the request's address, parameters, form and file names; its JSON is read by `json_body`.

    :raises BadRequest: one holds a character that can't be kept.
    :raises NotFound: an id in the address is larger than any row's.
    """
    in_path = request.view_args or {}
    if any(isinstance(value, int) and value > LARGEST_ID for value in in_path.values()):
        raise NotFound()
    files = [(name, file.filename) for name, file in request.files.items(multi=True)]
    named = [*in_path.items(), *request.args.items(multi=True), *request.form.items(multi=True), *files]
    for name, value in named:
        refuse_unreadable({name: value})


def refuse_unreadable(values: dict[str, Any]) -> None:
    """Refuse values that hold a text that can't be kept, however deep.

    :raises BadRequest: the message and ``details.field`` name the field, as ``targets.0.owner``.
    """
    field = unreadable_field(values)
    if field is not None:
        raise BadRequest(
            "Nothing was saved: {field} holds a character that is no text (NUL, or half of a character). "
            "Remove it, or type the text again.",
            field=field,
            details={"field": field},
        )


def is_id(value: Any) -> TypeGuard[int]:
    """Whether a value of a body can be the id of a row."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID


def unreadable_field(values: Any) -> str | None:
    """The first field whose text, or whose own name, can't be kept; None where there is none."""
    waiting: list[tuple[str, Any]] = [("", values)]
    while waiting:  # no recursion: a body is nested as deep as its parser can go
        field, value = waiting.pop()
        if _UNREADABLE.search(field) or (isinstance(value, str) and _UNREADABLE.search(value)):
            return _UNREADABLE.sub("\ufffd", field)
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        waiting += [(f"{field}.{name}".lstrip("."), item) for name, item in reversed(list(inner))]
    return None


def day_of(arguments: Mapping[str, str], name: str) -> date:
    """A date (YYYY-MM-DD) that a query string must hold.

    :raises BadRequest: when it's missing, no date, or beyond what is reckoned with.
    """
    try:
        day = date.fromisoformat(arguments.get(name, ""))
    except ValueError:
        day = date.min
    if not FIRST_DAY <= day <= LAST_DAY:
        raise BadRequest("The parameter {name} must be a date such as 2026-11-01.", name=name)
    return day
