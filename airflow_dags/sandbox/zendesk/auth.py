"""Zendesk's login: an API token with the e-mail of an agent (Basic), or an OAuth access token (Bearer)."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any

from flask import Response, g, jsonify, request

from airflow_dags.sandbox.business.support import DESK_ID
from airflow_dags.sandbox.state import SandboxState

PLATFORM = "zendesk"
EMAIL = "reports@northlight.example"


class ZendeskError(Exception):
    """An answer in Zendesk's error shape."""

    def __init__(self, status: int, error: Any, description: str = "", retry_after: int | None = None) -> None:
        super().__init__(description or str(error))
        self.status, self.error, self.description, self.retry_after = status, error, description, retry_after

    def response(self) -> Response:
        answer = jsonify({"error": self.error, **({"description": self.description} if self.description else {})})
        answer.status_code = self.status
        if self.retry_after is not None:
            answer.headers["Retry-After"] = str(self.retry_after)
        return answer


def api_token(state: SandboxState) -> str:
    return state.credentials.secret(PLATFORM, DESK_ID, "api")[:40]


def oauth_token(state: SandboxState) -> str:
    return state.credentials.secret(PLATFORM, DESK_ID, "oauth")


def log_in(state: SandboxState) -> None:
    """Find the desk of a call by its Authorization header; raises ZendeskError."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Basic":
        try:
            given = base64.b64decode(given, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            given = ""
        expected = f"{EMAIL}/token:{api_token(state)}"
    else:
        expected = oauth_token(state)
    is_old = scheme == "Bearer" and g.get("are_tokens_old")
    if scheme not in ("Basic", "Bearer") or is_old or not hmac.compare_digest(expected.encode(), given.encode()):
        raise ZendeskError(401, "Couldn't authenticate you")
    g.account_id = DESK_ID
