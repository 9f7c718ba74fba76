"""Walmart Marketplace's protocol, as the real client and the sandbox speak it: tokens, refusals, lists in pages."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from airflow_dags.contracts import Window
from airflow_dags.errors import LoginRefused, PagingBroken, RequestRefused, Throttled
from airflow_dags.ingest import Job
from airflow_dags.platforms.walmart.client import Marketplace, replenish_seconds
from airflow_dags.platforms.walmart.orders import NODE_TYPES
from airflow_dags.sandbox.walmart import auth
from tests.pipeline.conftest import Warehouse
from tests.platforms.support import run, whole_window

HEADERS = {"WM_QOS.CORRELATION_ID": "1", "WM_SVC.NAME": "test", "Accept": "application/json"}
Jobs = Callable[[str, str], list[Job]]


@pytest.fixture
def job(jobs: Jobs) -> Job:
    [found] = jobs("walmart", "orders")
    return found


@pytest.fixture
def client(job: Job) -> Marketplace:
    return job.client()


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens that the sandbox gives out, in their order."""
    given: list[str] = []
    issue = auth.issue

    def noted(state: Any, account_id: str) -> dict[str, Any]:
        answer = issue(state, account_id)
        given.append(answer["access_token"])
        return answer

    monkeypatch.setattr(auth, "issue", noted)
    return given


def test_a_token_is_fetched_once_and_holds_for_fifteen_minutes(
    client: Marketplace, tokens: list[str], sandbox: Any
) -> None:
    for _ in range(3):
        client.get_json("inventories", "/v3/inventories")
    assert len(tokens) == 1
    assert auth.issue(sandbox, "harbor_walmart")["expires_in"] == 900
    assert 800 < client._ends - time.monotonic() <= 840, "it is renewed a minute before it ends"


def test_a_token_that_ends_while_a_run_goes_on_is_renewed(client: Marketplace, tokens: list[str], sandbox: Any) -> None:
    sandbox.options.token_seconds = 1
    client.get_json("inventories", "/v3/inventories")
    client._ends = time.monotonic() + 600  # the client's clock believes in it, the server's doesn't
    time.sleep(1.1)
    assert client.get_json("inventories", "/v3/inventories")["meta"]["totalCount"]
    assert len(tokens) == 2


def test_a_wrong_secret_is_refused_in_one_line_without_the_secret(job: Job) -> None:
    account = job.account
    wrong = Marketplace(
        type(account)("walmart", "harbor_walmart", "c", account.settings, {"password": "wrong-one"}), job.platform
    )
    with pytest.raises(LoginRefused) as refusal:
        wrong.log_in()
    assert "token was refused (401: Invalid client id or client secret.)" in refusal.value.message
    assert "wrong-one" not in refusal.value.message


def test_a_forged_token_and_a_call_without_its_headers_are_refused(client: Marketplace, sandbox: Any) -> None:
    client.log_in()
    url = f"{sandbox.base_url}/walmart/v3/inventories"
    good = {**HEADERS, "WM_SEC.ACCESS_TOKEN": client._token}
    assert requests.get(url, headers=good, timeout=5).status_code == 200
    forged = {**good, "WM_SEC.ACCESS_TOKEN": client._token[:-1] + ("0" if client._token[-1] != "0" else "1")}
    answer = requests.get(url, headers=forged, timeout=5)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == "UNAUTHORIZED.GMP_GATEWAY_API"
    for name in ("WM_QOS.CORRELATION_ID", "WM_SVC.NAME"):
        lacking = {key: value for key, value in good.items() if key != name}
        assert requests.get(url, headers=lacking, timeout=5).status_code == 400


def test_the_token_comes_as_xml_unless_json_is_asked_for(job: Job, sandbox: Any) -> None:
    shop = job.account.account_id
    answer = requests.post(
        f"{sandbox.base_url}/walmart/v3/token",
        data={"grant_type": "client_credentials"},
        auth=(auth.client_id(sandbox, shop), auth.client_secret(sandbox, shop)),
        headers={**HEADERS, "Accept": "*/*"},
        timeout=5,
    )
    assert answer.text.startswith("<OAuthTokenDTO><access_token>eyJ")


