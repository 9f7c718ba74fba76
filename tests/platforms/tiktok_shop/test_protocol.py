"""TikTok Shop's protocol: the signature, the access token and its renewal, the codes of refusals, pages; and what the
sandbox itself checks."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest

from airflow_dags.accounts import Account
from airflow_dags.contracts import Window
from airflow_dags.errors import (
    ConfigurationError,
    LoginRefused,
    NotReady,
    PagingBroken,
    RequestRefused,
    ServerUnavailable,
    Throttled,
)
from airflow_dags.platforms.tiktok_shop import PLATFORM, client
from airflow_dags.platforms.tiktok_shop.client import TikTokShop, signature
from tests.platforms.support import accounts_in

DAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def no_tokens_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_tokens", {})
    monkeypatch.setattr(client, "_refresh_tokens", {})


@pytest.fixture
def account(sandbox: Any, tmp_path: Any) -> Account:
    [found] = accounts_in(sandbox, "tiktok_shop", tmp_path)
    return found


def with_secrets(account: Account, **secrets: str) -> Account:
    return replace(account, secrets={**account.secrets, **secrets})


def with_settings(account: Account, **settings: Any) -> Account:
    return replace(account, settings={**account.settings, **settings})


def statements(account: Account, start: date = DAY) -> Any:
    shop = TikTokShop(account, PLATFORM)
    return PLATFORM.streams["statements"].pull(shop, account, Window(start, DAY)).table  # type: ignore[attr-defined]


def fake(account: Account, monkeypatch: pytest.MonkeyPatch, answer: Callable[[httpx.Request], httpx.Response]) -> Any:
    """A client whose requests are answered by a function."""
    shop = TikTokShop(with_secrets(account, access_token="held"), PLATFORM)
    monkeypatch.setattr(shop._http, "_http", httpx.Client(transport=httpx.MockTransport(answer)))
    monkeypatch.setattr(shop._http, "_sleep", lambda seconds: None)
    return shop


def refused(code: int, message: str, status: int = 200, **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    body = {"code": code, "message": message, "data": None, "request_id": "1"}
    return lambda request: httpx.Response(status, json=body, headers=headers)


def test_the_signature_is_that_of_another_client() -> None:
    """The figure that EcomPHP/tiktokshop-php, a client of the live API, expects of its own in its tests."""
    expected = "d3cb7fe11ecae942802ceeca67e7cf10120cc12f1517d45fbc1c8cfe5413c80f"
    assert signature("app_secret", "/test-api", {"foo": "bar"}, "") == expected


def test_the_signature_covers_path_query_in_order_and_body_but_neither_sign_nor_token() -> None:
    text = 's3/a/bapp_key1shop_cipherXtimestamp2{"c":3}s3'
    expected = hmac.new(b"s3", text.encode(), hashlib.sha256).hexdigest()
    query = {"timestamp": "2", "shop_cipher": "X", "app_key": "1", "sign": "left out", "access_token": "left out"}
    assert signature("s3", "/a/b", query, '{"c":3}') == expected


def test_requests_are_signed_for_their_shop_and_their_body(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"code": 0, "message": "Success", "data": {"orders": [], "total_count": 0}})

    shop = fake(account, monkeypatch, answer)
    PLATFORM.streams["orders"].pull(shop, account, Window(DAY, DAY))  # type: ignore[attr-defined]
    [request] = seen
    query = dict(request.url.params)
    sign = query.pop("sign")
    assert request.headers["x-tts-access-token"] == "held"
    assert {"app_key", "shop_cipher", "timestamp", "page_size"} <= set(query)
    # 20 November in Los Angeles, on winter time: from 08:00 UTC to 08:00 UTC.
    assert json.loads(request.content) == {"update_time_ge": 1795161600, "update_time_lt": 1795248000}
    path = request.url.path.removeprefix("/tiktok_shop")
    assert sign == signature(str(account.get("password")), path, query, request.content.decode())
    assert "held" not in str(request.url)


def test_days_of_the_clock_change_are_25_hours_long(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, int]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        return httpx.Response(200, json={"code": 0, "data": {"orders": [], "total_count": 0}})

    day = date(2026, 11, 1)
    PLATFORM.streams["orders"].pull(fake(account, monkeypatch, answer), account, Window(day, day))  # type: ignore[attr-defined]
    assert asked[0]["update_time_lt"] - asked[0]["update_time_ge"] == 25 * 3600


def test_a_wrong_secret_is_a_wrong_signature_and_says_what_to_check(account: Account) -> None:
    """With a token that still holds only the signature is wrong."""
    shop = TikTokShop(account, PLATFORM)
    shop.log_in()
    with pytest.raises(LoginRefused, match="the signature is wrong: check app key and app secret") as caught:
        statements(with_secrets(account, password="another"))
    assert caught.value.context["code"] == 106001


def test_an_expired_token_is_renewed_and_the_request_sent_again(account: Account, sandbox: Any) -> None:
    sandbox.options.token_seconds = -1
    TikTokShop(account, PLATFORM).log_in()
    [expired] = client._tokens.values()
    sandbox.options.token_seconds = 3600
    assert statements(account, date(2026, 11, 1)).num_rows
    assert list(client._tokens.values()) != [expired]


def test_an_access_token_of_the_connection_is_used_until_it_is_refused(account: Account) -> None:
    assert statements(with_secrets(account, access_token="TTP_made.up")).num_rows
    assert len(client._tokens) == 1


def test_a_refused_token_without_a_refresh_token_says_to_authorise_again(account: Account) -> None:
    lonely = with_secrets(account, access_token="TTP_made.up", refresh_token="")
    with pytest.raises(LoginRefused, match="authorise the app again"):
        statements(lonely)


def test_threads_renew_a_token_once(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    renewals: list[int] = []
    real = TikTokShop._renew

    def counted(self: TikTokShop) -> None:
        renewals.append(1)
        real(self)

    monkeypatch.setattr(TikTokShop, "_renew", counted)
    threads = [threading.Thread(target=lambda: TikTokShop(account, PLATFORM)._token()) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(renewals) == 1


def test_a_refused_refresh_token_is_terminal(account: Account) -> None:
    with pytest.raises(LoginRefused, match="authorise the app again"):
        statements(with_secrets(account, refresh_token="TTP_gone"))


def test_a_wrong_cipher_is_refused(account: Account) -> None:
    with pytest.raises(RequestRefused, match="shop_cipher"):
        statements(with_settings(account, shop_cipher="TTP_of_another_shop"))


@pytest.mark.parametrize(("seconds", "word"), [(-360, "behind"), (90, "ahead of")])
def test_a_clock_that_is_off_is_said_to_be_off(
    account: Account, monkeypatch: pytest.MonkeyPatch, seconds: int, word: str
) -> None:
    TikTokShop(account, PLATFORM).log_in()
    real = client.time.time
    monkeypatch.setattr(client, "time", type("Clock", (), {"time": staticmethod(lambda: real() + seconds)}))
    with pytest.raises(ConfigurationError, match=r"set the clock") as caught:
        statements(account)
    found = re.search(rf"clock is (\d+) s {word} TikTok's", caught.value.message)
    assert found is not None
    assert int(found[1]) == pytest.approx(abs(seconds), abs=10)
    assert not caught.value.is_transient


@pytest.mark.parametrize(
    ("code", "message", "status", "error"),
    [
        (36009002, "Too many requests.", 200, Throttled),
        (36009002, "Too many requests.", 429, Throttled),
        (36009003, "Internal error.", 200, ServerUnavailable),
        (36009007, "Timeout.", 200, ServerUnavailable),
        (105005, "Access denied.", 401, LoginRefused),
        (106001, "Invalid sign.", 401, LoginRefused),
        (36009004, "Invalid credentials. Invalid `app_key` query parameter.", 400, LoginRefused),
        (36009004, "Something else is wrong.", 400, RequestRefused),
        (12019001, "No such thing.", 200, RequestRefused),
    ],
)
def test_codes_tell_what_is_worth_another_try(
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    message: str,
    status: int,
    error: type[Exception],
) -> None:
    shop = fake(account, monkeypatch, refused(code, message, status))
    with pytest.raises(error) as caught:
        shop.get("getStatements", "/finance/202309/statements", {})
    assert type(caught.value) is error
    assert str(code) in str(caught.value)


def test_throttling_with_status_200_is_waited_for(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([refused(36009002, "Too many requests.", 200), refused(0, "Success")])
    slept: list[float] = []
    shop = fake(account, monkeypatch, lambda request: next(answers)(request))
    monkeypatch.setattr(shop._http, "_sleep", slept.append)
    assert shop.get("getStatements", "/finance/202309/statements", {}) == {}
    assert len(slept) == 1


def test_amounts_never_pass_through_a_float(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    text = b'{"code": 0, "data": {"amount": 0.10000000000000000555}}'
    shop = fake(account, monkeypatch, lambda request: httpx.Response(200, content=text))
    assert shop.get("getStatements", "/x", {}) == {"amount": "0.10000000000000000555"}


@pytest.mark.parametrize("body", [b"{}", b"[1]", b"<html>", b'{"code": 0, "data": "none"}', b'{"code": "?"}'])
def test_what_is_not_the_protocol_is_transient(account: Account, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    shop = fake(account, monkeypatch, lambda request: httpx.Response(200, content=body))
    with pytest.raises(ServerUnavailable):
        shop.get("getStatements", "/x", {})


def test_a_list_that_moves_while_it_is_read_is_read_again(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """An order that changed moved to the end: the second page begins one too late, and one order is missing."""
    pages = iter([(["1", "2"], "next"), (["1"], ""), (["2", "3"], "next"), (["1"], "")])

    def answer(request: httpx.Request) -> httpx.Response:
        ids, token = next(pages)
        data = {"orders": [{"id": found} for found in ids], "next_page_token": token, "total_count": 3}
        return httpx.Response(200, json={"code": 0, "data": data})

    shop = fake(account, monkeypatch, answer)
    found = shop.rows("searchOrders", "/x", {}, body={}, rows="orders", key="id")
    assert [order["id"] for order in found] == ["2", "3", "1"]


def test_statements_that_differ_when_read_backwards_are_read_again(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        ids = ["1", "2"] if request.url.params["sort_order"] == "ASC" else ["2"]
        rows = [{"id": found, "statement_time": 1795161600} for found in ids]
        return httpx.Response(200, json={"code": 0, "data": {"statements": rows}})

    with pytest.raises(PagingBroken, match="2 forwards, 1 backwards"):
        PLATFORM.streams["statements"].pull(fake(account, monkeypatch, answer), account, Window(DAY, DAY))  # type: ignore[attr-defined]


def test_an_answer_without_performance_empties_no_day(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = fake(account, monkeypatch, lambda request: httpx.Response(200, json={"code": 0, "data": None}))
    with pytest.raises(ServerUnavailable, match="nothing was changed"):
        PLATFORM.streams["shop_performance"].pull(shop, account, Window(DAY, DAY))  # type: ignore[attr-defined]


def test_days_that_are_not_counted_yet_are_left_as_they_were(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        days = [(f"2026-11-{day}", 0 if day == 20 else 7) for day in (18, 19, 20)]
        intervals = [
            {"start_date": day, "gmv": {"amount": "1.00", "currency": "USD"}, "orders": n, "units_sold": n,
             "product_page_views": n}
            for day, n in days
        ]  # fmt: skip
        data = {"latest_available_date": "2026-11-19", "performance": {"intervals": intervals}}
        return httpx.Response(200, json={"code": 0, "data": data})

    shop, stream = fake(account, monkeypatch, answer), PLATFORM.streams["shop_performance"]
    extract = stream.pull(shop, account, Window(date(2026, 11, 18), DAY))  # type: ignore[attr-defined]
    assert extract.window == Window(date(2026, 11, 18), date(2026, 11, 19))
    assert extract.table.column("day.start_date").to_pylist() == ["2026-11-18", "2026-11-19"]
    with pytest.raises(NotReady, match="up to 2026-11-19 only"):
        stream.pull(shop, account, Window(DAY, DAY))  # type: ignore[attr-defined]


# The sandbox's own checks


def ask(account: Account, **changes: Any) -> dict[str, Any]:
    """One signed request for statements, with something of it changed after it was signed."""
    shop = TikTokShop(account, PLATFORM)
    token = shop._token()
    query = {
        "app_key": str(account.get("app_key")),
        "shop_cipher": str(account.get("shop_cipher")),
        "timestamp": str(int(client.time.time())),
        "sort_field": "statement_time",
        **changes.pop("signed", {}),
    }
    query["sign"] = signature(str(account.get("password")), client_path(), query, "")
    headers = {"x-tts-access-token": changes.pop("token", token)}
    address = f"{account.get('endpoint')}{client_path()}"
    answer: dict[str, Any] = httpx.get(address, params={**query, **changes}, headers=headers).json()
    return answer


def client_path() -> str:
    return "/finance/202309/statements"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"sort_field": "another"}, 106001),
        ({"sign": "0" * 64}, 106001),
        ({"app_key": "another"}, 36009004),
        ({"token": "TTP_made.up"}, 105001),
        ({"token": ""}, 105001),
        ({"signed": {"shop_cipher": "another"}}, 106013),
        ({"signed": {"timestamp": "1"}}, 36009004),
        ({"signed": {"timestamp": "soon"}}, 36009004),
        ({"signed": {"page_size": "101"}}, 36009004),
        ({"signed": {"page_token": "bm90IG1pbmU="}}, 36009004),
        ({"signed": {"sort_field": "amount"}}, 36009004),
    ],
)
def test_the_sandbox_refuses_what_tiktok_would(account: Account, changes: dict[str, Any], code: int) -> None:
    assert ask(account, **changes)["code"] == code


def test_the_sandbox_counts_requests(account: Account, sandbox: Any) -> None:
    sandbox.buckets.set_plan("getStatements", 1.0, 2)
    assert [ask(account)["code"] for _ in range(3)] == [0, 0, 36009002]


def test_a_cursor_belongs_to_its_own_request(account: Account) -> None:
    first = ask(account, signed={"page_size": "1"})["data"]
    following = {"page_size": "1", "page_token": first["next_page_token"]}
    second = ask(account, signed=following)["data"]
    assert second["statements"][0]["id"] != first["statements"][0]["id"]
    assert ask(account, signed={**following, "sort_order": "DESC"})["code"] == 36009004
