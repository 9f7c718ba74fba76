"""Shopify's protocol: tokens, points, GraphQL's own errors, bulk operations and what is wrong with their files."""

from __future__ import annotations

import base64
import json
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from airflow_dags import ingest
from airflow_dags.contracts import Window
from airflow_dags.documents import Document
from airflow_dags.errors import (
    ConfigurationError,
    DocumentBroken,
    LoginRefused,
    NetworkFailed,
    ReportFailed,
    RequestRefused,
    Throttled,
    WrongDocument,
)
from airflow_dags.ingest import Job
from airflow_dags.platforms.shopify.bulk import check_complete, nested
from airflow_dags.platforms.shopify.client import AdminApi, seconds_until_restored
from airflow_dags.platforms.shopify.sessions import as_row
from airflow_dags.registry import platform_of
from tests.pipeline.conftest import Warehouse

pytest.importorskip("flask", reason="the sandbox needs the extra [demo]: Shopify's client is NOT tested")

from airflow_dags.sandbox.content import Place
from airflow_dags.sandbox.faults import Fault

Jobs = Callable[[str, str], list[Job]]
SHOP = "query Shop { shop { name currencyCode ianaTimezone } }"


@pytest.fixture
def job(jobs: Jobs) -> Job:
    return jobs("shopify", "orders")[0]


def client_of(job: Job, **extra: Any) -> AdminApi:
    settings = {**job.account.settings, **{k: v for k, v in extra.items() if k != "password"}}
    secrets = {**job.account.secrets, **({"password": extra["password"]} if "password" in extra else {})}
    return AdminApi(replace(job.account, settings=settings, secrets=secrets), job.platform, sleep=lambda seconds: None)


class TestLogin:
    def test_client_credentials_give_a_token_of_the_shop(self, job: Job) -> None:
        assert client_of(job).query("shop", SHOP)["shop"] == {
            "name": "Aurora Shop",
            "currencyCode": "USD",
            "ianaTimezone": "America/New_York",
        }

    def test_a_permanent_token_needs_no_client_id(self, job: Job, sandbox: Any) -> None:
        from airflow_dags.sandbox.shopify.auth import permanent_token

        client = client_of(job, client_id="", password=permanent_token(sandbox, "aurora_shop_ca"))
        assert client.query("shop", SHOP)["shop"]["currencyCode"] == "CAD"

    def test_the_connections_test_finds_a_wrong_currency_or_zone(self, job: Job) -> None:
        client_of(job).log_in()
        for wrong in ({"currency": "CAD"}, {"time_zone": "America/Chicago"}):
            with pytest.raises(ConfigurationError, match=r"the shop's (currency is USD|time_zone is America/New_York)"):
                client_of(job, **wrong).log_in()

    def test_a_wrong_secret_and_a_wrong_token_are_refused_without_telling_them(self, job: Job) -> None:
        for extra in ({"password": "shpss_wrong"}, {"password": "shpat_wrong", "client_id": ""}):
            with pytest.raises(LoginRefused) as caught:
                client_of(job, **extra).query("shop", SHOP)
            assert "wrong" not in caught.value.message

    def test_a_token_that_was_changed_is_refused(self, job: Job, sandbox: Any) -> None:
        client = client_of(job)
        client.query("shop", SHOP)
        body, _, signature = client._token.removeprefix("shpat_").partition(".")
        claims = json.loads(base64.urlsafe_b64decode(body)) | {"a": "aurora_shop_ca"}
        forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
        with pytest.raises(LoginRefused):
            client_of(job, client_id="", password=f"shpat_{forged}.{signature}").query("shop", SHOP)

    def test_a_token_that_ends_while_a_run_goes_on_is_renewed(self, job: Job, sandbox: Any) -> None:
        client = client_of(job)
        client.query("shop", SHOP)
        before = client._token
        sandbox.faults.append(Fault("graphql", "token_expired", platform="shopify"))
        assert client.query("shop", SHOP)["shop"]["name"] == "Aurora Shop"
        assert client._token != before


