"""Idempotency-Key: a request that is sent twice is done once.

The key is claimed in a transaction of its own before the request is carried out, and keeps the answer of a success. A
process that dies in between leaves a claim without an answer; a replay then learns that the outcome is unknown, and
changes nothing. Refused requests (4xx, 5xx) changed nothing and free their key.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import wraps
from hashlib import sha256
from typing import Any, TypeVar, cast

from flask import Response, request
from sqlalchemy.exc import IntegrityError
from superset.extensions import db

from superset_kpi_plugin.errors import BadRequest, Conflict

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
Route = TypeVar("Route", bound=Callable[..., Any])


def idempotent(function: Route) -> Route:
    """Let the route of a `KpiRestApi` honour the header; without it nothing changes."""

    @wraps(function)
    def route(self: Any, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if not key:
            return cast(Response, function(self, *args, **kwargs))
        if len(key) > 100 or not key.isprintable():
            raise BadRequest("The header {name} must be a text of 1 to 100 printable characters.", name=HEADER)
        known = _claim(self.username(), key)
        if known is not None:
            return known
        try:
            response = cast(Response, function(self, *args, **kwargs))
        except BaseException:
            db.session.rollback()
            _release(self.username(), key)
            raise
        if response.status_code < 300:
            _remember(self.username(), key, response)
        else:
            _release(self.username(), key)
        return response

    return cast(Route, route)


def _claim(username: str, key: str) -> Response | None:
    """Take the key; the earlier answer where somebody took it before.

    :raises Conflict: it was used for another request, or that request has not ended.
    """
    model, now = _model(), datetime.now(timezone.utc).replace(tzinfo=None)
    wanted = _request_hash()
    db.session.query(model).filter(model.created_at < now - KEPT).delete(synchronize_session=False)
    try:
        db.session.add(model(username=username, key=key, request_hash=wanted, created_at=now))
        db.session.commit()
        return None
    except IntegrityError:
        db.session.rollback()
    found = db.session.get(model, (username, key), populate_existing=True)
    if found is None:
        raise Conflict("The first request with this Idempotency-Key has not ended; try again in a moment.")
    if found.request_hash != wanted:
        raise Conflict("This Idempotency-Key was used for another request. Nothing was changed; use a new key.")
    if found.status is None:
        raise Conflict(
            "The first request with this Idempotency-Key has not ended, or was interrupted. Nothing was changed by "
            "this one; read what is there before you send it again with a new key."
        )
    response = Response(found.body, status=found.status, mimetype="application/json")
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _remember(username: str, key: str, response: Response) -> None:
    model = _model()
    db.session.query(model).filter_by(username=username, key=key).update(
        {"status": response.status_code, "body": response.get_data(as_text=True)}, synchronize_session=False
    )
    db.session.commit()


def _release(username: str, key: str) -> None:
    db.session.query(_model()).filter_by(username=username, key=key).delete(synchronize_session=False)
    db.session.commit()


def _request_hash() -> str:
    """Method, address and body: what makes a request the same."""
    return sha256(f"{request.method} {request.full_path}\n".encode() + request.get_data()).hexdigest()


def _model() -> Any:
    from superset_kpi_plugin.targets.models import Idempotency

    return Idempotency