def test_too_many_requests_name_the_instant_at_which_to_come_back(client: Marketplace, sandbox: Any) -> None:
    client.log_in()
    sandbox.buckets.set_plan("walmart.get_inventories", 0.01, 0)
    with pytest.raises(Throttled) as refusal:
        client.get_json("inventories", "/v3/inventories")
    assert refusal.value.retry_after is not None
    assert 95 < refusal.value.retry_after <= 100


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-next-replenish-time": "1700000030000"}, 30.0),
        ({"x-next-replenishment-time": "1700000007"}, 7.0),
        ({"x-next-replenish-time": "1699999000000"}, 0.0),
        ({"x-next-replenish-time": "soon"}, None),
        ({}, None),
    ],
)
def test_the_instant_is_read_in_milliseconds_and_in_seconds(headers: dict[str, str], seconds: float | None) -> None:
    assert replenish_seconds(headers, now=1_700_000_000) == seconds


def test_orders_of_every_kind_of_node_and_of_any_age_are_asked_for(
    job: Job, business: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    send = Marketplace.get

    def noted(self: Marketplace, operation: str, path: str, params: Any = None, **more: Any) -> Any:
        answer = send(self, operation, path, params, **more)
        asked.append(str(answer.request.url))
        return answer

    monkeypatch.setattr(Marketplace, "get", noted)
    window = Window(business.as_of, business.as_of)
    run(job, window)
    queries = [parse_qs(urlsplit(url).query) for url in asked]
    assert [query["shipNodeType"] for query in queries] == [[kind] for kind in NODE_TYPES]
    # Midnight in Los Angeles, in winter time: the day of 2026-11-23, and 180 days before it in summer time.
    assert {query["lastModifiedStartDate"][0] for query in queries} == {"2026-11-23T08:00:00Z"}
    assert {query["lastModifiedEndDate"][0] for query in queries} == {"2026-11-24T08:00:00Z"}
    assert {query["createdStartDate"][0] for query in queries} == {"2026-05-27T07:00:00Z"}


def test_walmart_lists_a_week_of_its_sellers_own_orders_if_nothing_else_is_said(client: Marketplace) -> None:
    """The traps that the client steers clear of are in the sandbox."""
    everything = {"createdStartDate": "2026-10-01T07:00:00Z"}
    whole = client.get_json("orders", "/v3/orders", everything)["list"]["meta"]["totalCount"]
    week = client.get_json("orders", "/v3/orders")["list"]["meta"]["totalCount"]
    wfs = client.get_json("orders", "/v3/orders", {**everything, "shipNodeType": "WFSFulfilled"})["list"]
    assert 0 < int(week) < int(whole)
    assert int(wfs["meta"]["totalCount"]) > 0
    assert {order["shipNode"]["type"] for order in wfs["elements"]["order"]} == {"WFSFulfilled"}


@pytest.mark.parametrize("stream", ["orders", "returns", "inventory", "wfs_inventory"])
def test_lists_of_many_pages_are_read_whole(
    stream: str, jobs: Jobs, business: Any, sandbox: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    [job] = jobs("walmart", stream)
    window = whole_window(business, job.stream)
    asked: list[str] = []
    get = Marketplace.get
    monkeypatch.setattr(
        Marketplace, "get", lambda self, *args, **more: asked.append(args[1]) or get(self, *args, **more)
    )
    rows = sum(result.rows_loaded for result in run(job, window))
    whole, once = warehouse.table(f"walmart__{stream}"), len(asked)
    sandbox.options.least_pages = 4
    assert sum(result.rows_loaded + result.rows_unchanged for result in run(job, window)) == rows
    assert len(asked) - once > once, "there were more pages"
    assert warehouse.table(f"walmart__{stream}") == whole
    assert len(whole) == rows > 3


def test_a_list_that_promises_more_than_it_holds_is_not_loaded(
    job: Job, business: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    get_json = Marketplace.get_json

    def short(self: Marketplace, *args: Any) -> Any:
        answer = get_json(self, *args)
        answer["list"]["elements"]["order"] = answer["list"]["elements"]["order"][:-1]
        return answer

    monkeypatch.setattr(Marketplace, "get_json", short)
    with pytest.raises(PagingBroken, match="were promised"):
        run(job, Window(business.last_day, business.last_day))
    assert warehouse.table("walmart__orders") == []


def test_a_metric_that_walmart_does_not_know_is_refused(client: Marketplace) -> None:
    with pytest.raises(RequestRefused, match="404"):
        client.get_json("performance", "/v3/insights/performance/unheard/summary", {"reportDuration": "30"})