class TestGraphql:
    def test_an_unknown_field_is_refused_with_shopifys_words(self, job: Job) -> None:
        with pytest.raises(RequestRefused, match="Field 'nonsense' doesn't exist on type 'Shop'"):
            client_of(job).query("shop", "{ shop { nonsense } }")

    def test_a_call_that_costs_too_much_is_refused(self, job: Job) -> None:
        query = "{ orders(first: 250) { nodes { refunds { refundLineItems(first: 250) { nodes { id } } } } } }"
        with pytest.raises(RequestRefused, match="MAX_COST_EXCEEDED"):
            client_of(job).query("refunds", query)

    def test_a_throttled_call_comes_with_status_200_and_is_repeated_when_the_bucket_has_its_points(
        self, job: Job, sandbox: Any
    ) -> None:
        sandbox.buckets.set_plan("shopify.graphql", 0.4, 1)
        waited: list[float] = []

        def wait(seconds: float) -> None:
            waited.append(seconds)
            sandbox.buckets.set_plan("shopify.graphql", 100, 100)

        client = client_of(job)
        client._sleep = wait
        client.query("shop", SHOP)
        assert client.query("shop", SHOP)["shop"]["name"] == "Aurora Shop"
        # A request every 2.5 s: the sandbox wants 3 s, in points at 100 a second.
        assert waited == [3.0]

    def test_a_bucket_that_stays_empty_is_a_transient_error(self, job: Job, sandbox: Any) -> None:
        sandbox.buckets.set_plan("shopify.graphql", 0.001, 1)
        client = client_of(job)
        client.query("shop", SHOP)
        with pytest.raises(Throttled):
            client.query("shop", SHOP)

    @pytest.mark.parametrize(
        ("code", "error", "is_transient"),
        [
            ("ACCESS_DENIED", LoginRefused, False),
            ("SHOP_INACTIVE", LoginRefused, False),
            ("INTERNAL_SERVER_ERROR", None, True),
            ("BAD_USER_INPUT", RequestRefused, False),
        ],
    )
    def test_errors_with_status_200_are_the_pipelines(
        self, job: Job, code: str, error: type | None, is_transient: bool
    ) -> None:
        problem = client_of(job)._problem("orders", {"errors": [{"message": "no", "extensions": {"code": code}}]})
        assert problem is not None
        assert problem.is_transient is is_transient
        assert error is None or isinstance(problem, error)

    def test_the_wait_is_what_is_missing_over_the_rate(self) -> None:
        status = {"maximumAvailable": "2000.0", "currentlyAvailable": "100.0", "restoreRate": "100.0"}
        cost = {"requestedQueryCost": "752", "actualQueryCost": None, "throttleStatus": status}
        assert seconds_until_restored({"extensions": {"cost": cost}}) == 6.52
        assert seconds_until_restored({"errors": []}) is None


class TestBulk:
    WINDOW = Window(date(2026, 10, 1), date(2026, 11, 23))

    def test_a_connection_within_a_list_is_refused_as_shopify_does(self, job: Job) -> None:
        text = "mutation R($q: String!) { bulkOperationRunQuery(query: $q) { userErrors { message } } }"
        query = '{ orders(query: "") { edges { node { id refunds { refundLineItems { edges { node { id } } } } } } } }'
        found = client_of(job).query("run", text, {"q": query})["bulkOperationRunQuery"]["userErrors"]
        assert "connection field within a list field" in found[0]["message"]

    def test_a_sixth_operation_waits_for_one_of_the_five(self, job: Job) -> None:
        stream, client = job.stream, job.client()
        ids = {stream.request(client, job.account, self.WINDOW) for _ in range(7)}  # type: ignore[attr-defined]
        assert len(ids) == 7

    def test_an_operation_without_objects_is_empty(self, job: Job, sandbox: Any) -> None:
        stream, client = job.stream, job.client()
        day = date(2020, 1, 1)
        found = stream.request(client, job.account, Window(day, day))  # type: ignore[attr-defined]
        assert stream.check(client, found).state == "empty"  # type: ignore[attr-defined]

    def test_a_failed_operation_changes_nothing_and_its_partial_file_is_not_loaded(
        self, job: Job, sandbox: Any, warehouse: Warehouse
    ) -> None:
        sandbox.faults.append(Fault("", "report_fatal", platform="shopify"))
        batch = ingest.create_reports(job, Window(date(2026, 11, 1), date(2026, 11, 23)))
        assert ingest.wait_for_reports(job, batch, 20, iter([0.0] * 1000))
        with pytest.raises(ReportFailed, match="FAILED"):
            ingest.load_reports(job, batch)
        assert warehouse.value("select count(*) from raw.shopify__orders") == 0

    def test_the_address_of_a_file_is_signed(self, job: Job, sandbox: Any) -> None:
        stream, client = job.stream, job.client()
        found = stream.request(client, job.account, self.WINDOW)  # type: ignore[attr-defined]
        assert stream.check(client, found).state == "done"  # type: ignore[attr-defined]
        url = stream._look(client, found)["url"]  # type: ignore[attr-defined]
        assert urllib.request.urlopen(url).status == 200
        with pytest.raises(RequestRefused):
            client.download("bulkFile", url[:-4] + "0000")

    def test_a_file_with_fewer_objects_than_were_counted_is_transient(self) -> None:
        lines = [b'{"id":"gid://shopify/Order/1"}', b'{"id":"gid://shopify/Order/2"}']
        check_complete(b"\n".join(lines) + b"\n", 2, "orders")
        check_complete(b"\n".join([lines[0], lines[0], lines[1]]), 2, "orders")  # a line twice is one object
        with pytest.raises(NetworkFailed, match="1 objects, 2 were promised"):
            check_complete(lines[0], 2, "orders")
        with pytest.raises(NetworkFailed, match="broken line"):
            check_complete(lines[0] + b"\n" + lines[1][:-5], 2, "orders")

    def test_lines_find_their_parents_whatever_their_order(self) -> None:
        lines = [
            {"id": "gid://shopify/LineItem/12", "__parentId": "gid://shopify/Order/1"},
            {"id": "gid://shopify/Order/1", "name": "#1"},
            {"id": "gid://shopify/LineItem/9", "__parentId": "gid://shopify/Order/1"},
            {"id": "gid://shopify/LineItem/12", "__parentId": "gid://shopify/Order/1"},
        ]
        [(order, children)] = nested(jsonl(lines))
        assert order["name"] == "#1"
        assert [child["id"][-3:].strip("/m") for child in children] == ["9", "12"]

    def test_a_line_without_its_order_is_no_shorter_file(self) -> None:
        with pytest.raises(DocumentBroken, match="parts of 1 objects"):
            nested(jsonl([{"id": "gid://shopify/LineItem/12", "__parentId": "gid://shopify/Order/1"}]))

    def test_an_object_without_id_and_a_broken_line_are_refused(self) -> None:
        with pytest.raises(WrongDocument, match="lacks the id"):
            nested(jsonl([{"name": "#1"}]))
        with pytest.raises(DocumentBroken, match="line 2"):
            nested(Document("bulk", b'{"id": "gid://shopify/Order/1"}\n{"id": "gid'))


