"""Secrets leave free text in whatever form they stand, and what helps to understand an error stays."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from superset_kpi_plugin.redaction import LONGEST, redact

#: How Airflow, drivers and HTTP clients write a secret into an error; {} is the secret.
FORMS = (
    "LoginRefused: https://user:{}@api.example.com/reports/2021-06-30/reports answered 401",
    "GET https://api.example.com/v2/orders?access_token={}&page=2 failed",
    "403 for url https://api.example.com/orders#token={}",
    "Authorization: Bearer {}",
    "headers {{'Authorization': 'Bearer {}', 'Accept': 'json'}}",
    'body {{"refresh_token": "{}", "grant_type": "refresh_token"}}',
    "client_secret={} was refused",
    "clientSecret: {}",
    "x-amz-access-token: {}",
    "postgresql+psycopg2://kpi:{}@db.internal:5432/wh does not answer",
    "could not connect as kpi:{}@db.internal",
    "connection failed: host=db password={} user=kpi",
    "the password '{}' is wrong",
    "redis://:{}@cache:6379/0",
    "slack://{}/B/C",
    "https://hooks.slack.com/services/T0/B0/{}9",
    "https://api.telegram.org/bot123456:{}/sendMessage",
    "Set-Cookie: session={}; Path=/",
    "proxy http://proxy:{}@proxy:3128 said no",
    "Basic {}0",
    "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
    "mail to {}@example.com bounced",
)


@pytest.mark.parametrize("form", FORMS)
@given(secret=st.text(string.ascii_letters + string.digits + "_-.~+$!", min_size=6, max_size=40))
def test_no_form_of_a_secret_is_left(form: str, secret: str) -> None:
    secret = f"q{secret}Z"  # begins and ends as a word does
    assert secret not in redact(form.format(secret))


@pytest.mark.parametrize("text", ["PWD=p&ssw0rd;", "password=it's4me", 'secret: half"whole,', "pwd=a&b'c"])
def test_a_value_without_quotation_marks_goes_whole(text: str) -> None:
    value = text.partition("=" if "=" in text else ": ")[2].rstrip(";,")
    found = redact(text)
    assert not any(piece in found for piece in re.split("[&'\"]", value))


@given(
    st.text(string.hexdigits.lower(), min_size=32, max_size=80), st.text(string.ascii_letters, min_size=1, max_size=9)
)
def test_keys_are_known_by_their_looks_alone(key: str, word: str) -> None:
    letters = sum(char.isalpha() for char in key)
    if 0 < letters < len(key):
        assert key not in redact(f"{word} {key} was refused")


@pytest.mark.parametrize(
    "key",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-DEF_123",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AKIAIOSFODNN7EXAMPLE",
        "3f2b8a1c-1234-4bcd-9abc-1234567890ab",
        "Atza|IwEBIJwXnCeoZ9xFdkVvM0hPqS",
    ],
)
def test_no_piece_of_a_key_is_left(key: str) -> None:
    found = redact(f"the service said {key} is gone")
    assert not any(piece in found for piece in key.replace("/", ".").replace("|", ".").split(".") if len(piece) > 5)


@pytest.mark.parametrize(
    "text",
    [
        "The warehouse refused the user or the password of its connection.",
        "not one of 3 rows meets the contract of amazon_sp.fba_stock_and_age (row 3: quantity is no number)",
        "GET_SALES_AND_TRAFFIC_REPORT failed: WarehouseContractBroken at 2026-11-27T10:00:00Z",
        "orders_2026-11-27.csv: status code: 503 after 5 attempts; wait 60 s",
        "Not fresh: aurora_us orders (stale).",
        "the token has expired",
        "/opt/airflow/dags/platforms/amazon_sp/client.py line 123",
        "https://sellingpartnerapi-na.amazon.com/reports/2021-06-30/reports answered 401",
    ],
)
def test_what_helps_to_understand_stays(text: str) -> None:
    assert redact(text) == text


def test_nothing_stays_nothing_and_a_long_text_is_cut_between_words() -> None:
    assert redact(None) is None
    found = redact("word " * LONGEST + "end")
    assert len(found) <= LONGEST + 4
    assert found.endswith("word ...")
