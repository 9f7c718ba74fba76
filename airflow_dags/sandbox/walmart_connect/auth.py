"""Walmart Connect's login: a bearer token and an RSA-SHA256 signature over consumer id, timestamp and key version.

The signature is verified with the public key; a timestamp that is off by more than three minutes is refused. The key
pair follows from the seed like all other secrets.
"""

from __future__ import annotations

import base64
import binascii
import random
import uuid
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import Response, g, jsonify, request

from airflow_dags.sandbox.business.catalogue import stable_number
from airflow_dags.sandbox.business.shops import Shop
from airflow_dags.sandbox.state import SandboxState, clock

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

PLATFORM = "walmart_connect"
KEY_VERSION = "1"
TOLERANCE_SECONDS = 180
KEY_BITS, EXPONENT = 2048, 65537
_SMALL_PRIMES = [n for n in range(3, 8000, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2))]


class ConnectError(Exception):
    """An answer in Walmart Connect's error shape."""

    def __init__(self, status: int, details: str, retry_after: int | None = None) -> None:
        super().__init__(details)
        self.status, self.details, self.retry_after = status, details, retry_after

    def response(self) -> Response:
        answer = jsonify({"code": "failure", "details": self.details})
        answer.status_code = self.status
        if self.retry_after is not None:
            answer.headers["Retry-After"] = str(self.retry_after)
        return answer


def consumer_id(state: SandboxState, account_id: str) -> str:
    return str(uuid.UUID(state.credentials.secret(PLATFORM, account_id, "consumer")[:32]))


def bearer_token(state: SandboxState, account_id: str) -> str:
    return state.credentials.secret(PLATFORM, account_id, "bearer")


def advertiser_id(shop: Shop) -> int:
    return 600_000 + stable_number(shop.account_id, "advertiser") % 90_000


def private_key_pem(state: SandboxState, account_id: str) -> str:
    """The PKCS 8 text that a partner keeps."""
    from cryptography.hazmat.primitives import serialization

    pem = _key_pair(state.credentials.secret(PLATFORM, account_id, "key")).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem.decode()


@lru_cache(maxsize=16)
def _key_pair(secret: str) -> RSAPrivateKey:
    """An RSA key that depends on the secret alone."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    rng = random.Random(secret)  # noqa: S311 (opens nothing but a sandbox)
    p, q = _prime(rng), _prime(rng)
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), rsa.RSAPublicNumbers(EXPONENT, p * q)
    )
    return numbers.private_key()


def _prime(rng: random.Random) -> int:
    half = KEY_BITS // 2
    while True:
        number = rng.getrandbits(half) | (3 << (half - 2)) | 1
        if any(number % prime == 0 for prime in _SMALL_PRIMES) or number % EXPONENT == 1:
            continue
        if all(_is_probable_prime(number, base) for base in (2, 3, 5, 7, 11)):
            return number


def _is_probable_prime(number: int, base: int) -> bool:
    """Miller and Rabin's test."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    value = pow(base, odd, number)
    if value in (1, number - 1):
        return True
    for _ in range(twos - 1):
        value = value * value % number
        if value == number - 1:
            return True
    return False


def log_in(state: SandboxState) -> None:
    """Find the advertiser of a signed call; raises ConnectError."""
    headers = request.headers
    given = headers.get("WM_CONSUMER.ID", "")
    shop = next((s for s in state.business.shops_of("walmart") if consumer_id(state, s.account_id) == given), None)
    if shop is None:
        raise ConnectError(403, "Unknown WM_CONSUMER.ID")
    if headers.get("Authorization") != f"Bearer {bearer_token(state, shop.account_id)}":
        raise ConnectError(403, "Invalid auth token")
    timestamp, version = headers.get("WM_CONSUMER.INTIMESTAMP", ""), headers.get("WM_SEC.KEY_VERSION", "")
    if not timestamp.isdigit() or abs(clock(state, PLATFORM) - int(timestamp) / 1000) > TOLERANCE_SECONDS:
        raise ConnectError(403, "WM_CONSUMER.INTIMESTAMP is missing or expired")
    if version != KEY_VERSION:
        raise ConnectError(403, "Unknown WM_SEC.KEY_VERSION")
    _verify(state, shop.account_id, f"{given}\n{timestamp}\n{version}\n", headers.get("WM_SEC.AUTH_SIGNATURE", ""))
    g.account_id = shop.account_id


def _verify(state: SandboxState, account_id: str, signed: str, signature: str) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    public: Any = _key_pair(state.credentials.secret(PLATFORM, account_id, "key")).public_key()
    try:
        content = base64.b64decode(signature, validate=True)
        public.verify(content, signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error):
        raise ConnectError(403, "WM_SEC.AUTH_SIGNATURE does not match") from None
