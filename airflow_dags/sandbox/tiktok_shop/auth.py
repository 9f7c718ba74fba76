"""Who may ask TikTok Shop: the app's key and secret, a shop's cipher and tokens, and the signature of each request."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

from flask import Request, Response, jsonify

from airflow_dags.sandbox.business.shops import Shop
from airflow_dags.sandbox.credentials import Grant, TokenError
from airflow_dags.sandbox.state import SandboxState, clock, new_id

PLATFORM = "tiktok_shop"
PREFIX = f"/{PLATFORM}"
BEHIND, AHEAD = 300, 30  # seconds by which a request's time may differ from the server's


class TikTokError(Exception):
    """TikTok's way to refuse: a code and a message in the answer, whatever the HTTP status."""

    def __init__(self, code: int, message: str, status: int = 200, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.retry_after = code, message, status, retry_after

    def response(self) -> Response:
        answer = jsonify({"code": self.code, "data": None, "message": self.message, "request_id": new_id()})
        answer.status_code = self.status
        if self.retry_after is not None:
            answer.headers["Retry-After"] = str(self.retry_after)
        return answer


def answer(data: dict[str, Any]) -> Response:
    return jsonify({"code": 0, "data": data, "message": "Success", "request_id": new_id()})


def app_key(state: SandboxState) -> str:
    return state.credentials.secret("app", PLATFORM)[:13]


def app_secret(state: SandboxState) -> str:
    return state.credentials.secret("app secret", PLATFORM)[:40]


def shop_cipher(state: SandboxState, account_id: str) -> str:
    return "TTP_" + state.credentials.secret("cipher", PLATFORM, account_id)[:28]


def refresh_token(state: SandboxState, account_id: str) -> str:
    return "TTP_" + state.credentials.secret("refresh", PLATFORM, account_id)


def issue(state: SandboxState, account_id: str) -> str:
    grant = Grant(PLATFORM, account_id, app_key(state))
    return "TTP_" + state.credentials.issue(grant, state.options.token_seconds).removeprefix("Atza|")


def renewed(state: SandboxState, request: Request) -> Response:
    """The answer of the token endpoint, which is not signed: the secret itself is in the query."""
    given = request.args
    if given.get("app_key") != app_key(state) or given.get("app_secret") != app_secret(state):
        raise TikTokError(36004003, "Invalid app_key or app_secret")
    if given.get("grant_type") != "refresh_token":
        raise TikTokError(36004002, "Invalid grant_type")
    token = given.get("refresh_token", "")
    for shop in state.business.shops_of(PLATFORM):
        if hmac.compare_digest(refresh_token(state, shop.account_id).encode(), token.encode("utf-8", "replace")):
            seconds = int(time.time())
            return answer(
                {
                    "access_token": issue(state, shop.account_id),
                    "access_token_expire_in": seconds + state.options.token_seconds,
                    "refresh_token": token,
                    "refresh_token_expire_in": seconds + 365 * 86400,
                    "open_id": state.credentials.secret("open", shop.account_id)[:24],
                    "seller_name": shop.name,
                    "seller_base_region": "US",
                    "user_type": 0,
                    "granted_scopes": ["seller.order.info", "seller.finance.info", "seller.product.basic"],
                }
            )
    raise TikTokError(36004004, "The refresh_token is invalid or expired")


def shop_of(state: SandboxState, request: Request) -> Shop:
    """The shop of a request whose app, time, signature, token and cipher all hold; raises TikTokError."""
    query = request.args
    if query.get("app_key") != app_key(state):
        raise TikTokError(36009004, "Invalid credentials. Invalid `app_key` query parameter.", 400)
    _check_time(clock(state, PLATFORM), query.get("timestamp", ""))
    expected = _signature(app_secret(state), request)
    if not hmac.compare_digest(expected.encode(), query.get("sign", "").encode("utf-8", "replace")):
        raise TikTokError(106001, "Invalid credentials. The 'sign' query parameter is invalid.", 401)
    account_id = _account_of(state, request.headers.get("x-tts-access-token", ""))
    if query.get("shop_cipher") != shop_cipher(state, account_id):
        raise TikTokError(106013, "Invalid identifier. The `shop_cipher` query parameter is invalid.", 400)
    return next(shop for shop in state.business.shops_of(PLATFORM) if shop.account_id == account_id)


def _check_time(now: float, text: str) -> None:
    if not text.isascii() or not text.isdigit():
        raise TikTokError(36009004, "Invalid timestamp. The `timestamp` query parameter is not a Unix timestamp.", 400)
    late = now - int(text)
    if late > BEHIND:
        raise TikTokError(
            36009004,
            "Invalid timestamp. The value of the `timestamp` query parameter must not be earlier than 5 minutes before "
            "the current time.",
            400,
        )
    if late < -AHEAD:
        raise TikTokError(
            36009004,
            "Invalid timestamp. The value of the `timestamp` query parameter must not be later than the current time.",
            400,
        )


def _signature(secret: str, request: Request) -> str:
    """HMAC-SHA256 over secret, path, the query's names and values in order, the raw body, secret."""
    text = secret + request.path.removeprefix(PREFIX)
    for name in sorted(request.args):
        if name not in ("sign", "access_token"):
            text += name + request.args[name]
    if not (request.content_type or "").startswith("multipart/form-data"):
        text += request.get_data(as_text=True)
    return hmac.new(secret.encode(), (text + secret).encode(), hashlib.sha256).hexdigest()


def _account_of(state: SandboxState, token: str) -> str:
    try:
        grant = state.credentials.check(token.removeprefix("TTP_"))
    except (TokenError, ValueError) as error:
        if "expired" in str(error):
            raise TikTokError(105002, "Expired credentials. The access token is expired, refresh it.", 401) from None
        raise TikTokError(105001, "Invalid credentials. The access token is invalid.", 401) from None
    if grant.platform != PLATFORM:
        raise TikTokError(105005, "Access denied. This app has not been granted the access scope.", 401)
    return grant.account_id
