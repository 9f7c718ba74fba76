"""Spoils answers: hooks of the sandbox's Flask app that every platform's requests pass.

What refuses a request happens before it is carried out; what loses or damages an answer happens afterwards, so that
the platform has done what was asked and the client doesn't know. Sockets are cut for real.
"""

from __future__ import annotations

import email.utils
import gzip
import os
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from flask import Flask, Response, g, jsonify, request

from airflow_dags.sandbox.faults import Call, Fault, is_login
from airflow_dags.sandbox.state import SandboxState, now

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
RETRY_SECONDS = 2
SKEW_SECONDS = 3600.0
GATEWAY_PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"
GATEWAY_WORDS = {502: "502 Bad Gateway", 503: "503 Service Unavailable", 504: "504 Gateway Time-out"}
# Told to the client before its connection is cut: time to see the first half.
CUT_AFTER_SECONDS = 0.02


def add_faults(app: Flask, state: SandboxState) -> None:
    """Let every request of a platform pass the planned faults."""

    @app.before_request
    def before() -> Response | None:
        g.places = set()
        call = _call(state)
        g.account_before = call.account_id if call else None
        if call is None or not len(state.faults):
            return None
        _spoil_login(state, call)
        fault = state.faults.take(call, ("refusal",), _has(call), lambda fault: not _waits(fault))
        return _refusal(fault) if fault else None

    @app.after_request
    def after(response: Response) -> Response:
        call = _call(state)
        if call is None or not 200 <= response.status_code < 300:
            return response
        _note_natures(state, call, response)
        _remember(state, call)
        return _spoiled(state, call, response) if len(state.faults) else response


def _note_natures(state: SandboxState, call: Call, response: Response) -> None:
    state.faults.note(call.platform, "", "http")
    if "json" in (response.mimetype or ""):
        for stream in call.streams or ({""} if is_login(call.operation) else ()):
            state.faults.note(call.platform, stream, "json")


def _waits(fault: Fault) -> bool:
    """Whose call it is, and of which stream, may be known only when the platform has looked at it."""
    return fault.stream is not None or (fault.account_id is not None and g.account_before is None)


def _remember(state: SandboxState, call: Call) -> None:
    if is_login(call.operation):
        state.faults.note(call.platform, "", "token")
    elif call.account_id:
        state.faults.token_accounts |= {value: call.account_id for _, value in _tokens()}


def _spoiled(state: SandboxState, call: Call, response: Response) -> Response:
    """A good answer after the faults that are planned for it."""
    if fault := state.faults.take(call, ("refusal",), _has(call), _waits):
        return _refusal(fault)
    if state.faults.take(call, ("business",), _has(call)):
        state.revision = 1
    response.direct_passthrough = False
    body = response.get_data()
    fault = state.faults.take(call, ("answer",), {"json"} if _json_of(body) is not None else frozenset())
    return _ANSWERS[fault.kind](state, response, body) if fault else response


def _call(state: SandboxState) -> Call | None:
    """What the request is of; None for the sandbox's own affairs and unknown addresses."""
    platform, _, operation = (request.endpoint or "").rpartition(".")
    if not platform:
        return None
    account_id = g.get("account_id")
    if platform == "lwa":
        client_id = request.form.get("client_id", "")
        platform = state.credentials.platform_of_client(client_id) or platform
        grant = state.credentials.find_grant(request.form.get("refresh_token", ""), client_id)
        account_id = grant.account_id if grant else None
    elif account_id is None:
        account_id = next((state.faults.token_accounts.get(value) for _, value in _tokens()), None)
    return Call(platform, operation, account_id, frozenset(place.stream for place in g.get("places", ())))


def _has(call: Call) -> frozenset[str]:
    return frozenset() if is_login(call.operation) else frozenset({"data"})


# Logins -------------------------------------------------------------------------------------------------------------


def _spoil_login(state: SandboxState, call: Call) -> None:
    """Tokens that are no longer good, secrets that were taken back, a clock that is off: the platform's own checks
    find out and answer in the platform's own words."""
    faults = state.faults
    tokens = [] if is_login(call.operation) else _tokens()
    values = {value for _, value in tokens}
    # A token that has expired already doesn't use up another fault.
    if values and not values & faults.expired_tokens and faults.take(call, ("token",), {"token"}):
        faults.expired_tokens |= values
    if values & faults.expired_tokens:
        g.are_tokens_old = True
        if not faults.has(call.platform, "", "token clock"):
            for name, value in tokens:
                request.environ[name] = f"{value[:-6]}{value[-6:][::-1]}x"
    if faults.take(call, ("secrets",)):
        g.are_secrets_changed = True
    if faults.take(call, ("clock",), {"clock"} if faults.has(call.platform, "", "clock") else frozenset()):
        g.clock_offset = SKEW_SECONDS


