"""Zendesk's protocol: logins, the export that has no end, cursors, throttling; who wrote is never stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from airflow_dags import ingest
from airflow_dags.contracts import Window
from airflow_dags.errors import LoginRefused, PagingBroken, RequestRefused, Throttled
from airflow_dags.ingest import Job
from airflow_dags.platforms.zendesk.client import Desk, desk_address
from airflow_dags.platforms.zendesk.tickets import changed_tickets, with_metrics
from tests.pipeline.conftest import Warehouse

pytest.importorskip("flask", reason="the sandbox needs the extra [demo]: Zendesk's client is NOT tested")

from airflow_dags.sandbox.business.support import DESK_ZONE, tickets

Jobs = Callable[[str, str], list[Job]]


@pytest.fixture
def job(jobs: Jobs) -> Job:
    return jobs("zendesk", "tickets")[0]


def desk(job: Job, password: str | None = None, email: str | None = None) -> Desk:
    account = job.account
    settings = account.settings if email is None else {**account.settings, "email": email}
    secrets = account.secrets if password is None else {**account.secrets, "password": password}
    return Desk(replace(account, settings=settings, secrets=secrets), job.platform)


class TestLogin:
    def test_an_api_token_or_an_oauth_token_lets_in(self, job: Job, sandbox: Any) -> None:
        from airflow_dags.sandbox.zendesk.auth import oauth_token

        desk(job).log_in()
        assert len(desk(job).agents) == 6
        assert len(desk(job, oauth_token(sandbox), "").agents) == 6

    def test_a_wrong_token_or_email_is_refused_without_telling_it(self, job: Job) -> None:
        for client in (desk(job, password="wrong-canary"), desk(job, email="somebody@else.example")):
            with pytest.raises(LoginRefused, match="Couldn't authenticate you") as caught:
                client.log_in()
            assert "canary" not in caught.value.message

    def test_the_address_follows_from_the_subdomain(self, job: Job) -> None:
        for given in ("northlight", "northlight.zendesk.com", "https://northlight.zendesk.com/"):
            account = replace(job.account, settings={"subdomain": given})
            assert desk_address(account) == "https://northlight.zendesk.com"


class TestExport:
    def test_it_is_stopped_at_the_end_of_the_window(self, job: Job, sandbox: Any, business: Any) -> None:
        """What changed later is a later window's; the window's own tickets are all there."""
        sandbox.options.least_pages = 12
        start = datetime(2026, 10, 5, tzinfo=DESK_ZONE)
        end = start + timedelta(days=7)
        found = changed_tickets(desk(job), int(start.timestamp()), int(end.timestamp()), {})
        expected = {str(t.number) for t in tickets(business, 0) if start <= t.updated_at < end}
        assert {ticket["id"] for ticket in found} == expected
        assert len(expected) > 20

    def test_a_start_within_the_last_minute_is_moved_back(self, job: Job) -> None:
        now = int(datetime.now(timezone.utc).timestamp())
        assert list(changed_tickets(desk(job), now, now + 60, {})) == []
        with pytest.raises(RequestRefused, match="422: InvalidValue"):
            desk(job).get("incrementalTickets", "/api/v2/incremental/tickets/cursor.json", {"start_time": now})

    def test_too_many_calls_are_told_when_to_come_back(self, job: Job, sandbox: Any) -> None:
        sandbox.buckets.set_plan("zendesk.incremental_tickets", 0.01, 1)
        client = desk(job)
        list(changed_tickets(client, 0, 1, {}))
        client._http._attempts = 1
        with pytest.raises(Throttled) as caught:
            list(changed_tickets(client, 0, 1, {}))
        assert caught.value.retry_after is not None
        assert 90 <= caught.value.retry_after <= 100

    def test_a_cursor_that_comes_back_and_a_ticket_that_comes_again(self) -> None:
        class Client:
            title = "zendesk/test"
            answers: list[dict[str, Any]] = []

            def get(self, operation: str, path: str, query: dict[str, str]) -> dict[str, Any]:
                return self.answers.pop(0)

        def page(cursor: str, is_last: bool, *tickets: tuple[str, str, int]) -> dict[str, Any]:
            rows = [
                {"id": i, "status": s, "updated_at": f"{at}", "generated_timestamp": str(at)} for i, s, at in tickets
            ]
            return {"tickets": rows, "after_cursor": cursor, "end_of_stream": is_last}

        client = Client()
        client.answers = [
            page("a", False, ("1", "new", 10), ("2", "new", 11)),
            page("b", True, ("2", "new", 11), ("1", "solved", 12)),
        ]
        assert {t["id"]: t["status"] for t in changed_tickets(client, 0, 99, {})} == {"1": "solved", "2": "new"}
        client.answers = [page("a", False, ("1", "new", 10)), page("a", False, ("2", "new", 11)), page("a", False)]
        with pytest.raises(PagingBroken):
            list(changed_tickets(client, 0, 99, {}))

    def test_metrics_may_come_beside_the_tickets(self) -> None:
        found: list[dict[str, Any]] = [{"id": "7"}]
        with_metrics(found, [{"ticket_id": "7", "replies": "2"}])
        assert found[0]["metric_set"]["replies"] == "2"


class TestRows:
    def test_a_ticket_has_its_selling_account_its_order_and_the_agents_address(
        self, jobs: Jobs, business: Any, warehouse: Warehouse
    ) -> None:
        [job] = jobs("zendesk", "tickets")
        ingest.pull(job, Window(business.first_day, business.as_of))
        one = tickets(business, 0)[100]
        [row] = warehouse.rows("select * from raw.zendesk__tickets where ticket_id = %s", one.number)
        assert (row["selling_account"], row["order_id"], row["topic"], row["assignee_email"], row["created_at"]) == (
            one.account_id,
            one.order_ref,
            one.topic.replace(" ", "_"),
            one.agent.email,
            one.created_at,
        )

    def test_nothing_of_who_wrote_is_stored_but_an_id(self, jobs: Jobs, business: Any, warehouse: Warehouse) -> None:
        for stream in ("tickets", "satisfaction_ratings"):
            [job] = jobs("zendesk", stream)
            ingest.pull(job, Window(business.first_day, business.as_of))
        stored = str(warehouse.table("zendesk__tickets") + warehouse.table("zendesk__satisfaction_ratings"))
        assert "Hello, this is buyer" not in stored
        assert "Jane Doe" not in stored
        assert warehouse.value("select count(requester_id) from raw.zendesk__tickets") > 0

    def test_without_a_reply_there_are_no_minutes(self, jobs: Jobs, business: Any, warehouse: Warehouse) -> None:
        [job] = jobs("zendesk", "ticket_metrics")
        ingest.pull(job, Window(business.first_day, business.as_of))
        waiting = [t.number for t in tickets(business, 0) if t.first_reply_at is None]
        found = warehouse.rows(
            "select ticket_id from raw.zendesk__ticket_metrics where first_reply_minutes is null order by 1"
        )
        assert [row["ticket_id"] for row in found] == waiting
        assert waiting


MESSAGES = """\
Conversation ID,Store name,Order number,Received time,Replied at,Marketplace,Replied by,Contact reason,Buyer,Message
c1,aurora_us,111-1,11/01/2026 12:30 AM,11/01/2026 03:30 AM,Amazon,amy.chen@northlight.example,damaged,Jane,My lamp broke
c2,aurora_us,111-2,2026-11-01T10:00:00-08:00,,Amazon,,,Joe,Where is it?
c3,aurora_us,111-3,31.10.2026,,Amazon,,,Joe,Hello
"""


class TestMessages:
    def load(self, warehouse: Warehouse, content: bytes) -> Any:
        zone = "America/Los_Angeles"
        return warehouse.load("zendesk", "messages", content, account="northlight_desk", time_zone=zone)

    def test_any_export_is_loaded_by_the_names_of_its_columns(self, warehouse: Warehouse) -> None:
        result = self.load(warehouse, MESSAGES.encode("utf-8-sig"))
        assert (result.rows_loaded, result.rows_quarantined) == (2, 1)
        rows = warehouse.rows("select * from raw.zendesk__messages order by message_id")
        # Half past midnight in summer time, half past three in winter time: four hours apart.
        assert [(r["received_at"].isoformat(), r["first_replied_at"]) for r in rows] == [
            ("2026-11-01T07:30:00+00:00", datetime(2026, 11, 1, 11, 30, tzinfo=timezone.utc)),
            ("2026-11-01T18:00:00+00:00", None),
        ]
        assert (rows[0]["selling_account"], rows[0]["order_id"], rows[0]["channel"]) == ("aurora_us", "111-1", "Amazon")
        assert "lamp" not in str(rows)
        assert "31.10.2026" in warehouse.value("select reason from raw.quarantine")

    def test_a_later_file_knows_the_reply(self, warehouse: Warehouse) -> None:
        first = [{"message_id": "m1", "received_at": "2026-11-01T10:00:00Z", "first_replied_at": None}]
        later = [{**first[0], "first_replied_at": "2026-11-01T12:00:00Z"}]
        for rows in (first, later):
            self.load(warehouse, json.dumps(rows).encode())
        assert str(warehouse.value("select first_replied_at from raw.zendesk__messages")).startswith("2026-11-01 12:00")

    def test_a_desk_without_an_export_has_nothing_to_read(self, jobs: Jobs, warehouse: Warehouse) -> None:
        [job] = jobs("zendesk", "messages")
        settings = {name: value for name, value in job.account.settings.items() if name != "messages_path"}
        job = replace(job, account=replace(job.account, settings=settings))
        day = date(2026, 11, 1)
        assert [load.state for load in ingest.pull(job, Window(day, day))] == ["empty"]
