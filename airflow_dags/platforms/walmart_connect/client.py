"""Walmart Connect's Sponsored Search API: every call carries a bearer token and an RSA signature of its own.

What is signed is consumer id, timestamp and key version, each followed by a newline; the private key stays here.
"""

from __future__ import annotations

import base64
import time
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from airflow_dags.accounts import Account
from airflow_dags.documents import Document
from airflow_dags.errors import (
    ConfigurationError,
    DocumentBroken,
    LoginRefused,
    NotReady,
    PipelineError,
    ServerUnavailable,
)
from airflow_dags.http import HttpClient
from airflow_dags.streams import Platform

ENDPOINT = "https://developer.api.walmart.com/api-proxy/service/WPA/Api/v1"
OWN_DOMAIN = ".walmart.com"
DOWNLOADS = 3


def signed_text(consumer_id: str, timestamp: str, key_version: str) -> bytes:
    """What is signed, in the order of the headers' names."""
    return f"{consumer_id}\n{timestamp}\n{key_version}\n".encode()


class Advertiser:
    """One advertiser's reports."""

    def __init__(self, account: Account, platform: Platform) -> None:
        self.account, self.title = account, f"{platform.name}/{account.account_id}"
        self._endpoint = str(account.get("endpoint", ENDPOINT)).rstrip("/")
        self._consumer_id = account.need("consumer_id")
        self._key_version = str(account.get("signature_version", "1"))
        self._token = str(account.get("auth_token") or account.need("password"))
        self.advertiser_id = account.need("advertiser_id")
        self._key = _private_key(account)
        self._http = HttpClient(self.title, platform.limits, secrets=account.secrets.values())

    def log_in(self) -> None:
        """Ask for something cheap, to see whether token and key hold."""
        self.latest_report_dates()

    def latest_report_dates(self) -> dict[str, date]:
        """The last day that each report type has."""
        answer = self._json("latestReportDate", "GET", "/api/v2/latestReportDate")
        entries = answer if isinstance(answer, list) else [answer]
        try:
            return {
                str(entry["reportType"]): date.fromisoformat(str(entry["latestReportDate"])[:10]) for entry in entries
            }
        except (KeyError, TypeError, ValueError):
            raise ServerUnavailable(f"{self.title}: latestReportDate answered something else than dates") from None

    def create_snapshot(self, body: dict[str, Any]) -> str:
        """Ask for a report; returns the snapshot's id."""
        answer = _first(self._json("createSnapshot", "POST", "/api/v2/snapshot/report", json=body))
        if not answer.get("snapshotId"):
            raise ServerUnavailable(
                f"{self.title}: createSnapshot gave no snapshot ({str(answer.get('details'))[:150]})"
            )
        return str(answer["snapshotId"])

    def snapshot(self, snapshot_id: str) -> dict[str, Any]:
        """The snapshot's jobStatus, and its address in ``details`` once it is done."""
        query = {"advertiserId": self.advertiser_id, "snapshotId": snapshot_id}
        return _first(self._json("getSnapshot", "GET", "/api/v2/snapshot", params=query))

    def download(self, snapshot_id: str, name: str) -> Document:
        """Fetch a finished report; one that arrives damaged is fetched again before it is refused."""
        for attempt in range(1, DOWNLOADS + 1):
            url = str(self.snapshot(snapshot_id).get("details") or "")
            if not url:
                raise NotReady(f"{self.title}: snapshot {snapshot_id} has no address yet", report_id=snapshot_id)
            self._refuse_strangers(url)
            query = {"advertiserId": self.advertiser_id}
            answer = self._http.send("download", "GET", url, params=query, headers=self._headers(), expect_json=False)
            document = Document(f"{name} {snapshot_id}", answer.content)
            try:
                if document.plain().lstrip()[:1] not in (b"", b"<"):
                    return document
                problem: PipelineError = ServerUnavailable(
                    f"{self.title}: download answered with something that is no report"
                )
            except DocumentBroken as error:
                problem = error
            if attempt == DOWNLOADS:
                raise problem
        raise AssertionError("unreachable")

    def _json(self, operation: str, method: str, path: str, **more: Any) -> Any:
        url = f"{self._endpoint}{path}"
        return self._http.send(operation, method, url, headers=self._headers(), **more).json()

    def _headers(self) -> dict[str, str]:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        timestamp = str(int(time.time() * 1000))
        content = signed_text(self._consumer_id, timestamp, self._key_version)
        signature = self._key.sign(content, padding.PKCS1v15(), hashes.SHA256())
        return {
            "Accept": "application/json",
            "Authorization": f"Bearer {self._token}",
            "WM_CONSUMER.ID": self._consumer_id,
            "WM_CONSUMER.INTIMESTAMP": timestamp,
            "WM_SEC.KEY_VERSION": self._key_version,
            "WM_SEC.AUTH_SIGNATURE": base64.b64encode(signature).decode(),
            "WM_QOS.CORRELATION_ID": str(uuid4()),
        }

    def _refuse_strangers(self, url: str) -> None:
        """Files want the same headers as calls do, and these go to Walmart only."""
        parts, own = urlsplit(url), urlsplit(self._endpoint)
        is_own = (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
        if not is_own and not (parts.scheme == "https" and (parts.hostname or "").endswith(OWN_DOMAIN)):
            raise LoginRefused(
                f"{self.title}: a report lies at {parts.hostname}, which is not Walmart's; nothing was changed"
            )


def _first(answer: Any) -> dict[str, Any]:
    """Snapshots come as an object, or as a list of one."""
    found = answer[0] if isinstance(answer, list) and answer else answer
    return found if isinstance(found, dict) else {}


def _private_key(account: Account) -> Any:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    text = account.need("private_key").replace("\\n", "\n").strip()
    if "-----BEGIN" not in text:
        # Without its armour, as Walmart's own examples keep it.
        text = f"-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----"
    try:
        key = serialization.load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise ConfigurationError(
            f"connection {account.conn_id or account.account_id} (walmart_connect): its private_key is no RSA key in "
            f"PEM (PKCS 8) without a password; nothing was changed"
        )
    return key