def _tokens() -> list[tuple[str, str]]:
    """The names in the environment and the values of the access tokens that the request carries."""
    found = [
        (name, str(value))
        for name, value in request.environ.items()
        if name.startswith("HTTP_") and "TOKEN" in name and len(str(value)) > 8
    ]
    authorization = str(request.environ.get("HTTP_AUTHORIZATION", ""))
    if authorization.lower().startswith("bearer "):
        found.append(("HTTP_AUTHORIZATION", authorization))
    return found


# Refusals -----------------------------------------------------------------------------------------------------------


def _refusal(fault: Fault) -> Response:
    """An answer that most platforms' gateways would give; the fields are those that one or another client reads."""
    if fault.kind in ("error_502", "error_503", "error_504"):
        status = int(fault.kind[-3:])
        return Response(GATEWAY_PAGE.format(GATEWAY_WORDS[status]), status, mimetype="text/html")
    if fault.kind == "error_500":
        return _problem(500, "InternalFailure", "We encountered an internal error. Please try again.")
    if fault.kind == "missing_role":
        return _problem(403, "Unauthorized", "Access to requested resource is denied: the application has no role.")
    response = _problem(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")
    if fault.kind == "throttle_seconds":
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    elif fault.kind == "throttle_date":
        moment = now() + timedelta(seconds=RETRY_SECONDS + 1)
        response.headers["Retry-After"] = email.utils.format_datetime(moment, usegmt=True)
    return response


def _problem(status: int, code: str, message: str) -> Response:
    error = {"code": code, "message": message, "description": message, "details": ""}
    response = jsonify({"errors": [error], "code": code, "message": message, "detail": message})
    response.status_code = status
    return response


# Damaged answers ----------------------------------------------------------------------------------------------------


def _timeout(state: SandboxState, response: Response, body: bytes) -> Response:
    state.faults.released.wait(state.options.hang_seconds)
    return _reset(state, response, body)


def _reset(state: SandboxState, response: Response, body: bytes) -> Response:
    cut(request.environ["werkzeug.socket"])
    return _copy(response, b"")


def _reset_mid_body(state: SandboxState, response: Response, body: bytes) -> Response:
    connection = request.environ["werkzeug.socket"]

    def halves() -> Iterator[bytes]:
        yield body[: len(body) // 2]
        time.sleep(CUT_AFTER_SECONDS)
        cut(connection)

    spoiled = Response(halves(), response.status_code, headers=_headers(response))
    spoiled.headers["Content-Length"] = str(len(body))
    return spoiled


def _truncated_gzip(state: SandboxState, response: Response, body: bytes) -> Response:
    """Cuts what is compressed; what isn't is sent compressed, as a proxy would, and cut."""
    if body.startswith((GZIP, ZIP)):
        return _copy(response, body[: len(body) * 2 // 3])
    packed = gzip.compress(body)
    spoiled = _copy(response, packed[: max(12, len(packed) * 2 // 3)])
    spoiled.headers["Content-Encoding"] = "gzip"
    return spoiled


def _wrong_length(state: SandboxState, response: Response, body: bytes) -> Response:
    spoiled = Response(iter([body]), response.status_code, headers=_headers(response))
    spoiled.headers["Content-Length"] = str(len(body) + 100)
    return spoiled


def _html_200(state: SandboxState, response: Response, body: bytes) -> Response:
    return Response(GATEWAY_PAGE.format("We are back soon"), 200, mimetype="text/html")


def _empty_200(state: SandboxState, response: Response, body: bytes) -> Response:
    return Response(b"", 200, content_type=response.content_type)


def _invalid_json(state: SandboxState, response: Response, body: bytes) -> Response:
    plain = _json_of(body) or b""
    half = plain[: max(1, len(plain) * 2 // 3)]
    return _copy(response, gzip.compress(half, 3, mtime=0) if body.startswith(GZIP) else half)


_ANSWERS: dict[str, Callable[[SandboxState, Response, bytes], Response]] = {
    "timeout": _timeout,
    "reset": _reset,
    "reset_mid_body": _reset_mid_body,
    "truncated_gzip": _truncated_gzip,
    "wrong_length": _wrong_length,
    "html_200": _html_200,
    "empty_200": _empty_200,
    "invalid_json": _invalid_json,
}


def _json_of(body: bytes) -> bytes | None:
    """The body's JSON, unpacked where it is compressed; None where it isn't JSON."""
    if body.startswith(GZIP):
        try:
            body = gzip.decompress(body)
        except (OSError, EOFError, zlib.error):
            return None
    return body if body.lstrip()[:1] in (b"{", b"[") else None


def _headers(response: Response) -> list[tuple[str, str]]:
    return [(name, value) for name, value in response.headers if name.lower() != "content-length"]


def _copy(response: Response, body: bytes) -> Response:
    return Response(body, response.status_code, headers=_headers(response))


def cut(connection: Any) -> None:
    """Reset a client's connection at once (RST, not FIN). Its file descriptor goes to a dead end, where the server may
    write what it likes."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    ours, theirs = socket.socketpair()
    os.dup2(ours.fileno(), connection.fileno())
    ours.close()
    theirs.close()
