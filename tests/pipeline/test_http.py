"""The HTTP client: what is tried again and how long after, what is not, and that no secret is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest

from airflow_dags import http
from airflow_dags.errors import LoginRefused, NetworkFailed, RequestRefused, ServerUnavailable, Throttled
from airflow_dags.http import HttpClient, Limit, TokenBucket, retry_after

URL = "https://platform.example/reports"
OK = httpx.Response(200, json={"ok": True})


@pytest.fixture(autouse=True)
def fresh_buckets() -> Iterator[None]:
    http._buckets.clear()
    yield
    http._buckets.clear()


def client(answers: list[Any], **options: Any) -> tuple[HttpClient, list[float]]:
    """A client whose server gives these answers in turn; and the pauses that it makes."""
    pauses: list[float] = []
    queue = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        found = next(queue)
        if isinstance(found, Exception):
            raise found
        return found

    made = HttpClient("shop/aurora_us", transport=httpx.MockTransport(answer), sleep=pauses.append, **options)
    return made, pauses


def html(status: int) -> httpx.Response:
    return httpx.Response(status, html="<html>Service Unavailable</html>")


@pytest.mark.parametrize(
    "fault",
    [
        html(503),
        httpx.Response(500, json={"errors": [{"code": "InternalFailure", "message": "sorry"}]}),
        httpx.Response(429, json={"message": "slow down"}),
        html(200),
        httpx.Response(408),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("peer closed connection without sending complete message body"),
    ],
    ids=["503 html", "500", "429", "html with 200", "408", "refused", "timeout", "reset"],
)
def test_what_passes_by_itself_is_tried_again(fault: Any) -> None:
    made, pauses = client([fault, fault, OK])
    assert made.send("report", "GET", URL).json() == {"ok": True}
    assert len(pauses) == 2
    assert 0.5 <= pauses[0] <= 1.0
    assert 1.0 <= pauses[1] <= 2.0


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (httpx.Response(400, json={"errors": [{"message": "Invalid Input"}]}), RequestRefused),
        (httpx.Response(401, json={"message": "no"}), LoginRefused),
        (httpx.Response(403, json={"errors": [{"code": "Unauthorized", "message": "denied"}]}), LoginRefused),
        (httpx.Response(404), RequestRefused),
        (httpx.Response(302, headers={"Location": "https://elsewhere.example"}), RequestRefused),
    ],
)
def test_what_does_not_pass_is_told_at_once(fault: httpx.Response, error: type[Exception]) -> None:
    made, pauses = client([fault])
    with pytest.raises(error, match="nothing was changed"):
        made.send("report", "GET", URL)
    assert pauses == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [(html(503), ServerUnavailable), (httpx.Response(429), Throttled), (httpx.ConnectError("x"), NetworkFailed)],
)
def test_it_gives_up_after_its_attempts_with_a_transient_error(answer: Any, error: type[Exception]) -> None:
    made, pauses = client([answer] * 4, attempts=4)
    with pytest.raises(error) as caught:
        made.send("report", "GET", URL)
    assert caught.value.is_transient  # type: ignore[attr-defined]
    assert len(pauses) == 3


def test_retry_after_is_obeyed_in_both_forms() -> None:
    now = datetime(2026, 11, 23, 12, 0, 0, tzinfo=timezone.utc)
    assert retry_after("7") == 7
    assert retry_after("Mon, 23 Nov 2026 12:00:30 GMT", now) == 30
    assert retry_after("Mon, 23 Nov 2026 11:00:00 GMT", now) == 0
    assert retry_after("soon") is None
    assert retry_after(None) is None
    for status in (429, 503):
        made, pauses = client([httpx.Response(status, headers={"Retry-After": "7"}), OK])
        made.send("report", "GET", URL)
        assert 7 <= pauses[0] <= 7.2


def test_it_does_not_wait_longer_than_its_patience() -> None:
    made, pauses = client([httpx.Response(429, headers={"Retry-After": "900"})], patience=60)
    with pytest.raises(Throttled) as caught:
        made.send("report", "GET", URL)
    assert caught.value.retry_after == 900
    assert pauses == []


def test_messages_hold_the_platforms_reason_but_no_secret() -> None:
    body = {"errors": [{"message": "token Atzr|canary-secret is not valid"}]}
    made, _ = client([httpx.Response(400, json=body)], secrets=["Atzr|canary-secret"])
    with pytest.raises(RequestRefused) as caught:
        made.send("createReport", "POST", URL + "?signature=canary-signature", headers={"x": "canary-header"})
    assert (
        caught.value.message
        == "shop/aurora_us: createReport was refused (400: token *** is not valid); nothing was changed"
    )


def clock() -> tuple[Callable[[], float], Callable[[float], None]]:
    time = [0.0]
    return lambda: time[0], lambda seconds: time.__setitem__(0, time[0] + seconds)


def test_the_bucket_lets_a_burst_through_and_then_its_rate() -> None:
    now, advance = clock()
    bucket = TokenBucket(Limit(0.5, 3), now)
    assert [bucket.reserve() for _ in range(5)] == [0, 0, 0, 2, 4]
    advance(100)
    assert [bucket.reserve() for _ in range(4)] == [0, 0, 0, 2]


def test_the_bucket_adapts_to_the_rate_that_the_server_announces() -> None:
    now, _ = clock()
    bucket = TokenBucket(Limit(0.0167, 1), now)
    assert bucket.reserve() == 0
    bucket.adapt(10)
    assert bucket.reserve() == pytest.approx(0.1)
    bucket.adapt(0)
    assert bucket.reserve() == pytest.approx(0.2)


def test_two_clients_of_one_account_share_a_bucket_and_two_accounts_do_not() -> None:
    limits = {"report": Limit(1, 2)}
    made, pauses = client([OK] * 3, limits=limits)
    other, other_pauses = client([OK], limits=limits)
    for _ in range(2):
        made.send("report", "GET", URL)
    other.send("report", "GET", URL)
    assert pauses == []
    assert other_pauses == [pytest.approx(1, abs=0.2)]
    third = HttpClient("shop/harbor_us", limits, transport=httpx.MockTransport(lambda request: OK), sleep=pauses.append)
    third.send("report", "GET", URL)
    assert pauses == []


def test_a_call_far_over_its_rate_is_left_for_later() -> None:
    made, pauses = client([OK, OK], limits={"report": Limit(0.001, 1)}, patience=60)
    made.send("report", "GET", URL)
    with pytest.raises(Throttled, match="over its rate"):
        made.send("report", "GET", URL)
    assert pauses == []
