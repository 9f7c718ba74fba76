"""Walmart Marketplace's login: client credentials for a token of 15 minutes, and the headers of every call."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import time
import uuid
from typing import Any

from flask import Response, g, jsonify, request

from airflow_dags.sandbox.business.shops import Shop
from airflow_dags.sandbox.state import SandboxState, token_clock

PLATFORM = "walmart"
TOKEN_SECONDS = 900


class WalmartError(Exception):
    """An answer in Walmart's error shape."""

    def __init__(self, status: int, code: str, description: str, replenish_seconds: int | None = None) -> None:
        super().__init__(description)
        self.status, self.code, self.description = status, code, description
        self.replenish_seconds = replenish_seconds

    def response(self) -> Response:
        error = {
            "code": self.code,
            "field": self.code.split(".")[0],
            "description": self.description,
            "info": self.description,
            "severity": "ERROR",
            "category": "DATA",
            "causes": [],
            "errorIdentifiers": {},
        }
        answer = jsonify({"errors": [error]})
        answer.status_code = self.status
        if self.replenish_seconds is not None:
            answer.headers["x-current-token-count"] = "0"
            answer.headers["x-next-replenish-time"] = str(int((time.time() + self.replenish_seconds) * 1000))
        return answer


def client_id(state: SandboxState, account_id: str) -> str:
    return str(uuid.UUID(state.credentials.secret(PLATFORM, account_id, "client")[:32]))


def client_secret(state: SandboxState, account_id: str) -> str:
    return state.credentials.secret(PLATFORM, account_id, "secret")


def issue(state: SandboxState, account_id: str) -> dict[str, Any]:
    """A token for one seller; never longer than Walmart's 15 minutes."""
    seconds = min(TOKEN_SECONDS, state.options.token_seconds)
    claims = {"a": account_id, "e": time.time() + seconds}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
    token = f"eyJ{body}.{state.credentials.secret(PLATFORM, 'token', body)[:32]}"
    return {"access_token": token, "token_type": "Bearer", "expires_in": seconds}


def check_token(state: SandboxState, token: str) -> str:
    """The account of a token made by `issue`; raises WalmartError."""
    body, _, signature = token.removeprefix("eyJ").partition(".")
    expected = state.credentials.secret(PLATFORM, "token", body)[:32]
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise WalmartError(401, "UNAUTHORIZED.GMP_GATEWAY_API", "Unauthorized token or incorrect authorization header.")
    claims = json.loads(base64.urlsafe_b64decode(body))
    if claims["e"] < token_clock(state, PLATFORM):
        raise WalmartError(401, "UNAUTHORIZED.GMP_GATEWAY_API", "Token expired; get a new one.")
    return str(claims["a"])


def seller_of_basic(state: SandboxState) -> Shop:
    """The shop whose client id and secret the Authorization header carries."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True).decode() if scheme == "Basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        given = ""
    for shop in state.business.shops_of(PLATFORM):
        expected = f"{client_id(state, shop.account_id)}:{client_secret(state, shop.account_id)}"
        if hmac.compare_digest(expected.encode(), given.encode()):
            return shop
    raise WalmartError(401, "UNAUTHORIZED.GMP_GATEWAY_API", "Invalid client id or client secret.")


def check_headers() -> None:
    """Every call needs a correlation id and a service name."""
    for name in ("WM_QOS.CORRELATION_ID", "WM_SVC.NAME"):
        if not request.headers.get(name):
            raise WalmartError(400, "INVALID_REQUEST_HEADER.GMP_GATEWAY_API", f"{name} set blank or null")


def log_in(state: SandboxState) -> None:
    """Find the seller of a call by its token; raises WalmartError."""
    check_headers()
    g.account_id = check_token(state, request.headers.get("WM_SEC.ACCESS_TOKEN", ""))
