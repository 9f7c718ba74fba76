"""Shopify's login: an access token in X-Shopify-Access-Token, permanent, or of 24 hours for client credentials."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from typing import Any

from flask import Response, g, jsonify, request

from airflow_dags.sandbox.business.shops import Shop
from airflow_dags.sandbox.state import SandboxState, token_clock

PLATFORM = "shopify"
TOKEN_SECONDS = 86_399
SCOPES = "read_all_orders,read_orders,read_products,read_inventory,read_reports"
INVALID = "[API] Invalid API key or access token (unrecognized login or wrong password)"


class ShopifyError(Exception):
    """An answer with a status of its own; ``errors`` is text where no GraphQL was looked at."""

    def __init__(self, status: int, errors: Any, **body: Any) -> None:
        super().__init__(str(errors))
        self.status, self.body = status, {"errors": errors, **body}

    def response(self) -> Response:
        answer = jsonify(self.body)
        answer.status_code = self.status
        return answer


def domain(shop: Shop) -> str:
    return f"{shop.account_id.replace('_', '-')}.myshopify.com"


def client_id(state: SandboxState, account_id: str) -> str:
    # What identifies an application isn't secret: it stays when secrets are taken back.
    return hashlib.sha256(f"{PLATFORM}/{account_id}/{state.business.seed}".encode()).hexdigest()[:32]


def client_secret(state: SandboxState, account_id: str) -> str:
    return f"shpss_{state.credentials.secret(PLATFORM, account_id, 'secret')[:32]}"


def permanent_token(state: SandboxState, account_id: str) -> str:
    """The token of a custom app that was made in the shop's admin."""
    return f"shpat_{state.credentials.secret(PLATFORM, account_id, 'permanent')[:32]}"


def issue(state: SandboxState) -> dict[str, Any]:
    """A token for the client id and secret of the form; raises ShopifyError."""
    given = request.get_json(silent=True) or request.form
    if given.get("grant_type") != "client_credentials":
        raise ShopifyError(400, "unsupported_grant_type", error="unsupported_grant_type")
    for shop in state.business.shops_of(PLATFORM):
        account_id = shop.account_id
        if given.get("client_id") == client_id(state, account_id):
            expected = client_secret(state, account_id).encode()
            if not hmac.compare_digest(expected, str(given.get("client_secret", "")).encode()):
                break
            g.account_id = account_id
            seconds = min(TOKEN_SECONDS, state.options.token_seconds)
            claims = {"a": account_id, "e": time.time() + seconds}
            body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
            token = f"shpat_{body}.{state.credentials.secret(PLATFORM, 'token', body)[:32]}"
            return {"access_token": token, "scope": SCOPES, "expires_in": seconds}
    raise ShopifyError(401, "invalid_client", error="invalid_client", error_description="The client is not known.")


def log_in(state: SandboxState) -> None:
    """Find the shop of a call by its token; raises ShopifyError."""
    token = request.headers.get("X-Shopify-Access-Token", "")
    for shop in state.business.shops_of(PLATFORM):
        if hmac.compare_digest(permanent_token(state, shop.account_id).encode(), token.encode("utf-8", "replace")):
            if g.get("are_tokens_old"):
                break
            g.account_id = shop.account_id
            return
    body, _, signature = token.removeprefix("shpat_").partition(".")
    expected = state.credentials.secret(PLATFORM, "token", body)[:32]
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise ShopifyError(401, INVALID)
    try:
        claims = json.loads(base64.urlsafe_b64decode(body))
    except (binascii.Error, ValueError):
        raise ShopifyError(401, INVALID) from None
    if claims["e"] < token_clock(state, PLATFORM):
        raise ShopifyError(401, INVALID)
    g.account_id = str(claims["a"])
