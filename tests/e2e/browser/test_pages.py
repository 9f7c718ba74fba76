"""The plugin's pages as people use them: propose, approve, see the status change; acknowledge an alert."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

ACCOUNT = "account:harbor_us"
ROW = "Harbor US"
FIELDS = ("floor_value", "target_value", "stretch_value", "warn_limit", "breach_limit")
# More than the account can reach, with limits that it misses: the status must turn from ok to breach.
AMBITIOUS = {
    "floor_value": "8000000",
    "target_value": "9000000",
    "stretch_value": "9500000",
    "warn_limit": "8500000",
    "breach_limit": "8000000",
}
QUERY = f"?grain=month&kpi=gmv&kind=account&q={ACCOUNT}&period="


def open_targets(page: Any, query: str = "") -> Any:
    page.goto(f"/kpi/targets/{query}")
    page.wait_for_selector('[data-testid="targets-page"][aria-busy="false"]')
    return page


def grid_row(page: Any, text: str) -> Any:
    return page.get_by_role("row").filter(has_text=text).first


def cell(page: Any, row_text: str, field: str) -> Any:
    found = grid_row(page, row_text).locator(f'[data-field="{field}"]')
    found.scroll_into_view_if_needed()
    return found


def change(page: Any, values: dict[str, str]) -> str:
    """Type values into the grid, as with a spreadsheet, and save: "saved" as a draft, or "refused" with a reason."""
    for field, value in values.items():
        cell(page, ROW, field).dblclick()
        editor = page.locator('[data-testid="cell-editor"]')
        editor.fill(value)
        editor.press("Enter")
    with page.expect_response(lambda answer: answer.request.method == "PUT") as answer:
        page.locator('[data-testid="save-draft"]').click()
    if answer.value.status == 422:
        page.locator('[data-testid="save-bar"]').get_by_text("The stretch goal must not be below the target").wait_for()
        return "refused"
    page.wait_for_selector('[data-testid="save-bar"]', state="hidden")
    grid_row(page, ROW).locator('[data-testid="version"] [data-state="draft"]').wait_for()
    return "saved"


def approve_all(page: Any) -> None:
    page.locator('[data-testid="approve"]').click()
    page.wait_for_selector('[data-testid="approve-dialog"]')
    reason = page.locator('[data-testid="agree-reason"]')
    if reason.count():
        reason.fill("the month begins differently than planned")
    page.locator('[data-testid="approve-confirm"]').click()
    page.wait_for_selector('[data-testid="approve-dialog"]', state="hidden")


def status_of(page: Any, row_text: str) -> str:
    return str(grid_row(page, row_text).locator('[data-testid="status"]').get_attribute("data-status"))


@pytest.fixture(scope="session")
def last_month(sandbox: Any) -> str:
    """The first day of the month before the one that as_of lies in: on any day it is over, and decided."""
    this_month = date.fromisoformat(sandbox.call("GET", "/sandbox/health")["as_of"]).replace(day=1)
    return (this_month - timedelta(days=1)).replace(day=1).isoformat()


def test_a_changed_target_is_approved_and_changes_the_status_at_once(
    open_as: Callable[..., Any], shot: Any, last_month: str
) -> None:
    # Wide enough for all columns: the grid draws only those in view.
    owner = open_targets(open_as("owner", width=2000), QUERY + last_month)
    plan = {field: cell(owner, ROW, field).inner_text() for field in FIELDS}
    assert status_of(owner, ROW) == "ok"
    assert change(owner, {"target_value": "9000000"}) == "refused"
    shot(owner, "targets-refused")
    assert change(owner, AMBITIOUS) == "saved"
    shot(owner, "targets-draft")
    assert owner.locator('[data-testid="approve"]').count() == 0, "an owner must not be offered to approve"
    assert status_of(owner, ROW) == "ok", "a draft must not change what is in force"

    manager = open_targets(open_as("manager", width=2000), QUERY + last_month)
    approve_all(manager)
    grid_row(manager, ROW).locator('[data-testid="status"][data-status="breach"]').wait_for()
    shot(manager, "targets-approved")

    # The account gets its plan back, so that the other tests find the business as it was; of two people again.
    owner = open_targets(owner, QUERY + last_month)
    assert change(owner, {field: re.sub(r"[^\d.]", "", text) for field, text in plan.items()}) == "saved"
    manager = open_targets(manager, QUERY + last_month)
    approve_all(manager)
    grid_row(manager, ROW).locator('[data-testid="status"][data-status="ok"]').wait_for()
    assert manager.script_errors == owner.script_errors == []


def test_an_alert_is_acknowledged_in_the_inbox(open_as: Callable[..., Any], shot: Any) -> None:
    page = open_as("manager")
    page.goto("/kpi/alerts/")
    rows = page.locator('[data-testid="alert-row"]')
    rows.first.wait_for()
    assert rows.count() >= 4
    shot(page, "alerts")
    page.locator('[data-testid="open-alert"]').first.click()
    page.wait_for_selector('[data-testid="alert-drawer"]')
    page.locator('[data-testid="ack-comment"]').fill("bids lowered, looking again on Monday")
    page.locator('[data-testid="acknowledge"]').click()
    page.locator('[data-testid="acknowledged"]').get_by_text("bids lowered").wait_for()
    shot(page, "alerts-acknowledged")
    assert page.script_errors == []


def test_the_page_hides_when_superset_goes_elsewhere_and_shows_again_on_back(open_as: Callable[..., Any]) -> None:
    page = open_targets(open_as("admin"))
    page.locator("#app a", has_text="Dashboards").first.click()
    page.wait_for_url("**/dashboard/list/**")
    page.wait_for_selector('[data-testid="targets-page"]', state="hidden")
    page.go_back()
    page.wait_for_selector('[data-testid="targets-page"]', state="visible")
