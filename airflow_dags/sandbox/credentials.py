"""The sandbox's own secrets, the Airflow connections that carry them, and the access tokens made from them.

All secrets follow from the seed: they open nothing but a sandbox, and a restarted sandbox still knows them. Access
tokens are signed, not stored, so tokens that a client cached outlive a restart too.

What a connection must carry (conn_id `<platform>_<account>`):

- amazon_sp: password = LWA client secret; extra: account_id, account_name, seller_id, marketplace_id, client_id,
  refresh_token, endpoint, login_endpoint, currency, time_zone. python-amazon-sp-api takes the endpoint by
  `client.endpoint = endpoint` after construction, and the login by an `AccessTokenClient` subclass whose class
  attributes `scheme` ("http://") and `host` ("127.0.0.1:8099") come from login_endpoint, given as
  `auth_token_client_class`; its path is always /auth/o2/token. Its credentials are named lwa_app_id and
  lwa_client_secret.
- amazon_ads: password = LWA client secret; extra: account_id, profile_id, client_id, refresh_token, endpoint,
  login_endpoint. python-amazon-ad-api has no parameter for either: after construction set `client.endpoint = endpoint`
  and, on `client._auth` (an `ad_api.auth.AccessTokenClient`), the attributes `scheme` and `host`.
- erp: extra: account_id, and url (SQLAlchemy) with queries {stream: sql}, or files_dir.

Both clients cache access tokens by refresh token in a module-level cache for 3200 s: a changed secret is only noticed
by a new process or after `cache.clear()`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any

from flask import g, has_request_context

from airflow_dags.sandbox.business import Business
from airflow_dags.sandbox.business.catalogue import CURRENCY, MARKETPLACE_ID, TIME_ZONE, stable_number

SP, ADS = "amazon_sp", "amazon_ads"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a valid access token allows: one account on one platform, asked for by one application."""

    platform: str
    account_id: str
    client_id: str


class TokenError(Exception):
    """An access token that isn't ours, was altered or is too old; the message says which."""


class Credentials:
    def __init__(self, business: Business) -> None:
        self.business = business
        self._key = hashlib.sha256(f"kpi sandbox {business.seed}".encode()).digest()
        self._accounts = {account.account_id: account for account in business.catalogue.accounts}

    def secret(self, *parts: str) -> str:
        """A secret of the sandbox; while a request is answered for which secrets were taken back, another one."""
        is_changed = has_request_context() and g.get("are_secrets_changed")
        key = self._key + b" changed" if is_changed else self._key
        return hmac.new(key, "/".join(parts).encode(), hashlib.sha256).hexdigest()

    def client_id(self, platform: str) -> str:
        return f"amzn1.application-oa2-client.{self.secret('client', platform)[:32]}"

    def client_secret(self, platform: str) -> str:
        return f"amzn1.oa2-cs.v1.{self.secret('secret', platform)}"

    def refresh_token(self, platform: str, account_id: str) -> str:
        return f"Atzr|{self.secret('refresh', platform, account_id)}"

    def seller_id(self, account_id: str) -> str:
        return "A" + self.secret("seller", account_id)[:13].upper()

    def profile_id(self, account_id: str) -> str:
        return str(10**14 + stable_number(self.business.seed, account_id, "profile") % (9 * 10**14))

    def find_grant(self, refresh_token: str, client_id: str) -> Grant | None:
        for platform in (SP, ADS):
            if self.client_id(platform) == client_id:
                for account_id in self._accounts:
                    if hmac.compare_digest(self.refresh_token(platform, account_id), refresh_token):
                        return Grant(platform, account_id, client_id)
        return None

    def platform_of_client(self, client_id: str) -> str | None:
        return next((platform for platform in (SP, ADS) if self.client_id(platform) == client_id), None)

    def issue(self, grant: Grant, seconds: int) -> str:
        claims = {"p": grant.platform, "a": grant.account_id, "c": grant.client_id, "e": time.time() + seconds}
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
        return f"Atza|{body}.{self.secret('token', body)[:32]}"

    def check(self, access_token: str) -> Grant:
        """The grant of a token made by `issue`; raises TokenError."""
        body, _, signature = access_token.removeprefix("Atza|").partition(".")
        if not hmac.compare_digest(self.secret("token", body)[:32].encode(), signature.encode("utf-8", "replace")):
            raise TokenError("The access token you provided is invalid.")
        claims = json.loads(base64.urlsafe_b64decode(body))
        # A planned fault makes tokens old.
        if claims["e"] < time.time() or (has_request_context() and g.get("are_tokens_old")):
            raise TokenError("The access token you provided has expired.")
        return Grant(claims["p"], claims["a"], claims["c"])

    def amazon_sp_connections(self, base_url: str) -> dict[str, dict[str, Any]]:
        return {
            f"{SP}_{account.account_id}": self._connection(
                SP,
                account.account_id,
                base_url,
                account_name=account.name,
                seller_id=self.seller_id(account.account_id),
                marketplace_id=MARKETPLACE_ID,
                currency=CURRENCY,
                time_zone=TIME_ZONE,
            )
            for account in self._accounts.values()
        }

    def amazon_ads_connections(self, base_url: str) -> dict[str, dict[str, Any]]:
        return {
            f"{ADS}_{account.account_id}": self._connection(
                ADS, account.account_id, base_url, profile_id=self.profile_id(account.account_id)
            )
            for account in self._accounts.values()
        }

    def _connection(self, platform: str, account_id: str, base_url: str, **facts: str) -> dict[str, Any]:
        extra = {
            "account_id": account_id,
            "client_id": self.client_id(platform),
            "refresh_token": self.refresh_token(platform, account_id),
            "endpoint": base_url,
            "login_endpoint": base_url,
            **facts,
        }
        return {"conn_type": platform, "password": self.client_secret(platform), "extra": extra}
