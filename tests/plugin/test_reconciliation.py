"""Differences through the API: read within the scope, explained, signed until a day, lapsed, and never hidden."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from superset_kpi_plugin.reconciliation import standing
from tests.plugin.conftest import error_of, run_sql
from tests.plugin.reconciliation_sample import AURORA_FEES, AURORA_SALES, BOREALIS_SALES

TODAY = datetime.now(timezone.utc).date()
pytestmark = pytest.mark.usefixtures("differences")


def listed(client: Any, query: str = "") -> dict[str, dict[str, Any]]:
    answer = client.get(f"reconciliation/?{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return {row["reconciliation_id"]: row for row in answer.get_json()["result"]}


def signing(**changes: Any) -> dict[str, Any]:
    plain = {"id": AURORA_SALES, "reason_code": "timing", "note": "Booked in November", "difference": "-100"}
    return {**plain, "absolute_difference": "100", "ends_on": (TODAY + timedelta(days=30)).isoformat(), **changes}


def sign(client: Any, **changes: Any) -> dict[str, Any]:
    answer = client.post("reconciliation/signoffs", signing(**changes))
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return dict(answer.get_json()["result"])


def test_differences_are_listed_by_line_and_what_agrees_only_on_demand(viewer: Any) -> None:
    answer = viewer.get("reconciliation/").get_json()
    rows = {row["reconciliation_id"]: row for row in answer["result"]}
    assert set(rows) == {AURORA_SALES, AURORA_FEES, BOREALIS_SALES}
    assert rows[AURORA_SALES]["difference"] == "-100"
    assert (rows[AURORA_FEES]["difference"], rows[AURORA_FEES]["standing"]) == (None, "open")
    assert rows[AURORA_SALES]["account_name"] == "Aurora US"
    names = ("line", "count", "waiting", "platform_amount", "difference", "absolute_difference")
    assert [tuple(line[name] for name in names) for line in answer["lines"]] == [
        ("sales", 2, 2, "1300", "-90", "110"),
        ("fees", 1, 1, "50", None, None),
    ]
    lines = viewer.get("reconciliation/?state=all").get_json()["lines"]
    assert [(line["line"], line["count"], line["waiting"]) for line in lines] == [("sales", 2, 2), ("fees", 1, 1)]
    everything = listed(viewer, "state=all")
    assert everything["aurora_us/month/2026-09-01/sales//USD"]["standing"] is None
    assert set(listed(viewer, "line=fees")) == {AURORA_FEES}
    assert set(listed(viewer, "account_id=borealis_us")) == {BOREALIS_SALES}
    assert listed(viewer, "from=2026-11-01") == {}
    assert set(listed(viewer, "state=missing_in_erp")) == {AURORA_FEES}
    for wrong in ("line=x", "state=x", "grain=year", "from=x", "grain=day"):
        error_of(viewer.get(f"reconciliation/?{wrong}"), 400)


def test_a_difference_opens_to_its_items_the_largest_first_and_to_what_it_was(viewer: Any) -> None:
    found = viewer.get("reconciliation/difference", query_string={"id": AURORA_SALES, "page_size": 1}).get_json()
    assert (found["items_count"], [item["reference"] for item in found["items"]]) == (2, ["111-1"])
    assert [row["erp_amount"] for row in found["history"]] == ["700"]
    fees = viewer.get("reconciliation/difference", query_string={"id": AURORA_FEES}).get_json()
    assert [(item["reference"], item["difference"]) for item in fees["items"]] == [("S-9", None)]
    error_of(viewer.get("reconciliation/difference?id=none"), 404)


def test_signed_differences_stay_visible_with_who_why_and_until_when(
    owner: Any, approver: Any, admin: Any, viewer: Any
) -> None:
    body = {"id": AURORA_SALES, "reason_code": "missing_document", "note": " Asked the platform "}
    assert owner.post("reconciliation/explanations", body).status_code == 201
    row = listed(viewer)[AURORA_SALES]
    assert (row["standing"], row["record"]["note"]) == ("explained", "Asked the platform")
    record = sign(approver)
    row = listed(viewer)[AURORA_SALES]
    assert (row["standing"], row["lapse"], row["record"]["created_by"]) == ("signed", None, "approver")
    assert set(listed(viewer, "standing=signed")) == {AURORA_SALES}
    found = viewer.get("reconciliation/difference", query_string={"id": AURORA_SALES}).get_json()
    assert [said["kind"] for said in found["records"]] == ["signed", "explained"]
    # Taken back, it is what it was before, and the record says who took it back.
    assert approver.delete(f"reconciliation/signoffs/{record['id']}").status_code == 200
    assert listed(viewer)[AURORA_SALES]["standing"] == "explained"
    error_of(approver.delete(f"reconciliation/signoffs/{record['id']}"), 409)
    found = viewer.get("reconciliation/difference", query_string={"id": AURORA_SALES}).get_json()
    assert found["records"][0]["withdrawn_by"] == "approver"
    trail = admin.get("targets/audit").get_json()["result"]
    assert [(entry["action"], entry["actor"]) for entry in trail[:3]] == [
        ("withdraw sign-off", "approver"),
        ("sign difference", "approver"),
        ("explain difference", "owner"),
    ]
    assert trail[1]["items"][0]["reconciliation_id"] == AURORA_SALES


def test_a_signoff_lapses_when_an_amount_changes_or_its_last_day_passes(
    approver: Any,
    differences: Any,
    metadata_uri: str,
) -> None:
    sign(approver)
    differences.execute(
        "update kpi.kpi_reconciliation set erp_amount = 899, difference = -101, absolute_difference = 101 "
        "where is_current and reconciliation_id = %s",
        (AURORA_SALES,),
    )
    row = listed(approver)[AURORA_SALES]
    assert (row["standing"], row["lapse"]) == ("lapsed", "changed")
    # Who signs must have seen the present amounts.
    error = error_of(approver.post("reconciliation/signoffs", signing()), 412)
    assert error["details"]["conflicts"][0]["theirs"]["difference"] == "-101"
    sign(approver, difference="-101", absolute_difference="101", ends_on=TODAY.isoformat())
    assert listed(approver)[AURORA_SALES]["standing"] == "signed"
    run_sql(metadata_uri, "update kpi_difference_record set ends_on = ends_on - 1")
    row = listed(approver)[AURORA_SALES]
    assert (row["standing"], row["lapse"]) == ("lapsed", "ended")
    assert set(listed(approver, "standing=lapsed")) == {AURORA_SALES}


def test_what_can_not_be_signed_is_refused_with_its_reason(approver: Any, owner: Any, viewer: Any) -> None:
    for changes, field in (
        ({"reason_code": "because"}, "reason_code"),
        ({"note": "  "}, "note"),
        ({"ends_on": (TODAY - timedelta(days=1)).isoformat()}, "ends_on"),
        ({"ends_on": (TODAY + timedelta(days=400)).isoformat()}, "ends_on"),
        ({"difference": "many"}, "difference"),
    ):
        error = error_of(approver.post("reconciliation/signoffs", signing(**changes)), 422)
        assert [one["field"] for one in error["details"]["errors"]] == [field]
    matched = "aurora_us/month/2026-09-01/sales//USD"
    error_of(approver.post("reconciliation/signoffs", signing(id=matched)), 409)
    error_of(owner.post("reconciliation/signoffs", signing()), 403)
    error_of(viewer.post("reconciliation/explanations", {"id": AURORA_SALES}), 403)


def test_amounts_of_many_digits_are_signed_as_they_are(approver: Any, differences: Any) -> None:
    # As a consolidated difference is: more than the six decimals of a target, and more digits than a float keeps.
    amount = Decimal("123456789012345678.123456789012345")
    differences.execute(
        "update kpi.kpi_reconciliation set difference = %s, absolute_difference = %s where is_current "
        "and reconciliation_id = %s",
        (amount.copy_negate(), amount, AURORA_SALES),
    )
    assert listed(approver)[AURORA_SALES]["standing"] == "open"
    sign(approver, difference=f"-{amount}", absolute_difference=str(amount))
    assert listed(approver)[AURORA_SALES]["standing"] == "signed"
    changed = signing(difference="-123456789012345678.123456789013", absolute_difference=str(amount))
    error_of(approver.post("reconciliation/signoffs", changed), 412)
    error_of(approver.post("reconciliation/signoffs", {**changed, "difference": f"0.{'1' * 61}"}), 422)


@pytest.mark.parametrize("text", ["1234567.12", "0.333333333333", "-19.99", "1234567.123456789012"])
def test_an_amount_comes_back_from_sqlite_as_it_is_compared(app: Any, text: str) -> None:
    from superset_kpi_plugin.reconciliation.models import Amount, kept

    engine = sa.create_engine("sqlite://")
    table = sa.Table("records", sa.MetaData(), sa.Column("difference", Amount))
    table.create(engine)
    with engine.connect() as connection:
        connection.execute(table.insert().values(difference=Decimal(text)))
        found = connection.execute(sa.select(table.c.difference)).scalar()
    assert standing.same_amounts(
        {"difference": kept(Decimal(text), engine.dialect), "absolute_difference": None}, found, None
    )
    if len(text) < 16:  # what a float holds
        assert found == Decimal(text)


def test_scopes_bound_what_is_seen_said_and_exported(clients: Any, approver: Any, metadata_uri: str) -> None:
    record = sign(approver)
    run_sql(
        metadata_uri,
        "insert into kpi_scope (subject_kind, subject, entity_id, may_edit, may_approve, created_by, created_at) "
        "values ('user', 'approver_out', 'account:borealis_us', true, true, 'test', now())",
    )
    try:
        out = clients("approver_out")
        assert set(listed(out, "state=all")) == {BOREALIS_SALES}
        assert b"aurora" not in out.get("reconciliation/export?format=csv&state=all").get_data().lower()
        error_of(out.get("reconciliation/difference", query_string={"id": AURORA_SALES}), 404)
        error_of(out.post("reconciliation/signoffs", signing()), 404)
        error_of(out.delete(f"reconciliation/signoffs/{record['id']}"), 404)
        tasks = {task["kind"]: task["count"] for task in out.get("home/").get_json()["tasks"]}
        assert tasks == {"sign": 1}
    finally:
        run_sql(metadata_uri, "delete from kpi_scope")
    tasks = {task["kind"]: task["count"] for task in approver.get("home/").get_json()["tasks"]}
    assert tasks == {"sign": 2}


def test_the_file_holds_the_list_and_no_formula(approver: Any, owner: Any) -> None:
    sign(approver, note='=HYPERLINK("http://example.com")')
    text = owner.get("reconciliation/export?format=csv").get_data(as_text=True).removeprefix("\ufeff")
    rows = {row["reconciliation_id"]: row for row in csv.DictReader(io.StringIO(text))}
    row = rows[AURORA_SALES]
    assert (row["difference"], row["standing"], row["said_by"]) == ("-100", "signed", "approver")
    assert row["note"].startswith("'=")
    assert rows[AURORA_FEES]["difference"] == ""
    assert owner.get("reconciliation/export?format=xlsx").get_data().startswith(b"PK")
    error_of(owner.get("reconciliation/export?format=pdf"), 400)


def test_a_request_sent_twice_signs_once(approver: Any, metadata_uri: str) -> None:
    for _ in range(2):
        headers = {"Idempotency-Key": "sign-once"}
        assert approver.post("reconciliation/signoffs", signing(), headers=headers).status_code == 201
    assert run_sql(metadata_uri, "select count(*) as n from kpi_difference_record") == [{"n": 1}]


def said(kind: str = "signed", **changes: Any) -> SimpleNamespace:
    plain: dict[str, Any] = {"difference": Decimal("5.10"), "absolute_difference": Decimal("5.1"), "state": "different"}
    return SimpleNamespace(**{**plain, "kind": kind, "ends_on": date(2026, 11, 30), "withdrawn_at": None, **changes})


@pytest.mark.parametrize(
    ("records", "day", "wanted"),
    [
        ([], 30, ("open", None)),
        ([said("explained")], 30, ("explained", None)),
        ([said()], 30, ("signed", None)),
        ([said()], 1, ("lapsed", "ended")),
        ([said(difference=Decimal("5.11"))], 30, ("lapsed", "changed")),
        ([said(difference=None)], 30, ("lapsed", "changed")),
        ([said(state="missing_in_erp")], 30, ("lapsed", "changed")),
        ([said(withdrawn_at=datetime(2026, 11, 1, tzinfo=timezone.utc))], 30, ("open", None)),
        ([said(), said("explained")], 30, ("signed", None)),
        ([said(difference=Decimal(1)), said()], 30, ("signed", None)),
    ],
)
def test_where_a_difference_stands(records: list[Any], day: int, wanted: tuple[str, str | None]) -> None:
    row = {"difference": Decimal("5.1"), "absolute_difference": Decimal("5.1"), "state": "different"}
    today = date(2026, 11, 30) if day == 30 else date(2026, 12, 1)
    found = standing.standing_of(row, records, today)
    assert (found.name, found.lapse) == wanted