def jsonl(lines: list[dict[str, Any]]) -> Document:
    return Document("bulk.jsonl", "\n".join(json.dumps(line) for line in lines).encode())


class TestRows:
    def test_money_is_the_shops_own_and_discounts_are_the_lines_and_its_part_of_the_orders(
        self, jobs: Jobs, business: Any, warehouse: Warehouse
    ) -> None:
        """The buyer pays in euros in the sandbox; not one of these amounts may be loaded."""
        job = jobs("shopify", "orders")[1]
        day = business.last_day
        batch = ingest.create_reports(job, Window(day, business.as_of))
        ingest.wait_for_reports(job, batch, 20, iter([0.0] * 1000))
        ingest.load_reports(job, batch)
        shop = business.shops_of("shopify")[1]
        start, end = shop.day_start(day), shop.day_start(business.as_of)
        orders = business.shop_orders_updated(shop, start, end, 0)
        expected = sorted(
            (f"#{order.number}", line.sku.sku, line.price, line.discount) for order in orders for line in order.lines
        )
        found = warehouse.rows(
            "select order_name, sku, gross_amount * 100 as gross, discount_amount * 100 as discount, currency "
            "from raw.shopify__orders"
        )
        assert sorted((r["order_name"], r["sku"], int(r["gross"]), int(r["discount"])) for r in found) == expected
        assert {row["currency"] for row in found} == {"CAD"}

    def test_what_is_stored_names_no_buyer(self, jobs: Jobs, business: Any, warehouse: Warehouse) -> None:
        for stream in ("orders", "refunds"):
            for job in jobs("shopify", stream):
                from tests.platforms.support import run, whole_window

                run(job, whole_window(business, job.stream))
        text = str(warehouse.table("shopify__orders") + warehouse.table("shopify__refunds"))
        assert warehouse.value("select count(*) from raw.shopify__refunds") > 0
        assert "@" not in text

    def test_sessions_come_as_objects_or_as_lists(self) -> None:
        columns = [{"name": "day"}, {"name": "sessions"}]
        assert as_row(["2026-11-01", "12"], columns) == {"day": "2026-11-01", "sessions": "12"}
        assert as_row({"day": "2026-11-01T00:00:00-04:00", "sessions": "12"}, columns)["day"] == "2026-11-01"

    def test_pages_of_refunds_are_counted(self, jobs: Jobs, sandbox: Any, business: Any, warehouse: Warehouse) -> None:
        job = jobs("shopify", "refunds")[0]
        sandbox.options.least_pages = 4
        window = Window(business.first_day, business.as_of)
        ingest.pull(job, window)
        shop = business.shops_of("shopify")[0]
        expected = sum(len(o.refunds) for day in business.days() for o in business.shop_orders(shop, day, 0))
        assert warehouse.value("select count(*) from raw.shopify__refunds") == expected
        assert Place("shopify", "refunds", "aurora_shop").stream in str(sandbox.faults.natures())


def test_a_refund_with_more_lines_than_a_page_is_read_to_its_end() -> None:
    from airflow_dags.platforms.shopify.refunds import parts_of

    class Client:
        title = "shopify/test"

        def query(self, operation: str, text: str, variables: dict[str, Any]) -> dict[str, Any]:
            assert variables == {"id": "gid://shopify/Refund/1", "after": "c1"}
            assert "refund(id: $id) { refundLineItems(first: 50, after: $after)" in text
            info = {"hasNextPage": False, "endCursor": "c2"}
            return {"refund": {"refundLineItems": {"nodes": [{"id": "b"}], "pageInfo": info}}}

    first = {"nodes": [{"id": "a"}], "pageInfo": {"hasNextPage": True, "endCursor": "c1"}}
    refund = {"id": "gid://shopify/Refund/1", "refundLineItems": first}
    assert [part["id"] for part in parts_of(Client(), refund, "refundLineItems")] == ["a", "b"]


def test_the_settings_name_a_supported_version() -> None:
    assert platform_of("shopify").settings["api_version"] == "2026-10"
